#include "services/tree/core/selector.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/dmtree/device_id.h"
#include "services/tree/core/text.h"

namespace drover::tree {
namespace {

constexpr int32_t kDefaultPage = 500;
constexpr int32_t kMaxPage = 1000;

Result<DeviceStatus> ParseStatus(const std::string& value) {
  if (value == "enabled") return DeviceStatus::kEnabled;
  if (value == "disabled") return DeviceStatus::kDisabled;
  return InvalidArgument("selector: status must be enabled or disabled");
}

// FNV-1a: it only has to notice a token that was taken to another list by mistake.
uint64_t Fingerprint(const Selector& selector) {
  uint64_t hash = 0xcbf29ce484222325U;
  const auto mix = [&hash](unsigned char octet) { hash = (hash ^ octet) * 0x100000001b3U; };
  mix(selector.status ? static_cast<unsigned char>(*selector.status) : 0);
  for (const auto& [fact, value] : selector.facts) {
    mix(static_cast<unsigned char>(fact));
    for (const char c : value) mix(static_cast<unsigned char>(c));
    mix(0);
  }
  return hash;
}

}  // namespace

Result<Selector> ParseSelector(const std::map<std::string, std::string>& given) {
  Selector selector;
  for (const auto& [key, value] : given) {
    if (key == "status") {
      DROVER_TRY(selector.status, ParseStatus(value));
      continue;
    }
    const std::optional<Fact> fact = dmtree::FactNamed(key);
    if (!fact) {
      return InvalidArgument("selector: no such key \"" + Printable(key) +
                             "\"; there are manufacturer, model, firmware_version, "
                             "software_version, hardware_version, language, dm_version, status");
    }
    if (value.size() > kMaxFactOctets || !IsPlainText(value)) {
      return InvalidArgument("selector: the value of " + key +
                             " must be at most 128 octets of UTF-8 without control characters");
    }
    selector.facts.emplace_back(*fact, value);
  }
  std::ranges::sort(selector.facts);
  return selector;
}

std::string PageToken(const Selector& selector, const DeviceId& last) {
  return base::Hex(base::BigEndian64(Fingerprint(selector)) + last.value());
}

Result<DeviceId> ParsePageToken(const Selector& selector, std::string_view token) {
  if (token.empty()) return DeviceId();
  const Result<std::string> octets = base::FromHex(token);
  if (!octets || octets->size() <= 8) return InvalidArgument("page_token is not one of ours");
  if (base::ReadBigEndian64(*octets) != Fingerprint(selector)) {
    return InvalidArgument("page_token belongs to another selector; begin without one");
  }
  const Result<DeviceId> last = dmtree::NormaliseDeviceId(octets->substr(8));
  if (!last) return InvalidArgument("page_token is not one of ours");
  return *last;
}

Result<int32_t> PageSize(int32_t given) {
  if (given == 0) return kDefaultPage;
  if (given < 0 || given > kMaxPage) return InvalidArgument("page_size must be 1..1000");
  return given;
}

}  // namespace drover::tree

#include "libs/notification/package0.h"

#include "libs/base/bytes.h"
#include "libs/dmauth/credentials.h"

namespace drover::notification {
namespace {

constexpr size_t kMaxServerId = 255;

Result<void> CheckServerId(std::string_view server_id) {
  if (server_id.empty()) return InvalidArgument("server-identifier is empty");
  if (server_id.find('\0') != std::string_view::npos) {
    return InvalidArgument("server-identifier holds a NUL");
  }
  return {};
}

}  // namespace

Result<std::string> EncodeTrigger(const Trigger& t) {
  if (t.version >= 1 << 10) return InvalidArgument("version exceeds 10 bits");
  if (t.future_use >= 1 << 27) return InvalidArgument("future-use exceeds 27 bits");
  if (t.session_id == 0) return InvalidArgument("sessionid must not be 0");
  DROVER_TRY(CheckServerId(t.server_id));
  if (t.server_id.size() > kMaxServerId) {
    return InvalidArgument("server-identifier exceeds 255 octets");
  }
  // version:10 | ui-mode:2 | initiator:1 | future-use:27 | sessionid:16 | length-identifier:8
  const uint64_t header =
      static_cast<uint64_t>(t.version) << 54 | static_cast<uint64_t>(t.ui_mode) << 52 |
      static_cast<uint64_t>(t.initiator) << 51 | static_cast<uint64_t>(t.future_use) << 24 |
      static_cast<uint64_t>(t.session_id) << 8 | t.server_id.size();
  return base::BigEndian64(header).append(t.server_id).append(t.vendor);
}

Result<Trigger> DecodeTrigger(std::string_view octets, bool any_version) {
  if (octets.size() < kHeaderOctets) return InvalidArgument("the trigger's header is cut short");
  const uint64_t header = base::ReadBigEndian64(octets);
  Trigger t;
  t.version = static_cast<uint16_t>(header >> 54);
  t.ui_mode = static_cast<UiMode>(header >> 52 & 3);
  t.initiator = static_cast<Initiator>(header >> 51 & 1);
  t.future_use = static_cast<uint32_t>(header >> 24 & ((1U << 27) - 1));
  t.session_id = static_cast<uint16_t>(header >> 8);
  const size_t length = header & 0xFF;
  if (t.version != kVersion11 && !any_version) {
    return InvalidArgument("version " + std::to_string(t.version) + ", expected 11 (\"1.1\")");
  }
  if (t.session_id == 0) return InvalidArgument("sessionid is 0");
  octets.remove_prefix(kHeaderOctets);
  if (octets.size() < length) return InvalidArgument("the server-identifier is cut short");
  t.server_id = octets.substr(0, length);
  DROVER_TRY(CheckServerId(t.server_id));
  t.vendor = octets.substr(length);
  return t;
}

Result<std::string> EncodePackage0(const Trigger& trigger, std::string_view server_a1,
                                   std::string_view nonce) {
  DROVER_TRY(const std::string octets, EncodeTrigger(trigger));
  return dmauth::NotificationDigest(server_a1, nonce, octets).append(octets);
}

Result<Package0> DecodePackage0(std::string_view octets, bool any_version) {
  if (octets.size() < kDigestOctets) return InvalidArgument("the digest is cut short");
  Package0 package;
  package.digest = octets.substr(0, kDigestOctets);
  package.trigger_octets = octets.substr(kDigestOctets);
  DROVER_TRY(package.trigger, DecodeTrigger(package.trigger_octets, any_version));
  return package;
}

bool Verify(const Package0& package, std::string_view server_a1, std::string_view nonce) {
  return dmauth::EqualsConstantTime(
      package.digest, dmauth::NotificationDigest(server_a1, nonce, package.trigger_octets));
}

}  // namespace drover::notification

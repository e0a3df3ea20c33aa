#include "libs/registration/profile_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <type_traits>
#include <utility>
#include <vector>

#include "libs/registration/fields.h"
#include "libs/registration/registration.h"

namespace drover::registration {
namespace {

constexpr size_t kMaxTemplateOctets = 64;
constexpr uint32_t kMaxValidity = 7 * 24 * 3600;

Result<uint32_t> Number(std::string_view text, uint32_t least, uint32_t most) {
  uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < least || value > most) {
    return InvalidArgument("a number from " + std::to_string(least) + " to " +
                           std::to_string(most));
  }
  return value;
}

template <typename T>
using Choices = std::initializer_list<std::pair<std::string_view, T>>;

template <typename T>
Result<void> OneOf(std::string_view text, const std::type_identity_t<Choices<T>>& choices, T& out) {
  std::string known;
  for (const auto& [name, value] : choices) {
    if (name == text) {
      out = value;
      return {};
    }
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  return InvalidArgument("one of " + known);
}

Result<void> Truth(std::string_view text, bool& out) {
  return OneOf(text, {{"true", true}, {"false", false}}, out);
}

std::vector<std::string> List(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view element = Trim(text.substr(0, comma));
    if (!element.empty()) list.emplace_back(element);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

bool IsAddress(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 20 && std::ranges::all_of(text, IsDigit);
}

Result<void> Destinations(std::string_view text, Profile& profile) {
  std::vector<std::string> list = List(text);
  if (list.size() == 1 && list[0] == "any") list.clear();
  if (!std::ranges::all_of(list, IsAddress)) {
    return InvalidArgument("addresses of digits with commas between them, or \"any\"");
  }
  profile.match.destinations = std::move(list);
  return {};
}

Result<void> OptionalNumber(std::string_view text, std::optional<uint16_t>& out) {
  out.reset();
  if (text == "none") return {};
  const Result<uint32_t> number = Number(text, 1, 65535);
  if (!number) return InvalidArgument("\"none\" or " + number.error().message);
  out = static_cast<uint16_t>(*number);
  return {};
}

Result<void> Plmns(std::string_view text, Profile& profile) {
  std::vector<std::string> list = List(text);
  const bool right = std::ranges::all_of(list, [](const std::string& plmn) {
    return plmn.size() >= 3 && plmn.size() <= 6 && std::ranges::all_of(plmn, IsDigit);
  });
  if (!right) return InvalidArgument("3 to 6 digits each, with commas between them");
  profile.plmn_prefixes = std::move(list);
  return {};
}

Result<void> Template(std::string_view text, std::string& out) {
  if (text.size() > kMaxTemplateOctets) return InvalidArgument("at most 64 octets");
  // Once each: so it fits into one message whatever is filled in.
  std::string plain(text);
  for (const std::string_view name : {"{imei}", "{imsi}"}) {
    if (const size_t at = plain.find(name); at != plain.npos) plain.erase(at, name.size());
  }
  if (plain.find('{') != plain.npos) {
    return InvalidArgument("{imei} and {imsi}, once each at most, and no other brace");
  }
  out = text;
  return {};
}

Result<void> Source(std::string_view text, Profile& profile) {
  if (!text.empty() && !IsAddress(text)) return InvalidArgument("an address of digits, or empty");
  profile.confirm.source = text;
  return {};
}

Result<void> Ports(std::string_view text, Confirm& confirm) {
  if (text == "as_received" || text == "none") {
    confirm.ports = text == "none" ? Confirm::Ports::kNone : Confirm::Ports::kAsReceived;
    return {};
  }
  const Result<uint32_t> port = Number(text, 1, 65535);
  if (!port) return InvalidArgument("as_received, none or " + port.error().message);
  confirm.ports = Confirm::Ports::kFixed;
  confirm.fixed_port = static_cast<uint16_t>(*port);
  return {};
}

Result<void> GrammarOf(std::string_view text, Profile& profile) {
  return OneOf(text,
               {{"slash4", Grammar::kSlash4},
                {"slash5", Grammar::kSlash5},
                {"ctframe", Grammar::kCtFrame},
                {"any", Grammar::kAny}},
               profile.grammar);
}

Result<void> CheckOf(std::string_view text, Check& out) {
  return OneOf(
      text, {{"flag", Check::kFlag}, {"reject", Check::kReject}, {"ignore", Check::kIgnore}}, out);
}

Result<void> EchoOf(std::string_view text, Profile& profile) {
  using Echo = Confirm::Echo;
  return OneOf(text, {{"as_received", Echo::kAsReceived}, {"digits", Echo::kDigits}},
               profile.confirm.imei_echo);
}

Result<void> WhenOf(std::string_view text, Profile& profile) {
  using When = Confirm::When;
  return OneOf(text, {{"commit", When::kAfterCommit}, {"receipt", When::kOnReceipt}},
               profile.confirm.when);
}

Result<void> DataCoding(std::string_view text, Profile& profile) {
  DROVER_TRY(const uint32_t value, Number(text, 0, 255));
  profile.confirm.data_coding = static_cast<uint8_t>(value);
  return {};
}

Result<void> Validity(std::string_view text, Profile& profile) {
  DROVER_TRY(const uint32_t value, Number(text, 0, kMaxValidity));
  profile.confirm.validity = std::chrono::seconds(value);
  return {};
}

struct Key {
  std::string_view name;
  Result<void> (*apply)(std::string_view text, Profile& profile);
};
constexpr std::array<Key, 17> kKeys{{
    {"match.dest_addr", Destinations},
    {"match.dest_port",
     [](std::string_view t, Profile& p) { return OptionalNumber(t, p.match.port); }},
    {"match.by_content",
     [](std::string_view t, Profile& p) { return Truth(t, p.match.by_content); }},
    {"grammar", GrammarOf},
    {"luhn", [](std::string_view t, Profile& p) { return CheckOf(t, p.luhn); }},
    {"crc", [](std::string_view t, Profile& p) { return CheckOf(t, p.crc); }},
    {"plmn_prefixes", Plmns},
    {"confirm.enabled", [](std::string_view t, Profile& p) { return Truth(t, p.confirm.enabled); }},
    {"confirm.template.ok",
     [](std::string_view t, Profile& p) { return Template(t, p.confirm.template_ok); }},
    {"confirm.template.fail",
     [](std::string_view t, Profile& p) { return Template(t, p.confirm.template_fail); }},
    {"confirm.imei_echo", EchoOf},
    {"confirm.source", Source},
    {"confirm.ports", [](std::string_view t, Profile& p) { return Ports(t, p.confirm); }},
    {"confirm.data_coding", DataCoding},
    {"confirm.validity", Validity},
    {"confirm.when", WhenOf},
    {"confirm.teleservice",
     [](std::string_view t, Profile& p) { return OptionalNumber(t, p.confirm.teleservice); }},
}};

Result<Profile> Base(std::string_view name, std::span<const Setting> settings) {
  const auto base = std::ranges::find(settings, "base", &Setting::key);
  const std::string_view wanted = base == settings.end() ? name : std::string_view(base->value);
  Profile profile;
  if (const Profile* built_in = FindProfile(BuiltInProfiles(), wanted)) {
    profile = *built_in;
  } else if (base != settings.end()) {
    return InvalidArgument("registration profile " + std::string(name) + ": base: \"" +
                           base->value + "\" is not one of cmcc, cu, ct, generic");
  }
  profile.name = name;
  return profile;
}

Result<void> Apply(const Setting& setting, Profile& profile) {
  std::string key = setting.key;
  std::ranges::replace(key, '-', '_');
  if (key == "base") return {};
  const auto known = std::ranges::find(kKeys, std::string_view(key), &Key::name);
  const std::string where = "registration profile " + profile.name + ": " + setting.key + ": ";
  if (known == kKeys.end()) return InvalidArgument(where + "there is no such key");
  const Result<void> applied = known->apply(Trim(setting.value), profile);
  if (applied) return {};
  return InvalidArgument(where + "\"" + Shown(setting.value) + "\": expected " +
                         applied.error().message);
}

}  // namespace

Result<Profile> ParseProfile(std::string_view name, std::span<const Setting> settings) {
  if (name.empty()) return InvalidArgument("a registration profile needs a name");
  DROVER_TRY(Profile profile, Base(name, settings));
  for (const Setting& setting : settings) DROVER_TRY(Apply(setting, profile));
  const Match& match = profile.match;
  if (match.destinations.empty() && !match.port && !match.by_content) {
    return InvalidArgument("registration profile " + profile.name +
                           " would take every message: say match.dest_addr, match.dest_port or "
                           "match.by_content: true");
  }
  return profile;
}

}  // namespace drover::registration

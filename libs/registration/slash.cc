#include "libs/registration/slash.h"

#include <algorithm>
#include <array>

#include "libs/registration/fields.h"

namespace drover::registration {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUcs2Mark = "\xFE\xFF";
constexpr size_t kSlash4 = 4;
constexpr size_t kSlash5 = 5;

void AppendUtf8(uint32_t unit, std::string& out) {
  if (unit < 0x80) {
    out += static_cast<char>(unit);
  } else if (unit < 0x800) {
    out += static_cast<char>(0xC0 | unit >> 6);
    out += static_cast<char>(0x80 | (unit & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | unit >> 12);
    out += static_cast<char>(0x80 | (unit >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (unit & 0x3F));
  }
}

bool IsUcs2(std::string_view octets) {
  if (octets.size() < 4 || octets.size() % 2 != 0) return false;
  return octets.starts_with(kUcs2Mark) || (octets[0] == 0 && octets[1] != 0 && octets[2] == 0);
}

std::string FromUcs2(std::string_view octets) {
  if (octets.starts_with(kUcs2Mark)) octets.remove_prefix(kUcs2Mark.size());
  std::string text;
  for (; octets.size() >= 2; octets.remove_prefix(2)) {
    AppendUtf8(static_cast<uint32_t>(static_cast<uint8_t>(octets[0])) << 8 |
                   static_cast<uint8_t>(octets[1]),
               text);
  }
  return text;
}

// The text without what surrounds it; store holds it where it had to be written anew.
std::string_view PlainText(std::string_view octets, std::string& store, Flags& flags) {
  if (IsUcs2(octets)) {
    flags.Set(Flag::kUcs2);
    store = FromUcs2(octets);
    octets = store;
  }
  octets = Trim(octets);
  if (octets.starts_with(kUtf8Mark)) octets.remove_prefix(kUtf8Mark.size());
  return Trim(octets);
}

struct Fields {
  std::array<std::string_view, kSlash5> at;
  size_t count = 0;
};

// At most `most` fields, the last with all the slashes that are left.
Fields Split(std::string_view text, size_t most) {
  Fields fields;
  while (fields.count + 1 < most) {
    const size_t slash = text.find('/');
    if (slash == text.npos) break;
    fields.at[fields.count++] = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  fields.at[fields.count++] = text;
  return fields;
}

Fields SplitByLooks(std::string_view text) {
  const Fields five = Split(text, kSlash5);
  const std::string_view second = Trim(five.at[1]);
  const bool imsi = five.count == kSlash5 && second.size() >= 14 && AllDigits(second);
  return imsi ? five : Split(text, kSlash4);
}

std::optional<DeadLetter> ReadImeis(const Profile& profile, std::string_view field,
                                    Registration& registration) {
  if (field.size() > kMaxFieldOctets) {
    return DeadLetter{Reason::kImei, "the IMEI field has more than 64 octets"};
  }
  registration.imei_field = field;
  while (true) {
    const size_t end = std::min(field.find_first_of(",;"), field.size());
    auto dead = AddImei(profile, Trim(field.substr(0, end)), registration);
    if (dead) return dead;
    if (end == field.size()) return std::nullopt;
    field.remove_prefix(end + 1);
  }
}

}  // namespace

Parsed ParseSlash(const Profile& profile, std::string_view octets, std::optional<bool> with_imsi) {
  Registration registration;
  std::string store;
  std::string_view text = PlainText(octets, store, registration.flags);
  if (text.empty()) return DeadLetter{Reason::kEmpty, "the message holds no text"};
  if (!TakePrefix(text, "imei:")) {
    return DeadLetter{Reason::kNoPrefix, "the message does not begin with \"IMEI:\""};
  }
  const Fields fields =
      with_imsi ? Split(text, *with_imsi ? kSlash5 : kSlash4) : SplitByLooks(text);
  const size_t wanted = with_imsi.value_or(fields.count == kSlash5) ? kSlash5 : kSlash4;
  if (fields.count < wanted) {
    return DeadLetter{Reason::kTooFewFields,
                      std::to_string(fields.count) + " fields, expected " + std::to_string(wanted)};
  }
  size_t next = 0;
  if (auto dead = ReadImeis(profile, fields.at[next++], registration)) return *std::move(dead);
  if (wanted == kSlash5) {
    if (auto dead = SetImsi(profile, Trim(fields.at[next++]), registration)) {
      return *std::move(dead);
    }
  }
  registration.manufacturer = TextField(fields.at[next++], registration.flags);
  registration.model = TextField(fields.at[next++], registration.flags);
  registration.software_version = TextField(fields.at[next], registration.flags);
  return registration;
}

bool LooksLikeSlash(std::string_view octets) {
  std::string store;
  Flags flags;
  std::string_view text = PlainText(octets, store, flags);
  return TakePrefix(text, "imei:");
}

}  // namespace drover::registration

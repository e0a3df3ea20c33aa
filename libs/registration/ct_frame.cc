#include "libs/registration/ct_frame.h"

#include <algorithm>
#include <array>

#include <zlib.h>

#include "libs/base/bytes.h"
#include "libs/base/check.h"
#include "libs/registration/fields.h"

namespace drover::registration {
namespace {

constexpr size_t kHeaderOctets = 4;
constexpr uint8_t kLastVersion = 4;
constexpr uint8_t kFirstImsVersion = 3;
constexpr std::string_view kRootEnd = "</a1>";
constexpr size_t kMaxElements = 8;

uint8_t Octet(std::string_view octets, size_t at) { return static_cast<uint8_t>(octets[at]); }

std::string Crc(std::string_view octets) {
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(octets.data()), static_cast<uInt>(octets.size()));
  return base::BigEndian64(crc).substr(4);
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// check: what stands behind the XML.
void LookAtCheck(std::string_view covered, std::string_view check, bool required, Flags& flags) {
  if (Trim(check).empty() && check.size() != 4) {
    if (required) flags.Set(Flag::kCheckMissing);
    return;
  }
  const std::string crc = Crc(covered);
  const std::string reversed(crc.rbegin(), crc.rend());
  if (check == crc || check == reversed) return;
  std::string hex(Trim(check));
  std::ranges::transform(hex, hex.begin(), Lower);
  if (hex != base::Hex(crc)) flags.Set(Flag::kCheckWrong);
}

struct Element {
  std::string_view name;
  std::string_view value;
};
struct Elements {
  std::array<Element, kMaxElements> at;
  size_t count = 0;
  bool more = false;

  // nullptr: there is none of that name, which is lower case and found in any.
  const Element* Find(std::string_view name) const {
    for (size_t i = 0; i < count; ++i) {
      if (Is(i, name)) return &at[i];
    }
    return nullptr;
  }
  std::string_view Value(std::string_view name) const {
    const Element* const element = Find(name);
    return element == nullptr ? std::string_view() : element->value;
  }
  bool Is(size_t i, std::string_view name) const {
    return std::ranges::equal(at[i].name, name, [](char a, char b) { return Lower(a) == b; });
  }
};

// What stands between tags, closed or not: a value goes on to the next "<".
Elements ReadElements(std::string_view xml) {
  Elements elements;
  while (true) {
    const size_t open = xml.find('<');
    if (open == xml.npos) return elements;
    xml.remove_prefix(open + 1);
    const size_t close = xml.find('>');
    if (close == xml.npos) return elements;
    const std::string_view name = Trim(xml.substr(0, close));
    xml.remove_prefix(close + 1);
    if (name.empty() || name.front() == '/') continue;
    if (elements.count == kMaxElements) {
      elements.more = true;
      return elements;
    }
    elements.at[elements.count++] = {name, Trim(xml.substr(0, xml.find('<')))};
  }
}

bool IsMeid(std::string_view text) {  // 3GPP2 S.R0048: of digits alone they begin with 99.
  return text.size() == 14 && AllHex(text) && (!AllDigits(text) || text.starts_with("99"));
}
bool IsImei(std::string_view text) {
  return text.size() >= 14 && text.size() <= 16 && AllDigits(text) && !IsMeid(text);
}
bool IsEsn(std::string_view text) { return text.size() == 8 && AllHex(text); }
bool IsAllZeros(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper;
}

std::optional<DeadLetter> AddDevice(const Profile& profile, std::string_view id,
                                    Registration& registration) {
  if (IsAllZeros(id)) return std::nullopt;  // Empty, or the second of a terminal with one.
  if (IsImei(id)) return AddImei(profile, id, registration);
  if (IsMeid(id)) {
    if (registration.meid.empty()) registration.meid = Upper(id);
    return std::nullopt;
  }
  if (IsEsn(id)) {
    if (registration.esn.empty()) registration.esn = Upper(id);
    return std::nullopt;
  }
  return DeadLetter{Reason::kNoDevice, "an element for the terminal's number holds " +
                                           std::to_string(id.size()) +
                                           " characters that are no MEID, ESN or IMEI"};
}

// "HIS-TS7032": maker and model.
void SetModel(std::string_view value, Registration& registration) {
  const size_t dash = value.find('-');
  if (dash != value.npos) {
    registration.manufacturer = TextField(value.substr(0, dash), registration.flags);
    value.remove_prefix(dash + 1);
  }
  registration.model = TextField(value, registration.flags);
}

std::optional<DeadLetter> ReadCdma(const Profile& profile, const Elements& elements,
                                   Registration& registration) {
  SetModel(elements.Value("b1"), registration);
  registration.software_version = TextField(elements.Value("b4"), registration.flags);
  if (auto dead = AddDevice(profile, elements.Value("b2"), registration)) return dead;
  return SetImsi(profile, elements.Value("b3"), registration);
}

std::optional<DeadLetter> ReadIms(const Profile& profile, const Elements& elements,
                                  Registration& registration) {
  registration.model = TextField(elements.Value("b1"), registration.flags);
  registration.software_version = TextField(elements.Value("b5"), registration.flags);
  for (const std::string_view name : {"b2", "b3"}) {
    if (auto dead = AddDevice(profile, elements.Value(name), registration)) return dead;
  }
  return SetImsi(profile, elements.Value("b4"), registration);
}

bool IsOwnImsi(const Profile& profile, std::string_view digits) {
  if (digits.size() != 15 || !AllDigits(digits)) return false;
  const auto& own = profile.plmn_prefixes;
  if (own.empty()) return digits.starts_with("460");  // No IMEI begins so.
  return std::ranges::any_of(own, [&](const std::string& p) { return digits.starts_with(p); });
}

// Elements a to g: the first text is the model, the last the software version.
std::optional<DeadLetter> ReadLetters(const Profile& profile, const Elements& elements,
                                      Registration& registration) {
  for (size_t i = 1; i < elements.count; ++i) {
    const std::string_view value = elements.at[i].value;
    if (value.empty()) continue;
    if (IsOwnImsi(profile, value)) {
      if (auto dead = SetImsi(profile, value, registration)) return dead;
    } else if (IsImei(value) || IsMeid(value)) {
      if (auto dead = AddDevice(profile, value, registration)) return dead;
    } else if (AllDigits(value)) {
      registration.flags.Set(Flag::kUnknownField);
    } else if (registration.model.empty()) {
      registration.model = TextField(value, registration.flags);
    } else {
      registration.software_version = TextField(value, registration.flags);
    }
  }
  return std::nullopt;
}

struct Frame {
  std::string_view xml;
  std::string_view check;
};

// Where the XML ends: where the length says, if that is possible, else behind </a1>.
std::optional<Frame> Cut(std::string_view octets, Flags& flags) {
  const std::string_view body = octets.substr(kHeaderOctets);
  const size_t length = Octet(octets, 2);
  const size_t root = body.find(kRootEnd);
  const size_t closed = root == body.npos ? 0 : root + kRootEnd.size();
  if (closed == 0) flags.Set(Flag::kUnclosed);
  if (length <= body.size() && length >= closed && length > 0) {
    return Frame{body.substr(0, length), body.substr(length)};
  }
  if (closed == 0) return std::nullopt;
  flags.Set(Flag::kLength);
  return Frame{body.substr(0, closed), body.substr(closed)};
}

std::optional<DeadLetter> CheckHeader(std::string_view octets) {
  if (octets.empty()) return DeadLetter{Reason::kEmpty, "the message holds no octets"};
  if (octets.size() <= kHeaderOctets) {
    return DeadLetter{Reason::kFrame, "the frame is shorter than its header"};
  }
  const uint8_t version = Octet(octets, 0);
  if (version == 0 || version > kLastVersion) {
    return DeadLetter{Reason::kVersion,
                      "version " + std::to_string(version) + " of the frame, expected 1 to 4"};
  }
  if (Octet(octets, 1) != kCtRegistration) {
    return DeadLetter{Reason::kNotRegistration, "command " + std::to_string(Octet(octets, 1)) +
                                                    ", expected 3 (registration)"};
  }
  return std::nullopt;
}

std::optional<DeadLetter> ReadXml(const Profile& profile, std::string_view xml,
                                  Registration& registration) {
  const Elements elements = ReadElements(xml);
  if (elements.count == 0 || !elements.Is(0, "a1")) {
    return DeadLetter{Reason::kNoXml, "the frame's text does not begin with <a1>"};
  }
  if (elements.more) registration.flags.Set(Flag::kUnknownField);
  const bool letters = elements.count > 1 && elements.at[1].name.size() == 1;
  const bool ims = registration.frame_version >= kFirstImsVersion || elements.Find("b5") != nullptr;
  auto dead = letters ? ReadLetters(profile, elements, registration)
              : ims   ? ReadIms(profile, elements, registration)
                      : ReadCdma(profile, elements, registration);
  if (dead) return dead;
  if (registration.imeis.empty() && registration.meid.empty() && registration.esn.empty()) {
    return DeadLetter{Reason::kNoDevice, "the frame names neither MEID, ESN nor IMEI"};
  }
  return std::nullopt;
}

}  // namespace

Parsed ParseCtFrame(const Profile& profile, std::string_view octets) {
  if (auto dead = CheckHeader(octets)) return *std::move(dead);
  Registration registration;
  registration.frame_version = Octet(octets, 0);
  const std::optional<Frame> frame = Cut(octets, registration.flags);
  if (!frame) return DeadLetter{Reason::kFrame, "the frame is cut short"};
  if (profile.crc != Check::kIgnore) {
    const bool required = registration.frame_version < kFirstImsVersion;
    LookAtCheck(octets.substr(0, kHeaderOctets + frame->xml.size()), frame->check, required,
                registration.flags);
  }
  if (profile.crc == Check::kReject && registration.flags.Has(Flag::kCheckWrong)) {
    return DeadLetter{Reason::kCheck, "the frame's CRC is that of other octets"};
  }
  if (auto dead = ReadXml(profile, frame->xml, registration)) return *std::move(dead);
  if (!registration.imeis.empty()) registration.imei_field = registration.imeis.front();
  return registration;
}

bool LooksLikeCtFrame(std::string_view octets) {
  return octets.size() > kHeaderOctets && Octet(octets, 0) >= 1 &&
         Octet(octets, 0) <= kLastVersion && Octet(octets, 1) == kCtRegistration &&
         octets[kHeaderOctets] == '<';
}

std::string WriteCtFrame(uint8_t version, uint8_t command, std::string_view xml, CtCheck check) {
  DROVER_CHECK(xml.size() <= 255);
  std::string frame{static_cast<char>(version), static_cast<char>(command),
                    static_cast<char>(xml.size()), '\0'};
  frame += xml;
  const std::string crc = check == CtCheck::kNone ? std::string() : Crc(frame);
  return frame += check == CtCheck::kHex ? base::Hex(crc) : crc;
}

}  // namespace drover::registration

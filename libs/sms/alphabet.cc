#include "libs/sms/alphabet.h"

#include <algorithm>
#include <array>

#include "libs/base/bytes.h"

namespace drover::sms {
namespace {

// The default alphabet. 1B is the escape.
constexpr std::array<char16_t, 128> kDefault = {
    u'@', u'£', u'$', u'¥', u'è', u'é', u'ù', u'ì', u'ò', u'Ç',  u'\n', u'Ø', u'ø', u'\r', u'Å',
    u'å', u'Δ', u'_', u'Φ', u'Γ', u'Λ', u'Ω', u'Π', u'Ψ', u'Σ',  u'Θ',  u'Ξ', 0x1B, u'Æ',  u'æ',
    u'ß', u'É', u' ', u'!', u'"', u'#', u'¤', u'%', u'&', u'\'', u'(',  u')', u'*', u'+',  u',',
    u'-', u'.', u'/', u'0', u'1', u'2', u'3', u'4', u'5', u'6',  u'7',  u'8', u'9', u':',  u';',
    u'<', u'=', u'>', u'?', u'¡', u'A', u'B', u'C', u'D', u'E',  u'F',  u'G', u'H', u'I',  u'J',
    u'K', u'L', u'M', u'N', u'O', u'P', u'Q', u'R', u'S', u'T',  u'U',  u'V', u'W', u'X',  u'Y',
    u'Z', u'Ä', u'Ö', u'Ñ', u'Ü', u'§', u'¿', u'a', u'b', u'c',  u'd',  u'e', u'f', u'g',  u'h',
    u'i', u'j', u'k', u'l', u'm', u'n', u'o', u'p', u'q', u'r',  u's',  u't', u'u', u'v',  u'w',
    u'x', u'y', u'z', u'ä', u'ö', u'ñ', u'ü', u'à'};

struct Extension {
  char septet;
  char16_t character;
};
constexpr Extension kExtensions[] = {{0x0A, u'\f'}, {0x14, u'^'}, {0x28, u'{'}, {0x29, u'}'},
                                     {0x2F, u'\\'}, {0x3C, u'['}, {0x3D, u'~'}, {0x3E, u']'},
                                     {0x40, u'|'},  {0x65, u'€'}};

// One or two septets of a character.
struct Septets {
  uint8_t first;
  uint8_t second;
};
constexpr Septets kNone = {0xFF, 0};

// Every character below U+03AA, which all but the euro sign are.
constexpr size_t kTableSize = 0x03AA;
constexpr std::array<Septets, kTableSize> kSeptets = [] {
  std::array<Septets, kTableSize> table{};
  table.fill(kNone);
  for (size_t i = 0; i < kDefault.size(); ++i) {
    if (i != kEscape) table[kDefault[i]].first = static_cast<uint8_t>(i);
  }
  for (const Extension& e : kExtensions) {
    if (e.character < kTableSize) table[e.character] = {kEscape, static_cast<uint8_t>(e.septet)};
  }
  return table;
}();

Septets SeptetsOf(uint32_t character) {
  if (character < kTableSize) return kSeptets[character];
  return character == u'€' ? Septets{kEscape, 0x65} : kNone;
}

// The character at i of well-formed UTF-8, and past it.
uint32_t NextCharacter(std::string_view utf8, size_t& i) {
  const auto first = static_cast<uint8_t>(utf8[i++]);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  uint32_t character = first & (0x3F >> more);
  for (int n = 0; n < more; ++n) {
    character = character << 6 | (static_cast<uint8_t>(utf8[i++]) & 0x3F);
  }
  return character;
}

void AppendUtf8(uint32_t c, std::string& out) {
  const auto put = [&out](uint32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xE0 | c >> 12);
    } else {
      put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F));
    }
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

Result<void> CheckUtf8(std::string_view text) {
  const size_t good = base::Utf8Prefix(text);
  if (good == text.size()) return {};
  return InvalidArgument("octet " + std::to_string(good) + " of the text is not UTF-8");
}

char16_t Extended(char septet) {
  const auto* found = std::ranges::find(kExtensions, septet, &Extension::septet);
  if (found != std::end(kExtensions)) return found->character;
  return septet == kEscape ? u' ' : kDefault[static_cast<uint8_t>(septet)];
}

void PutUnit(uint32_t unit, std::string& out) {
  out.push_back(static_cast<char>(unit >> 8));
  out.push_back(static_cast<char>(unit));
}

uint32_t UnitAt(std::string_view octets, size_t i) {
  return static_cast<uint32_t>(static_cast<uint8_t>(octets[i]) << 8 |
                               static_cast<uint8_t>(octets[i + 1]));
}

bool IsHigh(uint32_t unit) { return unit >> 10 == 0xD800 >> 10; }
bool IsLow(uint32_t unit) { return unit >> 10 == 0xDC00 >> 10; }

}  // namespace

Coding CodingFor(std::string_view utf8) {
  if (base::Utf8Prefix(utf8) != utf8.size()) return Coding::kUcs2;
  for (size_t i = 0; i < utf8.size();) {
    if (SeptetsOf(NextCharacter(utf8, i)).first == kNone.first) return Coding::kUcs2;
  }
  return Coding::kGsm7;
}

Result<std::string> ToGsm7(std::string_view utf8) {
  DROVER_TRY(CheckUtf8(utf8));
  std::string septets;
  septets.reserve(utf8.size());
  for (size_t i = 0; i < utf8.size();) {
    const size_t at = i;
    const Septets found = SeptetsOf(NextCharacter(utf8, i));
    if (found.first == kNone.first) {
      return InvalidArgument("the character at octet " + std::to_string(at) +
                             " is not in the GSM alphabet: send it as UCS-2");
    }
    septets.push_back(static_cast<char>(found.first));
    if (found.first == kEscape) septets.push_back(static_cast<char>(found.second));
  }
  return septets;
}

Result<std::string> FromGsm7(std::string_view septets) {
  std::string text;
  text.reserve(septets.size());
  for (size_t i = 0; i < septets.size(); ++i) {
    const char septet = septets[i];
    if (static_cast<uint8_t>(septet) > 127) {
      return InvalidArgument("octet " + std::to_string(i) + " is no septet of the GSM alphabet");
    }
    if (septet != kEscape) {
      AppendUtf8(kDefault[static_cast<uint8_t>(septet)], text);
    } else if (i + 1 == septets.size()) {
      text.push_back(' ');
    } else if (static_cast<uint8_t>(septets[i + 1]) <= 127) {
      AppendUtf8(Extended(septets[++i]), text);
    }
  }
  return text;
}

Result<std::string> ToUcs2(std::string_view utf8) {
  DROVER_TRY(CheckUtf8(utf8));
  std::string octets;
  octets.reserve(2 * utf8.size());
  for (size_t i = 0; i < utf8.size();) {
    const uint32_t character = NextCharacter(utf8, i);
    if (character < 0x10000) {
      PutUnit(character, octets);
    } else {
      PutUnit(0xD800 | (character - 0x10000) >> 10, octets);
      PutUnit(0xDC00 | ((character - 0x10000) & 0x3FF), octets);
    }
  }
  return octets;
}

Result<std::string> FromUcs2(std::string_view octets) {
  if (octets.size() % 2 != 0) return InvalidArgument("UCS-2 of an odd count of octets");
  std::string text;
  text.reserve(octets.size());
  for (size_t i = 0; i < octets.size(); i += 2) {
    const uint32_t unit = UnitAt(octets, i);
    const bool pair = IsHigh(unit) && i + 2 < octets.size() && IsLow(UnitAt(octets, i + 2));
    if (pair) {
      i += 2;
      AppendUtf8(0x10000 + ((unit & 0x3FF) << 10 | (UnitAt(octets, i) & 0x3FF)), text);
    } else {
      AppendUtf8(IsHigh(unit) || IsLow(unit) ? 0xFFFD : unit, text);
    }
  }
  return text;
}

Result<std::string> EncodeText(std::string_view utf8, Coding coding) {
  DROVER_CHECK(coding != Coding::kOctets);
  return coding == Coding::kGsm7 ? ToGsm7(utf8) : ToUcs2(utf8);
}

Result<std::string> DecodeText(std::string_view content, Coding coding) {
  DROVER_CHECK(coding != Coding::kOctets);
  return coding == Coding::kGsm7 ? FromGsm7(content) : FromUcs2(content);
}

void AppendPacked(std::string_view septets, unsigned fill_bits, std::string& out) {
  uint32_t pending = 0;
  unsigned bits = fill_bits;
  for (const char septet : septets) {
    pending |= static_cast<uint32_t>(septet & 0x7F) << bits;
    bits += 7;
    if (bits < 8) continue;
    out.push_back(static_cast<char>(pending));
    pending >>= 8;
    bits -= 8;
  }
  if (bits > 0 && !septets.empty()) out.push_back(static_cast<char>(pending));
}

Result<std::string> Unpack(std::string_view octets, size_t count, unsigned fill_bits) {
  if (count > octets.size() * 8 / 7 || fill_bits + 7 * count > 8 * octets.size()) {
    return InvalidArgument("fewer octets than the septets need");
  }
  std::string septets;
  septets.reserve(count);
  for (size_t bit = fill_bits; septets.size() < count; bit += 7) {
    const size_t i = bit / 8;
    const uint32_t low = static_cast<uint8_t>(octets[i]);
    const uint32_t high = i + 1 < octets.size() ? static_cast<uint8_t>(octets[i + 1]) : 0;
    septets.push_back(static_cast<char>((high << 8 | low) >> bit % 8 & 0x7F));
  }
  return septets;
}

}  // namespace drover::sms

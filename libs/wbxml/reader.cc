#include "libs/wbxml/reader.h"

#include "libs/base/bytes.h"

namespace drover::wbxml {

bool Reader::Fail(Error::Cause cause, size_t offset, std::string_view what) {
  if (!failed_) {
    failed_ = true;
    error_ = {cause, offset, what};
  }
  at_ = end_;
  return false;
}

bool Reader::ReadHeader() {
  if (!ReadOctet(header_.version)) return false;
  if (header_.version < 1 || header_.version > 3) {
    return Fail(Error::Cause::kMalformed, 0, "not WBXML 1.1, 1.2 or 1.3");
  }
  if (!ReadNumber(header_.public_id)) return false;
  uint32_t index = 0;
  const size_t index_offset = offset();
  if (header_.public_id == 0 && !ReadNumber(index)) return false;

  const size_t charset_offset = offset();
  if (!ReadNumber(header_.charset)) return false;
  if (header_.charset != kCharsetUtf8 && header_.charset != kCharsetUnspecified &&
      header_.charset != kCharsetUsAscii) {
    return Fail(Error::Cause::kCharset, charset_offset, "a character set other than UTF-8");
  }

  const size_t length_offset = offset();
  uint32_t length = 0;
  if (!ReadNumber(length)) return false;
  if (length > static_cast<size_t>(end_ - at_)) {
    return Fail(Error::Cause::kLimit, length_offset, "a string table longer than the document");
  }
  header_.string_table = {at_, length};
  at_ += length;
  if (header_.public_id != 0) return true;
  if (index >= length) {
    return Fail(Error::Cause::kMalformed, index_offset, "a public id outside the string table");
  }
  return TableString(index, header_.public_text);
}

bool Reader::ReadLongNumber(uint32_t& number) {
  const size_t start = offset();
  uint64_t value = 0;
  for (int i = 0; i < 5; ++i) {
    uint8_t octet = 0;
    if (!ReadOctet(octet)) return false;
    value = value << 7 | (octet & 0x7F);
    if (octet < 0x80) {
      if (value > UINT32_MAX) break;
      number = static_cast<uint32_t>(value);
      return true;
    }
  }
  return Fail(Error::Cause::kMalformed, start, "a number over 32 bits");
}

bool Reader::TableString(uint32_t index, std::string_view& text) {
  text = header_.string_table.substr(index);
  text = text.substr(0, text.find('\0'));
  return Spend(text.size()) && CheckUtf8(text);
}

bool Reader::ReadTable(std::string_view& text) {
  const size_t start = offset();
  uint32_t index = 0;
  if (!ReadNumber(index)) return false;
  // An index at the end is an empty string: encoders with an empty table send index 0.
  if (index > header_.string_table.size()) {
    return Fail(Error::Cause::kMalformed, start, "a string outside the string table");
  }
  return TableString(index, text);
}

bool Reader::ReadOpaque(std::string_view& octets) {
  const size_t start = offset();
  uint32_t length = 0;
  if (!ReadNumber(length)) return false;
  if (length > static_cast<size_t>(end_ - at_)) {
    return Fail(Error::Cause::kLimit, start, "an OPAQUE longer than the rest of the document");
  }
  octets = {at_, length};
  at_ += length;
  return true;
}

bool Reader::ReadEntity(uint32_t& code_point) {
  const size_t start = offset();
  if (!ReadNumber(code_point)) return false;
  if (code_point == 0 || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    return Fail(Error::Cause::kMalformed, start, "an ENTITY that is no character");
  }
  return true;
}

bool Reader::SkipExtension(uint8_t token) {
  uint32_t number = 0;
  std::string_view text;
  switch (token & 0xC0) {
    case kExtI0:
      return ReadInline(text);
    case kExtT0:
      return ReadNumber(number);
    default:
      return true;
  }
}

bool Reader::SkipAttributes() {
  uint8_t token = 0;
  uint32_t number = 0;
  std::string_view text;
  while (ReadOctet(token)) {
    switch (token) {
      case kEnd:
        return true;
      case kSwitchPage:
        if (!ReadOctet(token)) return false;
        break;
      case kEntity:
      case kLiteral:  // Its name may point into an empty table; nobody reads it.
      case kStrT:
        if (!ReadNumber(number)) return false;
        break;
      case kStrI:
        if (!ReadInline(text)) return false;
        break;
      case kOpaque:
        if (!ReadOpaque(text)) return false;
        break;
      case kExtI0:
      case kExtI0 + 1:
      case kExtI0 + 2:
      case kExtT0:
      case kExtT0 + 1:
      case kExtT0 + 2:
        if (!SkipExtension(token)) return false;
        break;
      default:
        break;  // An attribute start or value, or EXT: one octet.
    }
  }
  return false;
}

bool Reader::SkipPi() { return SkipAttributes(); }

bool Reader::CheckUtf8(std::string_view text) {
  const size_t good = base::Utf8Prefix(text);
  if (good == text.size()) return true;
  const size_t start = static_cast<size_t>(text.data() - begin_);
  return Fail(Error::Cause::kMalformed, start + good, "text that is not UTF-8");
}

void AppendUtf8(uint32_t c, std::string& out) {
  const auto put = [&out](uint32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)),
        put(0x80 | (c & 0x3F));
  }
}

}  // namespace drover::wbxml

// Writes a WBXML document token by token; knows no vocabulary, no names.
//
// Texts go inline (STR_I), as every terminal can read; a text with a NUL in it goes as OPAQUE,
// since STR_I would end there. A page switch is written only when the next start tag needs one. The
// string is complete after Flush or destruction.
//
// Spec: WAP-192-WBXML 1.3, section 5 "Binary XML Content Structure".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/wbxml/appender.h"
#include "libs/wbxml/tokens.h"

namespace drover::wbxml {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}  // Appends.

  // WBXML 1.2, UTF-8, no string table. public_id: not 0.
  void Header(uint32_t public_id) {
    Octet(0x02);
    Number(public_id);
    Number(kCharsetUtf8);
    Octet(0);
  }
  void Start(uint8_t page, uint8_t tag) { Tag(page, tag | kHasContent); }
  void Empty(uint8_t page, uint8_t tag) { Tag(page, tag); }
  void End() { Octet(kEnd); }

  void Text(std::string_view text) {
    if (HasNul(text)) [[unlikely]]
      return Opaque(text);
    Octet(kStrI);
    out_.Put(text);
    Octet(0);
  }
  void Opaque(std::string_view octets) {
    Octet(kOpaque);
    Number(static_cast<uint32_t>(octets.size()));
    out_.Put(octets);
  }
  // An element on the given page with nothing but text.
  void Leaf(uint8_t page, uint8_t tag, std::string_view text) {
    Start(page, tag);
    Text(text);
    End();
  }
  void Number(uint32_t number);  // mb_u_int32
  void Flush() { out_.Flush(); }

  static bool HasNul(std::string_view text) {
    if (text.size() > 32) return text.find('\0') != std::string_view::npos;
    bool found = false;
    size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
      uint64_t word;
      std::memcpy(&word, text.data() + i, 8);
      found |= ((word - 0x0101010101010101) & ~word & 0x8080808080808080) != 0;
    }
    for (; i < text.size(); ++i) found |= text[i] == 0;
    return found;
  }

 private:
  void Octet(uint8_t octet) { out_.Put(static_cast<char>(octet)); }
  void Tag(uint8_t page, uint8_t tag) {
    if (page != page_) {
      Octet(kSwitchPage);
      Octet(page);
      page_ = page;
    }
    Octet(tag);
  }

  Appender out_;
  uint8_t page_ = 0;
};

}  // namespace drover::wbxml

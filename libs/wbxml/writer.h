// Writes a WBXML document token by token; knows no vocabulary, no names.
//
// Texts go inline (STR_I), as every terminal can read; a text with a NUL in it goes as OPAQUE,
// since STR_I would end there. A page switch is written only when the next start tag needs one.
//
// Spec: WAP-192-WBXML 1.3, section 5 "Binary XML Content Structure".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

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
    if (text.find('\0') != std::string_view::npos) return Opaque(text);
    Octet(kStrI);
    out_.append(text);
    Octet(0);
  }
  void Opaque(std::string_view octets) {
    Octet(kOpaque);
    Number(static_cast<uint32_t>(octets.size()));
    out_.append(octets);
  }
  void Number(uint32_t number);  // mb_u_int32

 private:
  void Octet(uint8_t octet) { out_.push_back(static_cast<char>(octet)); }
  void Tag(uint8_t page, uint8_t tag) {
    if (page != page_) {
      Octet(kSwitchPage);
      Octet(page);
      page_ = page;
    }
    Octet(tag);
  }

  std::string& out_;
  uint8_t page_ = 0;
};

}  // namespace drover::wbxml

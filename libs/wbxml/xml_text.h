// WBXML of any known vocabulary as XML text: for sub-documents inside a message and for people.
//
// Element names and namespaces come from the code pages; a tag that its page does not assign
// becomes <unknown-PP-TT>. OPAQUE content becomes text if it is text and base64 otherwise (always
// base64 in a DDF Value whose Format says b64 or bin); if it is a WBXML document itself it becomes
// elements.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "libs/wbxml/reader.h"
#include "libs/wbxml/vocabulary.h"

namespace drover::wbxml {

struct XmlOptions {
  bool indent = false;     // Two blanks a level, each leaf on a line of its own.
  uint32_t depth = 64;     // Of nested elements.
  uint32_t documents = 4;  // Of documents inside documents.
};

struct XmlText {
  bool ok = false;
  std::string xml;  // If not ok: what could be read before the error.
  Error error;
};

// A whole document. Error::Cause::kUnknown: a vocabulary that is not ours.
XmlText ToXml(std::string_view document, const XmlOptions& options = {});

// Appends the element whose start tag stands at the reader's position on the given code page, up to
// and with its END; page then is the page that follows. False: reader.error() says why. elements
// counts start tags down; none left is kLimit.
bool AppendElement(Reader& reader, const Vocabulary& vocabulary, uint8_t& page, uint32_t& elements,
                   const XmlOptions& options, std::string& out);

// Appends text with & < > " and line ends escaped, so that it can stand in content and attributes;
// characters that XML cannot carry become U+FFFD.
void AppendEscaped(std::string_view text, std::string& out);

// Whether AppendEscaped leaves the character as it is.
inline constexpr std::array<bool, 256> kPlainCharacters = [] {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 256; ++c) plain[c] = true;
  plain['\t'] = plain['\n'] = true;
  for (const char c : {'&', '<', '>', '"'}) plain[static_cast<uint8_t>(c)] = false;
  return plain;
}();
inline bool IsPlain(char c) { return kPlainCharacters[static_cast<uint8_t>(c)]; }

// Whether XML can carry the octets as text: well-formed UTF-8 without control characters other than
// tab, line feed and carriage return.
bool IsXmlText(std::string_view octets);

}  // namespace drover::wbxml

// Walks the elements of an XML document over its octets, without a tree: a Source of
// message_reader.h. Internal to libs/syncml.
//
// What it takes is well-formed XML 1.0 in UTF-8 with any prolog but a DTD with declarations;
// prefixes are cut off; comments, processing instructions and attributes are read over, but for the
// root's xmlns. Spec: W3C XML 1.0, OMA-TS-SyncML_RepPro-V1_2 "XML Usage".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/syncml/document.h"
#include "libs/syncml/message.h"
#include "libs/syncml/tag.h"

namespace drover::syncml {

class XmlSource {
 public:
  XmlSource(std::string_view octets, const Limits& limits, Document& document);

  // The prolog, and the root element's start.
  bool Root(Tag& tag);
  // What may follow the root's end.
  bool Epilog();
  // The root's xmlns, empty if it has none that names SyncML.
  std::string_view xmlns() const { return xmlns_; }

  bool Next(Tag& tag);
  std::string_view name() const { return name_; }
  size_t offset() const { return OffsetOf(start_); }
  std::string_view Text();
  Data Content();
  void Skip();

  bool failed() const { return failed_; }
  const DecodeError& error() const { return error_; }
  void Fail(DecodeError::Cause cause, size_t offset, std::string_view what);

 private:
  using Cause = DecodeError::Cause;
  static constexpr size_t kDeepest = 256;  // Whatever Limits say.

  size_t OffsetOf(const char* at) const { return static_cast<size_t>(at - begin_); }
  bool StartsWith(std::string_view text) const {
    return std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(text);
  }
  bool FailHere(Cause cause, std::string_view what);
  bool Truncated(std::string_view what);

  bool CheckEncoding();
  bool Declaration();
  bool Misc(bool doctype_allowed);
  bool Doctype();
  bool SkipPast(std::string_view end, std::string_view what);
  void SkipSpace();

  bool StartTag(Tag& tag);
  bool Attributes();
  bool Attribute();
  bool EndTag();
  void Leave() { --depth_; }

  bool TextFrom(std::string_view& text);
  bool SlowText(bool markup_allowed, const char* content, Data& data);
  bool Markup(const char* content, Data& data);
  bool CData(std::string_view& text);
  bool Reference(std::string& out);
  bool Character(const char* digits, const char* semicolon, std::string& out);
  static void AppendLines(std::string_view text, std::string& out);

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* start_;  // Of the element just entered.
  std::string_view name_;
  std::string_view xmlns_;
  bool closed_ = false;  // The element just entered was <x/>.
  bool failed_ = false;
  uint32_t depth_ = 0;
  uint32_t max_depth_;
  uint32_t elements_left_;
  struct Open {  // A qualified name, as the end tag must have it. Trivial: 256 cost nothing.
    const char* name;
    size_t size;
  };
  Open open_[kDeepest];
  Document& document_;
  std::string scratch_;
  DecodeError error_;
};

}  // namespace drover::syncml

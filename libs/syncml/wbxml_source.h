// Walks the elements of a WBXML document over its tokens: a Source of message_reader.h. Internal to
// libs/syncml.
//
// Takes every header seen in the field and code pages 0 and 1 of SyncML 1.0, 1.1 and 1.2; what
// stands in a Data element as tokens (TNDS on page 2) or as an OPAQUE WBXML document becomes XML
// text. Spec: OMA-TS-SyncML_RepPro-V1_2 "WBXML Definition".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/syncml/document.h"
#include "libs/syncml/message.h"
#include "libs/syncml/message_reader.h"
#include "libs/syncml/tag.h"
#include "libs/wbxml/reader.h"
#include "libs/wbxml/vocabulary.h"

namespace drover::syncml {

class WbxmlSource {
 public:
  WbxmlSource(std::string_view octets, const Limits& limits, Document& document);

  // The prologue, and the root element's start.
  bool Root(Tag& tag);
  // What may follow the root's END.
  bool Epilog();
  // The public id's vocabulary; nullptr when it is unknown or none of SyncML's.
  const wbxml::Vocabulary* vocabulary() const { return vocabulary_; }

  bool Next(Tag& tag) {
    if (!content_) {
      Leave();
      return false;
    }
    for (;;) {
      const int token = reader_.Peek();
      if ((token & wbxml::kTagMask) >= wbxml::kFirstTag && token >= 0) [[likely]] {
        reader_.Take(1);
        return Start(static_cast<uint8_t>(token), tag);
      }
      if (token == wbxml::kEnd) {
        reader_.Take(1);
        Leave();
        return false;
      }
      const int page = reader_.PeekAfter(1);
      if (token != wbxml::kSwitchPage || page < 0) [[unlikely]]
        return SlowNext(tag);
      reader_.Take(2);
      page_ = static_cast<uint8_t>(page);
    }
  }
  std::string_view name();
  size_t offset() const { return start_; }
  std::string_view Text() {
    if (content_ && reader_.Peek() == wbxml::kStrI) [[likely]] {
      const char* const before = reader_.position();
      reader_.Take(1);
      std::string_view text;
      if (!reader_.ReadInline(text)) return {};
      if (reader_.Peek() == wbxml::kEnd) [[likely]] {
        reader_.Take(1);
        Leave();
        return Trim(text);
      }
      reader_.Return(before);
    }
    return SlowText();
  }
  Data Content();
  void Skip();

  bool failed() const { return reader_.failed(); }
  DecodeError error() const;
  void Fail(DecodeError::Cause cause, size_t offset, std::string_view what);

 private:
  using Cause = DecodeError::Cause;

  // What follows a tag token, which was taken.
  bool Start(uint8_t token, Tag& tag) {
    start_ = reader_.offset() - 1;
    if (depth_ >= max_depth_ || elements_left_ == 0) [[unlikely]]
      return TooMuch();
    --elements_left_;
    ++depth_;
    tag_ = token & wbxml::kTagMask;
    tag_page_ = page_;
    content_ = (token & wbxml::kHasContent) != 0;
    tag = page_ <= 1 ? static_cast<Tag>(page_ << 8 | tag_) : Tag::kUnknown;
    if ((token & wbxml::kHasAttributes) != 0 || tag_ == wbxml::kLiteral) [[unlikely]]
      return FinishStart(token, tag);
    return true;
  }
  bool FinishStart(uint8_t token, Tag& tag);
  bool TooMuch();
  bool SlowNext(Tag& tag);
  std::string_view SlowText();
  bool Other(uint8_t token);
  bool Gather(bool markup_allowed, Data& data);
  bool AppendText(uint8_t token, std::string& out);
  bool Markup(std::string& out);
  static void AppendToMarkup(std::string_view content, bool octets, std::string& out);
  bool SubDocument(std::string_view octets, Data& data);
  void Leave() {
    --depth_;
    content_ = true;
  }

  wbxml::Reader reader_;
  const wbxml::Vocabulary* vocabulary_ = nullptr;
  const wbxml::Vocabulary& names_;
  std::string_view literal_;  // The name of the element just entered, if it came as a LITERAL.
  size_t start_ = 0;
  uint8_t page_ = 0;
  uint8_t tag_ = 0;
  uint8_t tag_page_ = 0;
  bool content_ = true;  // The element just entered has content and an END.
  uint32_t depth_ = 0;
  uint32_t max_depth_;
  uint32_t elements_left_;
  Document& document_;
  Cause cause_ = Cause::kMalformed;  // Of a failure that the reader has no cause for.
  bool own_cause_ = false;
};

}  // namespace drover::syncml

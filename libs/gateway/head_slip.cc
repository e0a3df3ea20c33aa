#include "libs/gateway/head_slip.h"

#include <array>

#include "libs/gateway/message_xml.h"
#include "libs/gateway/words.h"

namespace drover::gateway {
namespace {

constexpr std::string_view kEndOfName = " \t\r\n/>";

bool IsHeaderName(std::string_view name) {
  return SameWord(name, "header") || SameWord(name, "head");
}

class HeadSlips {
 public:
  explicit HeadSlips(std::string_view document) : document_(document) {}

  Result<Prepared> Run() {
    size_t at = 0;
    while (at < document_.size() && (at = document_.find('<', at)) != std::string_view::npos) {
      const std::string_view rest = document_.substr(at);
      if (rest.starts_with("<!--")) {
        at = Behind("-->", at + 4);
      } else if (rest.starts_with("<![CDATA[")) {
        at = Behind("]]>", at + 9);
      } else if (rest.starts_with("<?")) {
        at = Behind("?>", at + 2);
      } else if (rest.starts_with("<!")) {
        return InvalidArgument("a document type declaration, which is not taken; leave it out");
      } else if (rest.starts_with("</")) {
        at = EndTag(at + 2);
      } else if (!StartTag(++at)) {
        return InvalidArgument("element header: headers in headers");
      }
    }
    return Finish();
  }

 private:
  size_t Behind(std::string_view end, size_t from) const {
    const size_t at = document_.find(end, from);
    return at == std::string_view::npos ? document_.size() : at + end.size();
  }
  std::string_view NameAt(size_t at) const {
    const std::string_view rest = document_.substr(at);
    return rest.substr(0, rest.find_first_of(kEndOfName));
  }

  bool StartTag(size_t at) {
    const std::string_view name = NameAt(at);
    if (!IsHeaderName(name) || IsEmptyElement(at)) return true;
    if (open_count_ == open_.size()) return false;
    open_[open_count_++] = name;
    return true;
  }
  // Whether the tag ends in "/>"; a ">" in quotes does not end it.
  bool IsEmptyElement(size_t at) const {
    char quote = 0;
    for (; at < document_.size(); ++at) {
      const char c = document_[at];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return document_[at - 1] == '/';
      }
    }
    return true;
  }

  size_t EndTag(size_t at) {
    const std::string_view name = NameAt(at);
    if (!IsHeaderName(name) || open_count_ == 0) return at;
    const std::string_view open = open_[--open_count_];
    if (!SameWord(open, name)) {
      prepared_.rewritten.append(document_.substr(copied_, at - copied_)).append(open);
      prepared_.slip = true;
      copied_ = at + name.size();
    }
    return at + name.size();
  }

  Prepared Finish() {
    if (prepared_.slip) prepared_.rewritten.append(document_.substr(copied_));
    prepared_.intact = document_;
    return std::move(prepared_);
  }

  std::string_view document_;
  Prepared prepared_;
  size_t copied_ = 0;
  std::array<std::string_view, kMostXmlDepth> open_;
  size_t open_count_ = 0;
};

}  // namespace

Result<Prepared> PrepareXml(std::string_view document) {
  if (document.starts_with("\xEF\xBB\xBF")) document.remove_prefix(3);
  return HeadSlips(Trimmed(document)).Run();
}

}  // namespace drover::gateway

// One pass over the octets: lines are found, fields noted, and those that every message has read.
//
// The first fault counts, but the pass goes on, so that a refused request can still be answered.
#include <algorithm>

#include "libs/sip/lexer.h"
#include "libs/sip/message.h"

namespace drover::sip {
namespace {

using namespace char_class;

constexpr std::string_view kVersion = "SIP/2.0";

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

std::optional<uint32_t> Number(std::string_view text, uint32_t most) {
  const std::optional<uint32_t> number = ParseDeltaSeconds(text);
  return number && *number <= most ? number : std::nullopt;
}

}  // namespace

class Parser {
 public:
  Parser(std::string_view octets, Arrival arrival, UriBlanks blanks, Message& message)
      : begin_(octets.data()),
        at_(octets.data()),
        end_(octets.data() + octets.size()),
        message_(message),
        core_(message.core_),
        arrival_(arrival),
        blanks_(blanks) {
    core_ = Message::Core();
    core_.octets = octets;
  }

  std::optional<Refusal> Run() {
    if (Octets(begin_, end_).size() > kMaxMessage) {
      core_.octets = {};
      return Refusal{513, "Message Too Large"};
    }
    while (end_ - at_ >= 2 && at_[0] == '\r' && at_[1] == '\n') at_ += 2;  // Section 7.5.
    std::string_view line;
    if (!TakeLine(line, false)) return Refusal{400, "no start line"};
    if (!StartLine(line)) return refusal_;
    Fields();
    Required();
    Body();
    return refusal_;
  }

 private:
  static std::string_view Octets(const char* begin, const char* end) {
    return {begin, static_cast<size_t>(end - begin)};
  }

  bool Refuse(const char* cause, uint16_t status = 400) {
    if (!refusal_) refusal_ = Refusal{status, cause};
    return false;
  }

  // The next line without its end, with the lines that continue it if folds. False: there is none
  // that ends.
  bool TakeLine(std::string_view& line, bool folds) {
    const char* begin = at_;
    for (const char* at = at_;; ++at) {
      at = FindControl(at, end_);
      if (at == end_) return false;
      if (*at == '\r' && at + 1 != end_ && at[1] == '\n') {
        at_ = at + 2;
        line = Octets(begin, at);
        if (!folds || line.empty() || at_ == end_ || !IsBlank(*at_)) return true;
        ++at;
      } else if (*at == '\r' || *at == '\n') {
        Refuse("a CR or LF alone");
      } else if (at == begin || at[-1] != '\\') {  // A quoted-pair may hold one.
        Refuse("a control character");
      }
    }
  }

  bool StartLine(std::string_view line) {
    if (line.size() > kMaxStartLine) return Refuse("start line too long");
    if (line.size() >= 4 && EqualsIgnoringCase(line.substr(0, 4), "SIP/")) return StatusLine(line);
    return RequestLine(line);
  }

  bool StatusLine(std::string_view line) {
    const size_t version = line.find(' ');
    if (!EqualsIgnoringCase(line.substr(0, version), kVersion)) return Refuse("version", 505);
    if (version == std::string_view::npos) return Refuse("no status");
    line.remove_prefix(version + 1);
    const std::optional<uint32_t> status = Number(line.substr(0, 3), 699);
    if (line.size() < 3 || !status || *status < 100) return Refuse("status");
    if (line.size() > 3 && line[3] != ' ') return Refuse("status");
    core_.status = static_cast<uint16_t>(*status);
    core_.reason = line.substr(std::min<size_t>(4, line.size()));
    return true;
  }

  // What is no request of SIP at all ends the parsing: it could not be answered.
  bool RequestLine(std::string_view line) {
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) return Refuse("request line");
    core_.method_name = line.substr(0, first);
    if (!IsToken(core_.method_name)) return Refuse("method");
    core_.method = MethodOf(core_.method_name);
    core_.is_request = true;
    core_.request_uri = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!EqualsIgnoringCase(version, kVersion)) {
      const bool other = version.size() > 4 && EqualsIgnoringCase(version.substr(0, 4), "SIP/");
      Refuse(other ? "Version Not Supported" : "request line", other ? 505 : 400);
    } else if (blanks_ == UriBlanks::kRefuse &&
               core_.request_uri.find_first_of(" \t") != std::string_view::npos) {
      Refuse("blanks in the request line");
    } else if (!ParseUri(core_.request_uri, core_.uri, blanks_)) {
      Refuse("Request-URI");
    } else if (!core_.uri.headers.empty()) {
      Refuse("headers in the Request-URI");  // Section 19.1.1, table 1.
    }
    return true;
  }

  void Fields() {
    std::string_view line;
    while (TakeLine(line, true)) {
      if (line.empty()) {
        head_ended_ = true;
        return;
      }
      if (!OneField(line)) return;
    }
    Refuse("the head does not end");
  }

  // False: no more fields are looked for.
  bool OneField(std::string_view line) {
    if (core_.count == kMaxHeaders) return Refuse("too many header fields");
    Lexer lexer(line);
    const std::string_view name = lexer.TakeWhile(kToken);
    while (!lexer.done() && IsBlank(*lexer.at())) lexer.MoveTo(lexer.at() + 1);
    if (name.empty() || !lexer.Take(':')) {
      Refuse("a header field without a name");
      return true;
    }
    const std::string_view value = TrimLws(lexer.rest());
    if (name.size() > kMaxHeaderName || value.size() > kMaxHeaderValue) {
      return Refuse("header field too long");
    }
    Note(HeaderIdOf(name), name, value);
    return true;
  }

  void Note(HeaderId id, std::string_view name, std::string_view value) {
    const char* value_at = value.empty() ? name.data() : value.data();
    const bool repeated = message_.Has(id);
    message_.positions_[core_.count] = {.name_at = static_cast<uint16_t>(name.data() - begin_),
                                        .value_at = static_cast<uint16_t>(value_at - begin_),
                                        .value_octets = static_cast<uint16_t>(value.size()),
                                        .name_octets = static_cast<uint8_t>(name.size()),
                                        .id = id};
    if (!repeated) {
      message_.first_[static_cast<size_t>(id)] = static_cast<uint8_t>(core_.count);
      core_.present |= uint64_t{1} << static_cast<unsigned>(id);
    }
    ++core_.count;
    if (id <= HeaderId::kContentLength && id != HeaderId::kOther) Judge(id, repeated, value);
  }

  void Judge(HeaderId id, bool repeated, std::string_view value) {
    if (id == HeaderId::kContact) return;
    if (id == HeaderId::kVia) {
      if (repeated) {
        core_.one_via = false;
      } else {
        TopVia(value);
      }
      return;
    }
    if (repeated) {
      Refuse("a header field more than once that may be there once");
      return;
    }
    JudgeOnce(id, value);
  }

  void JudgeOnce(HeaderId id, std::string_view value) {
    switch (id) {
      case HeaderId::kFrom:
        if (!TaggedAddress(value, core_.from, core_.from_tag)) Refuse("From");
        break;
      case HeaderId::kTo:
        if (!TaggedAddress(value, core_.to, core_.to_tag)) Refuse("To");
        break;
      case HeaderId::kCallId:
        if (!ParseCallId(value)) Refuse("Call-ID");
        core_.call_id = value;
        break;
      case HeaderId::kCSeq:
        if (!ParseCSeq(value, core_.cseq)) Refuse("CSeq");
        break;
      case HeaderId::kMaxForwards:
        if (const std::optional<uint32_t> hops = Number(value, 255)) {
          core_.max_forwards = static_cast<uint8_t>(*hops);
        } else {
          Refuse("Max-Forwards");
        }
        break;
      case HeaderId::kContentLength:
        content_length_ = Number(value, kMaxMessage);
        if (!content_length_) Refuse("Content-Length");
        break;
      default:
        break;
    }
  }

  void TopVia(std::string_view value) {
    std::string_view rest;
    core_.one_via = true;
    if (!ParseVia(value, core_.via, rest)) {
      core_.via.text = {};
      Refuse("Via");
    }
    if (!rest.empty()) core_.one_via = false;
  }

  static bool TaggedAddress(std::string_view value, NameAddr& address, std::string_view& tag) {
    if (!ParseNameAddr(value, address)) return false;
    tag = address.tag_value;
    return true;
  }

  void Required() {
    if (!message_.Has(HeaderId::kVia)) Refuse("no Via");
    if (!message_.Has(HeaderId::kFrom)) Refuse("no From");
    if (!message_.Has(HeaderId::kTo)) Refuse("no To");
    if (!message_.Has(HeaderId::kCallId)) Refuse("no Call-ID");
    if (!message_.Has(HeaderId::kCSeq)) Refuse("no CSeq");
    if (core_.is_request && core_.cseq.method_name != core_.method_name) {
      Refuse("CSeq is of another method");
    }
  }

  void Body() {
    if (!head_ended_) return;
    std::string_view body = Octets(at_, end_);
    if (message_.Has(HeaderId::kContentLength)) {
      const size_t length = content_length_.value_or(0);
      if (length > body.size()) Refuse("the body is shorter than Content-Length");
      if (arrival_ == Arrival::kStream && length < body.size()) Refuse("octets behind the body");
      body = body.substr(0, length);
    } else if (arrival_ == Arrival::kStream) {
      Refuse("no Content-Length on a stream");
    }
    core_.body = body;
    core_.octets = Octets(begin_, body.data() + body.size());
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  Message& message_;
  Message::Core& core_;
  std::optional<Refusal> refusal_;
  std::optional<uint32_t> content_length_;
  Arrival arrival_;
  UriBlanks blanks_;
  bool head_ended_ = false;
};

std::optional<Refusal> Parse(std::string_view octets, Arrival arrival, Message& message,
                             UriBlanks blanks) {
  return Parser(octets, arrival, blanks, message).Run();
}

}  // namespace drover::sip

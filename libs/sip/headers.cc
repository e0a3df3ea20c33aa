#include "libs/sip/headers.h"

#include <algorithm>

#include "libs/sip/lexer.h"
#include "libs/sip/parameter_lexer.h"

namespace drover::sip {
namespace {

using namespace char_class;

bool SetOnce(std::string_view& field, std::string_view value) {
  if (!field.empty()) return false;
  field = value;
  return true;
}

bool TakeAnything(const Parameter&) { return true; }

// The value is only parameters from here on.
template <typename TakeOne>
bool TakeAllParameters(Lexer& lexer, Parameters& out, TakeOne&& take) {
  return TakeParameters(lexer, ParameterPlace::kField, out, take) &&
         (lexer.SkipLws(), lexer.done());
}
bool TakeAllParameters(Lexer& lexer, Parameters& out) {
  return TakeAllParameters(lexer, out, TakeAnything);
}

std::optional<uint32_t> ParseNumber(std::string_view text, uint32_t most) {
  const std::optional<uint32_t> number = ParseDeltaSeconds(text);
  return number && *number <= most ? number : std::nullopt;
}

// "(why)", brackets within it and escapes too. True also where there is none.
bool SkipComment(Lexer& lexer) {
  lexer.SkipLws();
  if (!lexer.IsAt('(')) return true;
  size_t depth = 0;
  const std::string_view text = lexer.rest();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && --depth == 0) {
      lexer.MoveTo(lexer.at() + i + 1);
      return true;
    }
  }
  return false;
}

// host [":" port], blanks around the colon.
bool TakeSentBy(Lexer& lexer, HostPort& out) {
  const std::string_view text = lexer.rest();
  const size_t from = text.starts_with('[') ? text.find(']') : 0;
  if (from == std::string_view::npos) return false;
  const std::string_view host = text.substr(0, text.find_first_of(":;, \t\r\n", from));
  if (!ParseHostPort(host, out)) return false;
  lexer.MoveTo(lexer.at() + host.size());
  const char* behind = lexer.at();
  if (!lexer.TakeSeparator(':')) {
    lexer.MoveTo(behind);
    return true;
  }
  const std::optional<uint32_t> port = ParseNumber(lexer.TakeWhile(kDigit), 65'535);
  out.port = static_cast<uint16_t>(port.value_or(0));
  return out.port != 0;
}

bool TakeViaParameter(const Parameter& parameter, Via& via) {
  const std::string_view name = parameter.name;
  if (EqualsIgnoringCase(name, "branch")) {
    return parameter.has_value && SetOnce(via.branch, parameter.value);
  }
  if (EqualsIgnoringCase(name, "received")) return SetOnce(via.received, parameter.value);
  if (EqualsIgnoringCase(name, "maddr")) return SetOnce(via.maddr, parameter.value);
  if (!EqualsIgnoringCase(name, "rport")) return true;
  if (via.has_rport) return false;
  via.has_rport = true;
  if (!parameter.has_value) return true;
  const std::optional<uint32_t> port = ParseNumber(parameter.value, 65'535);
  via.rport = static_cast<uint16_t>(port.value_or(0));
  return via.rport != 0;
}

// "0", "0.5", "1.000" as thousandths.
bool ParseQ(std::string_view text, uint16_t& thousandths) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return false;
  if (text.size() > 1 && text[1] != '.') return false;
  uint32_t value = static_cast<uint32_t>(text[0] - '0') * 1000;
  uint32_t weight = 100;
  for (const char c : text.substr(std::min<size_t>(2, text.size()))) {
    if (!Is(c, kDigit)) return false;
    value += static_cast<uint32_t>(c - '0') * weight;
    weight /= 10;
  }
  thousandths = static_cast<uint16_t>(value);
  return value <= 1000;
}

}  // namespace

bool NextElement(std::string_view& rest, std::string_view& element) {
  if (rest.data() == nullptr) return false;
  bool in_brackets = false;
  size_t i = 0;
  for (; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '"') {
      Lexer lexer(rest.substr(i));
      const std::string_view quoted = lexer.TakeQuoted();
      if (quoted.empty()) {  // Unbalanced: its parser will refuse the rest.
        i = rest.size();
        break;
      }
      i += quoted.size() - 1;
    } else if (c == '<') {
      in_brackets = true;
    } else if (c == '>') {
      in_brackets = false;
    } else if (c == ',' && !in_brackets) {
      break;
    }
  }
  element = TrimLws(rest.substr(0, i));
  rest = i < rest.size() ? rest.substr(i + 1) : std::string_view();
  return true;
}

bool ParseNameAddr(std::string_view element, NameAddr& out) {
  out = NameAddr();
  out.text = element;
  Lexer lexer(element);
  const size_t bracket = element.find('<');
  if (lexer.IsAt('"')) {
    out.display_name = lexer.TakeQuoted();
    if (out.display_name.empty()) return false;
    lexer.SkipLws();
    if (!lexer.IsAt('<')) return false;
  } else if (bracket != std::string_view::npos) {
    out.display_name = TrimLws(element.substr(0, bracket));
    if (!AllAre(out.display_name, kToken | kLws)) return false;
    lexer.MoveTo(element.data() + bracket);
  }
  if (lexer.Take('<')) {
    const size_t end = lexer.rest().find('>');
    if (end == std::string_view::npos) return false;
    out.uri = lexer.rest().substr(0, end);
    if (TrimLws(out.uri).size() != out.uri.size()) return false;
    out.in_brackets = true;
    lexer.MoveTo(lexer.at() + end + 1);
  } else {
    out.uri = TrimLws(element.substr(0, element.find(';')));
    // Without brackets ',', ';' and '?' cannot be the URI's (RFC 3261, section 20).
    if (out.uri.find_first_of(" \t\r\n,?<>\"") != std::string_view::npos) return false;
    lexer.MoveTo(out.uri.data() + out.uri.size());
  }
  const auto take = [&out](const Parameter& parameter) {
    if (!EqualsIgnoringCase(parameter.name, "tag")) return true;
    return IsToken(parameter.value) && SetOnce(out.tag_value, parameter.value);
  };
  return !out.uri.empty() && TakeAllParameters(lexer, out.parameters, take);
}

bool ParseCSeq(std::string_view value, CSeq& out) {
  out = CSeq();
  Lexer lexer(value);
  const std::optional<uint32_t> number = ParseNumber(lexer.TakeWhile(kDigit), 0x7FFF'FFFF);
  if (!number || !lexer.TakeLws()) return false;
  out.number = *number;
  out.method_name = lexer.TakeWhile(kToken);
  out.method = MethodOf(out.method_name);
  return !out.method_name.empty() && lexer.done();
}

bool ParseCallId(std::string_view value) {
  const size_t at = value.find('@');
  if (at == 0 || at == value.size() - 1) return false;
  if (at == std::string_view::npos) return !value.empty() && AllAre(value, kWord);
  return AllAre(value.substr(0, at), kWord) && AllAre(value.substr(at + 1), kWord);
}

bool ParseEvent(std::string_view value, Event& out) {
  out = Event();
  Lexer lexer(value);
  out.type = lexer.TakeWhile(kToken);
  return !out.type.empty() && TakeAllParameters(lexer, out.parameters);
}

bool ParseSubscriptionState(std::string_view value, SubscriptionState& out) {
  out = SubscriptionState();
  Lexer lexer(value);
  out.state = lexer.TakeWhile(kToken);
  Parameters parameters;
  if (out.state.empty() || !TakeAllParameters(lexer, parameters)) return false;
  out.reason = parameters.Value("reason");
  if (const std::optional<Parameter> expires = parameters.Find("expires")) {
    out.expires = ParseDeltaSeconds(expires->value);
    if (!out.expires) return false;
  }
  if (const std::optional<Parameter> retry_after = parameters.Find("retry-after")) {
    out.retry_after = ParseDeltaSeconds(retry_after->value);
    if (!out.retry_after) return false;
  }
  return true;
}

bool ParseRetryAfter(std::string_view value, RetryAfter& out) {
  out = RetryAfter();
  Lexer lexer(value);
  const std::optional<uint32_t> seconds = ParseDeltaSeconds(lexer.TakeWhile(kDigit));
  if (!seconds || !SkipComment(lexer)) return false;
  out.seconds = *seconds;
  Parameters parameters;
  if (!TakeAllParameters(lexer, parameters)) return false;
  if (const std::optional<Parameter> duration = parameters.Find("duration")) {
    const std::optional<uint32_t> told = ParseDeltaSeconds(duration->value);
    if (!told) return false;
    out.duration = *told;
  }
  return true;
}

bool ParseMediaType(std::string_view value, MediaType& out) {
  out = MediaType();
  Lexer lexer(value);
  out.type = lexer.TakeWhile(kToken);
  if (!lexer.TakeSeparator('/')) return false;
  out.subtype = lexer.TakeWhile(kToken);
  return !out.type.empty() && !out.subtype.empty() && TakeAllParameters(lexer, out.parameters);
}

bool ParseContact(std::string_view element, Contact& out) {
  out = Contact();
  if (element == "*") {
    out.all = true;
    return true;
  }
  if (!ParseNameAddr(element, out.address) || !ParseUri(out.address.uri, out.uri)) return false;
  const Parameters& parameters = out.address.parameters;
  if (const std::optional<Parameter> expires = parameters.Find("expires")) {
    // RFC 3261, section 10.2.1.1: malformed counts as 3600.
    out.expires = ParseDeltaSeconds(expires->value).value_or(3600);
  }
  if (const std::optional<Parameter> q = parameters.Find("q")) {
    if (!ParseQ(q->value, out.q_thousandths)) return false;
  }
  if (const std::optional<Parameter> reg_id = parameters.Find("reg-id")) {
    const std::optional<uint32_t> number = ParseNumber(reg_id->value, 0x7FFF'FFFF);
    if (!number || *number == 0) return false;
    out.reg_id = *number;
  }
  std::string instance = Unquote(parameters.Value("+sip.instance"));
  if (instance.size() > 2 && instance.front() == '<' && instance.back() == '>') {
    out.instance = instance.substr(1, instance.size() - 2);
  }
  return true;
}

bool ParseVia(std::string_view value, Via& via, std::string_view& rest) {
  via = Via();
  Lexer lexer(value);
  if (!EqualsIgnoringCase(lexer.TakeWhile(kToken), "SIP") || !lexer.TakeSeparator('/'))
    return false;
  if (lexer.TakeWhile(kToken) != "2.0" || !lexer.TakeSeparator('/')) return false;
  via.transport_name = lexer.TakeWhile(kToken);
  via.transport = TransportOf(via.transport_name);
  if (via.transport_name.empty() || !lexer.TakeLws() || !TakeSentBy(lexer, via.sent_by)) {
    return false;
  }
  const auto take = [&via](const Parameter& parameter) { return TakeViaParameter(parameter, via); };
  if (!TakeParameters(lexer, ParameterPlace::kField, via.parameters, take)) return false;
  via.text = TrimLws(lexer.From(value.data()));
  lexer.SkipLws();
  rest = {};
  if (lexer.done()) return true;
  if (!lexer.TakeSeparator(',') || lexer.done()) return false;
  rest = lexer.rest();
  return true;
}

}  // namespace drover::sip

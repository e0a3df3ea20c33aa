// One ";name=value" off the front, for the parsers of libs/sip.
#pragma once
#include "libs/sip/lexer.h"
#include "libs/sip/parameters.h"

namespace drover::sip {

enum class ParameterPlace : uint8_t {
  kField,  // generic-param: a token, and a token, host or quoted string.
  kUri,    // uri-parameter: paramchars.
  kAny,    // Either: of octets that were judged before.
};

// Behind the ';'. False: malformed.
bool TakeParameter(Lexer& lexer, ParameterPlace place, Parameter& out);

// Takes all parameters from here to the last of them; each is shown to take(const Parameter&),
// which says false to refuse it. False: malformed, or refused. out: the octets of all.
template <typename TakeOne>
bool TakeParameters(Lexer& lexer, ParameterPlace place, Parameters& out, TakeOne&& take) {
  const char* end = lexer.at();
  lexer.SkipLws();
  const char* begin = lexer.IsAt(';') ? lexer.at() : end;
  Parameter parameter;
  while (lexer.TakeSeparator(';')) {
    if (!TakeParameter(lexer, place, parameter) || !take(parameter)) return false;
    end = lexer.at();
  }
  out = Parameters({begin, static_cast<size_t>(end - begin)});
  return true;
}

}  // namespace drover::sip

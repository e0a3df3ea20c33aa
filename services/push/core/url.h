// Where results are posted to: "http://host[:port]/path", "https://..".
#pragma once
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::push {

struct Url {
  bool secure = false;
  std::string host;       // A name or an address; of IPv6 without brackets.
  std::string port;       // Decimal
  std::string authority;  // As written: for the Host field.
  std::string target;     // Path and query, at least "/".
};

// kInvalidArgument: another scheme, no host, credentials, a blank or a control character.
// Spec: RFC 3986, 3; RFC 9110, 4.2.
Result<Url> ParseUrl(std::string_view text);

}  // namespace drover::push

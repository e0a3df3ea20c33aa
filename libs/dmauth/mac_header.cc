// The x-syncml-hmac transport header: OMA-TS-DM_Security-V1_2, "HMAC and the SyncML header".
#include <algorithm>

#include "libs/dmauth/credentials.h"

namespace drover::dmauth {
namespace {

constexpr std::string_view kSpaces = " \t";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

bool IsWord(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y;
  });
}

struct Parameter {
  std::string_view name;
  std::string_view value;
};

// Takes `name = value` or `name = "value"` and the comma after it off the front of rest.
Result<Parameter> TakeParameter(std::string_view& rest) {
  const size_t equals = rest.find('=');
  if (equals == std::string_view::npos) {
    return InvalidArgument("x-syncml-hmac: a parameter has no '='");
  }
  Parameter parameter{.name = Trim(rest.substr(0, equals)), .value = {}};
  rest = Trim(rest.substr(equals + 1));
  if (rest.starts_with('"')) {
    const size_t end = rest.find('"', 1);
    if (end == std::string_view::npos) return InvalidArgument("x-syncml-hmac: unclosed quote");
    parameter.value = rest.substr(1, end - 1);
    rest = Trim(rest.substr(end + 1));
    if (!rest.empty() && rest.front() != ',') {
      return InvalidArgument("x-syncml-hmac: text after a closing quote");
    }
  } else {
    parameter.value = Trim(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(rest.find(','), rest.size()));
  }
  if (!rest.empty()) rest = Trim(rest.substr(1));
  return parameter;
}

Result<void> Store(std::string& field, std::string_view value) {
  if (!field.empty()) return InvalidArgument("x-syncml-hmac: a parameter is there twice");
  field = value;
  return {};
}

bool HasControl(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Result<MacHeader> ParseMacHeader(std::string_view value) {
  MacHeader header;
  std::string_view rest = Trim(value);
  while (!rest.empty()) {
    DROVER_TRY(const Parameter parameter, TakeParameter(rest));
    if (IsWord(parameter.name, "username")) {
      DROVER_TRY(Store(header.user, parameter.value));
    } else if (IsWord(parameter.name, "mac")) {
      DROVER_TRY(Store(header.mac, parameter.value));
    } else if (IsWord(parameter.name, "algorithm") && !IsWord(parameter.value, "md5")) {
      return InvalidArgument("x-syncml-hmac: algorithm is not MD5");
    }
  }
  if (header.user.empty()) return InvalidArgument("x-syncml-hmac: no username");
  if (header.mac.empty()) return InvalidArgument("x-syncml-hmac: no mac");
  if (HasControl(header.user)) {
    return InvalidArgument("x-syncml-hmac: control character in username");
  }
  return header;
}

std::string FormatMacHeader(const MacHeader& header) {
  return "algorithm=MD5, username=\"" + header.user + "\", mac=" + header.mac;
}

}  // namespace drover::dmauth

#include "libs/sip/testing/torture.h"

#include "libs/base/check.h"
#include "libs/sip/testing/torture_parts.h"

namespace drover::sip::testing {

std::string Wire(std::string_view text) {
  std::string wire;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool has_cr = i > 0 && text[i - 1] == '\r';
    if (text[i] == '\n' && !has_cr) wire.push_back('\r');
    wire.push_back(text[i]);
  }
  const size_t head = wire.find("\r\n\r\n");
  if (const size_t at = wire.find("{CL}"); at < head) {
    const size_t body = wire.size() - head - 4;
    wire.replace(at, 4, std::to_string(body));
  }
  return wire;
}

std::vector<TortureMessage> TortureMessages() {
  std::vector<TortureMessage> messages;
  AddTortureTaken(messages);
  AddTortureRefused(messages);
  AddTortureIpv6(messages);
  return messages;
}

const TortureMessage& Torture(std::string_view name) {
  static const std::vector<TortureMessage> kMessages = TortureMessages();
  for (const TortureMessage& each : kMessages) {
    if (each.name == name) return each;
  }
  DROVER_CHECK(false);
}

}  // namespace drover::sip::testing

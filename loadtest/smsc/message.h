// A message as an ESME gave it to the simulated SMSC, and as it goes to the terminal.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/result.h"
#include "libs/smpp/pdu.h"
#include "libs/sms/udh.h"
#include "loadtest/smsc/settings.h"

namespace drover::smsc {

struct Number {
  std::string digits;
  uint8_t ton = 0;
  uint8_t npi = 1;
  static Number Of(const smpp::Address& address) {
    return {std::string(address.digits), address.ton, address.npi};
  }
  smpp::Address view() const { return {ton, npi, digits}; }
};

// One short message of at most 140 octets, its header taken apart.
struct Part {
  std::optional<sms::Ports> ports;
  std::optional<sms::Concat> concat;
  std::string payload;
};

// Where the message came from, and where its answer goes.
struct Sender {
  uint64_t bind = 0;  // The session, never used twice.
  std::string account;
  uint32_t sequence = 0;
  bool data_sm = false;
};

struct Submission {
  Sender sender;
  Number source;
  Number destination;
  uint8_t esm_class = 0;
  uint8_t data_coding = 0;
  uint8_t registered_delivery = 0;
  std::optional<TimePoint> deliver_after;
  std::optional<TimePoint> expires;
  bool set_dpf = false;
  bool more = false;        // more_messages_to_send
  std::vector<Part> parts;  // Several: the SMSC cut it itself.

  bool transaction() const { return (esm_class & smpp::esm::kModeMask) == smpp::esm::kTransaction; }
};

// From submit_sm and data_sm; the views of the PDU may go afterwards. reference: for segments that
// have to be cut here. The status is what to refuse it with: a message too long for its coding, a
// header that cannot be read, both forms of ports or segments at once, a time that is none.
struct Refused {
  smpp::CommandStatus status = smpp::CommandStatus::kRok;
};
using Taken = std::variant<Submission, Refused>;
Taken Take(const smpp::SubmitSm& pdu, uint16_t reference, TimePoint now);
Taken Take(const smpp::DataSm& pdu, uint16_t reference, TimePoint now);

}  // namespace drover::smsc

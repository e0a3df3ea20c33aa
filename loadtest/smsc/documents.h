// What the simulated SMSC says and takes over HTTP, as text: JSON and metrics. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "loadtest/smsc/ledger.h"
#include "loadtest/smsc/outgoing.h"

namespace drover::smsc {

// One message on one line, without a line end.
std::string MessageJson(const Delivered& message);
// A JSON array of them.
std::string MessagesJson(const std::vector<const Delivered*>& messages);
// A line each, with its end.
std::string MessageLines(const std::vector<const Delivered*>& messages);

// As packed.h has them; of ports only the terminal's.
std::string PackedMessages(const std::vector<const Delivered*>& messages);

// {"source": "861380..", "destination": "10654040", "text": "..", or "octets": "hex"} and, if need
// be, "destination_port", "source_port" (both the same if one is missing), "data_coding",
// "source_ton", "source_npi", "destination_ton", "destination_npi", "reversed"; or an array of
// them. kInvalidArgument says what is wrong, and with which.
Result<std::vector<MobileMessage>> ReadMobileMessages(std::string_view json);
// The same as packed.h has it. kInvalidArgument: it is cut off, or a text has no coding.
Result<std::vector<MobileMessage>> ReadPackedMobileMessages(std::string_view octets);

// Counters and gauges in Prometheus' text form.
class MetricsText {
 public:
  void Counter(std::string_view name, std::string_view help, uint64_t value) {
    Add(name, help, "counter", value);
  }
  void Gauge(std::string_view name, std::string_view help, uint64_t value) {
    Add(name, help, "gauge", value);
  }
  const std::string& text() const { return text_; }

 private:
  void Add(std::string_view name, std::string_view help, std::string_view type, uint64_t value);
  std::string text_;
};

}  // namespace drover::smsc

// Kafka producer on the loop. librdkafka does the protocol; delivery reports are posted onto the
// loop.
//
// acks=all, idempotence on. Produce resolves when the record is durable on the brokers. Loop thread
// only.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/async/task.h"

namespace drover::kafka {

struct Config {
  std::string brokers = "127.0.0.1:9092";  // host:port[,host:port]
  std::string client_id;                   // The service's name.
  std::chrono::milliseconds linger{5};     // How long a record may wait for company.
  size_t max_in_flight = 100'000;          // Records; past it: kResourceExhausted.
  // Further librdkafka properties (security.protocol ..), "key=value" each.
  std::vector<std::string> properties;
};

struct Record {
  std::string topic;
  std::string key;
  std::string payload;
};

class Producer {
 public:
  Producer(asio::io_context& loop, Config config);
  ~Producer();  // Flushes within 5 s.
  Producer(const Producer&) = delete;

  // kUnavailable, kDeadlineExceeded (may still be delivered), kResourceExhausted, kInvalidArgument
  // (size), kNotFound (no such topic).
  Task<void> Produce(Record record, Deadline deadline);
  // All of them; the first error if any failed.
  Task<void> ProduceAll(std::vector<Record> records, Deadline deadline);

  bool connected() const;  // At least one broker is up.

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace drover::kafka

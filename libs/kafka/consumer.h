// Kafka consumer on the loop: one group, handed out in batches, committed by the caller when done.
//
// Order within a partition is kept: a batch is handled before the next is fetched. At least once:
// what was not committed comes again, so handlers are idempotent. Loop thread only.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/kafka/producer.h"

namespace drover::kafka {

struct Consumed {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  std::string key;
  std::string payload;
};

class Consumer {
 public:
  // group: "drover-operations". Starts at the oldest record that the group has not committed.
  Consumer(asio::io_context& loop, Config config, std::string group,
           std::vector<std::string> topics);
  ~Consumer();  // Leaves the group.
  Consumer(const Consumer&) = delete;

  // Waits for at least one record, at most until the deadline (then an empty batch); at most max
  // records.
  Task<std::vector<Consumed>> Next(size_t max, Deadline deadline);
  // Commits everything that Next has handed out, and waits for the broker's word. kAborted: the
  // partitions moved to another member meanwhile; what was not committed comes again there.
  Task<void> Commit(Deadline deadline);

  bool connected() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

// Creates what is missing (for tools, tests and first starts). Existing topics are left as they
// are.
struct Topic {
  std::string name;
  int partitions = 8;
  int replication = 1;
};
Result<void> EnsureTopics(const Config& config, const std::vector<Topic>& topics,
                          std::chrono::milliseconds timeout);  // Blocks: start-up only.

}  // namespace drover::kafka

// What producer and consumer share: configuration, errors, and a librdkafka queue's events on the
// loop.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <librdkafka/rdkafka.h>

#include "libs/kafka/producer.h"

namespace drover::kafka {

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;
struct QueueDeleter {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, QueueDeleter>;
struct OffsetsDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using Offsets = std::unique_ptr<rd_kafka_topic_partition_list_t, OffsetsDeleter>;

// `own` first, then what config says, which may override it. kInvalidArgument names the property.
Result<Conf> Configure(const Config& config,
                       const std::vector<std::pair<const char*, std::string>>& own);

Error FromKafka(rd_kafka_resp_err_t error, const std::string& context);

// Whether a broker is up, as the statistics and errors of a client tell. Callbacks of a client's
// own poll keep it, in the thread that polls.
class Health {
 public:
  void OnStatistics(std::string_view json);
  void OnError(rd_kafka_resp_err_t error, const char* reason);
  void OnTraffic() { up_ = true; }  // A record went or came.
  bool up() const { return up_; }
  const std::string& last_error() const { return last_error_; }

 private:
  bool up_ = false;
  std::string last_error_ = "no broker reached yet";
};

// Calls a function on the loop when one of the queues that write to fd() has become non-empty.
class Wakeup {
 public:
  Wakeup(asio::io_context& loop, std::function<void()> wake);
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  void Attach(rd_kafka_queue_t* queue);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace drover::kafka

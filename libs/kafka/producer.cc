#include "libs/kafka/producer.h"

#include <unordered_map>

#include "libs/async/promise.h"
#include "libs/kafka/handle.h"

namespace drover::kafka {
namespace {

constexpr int kFlushMs = 5000;
constexpr int kRenewMs = 100;

// The records of one call.
struct Batch {
  Promise<void> done;
  size_t left = 0;  // Delivery reports to come.
  std::optional<Error> error;
};

}  // namespace

class Producer::State {
 public:
  State(asio::io_context& loop, Config config)
      : loop_(loop), config_(std::move(config)), wakeup_(loop, [this] { Poll(); }) {
    Create();
  }
  ~State() {
    if (client_ != nullptr) (void)rd_kafka_flush(client_, kFlushMs);
    Destroy();
  }

  bool connected() const { return client_ != nullptr && health_.up(); }

  // Hands the records to librdkafka, which copies them.
  Result<Promise<void>> Submit(const std::vector<Record>& records) {
    if (client_ == nullptr) return *failure_;
    if (in_flight_ + records.size() > config_.max_in_flight) {
      return ResourceExhausted("too many Kafka records in flight");
    }
    auto batch = std::make_unique<Batch>(Batch{Promise<void>(loop_), 0, std::nullopt});
    Promise<void> done = batch->done;
    for (const Record& record : records) Enqueue(record, *batch);
    if (batch->left == 0) {
      done.Set(Outcome(*batch));
    } else {
      (void)batch.release();  // Back in OnDelivery, with the last report.
    }
    return done;
  }

  const std::string& last_error() const { return health_.last_error(); }

 private:
  void Create() {
    Result<Conf> conf = Configure(
        config_, {{"acks", "all"},
                  {"enable.idempotence", "true"},
                  {"linger.ms", std::to_string(config_.linger.count())},
                  {"queue.buffering.max.messages", std::to_string(config_.max_in_flight)},
                  {"message.timeout.ms", "60000"},
                  {"partitioner", "murmur2_random"}});  // As Kafka's own clients spread keys.
    if (!conf) {
      failure_ = std::move(conf).error();
      return;
    }
    rd_kafka_conf_set_opaque(conf->get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf->get(), &OnDelivery);
    rd_kafka_conf_set_stats_cb(conf->get(), &OnStatistics);
    rd_kafka_conf_set_error_cb(conf->get(), &OnError);
    char reason[256];
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), reason, sizeof(reason));
    if (client_ == nullptr) {
      failure_ = InvalidArgument(std::string("Kafka producer: ") + reason);
      return;
    }
    (void)conf->release();  // The client's now.
    queue_.reset(rd_kafka_queue_get_main(client_));
    wakeup_.Attach(queue_.get());
  }

  void Destroy() {
    if (client_ == nullptr) return;
    (void)rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    while (in_flight_ > 0 && rd_kafka_poll(client_, kRenewMs) > 0) {
    }
    for (const auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
    topics_.clear();
    rd_kafka_queue_io_event_enable(queue_.get(), -1, nullptr, 0);
    queue_.reset();
    rd_kafka_destroy(std::exchange(client_, nullptr));
  }

  rd_kafka_topic_t* TopicOf(const std::string& name) {
    rd_kafka_topic_t*& topic = topics_[name];
    if (topic == nullptr) topic = rd_kafka_topic_new(client_, name.c_str(), nullptr);
    return topic;
  }

  void Enqueue(const Record& record, Batch& batch) {
    rd_kafka_topic_t* const topic = TopicOf(record.topic);
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
    if (topic == nullptr) {
      topics_.erase(record.topic);
    } else if (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                                const_cast<char*>(record.payload.data()), record.payload.size(),
                                record.key.empty() ? nullptr : record.key.data(), record.key.size(),
                                &batch) == 0) {
      ++batch.left;
      ++in_flight_;
      return;
    } else {
      error = rd_kafka_last_error();
    }
    Fail(batch, error, record.topic);
  }

  void Fail(Batch& batch, rd_kafka_resp_err_t error, const std::string& topic) {
    if (error == RD_KAFKA_RESP_ERR__FATAL) renew_ = true;
    if (!batch.error) batch.error = FromKafka(error, topic);
  }

  static Result<void> Outcome(const Batch& batch) {
    if (batch.error) return *batch.error;
    return {};
  }

  void Poll() {
    if (client_ == nullptr) return;  // It could not be made again; the wake-up is an old one.
    // 0: as many as there are, without waiting.
    while (rd_kafka_poll(client_, 0) > 0) {
    }
    if (renew_) Renew();
  }

  // An idempotent producer that lost count (a broker that lost data) can only be replaced.
  void Renew() {
    renew_ = false;
    Destroy();
    Create();
  }

  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    State& self = *static_cast<State*>(opaque);
    std::unique_ptr<Batch> batch(static_cast<Batch*>(message->_private));
    --self.in_flight_;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      self.Fail(*batch, message->err, rd_kafka_topic_name(message->rkt));
    } else {
      self.health_.OnTraffic();
    }
    if (--batch->left == 0) {
      batch->done.Set(Outcome(*batch));
    } else {
      (void)batch.release();
    }
  }
  static int OnStatistics(rd_kafka_t*, char* json, size_t length, void* opaque) {
    static_cast<State*>(opaque)->health_.OnStatistics({json, length});
    return 0;  // librdkafka frees it.
  }
  static void OnError(rd_kafka_t*, int error, const char* reason, void* opaque) {
    State& self = *static_cast<State*>(opaque);
    if (error == RD_KAFKA_RESP_ERR__FATAL) self.renew_ = true;
    self.health_.OnError(static_cast<rd_kafka_resp_err_t>(error), reason);
  }

  asio::io_context& loop_;
  const Config config_;
  Health health_;
  rd_kafka_t* client_ = nullptr;
  Queue queue_;
  std::optional<Error> failure_;  // Why there is no client.
  std::unordered_map<std::string, rd_kafka_topic_t*> topics_;
  size_t in_flight_ = 0;
  bool renew_ = false;
  Wakeup wakeup_;
};

Producer::Producer(asio::io_context& loop, Config config)
    : state_(std::make_shared<State>(loop, std::move(config))) {}
Producer::~Producer() = default;

bool Producer::connected() const { return state_->connected(); }

Task<void> Producer::Produce(Record record, Deadline deadline) {
  std::vector<Record> records;
  records.push_back(std::move(record));
  Result<Promise<void>> done = state_->Submit(records);
  if (!done) co_return std::move(done).error();
  const Result<void> result = co_await done->Wait(deadline, "a Kafka broker");
  co_return result;
}

Task<void> Producer::ProduceAll(std::vector<Record> records, Deadline deadline) {
  Result<Promise<void>> done = state_->Submit(records);
  if (!done) co_return std::move(done).error();
  const Result<void> result = co_await done->Wait(deadline, "a Kafka broker");
  co_return result;
}

}  // namespace drover::kafka

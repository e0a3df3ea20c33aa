#include "libs/kafka/consumer.h"

#include <algorithm>
#include <deque>
#include <map>

#include <boost/asio/redirect_error.hpp>

#include "libs/async/promise.h"
#include "libs/kafka/handle.h"

namespace drover::kafka {
namespace {

constexpr size_t kFetchAhead = 1000;  // Records taken before they are asked for.
constexpr std::chrono::milliseconds kPollAtLeast{
    500};  // librdkafka wants to be asked now and then.

}  // namespace

class Consumer::State {
 public:
  State(asio::io_context& loop, const Config& config, const std::string& group,
        const std::vector<std::string>& topics)
      : loop_(loop), work_(loop.get_executor()), wakeup_(loop, [this] { OnWake(); }) {
    const Result<void> created = Create(config, group, topics);
    if (!created) failure_ = created.error();
  }
  ~State() { Close(); }

  // Leaves the group; a Next that waits ends with kCancelled.
  void Close() {
    failure_ = Cancelled("the Kafka consumer is closed");
    work_.cancel();
    if (client_ == nullptr) return;
    Leave();
    commits_.reset();
    records_.reset();
    rd_kafka_destroy_flags(std::exchange(client_, nullptr), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }

  const std::optional<Error>& failure() const { return failure_; }
  bool connected() const { return client_ != nullptr && health_.up(); }

  void Fetch(size_t max, std::vector<Consumed>& batch) {
    woken_ = false;
    Serve();
    while (!fetched_.empty() && batch.size() < max) {
      batch.push_back(std::move(fetched_.front()));
      fetched_.pop_front();
      next_[{batch.back().topic, batch.back().partition}] = batch.back().offset + 1;
    }
  }

  // Returns when there may be something to fetch, at the latest at the deadline.
  Process Wait(Deadline deadline) {
    if (woken_) co_return;
    work_.expires_at(std::min(deadline, In(kPollAtLeast)));
    boost::system::error_code ignored;
    co_await work_.async_wait(asio::redirect_error(kAwait, ignored));
  }

  std::optional<Promise<void>> Commit() {
    if (next_.empty()) return std::nullopt;
    const Offsets offsets(rd_kafka_topic_partition_list_new(static_cast<int>(next_.size())));
    for (const auto& [place, offset] : next_) {
      rd_kafka_topic_partition_list_add(offsets.get(), place.first.c_str(), place.second)->offset =
          offset;
    }
    Promise<void> done(loop_);
    auto commit = std::make_unique<PendingCommit>(PendingCommit{this, next_, done});
    PendingCommit* const opaque = commit.get();
    const rd_kafka_resp_err_t error =
        rd_kafka_commit_queue(client_, offsets.get(), commits_.get(), &OnCommitted, opaque);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      under_way_.emplace(opaque, std::move(commit));
    } else {
      done.Set(FromKafka(error, "commit"));
    }
    return done;
  }

 private:
  using Places = std::map<std::pair<std::string, int32_t>, int64_t>;
  struct PendingCommit {
    State* state;
    Places offsets;
    Promise<void> done;
  };

  Result<void> Create(const Config& config, const std::string& group,
                      const std::vector<std::string>& topics) {
    DROVER_TRY(
        Conf conf,
        Configure(config, {{"group.id", group},
                           {"enable.auto.commit", "false"},
                           {"enable.auto.offset.store", "false"},
                           {"auto.offset.reset", "earliest"},
                           // Not cooperative-sticky: librdkafka 2.0 can fail an assertion in its
                           // sticky assignor when a member leaves, which ends the process.
                           {"partition.assignment.strategy", "range"},
                           {"session.timeout.ms", "10000"},
                           {"heartbeat.interval.ms", "2000"},
                           {"topic.metadata.refresh.interval.ms", "30000"},
                           {"queued.max.messages.kbytes", "16384"}}));
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_stats_cb(conf.get(), &OnStatistics);
    rd_kafka_conf_set_error_cb(conf.get(), &OnError);
    rd_kafka_conf_set_rebalance_cb(conf.get(), &OnRebalance);
    char reason[256];
    client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason, sizeof(reason));
    if (client_ == nullptr) return InvalidArgument(std::string("Kafka consumer: ") + reason);
    (void)conf.release();  // The client's now.
    rd_kafka_poll_set_consumer(client_);
    records_.reset(rd_kafka_queue_get_consumer(client_));
    commits_.reset(rd_kafka_queue_new(client_));
    wakeup_.Attach(records_.get());
    wakeup_.Attach(commits_.get());
    return Subscribe(topics);
  }

  Result<void> Subscribe(const std::vector<std::string>& topics) {
    const Offsets list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
    for (const std::string& topic : topics) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    const rd_kafka_resp_err_t error = rd_kafka_subscribe(client_, list.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return FromKafka(error, "subscribe");
    return {};
  }

  // Blocks until the group knows. The last rebalance comes from inside.
  void Leave() {
    rd_kafka_queue_io_event_enable(records_.get(), -1, nullptr, 0);
    rd_kafka_queue_io_event_enable(commits_.get(), -1, nullptr, 0);
    (void)rd_kafka_consumer_close(client_);
  }

  static Consumed Take(const rd_kafka_message_t& message) {
    Consumed record;
    record.topic = rd_kafka_topic_name(message.rkt);
    record.partition = message.partition;
    record.offset = message.offset;
    record.key.assign(static_cast<const char*>(message.key), message.key_len);
    record.payload.assign(static_cast<const char*>(message.payload), message.len);
    return record;
  }

  // Takes what librdkafka has for us: records, up to a bound, and the group's calls (OnRebalance).
  void Serve() {
    while (fetched_.size() < kFetchAhead) {
      rd_kafka_message_t* const message = rd_kafka_consumer_poll(client_, 0);
      if (message == nullptr) return;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        health_.OnTraffic();
        fetched_.push_back(Take(*message));
      } else {
        health_.OnError(message->err, rd_kafka_message_errstr(message));
      }
      rd_kafka_message_destroy(message);
    }
  }

  // The group is served also while nobody asks for records: else one who waits for a commit during
  // a rebalance would hold the rebalance up, and with it the commit.
  void OnWake() {
    if (client_ == nullptr) return;  // Closed; the wake-up was on its way.
    woken_ = true;
    while (rd_kafka_queue_poll_callback(commits_.get(), 0) > 0) {
    }
    Serve();
    work_.cancel();
  }

  // What has been committed need not be again.
  void Committed(const Places& offsets) {
    for (const auto& [place, offset] : offsets) {
      const auto found = next_.find(place);
      if (found != next_.end() && found->second == offset) next_.erase(found);
    }
  }

  static void OnCommitted(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t*,
                          void* opaque) {
    auto* const commit = static_cast<PendingCommit*>(opaque);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      commit->state->Committed(commit->offsets);
      commit->done.Set({});
    } else {
      commit->done.Set(FromKafka(error, "commit"));
    }
    commit->state->under_way_.erase(commit);
  }

  static void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    State& self = *static_cast<State*>(opaque);
    const bool assigned = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    // None at all when the consumer ends while it still joins the group.
    if (!assigned && partitions != nullptr) self.Revoked(*partitions);
    const rd_kafka_resp_err_t failed = rd_kafka_assign(client, assigned ? partitions : nullptr);
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
      self.health_.OnError(failed, rd_kafka_err2str(failed));
    }
  }

  // They are another member's now; what was not committed comes again there.
  void Revoked(const rd_kafka_topic_partition_list_t& partitions) {
    for (int i = 0; i < partitions.cnt; ++i) {
      const rd_kafka_topic_partition_t& revoked = partitions.elems[i];
      next_.erase({revoked.topic, revoked.partition});
      std::erase_if(fetched_, [&revoked](const Consumed& record) {
        return record.partition == revoked.partition && record.topic == revoked.topic;
      });
    }
  }

  static int OnStatistics(rd_kafka_t*, char* json, size_t length, void* opaque) {
    static_cast<State*>(opaque)->health_.OnStatistics({json, length});
    return 0;  // librdkafka frees it.
  }
  static void OnError(rd_kafka_t*, int error, const char* reason, void* opaque) {
    static_cast<State*>(opaque)->health_.OnError(static_cast<rd_kafka_resp_err_t>(error), reason);
  }

  asio::io_context& loop_;
  std::optional<Error> failure_;
  Health health_;
  rd_kafka_t* client_ = nullptr;
  Queue records_;
  Queue commits_;
  std::deque<Consumed> fetched_;  // To be handed out.
  Places next_;                   // Handed out and not committed: the offset after the last record.
  std::map<PendingCommit*, std::unique_ptr<PendingCommit>> under_way_;
  bool woken_ = false;
  Timer work_;
  Wakeup wakeup_;
};

Consumer::Consumer(asio::io_context& loop, Config config, std::string group,
                   std::vector<std::string> topics)
    : state_(std::make_shared<State>(loop, config, group, topics)) {}
Consumer::~Consumer() { state_->Close(); }

bool Consumer::connected() const { return state_->connected(); }

Task<std::vector<Consumed>> Consumer::Next(size_t max, Deadline deadline) {
  const std::shared_ptr<State> state = state_;
  std::vector<Consumed> batch;
  for (;;) {
    if (state->failure()) co_return *state->failure();
    state->Fetch(max, batch);
    if (!batch.empty() || std::chrono::steady_clock::now() >= deadline) co_return batch;
    co_await state->Wait(deadline);
  }
}

Task<void> Consumer::Commit(Deadline deadline) {
  if (state_->failure()) co_return *state_->failure();
  const std::optional<Promise<void>> done = state_->Commit();
  if (!done) co_return Result<void>();
  const Result<void> result = co_await done->Wait(deadline, "a Kafka broker (commit)");
  co_return result;
}

namespace {

using Topics = std::vector<rd_kafka_NewTopic_t*>;

Result<void> Outcome(const rd_kafka_event_t& event) {
  if (rd_kafka_event_error(const_cast<rd_kafka_event_t*>(&event)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return FromKafka(rd_kafka_event_error(const_cast<rd_kafka_event_t*>(&event)), "create topics");
  }
  size_t count = 0;
  const rd_kafka_topic_result_t** const results = rd_kafka_CreateTopics_result_topics(
      rd_kafka_event_CreateTopics_result(const_cast<rd_kafka_event_t*>(&event)), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      return FromKafka(error, std::string("create ") + rd_kafka_topic_result_name(results[i]));
    }
  }
  return {};
}

Result<void> CreateTopics(rd_kafka_t* client, Topics& topics, std::chrono::milliseconds timeout) {
  const Queue queue(rd_kafka_queue_new(client));
  rd_kafka_AdminOptions_t* const options =
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  char reason[256];
  const int ms = static_cast<int>(timeout.count());
  (void)rd_kafka_AdminOptions_set_request_timeout(options, ms, reason, sizeof(reason));
  (void)rd_kafka_AdminOptions_set_operation_timeout(options, ms, reason, sizeof(reason));
  rd_kafka_CreateTopics(client, topics.data(), topics.size(), options, queue.get());
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_event_t* const event = rd_kafka_queue_poll(queue.get(), ms + 1000);
  if (event == nullptr) return DeadlineExceeded("no answer from Kafka in time: create topics");
  const Result<void> outcome = Outcome(*event);
  rd_kafka_event_destroy(event);
  return outcome;
}

}  // namespace

Result<void> EnsureTopics(const Config& config, const std::vector<Topic>& topics,
                          std::chrono::milliseconds timeout) {
  DROVER_TRY(Conf conf, Configure(config, {}));
  char reason[256] = "";
  rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason, sizeof(reason));
  if (client == nullptr) return InvalidArgument(std::string("Kafka: ") + reason);
  (void)conf.release();  // The client's now.
  Topics wanted;
  for (const Topic& topic : topics) {
    wanted.push_back(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication,
                                           reason, sizeof(reason)));
  }
  Result<void> outcome = InvalidArgument(std::string("Kafka topic: ") + reason);
  if (std::find(wanted.begin(), wanted.end(), nullptr) == wanted.end()) {
    outcome = CreateTopics(client, wanted, timeout);
  }
  for (rd_kafka_NewTopic_t* topic : wanted) {
    if (topic != nullptr) rd_kafka_NewTopic_destroy(topic);
  }
  rd_kafka_destroy(client);
  return outcome;
}

}  // namespace drover::kafka

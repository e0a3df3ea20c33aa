#include "libs/kafka/handle.h"

#include <sys/eventfd.h>

#include "libs/base/check.h"

namespace drover::kafka {
namespace {

Result<void> Set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
  char reason[256];
  if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), reason, sizeof(reason)) !=
      RD_KAFKA_CONF_OK) {
    return InvalidArgument("Kafka property " + key + " is unknown or has a wrong value");
  }
  return {};
}

Code CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
      return Code::kDeadlineExceeded;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return Code::kResourceExhausted;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return Code::kInvalidArgument;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return Code::kNotFound;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return Code::kPermissionDenied;
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      return Code::kAborted;
    default:
      return Code::kUnavailable;
  }
}

}  // namespace

Result<Conf> Configure(const Config& config,
                       const std::vector<std::pair<const char*, std::string>>& own) {
  Conf conf(rd_kafka_conf_new());
  DROVER_TRY(Set(conf.get(), "bootstrap.servers", config.brokers));
  if (!config.client_id.empty()) DROVER_TRY(Set(conf.get(), "client.id", config.client_id));
  DROVER_TRY(Set(conf.get(), "socket.keepalive.enable", "true"));
  DROVER_TRY(Set(conf.get(), "reconnect.backoff.max.ms", "2000"));
  DROVER_TRY(Set(conf.get(), "statistics.interval.ms", "1000"));  // For Health.
  for (const auto& [key, value] : own) DROVER_TRY(Set(conf.get(), key, value));
  for (const std::string& property : config.properties) {
    const size_t equals = property.find('=');
    if (equals == property.npos) return InvalidArgument("Kafka properties are key=value");
    DROVER_TRY(Set(conf.get(), property.substr(0, equals), property.substr(equals + 1)));
  }
  // librdkafka's log goes nowhere: what matters comes back as Errors.
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  return conf;
}

Error FromKafka(rd_kafka_resp_err_t error, const std::string& context) {
  return {CodeOf(error), "Kafka: " + context + ": " + rd_kafka_err2str(error)};
}

void Health::OnStatistics(std::string_view json) {
  up_ = json.find("\"state\":\"UP\"") != json.npos;
}

void Health::OnError(rd_kafka_resp_err_t error, const char* reason) {
  last_error_ = reason == nullptr ? rd_kafka_err2str(error) : reason;
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) up_ = false;
}

struct Wakeup::State {
  State(asio::io_context& loop, std::function<void()> w)
      : wake(std::move(w)), event(loop.get_executor(), NewEvent()) {}

  static int NewEvent() {
    const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    DROVER_CHECK(fd >= 0);
    return fd;
  }
  static void Wait(const std::shared_ptr<State>& state) {
    state->event.async_read_some(asio::buffer(state->count),
                                 [state](boost::system::error_code error, size_t) {
                                   if (error || !state->wake) return;
                                   // wake may end the client, and with it this function.
                                   const std::function<void()> wake = state->wake;
                                   wake();
                                   if (state->wake) Wait(state);
                                 });
  }

  std::function<void()> wake;
  asio::posix::basic_stream_descriptor<Executor> event;
  std::array<char, 8> count{};
};

Wakeup::Wakeup(asio::io_context& loop, std::function<void()> wake)
    : state_(std::make_shared<State>(loop, std::move(wake))) {
  State::Wait(state_);
}

Wakeup::~Wakeup() {
  state_->wake = nullptr;
  state_->event.close();
}

void Wakeup::Attach(rd_kafka_queue_t* queue) {
  static constexpr uint64_t kOne = 1;
  rd_kafka_queue_io_event_enable(queue, state_->event.native_handle(), &kOne, sizeof(kOne));
}

}  // namespace drover::kafka

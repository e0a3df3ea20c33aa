#include "services/tree/testing/cluster.h"

#include <cstdlib>
#include <utility>

#include "drover/events/v1/events.pb.h"
#include "libs/base/bytes.h"
#include "libs/dmauth/random.h"
#include "libs/kafka/consumer.h"
#include "services/tree/adapters/migrations.h"

namespace drover::tree {
namespace {

constexpr BatchLimits kLookups{.weight = 256, .running = 1, .waiting = 20'000};
constexpr std::chrono::hours kRetention{24 * 90};
constexpr BatchLimits kReports{.weight = 512, .running = 2, .waiting = 20'000};

std::string Env(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

postgres::Config Database() { return {.url = Env("DROVER_TEST_POSTGRES_URL")}; }
kafka::Config Brokers() {
  return {.brokers = Env("DROVER_TEST_KAFKA_BROKERS"), .client_id = "tree-test"};
}
outbox::Config Outbox() { return {.database = Database(), .table = kOutboxTable}; }

}  // namespace

Parts::Parts(asio::io_context& loop, const std::string& seal_keys, const std::string& redis_url,
             Clock clock)
    : pool(loop, Database()),
      redis(loop, {.url = redis_url}),
      producer(loop, Brokers()),
      keys(*dmauth::SealKeys::Parse(seal_keys)),
      relay(
          loop, Outbox(), producer,
          {.relayed = [](size_t) {}, .failed = [](const Error& error) { ADD_FAILURE() << error; }}),
      cache(redis, std::chrono::minutes(10)),
      seal(keys, dmauth::SystemRandom),
      accounts(loop, devices, cache, seal, relay, clock, dmauth::SystemRandom, "drover", metrics),
      lookups(loop, kLookups, devices, accounts, metrics),
      reports(loop, kReports, pool, nodes, accounts, relay, clock, metrics),
      exchange(loop, lookups, reports, accounts, metrics),
      upkeep(loop, devices, nodes, seal, clock, kRetention, metrics),
      calls(loop, ""),
      tree_service(calls, devices, nodes, checker, reports, clock, kRetention),
      model_service(calls, models, accounts, clock) {}

Parts::~Parts() = default;

void ClusterTest::SetUpTestSuite() {
  if (Env("DROVER_TEST_KAFKA_BROKERS").empty()) return;
  const std::vector<kafka::Topic> topics = {{.name = kRegistrationsTopic, .partitions = 1}};
  ASSERT_TRUE(kafka::EnsureTopics(Brokers(), topics, std::chrono::seconds(60)));
}

void ClusterTest::SetUp() {
  if (Env("DROVER_TEST_POSTGRES_URL").empty()) {
    GTEST_SKIP() << "run by scripts/cluster run --with redis,postgres,kafka";
  }
  parts_ = MakeParts(kKeys, Env("DROVER_TEST_REDIS_URL"));
  const Result<int> version = Await(postgres::Migrate(parts_->pool, kSchema, Migrations(), -1));
  ASSERT_TRUE(version) << version.error();
  Script(
      "TRUNCATE tree.devices, tree.pages, tree.large_values, tree.outbox, tree.node_history, "
      "tree.profiles, "
      "tree.ddfs");
  ASSERT_TRUE(Await(RedisCommand({"FLUSHDB"})));
}

void ClusterTest::TearDown() {
  if (parts_ == nullptr) return;
  parts_.reset();
  loop_.poll();
}

std::unique_ptr<Parts> ClusterTest::MakeParts(const std::string& seal_keys,
                                              const std::string& redis_url) {
  return std::make_unique<Parts>(loop_, seal_keys, redis_url, [this] { return now_; });
}

void ClusterTest::Turn(const std::function<bool()>& done) {
  const Deadline deadline = In(std::chrono::seconds(60));
  while (!done() && std::chrono::steady_clock::now() < deadline) {
    if (loop_.stopped()) loop_.restart();
    loop_.run_one_until(deadline);
  }
}

std::vector<v1::TreeReply> ClusterTest::AskOf(Parts& parts, std::vector<v1::TreeRequest> requests) {
  std::vector<v1::TreeReply> replies(requests.size());
  size_t open = requests.size();
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto respond = [&replies, &open, i](v1::TreeReply reply) {
      replies[i] = std::move(reply);
      --open;
    };
    parts.exchange.Handle(std::move(requests[i]), In(std::chrono::seconds(30)), respond);
  }
  Turn([&open] { return open == 0; });
  EXPECT_EQ(open, 0U) << "requests were not answered";
  return replies;
}

std::vector<v1::TreeReply> ClusterTest::Ask(std::vector<v1::TreeRequest> requests) {
  return AskOf(*parts_, std::move(requests));
}

v1::TreeReply ClusterTest::Ask(v1::TreeRequest request) {
  std::vector<v1::TreeRequest> one;
  one.push_back(std::move(request));
  return Ask(std::move(one)).front();
}

Task<std::string> ClusterTest::SelectText(std::string select) {
  postgres::Statement statement{"SELECT (" + select + ")::text", {}};
  const Deadline deadline = In(std::chrono::seconds(30));
  DROVER_CO_TRY(const postgres::Rows rows,
                co_await parts_->pool.Execute(std::move(statement), deadline));
  co_return rows.null(0, 0) ? std::string("NULL") : std::string(rows.Text(0, 0));
}

std::string ClusterTest::Sql(const std::string& select) {
  const Result<std::string> text = Await(SelectText(select));
  EXPECT_TRUE(text) << select;
  return text ? *text : "";
}

void ClusterTest::Script(const std::string& sql) {
  const Result<void> done = Await(parts_->pool.Script(sql, In(std::chrono::seconds(30))));
  ASSERT_TRUE(done) << done.error();
}

Task<redis::Reply> ClusterTest::RedisCommand(std::vector<std::string> words) {
  const std::vector<std::string_view> args(words.begin(), words.end());
  const Deadline deadline = In(std::chrono::seconds(30));
  Result<redis::Reply> reply = co_await parts_->redis.Execute(args, deadline);
  co_return reply;
}

std::optional<std::string> ClusterTest::RedisGet(const std::string& key) {
  const Result<redis::Reply> reply = Await(RedisCommand({"GET", key}));
  EXPECT_TRUE(reply);
  if (!reply || reply->nil()) return std::nullopt;
  return reply->text;
}

Task<void> ClusterTest::Consume(const std::string& prefix, size_t count,
                                std::vector<std::string>* found) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  kafka::Consumer consumer(loop_, Brokers(), std::string("tree-test-") + test->name(),
                           {kRegistrationsTopic});
  const Deadline deadline = In(std::chrono::seconds(30));
  while (found->size() < count) {
    DROVER_CO_TRY(const std::vector<kafka::Consumed> batch, co_await consumer.Next(1000, deadline));
    if (batch.empty()) co_return DeadlineExceeded("too few events came");
    for (const kafka::Consumed& record : batch) {
      events::v1::DeviceRegistered event;
      EXPECT_TRUE(event.ParseFromString(record.payload));
      EXPECT_EQ(record.key, event.device_id());
      if (!event.device_id().starts_with(prefix)) continue;
      found->push_back(event.device_id() + " " + event.reason());
    }
  }
  co_return Result<void>();
}

std::vector<std::string> ClusterTest::Registrations(const std::string& prefix, size_t count) {
  asio::co_spawn(loop_.get_executor(), parts_->relay.Run(), asio::detached);
  EXPECT_TRUE(Await(parts_->relay.Drain(In(std::chrono::seconds(30)))));
  std::vector<std::string> found;
  const Result<void> consumed = Await(Consume(prefix, count, &found));
  EXPECT_TRUE(consumed) << consumed.error();
  return found;
}

std::string ClusterTest::Unique(const std::string& name) {
  static const std::string tag = base::Hex(dmauth::SystemRandom(4));
  return name + "-" + tag;
}

v1::NewDevice NewDeviceOf(const std::string& id, const std::string& password) {
  v1::NewDevice device;
  device.set_id(id);
  device.set_password(password);
  device.set_server_password("server " + password);
  device.set_client_nonce("n1");
  return device;
}

v1::TreeRequest Lookup(const std::string& device) {
  v1::TreeRequest request;
  request.mutable_lookup_account()->set_device_id(device);
  return request;
}

v1::TreeRequest Enrolling(v1::NewDevice device) {
  v1::TreeRequest request;
  *request.mutable_enrol_unknown()->mutable_device() = std::move(device);
  return request;
}

v1::TreeRequest Reporting(const std::string& device, const std::vector<NodeOf>& nodes,
                          const std::vector<std::string>& deleted) {
  v1::TreeRequest request;
  v1::ApplyReport& report = *request.mutable_apply_report();
  report.set_device_id(device);
  for (const NodeOf& node : nodes) {
    v1::Node& out = *report.add_nodes();
    out.set_uri(node.uri);
    out.set_value(node.value);
    out.set_format(node.format);
    out.set_type(node.type);
    const int64_t micros = node.at.time_since_epoch().count();
    out.mutable_reported_at()->set_seconds(micros / 1'000'000);
    out.mutable_reported_at()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  }
  for (const std::string& uri : deleted) report.add_deleted(uri);
  return request;
}

}  // namespace drover::tree

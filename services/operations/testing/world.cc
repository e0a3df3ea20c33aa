#include "services/operations/testing/world.h"

#include <cstdlib>
#include <fstream>

#include "libs/dmauth/random.h"
#include "services/operations/adapters/pg_schema.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kSoon{20};

std::string Env(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string Password(const char* name) {
  std::string out;
  if (!Env(name).empty()) std::ifstream(Env(name)) >> out;
  return out;
}

v1::Command Command(v1::Verb verb, std::string target) {
  v1::Command out;
  out.set_verb(verb);
  out.set_target(std::move(target));
  return out;
}

outbox::Observer Silent() {
  return {.relayed = [](size_t) {}, .failed = [](const Error& error) { ADD_FAILURE() << error; }};
}

}  // namespace

Task<KnownDevices> FakeDevices::Find(std::vector<std::string> ids, Deadline deadline) {
  static_cast<void>(deadline);
  KnownDevices out;
  for (const std::string& id : ids) {
    if (unknown.count(id) == 0) out[id] = {disabled.count(id) == 0, bearers[id]};
  }
  co_return out;
}

Task<tree::v1::ListDevicesResponse> FakeDevices::List(tree::v1::ListDevicesRequest request,
                                                      Deadline deadline) {
  static_cast<void>(deadline);
  constexpr size_t kPage = 2;
  const size_t begin = request.page_token().empty() ? 0 : std::stoul(request.page_token());
  tree::v1::ListDevicesResponse out;
  for (size_t i = begin; i < std::min(begin + kPage, fleet.size()); ++i) {
    tree::v1::Device* device = out.add_devices();
    device->set_id(fleet[i]);
    device->set_status(disabled.count(fleet[i]) > 0 ? tree::v1::DISABLED : tree::v1::ENABLED);
  }
  if (begin + kPage < fleet.size()) out.set_next_page_token(std::to_string(begin + kPage));
  co_return out;
}

Task<tree::v1::CheckCommandsResponse> FakeDevices::Check(tree::v1::CheckCommandsRequest request,
                                                         Deadline deadline) {
  static_cast<void>(deadline);
  ++checks;
  tree::v1::CheckCommandsResponse out;
  for (const std::string& device : request.device_ids()) {
    for (int i = 0; i < request.commands_size(); ++i) {
      const auto found = forbidden.find(request.commands(i).target());
      if (found == forbidden.end()) continue;
      if (!found->second.empty() && found->second != device) continue;
      auto* violation = out.add_violations();
      violation->set_device_id(device);
      violation->set_index(static_cast<uint32_t>(i));
      violation->set_node(found->first);
      violation->set_reason("no such node");
    }
  }
  co_return out;
}

v1::Command Get(std::string target) { return Command(v1::GET, std::move(target)); }
v1::Command Exec(std::string target) { return Command(v1::EXEC, std::move(target)); }
v1::Command Replace(std::string target, std::string data) {
  v1::Command out = Command(v1::REPLACE, std::move(target));
  out.set_data(std::move(data));
  out.set_has_data(true);
  return out;
}

World::World() {
  database.url = Env("DROVER_TEST_POSTGRES_URL");
  database.password = Password("DROVER_TEST_POSTGRES_PASSWORD_FILE");
  brokers.brokers = Env("DROVER_TEST_KAFKA_BROKERS");
  brokers.client_id = "operations-test";
  redis::Config redis_config;
  redis_config.url = Env("DROVER_TEST_REDIS_URL");
  redis_config.password = Password("DROVER_TEST_REDIS_PASSWORD_FILE");
  DROVER_CHECK(!database.url.empty() && !brokers.brokers.empty() && !redis_config.url.empty());
  postgres::Config planned = database;
  planned.url = WithOptions(std::move(planned.url), kPlannerOptions);
  const Clock clock = [this] { return now; };
  const RandomOctets random = dmauth::SystemRandom;
  registry = std::make_unique<prometheus::Registry>();
  metrics = std::make_unique<Metrics>(*registry);
  steps = std::make_unique<postgres::Pool>(loop, planned);
  pool = std::make_unique<postgres::Pool>(loop, database);
  redis = std::make_unique<redis::Client>(loop, redis_config);
  producer = std::make_unique<kafka::Producer>(loop, brokers);
  store = std::make_unique<PgOperations>(*steps);
  queries = std::make_unique<PgQueries>(*pool);
  submissions = std::make_unique<PgSubmissions>(*pool);
  marks = std::make_unique<RedisMarks>(loop, *redis);
  watchers = std::make_unique<Watchers>(loop);
  relay = std::make_unique<outbox::Relay>(
      loop, outbox::Config{.database = database, .table = kOutboxTable}, *producer, Silent());
  writer = std::make_unique<ChangeWriter>(*store, *relay, *watchers, random, *metrics);
  unblocker = std::make_unique<Unblocker>(loop, *store, *writer, *marks, clock, random, *metrics);
  purge = std::make_unique<PgPurge>(*pool);
  submitter = std::make_unique<Submitter>(loop, *submissions, *store, devices, *unblocker, *marks,
                                          *relay, clock, random, *metrics, Submitter::Config{});
  selected = std::make_unique<SelectedSubmitter>(*submitter, devices);
  watches = std::make_unique<WatchHandler>(*queries, *watchers, clock);
  advances = std::make_unique<AdvanceQueue>(loop, *store, *writer, *marks, clock, *metrics,
                                            AdvanceConfig{});
  methods = std::make_unique<OperationMethods>(
      OperationPorts{*submitter, *queries, *writer, *watches, *selected, *advances}, clock);
  sweeper = std::make_unique<Sweeper>(
      loop, SweepPorts{*pool, *store, *queries, *submissions, *writer, *marks, *unblocker, *purge},
      clock, random, *metrics, SweepConfig{});
  keeper = std::make_unique<MarksKeeper>(loop, *marks, *queries, *metrics);
}

World::~World() = default;

void World::RunUntil(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + kSoon;
  while (!done()) {
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(100));
    if (std::chrono::steady_clock::now() > end) {
      FAIL() << "nothing came of it within " << kSoon.count() << " s";
    }
  }
}

Result<v1::SubmitOperationsResponse> World::Submit(v1::SubmitOperationsRequest request) {
  return Await(submitter->Submit(std::move(request), In(kSoon)));
}

v1::Operation World::Submit(const std::string& device, std::vector<v1::Command> commands,
                            int priority) {
  v1::SubmitOperationsRequest request;
  v1::NewOperation* operation = request.add_operations();
  operation->set_device_id(device);
  operation->set_priority(priority);
  operation->set_label("test");
  operation->mutable_commands()->Assign(commands.begin(), commands.end());
  const auto response = Submit(std::move(request));
  EXPECT_TRUE(response) << response.error();
  return response ? response->operations(0) : v1::Operation();
}

std::vector<v1::AdvanceReply> World::Advance(std::vector<v1::AdvanceRequest> requests) {
  std::vector<v1::AdvanceReply> out(requests.size());
  size_t left = requests.size();
  for (size_t i = 0; i < requests.size(); ++i) {
    advances->Enqueue(std::move(requests[i]), In(kSoon), [&out, &left, i](v1::AdvanceReply reply) {
      out[i] = std::move(reply);
      --left;
    });
  }
  RunUntil([&] { return left == 0; });
  return out;
}

v1::AdvanceReply World::Advance(v1::AdvanceRequest request) {
  std::vector<v1::AdvanceRequest> one;
  one.push_back(std::move(request));
  v1::AdvanceReply reply = Advance(std::move(one)).front();
  EXPECT_EQ(reply.code(), 0u) << reply.error();
  return reply;
}

v1::Operation World::Read(const std::string& id, bool messages) {
  v1::GetOperationRequest request;
  request.set_id(id);
  request.set_include_messages(messages);
  const auto operation = Await(methods->Get(std::move(request), In(kSoon)));
  EXPECT_TRUE(operation) << operation.error();
  return operation ? *operation : v1::Operation();
}

void World::Relay() {
  outbox::Relay once(loop, outbox::Config{.database = database, .table = kOutboxTable}, *producer,
                     Silent());
  asio::co_spawn(loop.get_executor(), once.Run(), asio::detached);
  const Result<void> drained = Await(once.Drain(In(kSoon)));
  EXPECT_TRUE(drained) << drained.error();
}

std::vector<std::string> World::Records(const std::string& topic, const std::string& key,
                                        size_t wanted) {
  static int reader = 0;
  const std::string group =
      "operations-test-" + std::to_string(getpid()) + "-" + std::to_string(++reader);
  kafka::Consumer consumer(loop, brokers, group, {topic});
  std::vector<std::string> out;
  const Deadline end = In(kSoon);
  while (out.size() < wanted && Left(end).count() > 0) {
    const auto batch = Await(consumer.Next(1000, In(std::chrono::seconds(1))));
    EXPECT_TRUE(batch) << batch.error();
    if (!batch) break;
    for (const kafka::Consumed& record : *batch) {
      if (record.key == key) out.push_back(record.payload);
    }
  }
  return out;
}

std::string World::Redis(std::vector<std::string_view> args) {
  const auto reply = Await(redis->Execute(args, In(kSoon)));
  EXPECT_TRUE(reply) << reply.error();
  return reply && !reply->nil() ? reply->text : "";
}

std::optional<std::string> World::Mark(const std::string& device) {
  const std::string key = "drover:operations:mark:{" + device + "}";
  const std::string value = Redis({"GET", key});
  return value.empty() ? std::nullopt : std::optional<std::string>(value);
}

int64_t World::Rows(const std::string& sql) {
  postgres::Statement statement{"SELECT count(*) FROM " + sql, {}};
  const auto rows = Await(pool->Execute(std::move(statement), In(kSoon)));
  EXPECT_TRUE(rows) << rows.error();
  return rows ? rows->Int8(0, 0) : -1;
}

void World::Sql(std::string sql) {
  const auto done = Await(pool->Script(std::move(sql), In(kSoon)));
  EXPECT_TRUE(done) << done.error();
}

OperationsTest::OperationsTest()
    : device("test:" +
             std::string(testing::UnitTest::GetInstance()->current_test_info()->name())
                 .substr(0, 36) +  // A device id has at most 64 characters; tests add some.
             ":" +
             std::to_string(getpid())) {
  static const bool topics = [this] {
    return EnsureTopics(
               world.brokers,
               {{.name = kChangesTopic}, {.name = kWakeupsTopic}, {.name = kWakeupResultsTopic}},
               kSoon)
        .has_value();
  }();
  EXPECT_TRUE(topics);
  world.Sql("DROP SCHEMA IF EXISTS operations CASCADE");
  const auto version = world.Await(postgres::Migrate(*world.pool, kSchema, Migrations(), -1));
  EXPECT_TRUE(version) << version.error();
  const auto kept = world.Await(
      KeepMessagePartitions(*world.pool, world.now, std::chrono::hours(24 * 7), In(kSoon)));
  EXPECT_TRUE(kept) << kept.error();
  world.Redis({"FLUSHALL"});
}

v1::AdvanceRequest OperationsTest::Step(std::string session_key, uint32_t msg_id, uint32_t take) {
  v1::AdvanceRequest out;
  out.set_device_id(device);
  out.set_session_key(std::move(session_key));
  out.set_msg_id(msg_id);
  out.set_take(take);
  return out;
}

v1::AdvanceRequest OperationsTest::Start(std::string session_key, uint32_t take) {
  v1::AdvanceRequest out = Step(std::move(session_key), 1, take);
  out.set_session_started(true);
  return out;
}

v1::AdvanceRequest OperationsTest::Done(std::string session_key, uint32_t msg_id,
                                        const v1::Assignment& assignment, uint32_t status) {
  v1::AdvanceRequest out = Step(std::move(session_key), msg_id);
  v1::OperationReport* report = out.add_reports();
  report->set_operation_id(assignment.operation_id());
  report->set_disposition(v1::OperationReport::DONE);
  for (int i = 0; i < assignment.commands_size(); ++i) {
    v1::CommandResult* result = report->add_results();
    result->set_index(static_cast<uint32_t>(i));
    result->set_status(status);
  }
  return out;
}

std::vector<std::string> StatesOf(const v1::Operation& operation) {
  std::vector<std::string> out;
  for (const v1::Transition& step : operation.history()) {
    out.push_back(v1::State_Name(step.state()));
  }
  return out;
}

}  // namespace drover::operations

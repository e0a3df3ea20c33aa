// The only file of the service that names concrete adapters.
#include "services/operations/wiring.h"

#include "libs/dmauth/random.h"
#include "libs/kafka/consumer.h"
#include "libs/service/log.h"
#include "services/operations/adapters/grpc_tree.h"
#include "services/operations/adapters/pg_schema.h"
#include "services/operations/config.h"
#include "services/operations/handlers/action_service.h"
#include "services/operations/handlers/marks_keeper.h"
#include "services/operations/handlers/operation_service.h"
#include "services/operations/handlers/wakeup_results.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kStart{30};
constexpr std::chrono::seconds kDrain{5};

postgres::Config WithPlanner(postgres::Config config) {
  config.url = WithOptions(std::move(config.url), kPlannerOptions);
  return config;
}

outbox::Observer Observe(Metrics& metrics) {
  return {.relayed = [&metrics](size_t records) { metrics.Relayed(records); },
          .failed =
              [&metrics](const Error& error) {
                metrics.Failed("outbox");
                service::Log(service::Level::kWarn, "operations.outbox_failed",
                             "events were not published; they stay in the outbox and are tried "
                             "again by themselves",
                             {{"code", Name(error.code)}, {"cause", error.message}});
              }};
}

// The schema must be there and of this release, and today's place for messages.
Task<void> CheckSchema(postgres::Pool& pool, std::chrono::milliseconds retention) {
  DROVER_CO_TRY(const int version, co_await postgres::SchemaVersion(pool, kSchema));
  const int newest = Migrations().back().version;
  if (version < newest) {
    co_return FailedPrecondition("the schema operations has version " + std::to_string(version) +
                                 ", this release needs " + std::to_string(newest) +
                                 ": run drover-operations migrate");
  }
  const Deadline deadline = In(kStart);
  co_return co_await KeepMessagePartitions(pool, SystemNow(), retention, deadline);
}

// What runs until the drain.
struct Background {
  outbox::Relay& relay;
  Sweeper& sweeper;
  MarksKeeper& keeper;
  WakeupResults& results;
};

Task<void> StopConsuming(Background background) {
  background.results.Stop();
  background.sweeper.Stop();
  background.keeper.Stop();
  co_return Result<void>();
}

Task<void> DrainOutbox(Background background) {
  const Deadline deadline = In(kDrain);
  co_return co_await background.relay.Drain(deadline);
}

void Run(service::Context& context, Background background) {
  context.Spawn("outbox", background.relay.Run());
  context.Spawn("sweeper", background.sweeper.Run());
  context.Spawn("marks", background.keeper.Run());
  context.Spawn("wakeup-results", background.results.Run());
  context.OnDrain("consuming", [background] { return StopConsuming(background); });
  context.OnDrain("outbox", [background] { return DrainOutbox(background); });
}

Result<void> Wire(service::Context& context) {
  DROVER_TRY(const Config config, Config::From(context.flags()));
  asio::io_context& loop = context.loop();
  const RandomOctets random = dmauth::SystemRandom;
  auto& metrics = context.Make<Metrics>(context.metrics());
  auto& steps = context.Make<postgres::Pool>(loop, WithPlanner(config.postgres));
  auto& pool = context.Make<postgres::Pool>(loop, config.postgres);
  auto& redis = context.Make<redis::Client>(loop, config.redis);
  auto& producer = context.Make<kafka::Producer>(loop, config.kafka);
  auto& consumer = context.Make<kafka::Consumer>(loop, config.kafka, "drover-operations",
                                                 std::vector<std::string>{kWakeupResultsTopic});
  auto& relay = context.Make<outbox::Relay>(
      loop, outbox::Config{.database = config.postgres, .table = kOutboxTable}, producer,
      Observe(metrics));
  auto& store = context.Make<PgOperations>(steps);
  auto& queries = context.Make<PgQueries>(pool);
  auto& submissions = context.Make<PgSubmissions>(pool);
  auto& marks = context.Make<RedisMarks>(loop, redis);
  auto& tree = context.Make<GrpcTree>(loop, config.tree_target, config.token);
  auto& watchers = context.Make<Watchers>(loop);
  auto& writer = context.Make<ChangeWriter>(store, relay, watchers, random, metrics);
  auto& unblocker =
      context.Make<Unblocker>(loop, store, writer, marks, context.clock(), random, metrics);
  auto& submitter = context.Make<Submitter>(loop, submissions, store, tree, unblocker, marks, relay,
                                            context.clock(), random, metrics, config.submit);
  auto& selected = context.Make<SelectedSubmitter>(submitter, tree);
  auto& watches = context.Make<WatchHandler>(queries, watchers, context.clock());
  auto& purge = context.Make<PgPurge>(pool);
  auto& advances = context.Make<AdvanceQueue>(loop, store, writer, marks, context.clock(), metrics,
                                              config.advance);
  auto& methods = context.Make<OperationMethods>(
      OperationPorts{submitter, queries, writer, watches, selected, advances}, context.clock());
  auto& sweeper = context.Make<Sweeper>(
      loop, SweepPorts{pool, store, queries, submissions, writer, marks, unblocker, purge},
      context.clock(), random, metrics, config.sweep);
  auto& keeper = context.Make<MarksKeeper>(loop, marks, queries, metrics);
  auto& results =
      context.Make<WakeupResults>(loop, consumer, store, writer, context.clock(), metrics);

  context.ReadyWhen("postgres", [&steps, &pool] { return steps.connected() && pool.connected(); });
  context.ReadyWhen("redis", [&redis] { return redis.connected(); });
  context.ReadyWhen("kafka", [&producer] { return producer.connected(); });
  const auto retention = config.sweep.message_retention;
  context.BeforeServing("schema", [&pool, retention] { return CheckSchema(pool, retention); });
  context.Make<OperationServices>(context, methods);
  auto& actions = context.Make<ActionSubmitter>(submitter, tree, tree);
  context.Make<ActionServices>(context, actions);
  Run(context, Background{relay, sweeper, keeper, results});
  return {};
}

Task<void> Migrate(service::Context& context, int to) {
  DROVER_CO_TRY(const Config config, Config::From(context.flags()));
  auto& pool = context.Make<postgres::Pool>(context.loop(), config.postgres);
  DROVER_CO_TRY(const int version, co_await postgres::Migrate(pool, kSchema, Migrations(), to));
  service::Log(service::Level::kInfo, "operations.migrated", "the schema is in place",
               {{"version", version}});
  co_return Result<void>();
}

}  // namespace

service::Service Definition() {
  return {.name = "operations",
          .description = "What operators want done on terminals, and what became of it.",
          .flags = Config::AllFlags(),
          .wire = Wire,
          .migrate = Migrate};
}

}  // namespace drover::operations

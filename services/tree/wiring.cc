#include "services/tree/wiring.h"

#include <utility>

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/dmauth/random.h"
#include "libs/outbox/relay.h"
#include "libs/service/log.h"
#include "libs/service/stream_server.h"
#include "services/tree/adapters/migrations.h"
#include "services/tree/config.h"
#include "services/tree/handlers/device_service.h"
#include "services/tree/handlers/exchange.h"
#include "services/tree/handlers/model_service.h"
#include "services/tree/handlers/tree_service.h"
#include "services/tree/handlers/upkeep.h"

namespace drover::tree {
namespace {

using Stream = service::StreamServer<v1::TreeStreamService::CallbackService, v1::TreeRequestBatch,
                                     v1::TreeReplyBatch>;
constexpr std::chrono::seconds kDrainOutbox{5};

outbox::Observer Observe(Metrics& metrics) {
  return {.relayed = [&metrics](size_t records) { metrics.OutboxRelayed(records); },
          .failed =
              [&metrics](const Error& error) {
                metrics.OutboxFailed();
                service::Log(service::Level::kWarn, "tree.outbox.failed",
                             "events stay in the outbox and are sent again",
                             {{"cause", error.message}});
              }};
}

outbox::Relay& MakeRelay(service::Context& ctx, const Config& config, kafka::Producer& producer,
                         Metrics& metrics) {
  outbox::Config relay{.database = config.postgres, .table = kOutboxTable};
  auto& made = ctx.Make<outbox::Relay>(ctx.loop(), std::move(relay), producer, Observe(metrics));
  ctx.Spawn("outbox", made.Run());
  ctx.OnDrain("outbox", [&made] { return made.Drain(In(kDrainOutbox)); });
  return made;
}

Result<void> Wire(service::Context& ctx) {
  DROVER_TRY(Config config, Config::From(ctx.flags()));
  auto& metrics = ctx.Make<Metrics>(ctx.metrics());
  auto& pool = ctx.Make<postgres::Pool>(ctx.loop(), config.postgres);
  auto& redis = ctx.Make<redis::Client>(ctx.loop(), config.redis);
  auto& producer = ctx.Make<kafka::Producer>(ctx.loop(), config.kafka);
  auto& relay = MakeRelay(ctx, config, producer, metrics);
  auto& devices = ctx.Make<PgDevices>(pool);
  auto& nodes = ctx.Make<PgNodes>(pool);
  auto& models = ctx.Make<PgModels>(pool);
  auto& cache = ctx.Make<RedisAccountCache>(redis, config.account_ttl);
  auto& seal = ctx.Make<AccountSeal>(std::move(config.seal_keys), dmauth::SystemRandom);
  auto& accounts = ctx.Make<Accounts>(ctx.loop(), devices, cache, seal, relay, ctx.clock(),
                                      dmauth::SystemRandom, config.server_id, metrics);
  auto& lookups = ctx.Make<LookupAccounts>(ctx.loop(), config.lookups, devices, accounts, metrics);
  auto& reports = ctx.Make<ApplyReports>(ctx.loop(), config.reports, pool, nodes, accounts, relay,
                                         ctx.clock(), metrics);
  auto& checker = ctx.Make<CommandChecker>(devices, nodes, models, config.server_id);
  auto& upkeep = ctx.Make<Upkeep>(ctx.loop(), devices, nodes, seal, ctx.clock(),
                                  config.history_retention, metrics);
  ctx.Spawn("upkeep", upkeep.Run());
  ctx.OnDrain("upkeep", [&upkeep]() -> Task<void> {
    upkeep.Stop();
    co_return Result<void>();
  });
  auto& exchange = ctx.Make<Exchange>(ctx.loop(), lookups, reports, accounts, metrics);

  ctx.ReadyWhen("postgres", [&pool] { return pool.connected(); });
  ctx.ReadyWhen("redis", [&redis] { return redis.connected(); });
  ctx.ReadyWhen("kafka", [&producer] { return producer.connected(); });
  const Stream::Handle handle = [&exchange](v1::TreeRequest request, Deadline deadline,
                                            Respond respond) {
    exchange.Handle(std::move(request), deadline, std::move(respond));
  };
  ctx.ServeGrpc(ctx.Make<Stream>(ctx.calls(), handle));
  ctx.ServeGrpc(ctx.Make<DeviceHandlers>(ctx.calls(), accounts, devices));
  ctx.ServeGrpc(ctx.Make<TreeHandlers>(ctx.calls(), devices, nodes, checker, reports, ctx.clock(),
                                       config.history_retention));
  ctx.ServeGrpc(ctx.Make<ModelHandlers>(ctx.calls(), models, accounts, ctx.clock()));
  return {};
}

Task<void> RunMigrations(service::Context& ctx, int to) {
  auto& pool = ctx.Make<postgres::Pool>(ctx.loop(), Config::Postgres(ctx.flags()));
  std::vector<postgres::Migration> migrations = Migrations();
  DROVER_CO_TRY(const int version,
                co_await postgres::Migrate(pool, kSchema, std::move(migrations), to));
  service::Log(service::Level::kInfo, "tree.migrated", "the schema is at its version",
               {{"version", version}});
  co_return Result<void>();
}

}  // namespace

service::Service Definition() {
  return {.name = "tree",
          .description = "Terminals, their DM accounts and their management trees.",
          .flags = Config::AllFlags(),
          .wire = Wire,
          .migrate = RunMigrations};
}

}  // namespace drover::tree

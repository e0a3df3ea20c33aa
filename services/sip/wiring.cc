// The only file of the service that names concrete adapters.
#include "services/sip/wiring.h"

#include <boost/asio/redirect_error.hpp>
#include <unistd.h>

#include "libs/dmauth/random.h"
#include "libs/service/log.h"
#include "services/sip/adapters/pg_schema.h"
#include "services/sip/adapters/streams.h"
#include "services/sip/config.h"
#include "services/sip/handlers/grpc.h"
#include "services/sip/handlers/registrar.h"
#include "services/sip/handlers/wakeups.h"

namespace drover::gateways {
namespace {

constexpr std::chrono::seconds kDrainOutbox{5};
constexpr std::chrono::seconds kMeasureEvery{10};
constexpr std::chrono::seconds kStart{30};

outbox::Observer Observe(Metrics& metrics) {
  return {.relayed = [&metrics](size_t records) { metrics.Relayed(records); },
          .failed =
              [&metrics](const Error& error) {
                metrics.Failed("outbox");
                service::Log(service::Level::kWarn, "sip.outbox_failed",
                             "events were not published; they stay in the outbox and are tried "
                             "again by themselves",
                             {{"code", Name(error.code)}, {"cause", error.message}});
              }};
}

Task<void> CheckSchema(postgres::Pool& pool) {
  DROVER_CO_TRY(const int version, co_await postgres::SchemaVersion(pool, kSchema));
  const int newest = Migrations().back().version;
  if (version < newest) {
    co_return FailedPrecondition("the schema sip has version " + std::to_string(version) +
                                 ", this release needs " + std::to_string(newest) +
                                 ": run drover-sip migrate");
  }
  co_return Result<void>();
}

// Names this process: whose flows a contact has.
std::string OwnerName() {
  char name[256] = "";
  (void)gethostname(name, sizeof(name) - 1);
  const std::string start =
      std::to_string(SystemNow().time_since_epoch().count());  // Another run has none of its flows.
  return std::string(name) + "/" + std::to_string(getpid()) + "/" + start;
}

Task<void> LoadModels(Models& models) {
  const Deadline deadline = In(kStart);
  co_return co_await models.Load(deadline);
}

// How many gateways are in each state, and what is going on.
class Gauges {
 public:
  Gauges(asio::io_context& loop, PgGateways& table, Triggers& triggers, sip::Endpoint& endpoint,
         Metrics& metrics)
      : table_(table),
        triggers_(triggers),
        endpoint_(endpoint),
        metrics_(metrics),
        timer_(loop.get_executor()) {}

  Process Run() {
    while (!stopping_) {
      const Deadline deadline = In(kMeasureEvery);
      const auto counts = co_await table_.Count(deadline);
      for (int i = 0; counts && i <= static_cast<int>(gateway::State::kFailed); ++i) {
        const auto state = static_cast<gateway::State>(i);
        int64_t count = 0;
        for (const auto& [there, n] : *counts) count += there == state ? n : 0;
        metrics_.State(gateway::Name(state), count);
      }
      triggers_.Measure();
      metrics_.Now("connections", static_cast<double>(endpoint_.connections()));
      metrics_.Now("waiting", static_cast<double>(endpoint_.waiting()));
      metrics_.Now("malformed", static_cast<double>(endpoint_.counters().malformed));
      timer_.expires_after(kMeasureEvery);
      boost::system::error_code ignored;
      co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
    }
  }
  void Stop() {
    stopping_ = true;
    timer_.cancel();
  }

 private:
  PgGateways& table_;
  Triggers& triggers_;
  sip::Endpoint& endpoint_;
  Metrics& metrics_;
  Timer timer_;
  bool stopping_ = false;
};

template <typename T>
Task<void> Stop(T& what) {
  what.Stop();
  co_return Result<void>();
}

Task<void> DrainRelay(outbox::Relay& relay) {
  const Deadline deadline = In(kDrainOutbox);
  co_return co_await relay.Drain(deadline);
}

Task<void> Listen(service::Context& context, http::Server& server, std::string name) {
  DROVER_CO_TRY(server.Listen());
  context.Listening(std::move(name), server.address());
  co_return Result<void>();
}

Task<void> OpenEndpoint(service::Context& context, sip::Endpoint& endpoint) {
  DROVER_CO_TRY(endpoint.Open());
  for (const sip::Transport transport :
       {sip::Transport::kUdp, sip::Transport::kTcp, sip::Transport::kTls}) {
    if (endpoint.port(transport) == 0) continue;
    std::string name = "sip-" + std::string(sip::Name(transport));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    context.Listening(name, endpoint.host_port(transport));
  }
  co_return Result<void>();
}

// Serves gateways on one address from when everything else is up until the drain.
void ServeRequests(service::Context& context, const Config& config, RequestServer& requests,
                   Metrics& metrics, const std::string& name, http::Server::Config listener) {
  listener.limits = config.http_limits;
  listener.on_refusal = [&metrics](int status, std::string_view) {
    metrics.Request("refused", status);
  };
  auto& server = context.Make<http::Server>(
      context.loop(), std::move(listener),
      [&requests](const http::Request& request, const http::Responder& responder) {
        requests.Handle(request, responder);
      });
  context.BeforeServing(name, [&context, &server, name] { return Listen(context, server, name); });
  const auto timeout = config.drain_timeout;
  context.OnDrain(name, [&server, timeout] { return server.Drain(In(timeout)); });
}

Result<void> Wire(service::Context& context) {
  DROVER_TRY(Config read, Config::From(context.flags()));
  auto& config = context.Make<Config>(std::move(read));
  asio::io_context& loop = context.loop();
  const RandomOctets random = dmauth::SystemRandom;
  const Clock& clock = context.clock();
  auto& metrics = context.Make<Metrics>(context.metrics());
  auto& pool = context.Make<postgres::Pool>(loop, config.postgres);
  auto& producer = context.Make<kafka::Producer>(loop, config.kafka);
  auto& wakeup_records = context.Make<kafka::Consumer>(loop, config.kafka, "drover-sip-wakeups",
                                                       std::vector<std::string>{kWakeupsTopic});
  auto& relay = context.Make<outbox::Relay>(
      loop, outbox::Config{.database = config.postgres, .table = kOutboxTable}, producer,
      Observe(metrics));
  auto& operations = context.Make<StreamOperations>(loop, config.operations);
  auto& tree = context.Make<StreamTree>(loop, config.tree);
  auto& table = context.Make<PgGateways>(pool);
  auto& store = context.Make<Store>(loop, table, relay);
  auto& models = context.Make<Models>(loop, table, config.profiles);
  auto& endpoint = context.Make<sip::Endpoint>(loop, config.sip, random);
  config.sender.host = config.sip.host.empty() ? "drover" : config.sip.host;
  auto& sender = context.Make<Sender>(endpoint, *config.seal_keys, config.sender, random, metrics);
  const std::string owner = OwnerName();
  auto& triggers = context.Make<Triggers>(loop, store, table, models, sender, operations,
                                          config.pacing, owner, clock, metrics);
  auto& cycles = context.Make<Cycles>(store, models, triggers, operations, tree, config.cycles,
                                      clock, metrics);
  auto& files = context.Make<Files>(config.files_dir);
  auto& requests = context.Make<RequestServer>(
      loop, RequestServer::Ports{store, cycles, triggers, files, tree, *config.seal_keys},
      config.requests, clock, random, metrics);
  auto& wakeups = context.Make<Wakeups>(
      loop, wakeup_records, Wakeups::Ports{producer, store, models, triggers}, clock, metrics);
  auto& methods = context.Make<GatewayMethods>(
      GatewayMethods::Ports{store, table, models, triggers, sender, tree, *config.seal_keys},
      config.sender.host, clock, random);
  auto& redis = context.Make<redis::Client>(loop, config.redis);
  auto& bindings = context.Make<RedisBindings>(redis);
  Registrar::Config registrar_config;
  registrar_config.enabled = config.registrar;
  registrar_config.settings.realm = config.sip_realm;
  registrar_config.nonce_key = config.requests.nonce_key;
  registrar_config.owner = owner;
  registrar_config.most_from_one = config.most_from_one;
  auto& registrar = context.Make<Registrar>(
      loop, Registrar::Ports{store, table, models, triggers, bindings, *config.seal_keys},
      registrar_config, clock, random, metrics);
  endpoint.SetOnRequest([&registrar](sip::Incoming& incoming) { registrar.Handle(incoming); });
  endpoint.SetAdmit([&registrar](const sip::Message& message, const sip::Hop& source) {
    return registrar.Admit(message, source);
  });
  auto& gauges = context.Make<Gauges>(loop, table, triggers, endpoint, metrics);

  context.ReadyWhen("postgres", [&pool] { return pool.connected(); });
  context.ReadyWhen("kafka", [&producer] { return producer.connected(); });
  context.ReadyWhen("operations", [&operations] { return operations.connected(); });
  context.BeforeServing("schema", [&pool] { return CheckSchema(pool); });
  context.BeforeServing("models", [&models] { return LoadModels(models); });
  context.BeforeServing("sip", [&context, &endpoint] { return OpenEndpoint(context, endpoint); });
  context.Make<GrpcHandlers>(context, methods);
  if (!config.http_listen.empty()) {
    ServeRequests(context, config, requests, metrics, "http", {.listen = config.http_listen});
  }
  if (!config.https_listen.empty()) {
    ServeRequests(context, config, requests, metrics, "https",
                  {.listen = config.https_listen, .tls = config.tls});
  }
  context.Spawn("outbox", relay.Run());
  context.Spawn("models", models.Run());
  context.Spawn("triggers", triggers.Run());
  context.Spawn("wakeups", wakeups.Run());
  context.Spawn("gauges", gauges.Run());
  context.OnDrain("wakeups", [&wakeups] { return Stop(wakeups); });
  context.OnDrain("triggers", [&triggers] { return Stop(triggers); });
  context.OnDrain("models", [&models] { return Stop(models); });
  context.OnDrain("gauges", [&gauges] { return Stop(gauges); });
  context.OnDrain("outbox", [&relay] { return DrainRelay(relay); });
  return {};
}

Task<void> Migrate(service::Context& context, int to) {
  auto& pool = context.Make<postgres::Pool>(context.loop(), Config::Postgres(context.flags()));
  DROVER_CO_TRY(const int version, co_await postgres::Migrate(pool, kSchema, Migrations(), to));
  service::Log(service::Level::kInfo, "sip.migrated", "the schema is in place",
               {{"version", version}});
  co_return Result<void>();
}

}  // namespace

service::Service Definition() {
  return {.name = "sip",
          .description = "Voice home gateways: NOTIFY triggers, and the server that they ask.",
          .flags = Config::AllFlags(),
          .wire = Wire,
          .migrate = Migrate,
          .check = Config::Check};
}

}  // namespace drover::gateways

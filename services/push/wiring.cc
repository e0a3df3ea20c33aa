// The only file of the service that names concrete adapters.
#include "services/push/wiring.h"

#include <unistd.h>

#include "libs/dmauth/random.h"
#include "libs/kafka/consumer.h"
#include "libs/service/log.h"
#include "services/push/adapters/grpc_session.h"
#include "services/push/adapters/pg_schema.h"
#include "services/push/config.h"
#include "services/push/handlers/grpc.h"
#include "services/push/handlers/lead.h"
#include "services/push/handlers/pap_gateway.h"
#include "services/push/handlers/pap_notifier.h"
#include "services/push/handlers/wakeups.h"

namespace drover::push {
namespace {

constexpr char kWakeupsTopic[] = "drover.wakeups";
constexpr std::chrono::seconds kDrain{15};
constexpr std::chrono::seconds kDrainOutbox{5};

outbox::Observer Observe(Metrics& metrics) {
  return {.relayed = [&metrics](size_t records) { metrics.Relayed(records); },
          .failed =
              [&metrics](const Error& error) {
                metrics.Failed("outbox");
                service::Log(service::Level::kWarn, "push.outbox_failed",
                             "events were not published; they stay in the outbox and are tried "
                             "again by themselves",
                             {{"code", Name(error.code)}, {"cause", error.message}});
              }};
}

Task<void> CheckSchema(postgres::Pool& pool) {
  DROVER_CO_TRY(const int version, co_await postgres::SchemaVersion(pool, kSchema));
  const int newest = Migrations().back().version;
  if (version < newest) {
    co_return FailedPrecondition("the schema push has version " + std::to_string(version) +
                                 ", this release needs " + std::to_string(newest) +
                                 ": run drover-push migrate");
  }
  co_return Result<void>();
}

// While push initiators come in a crowd what they push is handed over a little at a time.
outbox::Pace PaceOf(PapCrowd& crowd, TimePoint now) {
  constexpr outbox::Pace kMeanwhile{.max_rows = 4, .rest = std::chrono::milliseconds(250)};
  return crowd.GoesBefore(now) ? kMeanwhile : outbox::Pace{};
}

std::string HostName() {
  char name[256] = "";
  (void)gethostname(name, sizeof(name) - 1);
  return std::string(name) + "/" + std::to_string(getpid());
}

Task<void> StopWakeups(Wakeups& wakeups) {
  wakeups.Stop();
  co_return Result<void>();
}

Task<void> DrainLead(Lead& lead) {
  const Deadline deadline = In(kDrain);
  co_return co_await lead.Drain(deadline);
}

Task<void> DrainRelay(outbox::Relay& relay) {
  const Deadline deadline = In(kDrainOutbox);
  co_return co_await relay.Drain(deadline);
}

Task<void> StopNotifier(PapNotifier& notifier) {
  notifier.Stop();
  co_return Result<void>();
}

Task<void> Listen(service::Context& context, http::Server& server, std::string name) {
  DROVER_CO_TRY(server.Listen());
  context.Listening(std::move(name), server.address());
  co_return Result<void>();
}

// Serves PAP on one address from when everything else is up until the drain.
void ServePap(service::Context& context, const Config& config, PapGateway& gateway,
              PapMetrics& metrics, const std::string& name, http::Server::Config listener) {
  listener.limits = config.pap_limits;
  listener.on_refusal = [&metrics](int status, std::string_view) { metrics.Refused(status); };
  auto& server = context.Make<http::Server>(
      context.loop(), std::move(listener),
      [&gateway](const http::Request& request, const http::Responder& responder) {
        gateway.Handle(request, responder);
      });
  context.BeforeServing(name, [&context, &server, name] { return Listen(context, server, name); });
  const auto timeout = config.drain_timeout;
  context.OnDrain(name, [&server, timeout] { return server.Drain(In(timeout)); });
}

void WirePap(service::Context& context, const Config& config, PgPushes& pushes,
             PgRegistrations& registrations, outbox::Relay& relay, PapCrowd& crowd,
             Metrics& metrics) {
  auto& pap_metrics = context.Make<PapMetrics>(context.metrics());
  auto& http = context.Make<HttpPost>(context.loop());
  auto& notifier = context.Make<PapNotifier>(context.loop(), pushes, http, "Drover",
                                             context.clock(), pap_metrics);
  context.Spawn("notifier", notifier.Run());
  context.OnDrain("notifier", [&notifier] { return StopNotifier(notifier); });
  if (config.pap_listen.empty() && config.pap_tls_listen.empty()) return;
  auto& queue = context.Make<PapQueue>(context.loop(), pushes, PapQueue::Config{});
  PapGateway::Config gateway_config;
  gateway_config.rules = {config.push_ttl, config.settings.ref_bits, config.settings.most_segments};
  auto& gateway = context.Make<PapGateway>(
      context.loop(), PapGateway::Ports{pushes, registrations, relay, queue, crowd}, gateway_config,
      config.settings, context.clock(), dmauth::SystemRandom, metrics, pap_metrics);
  if (!config.pap_listen.empty()) {
    ServePap(context, config, gateway, pap_metrics, "pap", {.listen = config.pap_listen});
  }
  if (!config.pap_tls_listen.empty()) {
    ServePap(context, config, gateway, pap_metrics, "pap-tls",
             {.listen = config.pap_tls_listen, .tls = config.pap_tls});
  }
}

Result<void> Wire(service::Context& context) {
  DROVER_TRY(Config read, Config::From(context.flags()));
  const auto& config = context.Make<Config>(std::move(read));
  asio::io_context& loop = context.loop();
  const RandomOctets random = dmauth::SystemRandom;
  auto& metrics = context.Make<Metrics>(context.metrics());
  auto& pool = context.Make<postgres::Pool>(loop, config.postgres);
  auto& producer = context.Make<kafka::Producer>(loop, config.kafka);
  auto& wakeup_records = context.Make<kafka::Consumer>(loop, config.kafka, "drover-push-wakeups",
                                                       std::vector<std::string>{kWakeupsTopic});
  auto& crowd = context.Make<PapCrowd>(PapCrowd::Config{});
  auto& relay = context.Make<outbox::Relay>(
      loop,
      outbox::Config{.database = config.postgres,
                     .table = kOutboxTable,
                     .pace = [&crowd, clock = context.clock()] { return PaceOf(crowd, clock()); }},
      producer, Observe(metrics));
  auto& journal = context.Make<PgJournal>(pool, HostName());
  auto& pushes = context.Make<PgPushes>(pool);
  auto& table = context.Make<PgRegistrations>(pool);
  auto& session = context.Make<GrpcSession>(loop, config.session_target, config.token);
  auto& registrar =
      context.Make<Registrar>(config.settings.registration, table, context.clock(), metrics);
  auto& wakeups = context.Make<Wakeups>(
      loop, Wakeups::Ports{wakeup_records, producer, table, session}, config.settings.notification,
      config.wakeups_a_second, context.clock(), metrics);
  auto& lead =
      context.Make<Lead>(loop, config, Lead::Ports{journal, pushes, table, registrar, producer},
                         context.clock(), metrics);
  auto& accepting = context.Make<Pushes>(
      Pushes::Ports{pushes, table, relay, producer, session},
      Pushes::Config{config.server_id, config.settings.notification, config.push_ttl,
                     config.settings.ref_bits, config.settings.most_segments},
      context.clock(), random, metrics);
  auto& registrations = context.Make<Registrations>(table, registrar, relay, context.clock());

  context.ReadyWhen("postgres", [&pool] { return pool.connected(); });
  context.ReadyWhen("kafka", [&producer] { return producer.connected(); });
  context.BeforeServing("schema", [&pool] { return CheckSchema(pool); });
  context.Make<GrpcHandlers>(context, accepting, registrations, [&lead] { return lead.Smscs(); });
  WirePap(context, config, pushes, table, relay, crowd, metrics);
  context.Spawn("outbox", relay.Run());
  context.Spawn("wakeups", wakeups.Run());
  context.Spawn("lead", lead.Run());
  context.OnDrain("wakeups", [&wakeups] { return StopWakeups(wakeups); });
  context.OnDrain("lead", [&lead] { return DrainLead(lead); });
  context.OnDrain("outbox", [&relay] { return DrainRelay(relay); });
  return {};
}

Task<void> Migrate(service::Context& context, int to) {
  auto& pool = context.Make<postgres::Pool>(context.loop(), Config::Postgres(context.flags()));
  DROVER_CO_TRY(const int version, co_await postgres::Migrate(pool, kSchema, Migrations(), to));
  service::Log(service::Level::kInfo, "push.migrated", "the schema is in place",
               {{"version", version}});
  co_return Result<void>();
}

}  // namespace

service::Service Definition() {
  return {.name = "push",
          .description = "Messages to terminals over SMS, and who is behind which number.",
          .flags = Config::AllFlags(),
          .wire = Wire,
          .migrate = Migrate,
          .check = Config::Check};
}

}  // namespace drover::push

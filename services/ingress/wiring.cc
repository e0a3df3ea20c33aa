// The only file of the service that names concrete adapters.
#include "services/ingress/wiring.h"

#include <utility>

#include "services/ingress/adapters/stream_session_replicas.h"
#include "services/ingress/config.h"
#include "services/ingress/handlers/exchange.h"

namespace drover::ingress {
namespace {

size_t Connected(const SessionReplicas& replicas) {
  size_t connected = 0;
  for (size_t i = 0; i < replicas.size(); ++i) connected += replicas.connected(i) ? 1 : 0;
  return connected;
}

// Gauges that nothing counts up and down.
class GaugeWatch {
 public:
  GaugeWatch(asio::io_context& loop, const SessionReplicas& replicas, Metrics& metrics)
      : timer_(loop.get_executor()), replicas_(replicas), metrics_(metrics) {}
  void Watch(const http::Server& server) { servers_.push_back(&server); }
  Process Run() {
    while (true) {
      size_t connections = 0;
      for (const http::Server* server : servers_) connections += server->connections();
      metrics_.Connections(connections);
      metrics_.SessionStreams(Connected(replicas_));
      timer_.expires_after(std::chrono::seconds(1));
      co_await timer_.async_wait(kAwait);
    }
  }

 private:
  Timer timer_;
  const SessionReplicas& replicas_;
  Metrics& metrics_;
  std::vector<const http::Server*> servers_;
};

Task<void> Listen(service::Context& context, http::Server& server, std::string name) {
  DROVER_CO_TRY(server.Listen());
  context.Listening(std::move(name), server.address());
  co_return Result<void>();
}

// Serves one address from when everything else is up until the drain.
const http::Server& Serve(service::Context& context, const Config& config,
                          ExchangeHandler& exchange, const std::string& name,
                          http::Server::Config listener) {
  listener.limits = config.limits;
  listener.on_refusal = [&exchange](int status, std::string_view cause) {
    exchange.Refused(status, cause);
  };
  auto& server = context.Make<http::Server>(
      context.loop(), std::move(listener),
      [&exchange](const http::Request& request, const http::Responder& responder) {
        exchange.Handle(request, responder);
      });
  context.BeforeServing(name, [&context, &server, name] { return Listen(context, server, name); });
  const auto timeout = config.drain_timeout;
  context.OnDrain(name, [&server, timeout] { return server.Drain(In(timeout)); });
  return server;
}

Result<void> Wire(service::Context& context) {
  const Config config = Config::From(context.flags());
  auto& metrics = context.Make<Metrics>(context.metrics());
  auto& replicas = context.Make<StreamSessionReplicas>(context.loop(), config.session_targets,
                                                       config.session_token);
  auto& exchange = context.Make<ExchangeHandler>(
      replicas, config.session_targets,
      ExchangeHandler::Config{.paths = config.paths,
                              .max_octets = config.limits.body_octets,
                              .admission = config.admission,
                              .session_timeout = config.session_timeout},
      metrics);
  context.ReadyWhen("session", [&replicas] { return Connected(replicas) != 0; });
  auto& gauges = context.Make<GaugeWatch>(context.loop(), replicas, metrics);
  if (!config.http_listen.empty()) {
    gauges.Watch(Serve(context, config, exchange, "http", {.listen = config.http_listen}));
  }
  if (!config.https_listen.empty()) {
    gauges.Watch(Serve(context, config, exchange, "https",
                       {.listen = config.https_listen, .tls = config.tls}));
  }
  context.Spawn("gauges", gauges.Run());
  return {};
}

}  // namespace

service::Service Definition() {
  return {.name = "ingress",
          .description = "OMA DM over HTTP and HTTPS: takes terminals' messages to session.",
          .flags = Config::AllFlags(),
          .wire = Wire,
          .migrate = nullptr,
          .check = Config::Check};
}

}  // namespace drover::ingress

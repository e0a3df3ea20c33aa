#include "libs/service/admin.h"

#include <algorithm>

#include <prometheus/text_serializer.h>

namespace drover::service {
namespace {

http::Server::Config ServerConfig(std::string listen) {
  http::Server::Config config{.listen = std::move(listen)};
  config.limits.connections = 64;
  config.limits.body_octets = 0;
  return config;
}

}  // namespace

bool Readiness::ready() const {
  return std::all_of(checks_.begin(), checks_.end(), [](const auto& c) { return c.second(); });
}

std::string Readiness::Verbose() const {
  std::string out;
  for (const auto& [name, check] : checks_) {
    const bool ok = check();
    out.append(ok ? "[+]" : "[-]").append(name).append(ok ? " ok\n" : " not ready\n");
  }
  return out;
}

AdminServer::AdminServer(asio::io_context& loop, std::string listen, const Readiness& readiness,
                         std::vector<std::shared_ptr<prometheus::Collectable>> metrics)
    : readiness_(readiness),
      metrics_(std::move(metrics)),
      server_(loop, ServerConfig(std::move(listen)),
              [this](const http::Request& request, const http::Responder& responder) {
                responder.Send(Answer(request));
              }) {}

http::Response AdminServer::Answer(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response response = http::Text(405, "the admin port only answers GET");
    response.Add("Allow", "GET, HEAD");
    return response;
  }
  if (request.path == "/livez") return http::Text(200, "ok");  // That it answers is the answer.
  if (request.path == "/readyz" || request.path == "/healthz") return Ready(request);
  if (request.path == "/metrics") return Metrics();
  return http::Text(404, "there are /metrics, /livez, /readyz and /healthz");
}

http::Response AdminServer::Ready(const http::Request& request) const {
  const bool ready = readiness_.ready();
  std::string body = ready ? "ready" : "not ready";
  if (request.query.starts_with("verbose") || !ready) body = readiness_.Verbose() + body;
  return http::Text(ready ? 200 : 503, std::move(body));
}

http::Response AdminServer::Metrics() const {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& collectable : metrics_) {
    std::vector<prometheus::MetricFamily> some = collectable->Collect();
    std::move(some.begin(), some.end(), std::back_inserter(families));
  }
  http::Response response{.content_type = "text/plain; version=0.0.4; charset=utf-8"};
  response.body = prometheus::TextSerializer().Serialize(families);
  return response;
}

}  // namespace drover::service

#include "loadtest/gateway/admin.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "loadtest/gateway/report.h"

namespace drover::gwsim {
namespace {

constexpr std::string_view kGateways = "/gateways/";
constexpr size_t kDefaultLimit = 1000;
constexpr size_t kMaxLimit = 100'000;
constexpr uint64_t kMaxWaitMs = 60'000;

http::Server::Config ServerConfig(std::string listen) {
  http::Server::Config config{.listen = std::move(listen)};
  config.limits.handle_time = std::chrono::milliseconds(2 * kMaxWaitMs);
  return config;
}

http::Response Body(std::string_view content_type, std::string body) {
  http::Response response;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

std::string_view Parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

uint64_t Number(std::string_view query, std::string_view name, uint64_t otherwise, uint64_t most) {
  const std::string_view text = Parameter(query, name);
  uint64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::min(value, most);
}

}  // namespace

Admin::Admin(asio::io_context& loop, std::string listen, Simulator& simulator)
    : loop_(loop),
      simulator_(simulator),
      server_(loop, ServerConfig(std::move(listen)),
              [this](const http::Request& request, http::Responder responder) {
                Handle(request, std::move(responder));
              }) {
  simulator_.ledger().OnExecution([this](const Execution&) {
    if (waits_.empty() || std::exchange(waking_, true)) return;
    asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) Wake();
    });
  });
}

Admin::~Admin() {
  simulator_.ledger().OnExecution(nullptr);
  for (const auto& wait : waits_) wait->timer->cancel();
}

void Admin::Stop() { Wake(); }

void Admin::Handle(const http::Request& request, http::Responder responder) {
  if (request.method == "GET" && request.path == "/executions") {
    return Executions(request, std::move(responder));
  }
  if (request.method == "GET") return responder.Send(Get(request));
  if (request.method == "POST") return responder.Send(Post(request));
  http::Response response = http::Text(405, "there are GET and POST");
  response.Add("Allow", "GET, POST");
  responder.Send(std::move(response));
}

http::Response Admin::Get(const http::Request& request) const {
  if (request.path == "/livez" || request.path == "/readyz") return http::Text(200, "ok");
  if (request.path == "/ledger") return Body("application/json", LedgerJson(simulator_));
  if (request.path == "/report") return http::Text(200, TextReport(simulator_));
  if (request.path == "/metrics") {
    return Body("text/plain; version=0.0.4; charset=utf-8", MetricsText(simulator_));
  }
  if (request.path == "/gateways") return List(request.query);
  if (request.path.starts_with(kGateways)) {
    const auto number =
        NumberOfSerial(simulator_.population(), request.path.substr(kGateways.size()));
    if (!number) return http::Text(404, "no gateway here has that serial number");
    return Body("application/json", GatewayJson(simulator_, *number));
  }
  return http::Text(404,
                    "there are /gateways, /gateways/<serial>, /executions, /ledger, /report, "
                    "/livez, /readyz and /metrics");
}

http::Response Admin::Post(const http::Request& request) {
  std::string_view path = request.path;
  const size_t slash = path.rfind('/');
  if (!path.starts_with(kGateways) || slash < kGateways.size()) {
    return http::Text(404, "POST /gateways/<serial>/register, ask, restart, call or hangup");
  }
  const std::string_view what = path.substr(slash + 1);
  const auto number = NumberOfSerial(simulator_.population(),
                                     path.substr(kGateways.size(), slash - kGateways.size()));
  if (!number) return http::Text(404, "no gateway here has that serial number");
  bool done = false;
  if (what == "register") {
    done = simulator_.Register(*number);
  } else if (what == "ask") {
    done = simulator_.Ask(*number);
  } else if (what == "restart") {
    done = simulator_.Restart(*number);
  } else if (what == "call" || what == "hangup") {
    done = simulator_.SetCall(*number, what == "call");
  } else {
    return http::Text(404, "what can be done is register, ask, restart, call and hangup");
  }
  return done ? http::Text(202, "ok") : http::Text(409, "it is restarting");
}

http::Response Admin::List(std::string_view query) const {
  const Population& population = simulator_.population();
  const uint64_t after = Number(query, "after", 0, population.count);
  const uint64_t limit = Number(query, "limit", kDefaultLimit, kMaxLimit);
  std::string lines;
  for (uint64_t i = after; i < std::min<uint64_t>(population.count, after + limit); ++i) {
    const uint32_t number = population.first + static_cast<uint32_t>(i);
    const Gateway& gateway = *simulator_.Find(number);
    const Habits& habits = simulator_.HabitsOf(gateway);
    lines += nlohmann::json{{"serial", Serial(population, number)},
                            {"habits", habits.name},
                            {"vendor", habits.vendor},
                            {"model", habits.model},
                            {"http_password", HttpPassword(population, number)},
                            {"sip_password", SipPassword(population, number)},
                            {"sip_uri", simulator_.SipUri(number)},
                            {"version", gateway.version}}
                 .dump() +
             "\n";
  }
  return Body("application/x-ndjson", std::move(lines));
}

void Admin::Executions(const http::Request& request, http::Responder responder) {
  const Wish wish{Number(request.query, "after", 0, UINT64_MAX),
                  Number(request.query, "limit", kDefaultLimit, kMaxLimit)};
  const uint64_t wait_ms = Number(request.query, "wait", 0, kMaxWaitMs);
  if (wait_ms == 0 || simulator_.ledger().last_number() > wish.after) {
    return responder.Send(Page(wish));
  }
  auto timer = std::make_shared<Timer>(loop_.get_executor(), std::chrono::milliseconds(wait_ms));
  auto wait = std::make_shared<Wait>(Wait{wish, std::move(responder), timer});
  waits_.push_back(wait);
  timer->async_wait([this, wait, timer,
                     alive = std::weak_ptr(alive_)](const boost::system::error_code& cancelled) {
    if (cancelled || alive.expired()) return;
    std::erase(waits_, wait);
    wait->responder.Send(Page(wait->wish));
  });
}

http::Response Admin::Page(const Wish& wish) const {
  std::string lines;
  for (const Execution* execution : simulator_.ledger().After(wish.after, wish.limit)) {
    lines += ExecutionJson(simulator_, *execution) + "\n";
  }
  return Body("application/x-ndjson", std::move(lines));
}

void Admin::Wake() {
  waking_ = false;
  std::vector<std::shared_ptr<Wait>> ready;
  ready.swap(waits_);
  for (const auto& wait : ready) {
    wait->timer->cancel();
    wait->responder.Send(Page(wait->wish));
  }
}

}  // namespace drover::gwsim

#include "loadtest/smsc/admin.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "loadtest/smsc/documents.h"
#include "loadtest/smsc/packed.h"

namespace drover::smsc {
namespace {

constexpr std::string_view kTerminals = "/terminals/";
constexpr std::string_view kMessages = "/messages";
constexpr size_t kDefaultLimit = 1000;
constexpr size_t kMaxLimit = 100'000;
constexpr uint64_t kMaxWaitMs = 60'000;

http::Server::Config ServerConfig(std::string listen) {
  http::Server::Config config{.listen = std::move(listen)};
  config.limits.body_octets = 16 << 20;
  config.limits.handle_time = std::chrono::milliseconds(2 * kMaxWaitMs);
  return config;
}

http::Response Json(std::string body) {
  http::Response response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

// The value of name in "a=1&b=2"; empty if it is not there.
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

uint64_t Count(std::string_view text, uint64_t otherwise, uint64_t most) {
  uint64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::min(value, most);
}

int StatusOf(const Error& error) { return error.code == Code::kUnavailable ? 503 : 400; }

}  // namespace

Admin::Admin(asio::io_context& loop, std::string listen, Simulator& simulator)
    : loop_(loop),
      simulator_(simulator),
      server_(loop, ServerConfig(std::move(listen)),
              [this](const http::Request& request, http::Responder responder) {
                Handle(request, std::move(responder));
              }) {
  simulator_.OnDeliveries([this] { Wake(false); });
}

Admin::~Admin() {
  simulator_.OnDeliveries(nullptr);
  boost::system::error_code ignored;
  for (const auto& wait : waits_) wait->timer->cancel(ignored);
}

void Admin::Stop() { Wake(true); }

void Admin::Handle(const http::Request& request, http::Responder responder) {
  if (request.method == "GET" && request.path == "/deliveries") {
    return Deliveries(request, std::move(responder));
  }
  if (request.method == "GET") return responder.Send(Get(request));
  if (request.method == "POST") return responder.Send(Post(request));
  http::Response response = http::Text(405, "there are GET and POST");
  response.Add("Allow", "GET, POST");
  responder.Send(std::move(response));
}

http::Response Admin::Get(const http::Request& request) const {
  if (request.path == "/livez" || request.path == "/readyz") return http::Text(200, "ok");
  if (request.path == "/ledger") return Summary();
  if (request.path == "/metrics") return Metrics();
  if (request.path.starts_with(kTerminals) && request.path.ends_with(kMessages)) {
    return Messages(request.path);
  }
  return http::Text(404,
                    "there are /terminals/<msisdn>/messages, /deliveries, /ledger, /mo, /answer, "
                    "/livez, /readyz and /metrics");
}

http::Response Admin::Post(const http::Request& request) {
  if (request.path == "/mo") return Originate(request);
  if (request.path == "/answer") return SetAnswer(request.query);
  return http::Text(404, "what can be posted to are /mo and /answer");
}

http::Response Admin::Messages(std::string_view path) const {
  path.remove_prefix(kTerminals.size());
  if (path.size() <= kMessages.size()) return http::Text(404, "whose messages?");
  path.remove_suffix(kMessages.size());
  return Json(MessagesJson(simulator_.ledger().Of(path)));
}

http::Response Admin::Originate(const http::Request& request) {
  const auto messages = request.Find("Content-Type") == kPackedType
                            ? ReadPackedMobileMessages(request.body)
                            : ReadMobileMessages(request.body);
  if (!messages) return http::Text(StatusOf(messages.error()), messages.error().message);
  size_t segments = 0;
  for (const MobileMessage& message : *messages) {
    const auto sent = simulator_.Originate(message);
    if (!sent) return http::Text(StatusOf(sent.error()), sent.error().message);
    segments += *sent;
  }
  http::Response response =
      Json(nlohmann::json{{"messages", messages->size()}, {"segments", segments}}.dump());
  response.status = 202;
  return response;
}

http::Response Admin::SetAnswer(std::string_view query) {
  const auto mode = ParseAnswerMode(Parameter(query, "mode"));
  if (!mode) return http::Text(400, "mode: proper, nothing, half, garbage or huge-length");
  simulator_.set_answer(*mode);
  return http::Text(200, std::string(Name(*mode)));
}

http::Response Admin::Summary() const {
  const LedgerCounts counts = simulator_.ledger().counts();
  const CenterCounts& center = simulator_.center().counts();
  const nlohmann::json json = {{"terminals", simulator_.ledger().terminals()},
                               {"messages", counts.messages},
                               {"segments", counts.segments},
                               {"duplicate_segments", counts.duplicate_segments},
                               {"copies", counts.copies},
                               {"out_of_order", counts.out_of_order},
                               {"split_over_binds", counts.split_over_binds},
                               {"orphans", counts.orphans},
                               {"clashes", counts.clashes},
                               {"submitted", center.submitted},
                               {"throttled", center.throttled},
                               {"queue_full", center.queue_full},
                               {"refused", center.refused},
                               {"attempts", center.attempts},
                               {"delivered", center.delivered},
                               {"expired", center.expired},
                               {"undeliverable", center.undeliverable},
                               {"cancelled", center.cancelled},
                               {"pending", simulator_.center().pending()},
                               {"receipts", center.receipts},
                               {"alerts", center.alerts},
                               {"outbox", simulator_.outbox()}};
  return Json(json.dump());
}

http::Response Admin::Metrics() const {
  const LedgerCounts ledger = simulator_.ledger().counts();
  const CenterCounts& center = simulator_.center().counts();
  const SimulatorCounts& own = simulator_.counts();
  MetricsText text;
  text.Counter("drover_smsc_submissions_total", "submit_sm and data_sm that could be read.",
               center.submitted);
  text.Counter("drover_smsc_throttled_total", "Answered ESME_RTHROTTLED.", center.throttled);
  text.Counter("drover_smsc_queue_full_total", "Answered ESME_RMSGQFUL.", center.queue_full);
  text.Counter("drover_smsc_attempts_total", "Attempts on air.", center.attempts);
  text.Counter("drover_smsc_delivered_total", "Submissions that were delivered.", center.delivered);
  text.Counter("drover_smsc_expired_total", "Submissions that expired.", center.expired);
  text.Counter("drover_smsc_undeliverable_total", "Submissions given up.", center.undeliverable);
  text.Counter("drover_smsc_messages_total", "Whole messages that terminals have.",
               ledger.messages);
  text.Counter("drover_smsc_duplicate_segments_total", "Segments that terminals had already.",
               ledger.duplicate_segments);
  text.Counter("drover_smsc_out_of_order_total", "Segments behind a later one.",
               ledger.out_of_order);
  text.Counter("drover_smsc_outgoing_total", "deliver_sm and alert_notification sent.",
               own.outgoing_sent);
  text.Counter("drover_smsc_outgoing_repeated_total", "Those that had to be sent again.",
               own.outgoing_again);
  text.Counter("drover_smsc_outgoing_dropped_total", "Those there was no room for, or refused.",
               own.outgoing_dropped + own.outgoing_refused);
  text.Counter("drover_smsc_binds_total", "Binds accepted.", own.binds);
  text.Counter("drover_smsc_binds_refused_total", "Binds refused.", own.binds_refused);
  text.Gauge("drover_smsc_orphans", "Messages of which terminals have a part.", ledger.orphans);
  text.Gauge("drover_smsc_pending", "Submissions under way.", simulator_.center().pending());
  text.Gauge("drover_smsc_outbox", "Waiting for ESMEs.", simulator_.outbox());
  text.Gauge("drover_smsc_bound", "Links that are bound.", simulator_.bound());
  http::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = text.text();
  return response;
}

void Admin::Deliveries(const http::Request& request, http::Responder responder) {
  Wish wish;
  wish.after = Count(Parameter(request.query, "after"), 0, UINT64_MAX);
  wish.limit = Count(Parameter(request.query, "limit"), kDefaultLimit, kMaxLimit);
  wish.packed = Parameter(request.query, "form") == "octets";
  const uint64_t wait_ms = Count(Parameter(request.query, "wait"), 0, kMaxWaitMs);
  if (wait_ms == 0 || simulator_.ledger().last_number() > wish.after) {
    return responder.Send(Page(wish));
  }
  WaitFor(wish, std::chrono::milliseconds(wait_ms), std::move(responder));
}

void Admin::WaitFor(const Wish& wish, std::chrono::milliseconds most, http::Responder responder) {
  auto timer = std::make_shared<Timer>(loop_.get_executor(), most);
  auto wait = std::make_shared<Wait>(Wait{wish, std::move(responder), timer});
  waits_.push_back(wait);
  timer->async_wait([this, wait, timer](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    std::erase(waits_, wait);
    wait->responder.Send(Page(wait->wish));
  });
}

void Admin::Wake(bool everyone) {
  const uint64_t last = simulator_.ledger().last_number();
  const auto woken = std::partition(waits_.begin(), waits_.end(), [&](const auto& wait) {
    return !everyone && wait->wish.after >= last;
  });
  std::vector<std::shared_ptr<Wait>> ready(woken, waits_.end());
  waits_.erase(woken, waits_.end());
  for (const auto& wait : ready) {
    wait->timer->cancel();
    wait->responder.Send(Page(wait->wish));
  }
}

http::Response Admin::Page(const Wish& wish) const {
  const auto messages = simulator_.ledger().After(wish.after, wish.limit);
  http::Response response;
  response.content_type = wish.packed ? kPackedType : "application/x-ndjson";
  response.body = wish.packed ? PackedMessages(messages) : MessageLines(messages);
  return response;
}

}  // namespace drover::smsc

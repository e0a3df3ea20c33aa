#include "services/ingress/handlers/exchange.h"

#include <optional>
#include <utility>

namespace drover::ingress {
namespace {

constexpr int kAttempts = 2;  // session is idempotent by device and MsgID: a repeat is safe.

std::string_view Name(syncml::Encoding encoding) {
  return encoding == syncml::Encoding::kXml ? "xml" : "wbxml";
}

// As proto/drover/session/v1 says.
int HttpStatus(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return 400;
    case Code::kPermissionDenied:
      return 403;
    case Code::kResourceExhausted:
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
      return 503;
    default:
      return 500;
  }
}

std::string_view Cause(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "session_refused";
    case Code::kPermissionDenied:
      return "session_forbidden";
    case Code::kResourceExhausted:
      return "session_busy";
    case Code::kUnavailable:
      return "session_unavailable";
    case Code::kDeadlineExceeded:
      return "session_timeout";
    default:
      return "session_failed";
  }
}

// The server's own refusals, as labels.
std::string_view Cause(int status) {
  switch (status) {
    case 0:
      return "connection";
    case 408:
      return "too_slow";
    case 413:
      return "body_too_large";
    case 414:
    case 431:
      return "header_too_large";
    case 503:
      return "too_many_connections";
    default:
      return "not_http";
  }
}

}  // namespace

struct ExchangeHandler::Exchange {
  const http::Request* request;  // The responder keeps it.
  http::Responder responder;
  Reception reception;
  std::chrono::steady_clock::time_point begun;
  Deadline deadline;
  int attempts = 0;
  std::optional<size_t> failed;  // The replica that was asked in vain.
};

ExchangeHandler::ExchangeHandler(SessionReplicas& replicas, const std::vector<std::string>& targets,
                                 Config config, Metrics& metrics)
    : replicas_(replicas),
      rendezvous_(targets),
      config_(std::move(config)),
      metrics_(metrics),
      admission_(config_.admission) {}

void ExchangeHandler::Handle(const http::Request& request, const http::Responder& responder) {
  const Post post{.method = request.method,
                  .path = request.path,
                  .content_type = request.Find("content-type"),
                  .content_encoding = request.Find("content-encoding"),
                  .body = request.body};
  Reception reception = Receive(post, config_.paths, config_.max_octets);
  if (reception.verdict != Verdict::kAccepted) return Refuse(reception, responder);
  const auto now = std::chrono::steady_clock::now();
  const bool admitted = admission_.Admit(reception.opens, now);
  metrics_.Admits(admission_.limit());
  if (!admitted) return Defer(reception, now, responder);
  metrics_.InFlight(admission_.in_flight());
  auto exchange = std::make_shared<Exchange>(Exchange{.request = &request,
                                                      .responder = responder,
                                                      .reception = std::move(reception),
                                                      .begun = now,
                                                      .deadline = now + config_.session_timeout});
  Ask(exchange);
}

void ExchangeHandler::Defer(const Reception& reception, Admission::Time now,
                            const http::Responder& responder) {
  http::Response response = http::Text(503, "try again later");
  const int64_t retry_after = reception.opens ? admission_.ComeBack(now).count() : RetryAfter();
  response.Add("Retry-After", std::to_string(retry_after));
  response.Add("Cache-Control", "no-store");
  metrics_.Answered(503, Name(reception.media.encoding));
  const bool full = admission_.in_flight() >= config_.admission.max_in_flight;
  Rejected(full ? "in_flight" : "overload", 503, "more than can be answered in time",
           reception.device);
  responder.Send(std::move(response));
}

void ExchangeHandler::Refuse(const Reception& reception, const http::Responder& responder) {
  const int status = HttpStatus(reception.verdict);
  http::Response response = http::Text(status, reception.explanation);
  if (reception.verdict == Verdict::kNotPost) response.Add("Allow", "POST");
  if (reception.verdict == Verdict::kMediaType) {
    response.Add("Accept", "application/vnd.syncml.dm+wbxml, application/vnd.syncml.dm+xml");
  }
  response.Add("Cache-Control", "no-store");
  const bool typed = !reception.media.reply.empty();
  metrics_.Answered(status, typed ? Name(reception.media.encoding) : "none");
  Rejected(ingress::Name(reception.verdict), status, reception.explanation, reception.device);
  responder.Send(std::move(response));
}

void ExchangeHandler::Ask(const std::shared_ptr<Exchange>& exchange) {
  const auto usable = [this, &exchange](size_t replica) {
    return exchange->failed != replica && replicas_.connected(replica);
  };
  const std::string& device = exchange->reception.device.value();
  const std::optional<size_t> replica = rendezvous_.Pick(device, usable);
  if (!replica) {
    return Fail(*exchange, Unavailable("no replica of session can be reached"), 0);
  }
  const http::Request& request = *exchange->request;
  session::v1::ExchangeRequest ask;
  ask.set_device_id(device);
  ask.set_encoding(exchange->reception.media.encoding == syncml::Encoding::kXml
                       ? session::v1::XML
                       : session::v1::WBXML);
  ask.set_body(request.body.data(), request.body.size());
  const std::string_view mac = request.Find("x-syncml-hmac");
  ask.set_mac_header(mac.data(), mac.size());
  ask.set_media_type(std::string(exchange->reception.media.reply));
  ++exchange->attempts;
  replicas_.Exchange(*replica, std::move(ask), exchange->deadline,
                     [this, exchange, replica](Result<session::v1::ExchangeReply> outcome) {
                       exchange->failed = replica;
                       Replied(exchange, std::move(outcome));
                     });
}

void ExchangeHandler::Replied(const std::shared_ptr<Exchange>& exchange,
                              Result<session::v1::ExchangeReply> outcome) {
  const Code code = outcome ? static_cast<Code>(outcome->code()) : outcome.error().code;
  if (code == Code::kUnavailable && exchange->attempts < kAttempts) {
    metrics_.FailedOver();
    return Ask(exchange);
  }
  if (code == Code::kOk) return Answer(*exchange, std::move(*outcome));
  if (!outcome) return Fail(*exchange, outcome.error(), 0);
  Fail(*exchange, {code, outcome->error()}, outcome->retry_after_s());
}

void ExchangeHandler::Answer(Exchange& exchange, session::v1::ExchangeReply reply) {
  Done(exchange);
  http::Response response{.content_type = exchange.reception.media.reply};
  response.headers = "Cache-Control: no-store\r\n";
  if (!reply.mac_header().empty()) response.Add("x-syncml-hmac", reply.mac_header());
  response.body = std::move(*reply.mutable_body());
  metrics_.Answered(200, Name(exchange.reception.media.encoding));
  exchange.responder.Send(std::move(response));
}

void ExchangeHandler::Done(const Exchange& exchange) {
  const auto now = std::chrono::steady_clock::now();
  const auto took = now - exchange.begun;
  admission_.Done(took, now);
  metrics_.InFlight(admission_.in_flight());
  if (exchange.attempts != 0) metrics_.Took(took);
}

void ExchangeHandler::Fail(Exchange& exchange, const Error& error, uint32_t retry_after_s) {
  Done(exchange);
  const int status = HttpStatus(error.code);
  // What went wrong inside is for the log, not for whoever sent the message.
  http::Response response = http::Text(status, status == 400 || status == 403 ? error.message
                                               : status == 503                ? "try again later"
                                                                              : "internal error");
  if (status == 503) {
    response.Add("Retry-After", std::to_string(retry_after_s != 0 ? static_cast<int>(retry_after_s)
                                                                  : RetryAfter()));
  }
  response.Add("Cache-Control", "no-store");
  metrics_.Answered(status, Name(exchange.reception.media.encoding));
  Rejected(Cause(error.code), status, error.message, exchange.reception.device);
  exchange.responder.Send(std::move(response));
}

void ExchangeHandler::Refused(int status, std::string_view cause) {
  if (status != 0) metrics_.Answered(status, "none");
  Rejected(Cause(status), status, cause, DeviceId());
}

void ExchangeHandler::Rejected(std::string_view cause, int status, std::string_view why,
                               const DeviceId& device) {
  metrics_.Rejected(cause);
  service::Sampler& sampler = samplers_.try_emplace(std::string(cause)).first->second;
  const int64_t left_out = sampler.Admit(std::chrono::steady_clock::now());
  if (left_out < 0) return;
  service::Log(service::Level::kWarn, "ingress.rejected", why,
               {{"cause", cause},
                {"status", status},
                {"device", device.empty() ? std::string() : service::Redacted(device.value())},
                {"left_out", left_out}});
}

int ExchangeHandler::RetryAfter() { return std::uniform_int_distribution<int>(1, 10)(random_); }

}  // namespace drover::ingress

#include "services/sip/handlers/request_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/base/bytes.h"
#include "libs/gateway/message_xml.h"
#include "libs/service/log.h"

namespace drover::gateways {
namespace {

constexpr std::string_view kRoot = "/gw/v1/";
constexpr std::string_view kFileRoot = "/gw/v1/file/";
constexpr size_t kMostId = 64;
constexpr uint64_t kLeastRetry =
    5;  // Seconds, and up to as many more, so that not all come at once.

bool IsId(std::string_view id) {
  if (id.empty() || id.size() > kMostId) return false;
  for (const char c : id) {
    if (c < 0x21 || c > 0x7e || c == '"' || c == '\\' || c == '<' || c == '>') return false;
  }
  return true;
}

http::Response Xml(std::string body) {
  http::Response out;
  out.content_type = gateway::kXmlContentType;
  out.body = std::move(body);
  return out;
}

int StatusOf(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return 400;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
      return 409;
    case Code::kPermissionDenied:
      return 403;
    default:
      return 503;
  }
}

}  // namespace

RequestServer::RequestServer(asio::io_context& loop, Ports ports, Config config, Clock clock,
                             RandomOctets random, Metrics& metrics)
    : loop_(loop),
      ports_(ports),
      config_(std::move(config)),
      clock_(std::move(clock)),
      random_(std::move(random)),
      metrics_(metrics),
      mint_(config_.nonce_key) {}

RequestServer::Call RequestServer::CallOf(const Asked& asked) {
  const bool get = asked.method == "GET" || asked.method == "HEAD";
  if (asked.path.starts_with(kFileRoot)) return get ? Call::kFile : Call::kNone;
  if (asked.method != "POST" || !asked.path.starts_with(kRoot)) return Call::kNone;
  const std::string_view call = std::string_view(asked.path).substr(kRoot.size());
  if (call == "register") return Call::kRegister;
  if (call == "request") return Call::kRequest;
  return call == "result" ? Call::kResult : Call::kNone;
}

const char* RequestServer::NameOf(Call call) {
  switch (call) {
    case Call::kRegister:
      return "register";
    case Call::kRequest:
      return "request";
    case Call::kResult:
      return "result";
    case Call::kFile:
      return "file";
    case Call::kNone:
      break;
  }
  return "other";
}

void RequestServer::Handle(const http::Request& request, const http::Responder& responder) {
  Asked asked;
  asked.method = request.method;
  asked.path = request.path;
  asked.body = request.body;
  asked.content_type = request.Find("content-type");
  asked.authorization = request.Find("authorization");
  asked.user_agent = request.Find("user-agent");
  asked.client_name = request.client_name;
  asked.range = request.Find("range");
  asked.if_none_match = request.Find("if-none-match");
  asked.if_range = request.Find("if-range");
  asked.secure = request.secure;
  if (running_ >= config_.most_running) {
    ports_.triggers.Overloaded();
    const Call call = CallOf(asked);
    metrics_.Request(NameOf(call), 503);
    return responder.Send(Failure(ResourceExhausted("too many gateways ask at once")));
  }
  ++running_;
  asio::co_spawn(loop_.get_executor(), Serve(std::move(asked), responder), asio::detached);
}

Process RequestServer::Serve(Asked asked, http::Responder responder) {
  const Call call = CallOf(asked);
  const Deadline deadline = In(config_.timeout);
  Result<http::Response> answer = co_await Answer(asked, call, deadline);
  --running_;
  http::Response response = answer ? *std::move(answer) : Failure(answer.error());
  metrics_.Request(NameOf(call), response.status);
  if (response.status == 503) ports_.triggers.Overloaded();
  responder.Send(std::move(response));
}

Task<http::Response> RequestServer::Answer(const Asked& asked, Call call, Deadline deadline) {
  if (call == Call::kNone) {
    const bool known = asked.path == "/gw/v1/register" || asked.path == "/gw/v1/request" ||
                       asked.path == "/gw/v1/result" || asked.path.starts_with(kFileRoot);
    co_return http::Text(known ? 405 : 404,
                         known ? "another method is needed\n" : "no such call\n");
  }
  if (call != Call::kFile) co_return co_await Post(asked, call, deadline);
  if (!config_.files_open) {
    DROVER_CO_TRY(Known known, co_await Authenticate(asked, call, deadline));
    if (!known.gateway) co_return std::move(known.refusal);
  }
  Files::Wanted wanted;
  wanted.name = asked.path.substr(kFileRoot.size());
  wanted.range = asked.range;
  wanted.if_none_match = asked.if_none_match;
  wanted.if_range = asked.if_range;
  wanted.head = asked.method == "HEAD";
  co_return ports_.files.Serve(wanted);
}

Task<http::Response> RequestServer::Post(const Asked& asked, Call call, Deadline deadline) {
  if (!gateway::IsXmlContentType(asked.content_type)) {
    co_return http::Text(415, "send application/xml or text/xml\n");
  }
  DROVER_CO_TRY(Known known, co_await Authenticate(asked, call, deadline));
  if (!known.gateway) co_return std::move(known.refusal);
  co_return co_await Carry(asked, call, *std::move(known.gateway), deadline);
}

// The message is read only of who has proved who it is.
Task<http::Response> RequestServer::Carry(const Asked& asked, Call call, Gateway known,
                                          Deadline deadline) {
  const auto remark = [this](const gateway::Remarks& remarks) {
    metrics_.Remark("repeated", remarks.repeated);
    metrics_.Remark("ignored", remarks.ignored);
    metrics_.Remark("head_slip", remarks.head_slip ? 1 : 0);
  };
  const auto other = [&known](const gateway::Header& header) {
    return !header.serial.empty() && header.serial != known.id;
  };
  const char* const conflict = "the serial number is not that of who was authenticated\n";
  Cycles::Asker asker;
  asker.user_agent = asked.user_agent;
  std::string answer;
  if (call == Call::kRegister) {
    DROVER_CO_TRY(auto reading, gateway::ReadAs<gateway::Register>(asked.body));
    remark(reading.remarks);
    if (other(reading.message.header)) co_return http::Text(409, conflict);
    DROVER_CO_TRY(answer,
                  co_await ports_.cycles.Register(std::move(known), std::move(reading.message),
                                                  std::move(asker), deadline));
  } else if (call == Call::kRequest) {
    DROVER_CO_TRY(auto reading, gateway::ReadAs<gateway::Request>(asked.body));
    remark(reading.remarks);
    if (other(reading.message.header)) co_return http::Text(409, conflict);
    DROVER_CO_TRY(answer,
                  co_await ports_.cycles.Request(std::move(known), std::move(reading.message),
                                                 std::move(asker), deadline));
  } else {
    DROVER_CO_TRY(auto reading, gateway::ReadAs<gateway::WorkResult>(asked.body));
    remark(reading.remarks);
    if (other(reading.message.header)) co_return http::Text(409, conflict);
    DROVER_CO_TRY(answer, co_await ports_.cycles.TakeResult(std::move(known),
                                                            std::move(reading.message), deadline));
  }
  co_return Xml(std::move(answer));
}

Task<RequestServer::Known> RequestServer::Authenticate(const Asked& asked, Call call,
                                                       Deadline deadline) {
  Known out;
  const Presented presented = ReadAuthorization(asked.authorization);
  const bool certified = !asked.client_name.empty();
  const std::string id = certified ? asked.client_name : UserOf(presented);
  if (id.empty()) {
    out.refusal = Challenge(asked, false);
    co_return out;
  }
  if (!IsId(id)) {
    out.refusal = http::Text(403, "no such gateway\n");
    co_return out;
  }
  std::string wanted = id;
  DROVER_CO_TRY(std::optional<Gateway> known,
                co_await ports_.store.Read(std::move(wanted), deadline));
  if (!known) co_return co_await EnrolItself(asked, call, id, presented, deadline);
  if (!certified) {
    const Result<std::string> opened = ports_.keys.Open(known->record.secrets(), id);
    v1::Secrets secrets;
    if (!opened || !secrets.ParseFromString(*opened)) {
      co_return Error{Code::kUnavailable,
                      "the gateway's secrets cannot be opened: look at --seal-key-file"};
    }
    const Question question{asked.method, asked.path, asked.body, config_.realm,
                            BasicAllowed(asked)};
    const sip::DigestVerdict verdict =
        Judge(presented, question, id, secrets.password(), mint_, guard_, clock_());
    if (verdict != sip::DigestVerdict::kGood) {
      out.refusal = Challenge(asked, verdict == sip::DigestVerdict::kStale);
      co_return out;
    }
  }
  const bool never = known->record.registrations() == 0 && !known->record.has_contact() &&
                     known->record.sip_uri().empty();
  if (never && call == Call::kRequest) {
    out.refusal = http::Text(404, "register first\n");
    co_return out;
  }
  out.gateway = std::move(known);
  co_return out;
}

// An unknown gateway that knows the enrolment password is enrolled by its registration; what it
// proves from then on is that password, until an operator sets another.
Task<RequestServer::Known> RequestServer::EnrolItself(const Asked& asked, Call call, std::string id,
                                                      const Presented& presented,
                                                      Deadline deadline) {
  Known out;
  out.refusal = http::Text(call == Call::kRequest ? 404 : 403, "no such gateway\n");
  const std::string& password = config_.enrolment_password;
  if (password.empty() || call != Call::kRegister) co_return out;
  const TimePoint now = clock_();
  const Question question{asked.method, asked.path, asked.body, config_.realm, BasicAllowed(asked)};
  const bool certified = asked.client_name == id;
  const sip::DigestVerdict verdict =
      certified ? sip::DigestVerdict::kGood
                : Judge(presented, question, id, password, mint_, guard_, now);
  if (verdict != sip::DigestVerdict::kGood) {
    out.refusal = Challenge(asked, verdict == sip::DigestVerdict::kStale);
    co_return out;
  }
  tree::v1::EnrolDevicesRequest enrol;
  tree::v1::NewDevice& device = *enrol.add_devices();
  device.set_id(id);
  device.set_password(password);
  device.set_bearer(kBearer);
  DROVER_CO_TRY(co_await ports_.tree.Enrol(std::move(enrol), deadline));
  Gateway gateway = NewGateway(id, random_(8), now);
  v1::Secrets secrets;
  secrets.set_password(password);
  gateway.record.set_secrets(ports_.keys.Seal(secrets.SerializeAsString(), id, random_));
  DROVER_CO_TRY(out.gateway, co_await ports_.store.Write(std::move(gateway), Telling(), deadline));
  co_return out;
}

http::Response RequestServer::Challenge(const Asked& asked, bool stale) {
  http::Response out = http::Text(401, "prove who you are\n");
  const std::string nonce = mint_.Mint(config_.realm, clock_(), base::ReadBigEndian64(random_(8)));
  for (const std::string& challenge :
       Challenges(config_.realm, nonce, stale, BasicAllowed(asked))) {
    out.Add("WWW-Authenticate", challenge);
  }
  return out;
}

http::Response RequestServer::Failure(const Error& error) {
  const int status = StatusOf(error.code);
  if (error.code == Code::kInvalidArgument) return http::Text(400, error.message + "\n");
  http::Response out = http::Text(status, std::string(http::Reason(status)) + "\n");
  if (status != 503) return out;
  const uint64_t wait = kLeastRetry + static_cast<uint8_t>(random_(1)[0]) % kLeastRetry;
  out.Add("Retry-After", std::to_string(wait));
  service::Log(service::Level::kWarn, "sip.request_not_served", "a gateway was asked to come again",
               {{"code", Name(error.code)}, {"cause", error.message}});
  return out;
}

}  // namespace drover::gateways

// sip_probe: a SIP element for tests in Python, around libs/sip's endpoint and calls.
//
//   sip_probe [--udp HOST:PORT] [--tcp ..] [--tls .. --cert F --key F] [--ca F] [--proxy URI]
//
// Prints {"ports": {"udp": n, ..}}, then reads a request to be sent as JSON from each line of its
// standard input, and prints {"id", "kind", "status", ..} when that one has ended. Every request
// that comes is printed as {"request": its octets, "source": ..} and answered with the status of
// the last {"answer": n}, at first 200. Ends when its input does.
#include <iostream>
#include <map>
#include <string>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "libs/dmauth/random.h"
#include "libs/sip/link/call.h"
#include "libs/sip/link/endpoint.h"
#include "libs/sip/outcome.h"

namespace drover::sip {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

Endpoint::Config ConfigOf(const std::map<std::string, std::string>& options) {
  const auto at = [&options](const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
  };
  Endpoint::Config config;
  config.udp_listen = at("--udp");
  config.tcp_listen = at("--tcp");
  config.tls_listen = at("--tls");
  config.outbound_proxy = at("--proxy");
  if (!config.tls_listen.empty()) {
    config.tls_server = TlsServer{.certificate_file = at("--cert"), .key_file = at("--key")};
  }
  config.tls_client = TlsClient{.ca_file = at("--ca")};
  config.host = "127.0.0.1";
  return config;
}

// What a command says of a request.
CallRequest RequestOf(const json& command) {
  CallRequest request;
  request.method = command.value("method", "NOTIFY");
  request.uri = command.at("uri");
  request.routes = command.value("routes", std::vector<std::string>());
  request.from = command.value("from", "<sip:dm@example.com>");
  request.from_tag = command.value("from_tag", "probe");
  request.to = command.value("to", "<" + request.uri + ">");
  request.call_id = command.value("call_id", "probe@example.com");
  request.contact = command.value("contact", "");
  request.event = command.value("event", "");
  request.subscription_state = command.value("subscription_state", "");
  request.user_agent = "Drover";
  request.content_type = command.value("content_type", "");
  request.body = command.value("body", "");
  const json fields = command.value("fields", json::object());
  for (const auto& [name, value] : fields.items()) request.more.emplace_back(name, value);
  return request;
}

OutcomeVerdict VerdictOf(const CallEnd& end) {
  TriggerEnd trigger;
  trigger.challenges_answered = static_cast<int>(end.call.challenges_answered());
  trigger.answer_is_refused = end.call.answer_is_refused();
  trigger.was_redirected = end.call.was_redirected();
  trigger.has_next_event = true;
  if (end.reply.kind == Reply::Kind::kResponse) {
    trigger.status = end.reply.response->status();
    RetryAfter later;
    const auto field = end.reply.response->Find(HeaderId::kRetryAfter);
    if (field && ParseRetryAfter(*field, later)) trigger.retry_after = later.seconds;
  } else {
    trigger.ending =
        end.reply.kind == Reply::Kind::kTimeout ? Ending::kTimeout : Ending::kTransportError;
  }
  return OutcomeOf(trigger);
}

class Probe {
 public:
  Probe(asio::io_context& loop, const std::map<std::string, std::string>& options)
      : endpoint_(loop, ConfigOf(options), dmauth::SystemRandom), input_(loop, dup(STDIN_FILENO)) {
    endpoint_.SetOnRequest([this](Incoming& incoming) { OnRequest(incoming); });
  }

  Result<void> Open() {
    DROVER_TRY(endpoint_.Open());
    Print({{"ports",
            {{"udp", endpoint_.port(Transport::kUdp)},
             {"tcp", endpoint_.port(Transport::kTcp)},
             {"tls", endpoint_.port(Transport::kTls)}}}});
    ReadLine();
    return {};
  }

 private:
  static void Print(const json& what) {
    std::cout << what.dump(-1, ' ', true, json::error_handler_t::replace) << std::endl;
  }

  void ReadLine() {
    asio::async_read_until(input_, asio::dynamic_buffer(buffer_), '\n',
                           [this](const boost::system::error_code& error, size_t octets) {
                             if (error) return input_.get_executor().context().stop();
                             const json command = json::parse(buffer_.substr(0, octets));
                             buffer_.erase(0, octets);
                             Do(command);
                             ReadLine();
                           });
  }

  void Do(const json& command) {
    if (command.contains("answer")) {
      answer_ = command.at("answer").get<uint16_t>();
      return;
    }
    CallSettings settings;
    settings.random = dmauth::SystemRandom;
    settings.send.uri = command.value("next_hop", "");
    if (command.value("redirects", false)) settings.may_redirect = [](const Uri&) { return true; };
    if (command.contains("username")) {
      settings.digest = std::make_shared<DigestClient>(
          Login{command.at("username"), command.value("password", "")});
    }
    const auto cseq = std::make_shared<uint32_t>(command.value("cseq", 0U));
    const NextCSeq next = [cseq](const GiveCSeq& give) { give(++*cseq); };
    const auto begin = Clock::now();
    Call(
        endpoint_, RequestOf(command), std::move(settings), next,
        [this, begin, id = command.value("id", "")](const CallEnd& end) { Ended(id, begin, end); });
  }

  void Ended(const std::string& id, Clock::time_point begin, const CallEnd& end) const {
    const OutcomeVerdict verdict = VerdictOf(end);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    const Endpoint::Counters counters = endpoint_.counters();
    json out{{"id", id},
             {"kind", Name(end.reply.kind)},
             {"why", end.reply.why},
             {"outcome", Name(verdict.outcome)},
             {"action", Name(verdict.action)},
             {"wait_s", verdict.wait.count()},
             {"sent", end.call.sent()},
             {"challenges_answered", end.call.challenges_answered()},
             {"cseq", end.cseq},
             {"took_ms", took.count()},
             {"datagrams_out", counters.datagrams_out},
             {"connections_opened", counters.connections_opened}};
    if (const Message* const response = end.reply.response) {
      out["status"] = response->status();
      out["allows"] = response->Find(HeaderId::kAllowEvents).value_or("");
    }
    Print(out);
  }

  void OnRequest(Incoming& incoming) const {
    Print({{"request", std::string(incoming.message().octets())},
           {"source", Text(incoming.source())}});
    incoming.Respond({.status = answer_});
  }

  Endpoint endpoint_;
  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> input_;
  std::string buffer_;
  uint16_t answer_ = 200;
};

int Run(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  asio::io_context loop{1};
  Probe probe(loop, options);
  if (const Result<void> open = probe.Open(); !open) {
    std::cerr << open.error().message << '\n';
    return 1;
  }
  loop.run();
  return 0;
}

}  // namespace
}  // namespace drover::sip

int main(int argc, char** argv) { return drover::sip::Run(argc, argv); }

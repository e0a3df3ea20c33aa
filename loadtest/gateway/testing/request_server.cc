#include "loadtest/gateway/testing/request_server.h"

#include <charconv>

#include "libs/base/bytes.h"
#include "libs/sip/digest.h"

namespace drover::gwsim::testing {
namespace {

constexpr std::string_view kFiles = "/gw/v1/file/";
constexpr std::string_view kTestRealm = "drover";

http::Response Xml(const gateway::Message& message) {
  http::Response response;
  response.content_type = gateway::kXmlContentType;
  gateway::Write(message, response.body);
  return response;
}

}  // namespace

RequestServer::RequestServer(asio::io_context& loop, Population population, Login login)
    : population_(std::move(population)),
      login_(login),
      server_(loop, {.listen = "127.0.0.1:0"},
              [this](const http::Request& request, http::Responder responder) {
                Handle(request, std::move(responder));
              }) {}

void RequestServer::Handle(const http::Request& request, http::Responder responder) {
  if (login_ != Login::kNone && !Knows(request)) {
    ++unauthorized;
    return responder.Send(Challenge());
  }
  responder.Send(request.path.starts_with(kFiles) ? File(request) : Answer(request));
}

bool RequestServer::Knows(const http::Request& request) {
  const std::string_view value = request.Find("Authorization");
  if (login_ == Login::kBasic) {
    if (!value.starts_with("Basic ")) return false;
    const std::string text = base::FromBase64(value.substr(6)).value_or("");
    const auto number = NumberOfSerial(population_, text.substr(0, text.find(':')));
    return number && text.substr(text.find(':') + 1) == HttpPassword(population_, *number);
  }
  const auto credentials = sip::ParseCredentials(value);
  if (!credentials) return false;
  const auto number = NumberOfSerial(population_, credentials->username);
  if (!number) return false;
  const std::string ha1 = sip::DigestHa1(credentials->algorithm, credentials->username, kTestRealm,
                                         HttpPassword(population_, *number));
  return sip::JudgeCredentials(*credentials,
                               {.method = request.method,
                                .uri = request.path,
                                .body = request.body,
                                .realm = kTestRealm},
                               ha1, mint_, guard_, SystemNow()) == sip::DigestVerdict::kGood;
}

http::Response RequestServer::Challenge() {
  http::Response response = http::Text(401, "who are you?");
  std::string value = "Basic realm=\"drover\"";
  if (login_ != Login::kBasic) {
    value.clear();
    const std::string nonce = mint_.Mint(kTestRealm, SystemNow(), ++nonces_);
    const auto algorithm =
        login_ == Login::kMd5 ? sip::DigestAlgorithm::kMd5 : sip::DigestAlgorithm::kSha256;
    sip::AppendChallenge({.realm = kTestRealm, .nonce = nonce, .algorithm = algorithm}, value);
  }
  response.Add("WWW-Authenticate", value);
  return response;
}

http::Response RequestServer::Answer(const http::Request& request) {
  auto reading = gateway::Read(request.body);
  if (!reading) return http::Text(400, reading.error().message);
  slips += reading->remarks.head_slip;
  if (const auto* message = std::get_if<gateway::Register>(&reading->message)) {
    registers.push_back(*message);
    return Xml(gateway::Response{.interval_seconds = 3600});
  }
  if (const auto* message = std::get_if<gateway::WorkResult>(&reading->message)) {
    results.push_back(*message);
    return http::Response{.status = 204};
  }
  const auto& message = std::get<gateway::Request>(reading->message);
  requests.push_back(message);
  if (!refusals.empty()) {
    const int status = refusals.front();
    refusals.pop_front();
    http::Response refusal = http::Text(status, "later");
    refusal.Add("Retry-After", "1");
    return refusal;
  }
  gateway::Response response;
  if (!work.empty()) {
    response = work.front();
    work.pop_front();
  }
  response.header.msgid = message.header.msgid;
  return Xml(response);
}

http::Response RequestServer::File(const http::Request& request) {
  const auto found = files.find(std::string(request.path.substr(kFiles.size())));
  if (found == files.end()) return http::Text(404, "no such file");
  const std::string& octets = found->second;
  http::Response response;
  response.content_type = "application/octet-stream";
  response.Add("ETag", "\"one\"");
  std::string_view range = request.Find("Range");
  if (!range.starts_with("bytes=")) {
    response.body = octets;
    return response;
  }
  range.remove_prefix(6);
  ++ranges;
  size_t first = 0, last = 0;
  std::from_chars(range.data(), range.data() + range.size(), first);
  const size_t hyphen = range.find('-');
  std::from_chars(range.data() + hyphen + 1, range.data() + range.size(), last);
  last = std::min(last, octets.size() - 1);
  response.status = 206;
  response.body = octets.substr(first, last - first + 1);
  response.Add("Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(last) +
                                    "/" + std::to_string(octets.size()));
  return response;
}

}  // namespace drover::gwsim::testing

#include "loadtest/gateway/web_line.h"

#include <charconv>

#include <boost/asio/ip/tcp.hpp>

#include "libs/base/bytes.h"
#include "libs/gateway/message_xml.h"
#include "libs/sip/parameters.h"

namespace drover::gwsim {
namespace {

constexpr size_t kMostServers = 100;
constexpr int kMostRounds = 3;

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool SameName(std::string_view a, std::string_view b) { return sip::EqualsIgnoringCase(a, b); }

// "bytes 0-99/1234"
void TakeContentRange(std::string_view value, WebAnswer& answer) {
  const size_t blank = value.find(' '), slash = value.find('/');
  if (blank == std::string_view::npos || slash == std::string_view::npos) return;
  uint64_t whole = 0;
  std::from_chars(value.data() + blank + 1, value.data() + slash, answer.first_octet);
  const auto [end, error] =
      std::from_chars(value.data() + slash + 1, value.data() + value.size(), whole);
  if (error == std::errc() && end == value.data() + value.size()) answer.whole_octets = whole;
}

}  // namespace

std::optional<std::string_view> HeadField(std::string_view head, std::string_view name,
                                          size_t occurrence) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find('\n'));
    head.remove_prefix(std::min(line.size() + 1, head.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !SameName(line.substr(0, colon), name)) continue;
    if (occurrence-- == 0) return Trimmed(line.substr(colon + 1));
  }
  return std::nullopt;
}

Web::Web(asio::io_context& loop, Options options, std::function<std::string()> cnonce)
    : loop_(loop),
      options_(options),
      cnonce_(std::move(cnonce)),
      watch_(loop),
      tls_(std::make_unique<terminal::TlsClient>(terminal::TlsOptions{})) {}

Web::~Web() = default;

Result<std::shared_ptr<const WebServer>> Web::Find(std::string_view text) {
  DROVER_TRY(terminal::Url url, terminal::ParseUrl(text));
  const std::string place =
      (url.tls ? "https://" : "http://") + url.host + ":" + std::to_string(url.port) + url.target;
  const auto known = servers_.find(place);
  if (known != servers_.end()) return known->second;
  if (servers_.size() >= kMostServers) return ResourceExhausted("too many places to fetch from");
  asio::ip::tcp::resolver resolver(loop_);
  boost::system::error_code error;
  std::string host = url.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto found = resolver.resolve(host, std::to_string(url.port), error);
  if (error || found.empty()) return Unavailable(url.host + ": " + error.message());
  auto server = std::make_shared<WebServer>();
  server->peer.endpoint = found.begin()->endpoint();
  server->peer.host = url.host;
  if (url.tls) server->peer.tls = tls_.get();
  if (url.target == "/") url.target.clear();
  server->url = std::move(url);
  servers_.emplace(place, server);
  return std::shared_ptr<const WebServer>(server);
}

WebLine::WebLine(std::shared_ptr<Web> web, std::shared_ptr<const WebServer> server, uint32_t number,
                 sip::Login login)
    : web_(std::move(web)),
      server_(std::move(server)),
      number_(number),
      login_(login),
      digest_(std::move(login)),
      basic_(web_->options().basic_at_once),
      connection_(web_->loop(), web_->watch()) {}

Task<WebAnswer> WebLine::Post(std::string path, std::string xml) {
  Ask ask{.method = "POST", .path = std::move(path), .body = std::move(xml)};
  ask.more = "Content-Type: " + std::string(gateway::kXmlContentType) + "\r\n";
  auto answer = co_await Exchange(std::move(ask));
  co_return answer;
}

Task<WebAnswer> WebLine::Get(std::string path, std::string range, std::string if_range) {
  Ask ask{.method = "GET", .path = std::move(path)};
  if (!range.empty()) ask.more += "Range: " + range + "\r\n";
  if (!if_range.empty()) ask.more += "If-Range: " + if_range + "\r\n";
  auto answer = co_await Exchange(std::move(ask));
  co_return answer;
}

Task<WebAnswer> WebLine::Exchange(Ask ask) {
  digest_.NewRequest();
  for (int round = 1;; ++round) {
    auto answer = co_await Once(ask);
    if (!answer) {
      ++web_->counts.failed;
      co_return std::move(answer).error();
    }
    if (answer->status != 401 || round >= kMostRounds || !Challenged())
      co_return std::move(*answer);
  }
}

Task<WebAnswer> WebLine::Once(const Ask& ask) {
  ++web_->counts.exchanges;
  const Deadline deadline = In(web_->options().patience);
  const std::string octets = Octets(ask);
  Result<terminal::ResponseHead> head = Unavailable("not asked");
  // A connection that rested may be gone without our knowing: then once more over a new one.
  for (bool rested = connection_.is_open();; rested = false) {
    auto sent = co_await SendAll(octets, deadline);
    if (sent) {
      head = co_await connection_.Receive(deadline);
    } else {
      head = std::move(sent).error();
    }
    if (head || !rested || head.error().code != Code::kUnavailable) break;
  }
  if (!head) co_return std::move(head).error();
  connection_.Rest();
  WebAnswer answer;
  answer.status = head->status;
  answer.retry_after_s = head->retry_after_s;
  answer.body = connection_.body();
  answer.etag = HeadField(connection_.head(), "ETag").value_or("");
  if (const auto range = HeadField(connection_.head(), "Content-Range")) {
    TakeContentRange(*range, answer);
  }
  web_->counts.octets_in += answer.body.size();
  co_return answer;
}

Task<void> WebLine::SendAll(const std::string& octets, Deadline deadline) {
  if (!connection_.is_open()) {
    ++web_->counts.connections;
    auto opened = co_await connection_.Open(server_->peer, number_, deadline);
    if (!opened) co_return opened;
  }
  auto sent = co_await connection_.Send(octets, deadline);
  co_return sent;
}

std::string WebLine::Octets(const Ask& ask) {
  std::string octets;
  octets.reserve(512 + ask.body.size());
  octets.append(ask.method).append(" ").append(server_->url.target).append(ask.path);
  octets.append(" HTTP/1.1\r\nHost: ").append(server_->url.host).append(":");
  octets.append(std::to_string(server_->url.port)).append("\r\n").append(ask.more);
  octets.append(Authorization(ask));
  if (ask.method == "POST") {
    octets.append("Content-Length: ").append(std::to_string(ask.body.size())).append("\r\n");
  }
  return octets.append("\r\n").append(ask.body);
}

std::string WebLine::Authorization(const Ask& ask) {
  if (basic_) {
    return "Authorization: Basic " + base::Base64(login_.username + ":" + login_.password) + "\r\n";
  }
  std::string lines;
  const std::string uri = server_->url.target + ask.path;
  for (const auto& field : digest_.Fields(ask.method, uri, ask.body, web_->Cnonce())) {
    lines.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return lines;
}

bool WebLine::Challenged() {
  ++web_->counts.challenges;
  bool has_basic = false;
  for (size_t i = 0;; ++i) {
    const auto value = HeadField(connection_.head(), "WWW-Authenticate", i);
    if (!value) break;
    const auto challenge = sip::ParseChallenge(*value);
    if (challenge) return digest_.Challenged(challenge, false) == sip::DigestClient::Next::kAnswer;
    has_basic = has_basic || SameName(value->substr(0, 5), "basic");
  }
  if (!has_basic || basic_) return false;
  basic_ = true;
  return true;
}

}  // namespace drover::gwsim

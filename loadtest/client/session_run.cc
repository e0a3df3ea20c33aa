#include "loadtest/client/session_run.h"

#include <algorithm>
#include <cstdio>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

namespace drover::terminal {
namespace {

constexpr size_t kSlowPieces = 3;
constexpr std::chrono::milliseconds kSlowPause{30};

constexpr int kContinue = 100;
constexpr size_t kChunkOctets = 512;

PostHeadFields HeadOf(const Request& request) {
  PostHeadFields fields;
  fields.media_type = request.media_type;
  fields.content_length = request.body.size();
  fields.mac_header = request.mac_header;
  fields.lowercase_names = request.lowercase_headers;
  fields.close_connection = request.close_connection;
  fields.chunked = request.chunked;
  fields.expect_continue = request.expect_continue;
  return fields;
}

// The body in the chunked transfer coding (RFC 9112, section 7.1).
std::string Chunked(std::string_view body) {
  std::string octets;
  char size[24];
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, kChunkOctets);
    body.remove_prefix(chunk.size());
    octets.append(size,
                  static_cast<size_t>(std::snprintf(size, sizeof size, "%zx\r\n", chunk.size())));
    octets += chunk;
    octets += "\r\n";
  }
  return octets += "0\r\n\r\n";
}

bool ComeAgain(int http_status) { return http_status == 503 || http_status == 429; }

}  // namespace

Result<asio::ip::address> Resolve(const std::string& host) {
  asio::io_context loop;
  asio::ip::tcp::resolver resolver(loop);
  boost::system::error_code error;
  const auto found = resolver.resolve(host, "", error);
  if (error || found.empty()) {
    return Unavailable("no address for " + host + ": " + error.message());
  }
  return found.begin()->endpoint().address();
}

SessionRun::SessionRun(asio::io_context& loop, DeadlineWatch& watch, const SessionRunConfig& config,
                       Traffic& traffic, uint32_t source_index,
                       std::unique_ptr<Connection> connection)
    : loop_(loop),
      config_(config),
      traffic_(traffic),
      source_index_(source_index),
      connection_(connection != nullptr ? std::move(connection)
                                        : std::make_unique<Connection>(loop, watch)),
      reused_(connection_->is_open()) {}

std::unique_ptr<Connection> SessionRun::TakeConnection() {
  if (!connection_->is_open()) return nullptr;
  connection_->Rest();
  return std::move(connection_);
}

Task<void> SessionRun::Pause(std::chrono::milliseconds time) {
  Timer timer(loop_.get_executor());
  timer.expires_after(time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(kAwait, ignored));
  co_return Result<void>();
}

Result<Connection::Peer> SessionRun::PeerOf(const Url& url) const {
  boost::system::error_code error;
  Connection::Peer peer;
  const auto known = config_.addresses.find(url.host);
  const auto address =
      known != config_.addresses.end()
          ? known->second
          : asio::ip::make_address(url.host == "localhost" ? "127.0.0.1" : url.host, error);
  if (error) return InvalidArgument("the server's URL must name an address: " + url.host);
  peer.endpoint = Connection::Tcp::endpoint(address, url.port);
  if (url.tls && config_.tls == nullptr) {
    return InvalidArgument("the server's URL is https, and TLS is not on: say --tls");
  }
  if (url.tls) {
    peer.tls = config_.tls;
    peer.host = url.host;
  }
  return peer;
}

Task<void> SessionRun::SendSlowly(std::string_view octets, Deadline deadline) {
  const size_t piece = octets.size() / kSlowPieces + 1;
  while (!octets.empty()) {
    const std::string_view now = octets.substr(0, piece);
    DROVER_CO_TRY(co_await connection_->Send(now, deadline));
    octets.remove_prefix(now.size());
    if (!octets.empty()) (void)co_await Pause(kSlowPause);
  }
  co_return Result<void>();
}

Task<ResponseHead> SessionRun::Attempt(const Request& request, bool first) {
  const Deadline deadline = In(config_.timeout);
  DROVER_CO_TRY(const Url url, ParseUrl(request.url));
  std::string octets = PostHead(url, HeadOf(request));
  const std::string chunks = request.chunked ? Chunked(request.body) : std::string();
  const std::string& body = request.chunked ? chunks : request.body;
  if (!request.expect_continue) octets += body;
  const Mishap mishap = first ? request.mishap : Mishap::kNone;
  if (!connection_->is_open() || mishap == Mishap::kDropBeforeSend) {
    DROVER_CO_TRY(const Connection::Peer peer, PeerOf(url));
    ++traffic_.connections;
    reused_ = false;
    if (peer.tls == nullptr) {
      DROVER_CO_TRY(connection_->Begin(peer, source_index_, deadline));
    } else {
      DROVER_CO_TRY(co_await connection_->Open(peer, source_index_, deadline));
    }
  }
  if (mishap == Mishap::kDropBeforeSend) {
    connection_->Close();
    co_return Unavailable("dropped before sending");
  }
  if (request.slowly) {
    DROVER_CO_TRY(co_await SendSlowly(octets, deadline));
  } else {
    DROVER_CO_TRY(const size_t sent, connection_->SendSome(octets, deadline));
    const std::string_view rest = std::string_view(octets).substr(sent);
    if (!rest.empty()) DROVER_CO_TRY(co_await connection_->Send(rest, deadline));
  }
  if (request.expect_continue) {
    DROVER_CO_TRY(const ResponseHead go, co_await connection_->Receive(deadline));
    if (go.status != kContinue) co_return go;
    DROVER_CO_TRY(co_await connection_->Send(body, deadline));
  }
  if (mishap == Mishap::kDropAfterSend) {
    connection_->Close();
    co_return Unavailable("dropped after sending");
  }
  auto head = co_await connection_->Receive(deadline);
  // The body's octets stay where they are until the next call.
  if (request.close_connection) connection_->Close();
  co_return head;
}

Task<ResponseHead> SessionRun::Exchange(const Request& request) {
  std::chrono::milliseconds pause = config_.retry_pause;
  for (int attempt = 1;; ++attempt) {
    auto head = co_await Attempt(request, attempt == 1);
    if (!head && reused_) {  // The server had closed it meanwhile: nothing was lost.
      reused_ = false;
      --attempt;
      continue;
    }
    reused_ = false;
    const bool again = !head || ComeAgain(head->status);
    if (head && again) retry_after_ = std::chrono::seconds(head->retry_after_s);
    if (!again || attempt >= config_.attempts) co_return head;
    if (head && config_.busy_ends_session && position_ == 0) co_return head;
    ++traffic_.retries;
    // A dropped connection is the terminal's own doing: it does not wait.
    const bool dropped =
        request.mishap == Mishap::kDropBeforeSend || request.mishap == Mishap::kDropAfterSend;
    if (attempt == 1 && dropped) continue;
    if (head && head->retry_after_s > 0) pause = std::chrono::seconds(head->retry_after_s);
    connection_->Close();
    (void)co_await Pause(pause);
    pause *= 2;
  }
}

Task<ResponseHead> SessionRun::Repeat(const Request& request, const ResponseHead& head) {
  const int status = head.status;
  const std::string answer(connection_->body());
  ++traffic_.retries;
  auto again = co_await Exchange(request);
  if (!again) co_return again;
  if (again->status != status || connection_->body() != answer) {
    co_return Error{Code::kDataLoss, "a message that was sent twice got another answer"};
  }
  co_return again;
}

PowerCut SessionRun::CutNow() const {
  if (position_ == faults_.message && faults_.power_cut != PowerCut::kNone) {
    return faults_.power_cut;
  }
  return config_.power_cut ? config_.power_cut() : PowerCut::kNone;
}

Task<void> SessionRun::LosePower(Terminal& terminal, const Request& request, PowerCut cut) {
  if (cut == PowerCut::kAfterSend) {
    Request last = request;
    last.mishap = Mishap::kDropAfterSend;
    (void)co_await Attempt(last, true);
  }
  connection_->Close();
  terminal.PowerLoss();
  ++traffic_.sessions;
  co_return Cancelled("the terminal lost its power");
}

Task<SessionEnd> SessionRun::Run(Terminal& terminal, SessionReason reason) {
  Next next = terminal.StartSession(reason);
  auto end = co_await Converse(terminal, next);
  co_return end;
}

Task<SessionEnd> SessionRun::Run(Terminal& terminal, const Request& first) {
  Next next = first;
  auto end = co_await Converse(terminal, next);
  co_return end;
}

Task<SessionEnd> SessionRun::Converse(Terminal& terminal, Next& next) {
  const auto begun = std::chrono::steady_clock::now();
  position_ = 0;
  while (auto* const request = std::get_if<Request>(&next)) {
    const PowerCut cut = CutNow();
    if (cut != PowerCut::kNone) DROVER_CO_TRY(co_await LosePower(terminal, *request, cut));
    if (faults_.slowly) request->slowly = true;
    if (position_ == faults_.message && request->mishap == Mishap::kNone) {
      request->mishap = faults_.mishap;
    }
    const auto sent = std::chrono::steady_clock::now();
    auto head = co_await Exchange(*request);
    const auto time = std::chrono::steady_clock::now() - sent;
    if (head && request->mishap == Mishap::kSendTwice) {
      auto again = co_await Repeat(*request, *head);
      head = std::move(again);
    }
    if (!head) {
      terminal.AbandonSession();
      ++traffic_.sessions;
      co_return std::move(head).error();
    }
    if (config_.busy_ends_session && position_ == 0 && ComeAgain(head->status)) {
      terminal.AbandonSession();
      ++traffic_.sessions;
      connection_->Close();
      co_return ResourceExhausted("HTTP status " + std::to_string(head->status));
    }
    ++traffic_.messages;
    traffic_.exchange.Add(time);
    if (config_.exchanged) config_.exchanged(position_, time);
    Traffic::Sizes& sizes = traffic_.sizes[std::min(position_++, Traffic::kPositions - 1)];
    ++sizes.count;
    sizes.request_octets += request->body.size();
    sizes.response_octets += connection_->body().size();
    Response response;
    response.http_status = head->status;
    response.media_type = head->media_type;
    response.body = connection_->body();
    response.mac_header = head->mac_header;
    next = terminal.OnResponse(response);
  }
  if (!config_.keep_alive) connection_->Close();
  ++traffic_.sessions;
  SessionEnd end = std::get<SessionEnd>(std::move(next));
  if (end.outcome == SessionEnd::Outcome::kCompleted) ++traffic_.sessions_good;
  traffic_.session.Add(std::chrono::steady_clock::now() - begun);
  co_return end;
}

}  // namespace drover::terminal

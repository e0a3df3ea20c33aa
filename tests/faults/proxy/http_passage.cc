#include "tests/faults/proxy/http_passage.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace drover::faults {
namespace {

constexpr std::chrono::seconds kLongest{30};  // That a client is kept waiting.

size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  std::string lower(head);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const size_t at = lower.find(kName);
  if (at == std::string::npos) return 0;
  const size_t digits = lower.find_first_not_of(' ', at + kName.size());
  size_t length = 0;
  std::from_chars(lower.data() + digits, lower.data() + lower.size(), length);
  return length;
}

// One message; what was read beyond it stays in rest.
Task<HttpMessage> Read(Socket& from, std::string& rest) {
  HttpMessage message;
  size_t whole = 0;
  while (true) {
    if (message.head == 0) {
      const size_t end = rest.find("\r\n\r\n");
      if (end != std::string::npos) {
        message.head = end + 4;
        whole = message.head + ContentLength(std::string_view(rest).substr(0, message.head));
      }
    }
    if (message.head != 0 && rest.size() >= whole) break;
    const size_t before = rest.size();
    rest.resize(before + 16 * 1024);
    boost::system::error_code error;
    const auto space = asio::buffer(rest.data() + before, rest.size() - before);
    const size_t octets = co_await from.async_read_some(space, asio::redirect_error(kAwait, error));
    rest.resize(before + octets);
    if (error) co_return Unavailable(error.message());
  }
  message.octets = rest.substr(0, whole);
  rest.erase(0, whole);
  co_return message;
}

Task<void> Write(Socket& to, std::string_view octets) {
  boost::system::error_code error;
  const auto all = asio::buffer(octets.data(), octets.size());
  co_await asio::async_write(to, all, asio::redirect_error(kAwait, error));
  if (error) co_return Unavailable(error.message());
  co_return Result<void>();
}

// The octets of a cut in the head, or in the body, that still pass.
std::string_view Part(const HttpMessage& message, bool in_head, double where) {
  const size_t from = in_head ? 0 : message.head;
  const size_t to = in_head ? message.head : message.octets.size();
  const auto part = static_cast<size_t>(where * static_cast<double>(to - from));
  return std::string_view(message.octets).substr(0, from + part);
}

}  // namespace

HttpPassage::HttpPassage(Link& link, Socket client)
    : link_(link), client_(std::move(client)), server_(link.loop().get_executor()) {
  link_.Add(this);
}

HttpPassage::~HttpPassage() { link_.Remove(this); }

Process HttpPassage::Run(Link& link, Socket client) {
  auto self = std::make_shared<HttpPassage>(link, std::move(client));
  co_await Serve(self);
}

void HttpPassage::CutBoth(bool reset) {
  Cut(client_, reset);
  Cut(server_, reset);
}

Process HttpPassage::Serve(std::shared_ptr<HttpPassage> self) {
  while (self->client_.is_open()) {
    auto request = co_await Read(self->client_, self->client_rest_);
    if (!request) break;
    auto done = co_await self->Exchange(std::move(*request));
    if (!done) break;
  }
  self->CutBoth(/*reset=*/false);
}

Task<HttpMessage> HttpPassage::Ask(Socket& server, const HttpMessage& request) {
  if (!server.is_open()) DROVER_CO_TRY(co_await link_.Connect(server));
  DROVER_CO_TRY(co_await Write(server, request.octets));
  std::string rest;
  auto answer = co_await Read(server, rest);
  co_return answer;
}

Task<void> HttpPassage::Exchange(HttpMessage request) {
  const std::optional<Injection> injection = link_.TakeRequest();
  if (injection) {
    link_.Count(injection->kind);
    switch (injection->kind) {
      case Kind::kCutRequestHead:
      case Kind::kCutRequestBody:
      case Kind::kCutBetween: {
        auto cut = co_await CutRequest(request, *injection);
        co_return cut;
      }
      case Kind::kSwallowRequest: {
        auto outwaited = co_await OutwaitClient(kLongest);
        co_return outwaited;
      }
      case Kind::kDelayRequest:
        co_await Sleep(link_.loop(), injection->time);
        break;
      case Kind::kRepeat: {
        auto thrown_away = co_await Ask(server_, request);
        if (!thrown_away) Cut(server_, false);
        if (injection->reset) Cut(server_, true);  // The second comes on another connection.
        break;
      }
      case Kind::kTwins:
        asio::co_spawn(link_.loop(), PostAgain(link_, request, std::chrono::milliseconds(0)),
                       asio::detached);
        break;
      case Kind::kStale:
        asio::co_spawn(link_.loop(), PostAgain(link_, request, injection->time), asio::detached);
        break;
      default:
        break;
    }
  }
  auto answer = co_await Ask(server_, request);
  if (!answer) co_return std::move(answer).error();
  auto answered = co_await Answer(*answer, injection);
  co_return answered;
}

Task<void> HttpPassage::CutRequest(const HttpMessage& request, const Injection& injection) {
  if (!server_.is_open()) DROVER_CO_TRY(co_await link_.Connect(server_));
  const std::string_view part =
      injection.kind == Kind::kCutBetween
          ? std::string_view(request.octets)
          : Part(request, injection.kind == Kind::kCutRequestHead, injection.where);
  DROVER_CO_TRY(co_await Write(server_, part));
  if (injection.kind == Kind::kCutBetween) co_await Sleep(link_.loop(), injection.time);
  CutBoth(injection.reset);
  co_return Unavailable("cut");
}

Task<void> HttpPassage::Answer(const HttpMessage& answer,
                               const std::optional<Injection>& injection) {
  const Kind kind = injection ? injection->kind : Kind::kStale;  // Which harms no answer.
  if (kind == Kind::kLoseAnswer) {
    CutBoth(injection->reset);
    co_return Unavailable("cut");
  }
  if (kind == Kind::kCutAnswerHead || kind == Kind::kCutAnswerBody) {
    const std::string_view part = Part(answer, kind == Kind::kCutAnswerHead, injection->where);
    DROVER_CO_TRY(co_await Write(client_, part));
    CutBoth(injection->reset);
    co_return Unavailable("cut");
  }
  if (kind == Kind::kSwallowAnswer) {
    auto outwaited = co_await OutwaitClient(kLongest);
    co_return outwaited;
  }
  if (kind == Kind::kDelayAnswer) co_await Sleep(link_.loop(), injection->time);
  auto written = co_await Write(client_, answer.octets);
  co_return written;
}

Task<void> HttpPassage::OutwaitClient(std::chrono::milliseconds time) {
  Cut(server_, false);
  const Deadline deadline = In(time);
  std::string ignored;
  // Read ends when the client gives up; the deadline is for one that never does.
  Timer timer(link_.loop().get_executor());
  timer.expires_at(deadline);
  timer.async_wait([this, self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) Cut(client_, true);
  });
  auto more = co_await Read(client_, ignored);
  timer.cancel();
  co_return Unavailable(more ? "the client went on without an answer" : "the client has gone");
}

Process HttpPassage::PostAgain(Link& link, HttpMessage request, std::chrono::milliseconds after) {
  co_await Sleep(link.loop(), after);
  Socket server(link.loop().get_executor());
  auto connected = co_await link.Connect(server);
  if (!connected) co_return;
  auto written = co_await Write(server, request.octets);
  if (!written) co_return;
  std::string rest;
  (void)co_await Read(server, rest);
}

}  // namespace drover::faults

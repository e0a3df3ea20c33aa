#include "libs/http/connection.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace drover::http {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr size_t kChunkRoom = 2048;      // Beyond the head, for chunks to arrive in.
constexpr size_t kKeptBody = 64 * 1024;  // A bigger body's memory is given back.
constexpr size_t kBodyStep = 64 * 1024;  // Memory follows what arrives, not what was said.
constexpr size_t kLingerOctets = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds kLingerTime{5'000};

void AppendNumber(std::string& out, uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void AppendStatusLine(std::string& out, int status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  AppendNumber(out, static_cast<uint64_t>(status));
  out.append(" ").append(Reason(status)).append("\r\n");
}

}  // namespace

Connection::Connection(std::shared_ptr<Shared> shared)
    : shared_(std::move(shared)),
      buffer_(std::make_unique_for_overwrite<char[]>(shared_->limits.head_octets + kChunkRoom)),
      capacity_(shared_->limits.head_octets + kChunkRoom),
      index_(shared_->connections.size()) {
  shared_->connections.push_back(this);
}

Connection::~Connection() {
  auto& all = shared_->connections;
  all[index_] = all.back();
  all[index_]->index_ = index_;
  all.pop_back();
}

void Connection::Begin(Phase phase, std::chrono::milliseconds limit) {
  phase_ = phase;
  limit_ = shared_->now + limit + shared_->limits.tick;
}

// Runs until there is nothing to do but wait. Not reentered: an answer that comes while the handler
// is still on the stack lets the loop below go on.
void Connection::Advance() {
  if (advancing_) return;
  advancing_ = true;
  bool more = true;
  while (more) {
    switch (phase_) {
      case Phase::kIdle:
      case Phase::kHead:
        more = AdvanceHead();
        break;
      case Phase::kBody:
        more = AdvanceBody();
        break;
      default:
        more = false;
        break;
    }
  }
  advancing_ = false;
}

// True if there is more to do without waiting.
bool Connection::AdvanceHead() {
  while (begin_ < end_ && scanned_ == 0 && (buffer_[begin_] == '\r' || buffer_[begin_] == '\n')) {
    ++begin_;  // RFC 9112, section 2.2: empty lines before a request are ignored.
  }
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (shared_->draining) {
      Close();
      return false;
    }
    Read();
    return false;
  }
  if (phase_ == Phase::kIdle) Begin(Phase::kHead, shared_->limits.head_time);
  const std::string_view buffered = Buffered();
  if (scanned_ == 0 && !MayBeginRequest(buffered.front())) {
    Refuse({400, "what was sent is not HTTP"});
    return false;
  }
  const size_t end = buffered.find(kHeadEnd, scanned_ > 3 ? scanned_ - 3 : 0);
  const size_t length = end == std::string_view::npos ? buffered.size() : end + kHeadEnd.size();
  if (length > shared_->limits.head_octets) {
    const bool in_headers = buffered.find('\n') != std::string_view::npos;
    Refuse(in_headers ? Refusal{431, "the headers are too long"}
                      : Refusal{414, "the request target is too long"});
    return false;
  }
  if (end == std::string_view::npos) {
    scanned_ = buffered.size();
    Compact();
    Read();
    return false;
  }
  scanned_ = 0;
  head_ = length;
  if (const auto refusal =
          ParseHead(buffered.substr(0, length), shared_->limits.headers, request_, framing_)) {
    Refuse(*refusal);
    return false;
  }
  return BeginBody();
}

bool Connection::BeginBody() {
  const size_t body_begin = begin_ + head_;
  const uint64_t length = framing_.content_length.value_or(0);
  request_.secure = secure_;
  request_.client_name = client_name_;
  if (length > shared_->limits.body_octets) {
    Refuse({413, "the body is too large"});
    return false;
  }
  body_apart_ = framing_.chunked || length > capacity_ - body_begin;
  next_ = body_begin + static_cast<size_t>(body_apart_ ? 0 : length);
  if (!body_apart_ && next_ <= end_) {
    request_.body = {buffer_.get() + body_begin, static_cast<size_t>(length)};
    Dispatch();
    return true;
  }
  Begin(Phase::kBody, shared_->limits.body_time);
  const std::string_view early(buffer_.get() + body_begin, end_ - body_begin);
  if (body_apart_) {
    chunks_.Reset();
    body_.clear();
    if (!early.empty() && framing_.chunked) return ReceivedChunks(early);
    body_.assign(early);
    end_ = body_begin;
  }
  if (!framing_.expects_continue || !early.empty()) return true;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  writing_ = !Write({asio::buffer(kContinue), asio::const_buffer()});
  return !writing_;
}

bool Connection::AdvanceBody() {
  if (framing_.chunked) {
    Read();
    return false;
  }
  const auto length = static_cast<size_t>(*framing_.content_length);
  if (body_apart_ ? body_.size() < length : end_ < next_) {
    Read();
    return false;
  }
  request_.body = body_apart_ ? std::string_view(body_)
                              : std::string_view(buffer_.get() + begin_ + head_, length);
  Dispatch();
  return true;
}

// input stands in the buffer right after the head. True: the body is whole, and dispatched.
bool Connection::ReceivedChunks(std::string_view input) {
  size_t used = 0;
  switch (chunks_.Feed(input, shared_->limits.body_octets, body_, used)) {
    case ChunkDecoder::State::kMore:
      end_ = begin_ + head_;
      return true;
    case ChunkDecoder::State::kDone:
      next_ = begin_ + head_ + used;
      request_.body = body_;
      Dispatch();
      return true;
    case ChunkDecoder::State::kTooLarge:
      Refuse({413, "the body is too large"});
      return false;
    case ChunkDecoder::State::kBad:
      break;
  }
  Refuse({400, "a chunk of the body is malformed"});
  return false;
}

void Connection::Dispatch() {
  Begin(Phase::kHandling, shared_->limits.handle_time);
  ++request_number_;
  close_after_ = !framing_.keep_alive;
  shared_->handler(request_, Responder(shared_from_this()));
}

void Connection::Compact() {
  if (begin_ == 0) return;
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
}

asio::mutable_buffer Connection::Room() {
  if (phase_ == Phase::kBody && body_apart_ && !framing_.chunked) {
    const size_t have = body_.size();
    const auto left = static_cast<size_t>(*framing_.content_length) - have;
    body_.resize(have + std::min(left, std::max(kBodyStep, have)));
    return asio::buffer(body_.data() + have, body_.size() - have);
  }
  if (phase_ == Phase::kLingering) return asio::buffer(buffer_.get(), capacity_);
  return asio::buffer(buffer_.get() + end_, capacity_ - end_);
}

void Connection::Read() {
  if (std::exchange(reading_, true)) return;
  const asio::mutable_buffer room = Room();
  asked_ = room.size();
  ReadSome(room);
}

void Connection::OnRead(const boost::system::error_code& error, size_t octets) {
  reading_ = false;
  if (phase_ == Phase::kClosed) return;
  if (phase_ == Phase::kLingering) {
    lingered_ += octets;
    if (error || lingered_ > kLingerOctets) return Close();
    return Read();
  }
  if (error) return Close();
  if (phase_ != Phase::kIdle && phase_ != Phase::kHead && phase_ != Phase::kBody) return;
  Received(octets);
}

void Connection::Received(size_t octets) {
  if (phase_ != Phase::kBody || !body_apart_) {
    end_ += octets;
  } else if (framing_.chunked) {
    const std::string_view input(buffer_.get() + end_, octets);
    end_ += octets;
    advancing_ = true;  // The handler may answer from within.
    const bool go_on = ReceivedChunks(input);
    advancing_ = false;
    if (!go_on) return;
  } else {
    body_.resize(body_.size() - asked_ + octets);  // Room() had made it as long as it could be.
  }
  Advance();
}

void Connection::Answer(uint64_t request, Response response) {
  if (phase_ != Phase::kHandling || request != request_number_) return;
  Send(std::move(response));
  Advance();
}

void Connection::TurnAway() { Refuse({503, "too many connections"}); }

void Connection::Refuse(const Refusal& refusal) {
  if (shared_->on_refusal) shared_->on_refusal(refusal.status, refusal.cause);
  if (writing_) return Close();
  Response response = Text(refusal.status, refusal.cause);
  if (refusal.status == 503) response.Add("Retry-After", "2");
  // While a handler holds the request its buffer must stay as it is.
  linger_after_ = phase_ != Phase::kHandling;
  close_after_ = true;
  Send(std::move(response));
}

void Connection::BuildHead(const Response& response) {
  head_out_.clear();
  AppendStatusLine(head_out_, response.status);
  head_out_.append(shared_->date_line);
  if (!response.content_type.empty()) {
    head_out_.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  if (response.status != 204 && response.status != 304) {
    head_out_.append("Content-Length: ");
    AppendNumber(head_out_,
                 response.shared_owner ? response.shared_body.size() : response.body.size());
    head_out_.append("\r\n");
  }
  head_out_.append(response.headers);
  if (close_after_) {
    head_out_.append("Connection: close\r\n");
  } else if (request_.minor_version == 0) {
    head_out_.append("Connection: keep-alive\r\n");
  }
  head_out_.append("\r\n");
}

void Connection::Send(Response response) {
  Begin(Phase::kWriting, shared_->limits.write_time);
  close_after_ = close_after_ || shared_->draining;
  BuildHead(response);
  const bool bodiless = request_.method == "HEAD" || response.status == 204;
  body_out_ = bodiless ? std::string() : std::move(response.body);
  body_owner_ = std::move(response.shared_owner);
  std::string_view body = body_out_;
  if (body_owner_) body = bodiless ? std::string_view() : response.shared_body;
  writing_ = !Write({asio::buffer(head_out_), asio::buffer(body)});
  if (!writing_) Sent();
}

void Connection::OnWritten(const boost::system::error_code& error) {
  writing_ = false;
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  if (phase_ == Phase::kWriting) Sent();
  Advance();
}

void Connection::Sent() {
  body_owner_.reset();
  if (linger_after_) return Linger();
  if (close_after_) return SayGoodbye();
  begin_ = next_;
  if (begin_ == end_) begin_ = end_ = 0;
  if (body_.capacity() > kKeptBody) body_ = std::string();
  Begin(Phase::kIdle, shared_->limits.idle_time);
}

// A close with octets unread resets the connection, and the client may never see the answer.
void Connection::Linger() {
  Begin(Phase::kLingering, kLingerTime);
  ShutDown();
  Read();
}

void Connection::Tick() {
  if (shared_->now < limit_) return;
  switch (phase_) {
    case Phase::kHead:
      return Refuse({408, "the headers took too long"});
    case Phase::kBody:
      return Refuse({408, "the body took too long"});
    case Phase::kHandling:
      return Refuse({503, "the answer took too long"});
    case Phase::kClosed:
      return;
    default:
      return Close();
  }
}

void Connection::DrainNow() {
  if (phase_ == Phase::kIdle && begin_ == end_) Close();
}

}  // namespace drover::http

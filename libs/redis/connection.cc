#include "libs/redis/connection.h"

#include <algorithm>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace drover::redis {
namespace {

using boost::system::error_code;

constexpr size_t kReadOctets = 64 * 1024;
constexpr size_t kFeedOctets = 8 * 1024;  // hiredis moves what is left of a feed for each KiB read.
constexpr size_t kKeptOctets = 1024 * 1024;
constexpr std::chrono::seconds kSilence{5};  // A server that says nothing so long is given up.

std::string RunIdOf(const std::string& info) {
  constexpr std::string_view kField = "run_id:";
  const size_t start = info.find(kField);
  if (start == info.npos) return {};
  const size_t value = start + kField.size();
  return info.substr(value, info.find('\r', value) - value);
}

}  // namespace

template <typename Handler>
auto Client::Connection::OfThis(Handler handler) {
  return [self = shared_from_this(), generation = generation_, handler](auto&&... args) {
    if (self->generation_ == generation) handler(*self, args...);
  };
}

Client::Connection::Connection(asio::io_context& loop, Config config, Result<Endpoint> endpoint,
                               Hooks hooks)
    : loop_(loop),
      config_(std::move(config)),
      endpoint_(std::move(endpoint)),
      hooks_(std::move(hooks)),
      resolver_(loop.get_executor()),
      socket_(loop.get_executor()),
      connect_timer_(loop.get_executor()),
      deadlines_(loop, [this](Deadline now) { return Expire(now); }),
      in_(kReadOctets) {}

void Client::Connection::Open() {
  if (endpoint_) Connect();
}

void Client::Connection::Close() {
  phase_ = Phase::kClosed;
  ++generation_;
  error_code ignored;
  socket_.close(ignored);
  resolver_.cancel();
  connect_timer_.cancel();
  deadlines_.Stop();
  const std::deque<Pending> dropped = std::exchange(pending_, {});
}

void Client::Connection::Abandon(const Error& why) {
  std::deque<Pending> failed = std::exchange(pending_, {});
  const size_t sent = failed.size() - std::exchange(unsent_, 0);
  const std::string message = "Redis connection lost: " + why.message;
  Close();
  for (size_t i = 0; i < failed.size(); ++i) {
    const Code code = i < sent ? Code::kUnavailable : hooks_.unsent;
    if (failed[i].resume) failed[i].resume.Post(loop_, Error{code, message});
  }
}

// --- Connecting and signing on.

void Client::Connection::Connect() {
  ++generation_;
  phase_ = Phase::kConnecting;
  reader_ = std::make_unique<ReplyReader>();
  write_under_way_ = false;
  connect_timer_.expires_after(config_.connect_timeout);
  connect_timer_.async_wait(OfThis([](Connection& self, error_code error) {
    if (!error) self.Lost(Unavailable("no connection in time"));
  }));
  resolver_.async_resolve(
      endpoint_->host, endpoint_->port,
      OfThis([](Connection& self, error_code error, const auto& found) {
        if (error) return self.Lost(Unavailable("cannot resolve the name: " + error.message()));
        self.OnResolved(found);
      }));
}

void Client::Connection::OnResolved(const asio::ip::tcp::resolver::results_type& found) {
  asio::async_connect(socket_, found, OfThis([](Connection& self, error_code error, const auto&) {
                        if (error) return self.Lost(Unavailable(error.message()));
                        self.OnConnected();
                      }));
}

void Client::Connection::OnConnected() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  phase_ = Phase::kSigningOn;
  last_read_ = std::chrono::steady_clock::now();
  SendSignOn();
  Read();
}

void Client::Connection::SendSignOn() {
  std::string commands;
  signing_on_.clear();
  const auto send = [&](SignOn step, std::initializer_list<std::string_view> args) {
    AppendCommand(std::span(args.begin(), args.size()), commands);
    signing_on_.push_back(step);
  };
  if (!config_.password.empty() && endpoint_->user.empty()) {
    send(SignOn::kAuth, {"AUTH", config_.password});
  } else if (!config_.password.empty()) {
    send(SignOn::kAuth, {"AUTH", endpoint_->user, config_.password});
  }
  if (endpoint_->database != 0) {
    send(SignOn::kSelect, {"SELECT", std::to_string(endpoint_->database)});
  }
  send(SignOn::kInfo, {"INFO", "server"});
  // Commands that came while connecting follow at once; if signing on fails they fail with it.
  out_.insert(0, commands);
  Flush();
}

void Client::Connection::OnSignOnReply(Result<Reply> reply) {
  const SignOn step = signing_on_.front();
  signing_on_.pop_front();
  if (!reply) {
    const char* what = step == SignOn::kAuth ? "AUTH" : step == SignOn::kSelect ? "SELECT" : "INFO";
    return Lost(Unavailable(std::string(what) + " refused: " + reply.error().message));
  }
  if (step == SignOn::kInfo) run_id_ = RunIdOf(reply->text);
  if (signing_on_.empty()) BecomeReady();
}

void Client::Connection::BecomeReady() {
  phase_ = Phase::kReady;
  connect_timer_.cancel();
  backoff_.Reset();
  if (hooks_.changed) hooks_.changed();
}

void Client::Connection::Lost(Error error) {
  ++generation_;
  phase_ = Phase::kBackOff;
  error_code ignored;
  socket_.close(ignored);
  resolver_.cancel();
  last_error_ = std::move(error.message);
  out_.clear();
  flush_scheduled_ = false;
  std::deque<Pending> failed = std::exchange(pending_, {});
  const size_t sent = failed.size() - std::exchange(unsent_, 0);
  const auto wait = backoff_.Next();
  if (wait.count() == 0) {
    Connect();
  } else {
    connect_timer_.expires_after(wait);
    connect_timer_.async_wait(OfThis([](Connection& self, error_code cancelled) {
      if (!cancelled) self.Connect();
    }));
  }
  if (hooks_.changed) hooks_.changed();
  const std::string message = "Redis connection lost: " + last_error_;
  for (size_t i = 0; i < failed.size(); ++i) {
    if (phase_ == Phase::kClosed) return;
    const Code code = i < sent ? Code::kUnavailable : hooks_.unsent;
    if (failed[i].resume) failed[i].resume.Set(Error{code, message});
  }
}

// --- Commands and replies.

void Client::Connection::Submit(std::span<const std::string_view> args, Deadline deadline,
                                Resumer<Reply> resume, bool asking) {
  if (!endpoint_) return resume.Post(loop_, endpoint_.error());
  if (phase_ == Phase::kBackOff) {
    return resume.Post(loop_, Error{hooks_.unsent, "Redis is not connected: " + last_error_});
  }
  if (pending_.size() >= config_.max_in_flight) {
    return resume.Post(loop_, ResourceExhausted("too many Redis commands in flight"));
  }
  const auto now = std::chrono::steady_clock::now();
  if (deadline <= now) {
    return resume.Post(loop_, DeadlineExceeded("no time left for a Redis command"));
  }
  if (asking) {
    constexpr std::string_view kAsking[] = {"ASKING"};
    AppendCommand(kAsking, out_);
    pending_.push_back({Resumer<Reply>(), deadline, now});
    ++unsent_;
  }
  AppendCommand(args, out_);
  pending_.push_back({std::move(resume), deadline, now});
  ++unsent_;
  deadlines_.Watch(deadline);
  ScheduleFlush();
}

Task<Reply> Client::Connection::Execute(std::span<const std::string_view> args, Deadline deadline,
                                        bool asking) {
  return Suspend<Reply>([this, args, deadline, asking](Resumer<Reply> resume) {
    Submit(args, deadline, std::move(resume), asking);
  });
}

void Client::Connection::ScheduleFlush() {
  if (flush_scheduled_ || write_under_way_ || phase_ == Phase::kConnecting) return;
  flush_scheduled_ = true;
  asio::post(loop_, OfThis([](Connection& self) { self.Flush(); }));
}

void Client::Connection::Flush() {
  flush_scheduled_ = false;
  if (write_under_way_ || out_.empty()) return;
  write_under_way_ = true;
  writing_.clear();
  if (writing_.capacity() > kKeptOctets) writing_.shrink_to_fit();
  std::swap(out_, writing_);
  unsent_ = 0;
  asio::async_write(socket_, asio::buffer(writing_),
                    OfThis([](Connection& self, error_code error, size_t) {
                      if (error) return self.Lost(Unavailable(error.message()));
                      self.write_under_way_ = false;
                      self.Flush();
                    }));
}

void Client::Connection::Read() {
  socket_.async_read_some(asio::buffer(in_),
                          OfThis([](Connection& self, error_code error, size_t count) {
                            if (error) return self.Lost(Unavailable(error.message()));
                            self.OnOctets(count);
                          }));
}

void Client::Connection::OnOctets(size_t count) {
  const uint64_t generation = generation_;
  last_read_ = std::chrono::steady_clock::now();
  for (size_t at = 0; at < count; at += kFeedOctets) {
    reader_->Feed({in_.data() + at, std::min(kFeedOctets, count - at)});
    if (!TakeReplies() || generation != generation_) return;
  }
  Read();
}

// False when the connection was given up. Resumed coroutines may submit, or close the connection.
bool Client::Connection::TakeReplies() {
  const uint64_t generation = generation_;
  for (;;) {
    const ReplyReader::State state = reader_->Next();
    if (state == ReplyReader::State::kNeedMore) return true;
    if (state == ReplyReader::State::kBroken) {
      Lost(Unavailable("what answers does not speak Redis' protocol"));
      return false;
    }
    OnReply(reader_->Take());
    if (generation != generation_) return false;
  }
}

void Client::Connection::OnReply(Result<Reply> reply) {
  if (!signing_on_.empty()) return OnSignOnReply(std::move(reply));
  if (pending_.empty()) return Lost(Unavailable("a reply to no command"));
  Resumer<Reply> resume = std::move(pending_.front().resume);
  pending_.pop_front();
  if (resume) resume.Set(std::move(reply));
}

// Ends the commands that ran out of time. A server that says nothing at all is given up.
Deadline Client::Connection::Expire(Deadline now) {
  const auto self = shared_from_this();
  std::vector<Resumer<Reply>> expired;
  Deadline next = Deadline::max();
  for (Pending& pending : pending_) {
    if (pending.deadline > now) {
      next = std::min(next, pending.deadline);
    } else if (pending.resume) {
      expired.push_back(std::move(pending.resume));
    }
  }
  const bool silent = phase_ == Phase::kReady && !pending_.empty() &&
                      now - std::max(last_read_, pending_.front().sent) > kSilence;
  if (silent) Lost(Unavailable("the server has fallen silent"));
  for (Resumer<Reply>& resume : expired) {
    if (phase_ == Phase::kClosed) break;
    resume.Set(DeadlineExceeded("no answer from Redis in time"));
  }
  return next;
}

}  // namespace drover::redis

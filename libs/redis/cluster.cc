#include "libs/redis/cluster.h"

#include <algorithm>

#include <boost/asio/post.hpp>

namespace drover::redis {
namespace {

using std::chrono::milliseconds;

constexpr int kMostRedirects = 5;  // In a row; nodes that disagree need a moment.
constexpr milliseconds kShortestWait{10};
constexpr milliseconds kLongestWait{160};

// Counts a command as long as its coroutine lives, however it ends.
class Counted {
 public:
  explicit Counted(size_t& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;

 private:
  size_t& count_;
};

// Whether the command of this error certainly did not run and may when it is sent again.
bool Passing(const Error& error) {
  if (error.code == Code::kAborted) return true;  // Never sent (Connection::Hooks::unsent).
  const std::string_view words = ServersWords(error);
  const std::string_view word = words.substr(0, words.find(' '));
  constexpr std::string_view kPassing[] = {"TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN",
                                           "READONLY"};
  return std::ranges::find(kPassing, word) != std::end(kPassing);
}

}  // namespace

Task<Reply> Client::Cluster::Execute(std::span<const std::string_view> args, Deadline deadline) {
  const std::shared_ptr<Cluster> self = shared_from_this();
  if (!seeds_) co_return seeds_.error();
  DROVER_CO_TRY(const std::optional<std::string_view> key, KeyOf(args));
  if (in_flight_ >= max_in_flight_) {
    co_return ResourceExhausted("too many Redis commands in flight");
  }
  if (deadline <= std::chrono::steady_clock::now()) {
    co_return DeadlineExceeded("no time left for a Redis command");
  }
  const Counted counted(in_flight_);
  Route route{.slot = key ? KeySlot(*key) : static_cast<uint16_t>(random_() % kSlots)};
  while (true) {
    Address asked;
    Connection* node = NodeFor(route, asked);
    Error error = Unserved(route.slot);
    if (node != nullptr) {
      const bool asking = std::exchange(route.ask, {}).has_value();
      Result<Reply> reply = co_await node->Execute(args, deadline, asking);
      if (reply) co_return reply;
      error = std::move(reply).error();
      if (closed_) co_return Unavailable("the Redis client was closed");
      if (Follow(error, asked, route)) continue;
      if (!Passing(error) && !ParseRedirect(ServersWords(error))) co_return error;
    }
    route.redirects = 0;
    const Deadline until = std::min(In(NextWait(route.waits++)), deadline);
    if (!unreachable_) DROVER_CO_TRY(co_await Wait(until));
    if (closed_) co_return Unavailable("the Redis client was closed");
    if (unreachable_ || std::chrono::steady_clock::now() >= deadline) {
      co_return Unavailable("no node of the Redis Cluster took the command: " + error.message);
    }
  }
}

// Null when nobody is known to serve the slot.
Client::Connection* Client::Cluster::NodeFor(Route& route, Address& asked) {
  if (route.ask) {
    asked = *route.ask;
    return NodeAt(asked).get();
  }
  const uint16_t owner = map_.OwnerOf(route.slot);
  if (owner == SlotMap::kNobody) {
    RefreshSoon();
    return nullptr;
  }
  asked = map_.masters()[owner].address;
  return masters_[owner];
}

// True when the command is to be sent again at once, to where its slot or key is now. In any case
// sees to it that the map is looked at if the error says that it may be old.
bool Client::Cluster::Follow(const Error& error, const Address& asked, Route& route) {
  std::optional<Redirect> redirect = ParseRedirect(ServersWords(error));
  if (!redirect) {
    const bool lost = error.code == Code::kUnavailable || error.code == Code::kAborted ||
                      error.code == Code::kDeadlineExceeded;
    if (lost && !ServersWords(error).starts_with("TRYAGAIN")) RefreshSoon();
    return false;
  }
  if (redirect->to.host.empty()) redirect->to.host = asked.host;
  if (redirect->ask) {
    route.ask = std::move(redirect->to);
  } else {
    map_.Assign(redirect->slot, redirect->slot, redirect->to);
    Bind();
    RefreshSoon();
  }
  return ++route.redirects <= kMostRedirects;
}

Error Client::Cluster::Unserved(uint16_t slot) const {
  if (map_.masters().empty()) return Unavailable(last_error_);
  return Unavailable("no master serves slot " + std::to_string(slot));
}

// --- Waiting between attempts.

milliseconds Client::Cluster::NextWait(int waits) {
  const milliseconds whole = std::min(kLongestWait, kShortestWait * (1 << std::min(waits, 10)));
  return Jittered(whole);
}

Task<bool> Client::Cluster::Wait(Deadline until) {
  return Suspend<bool>([this, until](Resumer<bool> resume) {
    waiters_.push_back({std::move(resume), until});
    waits_.Watch(until);
  });
}

Deadline Client::Cluster::WakeDue(Deadline now) {
  const auto self = shared_from_this();
  const auto due = std::partition(waiters_.begin(), waiters_.end(),
                                  [now](const Waiter& waiter) { return waiter.until > now; });
  std::vector<Waiter> woken(std::make_move_iterator(due), std::make_move_iterator(waiters_.end()));
  waiters_.erase(due, waiters_.end());
  Deadline next = Deadline::max();
  for (const Waiter& waiter : waiters_) next = std::min(next, waiter.until);
  for (Waiter& waiter : woken) {
    if (closed_) break;
    waiter.resume.Set(true);
  }
  return next;
}

void Client::Cluster::WakeAllSoon() {
  if (waking_ || waiters_.empty()) return;
  waking_ = true;
  asio::post(loop_, [self = shared_from_this()] {
    self->waking_ = false;
    if (!self->closed_) self->WakeDue(Deadline::max());
  });
}

}  // namespace drover::redis

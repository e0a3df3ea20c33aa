// A connection to one server: connects, signs on, pipelines commands, times them out, reconnects.
//
// Octets of commands gather in out_ while a turn of the loop runs and leave in one write at its
// end. Replies come in the order of the commands, so a queue of who waits is all the bookkeeping. A
// command that ran out of time leaves its place in the queue, and its reply is dropped.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "libs/async/backoff.h"
#include "libs/async/deadline_timer.h"
#include "libs/async/suspend.h"
#include "libs/redis/client.h"
#include "libs/redis/endpoint.h"
#include "libs/redis/protocol.h"

namespace drover::redis {

class Client::Connection : public std::enable_shared_from_this<Connection> {
 public:
  // What a Cluster wants to know of its nodes.
  struct Hooks {
    std::function<void()> changed;     // Became ready or was lost; starts nothing on the spot.
    Code unsent = Code::kUnavailable;  // Of a command that certainly never left this process.
  };

  // endpoint's error, if it is one, is every command's.
  Connection(asio::io_context& loop, Config config, Result<Endpoint> endpoint, Hooks hooks);

  void Open();
  // Destroys what waits, unresumed. Nothing is called back afterwards.
  void Close();
  // Fails what waits (soon, not on the spot) and closes: for a server not to be tried any more.
  void Abandon(const Error& why);
  // asking: with ASKING right before it, whose reply is dropped.
  void Submit(std::span<const std::string_view> args, Deadline deadline, Resumer<Reply> resume,
              bool asking = false);
  // The same, as a coroutine.
  Task<Reply> Execute(std::span<const std::string_view> args, Deadline deadline, bool asking);

  bool connected() const { return phase_ == Phase::kReady; }
  // Whether commands may have reached the server whose replies are still to come.
  bool answers_due() const {
    return (phase_ == Phase::kSigningOn || phase_ == Phase::kReady) && !pending_.empty();
  }
  const std::string& run_id() const { return run_id_; }

 private:
  enum class Phase : uint8_t { kBackOff, kConnecting, kSigningOn, kReady, kClosed };
  enum class SignOn : uint8_t { kAuth, kSelect, kInfo };
  struct Pending {
    Resumer<Reply> resume;  // Empty: timed out, its reply is to be dropped.
    Deadline deadline;
    Deadline sent;
  };

  // Wraps a handler so that it is dropped when the connection it was for is gone.
  template <typename Handler>
  auto OfThis(Handler handler);

  void Connect();
  void OnResolved(const asio::ip::tcp::resolver::results_type& found);
  void OnConnected();
  void SendSignOn();
  void OnSignOnReply(Result<Reply> reply);
  void BecomeReady();
  void Lost(Error error);

  void ScheduleFlush();
  void Flush();
  void Read();
  void OnOctets(size_t count);
  bool TakeReplies();
  void OnReply(Result<Reply> reply);

  Deadline Expire(Deadline now);

  using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
  using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
  asio::io_context& loop_;
  const Config config_;
  const Result<Endpoint> endpoint_;
  const Hooks hooks_;
  Resolver resolver_;
  Socket socket_;
  Timer connect_timer_;  // Bounds an attempt to connect, or waits between two.
  DeadlineTimer deadlines_;
  Backoff backoff_;
  Phase phase_ = Phase::kBackOff;
  uint64_t generation_ = 0;  // Of the connection; handlers of older ones are dropped.
  std::deque<SignOn> signing_on_;
  std::deque<Pending> pending_;
  size_t unsent_ = 0;    // The last so many of pending_ are in out_.
  std::string out_;      // Waits for the end of the turn.
  std::string writing_;  // Is being written.
  bool write_under_way_ = false;
  bool flush_scheduled_ = false;
  Deadline last_read_;
  std::unique_ptr<ReplyReader> reader_;
  std::vector<char> in_;
  std::string run_id_;
  std::string last_error_ = "not connected yet";
};

}  // namespace drover::redis

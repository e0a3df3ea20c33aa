// One connection of an HTTP server: libs/http/server.cc's own.
//
// A state machine that is advanced by completions of reads and writes and by the tick. It lives as
// long as a pending operation or a Responder holds it.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "libs/async/task.h"
#include "libs/http/parser.h"
#include "libs/http/server.h"

namespace drover::http {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

// What connections of one server share.
struct Shared {
  explicit Shared(asio::io_context& io) : loop(io) {}
  asio::io_context& loop;
  Limits limits;
  Handler handler;
  std::function<void(int, std::string_view)> on_refusal;
  std::vector<Connection*> connections;
  std::string date_line;                      // "Date: ..\r\n", made anew by the tick.
  std::chrono::steady_clock::time_point now;  // Of the last tick.
  bool draining = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(std::shared_ptr<Shared> shared);
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  virtual void Start() = 0;
  // The handler's answer to request number `request`.
  void Answer(uint64_t request, Response response);
  uint64_t request() const { return request_number_; }
  // For a connection past the limit: 503 in place of reading.
  void TurnAway();
  // Acts on what has taken too long.
  void Tick();
  // Closes it if nothing is in flight; else it closes after the answer.
  void DrainNow();
  virtual void Close() = 0;

 protected:
  enum class Phase : uint8_t {
    kHandshake,
    kIdle,  // Between requests.
    kHead,
    kBody,
    kHandling,
    kWriting,
    kLingering,  // Said what there was to say; reads what the client still sends, then closes.
    kClosed,
  };

  // What the transport does: one read into room, one write of both buffers, at most one each at a
  // time, with OnRead and OnWritten as completions.
  virtual void ReadSome(asio::mutable_buffer room) = 0;
  // True if all was written at once; then OnWritten is not called.
  virtual bool Write(std::array<asio::const_buffer, 2> buffers) = 0;
  virtual void ShutDown() = 0;            // Sends the end of stream; reading goes on.
  virtual void SayGoodbye() { Close(); }  // After the last answer, when all was read.

  void Begin(Phase phase, std::chrono::milliseconds limit);
  void Advance();
  void OnRead(const boost::system::error_code& error, size_t octets);
  void OnWritten(const boost::system::error_code& error);

  const std::shared_ptr<Shared> shared_;
  Phase phase_ = Phase::kIdle;
  bool secure_ = false;
  std::string client_name_;

 private:
  bool AdvanceHead();
  bool BeginBody();
  bool AdvanceBody();
  void Dispatch();
  void Read();
  asio::mutable_buffer Room();
  void Received(size_t octets);
  bool ReceivedChunks(std::string_view input);
  void Refuse(const Refusal& refusal);
  void Send(Response response);
  void BuildHead(const Response& response);
  void Put(std::array<asio::const_buffer, 2> buffers);
  void Sent();
  void Linger();
  void Compact();
  std::string_view Buffered() const { return {buffer_.get() + begin_, end_ - begin_}; }

  std::unique_ptr<char[]> buffer_;
  const size_t capacity_;
  size_t begin_ = 0;    // Of the request that is being read or handled.
  size_t end_ = 0;      // Of what has been received.
  size_t scanned_ = 0;  // From begin_: no end of head before it.
  size_t head_ = 0;     // Length of the head.
  size_t next_ = 0;     // Where the next request begins.

  Request request_;
  Framing framing_;
  ChunkDecoder chunks_;
  std::string body_;  // When it does not fit into the buffer.
  bool body_apart_ = false;

  std::string head_out_;
  std::string body_out_;
  std::shared_ptr<const void> body_owner_;  // Of a body that is not copied.
  std::chrono::steady_clock::time_point limit_;
  uint64_t request_number_ = 0;
  size_t asked_ = 0;  // Room of the read under way.
  size_t lingered_ = 0;
  size_t index_;  // In shared_->connections.
  bool reading_ = false;
  bool writing_ = false;
  bool advancing_ = false;
  bool close_after_ = false;
  bool linger_after_ = false;
};

}  // namespace drover::http

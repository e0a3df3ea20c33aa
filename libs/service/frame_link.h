// One connection that carries frames: the transport of streams (libs/service/stream.h).
//
//   frame   = length:32 (big-endian, of the payload) kind:8 payload
//   a batch = the serialised batch message of the stream, whose items were appended one by one
//
// Items gather while a turn of the loop runs and leave in one write at its end. Everything happens
// on the loop, on one thread: no lock, no wake-up, no hand-over. The side that connected asks for
// a sign of life when nothing came for a while; each side gives up a peer that stays silent.
//
// Loop thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "libs/async/task.h"

namespace drover::service {

// Octets that come in at one end and go out at the other, without being zeroed first.
class OctetQueue {
 public:
  size_t size() const { return end_ - begin_; }
  const char* data() const { return octets_.get() + begin_; }
  // Where up to `octets` more can be written; Filled says how many were.
  char* Room(size_t octets);
  size_t room() const { return capacity_ - end_; }
  void Filled(size_t octets) { end_ += octets; }
  void Drop(size_t octets);
  char* At(size_t offset) { return octets_.get() + begin_ + offset; }

 private:
  std::unique_ptr<char[]> octets_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

class FrameLink : public std::enable_shared_from_this<FrameLink> {
 public:
  using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

  // A wire value each.
  enum class Kind : uint8_t {
    kHello = 1,    // First frame of who connected: name of the stream, a zero octet, the token.
    kWelcome = 2,  // The answer.
    kRefusal = 3,  // Or this, and the end: code:8, then why.
    kBatch = 4,
    kPing = 5,  // Answered with kPong at once, by the link itself.
    kPong = 6,
  };
  // Told what comes. May close the link, or hand it to another Sink, from inside.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void OnFrame(Kind kind, std::string_view payload) = 0;
    // At most once, and last; not after Close.
    virtual void OnLost(const Error& why) = 0;
  };

  struct Limits {
    size_t frame_octets = 0;   // Of a payload; past it the link is lost.
    size_t unsent_octets = 0;  // Reads nothing while more waits to be sent. 0: no bound.
    bool asks = false;         // Sends pings when nothing comes.
  };
  FrameLink(asio::io_context& loop, Socket socket, Limits limits);

  // Reads from now on; what comes first must be `preamble`. The link keeps the sink until it is
  // lost or closed.
  void Start(std::shared_ptr<Sink> sink, std::string_view preamble = {});
  void HandTo(std::shared_ptr<Sink> sink, Limits limits);

  // Appends octets that are no frame: what tells a stream from other protocols, before all else.
  void SendRaw(std::string_view octets);
  void Send(Kind kind, std::string_view payload);
  // Appends an item to the batch that leaves at the end of this turn. Item: a protobuf message.
  template <typename Item>
  void SendItem(const Item& item) {
    const size_t octets = item.ByteSizeLong();
    item.SerializeWithCachedSizesToArray(ItemRoom(octets));
  }
  size_t unsent() const { return out_.size(); }

  void Close();
  // Closes it when what was sent has left.
  void CloseWhenSent();
  bool closed() const { return closed_; }

 private:
  uint8_t* ItemRoom(size_t octets);
  void EndBatch();
  void FlushSoon();
  void Flush();
  void Read();
  void OnRead(boost::system::error_code error, size_t octets);
  // False when the link is not to be read from any more.
  bool TakeFrames();
  void Tick();
  void Lost(const Error& why);

  asio::io_context& loop_;
  Socket socket_;
  Timer tick_;
  Limits limits_;
  std::shared_ptr<Sink> sink_;
  std::string_view preamble_;  // Still to come.
  OctetQueue in_;
  OctetQueue out_;
  size_t batch_ = SIZE_MAX;  // Where in out_ the batch begins that still takes items.
  int quiet_ticks_ = 0;      // Since the last octet came.
  bool flush_posted_ = false;
  bool write_waits_ = false;
  bool read_waits_ = false;
  bool close_when_sent_ = false;
  bool closed_ = false;
};

}  // namespace drover::service

#include "libs/service/frame_link.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/post.hpp>
#include <google/protobuf/io/coded_stream.h>

namespace drover::service {
namespace {

using google::protobuf::io::CodedOutputStream;

constexpr size_t kHeaderOctets = 5;
constexpr size_t kReadOctets = 64 * 1024;
constexpr size_t kKeptOctets = 1024 * 1024;   // A bigger buffer's memory is given back.
constexpr size_t kBatchOctets = 1024 * 1024;  // Past it a batch takes no further item.
constexpr uint8_t kItemsTag = 0x0a;           // Field 1, length-delimited: `repeated Item items`.
constexpr size_t kLongestVarint = 5;
constexpr std::chrono::seconds kTick{5};
constexpr int kAskAfterTicks = 2;    // 10 s
constexpr int kLostAfterTicks = 4;   // 20 s, of who asks: two pings went unanswered.
constexpr int kGoneAfterTicks = 12;  // A minute, of who is asked.

void WriteBigEndian32(uint32_t value, char* out) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<char>(value >> (24 - 8 * i));
}
uint32_t ReadBigEndian32(const char* octets) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(octets[i]);
  return value;
}

}  // namespace

char* OctetQueue::Room(size_t octets) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (capacity_ - end_ >= octets) return octets_.get() + end_;
  const size_t held = size();
  if (capacity_ - held < octets) {
    const size_t capacity = std::max(held + octets, 2 * capacity_);
    auto grown = std::make_unique_for_overwrite<char[]>(capacity);
    if (held != 0) std::memcpy(grown.get(), data(), held);
    octets_ = std::move(grown);
    capacity_ = capacity;
  } else {
    std::memmove(octets_.get(), data(), held);
  }
  begin_ = 0;
  end_ = held;
  return octets_.get() + end_;
}

void OctetQueue::Drop(size_t octets) {
  begin_ += octets;
  if (begin_ != end_) return;
  begin_ = end_ = 0;
  if (capacity_ <= kKeptOctets) return;
  octets_.reset();
  capacity_ = 0;
}

FrameLink::FrameLink(asio::io_context& loop, Socket socket, Limits limits)
    : loop_(loop), socket_(std::move(socket)), tick_(loop.get_executor()), limits_(limits) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void FrameLink::Start(std::shared_ptr<Sink> sink, std::string_view preamble) {
  sink_ = std::move(sink);
  preamble_ = preamble;
  Tick();
  Read();
}

void FrameLink::HandTo(std::shared_ptr<Sink> sink, Limits limits) {
  sink_ = std::move(sink);
  limits_ = limits;
}

// --- Sending.

void FrameLink::SendRaw(std::string_view octets) {
  EndBatch();
  std::memcpy(out_.Room(octets.size()), octets.data(), octets.size());
  out_.Filled(octets.size());
  FlushSoon();
}

void FrameLink::Send(Kind kind, std::string_view payload) {
  std::string frame(kHeaderOctets, '\0');
  WriteBigEndian32(static_cast<uint32_t>(payload.size()), frame.data());
  frame[4] = static_cast<char>(kind);
  SendRaw(frame.append(payload));
}

uint8_t* FrameLink::ItemRoom(size_t octets) {
  if (batch_ != SIZE_MAX && out_.size() - batch_ > kBatchOctets) EndBatch();
  char* at = out_.Room(kHeaderOctets + 1 + kLongestVarint + octets);
  if (batch_ == SIZE_MAX) {
    batch_ = out_.size();
    at[4] = static_cast<char>(Kind::kBatch);
    at += kHeaderOctets;
    out_.Filled(kHeaderOctets);
  }
  *at = static_cast<char>(kItemsTag);
  auto* const length = reinterpret_cast<uint8_t*>(at + 1);
  uint8_t* const item =
      CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(octets), length);
  out_.Filled(1 + static_cast<size_t>(item - length) + octets);
  FlushSoon();
  return item;
}

void FrameLink::EndBatch() {
  if (batch_ == SIZE_MAX) return;
  const size_t payload = out_.size() - batch_ - kHeaderOctets;
  WriteBigEndian32(static_cast<uint32_t>(payload), out_.At(batch_));
  batch_ = SIZE_MAX;
}

void FrameLink::FlushSoon() {
  if (flush_posted_ || write_waits_ || closed_) return;
  flush_posted_ = true;
  asio::post(loop_, [self = shared_from_this()] {
    self->flush_posted_ = false;
    if (!self->closed_) self->Flush();
  });
}

void FrameLink::Flush() {
  EndBatch();
  while (out_.size() != 0) {
    boost::system::error_code error;
    const size_t sent = socket_.write_some(asio::buffer(out_.data(), out_.size()), error);
    if (error == asio::error::would_block) {
      write_waits_ = true;
      return socket_.async_wait(Socket::wait_write,
                                [self = shared_from_this()](boost::system::error_code failed) {
                                  self->write_waits_ = false;
                                  if (self->closed_) return;
                                  if (failed) return self->Lost(Unavailable(failed.message()));
                                  self->Flush();
                                });
    }
    if (error) return Lost(Unavailable(error.message()));
    out_.Drop(sent);
  }
  if (close_when_sent_) return Close();
  if (std::exchange(read_waits_, false)) Read();
}

// --- Receiving.

void FrameLink::Read() {
  if (closed_) return;
  if (limits_.unsent_octets != 0 && out_.size() > limits_.unsent_octets) {
    read_waits_ = true;
    return;
  }
  char* const room = in_.Room(kReadOctets);
  socket_.async_read_some(
      asio::buffer(room, in_.room()),
      [self = shared_from_this()](boost::system::error_code error, size_t octets) {
        if (!self->closed_) self->OnRead(error, octets);
      });
}

void FrameLink::OnRead(boost::system::error_code error, size_t octets) {
  if (error) {
    const bool ended = error == asio::error::eof;
    return Lost(Unavailable(ended ? "the other side ended the stream" : error.message()));
  }
  quiet_ticks_ = 0;
  in_.Filled(octets);
  if (TakeFrames()) Read();
}

bool FrameLink::TakeFrames() {
  if (!preamble_.empty()) {
    if (in_.size() < preamble_.size()) return true;
    if (std::string_view(in_.data(), preamble_.size()) != preamble_) {
      Lost(Unavailable("what came is no stream of this version"));
      return false;
    }
    in_.Drop(std::exchange(preamble_, {}).size());
  }
  while (in_.size() >= kHeaderOctets) {
    const size_t length = ReadBigEndian32(in_.data());
    if (length > limits_.frame_octets) {
      Lost(Unavailable("a frame of " + std::to_string(length) + " octets came"));
      return false;
    }
    if (in_.size() < kHeaderOctets + length) {
      (void)in_.Room(kHeaderOctets + length - in_.size());
      return true;
    }
    const auto kind = static_cast<Kind>(in_.data()[4]);
    const std::string_view payload(in_.data() + kHeaderOctets, length);
    if (kind == Kind::kPing) {
      Send(Kind::kPong, {});
    } else if (kind != Kind::kPong) {
      const std::shared_ptr<Sink> sink = sink_;
      sink->OnFrame(kind, payload);
    }
    if (closed_) return false;
    in_.Drop(kHeaderOctets + length);
  }
  return true;
}

// --- The end.

void FrameLink::Tick() {
  tick_.expires_after(kTick);
  tick_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const std::shared_ptr<FrameLink> self = weak.lock();
    if (error || !self || self->closed_) return;
    const int quiet = ++self->quiet_ticks_;
    if (quiet >= (self->limits_.asks ? kLostAfterTicks : kGoneAfterTicks)) {
      return self->Lost(Unavailable("the other side has fallen silent"));
    }
    if (self->limits_.asks && quiet >= kAskAfterTicks) self->Send(Kind::kPing, {});
    self->Tick();
  });
}

void FrameLink::Lost(const Error& why) {
  const std::shared_ptr<Sink> sink = sink_;
  Close();
  if (sink) sink->OnLost(why);
}

void FrameLink::Close() {
  if (std::exchange(closed_, true)) return;
  boost::system::error_code ignored;
  socket_.close(ignored);
  tick_.cancel();
  const std::shared_ptr<Sink> dropped = std::exchange(sink_, nullptr);
}

void FrameLink::CloseWhenSent() {
  if (closed_) return;
  close_when_sent_ = true;
  FlushSoon();
}

}  // namespace drover::service

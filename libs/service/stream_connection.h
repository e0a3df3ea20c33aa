// The client's connection of a stream: connects, says who it is, keeps alive, connects again.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "libs/async/backoff.h"
#include "libs/service/frame_link.h"

namespace drover::service {

// Loop thread only.
class StreamConnection : public std::enable_shared_from_this<StreamConnection> {
 public:
  struct Events {
    std::function<bool(std::string_view batch)> batch;  // False: it is none; the stream breaks.
    std::function<void(const Error& why)> broken;       // Was connected, or failed to.
  };
  // name: what both ends call the stream.
  StreamConnection(asio::io_context& loop, std::string target, std::string name, std::string token,
                   Events events);

  void Open();
  // Nothing is called back afterwards.
  void Close();

  bool connected() const { return connected_; }  // Whether the server has taken the stream.
  size_t unsent() const { return link_ ? link_->unsent() : 0; }  // Octets.
  template <typename Item>
  void Send(const Item& item) {  // Only while connected.
    link_->SendItem(item);
  }

 private:
  class Sink;
  using Socket = FrameLink::Socket;
  using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

  void Resolve();
  void Connect(const Resolver::results_type& found);
  void Greet();
  void OnFrame(FrameLink::Kind kind, std::string_view payload);
  void Failed(const Error& why);
  // Wraps a handler so that it is dropped when the attempt that it was for is over.
  template <typename Handler>
  auto OfThis(Handler handler);

  asio::io_context& loop_;
  const std::string target_;
  const std::string name_;
  const std::string token_;
  Events events_;
  Resolver resolver_;
  Socket socket_;
  Timer timer_;  // Bounds an attempt to connect, or waits between two.
  Backoff backoff_;
  std::shared_ptr<FrameLink> link_;
  uint64_t attempt_ = 0;
  bool connected_ = false;
  bool closed_ = false;
};

}  // namespace drover::service

// The door of --grpc-listen: takes connections and tells streams in frames (libs/service/stream.h)
// from gRPC by the first octet that comes.
//
// A stream says its name and the token first; without the token it is refused (UNAUTHENTICATED)
// before anything else is read.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "libs/service/calls.h"
#include "libs/service/frame_link.h"

namespace drover::service {

// What the door brings streams to: a StreamServer.
class StreamService {
 public:
  virtual ~StreamService() = default;
  virtual std::string stream_name() const = 0;
  // The other side has shown the token and waits to be welcomed.
  virtual void Open(const std::shared_ptr<FrameLink>& link) = 0;
};

// Loop thread only.
class Door {
 public:
  // grpc: takes over a connected, non-blocking socket of which nothing was read. patience: who has
  // said nothing after it is sent away, and who has not shown the token after it again.
  Door(Calls& calls, std::function<void(int fd)> grpc,
       std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~Door();

  void Add(StreamService& service);
  // "127.0.0.1:9090"; port 0: any that is free. kUnavailable: the address is taken or is none.
  Result<void> Listen(const std::string& address);
  std::string address() const { return address_; }  // As bound.
  void Close();

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::string address_;
};

}  // namespace drover::service

// What every gRPC call passes on its way in: the bearer token, the loop it is carried out on, the
// drain.
//
// A service never asks for the token itself: the bridges (unary.h, stream_server.h) are the only
// way from gRPC's threads onto the loop, and they ask here first.
#pragma once
#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <grpcpp/support/status.h>

#include "libs/async/task.h"

namespace grpc {
class ServerContextBase;
}

namespace drover::service {

// A call that has been admitted and has not ended. Loop thread only.
class LiveCall {
 public:
  virtual ~LiveCall() = default;
  // The drain began: take nothing new, end when what is in flight is answered.
  virtual void Drain() {}
  // Time is up: end now, answered or not.
  virtual void Abort() = 0;
};

class Calls {
 public:
  // token: what callers must send as "authorization: Bearer <token>". Empty: nothing is asked.
  Calls(asio::io_context& loop, std::string token) : loop_(loop), token_(std::move(token)) {}
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  asio::io_context& loop() const { return loop_; }

  // OK, UNAUTHENTICATED, or UNAVAILABLE while draining. Any thread.
  grpc::Status Admit(const grpc::ServerContextBase& call) const;
  // Whether a header's value is the one that is asked for, in constant time. Any thread.
  bool Authentic(std::string_view authorization) const;
  // When the caller stops waiting; max ahead if it did not say, or said more.
  static Deadline DeadlineOf(const grpc::ServerContextBase& call, std::chrono::seconds max);

  bool draining() const { return draining_.load(std::memory_order_relaxed); }  // Any thread.

  // Loop thread. A call that is added after AbortAll is aborted at once.
  void Add(LiveCall& call);
  void Remove(LiveCall& call) { live_.erase(&call); }
  size_t live() const { return live_.size(); }
  void BeginDrain();
  void AbortAll();

 private:
  asio::io_context& loop_;
  const std::string token_;
  std::atomic<bool> draining_ = false;
  bool aborted_ = false;
  std::set<LiveCall*> live_;
};

// An Error as gRPC carries it, and back. The numbers are the same.
grpc::Status ToStatus(const Error& error);
Error ToError(const grpc::Status& status);

}  // namespace drover::service

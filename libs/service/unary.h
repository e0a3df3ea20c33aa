// From gRPC's callback API to a coroutine on the loop: one request, one reply; or one request, many
// replies. Heavy headers: include it in the .cc of the handlers.
//
//   class DeviceHandlers final : public tree::v1::DeviceService::CallbackService {
//     grpc::ServerUnaryReactor* GetDevice(grpc::CallbackServerContext* call,
//                                         const GetDeviceRequest* request, Device* reply) override
//                                         {
//       return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::Get);
//     }
//     Task<Device> Get(GetDeviceRequest request, Deadline deadline);
//
// The token is checked before the method starts. An Error becomes the grpc::Status of its code.
// A caller that gives no deadline has kMaxUnary.
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "libs/async/suspend.h"
#include "libs/async/task.h"
#include "libs/service/calls.h"

namespace drover::service {

constexpr std::chrono::seconds kMaxUnary{30};
constexpr std::chrono::seconds kMaxServerStream{24 * 3600};

// Calls method on self, on the loop. The reactor belongs to the call; the reply is the caller's.
template <typename Request, typename Reply, typename Self>
grpc::ServerUnaryReactor* Unary(Calls& calls, grpc::CallbackServerContext* call,
                                const Request* request, Reply* reply, Self* self,
                                Task<Reply> (Self::*method)(Request, Deadline));

// Where a server-streaming method writes to. Loop thread only; lives as long as the method.
template <typename Reply>
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Returns when gRPC has taken the message. kCancelled: the caller left, or the drain began.
  virtual Task<void> Write(Reply reply) = 0;
  // Whether to give up: the caller left, its deadline passed, or the drain began. A method that
  // waits for something else asks at least once a second.
  virtual bool cancelled() const = 0;
};

// The stream ends with the status of what the method returns.
template <typename Request, typename Reply, typename Self>
grpc::ServerWriteReactor<Reply>* ServerStream(
    Calls& calls, grpc::CallbackServerContext* call, const Request* request, Self* self,
    Task<void> (Self::*method)(Request, StreamWriter<Reply>&, Deadline));

}  // namespace drover::service

#include "libs/service/unary_impl.h"

// A gRPC server with health, optional reflection, streams in frames on the same port, and a drain
// that ends. Used by the frame, and by tests that want a real server in their process.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/impl/service_type.h>

#include "libs/async/task.h"
#include "libs/service/calls.h"
#include "libs/service/door.h"

namespace grpc {
class Server;
namespace experimental {
class ExternalConnectionAcceptor;
}
}  // namespace grpc

namespace drover::service {

// Loop thread only.
class GrpcServer {
 public:
  struct Config {
    std::string listen;       // "127.0.0.1:9090"; port 0: any that is free.
    bool reflection = false;  // grpc.reflection.v1alpha, behind the token too.
  };

  // calls must be those that the services were made with.
  GrpcServer(Calls& calls, Config config);
  // Ends what is left at once. Every call must have been finished: drain before.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // A StreamServer among them is served in frames, on the same address.
  void Add(grpc::Service& service);
  bool empty() const { return services_.empty(); }
  // kUnavailable: the address is taken or is none.
  Result<void> Start();
  std::string address() const { return door_.address(); }  // As bound.

  // grpc.health.v1, for the empty name and each service's. NOT_SERVING until the first call.
  void SetServing(bool serving);

  // Refuses new calls, waits for those in flight, aborts them at the deadline. kDeadlineExceeded
  // if it came to that.
  Task<void> Drain(Deadline deadline);

 private:
  Calls& calls_;
  const Config config_;
  std::vector<grpc::Service*> services_;
  std::vector<std::string> names_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  Door door_;
  bool serving_ = false;
};

}  // namespace drover::service

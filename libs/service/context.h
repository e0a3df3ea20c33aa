// What stands behind a Context: libs/service's own.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/service/admin.h"
#include "libs/service/grpc_server.h"
#include "libs/service/service.h"

namespace drover::service {

struct Context::State {
  State(Flags parsed, std::string service_name);
  ~State();

  // First in, last out: everything below hangs on the loop.
  asio::io_context loop{1};
  const std::string name;
  const Flags flags;
  const Clock clock = SystemNow;
  std::shared_ptr<prometheus::Registry> metrics;
  Calls calls;
  Readiness readiness;
  GrpcServer grpc;
  std::vector<std::shared_ptr<void>> objects;
  std::vector<std::pair<std::string, Process>> processes;
  std::vector<std::pair<std::string, std::function<Task<void>()>>> before_serving;
  std::vector<std::pair<std::string, std::function<Task<void>()>>> on_drain;
  std::map<std::string, std::string> addresses;
};

}  // namespace drover::service

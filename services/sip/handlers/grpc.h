// The service's gRPC face: GatewayService.
#pragma once
#include <memory>

#include "libs/service/service.h"
#include "services/sip/handlers/gateways.h"

namespace drover::gateways {

class GrpcHandlers {
 public:
  GrpcHandlers(service::Context& context, GatewayMethods& methods);
  ~GrpcHandlers();

 private:
  struct Services;  // Keeps gRPC out of this header.
  std::unique_ptr<Services> services_;
};

}  // namespace drover::gateways

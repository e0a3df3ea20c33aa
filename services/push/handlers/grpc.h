// The service's gRPC face: PushService and RegistrationService.
#pragma once
#include <functional>
#include <memory>

#include "libs/service/service.h"
#include "services/push/handlers/pushes.h"
#include "services/push/handlers/registrations.h"

namespace drover::push {

class GrpcHandlers {
 public:
  // smscs: how the links stand. kFailedPrecondition: another process has them.
  using Smscs = std::function<Result<v1::ListSmscsResponse>()>;
  GrpcHandlers(service::Context& context, Pushes& pushes, Registrations& registrations,
               Smscs smscs);
  ~GrpcHandlers();

 private:
  struct Services;  // Keeps gRPC out of this header.
  std::unique_ptr<Services> services_;
};

}  // namespace drover::push

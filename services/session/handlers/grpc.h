// The service's two gRPC faces: Exchange (a stream, from ingress) and GetSession (for people).
#pragma once
#include <memory>

#include "libs/service/service.h"
#include "services/session/handlers/exchange_handler.h"
#include "services/session/handlers/notifier.h"

namespace drover::session {

class GrpcHandlers {
 public:
  GrpcHandlers(service::Context& context, ExchangeHandler& exchange, Notifier& notifier,
               SessionStore& store);
  ~GrpcHandlers();

 private:
  struct Services;  // Keeps gRPC out of this header.
  std::unique_ptr<Services> services_;
};

}  // namespace drover::session

// NotificationPort by session's SessionService: one call a batch.
#pragma once
#include <memory>
#include <string>

#include "services/push/handlers/notifications.h"

namespace drover::push {

class GrpcSession final : public NotificationPort {
 public:
  // target: host:port of session. token: its bearer token; empty: none.
  GrpcSession(asio::io_context& loop, const std::string& target, std::string token);
  ~GrpcSession() override;

  Task<std::vector<Result<std::string>>> Make(const std::vector<NotificationWish>& wishes,
                                              Deadline deadline) override;

 private:
  struct Stub;
  asio::io_context& loop_;
  std::string token_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace drover::push

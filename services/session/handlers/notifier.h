// Notifications (package #0) for whoever delivers them: session knows the nonces, tree the secrets.
//
// Spec: OMA-TS-DM_Notification-V1_2.
#pragma once
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/notification/package0.h"
#include "services/session/ports.h"

namespace drover::session {

struct NotificationWish {
  DeviceId device;
  uint16_t session_id = 0;  // 1..0xFFFF
  uint16_t version = notification::kVersion11;
  notification::UiMode ui_mode = notification::UiMode::kNotSpecified;
  notification::Initiator initiator = notification::Initiator::kServer;
};

class Notifier {
 public:
  Notifier(asio::io_context& loop, SessionStore& store, TreePort& tree, std::string server_id);

  // In the order of the wishes. kNotFound: no such terminal; kFailedPrecondition: it is disabled or
  // has no server password; what else went wrong may be asked again.
  Task<std::vector<Result<std::string>>> Make(std::vector<NotificationWish> wishes,
                                              Deadline deadline);

 private:
  struct Work;
  Process Take(std::shared_ptr<Work> work);
  Task<std::string> MakeOne(const NotificationWish& wish, Deadline deadline);

  asio::io_context& loop_;
  SessionStore& store_;
  TreePort& tree_;
  const std::string server_id_;
};

}  // namespace drover::session

// Session's part: notifications (package #0), which only it can make.
#pragma once
#include <string>
#include <vector>

#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "services/push/core/settings.h"

namespace drover::push {

struct NotificationWish {
  std::string device_id;
  uint32_t session_id = 0;  // 1..65535
  NotificationStyle style;
};

class NotificationPort {
 public:
  virtual ~NotificationPort() = default;
  // For each, in their order: package #0, or why there is none (kNotFound, kFailedPrecondition: for
  // good).
  virtual Task<std::vector<Result<std::string>>> Make(const std::vector<NotificationWish>& wishes,
                                                      Deadline deadline) = 0;
};

}  // namespace drover::push

// What other services are told of operations (proto/drover/events/v1).
#pragma once
#include <string>

#include "drover/events/v1/events.pb.h"
#include "services/operations/core/stored.h"

namespace drover::operations {

inline constexpr char kChangesTopic[] = "drover.operations";
inline constexpr char kWakeupsTopic[] = "drover.wakeups";
inline constexpr char kWakeupResultsTopic[] = "drover.wakeup-results";

// An OperationChanged for each step of the change; event_id: operation id "/" its version after it.
void TellChange(const Change& change, events::v1::OutboxBatch* outbox);
// The first of its life: PENDING, version 1.
void TellSubmitted(const v1::Operation& operation, events::v1::OutboxBatch* outbox);

// A WakeupRequested. event_id: a UUID; random: 2 octets for package #0's session id (1..65535).
struct Wakeup {
  std::string event_id;
  std::string device_id;
  std::string bearer;  // Empty: the usual.
  uint32_t attempt = 1;
  TimePoint requested_at;
  TimePoint expires_at;
};
void TellWakeup(const Wakeup& wakeup, std::string_view random, events::v1::OutboxBatch* outbox);

}  // namespace drover::operations

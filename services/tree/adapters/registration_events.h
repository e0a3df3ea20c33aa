// drover.registrations: what tree tells others of a terminal.
//
// event_id names the change for good (device, reason, and the count of account changes or the
// time), so that a consumer that sees it again knows it.
#pragma once
#include <string>

#include "drover/events/v1/events.pb.h"
#include "services/tree/core/model.h"

namespace drover::tree {

constexpr const char* kRegistrationsTopic = "drover.registrations";

enum class Registration : uint8_t {
  kEnrolled,
  kFactsChanged,
  kDisabled,
  kEnabled,
  kCredentialsRotated,
  kRotationPrepared,
  kAuthenticationChanged,
};

// device: as it is after the change.
void AddRegistration(events::v1::OutboxBatch& batch, const Device& device, Registration reason,
                     TimePoint at);

}  // namespace drover::tree

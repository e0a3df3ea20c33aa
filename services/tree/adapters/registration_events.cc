#include "services/tree/adapters/registration_events.h"

namespace drover::tree {
namespace {

const char* Name(Registration reason) {
  switch (reason) {
    case Registration::kEnrolled:
      return "enrolled";
    case Registration::kFactsChanged:
      return "facts-changed";
    case Registration::kDisabled:
      return "disabled";
    case Registration::kEnabled:
      return "enabled";
    case Registration::kCredentialsRotated:
      return "credentials-rotated";
    case Registration::kRotationPrepared:
      return "rotation-prepared";
    case Registration::kAuthenticationChanged:
      return "authentication-changed";
  }
  return "";
}

std::string EventId(const Device& device, Registration reason, TimePoint at) {
  const int64_t change = reason == Registration::kFactsChanged
                             ? at.time_since_epoch().count()
                             : static_cast<int64_t>(device.account_version);
  return device.id.value() + "/" + Name(reason) + "/" + std::to_string(change);
}

}  // namespace

void AddRegistration(events::v1::OutboxBatch& batch, const Device& device, Registration reason,
                     TimePoint at) {
  events::v1::DeviceRegistered event;
  event.set_event_id(EventId(device, reason, at));
  event.set_device_id(device.id.value());
  event.set_manufacturer(At(device.facts, Fact::kManufacturer));
  event.set_model(At(device.facts, Fact::kModel));
  event.set_firmware_version(At(device.facts, Fact::kFirmwareVersion));
  event.set_software_version(At(device.facts, Fact::kSoftwareVersion));
  event.set_reason(Name(reason));
  const int64_t micros = at.time_since_epoch().count();
  event.mutable_at()->set_seconds(micros / 1'000'000);
  event.mutable_at()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  events::v1::OutboxBatch::Record& record = *batch.add_records();
  record.set_topic(kRegistrationsTopic);
  record.set_key(device.id.value());
  event.SerializeToString(record.mutable_payload());
}

}  // namespace drover::tree

#include "services/operations/core/events.h"

#include "services/operations/core/states.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

void Add(const char* topic, const std::string& key, std::string payload,
         events::v1::OutboxBatch* outbox) {
  events::v1::OutboxBatch::Record* record = outbox->add_records();
  record->set_topic(topic);
  record->set_key(key);
  record->set_payload(std::move(payload));
}

}  // namespace

void TellChange(const Change& change, events::v1::OutboxBatch* outbox) {
  int32_t version = change.version;
  for (const v1::Transition& step : change.added.history()) {
    events::v1::OperationChanged event;
    event.set_event_id(change.id + "/" + std::to_string(++version));
    event.set_operation_id(change.id);
    event.set_device_id(change.device_id);
    event.set_label(change.label);
    event.set_state(std::string(Name(step.state())));
    event.set_cause(step.cause());
    *event.mutable_at() = step.at();
    Add(kChangesTopic, change.device_id, event.SerializeAsString(), outbox);
  }
}

void TellSubmitted(const v1::Operation& operation, events::v1::OutboxBatch* outbox) {
  events::v1::OperationChanged event;
  event.set_event_id(operation.id() + "/1");
  event.set_operation_id(operation.id());
  event.set_device_id(operation.device_id());
  event.set_label(operation.label());
  event.set_state(std::string(Name(operation.state())));
  *event.mutable_at() = operation.created_at();
  Add(kChangesTopic, operation.device_id(), event.SerializeAsString(), outbox);
}

void TellWakeup(const Wakeup& wakeup, std::string_view random, events::v1::OutboxBatch* outbox) {
  const uint32_t number = static_cast<uint32_t>(static_cast<unsigned char>(random[0])) << 8 |
                          static_cast<uint32_t>(static_cast<unsigned char>(random[1]));
  events::v1::WakeupRequested event;
  event.set_event_id(wakeup.event_id);
  event.set_device_id(wakeup.device_id);
  event.set_bearer(wakeup.bearer);
  event.set_session_id(number == 0 ? 1 : number);
  *event.mutable_requested_at() = ToProto(wakeup.requested_at);
  *event.mutable_expires_at() = ToProto(wakeup.expires_at);
  event.set_attempt(wakeup.attempt);
  Add(kWakeupsTopic, wakeup.device_id, event.SerializeAsString(), outbox);
}

}  // namespace drover::operations

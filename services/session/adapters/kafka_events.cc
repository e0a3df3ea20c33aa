#include "services/session/adapters/kafka_events.h"

#include "drover/events/v1/events.pb.h"
#include "services/session/adapters/times.h"

namespace drover::session {
namespace {

events::v1::SessionCompleted::End ToProto(SessionEnd end) {
  switch (end) {
    case SessionEnd::kCompleted:
      return events::v1::SessionCompleted::COMPLETED;
    case SessionEnd::kAbortedByTerminal:
      return events::v1::SessionCompleted::ABORTED_BY_TERMINAL;
    case SessionEnd::kAbortedByServer:
      return events::v1::SessionCompleted::ABORTED_BY_SERVER;
    case SessionEnd::kReplaced:
      return events::v1::SessionCompleted::REPLACED;
  }
  return events::v1::SessionCompleted::COMPLETED;
}

events::v1::SessionCompleted ToEvent(const DeviceId& device, const Ending& ending, TimePoint at) {
  events::v1::SessionCompleted event;
  event.set_event_id(device.value() + "/" + ending.session_key);
  event.set_device_id(device.value());
  event.set_session_id(ending.session_id);
  event.set_session_key(ending.session_key);
  event.set_end(ToProto(ending.end));
  event.set_messages(ending.messages);
  event.set_commands(ending.commands);
  SetTime(ending.started_at, *event.mutable_started_at());
  SetTime(at, *event.mutable_ended_at());
  for (const std::string& id : ending.finished) event.add_operation_ids(id);
  event.set_dm_version(ending.ver_proto);
  event.set_encoding(ending.encoding == syncml::Encoding::kXml ? "xml" : "wbxml");
  return event;
}

}  // namespace

Task<void> KafkaEvents::AlertsRaised(MessageRef ref, std::vector<Alert> alerts, TimePoint at,
                                     Deadline deadline) {
  std::vector<kafka::Record> records;
  for (size_t i = 0; i < alerts.size(); ++i) {
    Alert& alert = alerts[i];
    events::v1::AlertRaised event;
    event.set_event_id(ref.device.value() + "/" + ref.session_key + "/" +
                       std::to_string(ref.msg_id) + "/" + std::to_string(i));
    event.set_device_id(ref.device.value());
    event.set_code(alert.code);
    event.set_type(std::move(alert.type));
    event.set_source(std::move(alert.source));
    event.set_correlator(std::move(alert.correlator));
    event.set_mark(std::move(alert.mark));
    event.set_format(std::move(alert.format));
    event.set_data(std::move(alert.data));
    SetTime(at, *event.mutable_at());
    records.push_back({"drover.alerts", ref.device.value(), event.SerializeAsString()});
  }
  DROVER_CO_TRY(co_await producer_.ProduceAll(std::move(records), deadline));
  co_return Result<void>{};
}

Task<void> KafkaEvents::SessionsEnded(const DeviceId& device, const std::vector<Ending>& endings,
                                      TimePoint at, Deadline deadline) {
  std::vector<kafka::Record> records;
  for (const Ending& ending : endings) {
    records.push_back({"drover.session-completed", device.value(),
                       ToEvent(device, ending, at).SerializeAsString()});
  }
  DROVER_CO_TRY(co_await producer_.ProduceAll(std::move(records), deadline));
  co_return Result<void>{};
}

}  // namespace drover::session

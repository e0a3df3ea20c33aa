// Registrations on their way into the registry: what terminals sent by SMS, what the network saw.
//
// Pairing, history, event and confirmation are one transaction: a terminal is answered only when
// its registration lasts. Loop thread only.
#pragma once
#include <string>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "libs/registration/message.h"
#include "services/push/adapters/pg_registrations.h"
#include "services/push/core/settings.h"
#include "services/push/metrics.h"

namespace drover::push {

// A message of a terminal, whole.
struct TerminalMessage {
  std::string smsc;
  std::string record_id;  // 16 octets: names this message, and the job of its answer.
  registration::Address source, destination;
  std::optional<uint16_t> destination_port, source_port;
  uint8_t data_coding = 0;
  std::string octets;
  TimePoint received_at;
};

class Registrar {
 public:
  Registrar(const RegistrationSettings& settings, PgRegistrations& table, Clock clock,
            Metrics& metrics);

  // Which profile takes it; nullptr: it is no registration.
  const registration::Profile* ProfileOf(const TerminalMessage& message) const;
  // All of them, in their order; each is of a profile.
  Task<void> Register(const std::vector<TerminalMessage>& messages, Deadline deadline);
  // Records of a network's feed.
  Task<void> Observe(const std::vector<events::v1::SubscriberSeen>& records, Deadline deadline);
  // What an operator says. Returns the pairing as it is then.
  Task<registration::Pairing> Record(registration::Observation observation, Deadline deadline);

 private:
  struct Batch;
  Task<void> Load(Batch& batch, Deadline deadline);
  void Add(const TerminalMessage& message, Batch& batch);
  void Decide(const registration::Observation& observation, Batch& batch);
  void Confirm(const TerminalMessage& message, const registration::Registration& said,
               const std::string& msisdn, Batch& batch);
  Task<void> Write(Batch& batch, Deadline deadline);

  const RegistrationSettings& settings_;
  PgRegistrations& table_;
  const Clock clock_;
  Metrics& metrics_;
  TimePoint next_confirmation_{};  // No more than confirm_rate a second.
};

}  // namespace drover::push

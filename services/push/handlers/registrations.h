// Who is behind which number, asked and told by people. Any replica takes part.
#pragma once
#include "drover/push/v1/push.pb.h"
#include "libs/async/task.h"
#include "libs/outbox/relay.h"
#include "services/push/adapters/pg_registrations.h"
#include "services/push/handlers/registrar.h"

namespace drover::push {

class Registrations {
 public:
  Registrations(PgRegistrations& table, Registrar& registrar, outbox::Relay& relay, Clock clock);

  Task<v1::Registration> Get(v1::GetRegistrationRequest request, Deadline deadline);
  Task<v1::ListRegistrationsResponse> List(v1::ListRegistrationsRequest request, Deadline deadline);
  Task<v1::Registration> Record(v1::RecordPairingRequest request, Deadline deadline);

 private:
  PgRegistrations& table_;
  Registrar& registrar_;
  outbox::Relay& relay_;
  const Clock clock_;
};

}  // namespace drover::push

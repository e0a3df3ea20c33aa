// What somebody asks to be pushed: accepted, looked up, cancelled. Any replica takes part.
#pragma once
#include <string>
#include <vector>

#include "drover/push/v1/push.pb.h"
#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "libs/dmauth/random.h"
#include "libs/kafka/producer.h"
#include "libs/outbox/relay.h"
#include "services/push/adapters/pg_pushes.h"
#include "services/push/adapters/pg_registrations.h"
#include "services/push/core/job.h"
#include "services/push/core/settings.h"
#include "services/push/handlers/notifications.h"
#include "services/push/metrics.h"

namespace drover::push {

inline constexpr char kGrpcAccount[] = "grpc";

class Pushes {
 public:
  struct Config {
    std::string server_id;
    NotificationStyle notification;   // Of those that do not say.
    std::chrono::milliseconds ttl{};  // Of a push that says nothing.
    uint8_t ref_bits = 16;
    uint8_t most_segments = 8;
  };
  struct Ports {
    PgPushes& pushes;
    PgRegistrations& registrations;
    outbox::Relay& relay;
    kafka::Producer& producer;
    NotificationPort& notifications;
  };
  Pushes(Ports ports, Config config, Clock clock, RandomOctets random, Metrics& metrics);

  Task<v1::Push> Send(v1::SendPushRequest request, Deadline deadline);
  Task<v1::Push> Get(v1::GetPushRequest request, Deadline deadline);
  Task<v1::ListPushesResponse> List(v1::ListPushesRequest request, Deadline deadline);
  Task<v1::Push> Cancel(v1::CancelPushRequest request, Deadline deadline);

 private:
  Task<Recipient> Resolve(const v1::Address& address, Deadline deadline);
  Task<StoredPush> Find(const std::string& account, const std::string& push_id, Deadline deadline);
  Task<std::string> Notification(const v1::Notification& wanted, const std::string& device_id,
                                 Deadline deadline);
  Task<v1::Push> Accept(const v1::SendPushRequest& request, const Recipient& recipient,
                        const std::string& digest, Deadline deadline);

  Ports ports_;
  const Config config_;
  const Clock clock_;
  const RandomOctets random_;
  Metrics& metrics_;
};

v1::Push ToProto(const StoredPush& push);

}  // namespace drover::push

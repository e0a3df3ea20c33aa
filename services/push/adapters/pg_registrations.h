// Who is behind which number: push.registrations, with what changed in push.pairings, and what
// could not be read in push.dead_letters.
#pragma once
#include <string>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/postgres/pool.h"
#include "libs/registration/pairing.h"

namespace drover::push {

// What an observation changed.
struct PairingChange {
  std::string device_id;
  TimePoint at;
  std::string event;  // registered, sim-changed, software-changed, sim-lost
  std::string msisdn, imsi, manufacturer, model, software_version, via;
};

struct StoredDeadLetter {
  TimePoint at;
  std::string smsc, source, destination, reason, octets;
};

enum class By : uint8_t { kDevice, kMsisdn, kImsi };

class PgRegistrations {
 public:
  explicit PgRegistrations(postgres::Pool& pool) : pool_(pool) {}

  // Of each key what there is, in any order.
  Task<std::vector<registration::Pairing>> Find(By by, const std::vector<std::string>& keys,
                                                Deadline deadline);

  // In one transaction: the registrations as they are now (each terminal once), what changed, what
  // it tells, what could not be read. A change that is there already stays. Texts that are not
  // UTF-8 are stored as registration::Shown writes them.
  struct Change {
    std::vector<registration::Pairing> registrations;
    std::vector<PairingChange> changes;
    std::vector<StoredDeadLetter> dead_letters;
    events::v1::OutboxBatch outbox;
  };
  Task<void> Write(const Change& change, Deadline deadline);

  // The newest first.
  Task<std::vector<PairingChange>> History(const std::string& device_id, int most,
                                           Deadline deadline);
  // In the order of device ids, after one.
  Task<std::vector<registration::Pairing>> List(const std::string& after, TimePoint since, int most,
                                                Deadline deadline);
  // How many went.
  Task<int64_t> PurgeDeadLetters(TimePoint until, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

}  // namespace drover::push

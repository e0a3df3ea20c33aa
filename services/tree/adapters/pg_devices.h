// tree.devices: the rows of terminals.
//
// Every change that others are told of inserts its outbox row in the same transaction, after the
// rows that it changes.
#pragma once
#include <string>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/tree/adapters/account_seal.h"
#include "services/tree/core/selector.h"

namespace drover::events::v1 {
class OutboxBatch;
}

namespace drover::tree {

class PgDevices {
 public:
  explicit PgDevices(postgres::Pool& pool) : pool_(pool) {}

  // Those that are there, in any order.
  Task<std::vector<StoredDevice>> Find(const std::vector<std::string>& ids, Deadline deadline);
  // The same with what traits come from: what an account is made of.
  Task<std::vector<StoredDevice>> FindAccounts(const std::vector<std::string>& ids,
                                               Deadline deadline);
  // At most `limit`, after the device `after`, ascending.
  Task<std::vector<StoredDevice>> List(const Selector& selector, const DeviceId& after,
                                       int32_t limit, Deadline deadline);

  // All or none. kAlreadyExists: one of them is there.
  Task<void> Insert(std::vector<StoredDevice> devices, const events::v1::OutboxBatch& events,
                    Deadline deadline);
  // Writes status, schemes and account over version `expected`. False: the row has another
  // version by now (or is not there); nothing was written.
  Task<bool> ReplaceAccount(const StoredDevice& changed, uint64_t expected,
                            const events::v1::OutboxBatch& events, Deadline deadline);

  // At most `limit` after `after`, ascending, whose account is not sealed with that key.
  Task<std::vector<StoredDevice>> SealedOtherwise(uint8_t key, const DeviceId& after, int32_t limit,
                                                  Deadline deadline);
  // The account sealed anew in place of how it was sealed when it was read. False: it has changed.
  Task<bool> ReplaceSeal(const StoredDevice& read, const std::string& sealed, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

// PgDevices::Find as a statement, to be sent with others.
postgres::Statement FindDevices(const std::vector<std::string>& ids);
std::vector<StoredDevice> ReadDevices(const postgres::Rows& rows);

// For transactions that write nodes too. Times and facts as core/report.h decided.
postgres::Statement SetSeen(const std::vector<std::string>& ids, TimePoint seen_at);
// A terminal whose facts change was seen, too: one new version of its row.
postgres::Statement SetFacts(const std::vector<std::pair<std::string, Facts>>& facts,
                             TimePoint seen_at);

}  // namespace drover::tree

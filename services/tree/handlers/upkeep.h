// What is done in the background: history past its retention is dropped, accounts are sealed anew
// when the key that seals has changed. In slices, so that sessions do not notice. Loop thread only.
#pragma once
#include <chrono>

#include "services/tree/adapters/account_seal.h"
#include "services/tree/adapters/pg_devices.h"
#include "services/tree/adapters/pg_nodes.h"
#include "services/tree/metrics.h"

namespace drover::tree {

class Upkeep {
 public:
  Upkeep(asio::io_context& loop, PgDevices& devices, PgNodes& nodes, const AccountSeal& seal,
         Clock clock, std::chrono::milliseconds retention, Metrics& metrics);
  Upkeep(const Upkeep&) = delete;

  // Reseals once, then sweeps, until Stop.
  Process Run();
  void Stop();

  // One turn: a slice of each partition. Whether there may be more to drop.
  Task<bool> SweepHistory();
  // All accounts that another key sealed, as far as their key is still there. How many could not
  // be opened. Nothing to do with a single key.
  Task<int64_t> ResealAccounts();

 private:
  // Of one page: what changed meanwhile was sealed by its change.
  Task<int64_t> ResealPage(const std::vector<StoredDevice>& page);

  Timer timer_;
  PgDevices& devices_;
  PgNodes& nodes_;
  const AccountSeal& seal_;
  const Clock clock_;
  const std::chrono::milliseconds retention_;
  Metrics& metrics_;
  bool stopping_ = false;
};

}  // namespace drover::tree

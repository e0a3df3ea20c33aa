// Terminals by the million. One at rest is a record of 64 octets, in memory that costs nothing
// until the terminal has changed; who it is, its secrets, its model, its quirks, its tree and what
// waits for it are computed from the seed and its index. For a session the whole terminal is made,
// and folded into its record again behind it. The few that a record cannot hold (an update is under
// way, a report waits, a tree that differs in an unforeseen way) are kept whole, aside.
//
// Not for several threads at once, but for what is const.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "loadtest/fleet/identity.h"
#include "loadtest/fleet/judge.h"
#include "loadtest/fleet/plan.h"
#include "loadtest/fleet/population.h"

namespace drover::fleet {

struct FleetConfig {
  Population population;
  uint64_t seed = 1;
  uint64_t terminals = 1000;
  terminal::ServerAddress server;
  Clock clock = SystemNow;
  uint64_t entropy = 0;  // Nonces and SessionIDs come from it: another one in each run.
  terminal::ObjectPolicy objects;
};

class Fleet {
 public:
  // kInvalidArgument: too many terminals, or the population names nodes that they do not have.
  static Result<std::unique_ptr<Fleet>> Make(FleetConfig config);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  uint64_t size() const { return config_.terminals; }
  const FleetConfig& config() const { return config_; }
  std::string DeviceId(uint64_t index) const { return ImeiOf(config_.seed, index); }
  std::optional<uint64_t> IndexOf(std::string_view device_id) const;
  Traits TraitsAt(uint64_t index) const;
  // As it is enrolled; nullopt: it registers itself.
  std::optional<terminal::Account> Enrolment(uint64_t index) const;
  Plan PlanAt(uint64_t index) const;

  // The whole terminal, until it is folded again. Not of one that is out already. nonce_lost: it
  // has another client nonce than it should (unless it is kept aside).
  std::unique_ptr<terminal::Terminal> Unfold(uint64_t index, bool nonce_lost = false);
  // What a terminal that was folded waits for.
  struct Outlook {
    std::optional<TimePoint> next_due;  // It wants Tick.
    bool has_reports = false;           // It wants a session.
  };
  Outlook Fold(uint64_t index, std::unique_ptr<terminal::Terminal> device);
  bool is_out(uint64_t index) const { return (records_[index].state & kOut) != 0; }
  // Lives through everything up to this time.
  Outlook Tick(uint64_t index, TimePoint now);

  // The ledger.
  DoneCounts Done(uint64_t index) const { return DoneCounts(records_[index].done); }
  uint32_t Foreign(uint64_t index) const { return records_[index].foreign; }
  uint32_t AlertsAcknowledged(uint64_t index) const { return records_[index].alerts; }
  bool Touched(uint64_t index) const { return (records_[index].state & kTouched) != 0; }

  uint64_t touched() const { return touched_; }  // Terminals that have been in a session.
  uint64_t aside() const { return aside_.size(); }
  uint64_t fault_count() const { return fault_count_; }
  // The first lines of what the server did against the specification, and of executions that belong
  // to no operation.
  const std::vector<std::string>& faults() const { return faults_; }
  const std::vector<std::string>& foreign() const { return foreign_; }
  // Memory of all terminals, those aside included, estimated.
  uint64_t size_octets() const;

 private:
  enum State : uint8_t {
    kTouched = 1,  // Nonces and sessions are the record's.
    kOut = 2,      // Unfolded.
    kAside = 4,
    kFellBack = 8,
  };
  // Zero: as it left the factory.
  struct Record {
    std::array<char, kNonceOctets> client_nonce;
    std::array<char, kNonceOctets> server_nonce;
    std::array<char, kNonceOctets> previous_server_nonce;
    uint32_t done;
    uint32_t sessions;
    uint16_t nonce_octets;  // Client's, server's and the previous one's, 5 bits each.
    uint16_t notified;
    uint8_t state;
    uint8_t schemes;  // Client's and server's, 2 bits each.
    uint8_t foreign;
    uint8_t alerts;
  };
  static_assert(sizeof(Record) == 64);
  struct Free {
    void operator()(Record* records) const;
  };

  explicit Fleet(FleetConfig config);
  const terminal::Model& ModelFor(const Traits& traits) const;
  terminal::Account AccountAt(uint64_t index, const Traits& traits) const;
  Result<Plan> PlanFor(uint64_t index, const Traits& traits, const terminal::Model& model) const;
  // False: the record cannot hold it.
  static bool Store(Record& record, const terminal::Terminal& device,
                    const terminal::Account& factory, const Plan& plan);
  static void Restore(const Record& record, terminal::Account& account, terminal::Memory& memory);
  void Book(Record& record, terminal::Terminal& device, const Plan& plan);
  std::string NextOctets(size_t n);

  FleetConfig config_;
  uint64_t random_state_;
  terminal::Surroundings surroundings_;
  std::unique_ptr<Record[], Free> records_;
  std::unordered_map<uint64_t, std::unique_ptr<terminal::Terminal>> aside_;
  uint64_t touched_ = 0;
  uint64_t fault_count_ = 0;
  std::vector<std::string> faults_;
  std::vector<std::string> foreign_;
  mutable std::mutex models_mutex_;  // Guards models_; a model that is there stays.
  using ModelKey = std::pair<uint32_t, terminal::Quirks>;
  mutable std::map<ModelKey, std::unique_ptr<terminal::Model>> models_;
};

}  // namespace drover::fleet

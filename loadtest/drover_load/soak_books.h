// The books of a soak: every accepted operation against what the terminals really executed.
//
// An operation enters when it is planned (its terminal may execute it before the operator hears
// that it was accepted) and leaves when it has ended and was compared, so memory holds what is
// open.
//
//   lost     accepted without an end; SUCCEEDED though the terminal did not do it, or with another
//            value than it read; a report that was acknowledged but is not on its operation.
//   doubled  a command executed twice for one operation, or after its end; two ends.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "drover/operations/v1/operations.pb.h"
#include "loadtest/drover_load/soak_plan.h"

namespace drover::load {

bool HasEnded(operations::v1::State state);

struct SoakCounts {
  uint64_t planned = 0;
  uint64_t accepted = 0;
  uint64_t ended = 0;
  uint64_t succeeded = 0;
  uint64_t lost = 0;
  uint64_t doubled = 0;
  uint64_t uncertain = 0;  // Went through the uncertain rule.
  uint64_t verified = 0;   // Commands that were found done by reading back.
  // Ends that no server can avoid, by name; and those that it should have avoided, by cause.
  std::map<std::string, uint64_t> apart;
  std::map<std::string, uint64_t> unexpected;
};

class SoakBooks {
 public:
  explicit SoakBooks(size_t terminals) : terminals_(terminals) {}

  void Plan(const SoakOperation& operation);
  // True: its end was heard of already.
  bool Accept(uint64_t serial, const operations::v1::Operation& operation);
  // Never accepted, as far as the operator knows: nothing is claimed about it.
  void Withdraw(uint64_t serial);
  void Executed(uint32_t terminal, const std::vector<terminal::Execution>& executions);
  // The server has acknowledged this many reports of the terminal since. now: any steady time.
  void Acknowledged(uint32_t terminal, uint32_t reports, std::chrono::steady_clock::time_point now);
  // The serial of an open operation that this event ends; 0: none.
  uint64_t Heard(const events::v1::OperationChanged& event);
  // Compares an operation that has ended, and forgets it.
  void Close(uint64_t serial, const operations::v1::Operation& operation,
             std::chrono::steady_clock::time_point now);
  // At the end of the run: what is open now is lost.
  void CloseRest();
  void Lose(uint64_t serial, const std::string& why);

  struct Open {
    SoakOperation plan;
    std::string id;  // Empty: not accepted yet.
    std::vector<uint32_t> executed;
  };
  const std::map<uint64_t, Open>& open() const { return open_; }  // By serial.
  const SoakCounts& counts() const { return counts_; }
  // Accepted operations that have ended, but no event has said so.
  size_t events_missing() const { return silent_.size(); }
  const std::vector<std::string>& findings() const { return findings_; }  // The first hundred.

 private:
  struct PerTerminal {
    std::map<std::string, uint32_t> execs;  // By correlator.
    // Whose reports are still to come, in the order of their Execs: a terminal reports in order.
    std::deque<std::string> reporting;
    std::set<std::string>
        told;  // Of these, who has the report: only the word of it is outstanding.
    // When the report of an open operation was acknowledged.
    std::map<std::string, std::chrono::steady_clock::time_point> acknowledged;
  };
  struct Place {
    uint64_t serial;
    int command;
  };
  void Index(const SoakOperation& operation, bool add);
  void CompareCommand(const Open& open, const operations::v1::Operation& operation, int index,
                      uint32_t executed);
  void CompareExec(const Open& open, const operations::v1::Operation& operation,
                   std::chrono::steady_clock::time_point now);
  void CompareEnds(const operations::v1::Operation& operation);
  void NameFailure(const operations::v1::Operation& operation, uint32_t effects);
  void Forget(std::map<uint64_t, Open>::iterator it);
  void Lost(const operations::v1::Operation& operation, const std::string& what);
  void Doubled(const std::string& of, const std::string& what);
  void Find(const std::string& finding);

  SoakCounts counts_;
  std::vector<PerTerminal> terminals_;
  std::map<uint64_t, Open> open_;
  std::unordered_map<std::string, Place> places_;        // What an execution belongs to.
  std::unordered_map<std::string, uint64_t> by_id_;      // Accepted and open.
  std::unordered_map<std::string, std::string> ends_;    // Operation -> event that ended it;
  std::deque<std::string> ends_in_order_;                // the last hundred thousand.
  std::unordered_map<std::string, std::string> silent_;  // Closed, their event outstanding.
  std::vector<std::string> findings_;
};

}  // namespace drover::load

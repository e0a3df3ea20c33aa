// What operations promises and asks of a session, in memory: each operation waits, or is held by
// one session, or has ended once.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "libs/base/check.h"
#include "services/session/core/exchange.h"
#include "services/session/core/steps.h"

namespace drover::session::fuzz {

class OperationsModel {
 public:
  void Submit(Assignment assignment) {
    Entry& entry = entries_[assignment.operation.value()];
    entry.assignment = std::move(assignment);
  }

  // session: the key. Checks that everything in effects may be said by that session now.
  std::vector<Assignment> Advance(const std::string& session, const Effects& effects) {
    DROVER_CHECK(effects.advance || (effects.reports.empty() && effects.take == 0 &&
                                     !effects.session_started && effects.untouched.empty()));
    if (!effects.advance) return {};
    if (effects.session_started) Start(session, effects.untouched);
    DROVER_CHECK(started_.contains(session));
    for (const OperationReport& report : effects.reports) Report(session, report);
    std::vector<Assignment> taken;
    for (auto& [id, entry] : entries_) {
      if (taken.size() == effects.take) break;
      if (entry.ended || !entry.holder.empty()) continue;
      entry.holder = session;
      taken.push_back(entry.assignment);
    }
    return taken;
  }

  // The state that is about to be stored: it holds exactly what was handed to its session.
  void CheckHeld(const SessionState& session) const {
    std::set<std::string> held;
    for (const HeldOperation& operation : session.operations) {
      const std::string& id = operation.assignment.operation.value();
      DROVER_CHECK(held.insert(id).second);
      const auto found = entries_.find(id);
      DROVER_CHECK(found != entries_.end());
      DROVER_CHECK(!found->second.ended && found->second.holder == session.key);
    }
    for (const auto& [id, entry] : entries_) {
      DROVER_CHECK(entry.holder != session.key || held.contains(id));
    }
    for (const std::string& id : session.finished) DROVER_CHECK(entries_.at(id).ended);
  }

 private:
  struct Entry {
    Assignment assignment;
    std::string holder;
    bool ended = false;
  };

  // Of what another session held, only what was never sent is as it was.
  void Start(const std::string& session, const std::vector<std::string>& untouched) {
    DROVER_CHECK(started_.insert(session).second);
    for (auto& [id, entry] : entries_) {
      if (entry.holder.empty() || entry.holder == session) continue;
      entry.holder.clear();
      bool kept = false;
      for (const std::string& one : untouched) kept = kept || one == id;
      if (!kept) entry.assignment.uncertain = true;
    }
  }

  void Report(const std::string& session, const OperationReport& report) {
    const auto found = entries_.find(report.operation.value());
    DROVER_CHECK(found != entries_.end());
    Entry& entry = found->second;
    DROVER_CHECK(!entry.ended && entry.holder == session);
    CheckResults(entry.assignment, report);
    entry.holder.clear();
    const bool end =
        report.disposition == Disposition::kDone || report.disposition == Disposition::kRefused;
    entry.ended = end;
    if (report.disposition == Disposition::kLost) entry.assignment.uncertain = true;
    if (report.disposition == Disposition::kReturned) entry.assignment.uncertain = false;
  }

  static void CheckResults(const Assignment& assignment, const OperationReport& report) {
    std::set<uint32_t> seen;
    for (const CommandResult& result : report.results) {
      DROVER_CHECK(result.index < assignment.commands.size());
      DROVER_CHECK(seen.insert(result.index).second);
    }
    if (report.disposition == Disposition::kDone) {
      DROVER_CHECK(seen.size() == assignment.commands.size());
    }
    if (report.disposition == Disposition::kRefused) {
      DROVER_CHECK(seen.empty() && !report.cause.empty());
    }
    if (report.disposition != Disposition::kReturned) return;
    for (const CommandResult& result : report.results) {
      const bool changed = !result.cmd_id.empty() || result.verified;
      DROVER_CHECK(!changed || !Modifies(assignment.commands[result.index]));
    }
  }

  std::map<std::string, Entry> entries_;
  std::set<std::string> started_;
};

}  // namespace drover::session::fuzz

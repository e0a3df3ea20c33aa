#include "services/operations/core/advance.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "services/operations/core/alerts.h"
#include "services/operations/core/due.h"
#include "services/operations/core/results.h"
#include "services/operations/core/states.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

// The minute that a session key begins with, behind its "@".
std::optional<int64_t> StartOf(std::string_view session_key) {
  const size_t at = session_key.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = session_key.substr(at + 1);
  int64_t start = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), start);
  const bool whole = end == digits.data() + digits.size() || *end == '-';
  if (error != std::errc() || !whole) return std::nullopt;
  return start;
}

Result<void> Check(const v1::AdvanceRequest& request) {
  if (request.device_id().empty()) return InvalidArgument("device_id is missing");
  if (request.session_key().empty()) return InvalidArgument("session_key is missing");
  for (int i = 0; i < request.reports_size(); ++i) {
    const v1::OperationReport& report = request.reports(i);
    const std::string field = "reports[" + std::to_string(i) + "].";
    if (report.operation_id().empty()) return InvalidArgument(field + "operation_id is missing");
    if (report.disposition() < v1::OperationReport::DONE ||
        report.disposition() > v1::OperationReport::REFUSED) {
      return InvalidArgument(field + "disposition is none of those known");
    }
  }
  return {};
}

// The terminal's open operations while the request is applied to them.
class Course {
 public:
  Course(const v1::AdvanceRequest& request, std::vector<Stored> open, TimePoint now)
      : request_(request), now_(now), open_(std::move(open)) {
    changes_.reserve(open_.size());
    for (const Stored& operation : open_) changes_.emplace_back(operation);
  }

  // What a session that broke had been given.
  void ReleaseBroken() {
    for (size_t i = 0; i < open_.size(); ++i) {
      if (changes_[i].state != v1::RUNNING || OfThisSession(i)) continue;
      if (BeganAfter(changes_[i].session_key, request_.session_key())) continue;
      const auto& untouched = request_.untouched();
      const bool sent = std::find(untouched.begin(), untouched.end(), open_[i].id) == untouched.end();
      Return(i, /*uncertain=*/sent, "its session ended without a word");
    }
  }

  void Apply(const v1::OperationReport& report) {
    for (size_t i = 0; i < open_.size(); ++i) {
      if (open_[i].id != report.operation_id()) continue;
      if (changes_[i].state == v1::RUNNING && OfThisSession(i)) Apply(i, report);
      return;
    }
  }

  bool Apply(const v1::AlertResult& alert) {
    std::vector<const Stored*> candidates;
    std::vector<size_t> places;
    for (size_t i = 0; i < open_.size(); ++i) {
      if (!IsOpen(changes_[i].state)) continue;
      open_[i].state = changes_[i].state;
      candidates.push_back(&open_[i]);
      places.push_back(i);
    }
    const int match = MatchAlert(alert, candidates);
    if (match < 0) return false;
    Change& change = changes_[places[static_cast<size_t>(match)]];
    Verdict verdict = JudgeAlert(alert);
    v1::AlertResult* stored = change.added.add_alerts();
    *stored = alert;
    if (!stored->has_at()) *stored->mutable_at() = ToProto(now_);
    change.Step(verdict.state, now_, std::move(verdict.cause));
    travelled_.push_back(change.id);
    return true;
  }

  void HandOut(v1::AdvanceReply* reply) {
    if (HandOutAgain(reply)) return;
    uint32_t left = request_.take();
    for (size_t i = 0; i < open_.size() && left > 0; ++i) {
      if (!IsQueued(changes_[i].state) || open_[i].expires_at <= now_) continue;
      Change& change = changes_[i];
      change.session_key = request_.session_key();
      change.taken_msg_id = request_.msg_id();
      change.Step(v1::RUNNING, now_, "");
      Assign(i, reply);
      --left;
    }
  }

  // Expired ones that nobody has swept yet are no work.
  bool WorkLeft() const {
    for (size_t i = 0; i < changes_.size(); ++i) {
      if (changes_[i].state == v1::RUNNING) return true;
      if (IsQueued(changes_[i].state) && open_[i].expires_at > now_) return true;
    }
    return false;
  }

  void TakeResult(Advanced* out) {
    for (Change& change : changes_) {
      if (change.added.ByteSizeLong() > 0) out->changes.push_back(std::move(change));
    }
    out->travelled = std::move(travelled_);
  }

 private:
  bool OfThisSession(size_t i) const { return changes_[i].session_key == request_.session_key(); }

  void Return(size_t i, bool uncertain, std::string why) {
    Change& change = changes_[i];
    change.Step(v1::PENDING, now_, std::move(why));
    change.uncertain = uncertain || open_[i].uncertain;
    change.due_at = std::min(now_ + WakeAfter(1, 0.5), open_[i].expires_at);
  }

  void Apply(size_t i, const v1::OperationReport& report) {
    Change& change = changes_[i];
    travelled_.push_back(change.id);
    switch (report.disposition()) {
      case v1::OperationReport::RETURNED:
        return Return(i, /*uncertain=*/false, report.cause());
      case v1::OperationReport::LOST:
        return Return(i, /*uncertain=*/true, report.cause());
      default:
        break;
    }
    for (const v1::CommandResult& result : report.results()) {
      v1::CommandResult* stored = change.added.add_results();
      *stored = result;
      if (!stored->has_at()) *stored->mutable_at() = ToProto(now_);
    }
    if (report.disposition() == v1::OperationReport::REFUSED) {
      change.Step(
          v1::FAILED, now_,
          report.cause().empty() ? "it cannot be carried out on this terminal" : report.cause());
      return;
    }
    Verdict verdict = Judge(open_[i].spec.commands(), report.results());
    change.uncertain = false;
    change.Step(verdict.state, now_, std::move(verdict.cause));
  }

  // The answer to a repeated message is what it was the first time.
  bool HandOutAgain(v1::AdvanceReply* reply) {
    for (size_t i = 0; i < open_.size(); ++i) {
      if (changes_[i].state != v1::RUNNING || !OfThisSession(i)) continue;
      if (changes_[i].taken_msg_id == request_.msg_id()) Assign(i, reply);
    }
    return reply->assignments_size() > 0;
  }

  void Assign(size_t i, v1::AdvanceReply* reply) {
    v1::Assignment* assignment = reply->add_assignments();
    assignment->set_operation_id(open_[i].id);
    *assignment->mutable_commands() = open_[i].spec.commands();
    assignment->set_correlator(open_[i].spec.correlator());
    assignment->set_uncertain(changes_[i].uncertain);
  }

  const v1::AdvanceRequest& request_;
  const TimePoint now_;
  std::vector<Stored> open_;
  std::vector<Change> changes_;  // Beside open_.
  std::vector<std::string> travelled_;
};

}  // namespace

bool BeganAfter(std::string_view other, std::string_view mine) {
  const std::optional<int64_t> a = StartOf(other);
  const std::optional<int64_t> b = StartOf(mine);
  return a && b && *a > *b;
}

Result<Advanced> Advance(const v1::AdvanceRequest& request, std::vector<Stored> open, bool all_read,
                         const std::set<std::string>& ended, TimePoint now) {
  DROVER_TRY(Check(request));
  Advanced out;
  Course course(request, std::move(open), now);
  if (request.session_started()) course.ReleaseBroken();
  for (const v1::OperationReport& report : request.reports()) course.Apply(report);
  for (const v1::AlertResult& alert : request.alerts()) {
    const bool repeated = ended.count(alert.correlator()) > 0;
    out.reply.add_alerts_matched(repeated || course.Apply(alert));
  }
  course.HandOut(&out.reply);
  out.work_left = course.WorkLeft() || !all_read;
  course.TakeResult(&out);
  return out;
}

}  // namespace drover::operations

#include "services/operations/core/advance.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "services/operations/core/alerts.h"
#include "services/operations/core/conclude.h"
#include "services/operations/core/progress.h"
#include "services/operations/core/states.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

constexpr int kAlertsKept = 16;  // With an operation that has ended.

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

constexpr size_t kOctetsAtOnce = 1 << 20;  // Handed out at once, but for the last operation.

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
      const bool sent =
          std::find(untouched.begin(), untouched.end(), open_[i].id) == untouched.end();
      GiveBack(open_[i], sent, "its session ended without a word", now_, &changes_[i]);
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
      open_[i].uncertain = changes_[i].uncertain;
      open_[i].standing = changes_[i].standing;
      candidates.push_back(&open_[i]);
      places.push_back(i);
    }
    const int match = OfEarlierAttempt(alert) ? -1 : MatchAlert(alert, candidates);
    if (match < 0) return OfEarlierAttempt(alert);
    const size_t place = places[static_cast<size_t>(match)];
    Change& change = changes_[place];
    Keep(alert, &change);
    if (IsQueued(change.state)) {
      change.Step(v1::WAITING, now_, "its alert came: the terminal had taken it");
    }
    Conclude(open_[place], JudgeAlert(alert), now_, &change);
    return true;
  }

  // An alert for an operation that has ended.
  void Keep(const v1::AlertResult& alert, const Ended& ended) {
    const auto& known = ended.course.alerts();
    const bool repeated =
        std::any_of(known.begin(), known.end(), [&](const v1::AlertResult& other) {
          return other.type() == alert.type() && other.source() == alert.source() &&
                 other.data() == alert.data();
        });
    if (repeated || known.size() >= kAlertsKept) return;
    const auto there = std::find_if(late_.begin(), late_.end(), [&](const Change& change) {
      return change.id == ended.stored.id;
    });
    Change& change = there == late_.end() ? late_.emplace_back(ended.stored) : *there;
    Keep(alert, &change);
  }

  void HandOut(v1::AdvanceReply* reply) {
    if (HandOutAgain(reply)) return;
    uint32_t left = request_.take();
    size_t octets = 0;  // What is handed out stands in the session's state.
    for (size_t i = 0; i < open_.size() && left > 0 && octets < kOctetsAtOnce; ++i) {
      if (!IsQueued(changes_[i].state) || GivenUpAt(open_[i]) <= now_) continue;
      if (!changes_[i].ready) continue;
      Change& change = changes_[i];
      change.session_key = request_.session_key();
      change.taken_msg_id = request_.msg_id();
      change.Step(v1::RUNNING, now_, "");
      Assign(i, reply);
      octets += reply->assignments(reply->assignments_size() - 1).ByteSizeLong();
      --left;
    }
  }

  // Expired ones that nobody has swept yet are no work.
  bool WorkLeft() const {
    for (size_t i = 0; i < changes_.size(); ++i) {
      if (changes_[i].state == v1::RUNNING) return true;
      if (!IsQueued(changes_[i].state) || !changes_[i].ready) continue;
      if (GivenUpAt(open_[i]) > now_) return true;
    }
    return false;
  }

  void TakeResult(Advanced* out) {
    for (Change& change : changes_) {
      if (change.added.ByteSizeLong() > 0) out->changes.push_back(std::move(change));
    }
    for (Change& change : late_) out->changes.push_back(std::move(change));
    out->travelled = std::move(travelled_);
    out->open = std::move(open_);
  }

 private:
  bool OfThisSession(size_t i) const { return changes_[i].session_key == request_.session_key(); }

  // It has done what it could, when it came first.
  bool OfEarlierAttempt(const v1::AlertResult& alert) const {
    if (alert.correlator().empty()) return false;
    return std::any_of(open_.begin(), open_.end(), [&](const Stored& operation) {
      return operation.standing.attempt > 1 && operation.id == OperationOf(alert.correlator()) &&
             CorrelatorOf(operation) != alert.correlator();
    });
  }

  void Keep(const v1::AlertResult& alert, Change* change) {
    v1::AlertResult* stored = change->added.add_alerts();
    *stored = alert;
    if (!stored->has_at()) *stored->mutable_at() = ToProto(now_);
    travelled_.push_back(change->id);
  }

  void Apply(size_t i, const v1::OperationReport& report) {
    Change& change = changes_[i];
    travelled_.push_back(change.id);
    switch (report.disposition()) {
      case v1::OperationReport::RETURNED:
        return GiveBack(open_[i], /*uncertain=*/false, report.cause(), now_, &change);
      case v1::OperationReport::LOST:
        return GiveBack(open_[i], /*uncertain=*/true, report.cause(), now_, &change);
      default:
        break;
    }
    if (change.standing.reading_state) return ApplyReading(i, report);
    for (const v1::CommandResult& result : report.results()) {
      v1::CommandResult* stored = change.added.add_results();
      *stored = result;
      if (!stored->has_at()) *stored->mutable_at() = ToProto(now_);
      if (change.standing.attempt > 1) {
        stored->set_attempt(static_cast<uint32_t>(change.standing.attempt));
      }
    }
    if (report.disposition() == v1::OperationReport::REFUSED) return Refuse(i, report);
    Conclude(open_[i], Judge(open_[i].spec.commands(), report.results()), now_, &change);
  }

  void Refuse(size_t i, const v1::OperationReport& report) {
    Verdict verdict;
    verdict.cause =
        report.cause().empty() ? "it cannot be carried out on this terminal" : report.cause();
    Conclude(open_[i], std::move(verdict), now_, &changes_[i]);
  }

  // What was handed out was the question how far it is.
  void ApplyReading(size_t i, const v1::OperationReport& report) {
    if (report.disposition() == v1::OperationReport::REFUSED) return Refuse(i, report);
    Verdict verdict = JudgeState(open_[i].spec.commands(), report.results());
    Conclude(open_[i], std::move(verdict), now_, &changes_[i]);
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
    if (changes_[i].standing.reading_state) {
      *assignment->mutable_commands() = StateReads(open_[i].spec.commands());
      return;
    }
    *assignment->mutable_commands() = open_[i].spec.commands();
    assignment->set_correlator(CorrelatorOf(open_[i]));
    assignment->set_uncertain(changes_[i].uncertain);
  }

  const v1::AdvanceRequest& request_;
  const TimePoint now_;
  std::vector<Stored> open_;
  std::vector<Change> changes_;  // Beside open_.
  std::vector<Change> late_;     // Of operations that have ended.
  std::vector<std::string> travelled_;
};

}  // namespace

bool BeganAfter(std::string_view other, std::string_view mine) {
  const std::optional<int64_t> a = StartOf(other);
  const std::optional<int64_t> b = StartOf(mine);
  return a && b && *a > *b;
}

Result<Advanced> Advance(const v1::AdvanceRequest& request, std::vector<Stored> open, bool all_read,
                         const EndedOperations& ended, TimePoint now) {
  DROVER_TRY(Check(request));
  Advanced out;
  Course course(request, std::move(open), now);
  if (request.session_started()) course.ReleaseBroken();
  for (const v1::OperationReport& report : request.reports()) course.Apply(report);
  for (const v1::AlertResult& alert : request.alerts()) {
    const auto over = ended.find(std::string(OperationOf(alert.correlator())));
    if (over != ended.end()) course.Keep(alert, over->second);
    out.reply.add_alerts_matched(over != ended.end() || course.Apply(alert));
  }
  course.HandOut(&out.reply);
  out.work_left = course.WorkLeft() || !all_read;
  course.TakeResult(&out);
  return out;
}

}  // namespace drover::operations

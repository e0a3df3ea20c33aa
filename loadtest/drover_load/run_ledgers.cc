#include "loadtest/drover_load/run_ledgers.h"

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

namespace drover::load {
namespace {

namespace v1 = operations::v1;
using End = fleet::BelievedOperation::End;
using Kind = fleet::Difference::Kind;

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kLook{200};
constexpr size_t kMaxLines = 20;

syncml::CommandKind KindOf(v1::Verb verb) {
  if (verb == v1::GET) return syncml::CommandKind::kGet;
  if (verb == v1::REPLACE) return syncml::CommandKind::kReplace;
  return verb == v1::EXEC ? syncml::CommandKind::kExec : syncml::CommandKind::kUnknown;
}

End EndOf(const v1::Operation& operation) {
  switch (operation.state()) {
    case v1::SUCCEEDED:
      return End::kSucceeded;
    case v1::PENDING:
    case v1::NOTIFIED:
      return operation.uncertain() ? End::kUncertain : End::kOpen;
    case v1::RUNNING:
    case v1::WAITING:
      return End::kUncertain;
    default:
      return End::kFailed;
  }
}

// The last result of each command counts.
fleet::BelievedOperation Believed(const v1::Operation& operation, std::string_view label) {
  fleet::BelievedOperation believed;
  believed.label = label;
  believed.end = EndOf(operation);
  believed.cause = operation.cause();
  for (int i = 0; i < operation.commands_size(); ++i) {
    const v1::Command& command = operation.commands(i);
    fleet::BelievedCommand& each = believed.commands.emplace_back();
    each.kind = KindOf(command.verb());
    each.uri = command.target();
    each.data = command.data();
    const v1::CommandResult* last = nullptr;
    for (const v1::CommandResult& result : operation.results()) {
      if (result.index() != static_cast<uint32_t>(i)) continue;
      if (last == nullptr || result.attempt() >= last->attempt()) last = &result;
    }
    if (last == nullptr) continue;
    each.status = last->status();
    std::string reported;
    for (const v1::Value& value : last->values()) reported += value.data();
    each.reported = std::move(reported);
  }
  return believed;
}

class Comparison {
 public:
  Comparison(const Endpoints& endpoints, const fleet::Fleet& fleet, const std::string& run_label,
             const TerminalFacts& facts, report::RunRecord& record)
      : endpoints_(endpoints),
        fleet_(fleet),
        run_label_(run_label),
        facts_(facts),
        record_(record),
        seen_(fleet.size()) {}

  Result<void> Run(const Watchful& watchful) {
    const std::vector<std::string> kinds = OperationKinds(fleet_.config().population);
    std::vector<std::thread> threads;
    running_ = kinds.size();
    for (const std::string& kind : kinds) threads.emplace_back([this, kind] { Ask(kind); });
    uint64_t looks = 0;
    while (running_ > 0) {
      std::this_thread::sleep_for(kLook);
      if (watchful.stop()) Fail(Cancelled("interrupted"));
      if (++looks % 5 == 0) watchful.progress("compared operations:", compared_, Expected());
    }
    for (std::thread& thread : threads) thread.join();
    watchful.progress("compared operations:", compared_, Expected());
    if (error_) return *error_;
    CheckTerminals();
    record_.ledgers.compared = true;
    record_.ledgers.terminals = fleet_.size();
    record_.ledgers.operations = compared_;
    return {};
  }

 private:
  uint64_t Expected() {
    if (expected_ == 0) {
      for (uint64_t i = 0; i < fleet_.size(); ++i) {
        expected_ += Planned(i);
      }
    }
    return expected_;
  }

  size_t Planned(uint64_t index) const {
    return facts_.submitted(index) ? fleet::OperationsOf(fleet_.TraitsAt(index).work) : 0;
  }

  // All operations of one kind, a page at a time.
  void Ask(const std::string& kind) {
    const Result<void> asked = AskPages(kind);
    if (!asked) Fail(asked.error());
    --running_;
  }
  Result<void> AskPages(const std::string& kind) {
    DROVER_TRY(Backend backend, Backend::Connect(endpoints_));
    v1::ListOperationsRequest request;
    request.set_label(LabelOf(run_label_, kind));
    request.set_page_size(kind == "large" ? 20 : Backend::kBatch);
    const auto ask = [&] { return backend.ListOnce(request, kPatience); };
    auto next = std::async(std::launch::async, ask);
    // While one page is compared, operations makes the next one; no more than these two are held.
    while (true) {
      DROVER_TRY(const v1::ListOperationsResponse page, next.get());
      const bool last = page.next_page_token().empty() || failed_;
      if (!last) {
        request.set_page_token(page.next_page_token());
        next = std::async(std::launch::async, ask);
      }
      for (const v1::Operation& operation : page.operations()) Check(operation, kind);
      if (last) return {};
    }
  }

  void Check(const v1::Operation& operation, const std::string& kind) {
    ++compared_;
    const std::optional<uint64_t> index = fleet_.IndexOf(operation.device_id());
    const std::string name = operation.device_id() + " " + operation.id() + " ";
    if (!index) return Count(operation, {{Kind::kDifferent, name + "is no terminal of this run"}});
    const fleet::BelievedOperation believed = Believed(operation, kind);
    std::vector<fleet::Difference> differences =
        fleet::Compare(fleet_.PlanAt(*index), fleet_.Done(*index), believed);
    const bool over = believed.end == End::kSucceeded || believed.end == End::kFailed;
    if (!over && facts_.ended_well(*index) && !MayWait(operation, *index)) {
      differences.push_back({Kind::kLost, kind + ": is " + v1::State_Name(operation.state()) +
                                              ", though the terminal's session ended well"});
    }
    for (fleet::Difference& each : differences) each.text.insert(0, name);
    Count(operation, differences);
    const std::lock_guard lock(mutex_);
    if (seen_[*index] < UINT8_MAX) ++seen_[*index];
  }
  // An update takes its time, until the alert that ends it was acknowledged.
  bool MayWait(const v1::Operation& operation, uint64_t index) const {
    return operation.state() == v1::WAITING && fleet_.AlertsAcknowledged(index) == 0;
  }

  void Count(const v1::Operation& operation, const std::vector<fleet::Difference>& differences) {
    const std::lock_guard lock(mutex_);
    ++record_.operations[OutcomeOf(operation.state())];
    for (const fleet::Difference& difference : differences) Note(difference.kind, difference.text);
  }
  void Note(Kind kind, const std::string& text) {
    report::Ledgers& ledgers = record_.ledgers;
    ++(kind == Kind::kLost      ? ledgers.lost
       : kind == Kind::kDoubled ? ledgers.doubled
                                : ledgers.different);
    if (ledgers.first_differences.size() < kMaxLines) ledgers.first_differences.push_back(text);
  }

  // What no operation tells: those that are missing, and what was executed beside them.
  void CheckTerminals() {
    for (uint64_t i = 0; i < fleet_.size(); ++i) {
      const size_t planned = Planned(i);
      for (size_t missing = seen_[i]; missing < planned; ++missing) {
        Note(Kind::kLost, fleet_.DeviceId(i) + " an operation that was accepted is not there");
      }
      for (size_t more = planned; more < seen_[i]; ++more) {
        Note(Kind::kDoubled, fleet_.DeviceId(i) + " has an operation more than was submitted");
      }
      if (fleet_.Foreign(i) > 0) {
        Note(Kind::kDifferent, fleet_.DeviceId(i) + " executed " +
                                   std::to_string(fleet_.Foreign(i)) +
                                   " commands that belong to no operation");
      }
    }
    for (const std::string& line : fleet_.foreign()) {
      if (record_.ledgers.first_differences.size() < kMaxLines) {
        record_.ledgers.first_differences.push_back(line);
      }
    }
  }

  void Fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
    failed_ = true;
  }

  const Endpoints& endpoints_;
  const fleet::Fleet& fleet_;
  const std::string& run_label_;
  const TerminalFacts& facts_;
  report::RunRecord& record_;
  uint64_t expected_ = 0;
  std::atomic<uint64_t> compared_{0};
  std::atomic<size_t> running_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // Guards seen_, error_ and the record while threads run.
  std::vector<uint8_t> seen_;
  std::optional<Error> error_;
};

}  // namespace

const char* OutcomeOf(v1::State state) {
  switch (state) {
    case v1::SUCCEEDED:
      return "succeeded";
    case v1::FAILED:
      return "failed";
    case v1::EXPIRED:
      return "expired";
    case v1::CANCELLED:
      return "cancelled";
    default:
      return "open";
  }
}

Result<void> CompareLedgers(const Endpoints& endpoints, const fleet::Fleet& fleet,
                            const std::string& run_label, const TerminalFacts& facts,
                            const Watchful& watchful, report::RunRecord& record) {
  Comparison comparison(endpoints, fleet, run_label, facts, record);
  return comparison.Run(watchful);
}

}  // namespace drover::load

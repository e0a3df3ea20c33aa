// Lives of operations: every event on every state, and long random sequences of them. Whatever
// happens, in whatever order: one end, a history that the states allow, nothing after the end.
#include <functional>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "services/operations/core/advance.h"
#include "services/operations/core/alerts.h"
#include "services/operations/core/conclude.h"
#include "services/operations/core/dependencies.h"
#include "services/operations/core/due.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Report = v1::OperationReport;

const TimePoint kStart(seconds(1'800'000'000));
constexpr char kId[] = "017f22e2-79b0-7000-bf11-223344556677";

// One operation as the service would keep it, and everything that can happen to it.
class Life {
 public:
  explicit Life(uint32_t attempts = 1, bool waits = false) {
    stored_.device_id = "IMEI:1";
    stored_.id = kId;
    stored_.version = 1;
    stored_.state = v1::PENDING;
    stored_.updated_at = kStart;
    stored_.expires_at = kStart + hours(24 * 30);
    stored_.ready = !waits;
    if (waits) stored_.spec.add_depends_on("other");
    v1::Command* exec = stored_.spec.add_commands();
    exec->set_verb(v1::EXEC);
    exec->set_target("./FUMO/P1/Update");
    stored_.spec.set_correlator(kId);
    stored_.spec.mutable_retry()->set_max_attempts(attempts);
    stored_.spec.mutable_retry()->add_on(v1::RetryPolicy::ANY);
    course_.add_history()->set_state(v1::PENDING);
  }

  v1::State state() const { return stored_.state; }
  const Stored& stored() const { return stored_; }
  const v1::Operation& course() const { return course_; }
  TimePoint now = kStart;

  void Apply(const Change& change) {
    EXPECT_EQ(change.version, stored_.version);
    v1::State from = course_.history(course_.history_size() - 1).state();
    for (const v1::Transition& step : change.added.history()) {
      EXPECT_TRUE(IsOpen(from)) << "after its end " << Name(from) << " came " << Name(step.state());
      EXPECT_TRUE(step.state() == from || MayBecome(from, step.state()))
          << Name(from) << " -> " << Name(step.state());
      ends_ += IsOpen(step.state()) ? 0 : 1;
      from = step.state();
    }
    course_.MergeFrom(change.added);
    EXPECT_EQ(course_.history(course_.history_size() - 1).state(), change.state);
    stored_.version += change.added.history_size();
    stored_.state = change.state;
    stored_.uncertain = change.uncertain;
    stored_.ready = change.ready;
    stored_.session_key = change.session_key;
    stored_.taken_msg_id = change.taken_msg_id;
    stored_.attempts = change.attempts;
    stored_.updated_at = change.at;
    stored_.standing = change.standing;
    EXPECT_FALSE(!IsOpen(change.state) && change.uncertain);
    EXPECT_FALSE(!change.ready && change.state != v1::PENDING);
    if (change.due_at) due_ = *change.due_at;
  }

  v1::AdvanceReply Step(v1::AdvanceRequest request) {
    request.set_device_id("IMEI:1");
    request.set_msg_id(++msg_id_);
    if (request.session_key().empty()) request.set_session_key(session_);
    std::vector<Stored> open;
    EndedOperations ended;
    if (IsOpen(stored_.state) && stored_.ready) open.push_back(stored_);
    if (!IsOpen(stored_.state)) ended.emplace(kId, Ended{stored_, course_});
    auto advanced = Advance(request, std::move(open), true, ended, now);
    EXPECT_TRUE(advanced) << advanced.error();
    EXPECT_LE(advanced->changes.size(), 1u);
    for (const Change& change : advanced->changes) Apply(change);
    return advanced->reply;
  }

  void Session(uint32_t take) {
    session_ = "S@" + std::to_string(++started_);
    v1::AdvanceRequest request;
    request.set_session_started(true);
    request.set_take(take);
    const v1::AdvanceReply reply = Step(std::move(request));
    for (const v1::Assignment& assignment : reply.assignments()) {
      const bool exec = assignment.commands(0).verb() == v1::EXEC;
      executions_ += exec && !assignment.uncertain() ? 1 : 0;
    }
  }
  void Reported(Report::Disposition disposition, uint32_t status, const char* value = "") {
    v1::AdvanceRequest request;
    Report* report = request.add_reports();
    report->set_operation_id(kId);
    report->set_disposition(disposition);
    v1::CommandResult* result = report->add_results();
    result->set_status(status);
    if (*value != '\0') result->add_values()->set_data(value);
    Step(std::move(request));
  }
  void Alert(const char* code) {
    v1::AdvanceRequest request;
    v1::AlertResult* alert = request.add_alerts();
    alert->set_correlator(CorrelatorOf(stored_));
    alert->set_data(code);
    Step(std::move(request));
  }
  void Cancelled() {
    const auto change = Cancel(stored_, "", now);
    if (change && *change) Apply(**change);
  }
  void Notified() {
    if (stored_.state != v1::PENDING || !stored_.ready) return;
    Change change(stored_);
    change.Step(v1::NOTIFIED, now, "");
    Apply(change);
  }
  void Time(std::chrono::microseconds span, std::optional<v1::State> other = v1::SUCCEEDED) {
    now += span;
    if (!IsOpen(stored_.state)) return;
    const Due due = WhenDue(stored_, now, {}, 0.5);
    if (due.action != Due::Action::kBlocked) return Apply(due.change);
    std::vector<Dependency> on;
    if (!stored_.spec.depends_on().empty()) on.push_back({"other", other});
    Apply(Unblock(stored_, on, now, 0.5).change);
  }

  int ends() const { return ends_; }
  int executions() const { return executions_; }

 private:
  Stored stored_;
  v1::Operation course_;
  TimePoint due_;
  std::string session_ = "S@0";
  int started_ = 0;
  uint32_t msg_id_ = 0;
  int ends_ = 0;
  int executions_ = 0;
};

struct Event {
  const char* name;
  std::function<void(Life&)> happen;
};

const std::vector<Event>& Events() {
  static const std::vector<Event> kEvents = {
      {"a session begins and takes it", [](Life& life) { life.Session(1); }},
      {"a session begins and takes nothing", [](Life& life) { life.Session(0); }},
      {"its wake-up is delivered", [](Life& life) { life.Notified(); }},
      {"done", [](Life& life) { life.Reported(Report::DONE, 200); }},
      {"accepted", [](Life& life) { life.Reported(Report::DONE, 202); }},
      {"refused by the terminal", [](Life& life) { life.Reported(Report::DONE, 405); }},
      {"not answered", [](Life& life) { life.Reported(Report::DONE, 0); }},
      {"it goes on", [](Life& life) { life.Reported(Report::DONE, 200, "60"); }},
      {"given back", [](Life& life) { life.Reported(Report::RETURNED, 0); }},
      {"lost", [](Life& life) { life.Reported(Report::LOST, 0); }},
      {"impossible", [](Life& life) { life.Reported(Report::REFUSED, 0); }},
      {"its alert says success", [](Life& life) { life.Alert("200"); }},
      {"its alert says failure", [](Life& life) { life.Alert("410"); }},
      {"cancelled", [](Life& life) { life.Cancelled(); }},
      {"two minutes", [](Life& life) { life.Time(minutes(2)); }},
      {"eight days", [](Life& life) { life.Time(hours(24 * 8)); }},
      {"what it depends on failed", [](Life& life) { life.Time(minutes(2), v1::FAILED); }},
  };
  return kEvents;
}

// How to bring an operation into each state.
const std::map<std::string, std::function<Life()>>& Beginnings() {
  static const std::map<std::string, std::function<Life()>> kBeginnings = {
      {"PENDING", [] { return Life(); }},
      {"BLOCKED", [] { return Life(1, true); }},
      {"NOTIFIED",
       [] {
         Life life;
         life.Notified();
         return life;
       }},
      {"RUNNING",
       [] {
         Life life;
         life.Session(1);
         return life;
       }},
      {"WAITING",
       [] {
         Life life;
         life.Session(1);
         life.Reported(Report::DONE, 202);
         return life;
       }},
      {"SUCCEEDED",
       [] {
         Life life;
         life.Session(1);
         life.Reported(Report::DONE, 200);
         return life;
       }},
      {"CANCELLED",
       [] {
         Life life;
         life.Cancelled();
         return life;
       }},
  };
  return kBeginnings;
}

// One row a state, one column an event: the state afterwards.
TEST(Lives, GoOnAsTheTableSays) {
  const std::map<std::string, std::vector<const char*>> table = {
      {"PENDING",
       {"RUNNING", "PENDING", "NOTIFIED", "PENDING", "PENDING", "PENDING", "PENDING", "PENDING",
        "PENDING", "PENDING", "PENDING", "PENDING", "PENDING", "CANCELLED", "PENDING", "PENDING",
        "PENDING"}},
      {"BLOCKED",
       {"PENDING", "PENDING", "PENDING", "PENDING", "PENDING", "PENDING", "PENDING", "PENDING",
        "PENDING", "PENDING", "PENDING", "PENDING", "PENDING", "CANCELLED", "PENDING", "PENDING",
        "FAILED"}},
      {"NOTIFIED",
       {"RUNNING", "NOTIFIED", "NOTIFIED", "NOTIFIED", "NOTIFIED", "NOTIFIED", "NOTIFIED",
        "NOTIFIED", "NOTIFIED", "NOTIFIED", "NOTIFIED", "NOTIFIED", "NOTIFIED", "CANCELLED",
        "NOTIFIED", "NOTIFIED", "NOTIFIED"}},
      {"RUNNING",
       {"RUNNING", "PENDING", "RUNNING", "SUCCEEDED", "WAITING", "FAILED", "FAILED", "SUCCEEDED",
        "PENDING", "PENDING", "FAILED", "SUCCEEDED", "FAILED", "RUNNING", "RUNNING", "PENDING",
        "RUNNING"}},
      {"WAITING",
       {"WAITING", "WAITING", "WAITING", "WAITING", "WAITING", "WAITING", "WAITING", "WAITING",
        "WAITING", "WAITING", "WAITING", "SUCCEEDED", "FAILED", "CANCELLED", "WAITING", "PENDING",
        "WAITING"}},
      {"SUCCEEDED", std::vector<const char*>(17, "SUCCEEDED")},
      {"CANCELLED", std::vector<const char*>(17, "CANCELLED")},
  };
  for (const auto& [name, begin] : Beginnings()) {
    const std::vector<const char*>& row = table.at(name);
    ASSERT_EQ(row.size(), Events().size());
    for (size_t i = 0; i < Events().size(); ++i) {
      Life life = begin();
      Events()[i].happen(life);
      EXPECT_EQ(Name(life.state()), row[i]) << name << ": " << Events()[i].name;
      EXPECT_LE(life.ends(), 1);
    }
  }
}

TEST(Lives, HaveOneEndWhateverHappensInWhateverOrder) {
  std::mt19937 random(20261122);
  std::map<v1::State, int> ends;
  int retried = 0;
  int asked = 0;
  for (int i = 0; i < 20'000; ++i) {
    Life life(1 + random() % 3, random() % 4 == 0);
    for (int step = 0; step < 60; ++step) {
      // Long times are rare, or everything would expire.
      const size_t event = random() % Events().size();
      if (event == 15 && random() % 4 != 0) continue;
      Events()[event].happen(life);
      asked += life.stored().standing.reading_state ? 1 : 0;
      if (HasFailure()) return;
    }
    life.Time(hours(24 * 40));
    for (int k = 0; k < 4; ++k) life.Time(hours(24 * 40));
    ASSERT_EQ(life.ends(), 1) << "it ended " << Name(life.state());
    ASSERT_FALSE(IsOpen(life.state()));
    ASSERT_LE(life.stored().standing.attempt, 3);
    retried += life.stored().standing.attempt > 1 ? 1 : 0;
    ++ends[life.state()];
  }
  for (const v1::State state : {v1::SUCCEEDED, v1::FAILED, v1::EXPIRED, v1::CANCELLED}) {
    EXPECT_GT(ends[state], 50) << Name(state) << " was hardly ever reached";
  }
  EXPECT_GT(retried, 100);
  EXPECT_GT(asked, 100);
}

// Attempts apart, an Exec is handed out for execution once: after that it is uncertain, asked for,
// or over.
TEST(Lives, HandAnExecOutForExecutionOnceAnAttemptUnlessItWasGivenBack) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    Life life(1 + random() % 3);
    int given_back = 0;
    for (int step = 0; step < 60; ++step) {
      const size_t event = random() % Events().size();
      const bool had = life.state() == v1::RUNNING && !life.stored().standing.reading_state;
      Events()[event].happen(life);
      given_back += event == 8 && had ? 1 : 0;
    }
    ASSERT_LE(life.executions(), life.stored().standing.attempt + given_back);
  }
}

}  // namespace
}  // namespace drover::operations

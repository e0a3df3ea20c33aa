#include "services/operations/core/advance.h"

#include <gtest/gtest.h>

#include "services/operations/core/events.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

using std::chrono::hours;
using Report = v1::OperationReport;

const TimePoint kNow(std::chrono::seconds(1'800'000'000));
constexpr char kSession[] = "C4@1800000000000000";
constexpr char kOlder[] = "C3@1799999999000000";

Stored Operation(std::string id, v1::State state, std::string session = "", uint32_t msg_id = 0) {
  Stored out;
  out.device_id = "IMEI:1";
  out.id = std::move(id);
  out.version = 5;
  out.state = state;
  out.label = "label";
  out.session_key = std::move(session);
  out.taken_msg_id = msg_id;
  out.expires_at = kNow + hours(1);
  out.updated_at = kNow - hours(1);
  v1::Command* get = out.spec.add_commands();
  get->set_verb(v1::GET);
  get->set_target("./DevInfo");
  return out;
}

Stored Update(std::string id, v1::State state) {
  Stored out = Operation(id, state, kOlder, 2);
  out.spec.mutable_commands(0)->set_verb(v1::EXEC);
  out.spec.mutable_commands(0)->set_target("./FUMO/P1/Update");
  out.spec.set_correlator(std::move(id));
  return out;
}

v1::AdvanceRequest Request(uint32_t msg_id, uint32_t take) {
  v1::AdvanceRequest out;
  out.set_device_id("IMEI:1");
  out.set_session_key(kSession);
  out.set_msg_id(msg_id);
  out.set_take(take);
  return out;
}

Report* AddReport(v1::AdvanceRequest* request, std::string id, Report::Disposition disposition,
                  uint32_t status = 0) {
  Report* report = request->add_reports();
  report->set_operation_id(std::move(id));
  report->set_disposition(disposition);
  if (status != 0) report->add_results()->set_status(status);
  return report;
}

Advanced Applied(const v1::AdvanceRequest& request, std::vector<Stored> open, bool all = true,
                 EndedOperations ended = {}) {
  Result<Advanced> out = Advance(request, std::move(open), all, ended, kNow);
  EXPECT_TRUE(out) << out.error();
  return std::move(*out);
}

std::vector<std::string> Assigned(const Advanced& advanced) {
  std::vector<std::string> out;
  for (const v1::Assignment& assignment : advanced.reply.assignments()) {
    out.push_back(assignment.operation_id());
  }
  return out;
}

std::vector<v1::State> Steps(const Change& change) {
  std::vector<v1::State> out;
  for (const v1::Transition& step : change.added.history()) out.push_back(step.state());
  return out;
}

using Ids = std::vector<std::string>;
using States = std::vector<v1::State>;

TEST(Advance, HandsOutTheMostUrgentAndNoMoreThanAsked) {
  const Advanced out = Applied(
      Request(1, 2),
      {Operation("a", v1::PENDING), Operation("b", v1::NOTIFIED), Operation("c", v1::PENDING)});
  EXPECT_EQ(Assigned(out), (Ids{"a", "b"}));
  ASSERT_EQ(out.changes.size(), 2u);
  EXPECT_EQ(out.changes[0].state, v1::RUNNING);
  EXPECT_EQ(out.changes[0].session_key, kSession);
  EXPECT_EQ(out.changes[0].taken_msg_id, 1u);
  EXPECT_EQ(out.changes[0].version, 5);
  EXPECT_FALSE(out.changes[0].due_at) << "handing out must not touch an index";
  EXPECT_TRUE(out.work_left);
}

TEST(Advance, HandsOutAMebibyteAtATimeAndOneOperationAtLeast) {
  Stored large = Operation("a", v1::PENDING);
  large.spec.mutable_commands(0)->set_data(std::string(1 << 20, 'x'));
  const Advanced out = Applied(Request(1, 5), {large, Operation("b", v1::PENDING)});
  EXPECT_EQ(Assigned(out), (Ids{"a"}));
  EXPECT_TRUE(out.work_left);
}

TEST(Advance, HandsOutNothingThatHasExpired) {
  Stored expired = Operation("a", v1::PENDING);
  expired.expires_at = kNow;
  const Advanced out = Applied(Request(1, 5), {expired});
  EXPECT_TRUE(Assigned(out).empty());
  EXPECT_FALSE(out.work_left);
}

TEST(Advance, HandsTheSameOutAgainWhenAMessageIsRepeated) {
  const Advanced out = Applied(
      Request(3, 5), {Operation("a", v1::RUNNING, kSession, 3), Operation("b", v1::PENDING)});
  EXPECT_EQ(Assigned(out), (Ids{"a"}));
  EXPECT_TRUE(out.changes.empty());
}

TEST(Advance, DoesNotHandOutWhatAnotherMessageTook) {
  const Advanced out = Applied(
      Request(4, 5), {Operation("a", v1::RUNNING, kSession, 3), Operation("b", v1::PENDING)});
  EXPECT_EQ(Assigned(out), (Ids{"b"}));
}

TEST(Advance, EndsAnOperationByItsResults) {
  v1::AdvanceRequest request = Request(2, 0);
  AddReport(&request, "a", Report::DONE, 200);
  const Advanced out = Applied(request, {Operation("a", v1::RUNNING, kSession, 1)});
  ASSERT_EQ(out.changes.size(), 1u);
  EXPECT_EQ(out.changes[0].state, v1::SUCCEEDED);
  ASSERT_EQ(out.changes[0].added.results_size(), 1);
  EXPECT_TRUE(out.changes[0].added.results(0).has_at());
  EXPECT_EQ(out.travelled, (Ids{"a"}));
  EXPECT_FALSE(out.work_left);
}

TEST(Advance, FailsAnOperationWithItsCause) {
  v1::AdvanceRequest request = Request(2, 0);
  AddReport(&request, "a", Report::DONE, 404);
  const Advanced out = Applied(request, {Operation("a", v1::RUNNING, kSession, 1)});
  EXPECT_EQ(out.changes[0].state, v1::FAILED);
  EXPECT_EQ(out.changes[0].cause, "command 1 of 1, GET ./DevInfo: 404 not found");
}

TEST(Advance, FailsWhatTheTerminalCannotDo) {
  v1::AdvanceRequest request = Request(2, 0);
  AddReport(&request, "a", Report::REFUSED)->set_cause("too large for MaxMsgSize");
  const Advanced out = Applied(request, {Operation("a", v1::RUNNING, kSession, 1)});
  EXPECT_EQ(out.changes[0].state, v1::FAILED);
  EXPECT_EQ(out.changes[0].cause, "too large for MaxMsgSize");
}

TEST(Advance, TakesBackWhatWasReturnedOrLost) {
  v1::AdvanceRequest request = Request(2, 0);
  AddReport(&request, "a", Report::RETURNED);
  AddReport(&request, "b", Report::LOST);
  const Advanced out = Applied(request, {Operation("a", v1::RUNNING, kSession, 1),
                                         Operation("b", v1::RUNNING, kSession, 1)});
  ASSERT_EQ(out.changes.size(), 2u);
  EXPECT_EQ(out.changes[0].state, v1::PENDING);
  EXPECT_FALSE(out.changes[0].uncertain);
  EXPECT_EQ(out.changes[1].state, v1::PENDING);
  EXPECT_TRUE(out.changes[1].uncertain);
  EXPECT_TRUE(out.changes[1].due_at);
  EXPECT_TRUE(out.work_left);
}

TEST(Advance, KeepsWhatWasUncertainBeforeItWasReturnedUncertain) {
  v1::AdvanceRequest request = Request(2, 0);
  AddReport(&request, "a", Report::RETURNED);
  Stored uncertain = Operation("a", v1::RUNNING, kSession, 1);
  uncertain.uncertain = true;
  EXPECT_TRUE(Applied(request, {uncertain}).changes[0].uncertain);
}

TEST(Advance, IgnoresReportsOfAnotherSessionAndOfWhatHasEnded) {
  v1::AdvanceRequest request = Request(2, 0);
  AddReport(&request, "a", Report::DONE, 200);
  AddReport(&request, "gone", Report::DONE, 200);
  AddReport(&request, "b", Report::DONE, 200);
  const Advanced out = Applied(
      request, {Operation("a", v1::RUNNING, kOlder, 1), Operation("b", v1::WAITING, kSession)});
  EXPECT_TRUE(out.changes.empty());
}

TEST(Advance, MarksWhatABrokenSessionHeldUncertainAndHandsItOutAgain) {
  v1::AdvanceRequest request = Request(1, 5);
  request.set_session_started(true);
  const Advanced out = Applied(request, {Operation("a", v1::RUNNING, kOlder, 2)});
  ASSERT_EQ(out.changes.size(), 1u);
  EXPECT_EQ(Steps(out.changes[0]), (States{v1::PENDING, v1::RUNNING}));
  EXPECT_TRUE(out.changes[0].uncertain);
  ASSERT_EQ(out.reply.assignments_size(), 1);
  EXPECT_TRUE(out.reply.assignments(0).uncertain());
}

TEST(Advance, DoesNotTakeFromASessionThatBeganLater) {
  v1::AdvanceRequest request = Request(1, 5);
  request.set_session_started(true);
  const Advanced out = Applied(request, {Operation("a", v1::RUNNING, "C5@1800000001000000", 2)});
  EXPECT_TRUE(out.changes.empty());
}

TEST(Advance, EndsAWaitingOperationByItsAlert) {
  v1::AdvanceRequest request = Request(1, 0);
  v1::AlertResult* alert = request.add_alerts();
  alert->set_correlator("a");
  alert->set_data("200");
  const Advanced out = Applied(request, {Update("a", v1::WAITING)});
  ASSERT_EQ(out.changes.size(), 1u);
  EXPECT_EQ(out.changes[0].state, v1::SUCCEEDED);
  EXPECT_EQ(out.changes[0].added.alerts_size(), 1);
  EXPECT_TRUE(out.reply.alerts_matched(0));
  EXPECT_FALSE(out.work_left);
}

TEST(Advance, AppliesTheStatusBeforeTheAlertOfTheSameMessage) {
  v1::AdvanceRequest request = Request(2, 0);
  AddReport(&request, "a", Report::DONE, 202);
  request.add_alerts()->set_correlator("a");
  request.mutable_alerts(0)->set_data("410");
  Stored update = Update("a", v1::RUNNING);
  update.session_key = kSession;
  const Advanced out = Applied(request, {update});
  EXPECT_EQ(Steps(out.changes[0]), (States{v1::WAITING, v1::FAILED}));
  EXPECT_EQ(out.changes[0].cause, "the terminal reported result code 410");
}

TEST(Advance, MatchesARepeatedAlertWithoutEndingAnotherOperation) {
  v1::AdvanceRequest request = Request(1, 0);
  v1::AlertResult* alert = request.add_alerts();
  alert->set_type("org.openmobilealliance.dm.firmwareupdate.update");
  alert->set_source("./FUMO/P1");
  alert->set_correlator("a");
  alert->set_data("200");
  Ended ended{Update("a", v1::SUCCEEDED), {}};
  *ended.course.add_alerts() = *alert;
  const Advanced out = Applied(request, {Update("b", v1::WAITING)}, true, {{"a", ended}});
  EXPECT_TRUE(out.changes.empty());
  EXPECT_TRUE(out.reply.alerts_matched(0));
}

TEST(Advance, KeepsALateAlertWithTheOperationThatHasEnded) {
  v1::AdvanceRequest request = Request(1, 0);
  v1::AlertResult* alert = request.add_alerts();
  alert->set_correlator("a");
  alert->set_data("200");
  *request.add_alerts() = *alert;
  const Advanced out = Applied(request, {}, true, {{"a", Ended{Update("a", v1::CANCELLED), {}}}});
  ASSERT_EQ(out.changes.size(), 1u);
  EXPECT_EQ(out.changes[0].state, v1::CANCELLED);
  EXPECT_EQ(out.changes[0].added.alerts_size(), 2);
  EXPECT_EQ(out.changes[0].added.history_size(), 0) << "it has had its end";
  EXPECT_TRUE(out.reply.alerts_matched(0));
  EXPECT_FALSE(out.work_left);
}

TEST(Advance, EndsByItsAlertWhatASessionThatBrokeHadDelivered) {
  v1::AdvanceRequest request = Request(1, 5);
  request.set_session_started(true);
  v1::AlertResult* alert = request.add_alerts();
  alert->set_correlator("a");
  alert->set_data("200");
  const Advanced out = Applied(request, {Update("a", v1::RUNNING)});
  ASSERT_EQ(out.changes.size(), 1u);
  EXPECT_EQ(Steps(out.changes[0]), (States{v1::PENDING, v1::WAITING, v1::SUCCEEDED}));
  EXPECT_TRUE(Assigned(out).empty()) << "the Exec must not be sent again";
}

TEST(Advance, TriesAgainLaterWhatItsPolicyCovers) {
  v1::AdvanceRequest request = Request(2, 5);
  AddReport(&request, "a", Report::DONE, 417);
  Stored busy = Operation("a", v1::RUNNING, kSession, 1);
  busy.spec.mutable_retry()->set_max_attempts(3);
  const Advanced out = Applied(request, {busy});
  ASSERT_EQ(out.changes.size(), 1u);
  const Change& change = out.changes[0];
  EXPECT_EQ(Steps(change), (States{v1::PENDING}));
  EXPECT_FALSE(change.ready);
  EXPECT_EQ(change.standing.attempt, 2);
  EXPECT_GE(*change.due_at, kNow + std::chrono::seconds(24));
  EXPECT_LE(*change.due_at, kNow + std::chrono::seconds(36));
  EXPECT_TRUE(Assigned(out).empty());
  EXPECT_FALSE(out.work_left) << "a blocked operation keeps no mark";
  EXPECT_EQ(change.added.history(0).cause().find(
                "attempt 1 of 3: command 1 of 1, GET ./DevInfo: 417 retry later; again in "),
            0u)
      << change.added.history(0).cause();
}

TEST(Advance, DoesNotEndAnAttemptByTheAlertOfTheOneBefore) {
  const std::string id = "017f22e2-79b0-7000-bf11-223344556677";
  Stored again = Update(id, v1::WAITING);
  again.standing.attempt = 2;
  v1::AdvanceRequest request = Request(1, 0);
  v1::AlertResult* alert = request.add_alerts();
  alert->set_type("org.openmobilealliance.dm.firmwareupdate.update");
  alert->set_source("./FUMO/P1");
  alert->set_correlator(id);
  alert->set_data("410");
  const Advanced repeated = Applied(request, {again});
  EXPECT_TRUE(repeated.changes.empty());
  EXPECT_TRUE(repeated.reply.alerts_matched(0));
  alert->set_correlator(id + ".2");
  EXPECT_EQ(Applied(request, {again}).changes[0].state, v1::FAILED);
}

TEST(Advance, AsksHowFarItIsInsteadOfSendingItAgain) {
  Stored overdue = Update("a", v1::PENDING);
  overdue.standing.reading_state = true;
  overdue.standing.read_state_until = kNow + hours(24);
  overdue.expires_at = kNow - hours(1);
  const Advanced out = Applied(Request(1, 5), {overdue});
  ASSERT_EQ(out.reply.assignments_size(), 1);
  ASSERT_EQ(out.reply.assignments(0).commands_size(), 1);
  EXPECT_EQ(out.reply.assignments(0).commands(0).verb(), v1::GET);
  EXPECT_EQ(out.reply.assignments(0).commands(0).target(), "./FUMO/P1/State");
  EXPECT_EQ(out.reply.assignments(0).correlator(), "");
  EXPECT_FALSE(out.reply.assignments(0).uncertain());
}

TEST(Advance, GoesByWhatTheTerminalSaysOfHowFarItIs) {
  const std::tuple<const char*, v1::State, const char*> rows[] = {
      {"100", v1::SUCCEEDED, "no alert came, but ./FUMO/P1/State is 100: it is done"},
      {"80", v1::FAILED, "no alert came, but ./FUMO/P1/State is 80: it failed"},
      {"60", v1::WAITING, "./FUMO/P1/State is 60: it goes on"},
      {"10", v1::FAILED,
       "the terminal accepted it (202), but no alert came, and ./FUMO/P1/State is 10"},
      {"x", v1::FAILED,
       "the terminal accepted it (202), but no alert came; ./FUMO/P1/State could not be read: 200 "
       "OK"}};
  for (const auto& [value, state, cause] : rows) {
    Stored asked = Update("a", v1::RUNNING);
    asked.session_key = kSession;
    asked.standing.reading_state = true;
    asked.standing.read_state_until = kNow + hours(24);
    v1::AdvanceRequest request = Request(2, 0);
    AddReport(&request, "a", Report::DONE, 200)->mutable_results(0)->add_values()->set_data(value);
    const Advanced out = Applied(request, {asked});
    ASSERT_EQ(out.changes.size(), 1u);
    EXPECT_EQ(out.changes[0].state, state);
    EXPECT_EQ(out.changes[0].added.history(0).cause(), cause);
    EXPECT_EQ(out.changes[0].added.results_size(), 0) << "it was not a command of the operation";
    EXPECT_FALSE(out.changes[0].standing.reading_state);
  }
}

TEST(Advance, EndsAsCancelledWhatWasToBeCancelledAndComesBack) {
  for (const Report::Disposition disposition : {Report::RETURNED, Report::LOST}) {
    Stored cancelled = Operation("a", v1::RUNNING, kSession, 1);
    cancelled.standing.cancel_requested = true;
    cancelled.standing.cancel_reason = "wrong APN";
    v1::AdvanceRequest request = Request(2, 5);
    AddReport(&request, "a", disposition);
    const Advanced out = Applied(request, {cancelled});
    EXPECT_EQ(out.changes[0].state, v1::CANCELLED);
    EXPECT_EQ(out.changes[0].cause,
              disposition == Report::LOST
                  ? "wrong APN; a session broke after it was sent, it may have been done"
                  : "wrong APN");
    EXPECT_TRUE(Assigned(out).empty());
  }
}

TEST(Advance, SaysThatAnAlertMatchedNothing) {
  v1::AdvanceRequest request = Request(1, 0);
  request.add_alerts()->set_type("com.example.heartbeat");
  EXPECT_FALSE(Applied(request, {Update("b", v1::WAITING)}).reply.alerts_matched(0));
}

TEST(Advance, KeepsTheMarkWhenNotAllWasRead) {
  EXPECT_TRUE(Applied(Request(1, 0), {}, /*all=*/false).work_left);
  EXPECT_FALSE(Applied(Request(1, 0), {}).work_left);
}

TEST(Advance, NeedsNoMarkForWhatWaitsForAnAlert) {
  EXPECT_FALSE(Applied(Request(1, 0), {Update("a", v1::WAITING)}).work_left);
}

TEST(Advance, RefusesARequestThatNamesNoTerminal) {
  v1::AdvanceRequest request = Request(1, 0);
  request.clear_device_id();
  EXPECT_EQ(Advance(request, {}, true, {}, kNow).error().message, "device_id is missing");
  request = Request(1, 0);
  request.clear_session_key();
  EXPECT_EQ(Advance(request, {}, true, {}, kNow).error().message, "session_key is missing");
  request = Request(1, 0);
  AddReport(&request, "a", Report::DISPOSITION_UNSPECIFIED);
  EXPECT_EQ(Advance(request, {}, true, {}, kNow).error().message,
            "reports[0].disposition is none of those known");
}

TEST(TellChange, MakesAnEventOfEachStep) {
  v1::AdvanceRequest request = Request(1, 5);
  request.set_session_started(true);
  const Advanced out = Applied(request, {Operation("a", v1::RUNNING, kOlder, 2)});
  events::v1::OutboxBatch batch;
  TellChange(out.changes[0], &batch);
  ASSERT_EQ(batch.records_size(), 2);
  EXPECT_EQ(batch.records(0).topic(), "drover.operations");
  EXPECT_EQ(batch.records(0).key(), "IMEI:1");
  events::v1::OperationChanged event;
  ASSERT_TRUE(event.ParseFromString(batch.records(1).payload()));
  EXPECT_EQ(event.event_id(), "a/7");
  EXPECT_EQ(event.state(), "RUNNING");
  EXPECT_EQ(event.label(), "label");
}

}  // namespace
}  // namespace drover::operations

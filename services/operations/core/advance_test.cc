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
                 std::set<std::string> ended = {}) {
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
  const Advanced out = Applied(request, {Update("b", v1::WAITING)}, true, {"a"});
  EXPECT_TRUE(out.changes.empty());
  EXPECT_TRUE(out.reply.alerts_matched(0));
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

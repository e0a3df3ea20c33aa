// The hot path on real servers: sessions take operations and report what became of them.
#include "services/operations/testing/world.h"

namespace drover::operations {
namespace {

using Names = std::vector<std::string>;
constexpr char kFirst[] = "1@1800000000000000";
constexpr char kSecond[] = "2@1800000060000000";

v1::RawMessage Message(bool from_server, std::string body) {
  v1::RawMessage out;
  out.set_from_server(from_server);
  out.set_media_type("application/vnd.syncml.dm+wbxml");
  out.set_body(std::move(body));
  return out;
}

TEST_F(OperationsTest, CarriesAnOperationFromItsSubmissionToItsEnd) {
  const v1::Operation submitted =
      world.Submit(device, {Get("./DevInfo/Man"), Get("./DevInfo/Mod")});
  EXPECT_EQ(world.Mark(device), "1");
  v1::AdvanceRequest start = Start(kFirst);
  start.set_mark(1);
  const v1::AdvanceReply work = world.Advance(start);
  ASSERT_EQ(work.assignments_size(), 1);
  EXPECT_EQ(work.assignments(0).operation_id(), submitted.id());
  EXPECT_EQ(work.assignments(0).commands(1).target(), "./DevInfo/Mod");
  EXPECT_EQ(world.Read(submitted.id()).state(), v1::RUNNING);
  EXPECT_EQ(world.Mark(device), "1") << "a session that holds work may break";

  v1::AdvanceRequest done = Done(kFirst, 2, work.assignments(0), 200);
  done.mutable_reports(0)->mutable_results(0)->add_values()->set_data("Acme");
  done.set_mark(1);
  *done.add_messages() = Message(true, "server octets");
  *done.add_messages() = Message(false, "terminal octets");
  world.Advance(done);

  const v1::Operation ended = world.Read(submitted.id(), /*messages=*/true);
  EXPECT_EQ(ended.state(), v1::SUCCEEDED);
  EXPECT_EQ(StatesOf(ended), (Names{"PENDING", "RUNNING", "SUCCEEDED"}));
  ASSERT_EQ(ended.results_size(), 2);
  EXPECT_EQ(ended.results(0).values(0).data(), "Acme");
  EXPECT_EQ(ended.commands_size(), 2);
  EXPECT_EQ(ended.label(), "test");
  ASSERT_EQ(ended.messages_size(), 2);
  EXPECT_EQ(ended.messages(0).body(), "server octets");
  EXPECT_FALSE(ended.messages(1).from_server());
  world.RunUntil([&] { return !world.Mark(device); });
}

TEST_F(OperationsTest, AnswersARepeatedStepWithTheSameWorkAndChangesNothing) {
  const v1::Operation submitted = world.Submit(device, {Get("./DevInfo/Man")});
  const v1::AdvanceReply first = world.Advance(Start(kFirst));
  const v1::AdvanceReply again = world.Advance(Start(kFirst));
  ASSERT_EQ(again.assignments_size(), 1);
  EXPECT_EQ(again.assignments(0).SerializeAsString(), first.assignments(0).SerializeAsString());
  const v1::AdvanceRequest done = Done(kFirst, 2, first.assignments(0), 200);
  world.Advance(done);
  const std::string ended = world.Read(submitted.id()).SerializeAsString();
  world.Advance(done);
  EXPECT_EQ(world.Read(submitted.id()).SerializeAsString(), ended);
}

TEST_F(OperationsTest, MarksWhatABrokenSessionHeldUncertain) {
  const v1::Operation submitted = world.Submit(device, {Replace("./A", "x")});
  world.Advance(Start(kFirst));
  const v1::AdvanceReply work = world.Advance(Start(kSecond));
  ASSERT_EQ(work.assignments_size(), 1);
  EXPECT_TRUE(work.assignments(0).uncertain());
  const v1::Operation running = world.Read(submitted.id());
  EXPECT_TRUE(running.uncertain());
  EXPECT_EQ(StatesOf(running), (Names{"PENDING", "RUNNING", "PENDING", "RUNNING"}));
  world.Advance(Done(kFirst, 2, work.assignments(0), 500));
  EXPECT_EQ(world.Read(submitted.id()).state(), v1::RUNNING) << "the first session is over";
  world.Advance(Done(kSecond, 2, work.assignments(0), 200));
  const v1::Operation ended = world.Read(submitted.id());
  EXPECT_EQ(ended.state(), v1::SUCCEEDED);
  EXPECT_FALSE(ended.uncertain());
  EXPECT_EQ(ended.results_size(), 1);
}

TEST_F(OperationsTest, EndsAnAcceptedExecByItsAlertAndKnowsTheAlertAgain) {
  const v1::Operation submitted = world.Submit(
      device, {Replace("./FUMO/P1/DownloadAndUpdate/PkgURL", "https://dl.example.com/p"),
               Exec("./FUMO/P1/DownloadAndUpdate")});
  const v1::Operation other = world.Submit(device, {Exec("./FUMO/P1/DownloadAndUpdate")});
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  ASSERT_EQ(work.assignments_size(), 2);
  EXPECT_EQ(work.assignments(0).correlator(), submitted.id());
  v1::AdvanceRequest accepted = Done(kFirst, 2, work.assignments(0), 200);
  accepted.mutable_reports(0)->mutable_results(1)->set_status(202);
  world.Advance(accepted);
  world.Advance(Done(kFirst, 3, work.assignments(1), 202));
  EXPECT_EQ(world.Read(submitted.id()).state(), v1::WAITING);

  v1::AdvanceRequest report = Start(kSecond);
  v1::AlertResult* alert = report.add_alerts();
  alert->set_type("org.openmobilealliance.dm.firmwareupdate.downloadandupdate");
  alert->set_source("./FUMO/P1");
  alert->set_correlator(submitted.id());
  alert->set_data("200");
  EXPECT_TRUE(world.Advance(report).alerts_matched(0));
  const v1::Operation ended = world.Read(submitted.id());
  EXPECT_EQ(StatesOf(ended), (Names{"PENDING", "RUNNING", "WAITING", "SUCCEEDED"}));
  ASSERT_EQ(ended.alerts_size(), 1);
  EXPECT_EQ(ended.results_size(), 2);
  EXPECT_TRUE(world.Advance(report).alerts_matched(0)) << "the alert is repeated";
  EXPECT_EQ(world.Read(other.id()).state(), v1::WAITING) << "it ends no other";
}

TEST_F(OperationsTest, RefusesAPoisonedStepAndCarriesOutItsCompanions) {
  std::vector<v1::AdvanceRequest> steps;
  std::vector<std::string> ids;
  for (const char* name : {"a", "b", "c"}) {
    const std::string one = device + name;
    ids.push_back(world.Submit(one, {Get("./DevInfo/Man")}).id());
    v1::AdvanceRequest start = Start(kFirst);
    start.set_device_id(one);
    const v1::AdvanceReply work = world.Advance(start);
    steps.push_back(Done(kFirst, 2, work.assignments(0), 200));
    steps.back().set_device_id(one);
  }
  // PostgreSQL's text knows no NUL (22021).
  steps[1].mutable_reports(0)->set_disposition(v1::OperationReport::REFUSED);
  steps[1].mutable_reports(0)->set_cause(std::string("nul\0", 4));
  const std::vector<v1::AdvanceReply> replies = world.Advance(std::move(steps));
  EXPECT_EQ(replies[0].code(), 0u);
  EXPECT_EQ(replies[1].code(), static_cast<uint32_t>(Code::kInvalidArgument));
  EXPECT_EQ(replies[2].code(), 0u);
  EXPECT_EQ(world.Read(ids[0]).state(), v1::SUCCEEDED);
  EXPECT_EQ(world.Read(ids[1]).state(), v1::RUNNING);
  EXPECT_EQ(world.Read(ids[2]).state(), v1::SUCCEEDED);
}

TEST_F(OperationsTest, KeepsTheStepsOfOneTerminalInTheirOrder) {
  const v1::Operation submitted = world.Submit(device, {Get("./DevInfo/Man")});
  v1::Assignment assignment;
  assignment.set_operation_id(submitted.id());
  *assignment.add_commands() = Get("./DevInfo/Man");
  const auto replies = world.Advance(
      std::vector<v1::AdvanceRequest>{Start(kFirst), Done(kFirst, 2, assignment, 200)});
  EXPECT_EQ(replies[0].assignments_size(), 1);
  EXPECT_EQ(world.Read(submitted.id()).state(), v1::SUCCEEDED);
}

TEST_F(OperationsTest, HandsOutByPriorityThenByAge) {
  const std::string low = world.Submit(device, {Get("./A")}, 1).id();
  const std::string old = world.Submit(device, {Get("./A")}, 4).id();
  const std::string young = world.Submit(device, {Get("./A")}, 4).id();
  const std::string high = world.Submit(device, {Get("./A")}, 9).id();
  const v1::AdvanceReply work = world.Advance(Start(kFirst, 3));
  ASSERT_EQ(work.assignments_size(), 3);
  EXPECT_EQ(work.assignments(0).operation_id(), high);
  EXPECT_EQ(work.assignments(1).operation_id(), old);
  EXPECT_EQ(work.assignments(2).operation_id(), young);
  EXPECT_EQ(world.Read(low).state(), v1::PENDING);
}

TEST_F(OperationsTest, FindsWhatIsWithTheTerminalBehindALongQueue) {
  const v1::Operation first = world.Submit(device, {Get("./A")}, 1);
  const v1::AdvanceReply work = world.Advance(Start(kFirst, 1));
  v1::SubmitOperationsRequest many;
  for (int i = 0; i < 300; ++i) {
    v1::NewOperation* operation = many.add_operations();
    operation->set_device_id(device);
    operation->set_priority(9);
    *operation->add_commands() = Get("./B");
  }
  ASSERT_TRUE(world.Submit(many));
  v1::AdvanceRequest done = Done(kFirst, 2, work.assignments(0), 200);
  done.set_mark(2);
  done.set_take(256);
  EXPECT_EQ(world.Advance(done).assignments_size(), 256);
  EXPECT_EQ(world.Read(first.id()).state(), v1::SUCCEEDED);
  EXPECT_EQ(world.Mark(device), "2") << "there is more";
}

TEST_F(OperationsTest, KeepsAMarkThatWasRaisedMeanwhile) {
  v1::AdvanceRequest start = Start(kFirst);
  start.set_mark(1);
  world.Submit(device, {Get("./A")});
  world.Submit(device, {Get("./A")});
  const v1::AdvanceReply work = world.Advance(start);
  v1::AdvanceRequest done = Done(kFirst, 2, work.assignments(0), 200);
  *done.add_reports() = Done(kFirst, 2, work.assignments(1), 200).reports(0);
  done.set_mark(1);
  world.Advance(done);
  const auto barrier = world.Await(world.marks->witness().Check(In(std::chrono::seconds(5))));
  ASSERT_TRUE(barrier);
  EXPECT_EQ(world.Mark(device), "2");
}

TEST_F(OperationsTest, ServesManyTerminalsAtOnce) {
  constexpr int kTerminals = 500;
  v1::SubmitOperationsRequest many;
  for (int i = 0; i < 2 * kTerminals; ++i) {
    v1::NewOperation* operation = many.add_operations();
    operation->set_device_id(device + std::to_string(i % kTerminals));
    *operation->add_commands() = i < kTerminals ? Get("./A") : Replace("./B", "x");
  }
  ASSERT_TRUE(world.Submit(many));
  std::vector<v1::AdvanceRequest> starts;
  for (int i = 0; i < kTerminals; ++i) {
    starts.push_back(Start(kFirst));
    starts.back().set_device_id(device + std::to_string(i));
  }
  const auto work = world.Advance(std::move(starts));
  std::vector<v1::AdvanceRequest> reports;
  for (int i = 0; i < kTerminals; ++i) {
    ASSERT_EQ(work[i].assignments_size(), 2);
    reports.push_back(Done(kFirst, 2, work[i].assignments(0), 200));
    *reports.back().add_reports() = Done(kFirst, 2, work[i].assignments(1), 200).reports(0);
    reports.back().set_device_id(device + std::to_string(i));
  }
  world.Advance(std::move(reports));
  EXPECT_EQ(world.Rows("operations.operations WHERE state = 5"), 2 * kTerminals);
}

// What a session's last step left is remembered; whoever changes it meanwhile is not overlooked.
TEST_F(OperationsTest, DecidesAgainWhenSomebodyWasQuickerThanARememberedStep) {
  const v1::Operation submitted = world.Submit(device, {Get("./A")});
  v1::AdvanceRequest start = Start(kFirst);
  start.set_mark(1);
  const v1::AdvanceReply work = world.Advance(start);
  v1::CancelOperationRequest cancel;
  cancel.set_id(submitted.id());
  ASSERT_TRUE(world.Await(world.methods->Cancel(cancel, In(std::chrono::seconds(20)))));
  v1::AdvanceRequest done = Done(kFirst, 2, work.assignments(0), 200);
  done.set_mark(1);
  EXPECT_EQ(world.Advance(done).code(), 0u);
  const v1::Operation ended = world.Read(submitted.id());
  EXPECT_EQ(ended.state(), v1::SUCCEEDED);
  EXPECT_EQ(ended.cause(), "it was to be cancelled, but the terminal had carried it out");
  EXPECT_EQ(StatesOf(ended), (Names{"PENDING", "RUNNING", "RUNNING", "SUCCEEDED"}));
}

TEST_F(OperationsTest, FindsWorkThatWasMadeBetweenTwoStepsByItsMark) {
  world.Submit(device, {Get("./A")});
  v1::AdvanceRequest start = Start(kFirst);
  start.set_mark(1);
  const v1::AdvanceReply work = world.Advance(start);
  const v1::Operation second = world.Submit(device, {Get("./B")});
  EXPECT_EQ(world.Mark(device), "2");
  v1::AdvanceRequest done = Done(kFirst, 2, work.assignments(0), 200);
  done.set_take(10);
  done.set_mark(2);
  const v1::AdvanceReply more = world.Advance(done);
  ASSERT_EQ(more.assignments_size(), 1);
  EXPECT_EQ(more.assignments(0).operation_id(), second.id());
}

TEST_F(OperationsTest, LeavesTheMarkOfWorkThatAStepDidNotSee) {
  const v1::Operation first = world.Submit(device, {Get("./A")});
  v1::AdvanceRequest start = Start(kFirst);
  start.set_mark(1);
  const v1::AdvanceReply work = world.Advance(start);
  world.Submit(device, {Get("./B")});
  v1::AdvanceRequest done = Done(kFirst, 2, work.assignments(0), 200);
  done.set_mark(1);  // Read before the submission.
  world.Advance(done);
  EXPECT_EQ(world.Read(first.id()).state(), v1::SUCCEEDED);
  v1::AdvanceRequest idle = Start(kSecond, 0);
  idle.set_mark(1);
  world.Advance(idle);
  EXPECT_EQ(world.Mark(device), "2");
}

}  // namespace
}  // namespace drover::operations

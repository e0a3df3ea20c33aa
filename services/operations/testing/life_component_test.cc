// What operators and time do to operations, on real servers.
#include "services/operations/testing/world.h"

namespace drover::operations {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Names = std::vector<std::string>;
constexpr std::chrono::seconds kSoon{20};
constexpr char kFirst[] = "1@1800000000000000";

class LifeTest : public OperationsTest {
 protected:
  Result<v1::Operation> Cancel(const std::string& id, std::string reason = "") {
    v1::CancelOperationRequest request;
    request.set_id(id);
    request.set_reason(std::move(reason));
    return world.Await(world.methods->Cancel(std::move(request), In(kSoon)));
  }
  size_t Sweep() {
    const auto due = world.Await(world.sweeper->Sweep());
    EXPECT_TRUE(due) << due.error();
    return due ? *due : 0;
  }
  Result<void> Apply(const events::v1::WakeupResult& result) {
    kafka::Consumer consumer(world.loop, world.brokers, "operations-test-life",
                             {kWakeupResultsTopic});
    WakeupResults results(
        world.loop, consumer, *world.store, *world.writer, [this] { return world.now; },
        *world.metrics);
    std::vector<kafka::Consumed> records(1);
    records[0].payload = result.SerializeAsString();
    return world.Await(results.Apply(records, In(kSoon)));
  }
};

TEST_F(LifeTest, CancelsWhatTheTerminalHasNotGot) {
  const std::string id = world.Submit(device, {Get("./A")}).id();
  const auto cancelled = Cancel(id, "not needed");
  ASSERT_TRUE(cancelled) << cancelled.error();
  EXPECT_EQ(cancelled->state(), v1::CANCELLED);
  EXPECT_EQ(cancelled->cause(), "not needed");
  EXPECT_EQ(StatesOf(*cancelled), (Names{"PENDING", "CANCELLED"}));
  const auto again = Cancel(id, "another reason");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->cause(), "not needed");
  EXPECT_EQ(world.Advance(Start(kFirst)).assignments_size(), 0);
}

TEST_F(LifeTest, CancelsWhatIsWithTheTerminalAsItsSessionAllows) {
  const std::string id = world.Submit(device, {Get("./A")}).id();
  const std::string done = world.Submit(device, {Get("./B")}).id();
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  for (const std::string& one : {id, done}) {
    const auto asked = Cancel(one, "wrong");
    ASSERT_TRUE(asked) << asked.error();
    EXPECT_EQ(asked->state(), v1::RUNNING);
    EXPECT_TRUE(asked->cancel_requested());
    EXPECT_EQ(asked->cancel_reason(), "wrong");
    ASSERT_TRUE(Cancel(one, "once more"));
  }
  v1::AdvanceRequest report = Step(kFirst, 2);
  report.add_reports()->set_operation_id(id);
  report.mutable_reports(0)->set_disposition(v1::OperationReport::RETURNED);
  *report.add_reports() = Done(kFirst, 2, work.assignments(1), 200).reports(0);
  world.Advance(report);
  const v1::Operation cancelled = world.Read(id);
  EXPECT_EQ(cancelled.state(), v1::CANCELLED);
  EXPECT_EQ(cancelled.cause(), "wrong");
  EXPECT_EQ(StatesOf(cancelled), (Names{"PENDING", "RUNNING", "RUNNING", "CANCELLED"}));
  const v1::Operation late = world.Read(done);
  EXPECT_EQ(late.state(), v1::SUCCEEDED);
  EXPECT_EQ(late.cause(), "it was to be cancelled, but the terminal had carried it out");
  EXPECT_EQ(Cancel(done).error().message, "the operation is SUCCEEDED already");
  EXPECT_EQ(Cancel("017f22e2-79b0-7000-bf11-223344556677").error().code, Code::kNotFound);
  EXPECT_EQ(Cancel("nonsense").error().code, Code::kNotFound);
}

TEST_F(LifeTest, KeepsTheLateAlertOfWhatWasCancelledWhileItWaited) {
  const std::string id = world.Submit(device, {Exec("./A")}).id();
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  world.Advance(Done(kFirst, 2, work.assignments(0), 202));
  const auto cancelled = Cancel(id, "wrong");
  ASSERT_TRUE(cancelled) << cancelled.error();
  EXPECT_EQ(cancelled->state(), v1::CANCELLED);
  EXPECT_EQ(cancelled->cause(), "wrong; the terminal has it and may still finish it");
  for (uint32_t msg_id : {3, 4}) {
    v1::AdvanceRequest report = Step(kFirst, msg_id);
    report.add_alerts()->set_correlator(id);
    report.mutable_alerts(0)->set_data("200");
    EXPECT_TRUE(world.Advance(report).alerts_matched(0));
  }
  const v1::Operation after = world.Read(id);
  EXPECT_EQ(after.state(), v1::CANCELLED);
  EXPECT_EQ(after.alerts_size(), 1) << "a repeat is kept once";
  EXPECT_EQ(after.cause(), cancelled->cause());
  EXPECT_EQ(StatesOf(after), StatesOf(*cancelled));
}

TEST_F(LifeTest, ExpiresWhatTheTerminalDidNotFetch) {
  v1::SubmitOperationsRequest request;
  v1::NewOperation* wanted = request.add_operations();
  wanted->set_device_id(device);
  *wanted->add_commands() = Get("./A");
  wanted->mutable_ttl()->set_seconds(30);
  const std::string id = world.Submit(request)->operations(0).id();
  EXPECT_EQ(Sweep(), 0u);
  world.now += std::chrono::seconds(31);
  EXPECT_EQ(world.Advance(Start(kFirst)).assignments_size(), 0) << "not swept, but not handed out";
  EXPECT_EQ(Sweep(), 1u);
  EXPECT_EQ(Sweep(), 0u);
  const v1::Operation expired = world.Read(id);
  EXPECT_EQ(expired.state(), v1::EXPIRED);
  EXPECT_EQ(StatesOf(expired), (Names{"PENDING", "EXPIRED"}));
}

TEST_F(LifeTest, AsksForAnotherWakeUpAndRaisesTheMarkAgain) {
  world.Submit(device, {Get("./A")});
  world.Submit(device, {Get("./B")});
  world.Redis({"FLUSHALL"});
  world.now += minutes(2);
  EXPECT_EQ(Sweep(), 2u);
  EXPECT_EQ(Sweep(), 0u);
  EXPECT_EQ(world.Mark(device), "1");
  world.Relay();
  const auto wakeups = world.Records(kWakeupsTopic, device, 3);
  ASSERT_EQ(wakeups.size(), 3u) << "one each submission, then one for both";
  events::v1::WakeupRequested last;
  ASSERT_TRUE(last.ParseFromString(wakeups[2]));
  EXPECT_EQ(last.attempt(), 2u);
  EXPECT_NE(last.session_id(), 0u);
}

TEST_F(LifeTest, SaysWithEachWakeUpWhatTheDeviceIsWokenBy) {
  world.devices.bearers[device] = "sip";
  EXPECT_EQ(world.Submit(device, {Get("./A")}).bearer(), "sip");
  world.now += minutes(2);
  EXPECT_EQ(Sweep(), 1u);
  world.Relay();
  const auto wakeups = world.Records(kWakeupsTopic, device, 2);
  ASSERT_EQ(wakeups.size(), 2u) << "the first, and one by the sweep";
  for (const std::string& octets : wakeups) {
    events::v1::WakeupRequested wakeup;
    ASSERT_TRUE(wakeup.ParseFromString(octets));
    EXPECT_EQ(wakeup.bearer(), "sip");
  }
}

TEST_F(LifeTest, LeavesWhatIsWithTheTerminalInPeaceUntilItsTimeIsOver) {
  const std::string id = world.Submit(device, {Get("./A")}).id();
  world.Advance(Start(kFirst));
  world.now += minutes(2);
  EXPECT_EQ(Sweep(), 1u);
  EXPECT_EQ(world.Read(id).state(), v1::RUNNING);
  EXPECT_EQ(Sweep(), 0u) << "it was put off";
  world.now += minutes(60);
  EXPECT_EQ(Sweep(), 1u);
  const v1::Operation released = world.Read(id);
  EXPECT_EQ(released.state(), v1::PENDING);
  EXPECT_TRUE(released.uncertain());
}

TEST_F(LifeTest, FailsWhatNoAlertEnded) {
  const std::string id = world.Submit(device, {Exec("./A")}).id();
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  world.Advance(Done(kFirst, 2, work.assignments(0), 202));
  world.now += hours(1);
  EXPECT_EQ(Sweep(), 1u);
  EXPECT_EQ(world.Read(id).state(), v1::WAITING);
  world.now += hours(24 * 7);
  EXPECT_EQ(Sweep(), 1u);
  const v1::Operation failed = world.Read(id);
  EXPECT_EQ(failed.state(), v1::FAILED);
  EXPECT_EQ(failed.cause(), "the terminal accepted it (202), but no alert came");
}

TEST_F(LifeTest, ReadsHowFarItIsBeforeItGivesUp) {
  for (const char* state : {"100", "20"}) {
    const std::string one = device + state;
    const std::string id = world.Submit(one, {Exec("./FUMO/P1/DownloadAndUpdate")}).id();
    v1::AdvanceRequest start = Start(kFirst);
    start.set_device_id(one);
    v1::AdvanceRequest accepted = Done(kFirst, 2, world.Advance(start).assignments(0), 202);
    accepted.set_device_id(one);
    world.Advance(accepted);
    world.now += hours(24 * 7 + 1);
    world.Redis({"FLUSHALL"});
    EXPECT_EQ(Sweep(), 1u);
    const v1::Operation asked = world.Read(id);
    EXPECT_EQ(asked.state(), v1::PENDING);
    EXPECT_TRUE(asked.reading_state());
    EXPECT_EQ(world.Mark(one), "1") << "the terminal is called";
    v1::AdvanceRequest next = Start("2@" + std::to_string(1'800'000'060'000'000));
    next.set_device_id(one);
    const v1::AdvanceReply work = world.Advance(next);
    ASSERT_EQ(work.assignments_size(), 1) << "though its own time is over";
    EXPECT_EQ(work.assignments(0).commands(0).target(), "./FUMO/P1/State");
    v1::AdvanceRequest said = Done(next.session_key(), 2, work.assignments(0), 200);
    said.set_device_id(one);
    said.mutable_reports(0)->mutable_results(0)->add_values()->set_data(state);
    world.Advance(said);
    const v1::Operation ended = world.Read(id);
    const bool good = std::string(state) == "100";
    EXPECT_EQ(ended.state(), good ? v1::SUCCEEDED : v1::FAILED);
    EXPECT_EQ(StatesOf(ended), (Names{"PENDING", "RUNNING", "WAITING", "PENDING", "RUNNING",
                                      good ? "SUCCEEDED" : "FAILED"}));
    EXPECT_EQ(ended.results_size(), 1);
  }
}

TEST_F(LifeTest, NotesADeliveredWakeUpOnceAndOnlyForWhatItWasMeantFor) {
  const std::string id = world.Submit(device, {Get("./A")}).id();
  world.now += minutes(1);
  events::v1::WakeupResult result;
  result.set_device_id(device);
  result.set_outcome(events::v1::WakeupResult::DELIVERED);
  result.mutable_at()->set_seconds(
      std::chrono::floor<std::chrono::seconds>(world.now).time_since_epoch().count());
  world.now += minutes(1);
  const std::string later = world.Submit(device, {Get("./B")}).id();
  ASSERT_TRUE(Apply(result));
  ASSERT_TRUE(Apply(result));
  EXPECT_EQ(StatesOf(world.Read(id)), (Names{"PENDING", "NOTIFIED"}));
  EXPECT_EQ(world.Read(later).state(), v1::PENDING);
  EXPECT_EQ(world.Advance(Start(kFirst)).assignments_size(), 2);
  ASSERT_TRUE(Apply(result));
  EXPECT_EQ(world.Read(id).state(), v1::RUNNING);
}

TEST_F(LifeTest, SaysOnceWhyAWakeUpFailed) {
  const std::string id = world.Submit(device, {Get("./A")}).id();
  world.now += minutes(1);
  events::v1::WakeupResult result;
  result.set_device_id(device);
  result.set_outcome(events::v1::WakeupResult::FAILED);
  result.set_cause("no number of this terminal is known");
  result.mutable_at()->set_seconds(
      std::chrono::floor<std::chrono::seconds>(world.now).time_since_epoch().count());
  world.now += minutes(1);
  ASSERT_TRUE(Apply(result));
  ASSERT_TRUE(Apply(result));
  const v1::Operation operation = world.Read(id);
  EXPECT_EQ(StatesOf(operation), (Names{"PENDING", "PENDING"}));
  EXPECT_EQ(operation.history(1).cause(), "wake-up failed: no number of this terminal is known");
}

TEST_F(LifeTest, AnswersARepeatedSubmissionAsTheFirstTime) {
  v1::SubmitOperationsRequest request;
  request.set_idempotency_key("key of " + device);
  request.add_operations()->set_device_id(device);
  *request.mutable_operations(0)->add_commands() = Get("./A");
  const auto first = world.Submit(request);
  ASSERT_TRUE(first) << first.error();
  world.Advance(Start(kFirst));
  const auto again = world.Submit(request);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(world.Rows("operations.operations"), 1);
  request.mutable_operations(0)->mutable_commands(0)->set_target("./B");
  EXPECT_EQ(world.Submit(request).error().code, Code::kAborted);
}

TEST_F(LifeTest, ForgetsIdempotencyKeysAfterADay) {
  v1::SubmitOperationsRequest request;
  request.set_idempotency_key("key of " + device);
  request.add_operations()->set_device_id(device);
  *request.mutable_operations(0)->add_commands() = Get("./A");
  ASSERT_TRUE(world.Submit(request));
  world.now += hours(25);
  ASSERT_TRUE(world.Await(world.sweeper->Tidy()));
  EXPECT_EQ(world.Rows("operations.idempotency_keys"), 0);
}

TEST_F(LifeTest, StoresNothingForATerminalThatIsUnknownOrDisabled) {
  v1::SubmitOperationsRequest request;
  for (const std::string& one : {device, device + "2"}) {
    v1::NewOperation* operation = request.add_operations();
    operation->set_device_id(one);
    *operation->add_commands() = Get("./A");
  }
  world.devices.unknown = {device + "2"};
  const auto unknown = world.Submit(request);
  EXPECT_EQ(unknown.error().code, Code::kNotFound);
  EXPECT_EQ(unknown.error().message, "operations[1].device_id: no such device; enrol it first");
  world.devices.unknown.clear();
  world.devices.disabled = {device};
  EXPECT_EQ(world.Submit(request).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(world.Rows("operations.operations"), 0);
  EXPECT_EQ(world.Rows("operations.outbox"), 0);
}

TEST_F(LifeTest, TellsAWatcherOfAChangeAtOnce) {
  const std::string id = world.Submit(device, {Get("./A")}).id();
  Watchers::Watch watch(*world.watchers, {id});
  const auto begin = std::chrono::steady_clock::now();
  world.Advance(Start(kFirst));
  ASSERT_TRUE(world.Await(watch.Wait(In(kSoon))));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kSoon);
}

}  // namespace
}  // namespace drover::operations

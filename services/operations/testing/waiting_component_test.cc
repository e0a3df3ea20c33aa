// Operations that wait for their time, for others, or for another attempt; on real servers.
#include "services/operations/core/times.h"
#include "services/operations/testing/world.h"

namespace drover::operations {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Names = std::vector<std::string>;
constexpr seconds kSoon{20};
constexpr char kFirst[] = "1@1800000000000000";
constexpr char kSecond[] = "2@1800000060000000";

class WaitingTest : public OperationsTest {
 protected:
  v1::NewOperation* Add(v1::SubmitOperationsRequest* request, std::vector<std::string> depends_on,
                        std::string of = "") {
    v1::NewOperation* operation = request->add_operations();
    operation->set_device_id(of.empty() ? device : of);
    *operation->add_commands() = Get("./A");
    operation->mutable_depends_on()->Assign(depends_on.begin(), depends_on.end());
    return operation;
  }
  Names Submit(const v1::SubmitOperationsRequest& request) {
    const auto response = world.Submit(request);
    EXPECT_TRUE(response) << response.error();
    Names ids;
    if (!response) return ids;
    for (const v1::Operation& operation : response->operations()) ids.push_back(operation.id());
    return ids;
  }
  size_t Sweep() {
    const auto due = world.Await(world.sweeper->Sweep());
    EXPECT_TRUE(due) << due.error();
    return due ? *due : 0;
  }
  v1::State StateOf(const std::string& id) { return world.Read(id).state(); }
  // The terminal comes, and answers everything it is given with this status.
  void Come(const std::string& session, uint32_t status, std::string of = "") {
    v1::AdvanceRequest start = Start(session);
    if (!of.empty()) start.set_device_id(of);
    const v1::AdvanceReply work = world.Advance(start);
    v1::AdvanceRequest done = Step(session, 2);
    if (!of.empty()) done.set_device_id(of);
    for (const v1::Assignment& assignment : work.assignments()) {
      *done.add_reports() = Done(session, 2, assignment, status).reports(0);
    }
    world.Advance(done);
  }
};

TEST_F(WaitingTest, HandsOutOnlyWhenAllBeforeHaveSucceeded) {
  const std::string other = device + "-other";
  v1::SubmitOperationsRequest request;
  Add(&request, {"#1", "#2"});
  Add(&request, {});
  Add(&request, {}, other);
  const Names ids = Submit(request);
  EXPECT_TRUE(world.Read(ids[0]).blocked());
  EXPECT_EQ(world.Read(ids[0]).depends_on(0), ids[1]);
  Come(kFirst, 200);
  EXPECT_EQ(StateOf(ids[1]), v1::SUCCEEDED);
  EXPECT_EQ(StateOf(ids[0]), v1::PENDING);
  world.Redis({"FLUSHALL"});
  Come(kFirst, 200, other);
  world.RunUntil([&] { return !world.Read(ids[0]).blocked(); });
  world.RunUntil([&] { return world.Mark(device) == "1"; });
  world.Relay();
  EXPECT_EQ(world.Records(kWakeupsTopic, device, 2).size(), 2u) << "it is called for it";
  Come(kSecond, 200);
  EXPECT_EQ(StateOf(ids[0]), v1::SUCCEEDED);
}

TEST_F(WaitingTest, FailsTheWholeChainWhenItsFirstFails) {
  v1::SubmitOperationsRequest request;
  Add(&request, {});
  Add(&request, {"#0"});
  Add(&request, {"#1"});
  const Names ids = Submit(request);
  Come(kFirst, 404);
  world.RunUntil([&] { return StateOf(ids[2]) == v1::FAILED; });
  EXPECT_EQ(world.Read(ids[1]).cause(), "depends on " + ids[0] + ", which FAILED");
  EXPECT_EQ(world.Read(ids[2]).cause(), "depends on " + ids[1] + ", which FAILED");
  EXPECT_EQ(StatesOf(world.Read(ids[2])), (Names{"PENDING", "FAILED"}));
}

TEST_F(WaitingTest, KnowsWhatHadEndedBeforeItWasSubmitted) {
  const std::string good = world.Submit(device, {Get("./A")}).id();
  Come(kFirst, 200);
  const std::string bad = world.Submit(device, {Get("./B")}).id();
  Come(kSecond, 404);
  v1::SubmitOperationsRequest request;
  Add(&request, {good});
  Add(&request, {bad});
  const Names ids = Submit(request);
  EXPECT_FALSE(world.Read(ids[0]).blocked());
  EXPECT_EQ(StateOf(ids[1]), v1::FAILED);
  request.mutable_operations(0)->set_depends_on(0, "017f22e2-79b0-7000-bf11-223344556677");
  EXPECT_EQ(world.Submit(request).error().code, Code::kNotFound);
}

// The process that ended the one died before it could look for the other.
TEST_F(WaitingTest, LooksAgainByItself) {
  v1::SubmitOperationsRequest request;
  Add(&request, {});
  Add(&request, {"#0"});
  const Names ids = Submit(request);
  world.writer->WhenDependedEnds(
      [](std::vector<std::string> ended) { EXPECT_FALSE(ended.empty()); });
  Come(kFirst, 200);
  EXPECT_TRUE(world.Read(ids[1]).blocked());
  world.now += minutes(2);
  EXPECT_EQ(Sweep(), 1u);
  EXPECT_FALSE(world.Read(ids[1]).blocked());
}

TEST_F(WaitingTest, HoldsBackWhatIsNotToBeginYet) {
  v1::SubmitOperationsRequest request;
  v1::NewOperation* later = Add(&request, {});
  *later->mutable_not_before() = ToProto(world.now + hours(2));
  later->mutable_ttl()->set_seconds(3600);
  const std::string id = Submit(request)[0];
  EXPECT_FALSE(world.Mark(device));
  EXPECT_EQ(world.Advance(Start(kFirst)).assignments_size(), 0);
  world.now += minutes(119);
  EXPECT_EQ(Sweep(), 0u) << "nothing before its time";
  world.now += minutes(2);
  EXPECT_EQ(Sweep(), 1u);
  EXPECT_FALSE(world.Read(id).blocked());
  EXPECT_EQ(world.Mark(device), "1");
  world.now += seconds(6);
  EXPECT_EQ(Sweep(), 1u) << "the wake-up";
  world.Relay();
  EXPECT_EQ(world.Records(kWakeupsTopic, device, 1).size(), 1u);
  Come(kSecond, 200);
  EXPECT_EQ(StateOf(id), v1::SUCCEEDED);
}

TEST_F(WaitingTest, ExpiresAndCancelsWhatWaits) {
  const std::string first = world.Submit(device, {Get("./A")}).id();
  v1::SubmitOperationsRequest request;
  Add(&request, {first})->mutable_ttl()->set_seconds(60);
  Add(&request, {first});
  const Names ids = Submit(request);
  v1::CancelOperationRequest cancel;
  cancel.set_id(ids[1]);
  ASSERT_TRUE(world.Await(world.methods->Cancel(cancel, In(kSoon))));
  world.now += seconds(61);
  world.RunUntil([&] {
    Sweep();
    return StateOf(ids[0]) == v1::EXPIRED;
  });
  EXPECT_EQ(world.Read(ids[0]).cause(), "its time passed while it waited");
  Come(kFirst, 200);
  EXPECT_EQ(StateOf(ids[1]), v1::CANCELLED);
}

TEST_F(WaitingTest, TriesAgainAfterAPauseAndEndsOnce) {
  v1::SubmitOperationsRequest request;
  v1::NewOperation* busy = Add(&request, {});
  busy->mutable_retry()->set_max_attempts(3);
  busy->mutable_retry()->mutable_initial_backoff()->set_seconds(600);
  const std::string id = Submit(request)[0];
  Come(kFirst, 417);
  v1::Operation again = world.Read(id);
  EXPECT_EQ(again.state(), v1::PENDING);
  EXPECT_TRUE(again.blocked());
  EXPECT_EQ(again.attempt(), 2u);
  EXPECT_GT(FromProto(again.not_before()), world.now + minutes(7));
  Come(kSecond, 200);
  EXPECT_EQ(StateOf(id), v1::PENDING) << "not before its pause is over";
  world.now += minutes(13);
  EXPECT_EQ(Sweep(), 1u);
  Come("3@1800000120000000", 503);
  EXPECT_EQ(world.Read(id).attempt(), 3u);
  world.now += minutes(26);
  EXPECT_EQ(Sweep(), 1u);
  Come("4@1800000180000000", 200);
  const v1::Operation ended = world.Read(id);
  EXPECT_EQ(StatesOf(ended),
            (Names{"PENDING", "RUNNING", "PENDING", "RUNNING", "PENDING", "RUNNING", "SUCCEEDED"}));
  ASSERT_EQ(ended.results_size(), 3);
  EXPECT_EQ(ended.results(0).attempt(), 0u);
  EXPECT_EQ(ended.results(2).attempt(), 3u);
  EXPECT_EQ(ended.results(2).status(), 200u);
}

// What waits costs a session nothing: it is not even read.
TEST_F(WaitingTest, KeepsManyThatWaitOutOfASessionsWay) {
  const std::string gate = world.Submit(device + "-gate", {Get("./A")}).id();
  v1::SubmitOperationsRequest request;
  for (int i = 0; i < 900; ++i) Add(&request, {gate})->set_priority(9);
  Submit(request);
  const std::string id = world.Submit(device, {Get("./B")}, 1).id();
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  ASSERT_EQ(work.assignments_size(), 1);
  EXPECT_EQ(work.assignments(0).operation_id(), id);
}

}  // namespace
}  // namespace drover::operations

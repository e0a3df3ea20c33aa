// What stands in PostgreSQL, Kafka and Redis, and what survives their loss.
#include "services/operations/adapters/pg_schema.h"
#include "services/operations/testing/world.h"

namespace drover::operations {
namespace {

using Names = std::vector<std::string>;
constexpr std::chrono::seconds kSoon{20};
constexpr char kFirst[] = "1@1800000000000000";
constexpr char kSecond[] = "2@1800000060000000";

class StoreTest : public OperationsTest {
 protected:
  Names EventsOf(const std::string& id, size_t wanted) {
    Names out;
    for (const std::string& payload : world.Records(kChangesTopic, device, wanted)) {
      events::v1::OperationChanged event;
      EXPECT_TRUE(event.ParseFromString(payload));
      if (event.operation_id() == id) out.push_back(event.event_id().substr(37) + event.state());
    }
    return out;
  }
};

TEST_F(StoreTest, PublishesEveryChangeInItsOrder) {
  const std::string id = world.Submit(device, {Get("./A")}).id();
  world.Advance(Start(kFirst));
  const v1::AdvanceReply work = world.Advance(Start(kSecond));
  world.Relay();
  world.Advance(Done(kSecond, 2, work.assignments(0), 200));
  world.Relay();
  EXPECT_EQ(EventsOf(id, 5), (Names{"1PENDING", "2RUNNING", "3PENDING", "4RUNNING", "5SUCCEEDED"}));
  EXPECT_EQ(world.Rows("operations.outbox"), 0);
}

TEST_F(StoreTest, PublishesWhatAProcessThatDiedLeftBehind) {
  const std::string id = world.Submit(device, {Get("./A")}).id();
  world.Advance(Start(kFirst));
  EXPECT_EQ(world.Rows("operations.outbox"), 2) << "one row a transaction";
  World successor;
  successor.Relay();
  EXPECT_EQ(EventsOf(id, 2), (Names{"1PENDING", "2RUNNING"}));
  EXPECT_EQ(world.Rows("operations.outbox"), 0);
}

TEST_F(StoreTest, WakesATerminalOnceASubmission) {
  v1::SubmitOperationsRequest request;
  for (int i = 0; i < 3; ++i) {
    request.add_operations()->set_device_id(device);
    *request.mutable_operations(i)->add_commands() = Get("./A");
  }
  request.mutable_operations(1)->mutable_ttl()->set_seconds(60);
  ASSERT_TRUE(world.Submit(request));
  world.Relay();
  const auto wakeups = world.Records(kWakeupsTopic, device, 1);
  ASSERT_EQ(wakeups.size(), 1u);
  events::v1::WakeupRequested wakeup;
  ASSERT_TRUE(wakeup.ParseFromString(wakeups[0]));
  EXPECT_EQ(wakeup.attempt(), 1u);
  EXPECT_EQ(wakeup.expires_at().seconds() - wakeup.requested_at().seconds(), 60);
}

TEST_F(StoreTest, RaisesAllMarksAgainWhenRedisWasEmptied) {
  world.Submit(device, {Get("./A")});
  const std::string idle = device + "-idle";
  const std::string cancelled = world.Submit(idle, {Get("./A")}).id();
  v1::CancelOperationRequest cancel;
  cancel.set_id(cancelled);
  ASSERT_TRUE(world.Await(world.methods->Cancel(std::move(cancel), In(kSoon))));
  world.Redis({"FLUSHALL"});
  EXPECT_FALSE(world.Mark(device));
  ASSERT_TRUE(world.Await(world.keeper->Check()));
  EXPECT_EQ(world.Mark(device), "1");
  EXPECT_FALSE(world.Mark(idle));
  EXPECT_EQ(world.Redis({"GET", "drover:operations:marks"}), world.redis->run_id());
  ASSERT_TRUE(world.Await(world.keeper->Check()));
  EXPECT_EQ(world.Mark(device), "1") << "nothing to do while they are complete";
}

TEST_F(StoreTest, ListsTheNewestFirstInPages) {
  Names ids;
  for (int i = 0; i < 5; ++i) ids.insert(ids.begin(), world.Submit(device, {Get("./A")}).id());
  world.Submit(device + "-other", {Get("./A")});
  v1::ListOperationsRequest request;
  request.set_device_id(device);
  request.set_label("test");
  request.add_states(v1::PENDING);
  request.set_page_size(2);
  Names listed;
  for (int page = 0; page < 3; ++page) {
    const auto response = world.Await(world.methods->List(request, In(kSoon)));
    ASSERT_TRUE(response) << response.error();
    for (const auto& operation : response->operations()) listed.push_back(operation.id());
    EXPECT_EQ(response->next_page_token().empty(), page == 2);
    request.set_page_token(response->next_page_token());
  }
  EXPECT_EQ(listed, ids);
  request.set_page_token("elsewhere");
  EXPECT_EQ(world.Await(world.methods->List(request, In(kSoon))).error().code,
            Code::kInvalidArgument);
}

TEST_F(StoreTest, CountsByLabelAndState) {
  world.Submit(device, {Get("./A")});
  world.Submit(device, {Get("./A")});
  world.Advance(Start(kFirst, 1));
  v1::CountOperationsRequest request;
  request.set_label("test");
  const auto counts = world.Await(world.methods->Count(request, In(kSoon)));
  ASSERT_TRUE(counts) << counts.error();
  std::map<v1::State, int64_t> by_state;
  for (const auto& count : counts->counts()) by_state[count.state()] = count.count();
  EXPECT_EQ(by_state, (std::map<v1::State, int64_t>{{v1::PENDING, 1}, {v1::RUNNING, 1}}));
  ASSERT_TRUE(world.Await(world.sweeper->Measure()));
}

TEST_F(StoreTest, DropsTheMessagesOfDaysThatAreOver) {
  world.Submit(device, {Get("./A")});
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  v1::AdvanceRequest done = Done(kFirst, 2, work.assignments(0), 200);
  done.add_messages()->set_body("octets");
  world.Advance(done);
  EXPECT_EQ(world.Rows("operations.messages"), 1);
  EXPECT_EQ(world.Rows("operations.messages_other"), 0);
  world.now += std::chrono::hours(24 * 10);
  ASSERT_TRUE(world.Await(world.sweeper->Tidy()));
  EXPECT_EQ(world.Rows("operations.messages"), 0);
  EXPECT_EQ(world.Rows("pg_inherits WHERE inhparent = 'operations.messages'::regclass"), 4);
}

TEST_F(StoreTest, MigratesBackAndForwardAgain) {
  const std::string running = world.Submit(device, {Get("./A")}).id();
  const std::string ended = world.Submit(device + "-ended", {Get("./A")}).id();
  v1::SubmitOperationsRequest waits;
  waits.add_operations()->set_device_id(device);
  *waits.mutable_operations(0)->add_commands() = Get("./A");
  waits.mutable_operations(0)->add_depends_on(running);
  ASSERT_TRUE(world.Submit(waits));
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  v1::AdvanceRequest other = Start(kFirst);
  other.set_device_id(device + "-ended");
  const v1::AdvanceReply others = world.Advance(other);
  v1::AdvanceRequest done = Done(kFirst, 2, others.assignments(0), 200);
  done.set_device_id(device + "-ended");
  world.Advance(done);
  const std::string before = world.Read(running).SerializeAsString();
  const std::string over = world.Read(ended).SerializeAsString();

  const int newest = Migrations().back().version;
  constexpr int kBeforeOpen = 3;  // What is open does not stand apart there.
  std::vector<postgres::Migration> known = Migrations();
  for (; known.size() > kBeforeOpen; known.pop_back()) {
    const int to = static_cast<int>(known.size()) - 1;
    const auto back = world.Await(postgres::Migrate(*world.pool, kSchema, known, to));
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(*back, to);
  }
  const std::string all = "operations.operations ";
  EXPECT_EQ(world.Rows(all + "WHERE open"), 2);
  EXPECT_EQ(world.Rows(all + "WHERE open AND state = 3 AND session_key <> '' AND depended"), 1);
  EXPECT_EQ(world.Rows(all + "WHERE open AND NOT ready"), 1);
  EXPECT_EQ(world.Rows("operations.ended_counts WHERE state = 5 AND count = 1"), 1);
  const auto forward = world.Await(postgres::Migrate(*world.pool, kSchema, Migrations(), -1));
  ASSERT_TRUE(forward) << forward.error();
  EXPECT_EQ(*forward, newest);
  EXPECT_EQ(world.Read(running).SerializeAsString(), before);
  EXPECT_EQ(world.Read(ended).SerializeAsString(), over);
  world.Advance(Done(kFirst, 2, work.assignments(0), 200));
  EXPECT_EQ(world.Read(running).state(), v1::SUCCEEDED) << "its session goes on";
  const auto counts = world.Await(world.methods->Count(v1::CountOperationsRequest(), In(kSoon)));
  int64_t sum = 0;
  for (const auto& count : counts->counts()) sum += count.count();
  EXPECT_EQ(sum, 3);
}

// What an index holds does not change in a session: then the versions of its rows stay on their
// page, and a session costs no index entry.
TEST_F(StoreTest, CarriesOperationsToTheirEndWithoutTouchingAnIndex) {
  constexpr int kTerminals = 200;
  v1::SubmitOperationsRequest many;
  for (int i = 0; i < kTerminals; ++i) {
    many.add_operations()->set_device_id(device + std::to_string(i));
    *many.mutable_operations(i)->add_commands() = Get("./A");
  }
  ASSERT_TRUE(world.Submit(many));
  std::vector<v1::AdvanceRequest> steps(kTerminals, Start(kFirst));
  for (int i = 0; i < kTerminals; ++i) {
    steps[static_cast<size_t>(i)].set_device_id(device + std::to_string(i));
  }
  const std::vector<v1::AdvanceReply> work = world.Advance(std::move(steps));
  steps.clear();
  for (int i = 0; i < kTerminals; ++i) {
    steps.push_back(Done(kFirst, 2, work[static_cast<size_t>(i)].assignments(0), 200));
    steps.back().set_device_id(device + std::to_string(i));
  }
  world.Advance(std::move(steps));
  EXPECT_EQ(world.Rows("operations.open"), 0);
  // The backends tell their statistics once a second at most, and when they idle.
  const std::string tables =
      "(SELECT sum(n_tup_hot_upd) AS hot, sum(n_tup_upd) AS all_upd FROM pg_stat_user_tables "
      "WHERE schemaname = 'operations' AND relname IN ('open', 'operations')) AS s WHERE ";
  world.RunUntil([&] {
    const auto told =
        world.Await(world.steps->Script("SELECT pg_stat_force_next_flush()", In(kSoon)));
    EXPECT_TRUE(told) << told.error();
    return world.Rows(tables + "all_upd = 400") == 1;
  });
  // Most of them: where others still see the old versions, a page can be full for once.
  EXPECT_GE(world.Rows("generate_series(1, (SELECT hot::int FROM " + tables + "true))"), 300);
}

TEST_F(StoreTest, KeepsTheMessagesOfManyTerminalsInOneRowAndTellsThemApart) {
  constexpr int kTerminals = 20;
  std::vector<std::string> ids;
  std::vector<v1::AdvanceRequest> steps;
  for (int i = 0; i < kTerminals; ++i) {
    const std::string terminal = device + std::to_string(i);
    ids.push_back(world.Submit(terminal, {Get("./A")}).id());
    steps.push_back(Start(kFirst));
    steps.back().set_device_id(terminal);
  }
  const std::vector<v1::AdvanceReply> work = world.Advance(std::move(steps));
  steps.clear();
  for (int i = 0; i < kTerminals; ++i) {
    steps.push_back(Done(kFirst, 2, work[static_cast<size_t>(i)].assignments(0), 200));
    steps.back().set_device_id(device + std::to_string(i));
    steps.back().add_messages()->set_body("octets of " + std::to_string(i));
  }
  world.Advance(std::move(steps));
  EXPECT_EQ(world.Rows("operations.messages"), 1);
  for (int i = 0; i < kTerminals; ++i) {
    const v1::Operation one = world.Read(ids[static_cast<size_t>(i)], /*messages=*/true);
    ASSERT_EQ(one.messages_size(), 1);
    EXPECT_EQ(one.messages(0).body(), "octets of " + std::to_string(i));
  }
}

TEST_F(StoreTest, ListsByTheStatesThatOperationsAreIn) {
  const std::string first = world.Submit(device, {Get("./A")}, 9).id();
  const std::string second = world.Submit(device, {Get("./A")}, 5).id();
  const std::string third = world.Submit(device, {Get("./A")}, 1).id();
  const v1::AdvanceReply work = world.Advance(Start(kFirst, 2));
  world.Advance(Done(kFirst, 2, work.assignments(0), 200));
  const auto listed = [&](std::vector<v1::State> states) {
    v1::ListOperationsRequest request;
    request.set_device_id(device);
    for (const v1::State state : states) request.add_states(state);
    const auto response = world.Await(world.methods->List(request, In(kSoon)));
    EXPECT_TRUE(response) << response.error();
    Names out;
    for (const auto& operation : response->operations()) out.push_back(operation.id());
    return out;
  };
  EXPECT_EQ(listed({v1::PENDING}), Names{third});
  EXPECT_EQ(listed({v1::RUNNING}), Names{second});
  EXPECT_EQ(listed({v1::SUCCEEDED}), Names{first});
  EXPECT_EQ(listed({v1::RUNNING, v1::SUCCEEDED}), (Names{second, first}));
  EXPECT_EQ(listed({}), (Names{third, second, first}));
}

}  // namespace
}  // namespace drover::operations

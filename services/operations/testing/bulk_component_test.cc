// Many operations at once: by a selector, checked against trees, watched together, purged.
#include "services/operations/testing/world.h"

namespace drover::operations {
namespace {

using Names = std::vector<std::string>;
constexpr std::chrono::seconds kSoon{20};
constexpr char kFirst[] = "1@1800000000000000";

class BulkTest : public OperationsTest {
 protected:
  v1::SubmitSelectedRequest Selected(std::string key) {
    v1::SubmitSelectedRequest out;
    out.set_idempotency_key(std::move(key));
    (*out.mutable_selector())["model"] = "X1";
    *out.mutable_operation()->add_commands() = Get("./A");
    out.mutable_operation()->set_label("bulk");
    return out;
  }
  void MakeFleet(int count) {
    for (int i = 0; i < count; ++i) world.devices.fleet.push_back(device + std::to_string(i));
  }
  // Pages until `most` have come: then the caller's connection breaks.
  Result<void> Submit(const v1::SubmitSelectedRequest& request, size_t most = 1000) {
    return Submit(world, request, most);
  }
  Result<void> Submit(World& in, const v1::SubmitSelectedRequest& request, size_t most) {
    pages.clear();
    const SelectedSubmitter::Tell tell = [this, most](v1::SubmitProgress page) {
      pages.push_back(std::move(page));
      return Answer(pages.size() >= most);
    };
    return in.Await(in.selected->Submit(request, tell, In(kSoon)));
  }
  static Task<void> Answer(bool broken) {
    if (broken) co_return Error{Code::kCancelled, "the caller left"};
    co_return Result<void>();
  }
  Names Ids() {
    Names out;
    for (const v1::SubmitProgress& page : pages) {
      for (const v1::Operation& operation : page.operations()) out.push_back(operation.id());
    }
    return out;
  }
  std::vector<v1::SubmitProgress> pages;
};

TEST_F(BulkTest, SubmitsOneOperationForEachTerminalThatTheSelectorFinds) {
  MakeFleet(5);
  world.devices.disabled = {device + "3"};
  ASSERT_TRUE(Submit(Selected("")));
  EXPECT_EQ(pages.size(), 3u);
  EXPECT_EQ(Ids().size(), 4u);
  ASSERT_EQ(pages[1].skipped_size(), 1);
  EXPECT_EQ(pages[1].skipped(0).device_id(), device + "3");
  EXPECT_EQ(pages[1].skipped(0).reason(), "the device is disabled");
  EXPECT_EQ(world.Rows("operations.operations WHERE label = 'bulk'"), 4);
  EXPECT_EQ(world.Mark(device + "0"), "1");
}

TEST_F(BulkTest, GoesOnWhereItBrokeInAnotherProcessToo) {
  MakeFleet(9);
  const v1::SubmitSelectedRequest request = Selected("key of " + device);
  EXPECT_EQ(Submit(request, 2).error().code, Code::kCancelled);
  EXPECT_EQ(world.Rows("operations.operations"), 4);
  const Names first = Ids();
  // A terminal that comes in between shifts no page.
  world.devices.fleet.push_back(device + "9");
  World successor;
  successor.devices.fleet = world.devices.fleet;
  ASSERT_TRUE(Submit(successor, request, 1000));
  const Names all = Ids();
  EXPECT_EQ(all.size(), 10u);
  EXPECT_EQ(Names(all.begin(), all.begin() + 4), first);
  EXPECT_EQ(world.Rows("operations.operations"), 10);
  ASSERT_TRUE(Submit(request));
  EXPECT_EQ(Ids(), all) << "the same answer once more";
  EXPECT_EQ(world.Rows("operations.operations"), 10);
  v1::SubmitSelectedRequest other = request;
  other.mutable_operation()->set_label("other");
  EXPECT_EQ(Submit(other).error().code, Code::kAborted);
}

TEST_F(BulkTest, RefusesASelectionThatIsWrongOrEmpty) {
  EXPECT_EQ(Submit(Selected("")).error().code, Code::kNotFound);
  v1::SubmitSelectedRequest request = Selected("");
  request.mutable_operation()->set_device_id(device);
  EXPECT_EQ(Submit(request).error().code, Code::kInvalidArgument);
  request = Selected("");
  request.mutable_operation()->clear_commands();
  EXPECT_EQ(Submit(request).error().code, Code::kInvalidArgument);
}

TEST_F(BulkTest, RefusesWhatATreeForbidsWithNodeAndReason) {
  world.devices.forbidden = {{"./Nowhere", device}};
  v1::SubmitOperationsRequest request;
  for (const std::string& one : {device + "2", device}) {
    v1::NewOperation* operation = request.add_operations();
    operation->set_device_id(one);
    *operation->add_commands() = Get("./A");
    *operation->add_commands() = Get("./Nowhere");
  }
  const auto refused = world.Submit(request);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_EQ(
      refused.error().message,
      "operations[1].commands[1]: ./Nowhere: no such node; set unchecked to submit it anyway");
  EXPECT_EQ(world.Rows("operations.operations"), 0);
  request.mutable_operations(1)->set_unchecked(true);
  EXPECT_TRUE(world.Submit(request));
}

TEST_F(BulkTest, SkipsTheTerminalsOfASelectionThatCannotCarryItOut) {
  MakeFleet(4);
  world.devices.forbidden = {{"./A", device + "2"}};
  ASSERT_TRUE(Submit(Selected("")));
  EXPECT_EQ(Ids().size(), 3u);
  ASSERT_EQ(pages[1].skipped_size(), 1);
  EXPECT_EQ(pages[1].skipped(0).reason(), "commands[0]: ./A: no such node");
}

TEST_F(BulkTest, AsksTreeOnceForAThousandAlike) {
  v1::SubmitOperationsRequest many;
  for (int i = 0; i < 1000; ++i) {
    many.add_operations()->set_device_id(device + std::to_string(i));
    *many.mutable_operations(i)->add_commands() =
        Replace("./A", std::string(static_cast<size_t>(i % 3), 'x'));
  }
  ASSERT_TRUE(world.Submit(many));
  EXPECT_EQ(world.devices.checks, 1);
  world.devices.forbidden = {{"./A", device + "7"}};
  EXPECT_EQ(world.Submit(many).error().message,
            "operations[7].commands[0]: ./A: no such node; set unchecked to submit it anyway");
  EXPECT_EQ(world.devices.checks, 3) << "that one alone, because its value is not the largest";
}

TEST_F(BulkTest, WatchesManyUntilAllHaveEnded) {
  Names ids;
  for (int i = 0; i < 3; ++i) ids.push_back(world.Submit(device, {Get("./A")}).id());
  std::map<std::string, Names> told;
  const WatchSink sink{[&told](v1::Operation operation) {
                         told[operation.id()].push_back(v1::State_Name(operation.state()));
                         return Answer(false);
                       },
                       [] { return false; }};
  v1::WatchOperationsRequest request;
  request.set_label("test");
  request.add_device_ids(device);
  bool over = false;
  asio::co_spawn(world.loop.get_executor(), world.watches->Watch(request, sink, In(kSoon)),
                 [&over](std::exception_ptr, Result<void> result) {
                   EXPECT_TRUE(result) << result.error();
                   over = true;
                 });
  world.RunUntil([&] { return told.size() == 3; });
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  world.RunUntil([&] { return told[ids[2]].size() == 2; });
  v1::AdvanceRequest done = Done(kFirst, 2, work.assignments(0), 200);
  for (int i = 1; i < 3; ++i) {
    *done.add_reports() = Done(kFirst, 2, work.assignments(i), 200).reports(0);
  }
  world.Advance(done);
  world.RunUntil([&] { return over; });
  for (const std::string& id : ids) {
    EXPECT_EQ(told[id], (Names{"PENDING", "RUNNING", "SUCCEEDED"}));
  }
}

TEST_F(BulkTest, RefusesToWatchNothing) {
  const WatchSink sink{[](v1::Operation) { return Answer(false); }, [] { return false; }};
  v1::WatchOperationsRequest request;
  EXPECT_EQ(world.Await(world.watches->Watch(request, sink, In(kSoon))).error().code,
            Code::kInvalidArgument);
  request.add_ids("017f22e2-79b0-7000-bf11-223344556677");
  EXPECT_EQ(world.Await(world.watches->Watch(request, sink, In(kSoon))).error().code,
            Code::kNotFound);
}

TEST_F(BulkTest, PurgesWhatEndedLongAgoAndCountsWhatIsThere) {
  const auto count = [this](v1::State state) {
    const auto counts = world.Await(world.methods->Count(v1::CountOperationsRequest(), In(kSoon)));
    int64_t sum = 0;
    for (const auto& one : counts->counts()) sum += one.state() == state ? one.count() : 0;
    return sum;
  };
  const std::string old = world.Submit(device, {Get("./A")}).id();
  const std::string open = world.Submit(device + "-open", {Get("./A")}).id();
  const v1::AdvanceReply work = world.Advance(Start(kFirst));
  world.Advance(Done(kFirst, 2, work.assignments(0), 200));
  EXPECT_EQ(count(v1::SUCCEEDED), 1);
  EXPECT_EQ(count(v1::PENDING), 1);
  world.now += std::chrono::hours(24 * 89);
  EXPECT_EQ(world.Await(world.sweeper->Purge()).value(), 0);
  world.now += std::chrono::hours(24 * 2);
  EXPECT_EQ(world.Await(world.sweeper->Purge()).value(), 1);
  EXPECT_EQ(world.Rows("operations.operations"), 1);
  EXPECT_EQ(world.Read(open).state(), v1::PENDING) << "what is open stays";
  EXPECT_EQ(count(v1::SUCCEEDED), 0);
  ASSERT_TRUE(world.Await(world.sweeper->Measure()));
  EXPECT_EQ(count(v1::PENDING), 1);
  EXPECT_EQ(world.Rows("operations.count_changes"), 0) << "summed up";
  EXPECT_EQ(world.Rows("operations.counts"), 1) << "of what is open";
  EXPECT_EQ(world.Await(world.methods->Find(old, In(kSoon))).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace drover::operations

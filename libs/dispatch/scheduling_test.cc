// Who goes first, where, and how fast; what comes back after a restart.
#include <gtest/gtest.h>

#include "libs/dispatch/held_effects.h"
#include "libs/dispatch/testing/desk.h"

namespace drover::dispatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Desk;
using testing::JobOf;

Job To(const Desk& desk, uint8_t number, uint8_t segments, std::string_view destination) {
  Job job = desk.JobFor(number, segments);
  job.destination = destination;
  return job;
}

TEST(Scheduling, AStartedGroupGoesOnBeforeAnythingElseStarts) {
  Desk desk = Desk::Up({}, {}, /*window=*/1);
  const GroupId group = desk.Admit(1, 2);
  Job urgent = To(desk, 2, 1, "8613800138001");
  urgent.priority = Priority::kHigh;
  desk.Admit(urgent);
  desk.Accept(desk.TakeSend(), "a");
  EXPECT_EQ(desk.TakeSend().ticket.group, group);
}

TEST(Scheduling, WaitingOnesGoByPriorityThenInOrder) {
  Desk desk;
  desk.Admit(To(desk, 1, 1, "861"));
  Job low = To(desk, 2, 1, "862");
  low.priority = Priority::kLow;
  desk.Admit(low);
  Job high = To(desk, 3, 1, "863");
  high.priority = Priority::kHigh;
  desk.Admit(high);
  desk.Admit(To(desk, 4, 1, "864"));
  desk.scheduler->BindUp(1, 0, 10, desk.now, desk.out);
  std::vector<GroupId> order;
  for (const Send& send : desk.Take<Send>()) order.push_back(send.ticket.group);
  EXPECT_EQ(order, (std::vector<GroupId>{3, 1, 4, 2}));
}

TEST(Scheduling, HalfTheWindowStaysOpenToSingles) {
  Desk desk = Desk::Up({}, {}, /*window=*/4);
  for (uint8_t i = 1; i <= 4; ++i) desk.Admit(To(desk, i, 2, "86" + std::to_string(i)));
  EXPECT_EQ(desk.Take<Send>().size(), 2u);
  desk.Admit(To(desk, 5, 1, "865"));
  desk.Admit(To(desk, 6, 1, "866"));
  desk.Admit(To(desk, 7, 1, "867"));
  EXPECT_EQ(desk.Take<Send>().size(), 2u) << "and the window is full";
}

TEST(Scheduling, TokensAreTakenForAllSegmentsAtTheStart) {
  SmscOptions smsc;
  smsc.segments_per_second = 2;
  Desk desk = Desk::Up(smsc);
  desk.Admit(To(desk, 1, 3, "861"));
  desk.Admit(To(desk, 2, 1, "862"));
  for (int k = 0; k < 3; ++k) desk.Accept(desk.TakeSend(), std::to_string(k));
  EXPECT_TRUE(desk.Take<Send>().empty()) << "three segments at two a second";
  desk.After(milliseconds(1400));
  EXPECT_TRUE(desk.Take<Send>().empty());
  desk.After(milliseconds(101));
  EXPECT_EQ(desk.Take<Send>().size(), 1u);
}

// What left, when and where.
struct Left {
  TimePoint at;
  BindId bind;
};

// Two SMSCs with two binds each; everything is accepted at once. Until all has left.
std::vector<Left> Flood(double of_each, double of_all, uint16_t jobs) {
  SmscOptions smsc{.receipts = false, .accept_is_delivered = true};
  smsc.segments_per_second = of_each;
  smsc.name = "second";
  Options options;
  options.segments_per_second = of_all;
  options.smscs = {smsc};
  smsc.name = "first";
  Desk desk(smsc, options);
  for (BindId bind = 1; bind <= 4; ++bind) {
    desk.scheduler->BindUp(bind, bind > 2 ? 1 : 0, 50, desk.now, desk.out);
  }
  for (uint16_t number = 1; number <= jobs; ++number) {
    const std::string destination = std::to_string(8613800000000 + number);
    Job job = To(desk, 0, number % 5 == 0 ? 3 : 1, destination);
    job.id[1] = static_cast<uint8_t>(number);
    job.id[2] = static_cast<uint8_t>(number >> 8);
    desk.Admit(job);
  }
  std::vector<Left> left;
  while (desk.scheduler->counters().pending > 0) {
    const std::vector<Send> sends = desk.Take<Send>();
    for (const Send& send : sends) left.push_back({desk.now, send.bind});
    for (const Send& send : sends) desk.Accept(send, "");
    if (sends.empty()) desk.ToNext();
  }
  return left;
}

// The most that left in any second, over the bind or (0) over all.
size_t MostInASecond(const std::vector<Left>& left, BindId bind) {
  std::vector<TimePoint> times;
  for (const Left& one : left) {
    if (bind == 0 || one.bind == bind) times.push_back(one.at);
  }
  size_t most = 0;
  for (size_t first = 0, last = 0; last < times.size(); ++last) {
    while (times[last] - times[first] >= seconds(1)) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

TEST(Scheduling, ACampaignsFloodStaysInsideTheRateOfEachBindAndOfAllTogether) {
  constexpr uint16_t kJobs = 3000;
  constexpr double kOfEach = 40, kSegments = kJobs * 1.4;
  constexpr size_t kBurst = 2 + 3;  // A twentieth of a second, and a group.
  for (const double of_all : {0.0, 100.0, 1000.0}) {
    const double expected = of_all == 100 ? of_all : 4 * kOfEach;
    const std::vector<Left> left = Flood(kOfEach, of_all, kJobs);
    ASSERT_EQ(left.size(), static_cast<size_t>(kSegments));
    for (BindId bind = 1; bind <= 4; ++bind) {
      EXPECT_LE(MostInASecond(left, bind), kOfEach + kBurst) << bind;
      const auto its = std::count_if(left.begin(), left.end(),
                                     [bind](const Left& one) { return one.bind == bind; });
      EXPECT_NEAR(static_cast<double>(its), kSegments / 4, kSegments / 40) << bind;
    }
    EXPECT_LE(MostInASecond(left, 0), (of_all > 0 ? of_all : 4 * kOfEach) + 4 * kBurst);
    const std::chrono::duration<double> took = left.back().at - left.front().at;
    EXPECT_NEAR(kSegments / took.count(), expected, expected / 20) << "and uses what it may";
  }
}

TEST(Scheduling, ManyNumbersGetNoClashingReferences) {
  Desk desk = Desk::Up(SmscOptions{.receipts = false, .accept_is_delivered = true});
  std::set<uint16_t> refs;
  for (uint8_t i = 1; i <= 200; ++i) {
    Job job = desk.JobFor(i, 2);
    job.ref_bits = 8;
    desk.Admit(job);
    const Send first = desk.TakeSend();
    EXPECT_LT(first.ref, 256);
    EXPECT_TRUE(refs.insert(first.ref).second) << "the counter goes round once in 256";
    desk.Accept(first, "a");
    desk.Accept(desk.TakeSend(), "b");
    desk.out.Clear();
  }
}

TEST(Scheduling, AdmissionRefusesWhatIsOutOfRange) {
  Desk desk;
  const auto code = [&](auto change) {
    Job job = desk.JobFor(1, 1);
    change(job);
    const Result<GroupId> group = desk.scheduler->Admit(job, desk.now, desk.out);
    return group ? Code::kOk : group.error().code;
  };
  EXPECT_EQ(code([](Job& j) { j.segments = 0; }), Code::kInvalidArgument);
  EXPECT_EQ(code([](Job& j) { j.segments = 65; }), Code::kInvalidArgument);
  EXPECT_EQ(code([](Job& j) { j.destination = ""; }), Code::kInvalidArgument);
  EXPECT_EQ(code([](Job& j) { j.destination = "+861"; }), Code::kInvalidArgument);
  EXPECT_EQ(code([](Job& j) { j.destination = "1234567890123456789"; }), Code::kInvalidArgument);
  EXPECT_EQ(code([](Job& j) { j.smscs = 2; }), Code::kInvalidArgument);
  EXPECT_EQ(code([](Job& j) { j.ref_bits = 12; }), Code::kInvalidArgument);
  EXPECT_EQ(code([&](Job& j) { j.deliver_before = desk.now; }), Code::kInvalidArgument);
  EXPECT_EQ(code([](Job&) {}), Code::kOk);
  EXPECT_EQ(code([](Job&) {}), Code::kAlreadyExists);
}

TEST(Scheduling, AReceiptThatOvertookItsResponseCounts) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  const Send send = desk.TakeSend();
  desk.Receipt("a", Arrival::kDelivered);
  EXPECT_EQ(desk.scheduler->counters().parked_receipts, 1u);
  desk.Accept(send, "a");
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kDelivered);
}

TEST(Scheduling, AReceiptIsFoundByItsKeyAndCancelledByItsId) {
  Desk desk = Desk::Up();
  desk.Admit(1, 2);
  desk.scheduler->Accepted(desk.TakeSend().ticket, {.id = "1F", .key = "31"}, desk.now, desk.out);
  desk.Refuse(desk.TakeSend(), Refusal::kTemporarySlow);
  desk.scheduler->Cancel(JobOf(1), desk.now, desk.out);
  EXPECT_EQ(desk.Take<CancelSm>().at(0).message_id, "1F");
  desk.Receipt("31", Arrival::kDelivered);
  EXPECT_EQ(desk.ViewOf(1).delivered, 1);
}

TEST(Scheduling, AHundredThousandReceiptsForNobodyAreBounded) {
  Desk desk = Desk::Up();
  for (int i = 0; i < 100'000; ++i) desk.Receipt("x" + std::to_string(i), Arrival::kDelivered);
  EXPECT_EQ(desk.scheduler->counters().parked_receipts, 10'000u);
  EXPECT_EQ(desk.scheduler->counters().receipts_unmatched, 90'000u);
}

// --- After a restart ---------------------------------------------------------------------------

TEST(Restart, ResendsWhatWasInFlightWithTheSameReferenceAndNumber) {
  Desk desk = Desk::Up();
  desk.Admit(1, 3);
  desk.Accept(desk.TakeSend(), "a");
  const Send second = desk.TakeSend();
  desk.Restart();
  ASSERT_TRUE(desk.restored);
  desk.scheduler->BindUp(5, 0, 10, desk.now, desk.out);
  desk.After(seconds(2));
  const Send again = desk.TakeSend();
  EXPECT_EQ(again.ticket.group, second.ticket.group);
  EXPECT_EQ(again.ticket.segment, 2);
  EXPECT_EQ(again.ref, second.ref);
  EXPECT_TRUE(again.maybe_sent);
  EXPECT_EQ(desk.scheduler->PayloadOf(again.ticket.group), "payload");
  EXPECT_EQ(desk.scheduler->DestinationOf(again.ticket.group), "8613800138000");
}

TEST(Restart, FindsReceiptsOfWhatWasAcceptedBefore) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  desk.Accept(desk.TakeSend(), "a");
  desk.Restart();
  EXPECT_EQ(desk.StateOf(1), GroupState::kWaitAll);
  desk.Receipt("a", Arrival::kDelivered);
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kDelivered);
}

TEST(Restart, TellsOutcomesAgainUntilTheyAreKept) {
  Desk desk = Desk::Up();
  const GroupId group = desk.Admit(1, 1);
  desk.Refuse(desk.TakeSend(), Refusal::kPermanent);
  const Outcome told = desk.Take<Outcome>().at(0);
  desk.Restart();
  const Outcome again = desk.Take<Outcome>().at(0);
  EXPECT_EQ(again.cause, told.cause);
  EXPECT_EQ(again.at, told.at);
  desk.scheduler->OutcomeKept(group, desk.out);
  desk.Restart();
  EXPECT_TRUE(desk.Take<Outcome>().empty());
  EXPECT_FALSE(desk.scheduler->Find(JobOf(1)));
}

TEST(Restart, KeepsBackoffsQuarantinesAndTheOrderOfLanes) {
  Desk desk = Desk::Up(SmscOptions{.gate = Gate::kTransaction});
  desk.Admit(1, 2);
  const Send first = desk.TakeSend();
  desk.Accept(first, "");
  desk.Refuse(desk.TakeSend(), Refusal::kTemporarySlow);
  const TimePoint next = desk.ViewOf(1).next;
  Job behind = desk.JobFor(2, 2);
  behind.push_class = PushClass::kService;
  desk.Admit(behind);
  desk.Restart();
  EXPECT_EQ(desk.StateOf(1), GroupState::kBackoff);
  EXPECT_EQ(desk.ViewOf(1).next, next);
  EXPECT_EQ(desk.ViewOf(1).delivered, 1);
  desk.scheduler->BindUp(5, 0, 10, desk.now, desk.out);
  EXPECT_TRUE(desk.Take<Send>().empty()) << "the second waits behind the first";
  desk.After(seconds(700));
  const std::vector<Send> sends = desk.Take<Send>();
  ASSERT_FALSE(sends.empty());
  const Send second = sends.back();
  EXPECT_EQ(second.ticket.group, 2u);
  EXPECT_NE(second.ref, first.ref) << "the terminal holds a part of that";
}

TEST(HeldEffects, ComeOutWhenTheirPositionIsDurableAndInOrder) {
  Desk desk = Desk::Up();
  desk.Admit(To(desk, 1, 1, "861"));
  const uint64_t first = desk.out.journal.size();
  desk.Admit(To(desk, 2, 1, "862"));
  HeldEffects held;
  held.Take(desk.out);
  std::vector<Effect> due;
  held.Durable(first - 1, due);
  EXPECT_TRUE(due.empty());
  held.Durable(first, due);
  ASSERT_EQ(due.size(), 1u);
  held.Durable(desk.out.journal.size(), due);
  EXPECT_EQ(due.size(), 2u);
  EXPECT_EQ(held.size(), 0u);
}

}  // namespace
}  // namespace drover::dispatch

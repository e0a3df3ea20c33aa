#include "loadtest/smsc/center.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace drover::smsc {
namespace {

using smpp::CommandStatus;
using smpp::MessageState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const TimePoint kStart{hours(500'000)};

Submission Message(std::string terminal, uint8_t mode = 0, std::vector<Part> parts = {}) {
  Submission s;
  s.sender = {.bind = 1, .account = "drover", .sequence = 9};
  s.source = {"10654040", 0, 1};
  s.destination = {std::move(terminal), 1, 1};
  s.esm_class = mode;
  s.registered_delivery = 1;
  s.parts = std::move(parts);
  if (s.parts.empty()) s.parts = {{std::nullopt, std::nullopt, "hello"}};
  return s;
}
std::vector<Part> Segments(uint8_t count) {
  std::vector<Part> parts;
  for (uint8_t k = 1; k <= count; ++k) {
    parts.push_back({std::nullopt, sms::Concat{7, count, k, true}, std::string(1, 'a')});
  }
  return parts;
}

class CenterTest : public ::testing::Test {
 protected:
  CenterTest() {
    settings_.retries = DefaultRetries();
    settings_.radio.profile = {.loss = 0, .busy = 0.5};
    settings_.id_form = settings_.receipt_id_form = IdForm::kDecimal;
  }
  radio::Profile& profile() { return settings_.radio.profile; }
  Center& center() {
    if (!center_) center_.emplace(settings_, ledger_, kStart);
    return *center_;
  }
  void Submit(Submission s) {
    center().Submit(std::move(s), now_);
    Collect();
  }
  // To the end of everything, or for so long.
  void Run(Span most = hours(1000)) {
    const TimePoint end = now_ + most;
    while (const auto due = center().Due()) {
      if (*due > end) break;
      now_ = std::max(now_, *due);
      center().Advance(now_);
      Collect();
    }
  }
  void Collect() {
    for (Effect& effect : center().TakeEffects()) effects_.push_back(std::move(effect));
  }
  template <typename T>
  std::vector<T> All() const {
    std::vector<T> all;
    for (const Effect& effect : effects_) {
      if (const auto* one = std::get_if<T>(&effect)) all.push_back(*one);
    }
    return all;
  }

  Settings settings_;
  Ledger ledger_{1000, nullptr};
  std::optional<Center> center_;
  TimePoint now_ = kStart;
  std::vector<Effect> effects_;
};

TEST_F(CenterTest, AcceptsDeliversAndTellsOfTheEnd) {
  Submit(Message("4901"));
  ASSERT_EQ(All<Answer>().size(), 1u) << "accepted before it is delivered";
  EXPECT_EQ(All<Answer>()[0].message_id, "1");
  EXPECT_EQ(All<Answer>()[0].sender.sequence, 9u);
  EXPECT_EQ(center().Query("1")->state, MessageState::kEnroute);
  Run();
  const auto receipts = All<SendReceipt>();
  ASSERT_EQ(receipts.size(), 1u);
  EXPECT_EQ(receipts[0].message_id, "1");
  EXPECT_EQ(receipts[0].state, MessageState::kDelivered);
  EXPECT_EQ(receipts[0].terminal.digits, "4901");
  EXPECT_GE(receipts[0].done - receipts[0].submitted, Span(settings_.radio.timing.paging));
  EXPECT_EQ(center().Query("1")->state, MessageState::kDelivered);
  EXPECT_EQ(ledger_.Of("4901").size(), 1u);
  EXPECT_EQ(center().pending(), 0u);
}

TEST_F(CenterTest, ReceiptsAreSentAsTheyWereWanted) {
  settings_.attempts = 1;
  profile().absent_s = 4e9;  // Whoever is away stays away.
  profile().present_s = 4e9;
  for (int i = 0; i < 40; ++i) {
    for (uint8_t wanted = 0; wanted < 4; ++wanted) {
      Submission s = Message(std::to_string(1000 + i));
      s.registered_delivery = wanted;
      s.sender.sequence = wanted;
      Submit(std::move(s));
      Run();
    }
  }
  int by_wanted[4][2] = {};
  for (const SendReceipt& receipt : All<SendReceipt>()) {
    ++by_wanted[receipt.sender.sequence][receipt.state == MessageState::kDelivered];
  }
  EXPECT_EQ(by_wanted[0][0] + by_wanted[0][1], 0);
  EXPECT_EQ(by_wanted[1][0] + by_wanted[1][1], 40);
  EXPECT_EQ(by_wanted[2][0], by_wanted[1][0]);
  EXPECT_EQ(by_wanted[2][1], 0);
  EXPECT_EQ(by_wanted[3][1], by_wanted[1][1]);
  EXPECT_EQ(by_wanted[3][0], 0);
  EXPECT_GT(by_wanted[1][0], 5);
  EXPECT_GT(by_wanted[1][1], 5);
}

TEST_F(CenterTest, TriesAgainUntilItIsThrough) {
  profile().loss = 0.5;
  for (int i = 0; i < 200; ++i) Submit(Message(std::to_string(1000 + i)));
  Run();
  EXPECT_EQ(center().counts().delivered, 200u);
  EXPECT_NEAR(static_cast<double>(center().counts().attempts), 400, 60);
  EXPECT_EQ(ledger_.counts().messages, 200u);
}

TEST_F(CenterTest, AMessageExpiresInItsTime) {
  profile().loss = 1;
  Submission s = Message("4901");
  s.expires = kStart + minutes(10);
  Submit(std::move(s));
  Run();
  ASSERT_EQ(All<SendReceipt>().size(), 1u);
  EXPECT_EQ(All<SendReceipt>()[0].state, MessageState::kExpired);
  EXPECT_EQ(All<SendReceipt>()[0].done, kStart + minutes(10));
  EXPECT_EQ(ledger_.counts().messages, 0u);
}

TEST_F(CenterTest, ATransactionIsAnsweredWithItsOutcome) {
  Submit(Message("4901", 2));
  EXPECT_TRUE(All<Answer>().empty()) << "held";
  Run();
  ASSERT_EQ(All<Answer>().size(), 1u);
  EXPECT_EQ(All<Answer>()[0].status, CommandStatus::kRok);
  EXPECT_TRUE(All<SendReceipt>().empty());

  center_.reset();
  profile().loss = 1;
  Submit(Message("4902", 2));
  Run();
  const Answer failed = All<Answer>().back();
  EXPECT_EQ(failed.status, CommandStatus::kRdeliveryFailure);
  EXPECT_EQ(failed.failure, Failure::kLost);
  EXPECT_EQ(center().counts().attempts, 1u);
}

TEST_F(CenterTest, ATransactionOfSeveralSegmentsIsTriedSegmentBySegment) {
  profile().loss = 0.3;
  int delivered = 0;
  for (int i = 0; i < 200; ++i) {
    Submit(Message(std::to_string(1000 + i), 2, Segments(4)));
  }
  Run();
  for (const Answer& answer : All<Answer>()) delivered += answer.status == CommandStatus::kRok;
  EXPECT_NEAR(delivered / 200.0, 0.90, 0.05) << "(1 - 0.3^3)^4";
  EXPECT_EQ(ledger_.counts().messages, static_cast<uint64_t>(delivered));
  EXPECT_EQ(ledger_.counts().out_of_order, 0u);
  EXPECT_EQ(ledger_.counts().duplicate_segments, 0u);
}

TEST_F(CenterTest, FollowingSegmentsNeedNoFreshPaging) {
  settings_.radio.timing.queue_s = 0;
  Submit(Message("4901", 2, Segments(4)));
  Run();
  EXPECT_EQ(now_ - kStart,
            Span(settings_.radio.timing.paging + 3 * settings_.radio.timing.kept_link));
}

TEST_F(CenterTest, AnAbsentTerminalIsAlertedOfWhenItReturns) {
  profile().present_s = profile().absent_s = 300;
  int alerts = 0;
  for (int i = 0; i < 60; ++i) {
    Submission s = Message(std::to_string(1000 + i), 2);
    s.set_dpf = true;
    Submit(std::move(s));
  }
  Run();
  for (const Answer& answer : All<Answer>()) {
    if (answer.failure == Failure::kAbsent) {
      EXPECT_TRUE(answer.dpf);
      ++alerts;
    }
  }
  EXPECT_GT(alerts, 10);
  EXPECT_EQ(All<SendAlert>().size(), static_cast<size_t>(alerts));
  EXPECT_EQ(All<SendAlert>()[0].source.digits, "10654040");
}

TEST_F(CenterTest, AMessageFromTheTerminalIsAsGoodAsAnAlert) {
  profile().present_s = 1e-6;
  profile().absent_s = 4e7;
  Submission s = Message("4901", 2);
  s.set_dpf = true;
  Submit(std::move(s));
  Run(minutes(5));
  ASSERT_EQ(All<Answer>().size(), 1u);
  EXPECT_TRUE(All<Answer>()[0].dpf);
  EXPECT_TRUE(All<SendAlert>().empty());
  center().HeardFrom("4901", now_);
  Collect();
  EXPECT_EQ(All<SendAlert>().size(), 1u);
}

TEST_F(CenterTest, ATerminalThatReturnsIsTriedAtOnceIfSoSet) {
  profile().present_s = profile().absent_s = 100;
  settings_.retries = {hours(1)};
  settings_.resume_on_return = true;
  for (int i = 0; i < 100; ++i) Submit(Message(std::to_string(1000 + i)));
  Run();
  EXPECT_EQ(center().counts().delivered, 100u);
  for (const SendReceipt& receipt : All<SendReceipt>())
    EXPECT_LT(receipt.done - kStart, minutes(50));
}

TEST_F(CenterTest, ThrottlesEveryNthAndWhatIsAboveTheRate) {
  settings_.throttle_every = 3;
  for (int i = 0; i < 9; ++i) Submit(Message("4901"));
  int throttled = 0;
  for (const Answer& answer : All<Answer>()) {
    throttled += answer.status == CommandStatus::kRthrottled;
  }
  EXPECT_EQ(throttled, 3);

  settings_.throttle_every = 0;
  settings_.throttle_above = 10;
  effects_.clear();
  for (int i = 0; i < 1000; ++i) {
    Submit(Message(std::to_string(1000 + i)));
    now_ += std::chrono::milliseconds(10);
  }
  int taken = 0;
  for (const Answer& answer : All<Answer>()) taken += answer.status == CommandStatus::kRok;
  EXPECT_NEAR(taken, 95, 6) << "in 10 s";
}

TEST_F(CenterTest, RefusesByPrefixAndWhenTheQueueIsFull) {
  settings_.refusals = {{"49999", CommandStatus::kRinvDstAdr}};
  settings_.queue_limit = 2;
  for (const char* terminal : {"499991", "4901", "4901", "4901", "4902"}) {
    Submit(Message(terminal));
  }
  std::vector<CommandStatus> statuses;
  for (const Answer& answer : All<Answer>()) statuses.push_back(answer.status);
  using enum CommandStatus;
  EXPECT_EQ(statuses, (std::vector{kRinvDstAdr, kRok, kRok, kRmsgQful, kRok}));
}

TEST_F(CenterTest, AMessageCanBeCancelledUntilItIsOnItsWay) {
  Submission s = Message("4901");
  s.deliver_after = kStart + hours(1);
  Submit(s);
  EXPECT_EQ(center().Cancel("1", now_), CommandStatus::kRok);
  EXPECT_EQ(center().Cancel("1", now_), CommandStatus::kRcancelFail);
  EXPECT_EQ(center().Cancel("77", now_), CommandStatus::kRinvMsgId);
  EXPECT_EQ(center().Query("1")->state, MessageState::kDeleted);
  EXPECT_EQ(center().Query("77").has_value(), false);
  Run();
  ASSERT_EQ(All<SendReceipt>().size(), 1u);
  EXPECT_EQ(All<SendReceipt>()[0].state, MessageState::kDeleted);
  EXPECT_EQ(ledger_.counts().segments, 0u);
}

TEST_F(CenterTest, ADeliveryWhoseAcknowledgementIsLostComesTwice) {
  settings_.radio.ack_loss = 0.5;
  for (int i = 0; i < 100; ++i) {
    Submit(Message(std::to_string(1000 + i), 0, {{std::nullopt, sms::Concat{7, 2, 1, true}, "a"}}));
  }
  Run();
  EXPECT_EQ(center().counts().delivered, 100u);
  EXPECT_NEAR(static_cast<double>(ledger_.counts().duplicate_segments), 100, 35);
}

TEST_F(CenterTest, AReceiptMayOvertakeTheAnswer) {
  settings_.radio = InstantRadio();
  settings_.answer_after = seconds(2);
  Submit(Message("4901"));
  Run();
  ASSERT_EQ(effects_.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<SendReceipt>(effects_[0]));
  EXPECT_TRUE(std::holds_alternative<Answer>(effects_[1]));
}

TEST_F(CenterTest, IsTheSameInEveryRun) {
  profile().loss = 0.2;
  profile().present_s = profile().absent_s = 60;
  const auto run = [&] {
    center_.reset();
    now_ = kStart;
    effects_.clear();
    for (int i = 0; i < 200; ++i) {
      Submit(Message(std::to_string(1000 + i % 50)));
      Run(seconds(1));
    }
    Run();
    return std::pair(now_, center().counts().attempts);
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace drover::smsc

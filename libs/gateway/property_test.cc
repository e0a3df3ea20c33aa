// Random lives of gateways: whatever happens in whatever order, CSeq rises, nothing is sent twice
// without time or an event between, and each wake-up has one report.
#include <cstdlib>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "libs/gateway/trigger.h"

namespace drover::gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1) {}
  uint64_t operator()(uint64_t n) {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return (state_ >> 11) % n;
  }

 private:
  uint64_t state_;
};

TriggerRules RandomRules(Dice& dice) {
  TriggerRules rules;
  rules.policy = static_cast<Policy>(dice(3));
  rules.interval = seconds(1 + dice(7200));
  rules.n = static_cast<uint32_t>(1 + dice(4));
  rules.cseq_mode = static_cast<CseqMode>(dice(2));
  rules.results = static_cast<Results>(dice(3));
  rules.events = static_cast<uint8_t>(1 + dice(kMostEvents));
  return rules;
}

// One gateway and the process that keeps its value, which may crash.
class Life {
 public:
  Life(const TriggerRules& rules, uint64_t seed)
      : rules_(rules), dice_(seed), trigger_(NewTrigger(seed, now_)), kept_(trigger_) {}

  void Do(const Event& event) {
    const uint32_t wake = trigger_.wake;
    const Step step = Next(rules_, trigger_, event, now_);
    trigger_ = step.trigger;
    if (trigger_.wake != wake) opened_.insert(trigger_.wake);
    Watch(step.actions);
    // Now and then an answer to a challenge leaves before its CSeq was kept.
    if (!step.actions.send || step.actions.send->kind == SendKind::kFirst || dice_(2) == 0) {
      kept_ = trigger_;
    }
    const auto again = Unpack(Pack(trigger_));
    ASSERT_TRUE(again) << again.error();
    ASSERT_EQ(*again, trigger_);
  }

  void Crash() {
    trigger_ = Resume(kept_);
    Do(TakenOver{});
  }

  void Pass(std::chrono::microseconds time) { now_ += time; }
  bool LetGo() {
    const uint64_t sent = sends_;
    if (trigger_.queued) Do(Admitted{});
    return sends_ > sent;
  }

  void RandomStep() {
    switch (dice_(16)) {
      case 0:
      case 1:
        return Do(Registered{.new_version = dice_(8) == 0});
      case 2:
        return Do(WorkQueued{dice_(2) == 0 ? kNever : now_ + seconds(dice_(9000))});
      case 3:
        return Do(Tick{});
      case 4:
        return Do(RequestSeen{.gave_work = dice_(2) == 0, .repeated = dice_(8) == 0});
      case 5:
        return Do(ResultSeen{.good = dice_(3) != 0});
      case 6:
        return dice_(6) == 0 ? Crash() : Do(BindingLost{});
      case 7:
        return dice_(4) == 0 ? Do(WorkGone{}) : dice_(4) == 0 ? Do(Unblocked{}) : Do(Tick{});
      case 8:
      case 9:
      case 10:
        return Do(NotifyAnswered{
            .outcome = static_cast<NotifyOutcome>(dice_(16)),
            .retry_after = seconds(dice_(3) * 10),
            .proxy = dice_(3) == 0,
            .stale = dice_(3) == 0,
            .allowed = dice_(2) == 0 ? std::nullopt : std::optional<uint8_t>(dice_(256))});
      case 11:
      case 12:
        return Do(Admitted{});
      default:
        return Pass(seconds(dice_(3) == 0 ? dice_(5000) : dice_(60)));
    }
  }

  // The gateway does everything right from now on, or never answers again.
  void Finish(bool well) {
    for (int i = 0; i < 60 && (trigger_.open || i < 2); ++i) {
      if (i == 0 || well) Do(Unblocked{});
      for (int times = 0; times < 4 && (well || i == 0); ++times) Do(Registered{});  // after_n
      LetGo();
      Do(NotifyAnswered{.outcome = well ? NotifyOutcome::kAccepted : NotifyOutcome::kUnreachable});
      if (well) Do(RequestSeen{.gave_work = true}), Do(ResultSeen{});
      if (Due(trigger_) != kNever) now_ = std::max(now_, Due(trigger_));
      Do(Tick{});
    }
    EXPECT_FALSE(trigger_.open) << Name(trigger_.state) << " " << Name(trigger_.cause);
    EXPECT_EQ(reported_, opened_);
  }

  uint64_t sends() const { return sends_; }
  size_t wakes() const { return opened_.size(); }
  const Trigger& trigger() const { return trigger_; }
  TimePoint now() const { return now_; }

 private:
  void Watch(const Actions& actions) {
    if (actions.report) {
      EXPECT_TRUE(reported_.insert(actions.report->wake).second) << "told twice";
    }
    EXPECT_TRUE(trigger_.queued || !actions.queue);
    EXPECT_TRUE(trigger_.state == State::kPending || !trigger_.queued);
    if (!actions.send) return;
    ++sends_;
    const Send& send = *actions.send;
    EXPECT_LT(send.event, rules_.events);
    EXPECT_LE(send.cseq, kMostCseq);
    EXPECT_GE(send.cseq, 1u);
    uint32_t& last = last_cseq_[send.call_serial];
    EXPECT_GT(send.cseq, last) << "of Call-ID " << send.call_serial;
    last = send.cseq;
    EXPECT_GE(send.call_serial, last_serial_);
    last_serial_ = send.call_serial;
  }

  TriggerRules rules_;
  Dice dice_;
  TimePoint now_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
  Trigger trigger_;
  Trigger kept_;
  std::set<uint32_t> opened_, reported_;
  std::map<uint32_t, uint32_t> last_cseq_;
  uint32_t last_serial_ = 0;
  uint64_t sends_ = 0;
};

// DROVER_GATEWAY_RUNS=100000 for a long run.
uint64_t Runs() {
  const char* runs = std::getenv("DROVER_GATEWAY_RUNS");
  return runs == nullptr ? 2000 : std::strtoull(runs, nullptr, 10);
}

TEST(TriggerProperty, InRandomLivesCseqRisesAndEachWakeUpHasOneReport) {
  uint64_t sends = 0, wakes = 0;
  for (uint64_t seed = 1; seed <= Runs() && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    Life life(RandomRules(dice), seed);
    for (int i = 0; i < 200; ++i) life.RandomStep();
    life.Finish(dice(2) == 0);
    sends += life.sends();
    wakes += life.wakes();
  }
  EXPECT_GT(sends, Runs() * 4);
  EXPECT_GT(wakes, Runs() * 2);
}

// The same answer again and again, at once, for a week: how often is a gateway told?
TEST(TriggerProperty, NoAnswerMakesAnEndlessLoop) {
  for (int outcome = 0; outcome < 16; ++outcome) {
    for (const Policy policy : {Policy::kImmediate, Policy::kAfterN}) {
      SCOPED_TRACE(Name(static_cast<NotifyOutcome>(outcome)));
      TriggerRules rules{.policy = policy, .events = kMostEvents};
      Life life(rules, 1);
      life.Do(Registered{});
      life.Do(WorkQueued{});
      const TimePoint end = life.now() + hours(24 * 7);
      int steps = 0;
      while (life.now() < end && steps < 10'000) {
        ++steps;
        if (life.LetGo()) continue;
        if (life.trigger().state == State::kSent) {
          life.Do(NotifyAnswered{.outcome = static_cast<NotifyOutcome>(outcome)});
          continue;
        }
        const TimePoint due = Due(life.trigger());
        if (due == kNever) break;
        life.Pass(std::max(std::chrono::microseconds(0), due - life.now()));
        life.Do(Tick{});
      }
      EXPECT_LE(life.sends(), 40u);
      EXPECT_LT(steps, 1000);
    }
  }
}

TEST(TriggerProperty, ATickBeforeItsTimeDoesNothing) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Dice dice(seed);
    const TriggerRules rules = RandomRules(dice);
    Life life(rules, seed);
    for (int i = 0; i < 60; ++i) {
      life.RandomStep();
      if (Due(life.trigger()) <= life.now()) continue;
      const Step step = Next(rules, life.trigger(), Tick{}, life.now());
      ASSERT_EQ(step.trigger, life.trigger());
      ASSERT_FALSE(step.actions.queue || step.actions.send || step.actions.report);
    }
  }
}

TEST(TriggerProperty, TickAtItsTimeGoesOn) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Dice dice(seed);
    Life life(RandomRules(dice), seed);
    for (int i = 0; i < 60; ++i) {
      life.RandomStep();
      for (int ticks = 0; Due(life.trigger()) <= life.now(); ++ticks) {
        ASSERT_LT(ticks, 4) << Name(life.trigger().state);
        life.Do(Tick{});
      }
    }
  }
}

}  // namespace
}  // namespace drover::gateway

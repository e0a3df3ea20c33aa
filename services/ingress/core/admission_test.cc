#include "services/ingress/core/admission.h"

#include <algorithm>
#include <map>
#include <queue>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace drover::ingress {
namespace {

using namespace std::chrono_literals;
using Time = Admission::Time;
using Nanoseconds = std::chrono::nanoseconds;

const Time kStart = Time(1000s);

TEST(Admission, TakesEverythingBelowItsLeast) {
  Admission admission({.target_delay = 40ms, .min_in_flight = 3, .max_in_flight = 10});
  Time now = kStart;
  for (int i = 0; i < 100; ++i) {
    for (int k = 0; k < 3; ++k) EXPECT_TRUE(admission.Admit(true, now));
    now += 1s;
    for (int k = 0; k < 3; ++k) admission.Done(1s, now);
  }
}

TEST(Admission, FinishesWhatHasBegunUntilItIsFull) {
  Admission admission({.target_delay = 40ms, .min_in_flight = 2, .max_in_flight = 100});
  const size_t limit = admission.limit();
  for (size_t i = 0; i < limit; ++i) EXPECT_TRUE(admission.Admit(true, kStart));
  EXPECT_FALSE(admission.Admit(true, kStart));
  for (size_t i = limit; i < 100; ++i) EXPECT_TRUE(admission.Admit(false, kStart));
  EXPECT_FALSE(admission.Admit(false, kStart));
  EXPECT_EQ(admission.in_flight(), 100U);
}

TEST(Admission, WithoutATargetOnlyTheMostCounts) {
  Admission admission({.target_delay = 0ms, .min_in_flight = 2, .max_in_flight = 50});
  Time now = kStart;
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(admission.Admit(true, now));
  EXPECT_FALSE(admission.Admit(true, now));
  for (int i = 0; i < 50; ++i) admission.Done(10s, now += 1s);
  EXPECT_EQ(admission.limit(), 50U);
}

TEST(Admission, GrowsWhileItHoldsTerminalsBackAndAnswersAreQuick) {
  Admission admission({.target_delay = 40ms, .min_in_flight = 16, .max_in_flight = 1000});
  const size_t before = admission.limit();
  Time now = kStart;
  for (int window = 0; window < 30; ++window) {
    size_t taken = 0;
    while (admission.Admit(true, now)) ++taken;
    now += 101ms;
    for (; taken > 0; --taken) admission.Done(5ms, now);
  }
  EXPECT_GT(before, 16U);
  EXPECT_EQ(admission.limit(), 1000U);
}

TEST(Admission, DoesNotGrowWithoutNeed) {
  Admission admission({.target_delay = 40ms, .min_in_flight = 16, .max_in_flight = 1000});
  const size_t before = admission.limit();
  Time now = kStart;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(admission.Admit(true, now));
    admission.Done(5ms, now += 10ms);
  }
  EXPECT_EQ(admission.limit(), before);
}

TEST(Appointments, GiveEachSecondItsPlaces) {
  Appointments appointments(60s);
  std::map<int64_t, int> by_second;
  for (int i = 0; i < 50; ++i) ++by_second[appointments.Next(kStart, 10).count()];
  EXPECT_EQ(by_second, (std::map<int64_t, int>{{1, 10}, {2, 10}, {3, 10}, {4, 10}, {5, 10}}));
}

TEST(Appointments, GoOnWhereTheyWereAsTimePasses) {
  Appointments appointments(60s);
  for (int i = 0; i < 50; ++i) appointments.Next(kStart, 10);
  EXPECT_EQ(appointments.Next(kStart + 2s, 10).count(), 4);
  EXPECT_EQ(appointments.Next(kStart + 30s, 10).count(), 1) << "all of them are over";
  EXPECT_EQ(appointments.Next(kStart + 10'000s, 10).count(), 1);
}

TEST(Appointments, NeverSendAnybodyAwayForLongerThanTheHorizon) {
  Appointments appointments(30s);
  std::map<int64_t, int> by_second;
  for (int i = 0; i < 3000; ++i) ++by_second[appointments.Next(kStart, 10).count()];
  EXPECT_EQ(by_second.begin()->first, 1);
  EXPECT_EQ(by_second.rbegin()->first, 30);
  for (const auto& [second, count] : by_second) EXPECT_EQ(count, 100) << second;
}

// A cluster of one worker that takes `service` for a message and `refusal` for a refusal, in the
// order of arrival; sessions of two messages. Terminals that are refused come back when told.
struct Load {
  double rate = 0;  // New sessions a second.
  std::chrono::seconds length{20};
  std::chrono::seconds from{0}, to{0};  // Only answers in this time are counted.
};

struct Outcome {
  double good_per_s = 0;
  Nanoseconds p99{};
  uint64_t refused = 0;
};

class Cluster {
 public:
  explicit Cluster(Admission& admission) : admission_(admission) {}

  Outcome Run(const std::vector<Load>& loads) {
    Time begin = kStart;
    for (const Load& load : loads) {
      Arrivals(begin, load);
      begin += load.length;
    }
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      if (event.at >= begin) continue;
      Handle(event);
    }
    return Judge(loads);
  }

 private:
  enum class Kind : uint8_t { kFirst, kSecond, kAnswer };
  struct Event {
    Time at;
    Kind kind;
    bool last;   // kAnswer: of the session.
    Time asked;  // kAnswer
    bool operator>(const Event& other) const { return at > other.at; }
  };

  void Arrivals(Time begin, const Load& load) {
    std::exponential_distribution<double> gap(load.rate);
    for (Time at = begin; at < begin + load.length;
         at +=
         std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(gap(random_)))) {
      events_.push({at, Kind::kFirst, false, {}});
    }
  }

  void Handle(const Event& event) {
    if (event.kind == Kind::kAnswer) {
      const Nanoseconds took = event.at - event.asked;
      admission_.Done(took, event.at);
      answers_.push_back({event.at, took, event.last});
      if (!event.last) events_.push({event.at + 1ms, Kind::kSecond, false, {}});
      return;
    }
    const bool first = event.kind == Kind::kFirst;
    // What it costs to read a message and to refuse it holds the worker up as well.
    free_at_ = std::max(free_at_, event.at) + 30us;
    if (!admission_.Admit(first, event.at)) {
      const auto pause = first ? admission_.ComeBack(event.at) : 1s;
      ++refused_;
      const auto jitter = Nanoseconds(random_() % 1'000'000'000);
      events_.push({event.at + pause + jitter, event.kind, false, {}});
      return;
    }
    free_at_ += 220us;
    events_.push({free_at_, Kind::kAnswer, !first, event.at});
  }

  Outcome Judge(const std::vector<Load>& loads) const {
    const Load& measured = loads.back();
    Time begin = kStart;
    for (const Load& load : loads) begin += load.length;
    begin -= measured.length;
    std::vector<Nanoseconds> took;
    double good = 0;
    for (const Answer& answer : answers_) {
      if (answer.at < begin + measured.from || answer.at >= begin + measured.to) continue;
      took.push_back(answer.took);
      good += answer.last ? 1 : 0;
    }
    std::sort(took.begin(), took.end());
    const std::chrono::duration<double> length = measured.to - measured.from;
    return {good / length.count(), took.at(took.size() * 99 / 100), refused_};
  }

  struct Answer {
    Time at;
    Nanoseconds took;
    bool last;
  };
  Admission& admission_;
  std::mt19937_64 random_{7};
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::vector<Answer> answers_;
  Time free_at_;
  uint64_t refused_ = 0;
};

constexpr double kCapacity = 2000;  // Sessions a second: two messages of 250 us.

Outcome Under(const std::vector<Load>& loads) {
  Admission admission({});
  return Cluster(admission).Run(loads);
}

TEST(Admission, RefusesNobodyAtSevenTenthsOfTheCapacity) {
  const Outcome outcome = Under({{.rate = 0.7 * kCapacity, .length = 30s, .from = 5s, .to = 30s}});
  EXPECT_EQ(outcome.refused, 0U);
  EXPECT_NEAR(outcome.good_per_s, 0.7 * kCapacity, 0.05 * kCapacity);
}

TEST(Admission, KeepsItsGoodputAndItsDelayAtTwiceTheCapacity) {
  const Outcome outcome = Under({{.rate = 2 * kCapacity, .length = 30s, .from = 10s, .to = 30s}});
  EXPECT_GT(outcome.good_per_s, 0.85 * kCapacity) << "refusing costs 30 us each";
  EXPECT_LT(outcome.p99, 120ms);
  EXPECT_GT(outcome.refused, 10'000U);
}

TEST(Admission, RecoversWhenTheLoadFalls) {
  const Outcome outcome = Under({{.rate = 2 * kCapacity, .length = 15s},
                                 {.rate = 0.4 * kCapacity, .length = 20s, .from = 10s, .to = 20s}});
  EXPECT_LT(outcome.p99, 90ms);
}

// All of 200,000 terminals come within two seconds.
TEST(Admission, DrainsAStormWithoutACollapse) {
  const Outcome outcome = Under(
      {{.rate = 100'000, .length = 2s}, {.rate = 1, .length = 250s, .from = 20s, .to = 120s}});
  EXPECT_GT(outcome.good_per_s, 0.5 * kCapacity);
  EXPECT_LT(outcome.p99, 120ms);
}

}  // namespace
}  // namespace drover::ingress

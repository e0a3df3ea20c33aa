#include "libs/sip/transaction_client.h"

#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace drover::sip {
namespace {

using namespace std::chrono_literals;
using Match = ClientTransactions::Match;

const Time kStart = Time() + 1000h;

Hop HopTo(uint8_t last, Transport transport = Transport::kUdp, uint32_t flow = 0) {
  Hop hop{.port = 5060, .transport = transport, .flow = flow};
  hop.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, last};
  return hop;
}

class Client : public ::testing::Test, public ClientTransactions::Sink {
 protected:
  struct Sent {
    std::chrono::milliseconds at;
    Hop hop;
    std::string octets;
  };
  struct Failure {
    std::chrono::milliseconds at;
    uint64_t token;
    TransactionFailure why;
  };

  void Transmit(const Hop& hop, std::string_view octets) override {
    sent.push_back({Now(), hop, std::string(octets)});
  }
  void Failed(uint64_t token, TransactionFailure why) override {
    failed.push_back({Now(), token, why});
    if (on_failed) on_failed(token);
  }
  std::chrono::milliseconds Now() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - kStart);
  }

  ClientTransactions& Make(TransactionTimers timers = {}, ClientTransactions::Limits limits = {}) {
    layer.emplace(timers, limits, *this, kStart);
    return *layer;
  }
  std::optional<ClientTransactions::Id> Begin(uint64_t n, const Hop& hop = HopTo(1),
                                              Time give_up = Time::max()) {
    return layer->Begin({.key = {n, n},
                         .hop = hop,
                         .octets = "request " + std::to_string(n),
                         .token = n,
                         .give_up = give_up},
                        now);
  }
  Match Receive(uint64_t n, uint16_t status) { return layer->Receive({n, n}, status, now).match; }
  // Lets the time pass as a loop would: from deadline to deadline.
  void Until(std::chrono::milliseconds at) {
    for (Time next = layer->Next(); next <= kStart + at; next = layer->Next()) {
      now = std::max(now, next);
      layer->Advance(now);
    }
    now = kStart + at;
    layer->Advance(now);
  }
  std::vector<int> Instants() const {
    std::vector<int> instants;
    for (const Sent& each : sent) instants.push_back(static_cast<int>(each.at.count()));
    return instants;
  }

  std::optional<ClientTransactions> layer;
  Time now = kStart;
  std::vector<Sent> sent;
  std::vector<Failure> failed;
  std::function<void(uint64_t)> on_failed;
};

TEST_F(Client, SendsElevenDatagramsToASilentPeerAndFailsAfter32Seconds) {
  Make();
  ASSERT_TRUE(Begin(1));
  Until(60s);
  EXPECT_EQ(Instants(),
            (std::vector<int>{0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}));
  for (const Sent& each : sent) EXPECT_EQ(each.octets, "request 1");
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].at, 32s);
  EXPECT_EQ(failed[0].token, 1U);
  EXPECT_EQ(failed[0].why, TransactionFailure::kTimeout);
  EXPECT_EQ(layer->waiting(), 0U);
  EXPECT_EQ(layer->Next(), Time::max());
}

TEST_F(Client, SendsNothingAgainOverAReliableTransport) {
  Make();
  ASSERT_TRUE(Begin(1, HopTo(1, Transport::kTcp, 7)));
  ASSERT_TRUE(Begin(2, HopTo(1, Transport::kTls, 8)));
  Until(60s);
  EXPECT_EQ(Instants(), (std::vector<int>{0, 0}));
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].at, 32s);
}

TEST_F(Client, KeepsOtherTimesThanTheUsualOnes) {
  Make({.t1 = 100ms, .t2 = 300ms, .t4 = 1s});
  ASSERT_TRUE(Begin(1));
  Until(1500ms);
  EXPECT_EQ(Instants(), (std::vector<int>{0, 100, 300, 600, 900, 1200, 1500}));
  Until(6400ms);
  EXPECT_EQ(failed.at(0).at, 6400ms);
}

TEST_F(Client, GivesUpWhenItsCallerDoes) {
  Make();
  ASSERT_TRUE(Begin(1, HopTo(1), kStart + 2s));
  Until(60s);
  EXPECT_EQ(Instants(), (std::vector<int>{0, 500, 1500}));
  EXPECT_EQ(failed.at(0).at, 2s);
}

TEST_F(Client, DeliversAFinalResponseOnceAndAbsorbsItsRepetitionsForT4) {
  Make();
  ASSERT_TRUE(Begin(1));
  Until(600ms);
  EXPECT_EQ(Receive(1, 200), Match::kFinal);
  EXPECT_EQ(layer->waiting(), 0U);
  Until(5599ms);
  EXPECT_EQ(Receive(1, 200), Match::kRepeated);
  EXPECT_EQ(Receive(1, 100), Match::kRepeated);
  Until(5600ms);
  EXPECT_EQ(layer->completed(), 0U);
  EXPECT_EQ(Receive(1, 200), Match::kUnknown);
  Until(60s);
  EXPECT_EQ(sent.size(), 2U);
  EXPECT_TRUE(failed.empty());
}

TEST_F(Client, TakesEveryFinalStatusAsTheAnswer) {
  Make();
  for (const uint16_t status : {200, 202, 301, 401, 404, 481, 503, 603, 699}) {
    ASSERT_TRUE(Begin(status));
    EXPECT_EQ(Receive(status, status), Match::kFinal) << status;
  }
}

TEST_F(Client, ForgetsAnAnsweredTransactionAtOnceOverAReliableTransport) {
  Make();
  ASSERT_TRUE(Begin(1, HopTo(1, Transport::kTcp, 7)));
  EXPECT_EQ(Receive(1, 200), Match::kFinal);
  EXPECT_EQ(layer->completed(), 0U);
  EXPECT_EQ(Receive(1, 200), Match::kUnknown);
}

TEST_F(Client, SendsAgainEveryT2WhileSomeoneWorksOnIt) {
  Make();
  ASSERT_TRUE(Begin(1));
  Until(100ms);
  EXPECT_EQ(Receive(1, 100), Match::kProvisional);
  Until(60s);
  EXPECT_EQ(Instants(), (std::vector<int>{0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500}));
  EXPECT_EQ(failed.at(0).at, 32s);
}

TEST_F(Client, FailsAtOnceAllThatWaitsForAnUnreachableHopAndNothingElse) {
  Make();
  ASSERT_TRUE(Begin(1, HopTo(1)));
  ASSERT_TRUE(Begin(2, HopTo(2)));
  ASSERT_TRUE(Begin(3, HopTo(1)));
  ASSERT_TRUE(Begin(4, HopTo(1, Transport::kTcp, 9)));
  ASSERT_TRUE(Begin(5, HopTo(1)));
  EXPECT_EQ(Receive(5, 200), Match::kFinal);
  Until(10ms);
  EXPECT_EQ(layer->FailHop(HopTo(1)), 2U);
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].token, 1U);
  EXPECT_EQ(failed[1].token, 3U);
  EXPECT_EQ(failed[1].why, TransactionFailure::kTransport);
  EXPECT_EQ(layer->FailHop(HopTo(1, Transport::kTcp, 8)), 0U);
  EXPECT_EQ(layer->FailHop(HopTo(1, Transport::kTcp, 9)), 1U);
  EXPECT_EQ(layer->waiting(), 1U);
}

TEST_F(Client, LetsAFailureBeginTheNextOne) {
  Make();
  ASSERT_TRUE(Begin(1));
  ASSERT_TRUE(Begin(2));
  on_failed = [this](uint64_t token) {
    if (token < 100) {
      ASSERT_TRUE(Begin(token + 100));
    }
  };
  EXPECT_EQ(layer->FailHop(HopTo(1)), 2U);
  EXPECT_EQ(layer->waiting(), 2U);
  Until(32s);
  EXPECT_EQ(failed.size(), 4U);
}

TEST_F(Client, ForgetsOneWithoutAWord) {
  Make();
  const auto id = Begin(1);
  ASSERT_TRUE(id);
  EXPECT_TRUE(layer->Forget(*id));
  EXPECT_FALSE(layer->Forget(*id));
  const auto next = Begin(2);  // In the same row.
  EXPECT_FALSE(layer->Forget(*id));
  EXPECT_EQ(layer->waiting(), 1U);
  EXPECT_TRUE(layer->Forget(*next));
  Until(60s);
  EXPECT_TRUE(failed.empty());
}

TEST_F(Client, RefusesWhatIsTooMuchAndCountsIt) {
  Make({}, {.waiting = 2, .completed = 1, .octets = 25});
  EXPECT_TRUE(Begin(1));
  EXPECT_FALSE(Begin(1)) << "the key is taken";
  EXPECT_TRUE(Begin(2));
  EXPECT_FALSE(Begin(3));
  EXPECT_EQ(sent.size(), 2U);
  EXPECT_EQ(Receive(1, 200), Match::kFinal);
  EXPECT_EQ(Receive(2, 200), Match::kFinal);
  EXPECT_EQ(layer->completed(), 1U);
  EXPECT_EQ(Receive(1, 200), Match::kUnknown) << "forgotten for the sake of the second";
  EXPECT_EQ(Receive(2, 200), Match::kRepeated);
  EXPECT_TRUE(Begin(4));
  EXPECT_TRUE(Begin(5));
  EXPECT_EQ(layer->counters().refused, 2U);
  EXPECT_EQ(layer->counters().begun, 4U);
}

TEST_F(Client, MakesUpForNothingAfterAStandstill) {
  Make();
  ASSERT_TRUE(Begin(1));
  now = kStart + 20s;
  layer->Advance(now);
  EXPECT_EQ(Instants(), (std::vector<int>{0, 20000}));
  Until(60s);
  EXPECT_EQ(Instants(), (std::vector<int>{0, 20000, 21000, 23000, 27000, 31000}));
  EXPECT_EQ(failed.at(0).at, 32s);
}

TEST_F(Client, HoldsNothingOfTheRequestOnceItIsAnswered) {
  Make();
  for (uint64_t n = 0; n < 1000; ++n) {
    ASSERT_TRUE(layer->Begin(
        {.key = {n, n}, .hop = HopTo(1), .octets = std::string(1000, 'x'), .token = n}, now));
  }
  const size_t waiting = layer->octets();
  for (uint64_t n = 0; n < 1000; ++n) Receive(n, 200);
  EXPECT_GE(waiting - layer->octets(), 950'000U);
  EXPECT_LE(layer->octets(), 1024U * (180U + 40U) + 120'000U) << "and the empty tables";
}

}  // namespace
}  // namespace drover::sip

#include "libs/sip/transaction_server.h"

#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::sip {
namespace {

using namespace std::chrono_literals;
using ::testing::Pair;
using Verdict = ServerTransactions::Verdict;
using Id = ServerTransactions::Id;

const Time kStart = Time() + 1000h;
const Hop kUdp{.port = 5060};
const Hop kTcp{.port = 5060, .transport = Transport::kTcp, .flow = 3};

class Server : public ::testing::Test, public ServerTransactions::Sink {
 protected:
  void Transmit(const Hop&, std::string_view octets) override { sent.emplace_back(octets); }
  void WantsProvisional(Id id) override { slow.push_back({now - kStart, id}); }
  void Forgotten(Id id) override { forgotten.push_back({now - kStart, id}); }

  void Make(TransactionTimers timers = {}, ServerTransactions::Limits limits = {}) {
    layer.emplace(timers, limits, *this, kStart);
  }
  ServerTransactions::Received Receive(uint64_t n, const Hop& hop = kUdp) {
    return layer->Receive({n, n}, hop, now);
  }
  bool Respond(Id id, uint16_t status) {
    return layer->Respond(id, status, std::to_string(status), now);
  }
  void Until(std::chrono::milliseconds at) {
    for (Time next = layer->Next(); next <= kStart + at; next = layer->Next()) {
      now = std::max(now, next);
      layer->Advance(now);
    }
    now = kStart + at;
    layer->Advance(now);
  }

  using Told = std::vector<std::pair<Time::duration, Id>>;
  std::optional<ServerTransactions> layer;
  Time now = kStart;
  std::vector<std::string> sent;
  Told slow;
  Told forgotten;
};

TEST_F(Server, GivesARequestUpOnceHoweverOftenItComes) {
  Make();
  const auto first = Receive(1);
  EXPECT_EQ(first.verdict, Verdict::kNew);
  const auto second = Receive(1);
  EXPECT_EQ(second.verdict, Verdict::kRepeated);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(Receive(2).verdict, Verdict::kNew);
  EXPECT_TRUE(sent.empty());
}

TEST_F(Server, AnswersARepeatedRequestFromTheStoredResponseForTimerJ) {
  Make();
  const Id id = Receive(1).id;
  EXPECT_TRUE(Respond(id, 200));
  Until(31999ms);
  EXPECT_EQ(Receive(1).verdict, Verdict::kRepeated);
  EXPECT_EQ(sent, (std::vector<std::string>{"200", "200"}));
  Until(32s);
  EXPECT_EQ(layer->answered(), 0U);
  EXPECT_EQ(Receive(1).verdict, Verdict::kNew);
  EXPECT_TRUE(forgotten.empty());
}

TEST_F(Server, AnswersWithTheProvisionalResponseUntilThereIsAFinalOne) {
  Make();
  const Id id = Receive(1).id;
  EXPECT_TRUE(Respond(id, 100));
  Receive(1);
  EXPECT_TRUE(Respond(id, 200));
  Receive(1);
  EXPECT_EQ(sent, (std::vector<std::string>{"100", "100", "200", "200"}));
}

TEST_F(Server, TakesOneFinalResponse) {
  Make();
  const Id id = Receive(1).id;
  EXPECT_TRUE(Respond(id, 404));
  EXPECT_FALSE(Respond(id, 200));
  EXPECT_FALSE(Respond(id, 100));
  EXPECT_EQ(sent, std::vector<std::string>{"404"});
}

TEST_F(Server, KeepsNothingAfterTheAnswerOverAReliableTransport) {
  Make();
  EXPECT_TRUE(Respond(Receive(1, kTcp).id, 200));
  EXPECT_EQ(layer->answered() + layer->open(), 0U);
}

TEST_F(Server, WantsA100WhenTheClientsTimerEHasComeToT2) {
  Make();
  const Id slow_id = Receive(1).id;
  Respond(Receive(2).id, 200);
  Until(30s);
  EXPECT_EQ(slow, (Told{{3500ms, slow_id}}));
  EXPECT_TRUE(Respond(slow_id, 200));
}

TEST_F(Server, ForgetsWhatNobodyAnswersWithoutA408) {
  Make();
  const Id silent = Receive(1).id;
  const Id trying = Receive(2, kTcp).id;
  EXPECT_TRUE(Respond(trying, 100));
  Until(60s);
  EXPECT_THAT(forgotten, ::testing::UnorderedElementsAre(Pair(32s, silent), Pair(32s, trying)));
  EXPECT_FALSE(Respond(silent, 200));
  EXPECT_EQ(sent, std::vector<std::string>{"100"});
  EXPECT_EQ(layer->counters().unanswered, 2U);
}

TEST_F(Server, RefusesMoreThanItsLimitOfOpenOnes) {
  Make({}, {.open = 2});
  const Id first = Receive(1).id;
  Receive(2);
  EXPECT_EQ(Receive(3).verdict, Verdict::kRefused);
  EXPECT_EQ(Receive(1).verdict, Verdict::kRepeated);
  Respond(first, 200);
  EXPECT_EQ(Receive(3).verdict, Verdict::kNew);
  EXPECT_EQ(layer->counters().refused, 1U);
}

TEST_F(Server, ForgetsTheOldestAnswersWhenTheyAreTooMany) {
  Make({}, {.open = 10, .answered = 2, .octets = 5});
  for (uint64_t n = 0; n < 3; ++n) Respond(Receive(n).id, 200);
  EXPECT_EQ(layer->answered(), 1U) << "two of three octets each are more than five";
  EXPECT_EQ(Receive(2).verdict, Verdict::kRepeated);
  EXPECT_EQ(Receive(1).verdict, Verdict::kNew);
  EXPECT_EQ(layer->counters().forgotten_early, 2U);
}

TEST_F(Server, KeepsAnswersAsLongAsItIsTold) {
  Make({.keep_answers = 2s});
  Respond(Receive(1).id, 200);
  Until(1999ms);
  EXPECT_EQ(layer->answered(), 1U);
  Until(2s);
  EXPECT_EQ(layer->answered(), 0U);
}

}  // namespace
}  // namespace drover::sip

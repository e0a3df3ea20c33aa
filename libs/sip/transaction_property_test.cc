// A client's and a server's transactions over a network that loses, repeats and delays datagrams,
// in virtual time: each request is given up at most once within timer J and ends exactly once, and
// what can be answered in time is answered.
#include <map>
#include <queue>
#include <random>

#include <gtest/gtest.h>

#include "libs/sip/transaction_client.h"
#include "libs/sip/transaction_server.h"

namespace drover::sip {
namespace {

using namespace std::chrono_literals;

const Time kStart = Time() + 1000h;
const Hop kHop{.port = 5060};

struct Network {
  double loss = 0;
  double twice = 0;
  std::chrono::milliseconds delay{0};  // At most.
};

class World final : public ClientTransactions::Sink, public ServerTransactions::Sink {
 public:
  World(uint32_t seed, Network network)
      : network_(network),
        random_(seed),
        client_({}, {}, *this, kStart),
        server_({}, {}, *this, kStart) {}

  void Run(uint64_t requests) {
    for (uint64_t n = 0; n < requests; ++n) {
      now_ = kStart + std::chrono::milliseconds(n * 7);
      Step(now_);
      ASSERT_TRUE(client_.Begin(
          {.key = {n, n}, .hop = kHop, .octets = "?" + std::to_string(n), .token = n}, now_));
    }
    while (Next() != Time::max()) {
      ASSERT_LT(now_, kStart + 1h);
      Step(Next());
    }
  }

  std::map<uint64_t, int> answered, failed, given_up;
  uint64_t datagrams = 0;
  const ClientTransactions& client() const { return client_; }
  const ServerTransactions& server() const { return server_; }

 private:
  struct Datagram {
    Time at;
    std::string octets;
    bool operator>(const Datagram& other) const { return at > other.at; }
  };

  Time Next() const {
    const Time flight = flying_.empty() ? Time::max() : flying_.top().at;
    return std::min({client_.Next(), server_.Next(), flight});
  }
  void Step(Time until) {
    while (Next() <= until) {
      now_ = std::max(now_, Next());
      while (!flying_.empty() && flying_.top().at <= now_) Arrive();
      client_.Advance(now_);
      server_.Advance(now_);
    }
    now_ = until;
  }
  bool Chance(double share) { return std::uniform_real_distribution<>(0, 1)(random_) < share; }
  void Transmit(const Hop&, std::string_view octets) override {
    ++datagrams;
    for (int copy = Chance(network_.twice) ? 2 : 1; copy > 0; --copy) {
      if (Chance(network_.loss)) continue;
      const auto late = network_.delay * std::uniform_real_distribution<>(0, 1)(random_);
      flying_.push({now_ + std::chrono::duration_cast<Time::duration>(late), std::string(octets)});
    }
  }
  void Arrive() {
    const std::string octets = flying_.top().octets;
    flying_.pop();
    const uint64_t n = std::stoull(octets.substr(1));
    if (octets[0] == '?') {
      const auto received = server_.Receive({n, n}, kHop, now_);
      if (received.verdict != ServerTransactions::Verdict::kNew) return;
      ++given_up[n];
      server_.Respond(received.id, 200, "!" + std::to_string(n), now_);
    } else {
      const auto received = client_.Receive({n, n}, 200, now_);
      if (received.match == ClientTransactions::Match::kFinal) ++answered[received.token];
    }
  }
  void Failed(uint64_t token, TransactionFailure) override { ++failed[token]; }
  void WantsProvisional(ServerTransactions::Id) override { ADD_FAILURE(); }
  void Forgotten(ServerTransactions::Id) override { ADD_FAILURE(); }

  const Network network_;
  std::mt19937 random_;
  Time now_ = kStart;
  ClientTransactions client_;
  ServerTransactions server_;
  std::priority_queue<Datagram, std::vector<Datagram>, std::greater<>> flying_;
};

TEST(Transactions, EndOnceEachWhateverTheNetworkDoes) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    const Network network{.loss = 0.1 * (seed % 10),
                          .twice = 0.1 * (seed % 7),
                          .delay = std::chrono::milliseconds(seed % 5 * 100)};
    World world(seed, network);
    ASSERT_NO_FATAL_FAILURE(world.Run(500));
    for (uint64_t n = 0; n < 500; ++n) {
      ASSERT_EQ(world.answered[n] + world.failed[n], 1) << "seed " << seed << " request " << n;
      ASSERT_LE(world.given_up[n], 1) << "seed " << seed << " request " << n;
    }
    EXPECT_EQ(world.client().waiting() + world.client().completed(), 0U);
    EXPECT_EQ(world.server().open() + world.server().answered(), 0U);
    EXPECT_EQ(world.client().counters().begun, 500U);
  }
}

TEST(Transactions, AllEndWellWithoutLoss) {
  World world(1, {.twice = 0.3, .delay = 400ms});
  ASSERT_NO_FATAL_FAILURE(world.Run(2000));
  EXPECT_EQ(world.answered.size(), 2000U);
}

TEST(Transactions, NearlyAllEndWellWhenHalfIsLost) {
  World world(1, {.loss = 0.5, .delay = 100ms});
  ASSERT_NO_FATAL_FAILURE(world.Run(2000));
  EXPECT_GE(world.answered.size(), 1880U) << "0.75 ^ 11 of them fail";
  EXPECT_EQ(world.answered.size() + world.failed.size(), 2000U);
}

TEST(Transactions, CostElevenDatagramsEachWhenNobodyAnswers) {
  World world(1, {.loss = 1});
  ASSERT_NO_FATAL_FAILURE(world.Run(300));
  EXPECT_EQ(world.failed.size(), 300U);
  EXPECT_EQ(world.datagrams, 3300U);
}

}  // namespace
}  // namespace drover::sip

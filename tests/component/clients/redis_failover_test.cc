// libs/redis on a real Redis Cluster whose masters die, hang, hand over or lose their data.
#include <algorithm>

#include <signal.h>

#include "libs/redis/witness.h"
#include "tests/component/clients/redis_nodes.h"

namespace drover::redis {
namespace {

constexpr std::chrono::seconds kFailover{10};  // A node timeout of 1 s, an election; busy machines.

// Counters that are raised as fast as they are answered, spread over all slots.
struct Traffic {
  struct Counter {
    std::string key;
    int64_t answered = 0;   // With the value after.
    int64_t unknown = 0;    // Written, reply lost.
    int64_t refused = 0;    // Any other error.
    int64_t backwards = 0;  // Answers below one before: writes that a failover lost.
    int64_t last = 0;
    Deadline last_answer;
  };
  std::vector<Counter> counters;
  bool stop = false;
  size_t running = 0;
  std::string first_refusal;

  bool AllAnsweredSince(Deadline time) const {
    return std::ranges::all_of(counters, [time](const Counter& c) { return c.last_answer > time; });
  }
};

Process Raise(Client* client, Traffic* traffic, Traffic::Counter* counter) {
  while (!traffic->stop) {
    const std::string_view args[] = {"INCR", counter->key};
    const Deadline deadline = In(kSoon);
    const Result<Reply> reply = co_await client->Execute(args, deadline);
    if (reply) {
      ++counter->answered;
      counter->backwards += reply->integer <= counter->last;
      counter->last = reply->integer;
      counter->last_answer = std::chrono::steady_clock::now();
    } else if (reply.error().message.find("connection lost") != std::string::npos) {
      ++counter->unknown;
    } else {
      ++counter->refused;
      traffic->first_refusal = reply.error().message;
    }
  }
  --traffic->running;
}

class RedisFailover : public ::testing::Test {
 protected:
  void Begin(size_t counters = 96) {
    traffic_.counters.resize(counters);
    for (size_t i = 0; i < counters; ++i) {
      Traffic::Counter& counter = traffic_.counters[i];
      counter.key = "counter:" + std::to_string(i);
      EXPECT_TRUE(nodes_.Do(client_, {"DEL", counter.key}));
    }
    traffic_.running = counters;
    for (Traffic::Counter& counter : traffic_.counters) {
      asio::co_spawn(loop_, Raise(&client_, &traffic_, &counter), asio::detached);
    }
    EXPECT_TRUE(nodes_.Until([this] { return traffic_.AllAnsweredSince(Deadline()); }));
  }
  // Until each counter has been answered after this moment.
  bool GoesOn() {
    const Deadline now = std::chrono::steady_clock::now();
    return nodes_.Until([&] { return traffic_.AllAnsweredSince(now); }, kFailover);
  }
  void End() {
    traffic_.stop = true;
    ASSERT_TRUE(nodes_.Until([this] { return traffic_.running == 0; }));
    for (const Traffic::Counter& counter : traffic_.counters) {
      EXPECT_EQ(counter.refused, 0) << counter.key << ": " << traffic_.first_refusal;
      const Result<Reply> value = nodes_.Do(client_, {"GET", counter.key});
      ASSERT_TRUE(value) << value.error();
      EXPECT_EQ(value->text, std::to_string(counter.last)) << "the last answer was right";
      EXPECT_LE(std::stoll(value->text), counter.answered + counter.unknown) << "none ran twice";
    }
  }
  int64_t Sum(int64_t Traffic::Counter::*field) const {
    int64_t sum = 0;
    for (const Traffic::Counter& counter : traffic_.counters) sum += counter.*field;
    return sum;
  }
  bool Check(Witness& witness) {
    const auto stands = Await(loop_, witness.Check(In(kFailover)));
    return stands && *stands;
  }
  // As who rebuilds does, until it succeeds.
  bool Rebuild(Witness& witness) {
    return nodes_.Until([&] {
      const auto begun = Await(loop_, witness.Begin(In(kFailover)));
      return begun && Await(loop_, witness.Complete(In(kFailover)));
    });
  }

  asio::io_context loop_{1};
  RedisNodes nodes_{loop_};
  Client client_{loop_, RedisNodes::ClusterConfig()};
  Traffic traffic_;
};

TEST_F(RedisFailover, GoesOnWithAnotherMasterWhenOneIsKilledUnderTraffic) {
  Begin();
  RedisNode& victim = nodes_.MasterOf(KeySlot("counter:0"));
  const Deadline killed = std::chrono::steady_clock::now();
  nodes_.Kill(victim);
  EXPECT_TRUE(GoesOn());
  const auto took = std::chrono::steady_clock::now() - killed;
  RecordProperty("failover_ms", static_cast<int>(took / std::chrono::milliseconds(1)));
  // The node that is asked may not have heard of it yet.
  EXPECT_TRUE(nodes_.Until(
      [&] { return nodes_.MasterOf(KeySlot("counter:0")).address != victim.address; }));
  End();
  EXPECT_LE(Sum(&Traffic::Counter::unknown), 96) << "only what was in flight";
}

TEST_F(RedisFailover, LosesNothingWhenAReplicaTakesOverInOrder) {
  Begin();
  RedisNode& master = nodes_.MasterOf(KeySlot("counter:0"));
  RedisNode& replica = nodes_.ReplicaOf(master);
  // Redis gives up a hand-over that takes longer than 5 s, which a busy machine may bring about.
  const auto took_over = [&] { return nodes_.Info(replica, "role") == "master"; };
  for (int round = 0; round < 3 && !took_over(); ++round) {
    nodes_.Must(replica, {"CLUSTER", "FAILOVER"});
    nodes_.Until(took_over, std::chrono::seconds(6));
  }
  EXPECT_TRUE(took_over());
  EXPECT_TRUE(GoesOn());
  End();
  EXPECT_EQ(Sum(&Traffic::Counter::unknown), 0);
  EXPECT_EQ(Sum(&Traffic::Counter::backwards), 0);
}

TEST_F(RedisFailover, GoesOnWithAnotherMasterWhenOneHangs) {
  ASSERT_TRUE(nodes_.Do(client_, {"SET", "hung", "x"}));
  RedisNode& victim = nodes_.MasterOf(KeySlot("hung"));
  ASSERT_EQ(::kill(victim.pid, SIGSTOP), 0);
  const Result<Reply> first = nodes_.Do(client_, {"GET", "hung"}, std::chrono::milliseconds(300));
  EXPECT_EQ(first.error().code, Code::kDeadlineExceeded);
  EXPECT_TRUE(nodes_.Until(
      [&] {
        const auto read = nodes_.Do(client_, {"GET", "hung"}, std::chrono::milliseconds(300));
        return read && read->text == "x";
      },
      kFailover));
  ASSERT_EQ(::kill(victim.pid, SIGCONT), 0);
}

TEST_F(RedisFailover, AnswersWithinTheDeadlineWhileNobodyServesASlot) {
  ASSERT_TRUE(nodes_.Do(client_, {"SET", "down", "x"}));
  RedisNode& master = nodes_.MasterOf(KeySlot("down"));
  RedisNode& replica = nodes_.ReplicaOf(master);
  nodes_.Kill(replica);
  nodes_.Kill(master);
  const Deadline latest = In(std::chrono::seconds(2));
  const Result<Reply> reply = nodes_.Do(client_, {"GET", "down"}, std::chrono::milliseconds(500));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Code::kUnavailable) << reply.error();
  EXPECT_LT(std::chrono::steady_clock::now(), latest);
  Started<Reply> waiting = nodes_.Start(client_, {"GET", "down"});
  nodes_.Revive(master);
  const Result<Reply> empty = waiting.Get();
  ASSERT_TRUE(empty) << empty.error();
  EXPECT_TRUE(empty->nil()) << "its data was in memory";
}

TEST_F(RedisFailover, KnowsItsMastersByTheirRunIds) {
  ASSERT_TRUE(nodes_.Until([this] { return !client_.run_id().empty(); }));
  const std::string before = client_.run_id();
  ASSERT_EQ(client_.servers().size(), 3u);
  for (const Client::Server& server : client_.servers()) {
    EXPECT_EQ(nodes_.Info(nodes_.MasterOf(KeySlot(server.tag)), "run_id"), server.run_id);
  }
  RedisNode& victim = nodes_.MasterOf(0);
  const std::string of_victim = nodes_.Info(victim, "run_id");
  nodes_.Kill(victim);
  ASSERT_TRUE(nodes_.Do(client_, {"GET", "x:" + TagOfSlot(0)}));
  EXPECT_NE(client_.run_id(), before) << "no reply of a new master without its run id";
  EXPECT_TRUE(nodes_.Until([this] { return client_.servers().size() == 3; }));
  EXPECT_EQ(client_.run_id().find(of_victim), std::string::npos);
}

TEST_F(RedisFailover, AWitnessFallsWhenOneMasterWasEmptied) {
  Witness witness(client_, "witness");
  ASSERT_TRUE(Rebuild(witness));
  EXPECT_TRUE(Check(witness));
  for (const uint16_t slot : {0, 8000, 16383}) {
    nodes_.Must(nodes_.MasterOf(slot), {"FLUSHALL"});
    EXPECT_FALSE(Check(witness)) << slot;
    EXPECT_FALSE(witness.stands());
    ASSERT_TRUE(Rebuild(witness));
    EXPECT_TRUE(Check(witness));
    EXPECT_TRUE(witness.stands());
  }
}

TEST_F(RedisFailover, AWitnessFallsWhenOneMasterWasRestartedEmpty) {
  Witness witness(client_, "witness");
  ASSERT_TRUE(Rebuild(witness));
  ASSERT_TRUE(Check(witness));
  RedisNode& victim = nodes_.MasterOf(KeySlot("wiped"));
  nodes_.Kill(victim);
  nodes_.Revive(victim);  // Back before the others miss it, or as a replica if they did.
  ASSERT_TRUE(nodes_.Do(client_, {"GET", "wiped"}));
  EXPECT_FALSE(witness.stands()) << "from the first reply on, without another look";
  EXPECT_FALSE(Check(witness));
  ASSERT_TRUE(Rebuild(witness));
  EXPECT_TRUE(Check(witness));
}

TEST_F(RedisFailover, AWitnessFallsWhenAReplicaTookOver) {
  Witness witness(client_, "witness");
  ASSERT_TRUE(Rebuild(witness));
  ASSERT_TRUE(Check(witness));
  nodes_.Kill(nodes_.MasterOf(KeySlot("taken over")));
  ASSERT_TRUE(nodes_.Do(client_, {"GET", "taken over"}));
  EXPECT_FALSE(witness.stands()) << "the last writes may be missing";
  EXPECT_FALSE(Check(witness)) << "though its key is there, replicated";
  ASSERT_TRUE(Rebuild(witness));
  EXPECT_TRUE(Check(witness));
}

TEST_F(RedisFailover, AWitnessIsNotCompletedWhenAMasterWasEmptiedMeanwhile) {
  Witness witness(client_, "witness");
  ASSERT_TRUE(Rebuild(witness));
  ASSERT_TRUE(Await(loop_, witness.Begin(In(kSoon))));
  EXPECT_FALSE(Check(witness)) << "begun";
  nodes_.Must(nodes_.MasterOf(9000), {"FLUSHALL"});
  const auto completed = Await(loop_, witness.Complete(In(kSoon)));
  ASSERT_FALSE(completed);
  EXPECT_EQ(completed.error().code, Code::kAborted);
  EXPECT_FALSE(Check(witness));
  Witness other(client_, "witness");
  ASSERT_TRUE(Await(loop_, witness.Begin(In(kSoon))));
  ASSERT_TRUE(Await(loop_, other.Begin(In(kSoon))));
  EXPECT_FALSE(Await(loop_, witness.Complete(In(kSoon)))) << "another has begun since";
  EXPECT_TRUE(Await(loop_, other.Complete(In(kSoon))));
  EXPECT_TRUE(Check(witness));
}

}  // namespace
}  // namespace drover::redis

// libs/redis against a real Redis Cluster whose slots are where they are or on the move.
#include <array>

#include <boost/asio/ip/tcp.hpp>

#include "tests/component/clients/redis_nodes.h"

namespace drover::redis {
namespace {

class RedisCluster : public ::testing::Test {
 protected:
  Result<Reply> Do(std::vector<std::string> words, std::chrono::milliseconds time = kSoon) {
    return nodes_.Do(client_, std::move(words), time);
  }
  std::string Get(const std::string& key) {
    const Result<Reply> reply = Do({"GET", key});
    EXPECT_TRUE(reply) << key << ": " << reply.error();
    return reply ? reply->text : "";
  }
  void Set(const std::string& key, const std::string& value) {
    const Result<Reply> reply = Do({"SET", key, value});
    EXPECT_TRUE(reply) << key << ": " << reply.error();
  }
  // How often the node has answered with this error.
  std::string Errors(RedisNode& node, const std::string& word) {
    const std::string stat = nodes_.Info(node, "errorstat_" + word);
    return stat.empty() ? "0" : stat.substr(stat.find('=') + 1);
  }
  // Puts the slot between two masters, as resharding does.
  void Migrate(uint16_t slot, RedisNode& from, RedisNode& to) {
    nodes_.Must(to, {"CLUSTER", "SETSLOT", std::to_string(slot), "IMPORTING", nodes_.IdOf(from)});
    nodes_.Must(from, {"CLUSTER", "SETSLOT", std::to_string(slot), "MIGRATING", nodes_.IdOf(to)});
  }
  void MoveKey(const std::string& key, RedisNode& from, RedisNode& to) {
    std::vector<std::string> words = {"MIGRATE", to.address.host, to.address.port, key,
                                      "0",       "5000"};
    const std::string password = RedisNodes::ClusterConfig().password;
    if (!password.empty()) words.insert(words.end(), {"AUTH", password});
    EXPECT_EQ(nodes_.Must(from, std::move(words)).text, "OK") << key;
  }

  asio::io_context loop_{1};
  RedisNodes nodes_{loop_};
  Client client_{loop_, RedisNodes::ClusterConfig()};
};

Process SetAndGet(Client* client, uint16_t slot, int* right) {
  const std::string key = "slot:" + TagOfSlot(slot);
  const std::string value = "value of " + std::to_string(slot);
  const std::array<std::string_view, 3> set = {"SET", key, value};
  const Result<Reply> stored = co_await client->Execute(set, In(kSoon));
  const std::array<std::string_view, 2> get = {"GET", key};
  const Result<Reply> read = co_await client->Execute(get, In(kSoon));
  if (stored && read && read->text == value) ++*right;
}

TEST_F(RedisCluster, ReachesEverySlot) {
  int right = 0;
  for (uint16_t slot = 0; slot < kSlots; ++slot) {
    asio::co_spawn(loop_, SetAndGet(&client_, slot, &right), asio::detached);
  }
  EXPECT_TRUE(nodes_.Until([&] { return right == kSlots; })) << right;
  EXPECT_TRUE(client_.connected());
}

TEST_F(RedisCluster, SendsKeysOfOneHashTagTogether) {
  Set("a:{device}", "1");
  Set("b:{device}", "2");
  const Result<Reply> values = Do({"MGET", "a:{device}", "b:{device}", "missing:{device}"});
  ASSERT_TRUE(values) << values.error();
  EXPECT_EQ(values->items[0].text + values->items[1].text, "12");
  EXPECT_TRUE(values->items[2].nil());
  const Result<Reply> apart = Do({"MGET", "foo", "bar"});
  ASSERT_FALSE(apart);
  EXPECT_EQ(apart.error().message.find("Redis: CROSSSLOT"), 0u) << apart.error();
}

TEST_F(RedisCluster, FollowsASlotThatHasMoved) {
  const uint16_t slot = KeySlot("moved");
  std::string followed = "0";
  // A look at the map may come in between: then there is nothing to follow.
  for (int round = 0; round < 5 && followed == "0"; ++round) {
    EXPECT_TRUE(Do({"DEL", "moved"}));
    RedisNode& from = nodes_.MasterOf(slot);
    RedisNode& to = nodes_.OtherMaster(from);
    nodes_.Must(from, {"CONFIG", "RESETSTAT"});
    nodes_.Assign(slot, to);
    Set("moved", "here");
    EXPECT_EQ(nodes_.Must(to, {"GET", "moved"}).text, "here");
    followed = Errors(from, "MOVED");
    EXPECT_EQ(Get("moved"), "here");
    EXPECT_EQ(Errors(from, "MOVED"), followed) << "known from then on";
  }
  EXPECT_EQ(followed, "1");
}

TEST_F(RedisCluster, FollowsKeysOfASlotOnTheMove) {
  const uint16_t slot = KeySlot("{asked}");
  RedisNode& from = nodes_.MasterOf(slot);
  RedisNode& to = nodes_.OtherMaster(from);
  EXPECT_TRUE(Do({"DEL", "1{asked}", "2{asked}", "3{asked}"}));
  Set("1{asked}", "one");
  Set("2{asked}", "2");
  Migrate(slot, from, to);
  MoveKey("1{asked}", from, to);
  nodes_.Must(from, {"CONFIG", "RESETSTAT"});

  EXPECT_EQ(Get("1{asked}"), "one") << "asked for at its new master";
  EXPECT_EQ(Errors(from, "ASK"), "1");
  EXPECT_EQ(Get("2{asked}"), "2") << "still at its old one";
  Set("3{asked}", "new");  // New keys belong to the new master.
  EXPECT_EQ(Errors(from, "ASK"), "2");
  const Client::Script append("return redis.call('APPEND', KEYS[1], ARGV[1])");
  const std::array<std::string_view, 1> keys = {"3{asked}"};
  const std::array<std::string_view, 1> args = {"er"};
  const auto appended = Await(loop_, client_.Eval(append, keys, args, In(kSoon)));
  ASSERT_TRUE(appended) << appended.error();
  EXPECT_EQ(Get("3{asked}"), "newer");

  Started<Reply> both = nodes_.Start(client_, {"MGET", "1{asked}", "2{asked}"});
  EXPECT_TRUE(nodes_.Until([&] { return Errors(from, "TRYAGAIN") != "0"; }));
  EXPECT_FALSE(both.done()) << "keys on both sides: has to wait";
  MoveKey("2{asked}", from, to);
  const Result<Reply> values = both.Get();
  ASSERT_TRUE(values) << values.error();
  EXPECT_EQ(values->items[0].text + values->items[1].text, "one2");
  nodes_.Assign(slot, to);
  EXPECT_EQ(Do({"INCR", "2{asked}"})->integer, 3);
}

TEST_F(RedisCluster, LoadsAScriptOnEachMasterThatDoesNotHaveIt) {
  const Client::Script script("return ARGV[1]");
  for (RedisNode& node : nodes_.all()) nodes_.Must(node, {"SCRIPT", "FLUSH"});
  const std::array<std::string_view, 1> args = {"a"};
  for (const std::string_view key : {"foo", "bar", "hello", "foo", "bar", "hello"}) {
    const std::array<std::string_view, 1> keys = {key};
    const Result<Reply> reply = Await(loop_, client_.Eval(script, keys, args, In(kSoon)));
    ASSERT_TRUE(reply) << reply.error();
    EXPECT_EQ(reply->text, "a");
  }
}

TEST_F(RedisCluster, BeginsWithAnySeed) {
  for (RedisNode& node : nodes_.all()) {
    Config config = RedisNodes::ClusterConfig();
    config.url = "redis-cluster://127.0.0.1:1," + node.address.text();  // The first is not there.
    Client client(loop_, config);
    EXPECT_TRUE(nodes_.Do(client, {"SET", "seed", node.address.text()}));
    EXPECT_EQ(Get("seed"), node.address.text());
  }
}

TEST_F(RedisCluster, RefusesACommandWhoseKeyItDoesNotKnow) {
  EXPECT_EQ(Do({"FLUSHALL"}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Do({"PING"})->text, "PONG");
  EXPECT_EQ(Do({"GET", "x"}, std::chrono::milliseconds(-1)).error().code, Code::kDeadlineExceeded);
}

TEST_F(RedisCluster, RefusesMoreThanItsBoundOverAllMasters) {
  Config config = RedisNodes::ClusterConfig();
  config.max_in_flight = 3;
  Client bounded(loop_, config);
  std::vector<Started<Reply>> started;
  for (const char* key : {"foo", "bar", "hello", "foo"}) {
    started.push_back(nodes_.Start(bounded, {"GET", key}));
  }
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(started[static_cast<size_t>(i)].Get());
  EXPECT_EQ(started[3].Get().error().code, Code::kResourceExhausted);
  EXPECT_TRUE(nodes_.Do(bounded, {"GET", "foo"})) << "and has room again";
}

TEST_F(RedisCluster, SaysAtOnceWhenNoNodeAnswers) {
  asio::ip::tcp::acceptor taken(loop_, {asio::ip::address_v4::loopback(), 0});
  const std::string port = std::to_string(taken.local_endpoint().port());
  taken.close();
  Config config;
  config.url = "redis-cluster://127.0.0.1:" + port;
  Client nowhere(loop_, config);
  const Deadline soon = In(kSoon / 2);
  const Result<Reply> reply = nodes_.Do(nowhere, {"GET", "x"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Code::kUnavailable) << reply.error();
  EXPECT_LT(std::chrono::steady_clock::now(), soon);
  EXPECT_FALSE(nowhere.connected());
  EXPECT_TRUE(nowhere.run_id().empty());
}

TEST_F(RedisCluster, SaysWhatIsWrongWithItsUrl) {
  Config config;
  config.url = "redis-cluster://127.0.0.1:1/5";
  Client client(loop_, config);
  EXPECT_EQ(nodes_.Do(client, {"PING"}).error().code, Code::kInvalidArgument);
}

TEST_F(RedisCluster, MayEndWhileCommandsAreInFlightAndWaiting) {
  auto client = std::make_unique<Client>(loop_, RedisNodes::ClusterConfig());
  Started<Reply> early = nodes_.Start(*client, {"GET", "foo"});  // Waits for the map.
  loop_.poll();
  client.reset();
  client = std::make_unique<Client>(loop_, RedisNodes::ClusterConfig());
  ASSERT_TRUE(nodes_.Do(*client, {"PING"}));
  Started<Reply> flying = nodes_.Start(*client, {"GET", "foo"});
  loop_.poll();
  client.reset();
  EXPECT_EQ(Do({"PING"})->text, "PONG");
  EXPECT_FALSE(early.done());
}

}  // namespace
}  // namespace drover::redis

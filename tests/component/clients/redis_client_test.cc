// libs/redis against a real server.
#include <array>
#include <initializer_list>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "libs/redis/client.h"
#include "tests/component/clients/loop.h"

namespace drover::redis {
namespace {

class RedisClient : public ::testing::Test {
 protected:
  RedisClient() {
    const Result<Reply> flushed = Do(client_, {"FLUSHALL"});
    DROVER_CHECK(flushed.has_value());
  }
  Config ConfigOfServer() {
    Config config;
    config.url = ServerOf("DROVER_TEST_REDIS_URL");
    return config;
  }
  std::string UrlWithUser(const std::string& user) {
    std::string url = ServerOf("DROVER_TEST_REDIS_URL");
    return url.insert(url.find("//") + 2, user + "@");
  }
  static Task<Reply> Command(Client* client, std::vector<std::string> words, Deadline deadline) {
    const std::vector<std::string_view> args(words.begin(), words.end());
    Result<Reply> reply = co_await client->Execute(args, deadline);
    co_return reply;
  }
  Started<Reply> Start(Client& client, std::vector<std::string> words,
                       std::chrono::milliseconds time = kSoon) {
    return {loop_, Command(&client, std::move(words), In(time))};
  }
  Result<Reply> Do(Client& client, std::vector<std::string> words,
                   std::chrono::milliseconds time = kSoon) {
    return Start(client, std::move(words), time).Get();
  }

  asio::io_context loop_{1};
  Client client_{loop_, ConfigOfServer()};
};

TEST_F(RedisClient, SetsAndGetsAnyOctets) {
  const std::string octets("a\0\r\n\xff", 5);
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(Do(client_, {"SET", "octets", octets})->text, "OK");
  EXPECT_EQ(Do(client_, {"GET", "octets"})->text, octets);
  EXPECT_EQ(Do(client_, {"SET", "large", large})->text, "OK");
  EXPECT_EQ(Do(client_, {"GET", "large"})->text, large);
  EXPECT_TRUE(Do(client_, {"GET", "missing"})->nil());
}

TEST_F(RedisClient, ReadsArraysAndIntegers) {
  EXPECT_EQ(Do(client_, {"INCRBY", "count", "41"})->integer, 41);
  const Result<Reply> values = Do(client_, {"MGET", "count", "missing"});
  ASSERT_TRUE(values) << values.error();
  ASSERT_EQ(values->items.size(), 2u);
  EXPECT_EQ(values->items[0].text, "41");
  EXPECT_TRUE(values->items[1].nil());
}

Process SetAndGet(Client* client, int i, int* right) {
  const std::string key = "key:" + std::to_string(i);
  const std::string value = "value:" + std::to_string(i);
  const std::array<std::string_view, 3> set = {"SET", key, value};
  const Result<Reply> stored = co_await client->Execute(set, In(kSoon));
  const std::array<std::string_view, 2> get = {"GET", key};
  const Result<Reply> read = co_await client->Execute(get, In(kSoon));
  if (stored && read && read->text == value) ++*right;
}

TEST_F(RedisClient, CarriesTenThousandCommandsAtOnce) {
  constexpr int kCoroutines = 10'000;
  int right = 0;
  for (int i = 0; i < kCoroutines; ++i) {
    asio::co_spawn(loop_, SetAndGet(&client_, i, &right), asio::detached);
  }
  while (right < kCoroutines && loop_.run_one_for(kSoon) > 0) {
  }
  EXPECT_EQ(right, kCoroutines);
  EXPECT_EQ(Do(client_, {"DBSIZE"})->integer, kCoroutines);
}

TEST_F(RedisClient, PassesTheServersErrorsOn) {
  (void)Do(client_, {"SET", "text", "x"});
  const Result<Reply> wrong = Do(client_, {"INCR", "text"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::kFailedPrecondition);
  EXPECT_NE(wrong.error().message.find("not an integer"), std::string::npos) << wrong.error();
  EXPECT_EQ(Do(client_, {"PING"})->text, "PONG");
}

TEST_F(RedisClient, LoadsAScriptThatTheServerDoesNotHave) {
  const Client::Script script("return {KEYS[1], ARGV[1]}");
  (void)Do(client_, {"SCRIPT", "FLUSH"});
  const std::array<std::string_view, 1> keys = {"k"};
  const std::array<std::string_view, 1> args = {"a"};
  for (int i = 0; i < 2; ++i) {
    const Result<Reply> reply = Await(loop_, client_.Eval(script, keys, args, In(kSoon)));
    ASSERT_TRUE(reply) << reply.error();
    EXPECT_EQ(reply->items[0].text, "k");
    EXPECT_EQ(reply->items[1].text, "a");
  }
  EXPECT_EQ(Do(client_, {"SCRIPT", "EXISTS", script.sha1})->items[0].integer, 1);
}

TEST_F(RedisClient, EndsACommandAtItsDeadlineAndKeepsTheOthersInStep) {
  Client other(loop_, ConfigOfServer());
  const Result<Reply> late = Do(client_, {"BLPOP", "queue", "0"}, std::chrono::milliseconds(50));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  Started<Reply> after = Start(client_, {"ECHO", "after"});
  EXPECT_TRUE(Do(other, {"RPUSH", "queue", "value"}));  // Lets the server go on with the ECHO.
  EXPECT_EQ(after.Get()->text, "after");
}

TEST_F(RedisClient, RefusesACommandThatHasNoTimeLeft) {
  EXPECT_EQ(Do(client_, {"PING"}, std::chrono::milliseconds(-1)).error().code,
            Code::kDeadlineExceeded);
}

TEST_F(RedisClient, RefusesMoreThanItsBound) {
  Config config = ConfigOfServer();
  config.max_in_flight = 2;
  Client bounded(loop_, config);
  std::vector<Started<Reply>> started;
  for (int i = 0; i < 3; ++i) started.push_back(Start(bounded, {"PING"}));
  EXPECT_TRUE(started[0].Get());
  EXPECT_TRUE(started[1].Get());
  EXPECT_EQ(started[2].Get().error().code, Code::kResourceExhausted);
}

TEST_F(RedisClient, FailsWhatWasInFlightOnALostConnectionAndReconnects) {
  Client other(loop_, ConfigOfServer());
  const std::string id = std::to_string(Do(client_, {"CLIENT", "ID"})->integer);
  Started<Reply> blocked = Start(client_, {"BLPOP", "queue", "0"});
  const Result<Reply> killed = Do(other, {"CLIENT", "KILL", "ID", id});
  ASSERT_TRUE(killed) << killed.error();
  const Result<Reply> lost = blocked.Get();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Code::kUnavailable);
  EXPECT_EQ(Do(client_, {"PING"})->text, "PONG");  // Waits for the attempt under way.
  EXPECT_TRUE(client_.connected());
  EXPECT_NE(std::to_string(Do(client_, {"CLIENT", "ID"})->integer), id);
}

TEST_F(RedisClient, SurvivesKillsUnderLoad) {
  Client other(loop_, ConfigOfServer());
  for (int round = 0; round < 20; ++round) {
    std::vector<Started<Reply>> started;
    for (int i = 0; i < 500; ++i) started.push_back(Start(client_, {"ECHO", std::to_string(i)}));
    Started<Reply> kill = Start(other, {"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    EXPECT_TRUE(kill.Get());
    for (int i = 0; i < 500; ++i) {
      const Result<Reply> reply = started[static_cast<size_t>(i)].Get();
      if (reply) {
        EXPECT_EQ(reply->text, std::to_string(i));
      } else {
        EXPECT_EQ(reply.error().code, Code::kUnavailable) << reply.error();
      }
    }
    EXPECT_TRUE(Do(client_, {"PING"}));
  }
}

TEST_F(RedisClient, KnowsTheServersRunId) {
  const Result<Reply> info = Do(client_, {"INFO", "server"});
  ASSERT_TRUE(info) << info.error();
  EXPECT_EQ(client_.run_id().size(), 40u);
  EXPECT_NE(info->text.find("run_id:" + client_.run_id()), std::string::npos);
}

TEST_F(RedisClient, SignsOnWithUserAndPassword) {
  ASSERT_TRUE(Do(client_, {"ACL", "SETUSER", "tester", "on", ">right", "~*", "+@all"}));
  Config config;
  config.url = UrlWithUser("tester");
  config.password = "right";
  Client right(loop_, config);
  EXPECT_EQ(Do(right, {"ACL", "WHOAMI"})->text, "tester");
  config.password = "wrong";
  Client wrong(loop_, config);
  const Result<Reply> refused = Do(wrong, {"PING"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_NE(refused.error().message.find("AUTH refused"), std::string::npos) << refused.error();
  EXPECT_EQ(refused.error().message.find("wrong "), std::string::npos);
  EXPECT_FALSE(wrong.connected());
}

TEST_F(RedisClient, SignsOnWithThePasswordOfTheDefaultUser) {
  ASSERT_TRUE(Do(client_, {"CONFIG", "SET", "requirepass", "secret"}));
  Config config = ConfigOfServer();
  config.password = "secret";
  Client client(loop_, config);
  EXPECT_EQ(Do(client, {"PING"})->text, "PONG");
  EXPECT_TRUE(Do(client, {"CONFIG", "SET", "requirepass", ""}));
}

TEST_F(RedisClient, SelectsTheDatabaseOfItsUrl) {
  Config config;
  std::string url = ServerOf("DROVER_TEST_REDIS_URL");
  config.url = url.substr(0, url.find('/', 8)) + "/7";
  Client seven(loop_, config);
  EXPECT_TRUE(Do(seven, {"SET", "only-in-seven", "1"}));
  EXPECT_TRUE(Do(client_, {"GET", "only-in-seven"})->nil());
}

TEST_F(RedisClient, SaysAtOnceWhenThereIsNoServer) {
  asio::ip::tcp::acceptor taken(loop_, {asio::ip::address_v4::loopback(), 0});
  const uint16_t port = taken.local_endpoint().port();
  taken.close();
  Config config;
  config.url = "redis://127.0.0.1:" + std::to_string(port);
  Client nowhere(loop_, config);
  const Result<Reply> reply = Do(nowhere, {"PING"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Code::kUnavailable);
  EXPECT_FALSE(nowhere.connected());
}

TEST_F(RedisClient, GivesUpOnAServerThatAcceptsAndSaysNothing) {
  const asio::ip::tcp::acceptor silent(loop_, {asio::ip::address_v4::loopback(), 0});
  Config config;
  config.url = "redis://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  config.connect_timeout = std::chrono::milliseconds(50);
  Client client(loop_, config);
  EXPECT_EQ(Do(client, {"PING"}).error().code, Code::kUnavailable);
}

TEST_F(RedisClient, SaysWhatIsWrongWithItsUrl) {
  Config config;
  config.url = "http://127.0.0.1";
  Client client(loop_, config);
  EXPECT_EQ(Do(client, {"PING"}).error().code, Code::kInvalidArgument);
}

TEST_F(RedisClient, MayEndWhileCommandsAreInFlight) {
  auto client = std::make_unique<Client>(loop_, ConfigOfServer());
  ASSERT_TRUE(Do(*client, {"PING"}));
  Started<Reply> blocked = Start(*client, {"BLPOP", "queue", "0"});
  EXPECT_TRUE(Do(client_, {"PING"}));
  client.reset();
  EXPECT_TRUE(Do(client_, {"PING"}));
  EXPECT_FALSE(blocked.done());
}

}  // namespace
}  // namespace drover::redis

// Sessions and nonces in a real Redis: what is written, what is refused, what stays.
#include "libs/base/bytes.h"
#include "libs/dmauth/random.h"
#include "services/session/adapters/redis_session_store.h"
#include "tests/component/clients/loop.h"

namespace drover::session {
namespace {

class RedisSessionStoreTest : public ::testing::Test {
 protected:
  static redis::Config Server() {
    redis::Config config;
    config.url = ServerOf("DROVER_TEST_REDIS_URL");
    return config;
  }
  static dmauth::SealKeys Keys() {
    return dmauth::SealKeys::Parse("1 " + std::string(64, 'a')).value();
  }
  Loaded Load() { return Await(loop_, store_.Load(device_, nullptr, In(kSoon))).value(); }
  Result<void> Save(const SessionState& session, const Loaded& read, const NonceState& nonces) {
    const uint64_t expected = read.session ? read.session->version : read.lost_version;
    return Await(loop_,
                 store_.Save(device_, session, expected, {nonces, read.nonces_read}, In(kSoon)));
  }
  Result<void> SaveNonces(const Loaded& read, const NonceState& nonces) {
    return Await(loop_, store_.SaveNonces(device_, {nonces, read.nonces_read}, In(kSoon)));
  }
  static Task<redis::Reply> Command(redis::Client* client, std::vector<std::string> words) {
    const std::vector<std::string_view> args(words.begin(), words.end());
    Result<redis::Reply> reply = co_await client->Execute(args, In(kSoon));
    co_return reply;
  }
  redis::Reply Do(std::vector<std::string> words) {
    return Await(loop_, Command(&client_, std::move(words))).value();
  }
  static SessionState Session(uint64_t version) {
    SessionState session;
    session.version = version;
    session.session_id = "A7";
    session.key = "A7@1";
    session.response = "answer " + std::to_string(version);
    return session;
  }
  static NonceState Proved(char nonce, std::string previous = {}) {
    NonceState nonces;
    nonces.known = true;
    nonces.client_nonce = std::string(16, nonce);
    nonces.server_nonce = std::string(16, 's');
    nonces.previous_nonce = std::move(previous);
    return nonces;
  }

  asio::io_context loop_{1};
  redis::Client client_{loop_, Server()};
  RedisSessionStore store_{client_, Keys(), {}};
  const DeviceId device_{"IMEI:" + base::Hex(dmauth::SystemRandom(8))};
  const std::string nonce_key_ = "drover:session:nonce:{" + device_.value() + "}";
};

TEST_F(RedisSessionStoreTest, KeepsASessionAndItsNonces) {
  const Loaded nothing = Load();
  EXPECT_FALSE(nothing.session);
  EXPECT_FALSE(nothing.nonces.known);
  ASSERT_TRUE(Save(Session(1), nothing, Proved('a', "before")));
  const Loaded loaded = Load();
  EXPECT_EQ(loaded.session->response, "answer 1");
  EXPECT_EQ(loaded.nonces.client_nonce, Proved('a').client_nonce);
  EXPECT_EQ(loaded.nonces.previous_nonce, "before");
}

TEST_F(RedisSessionStoreTest, RefusesWhoReadAnOlderSession) {
  const Loaded nothing = Load();
  ASSERT_TRUE(Save(Session(1), nothing, Proved('a')));
  const Result<void> late = Save(Session(1), nothing, Proved('b'));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kAborted);
  EXPECT_EQ(Load().nonces.client_nonce, Proved('a').client_nonce);
  EXPECT_EQ(Load().session->response, "answer 1");
}

TEST_F(RedisSessionStoreTest, RefusesWhoReadOlderNonces) {
  const Loaded nothing = Load();
  ASSERT_TRUE(SaveNonces(nothing, Proved('a')));
  EXPECT_FALSE(SaveNonces(nothing, Proved('b')));
  EXPECT_FALSE(Save(Session(1), nothing, Proved('b')));
  EXPECT_FALSE(Load().session) << "neither is written";
  const Loaded loaded = Load();
  EXPECT_EQ(loaded.nonces.client_nonce, Proved('a').client_nonce);
  ASSERT_TRUE(Save(Session(1), loaded, Proved('b')));
  const Loaded open = Load();
  EXPECT_FALSE(Save(Session(2), loaded, Proved('c')));
  EXPECT_EQ(Load().session->version, 1U);
  EXPECT_TRUE(Save(Session(2), open, Proved('b'))) << "what did not change is not compared";
}

// What version 0.1 left, or what was sealed with a key that is gone.
TEST_F(RedisSessionStoreTest, ReplacesASessionThatCannotBeRead) {
  const std::string key = "drover:session:state:{" + device_.value() + "}";
  Do({"SET", key, base::BigEndian64(6) + "\n\x02" + "A7", "EX", "600"});
  const Loaded lost = Load();
  EXPECT_FALSE(lost.session);
  EXPECT_EQ(lost.lost_version, 6U);
  Loaded blind = lost;
  blind.lost_version = 0;
  EXPECT_FALSE(Save(Session(1), blind, Proved('a')));
  ASSERT_TRUE(Save(Session(7), lost, Proved('a')));
  EXPECT_EQ(Load().session->version, 7U);
}

TEST_F(RedisSessionStoreTest, AProofWithoutASessionUsesUpThePreviousNonce) {
  ASSERT_TRUE(Save(Session(1), Load(), Proved('a', "before")));
  NonceState challenged = Load().nonces;
  challenged.challenge_nonce = "challenge";
  ASSERT_TRUE(SaveNonces(Load(), challenged));
  EXPECT_EQ(Load().nonces.previous_nonce, "before") << "a stranger changes nothing";
  ASSERT_TRUE(SaveNonces(Load(), Proved('b', std::string(16, 'a'))));
  EXPECT_EQ(Load().nonces.previous_nonce, "");
  EXPECT_TRUE(Load().session);
}

TEST_F(RedisSessionStoreTest, ATerminalAtRestTakesLittle) {
  ASSERT_TRUE(Save(Session(1), Load(), Proved('a', "before")));
  EXPECT_EQ(Do({"OBJECT", "ENCODING", nonce_key_}).text, "embstr");
  EXPECT_LE(Do({"MEMORY", "USAGE", nonce_key_}).integer, 160);
}

TEST_F(RedisSessionStoreTest, AStrangersChallengeIsNotKeptForLong) {
  NonceState challenged;
  challenged.challenge_nonce = "challenge";
  ASSERT_TRUE(SaveNonces(Load(), challenged));
  EXPECT_LE(Do({"TTL", nonce_key_}).integer, 900);
  EXPECT_EQ(Load().nonces.challenge_nonce, "challenge");
  ASSERT_TRUE(SaveNonces(Load(), Proved('a')));
  EXPECT_GT(Do({"TTL", nonce_key_}).integer, 900);
}

TEST_F(RedisSessionStoreTest, SealsAnAnswerThatHoldsAPassword) {
  SessionState session = Session(1);
  session.response = "the password";
  session.response_is_secret = true;
  ASSERT_TRUE(Save(session, Load(), Proved('a')));
  const std::string stored = Do({"GET", "drover:session:state:{" + device_.value() + "}"}).text;
  EXPECT_EQ(stored.find("password"), std::string::npos);
  EXPECT_EQ(Load().session->response, "the password");
}

}  // namespace
}  // namespace drover::session

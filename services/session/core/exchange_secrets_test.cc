#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "services/session/core/exchange.h"
#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kMac = "syncml:auth-MAC";
constexpr std::string_view kMd5 = "syncml:auth-md5";

std::string Bytes(std::string_view hex) { return base::FromHex(hex).value(); }

// A session of a terminal that uses MAC always, opened with the nonce that holds.
struct MacWorld : World {
  MacWorld() { account.server_scheme.reset(); }
  std::string PostMac(const std::string& message, std::string_view nonce,
                      std::string_view password = "clientpw") {
    return Post(message, MacHeaderOf(nonce, message, password));
  }
  std::string ServerMac(std::string_view nonce) const {
    return dmauth::FormatMacHeader(
        {"com.mgmtsrv.manage", dmauth::Mac(account.server_a1, nonce, answer.body)});
  }
};

const syncml::Meta& ChallengeOf(const World& world) {
  static const syncml::Meta none;
  const Command& status = *world.All(CommandKind::kStatus)[0];
  EXPECT_TRUE(status.chal) << world.answer.body;
  return status.chal ? *status.chal : none;
}

TEST(ExchangeMac, ProvesEveryMessageInBothDirectionsWithTheNextNonce) {
  MacWorld world;
  world.work.push_back(Work("op", {Get("./A")}));
  world.PostMac(Message("1", 1, kPackage1), world.account.client_nonce);
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:200") << "MAC: 200, not 212";
  EXPECT_EQ(ChallengeOf(world).type, kMac);
  EXPECT_FALSE(world.message().header.cred);
  EXPECT_EQ(world.answer.mac_header, world.ServerMac(world.account.server_nonce));
  const std::string next = base::FromBase64(ChallengeOf(world).next_nonce.octets).value();
  EXPECT_EQ(next, world.nonces.client_nonce);

  const std::string second =
      Message("1", 2,
              Status(1, 1, 0, "SyncHdr", 200, Chal(kMac, "sLGys7S1tre4ubq7vL2+vw==")) +
                  Status(2, 1, IdOf(*world.Commands()[0]), "Get", 404));
  world.PostMac(second, next);
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:200");
  EXPECT_NE(world.nonces.client_nonce, next);
  EXPECT_EQ(world.answer.mac_header, world.ServerMac(Bytes("b0b1b2b3b4b5b6b7b8b9babbbcbdbebf")));
  EXPECT_TRUE(world.session->ended);
}

TEST(ExchangeMac, ChallengesAStaleNonceWithMac) {
  MacWorld world;
  world.PostMac(Message("1", 1, kPackage1), "stale");
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:401", "Alert:401", "Replace:401"))
      << "401: a credential was shown";
  EXPECT_EQ(ChallengeOf(world).type, kMac);
  EXPECT_FALSE(world.session);
  const std::string nonce = base::FromBase64(ChallengeOf(world).next_nonce.octets).value();
  world.PostMac(Message("1", 2, kPackage1), nonce);
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:200");
  EXPECT_TRUE(world.session);
}

TEST(ExchangeMac, TakesAMessageWithoutTheHeaderForAWrongOne) {
  for (const bool cred : {false, true}) {
    MacWorld world;
    world.work.push_back(Work("op", {Get("./A")}));
    world.PostMac(Message("1", 1, kPackage1), world.account.client_nonce);
    const std::string nonce = world.nonces.client_nonce;
    const std::string body = Status(1, 1, 0, "SyncHdr", 200) + Status(2, 1, 4, "Get", 404);
    world.Post(Message("1", 2, body, cred ? Md5Cred(nonce) : ""));
    EXPECT_EQ(world.Statuses()[0], "SyncHdr:401");
    EXPECT_EQ(ChallengeOf(world).type, kMac);
    EXPECT_THAT(world.effects, IsEmpty());
    EXPECT_EQ(world.session->client_msg_id, 1U) << "the session stands as it was";
    const std::string again = Message("1", 3, body);
    world.PostMac(again, nonce);
    EXPECT_EQ(world.Statuses()[0], "SyncHdr:200");
    EXPECT_EQ(world.message().header.msg_id, "3") << "never a MsgID twice";
    EXPECT_THAT(world.Reports(), SizeIs(1));
  }
}

TEST(ExchangeMac, IsUsedByUsWhenTheTerminalDemandsItInAnMd5Session) {
  World world;
  world.work.push_back(Work("op", {Replace("./A", "1")}));
  Open(world);
  const int id = IdOf(*world.Commands()[0]);
  world.Post(Message(
      "1", 2,
      Status(1, 1, 0, "SyncHdr", 401, Chal(kMac, "Tm9uY2U=")) + Status(2, 1, id, "Replace", 401)));
  EXPECT_FALSE(world.message().header.cred);
  EXPECT_EQ(
      world.answer.mac_header,
      dmauth::FormatMacHeader({"com.mgmtsrv.manage",
                               dmauth::Mac(world.account.server_a1, "Nonce", world.answer.body)}));
  EXPECT_THAT(world.All(CommandKind::kReplace), SizeIs(1)) << "all of it again";
  world.Answer({200});
  EXPECT_THAT(world.Reports(), SizeIs(1));
}

// What a replayed message of an older session would do: nothing.
TEST(ExchangeReplay, OfAMessageBeforeAChallengeIsRefused) {
  MacWorld world;
  const std::string old = Message("1", 1, kPackage1);
  const std::string old_mac = MacHeaderOf(world.account.client_nonce, old);
  world.Post(old, old_mac);
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:200");
  world.PostMac(Message("2", 1, kPackage1), "stale");
  const std::string challenge = world.nonces.challenge_nonce;
  world.PostMac(Message("2", 2, kPackage1), challenge);
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:200");
  const std::string key = world.session->key;
  world.Post(old, old_mac);
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:401");
  EXPECT_EQ(world.session->key, key);
  world.PostMac(Message("3", 1, kPackage1), challenge);
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:401") << "a challenge holds once";
}

TEST(ExchangeReplay, OfACredentialIsRefusedOnceTheTerminalHasTheNextNonce) {
  World world;
  world.work.push_back(Work("op", {Get("./A")}));
  Open(world);
  world.Answer({200});
  world.Post(Message("2", 1, kPackage1, Md5Cred(world.account.client_nonce)));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:401");
}

TEST(ExchangeReplay, OfAnOlderMsgIdEndsInAnAbortAndUsesItsProofUp) {
  MacWorld world;
  world.work.push_back(Work("op", {Get("./A")}));
  world.PostMac(Message("1", 5, kPackage1), world.account.client_nonce);
  const std::string nonce = world.nonces.client_nonce;
  const std::string old = Message("1", 2, Status(1, 1, 0, "SyncHdr", 200));
  world.PostMac(old, nonce);
  EXPECT_THAT(world.Alerts(), ElementsAre("1223"));
  EXPECT_NE(world.nonces.client_nonce, nonce);
  EXPECT_EQ(ChallengeOf(world).type, kMac);
  EXPECT_FALSE(world.session->ended) << "who speaks of what is over does not end what goes on";
}

// Nonce resynchronisation: only in the session that was named, in time, once, in both readings.
TEST(ExchangeResync, AcceptsTheZeroNonceWhereItWasOffered) {
  for (const std::string_view zero :
       {std::string_view("\0\0\0\0", 4), std::string_view("0x00000000")}) {
    World world;
    world.nonces = {.client_nonce = "lost", .server_nonce = "lost", .known = true};
    world.nonces.resync_session = 0x00A7;
    world.nonces.resync_until = world.now + std::chrono::minutes(10);
    world.Post(Message("B1", 1, kPackage1, Md5Cred(zero)));
    EXPECT_EQ(world.Statuses()[0], "SyncHdr:401") << "another session";
    world.Post(Message("A7", 1, kPackage1, Md5Cred(zero)));
    EXPECT_EQ(world.Statuses()[0], "SyncHdr:212");
    EXPECT_EQ(world.message().header.cred->data.octets,
              dmauth::Md5Credential(world.account.server_a1, zero))
        << "and proves us with the same";
    EXPECT_NE(world.nonces.client_nonce, "lost");
    world.session.reset();
    world.Post(Message("A7", 1, kPackage1, Md5Cred(zero)));
    EXPECT_EQ(world.Statuses()[0], "SyncHdr:401") << "once";
  }
}

TEST(ExchangeResync, RefusesTheZeroNonceThatIsLateOrNotOffered) {
  World world;
  world.nonces = {.client_nonce = "lost", .server_nonce = "lost", .known = true};
  world.Post(Message("A7", 1, kPackage1, Md5Cred({"\0\0\0\0", 4})));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:401");
  world.nonces.resync_session = 0x00A7;
  world.nonces.resync_until = world.now - std::chrono::seconds(1);
  world.Post(Message("A7", 1, kPackage1, Md5Cred({"\0\0\0\0", 4})));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:401");
}

// A rotation is pending, power was lost somewhere: the terminal has the old or the new of each.
struct Rotation {
  bool next_client;
  bool next_server;
  bool stale;
};

class Rotations : public ::testing::TestWithParam<Rotation> {};

TEST_P(Rotations, LockNobodyOutAndPromoteWhatIsProved) {
  const Rotation& has = GetParam();
  World world;
  world.account.next_client_a1 = dmauth::A1(kDevice, "nextpw");
  world.account.next_server_a1 = dmauth::A1("com.mgmtsrv.manage", "nextsrv");
  world.account.next_password = "nextpw";
  world.account.next_server_password = "nextsrv";
  const std::string_view password = has.next_client ? "nextpw" : "clientpw";
  const std::string server_a1 =
      dmauth::A1("com.mgmtsrv.manage", has.next_server ? "nextsrv" : "srvpw");
  world.work.push_back(Work("op", {Replace("./A", "1")}));
  bool client = false;
  bool server = false;
  const auto post = [&](const std::string& message) {
    world.Post(message);
    for (const Effects& effects : world.effects) {
      client = client || effects.promote_client;
      server = server || effects.promote_server;
    }
  };

  std::string client_nonce = has.stale ? "stale" : world.account.client_nonce;
  std::string server_nonce = has.stale ? "elsewhere" : world.account.server_nonce;
  int msg_id = 1;
  post(Message("1", msg_id, kPackage1, Md5Cred(client_nonce, password)));
  if (has.stale) {
    EXPECT_EQ(world.Statuses()[0], "SyncHdr:401");
    client_nonce = base::FromBase64(ChallengeOf(world).next_nonce.octets).value();
    post(Message("1", ++msg_id, kPackage1, Md5Cred(client_nonce, password)));
  }
  ASSERT_EQ(world.Statuses()[0], "SyncHdr:212");
  EXPECT_EQ(client, has.next_client);
  int refused = 0;
  while (world.message().header.cred->data.octets !=
         dmauth::Md5Credential(server_a1, server_nonce)) {
    ASSERT_LT(++refused, 3);
    server_nonce = "nonce" + std::to_string(refused);
    const int id = IdOf(*world.Commands()[0]);
    const int ref = static_cast<int>(world.session->server_msg_id);
    post(Message("1", ++msg_id,
                 Status(1, ref, 0, "SyncHdr", 401, Chal(kMd5, base::Base64(server_nonce))) +
                     Status(2, ref, id, "Replace", 401)));
    ASSERT_THAT(world.Alerts(), IsEmpty()) << "given up";
    EXPECT_FALSE(server) << "not proved yet";
  }
  const int ref = static_cast<int>(world.session->server_msg_id);
  post(Message("1", ++msg_id,
               Status(1, ref, 0, "SyncHdr", 212) +
                   Status(2, ref, IdOf(*world.Commands()[0]), "Replace", 200)));
  EXPECT_EQ(server, has.next_server);
  EXPECT_EQ(client, has.next_client);
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kDone);
}

INSTANTIATE_TEST_SUITE_P(
    All, Rotations,
    ::testing::Values(Rotation{false, false, false}, Rotation{true, false, false},
                      Rotation{false, true, false}, Rotation{true, true, false},
                      Rotation{false, false, true}, Rotation{true, false, true},
                      Rotation{false, true, true}, Rotation{true, true, true}));

TEST(ExchangeRotation, SendsTheSecretThatIsPendingAndKeepsItOutOfTheTree) {
  World world;
  CommandSpec secret = Replace("./DMAcc/1/AppAuth/1/AAuthSecret", "");
  secret.data.reset();
  secret.secret = Secret::kNextPassword;
  world.account.next_client_a1 = dmauth::A1(kDevice, "nextpw");
  world.account.next_password = "nextpw";
  world.work.push_back(Work("op", {secret}));
  Open(world);
  EXPECT_EQ(world.All(CommandKind::kReplace)[0]->items[0].data->octets, "nextpw");
  const std::string accepted = Message("1", 2, Status(1, 1, 0, "SyncHdr", 212));
  const syncml::Decoded next = syncml::DecodeXml(accepted);
  EXPECT_TRUE(NeedsAccount(world.session, next.document.message()))
      << "the secret is not in the session";
  world.Answer({200});
  EXPECT_THAT(world.Nodes(), IsEmpty());
  EXPECT_EQ(world.Reports()[0].results[0].status, 200U);
}

TEST(ExchangeRotation, RefusesToSendASecretThatIsNotPending) {
  World world;
  CommandSpec secret = Replace("./DMAcc/1/AppAuth/1/AAuthSecret", "");
  secret.data.reset();
  secret.secret = Secret::kNextServerPassword;
  world.work.push_back(Work("op", {secret}));
  Open(world);
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kRefused);
  EXPECT_THAT(world.Reports()[0].cause, HasSubstr("server password"));
}

}  // namespace
}  // namespace drover::session

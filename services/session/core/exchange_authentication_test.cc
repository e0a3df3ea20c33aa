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
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExchangeAuthentication, ChallengesATerminalThatShowsNoCredentials) {
  World world;
  world.Post(Message("A7", 1, kPackage1));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:407", "Alert:407", "Replace:407"));
  const Command& header_status = *world.All(CommandKind::kStatus)[0];
  EXPECT_EQ(header_status.cmd_ref, "0");
  ASSERT_TRUE(header_status.chal);
  EXPECT_EQ(header_status.chal->type, "syncml:auth-md5");
  EXPECT_EQ(header_status.chal->next_nonce.octets, base::Base64(std::string(16, 'a')));
  EXPECT_TRUE(world.message().final);
  EXPECT_FALSE(world.session) << "nothing unauthenticated leaves a session";
  EXPECT_THAT(world.effects, IsEmpty());
}

// The dialogue of the specification's example with a challenge in both directions.
TEST(ExchangeAuthentication, LeadsTheDialogueWithChallengesInBothDirections) {
  World world;
  world.nonces.known = true;  // Out of step with the terminal.
  world.nonces.client_nonce = "stale";
  world.nonces.challenge_nonce = world.account.client_nonce;
  world.Post(Message("A7", 1, kPackage1));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:407", "Alert:407", "Replace:407"));

  world.work.push_back(Work("op", {Get("./DevDetail/FwV"), Get("./DevDetail/LrgObj")}));
  const std::string challenge =
      Status(1, 1, 0, "SyncHdr", 407,
             "<Chal><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type "
             "xmlns=\"syncml:metinf\">syncml:auth-md5</Type><NextNonce "
             "xmlns=\"syncml:metinf\">/+7dzLuqmYh3ZlVEMyIRAA==</NextNonce></Meta></Chal>");
  world.Post(Message("A7", 2, challenge + kPackage1, Md5Cred(world.account.client_nonce)));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:212", "Alert:200", "Replace:200"));
  EXPECT_EQ(world.message().header.cred->data.octets, "qLCDW9QNdGjJGL7402Zmfw==") << "TV-A3";
  EXPECT_EQ(world.message().header.source.name, "com.mgmtsrv.manage");
  EXPECT_EQ(world.message().header.msg_id, "2");
  EXPECT_THAT(world.All(CommandKind::kGet), SizeIs(2));

  const std::string next_nonce =
      "<Chal><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type "
      "xmlns=\"syncml:metinf\">syncml:auth-md5</Type><NextNonce "
      "xmlns=\"syncml:metinf\">sLGys7S1tre4ubq7vL2+vw==</NextNonce></Meta></Chal>";
  world.Post(Message("A7", 3,
                     Status(1, 2, 0, "SyncHdr", 212, next_nonce) + Status(2, 2, 4, "Get", 200) +
                         Results(3, 2, 4, "./DevDetail/FwV", "6.1.0") +
                         Status(4, 2, 5, "Get", 200) +
                         Results(5, 2, 5, "./DevDetail/LrgObj", "true")));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200"));
  EXPECT_FALSE(world.message().header.cred) << "212 holds for the session";
  EXPECT_EQ(base::Base64(world.nonces.server_nonce), "sLGys7S1tre4ubq7vL2+vw==");
  ASSERT_THAT(world.Reports(), SizeIs(1));
  const OperationReport report = world.Reports()[0];
  EXPECT_EQ(report.disposition, Disposition::kDone);
  ASSERT_THAT(report.results, SizeIs(2));
  EXPECT_EQ(report.results[0].values[0].data, "6.1.0");
  EXPECT_EQ(report.results[0].cmd_id, "4");
  ASSERT_THAT(world.effects[0].nodes, SizeIs(2));
  ASSERT_THAT(world.answer.endings, SizeIs(1));
  EXPECT_EQ(world.answer.endings[0].end, SessionEnd::kCompleted);
  EXPECT_EQ(world.answer.endings[0].session_key, world.session->key);
  EXPECT_THAT(world.answer.endings[0].finished, ElementsAre("op"));
  EXPECT_TRUE(world.session->ended);
  EXPECT_THAT(world.session->finished, IsEmpty()) << "told once, not kept";
}

TEST(ExchangeAuthentication, SendsEverythingAgainWhenTheTerminalChallengesTheServer) {
  World world;
  world.work.push_back(Work("op", {Replace("./X", "1")}));
  Open(world);
  const std::string challenge =
      Status(1, 1, 0, "SyncHdr", 401,
             "<Chal><Meta><Type>syncml:auth-md5</Type><Format>b64</Format>"
             "<NextNonce>Tm9uY2U=</NextNonce></Meta></Chal>");
  world.Post(Message("1", 2, challenge + Status(2, 1, 4, "Replace", 401)));
  EXPECT_THAT(world.Reports(), IsEmpty());
  ASSERT_THAT(world.All(CommandKind::kReplace), SizeIs(1));
  EXPECT_EQ(world.message().header.cred->data.octets,
            dmauth::Md5Credential(world.account.server_a1, "Nonce"));
  EXPECT_EQ(world.message().header.msg_id, "2");

  world.Post(Message("1", 3, challenge + Status(2, 2, 2, "Replace", 401)));
  world.Post(Message("1", 4, challenge + Status(2, 3, 2, "Replace", 401)));
  EXPECT_EQ(world.All(CommandKind::kAlert)[0]->data->octets, "1223") << "three times is enough";
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kReturned) << "it was never executed";
}

TEST(ExchangeAuthentication, ANewSessionReplacesTheOpenOneOnlyOnceItsTerminalHasProvedItself) {
  World world;
  world.work.push_back(Work("op", {Replace("./X", "1")}));
  Open(world, "1");
  const std::string key = world.session->key;
  world.Post(Message("2", 1, kPackage1));
  EXPECT_EQ(world.session->key, key) << "a stranger cannot end the session";
  world.Post(Message("2", 2, kPackage1, Md5Cred(world.nonces.challenge_nonce)));
  EXPECT_NE(world.session->key, key);
  ASSERT_THAT(world.answer.endings, SizeIs(2));
  EXPECT_EQ(world.answer.endings[0].end, SessionEnd::kReplaced);
  EXPECT_TRUE(world.effects[0].session_started);
}

TEST(ExchangeAuthentication, ASessionThatCannotBeReadIsReplacedLikeOneThatWasLost) {
  World world;
  const std::string body = Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce));
  const syncml::Decoded decoded = syncml::DecodeXml(body);
  const DeviceId device{std::string(kDevice)};
  const Request request{device, syncml::Encoding::kXml,     body,
                        "",     decoded.document.message(), world.now};
  Stored stored;
  stored.account = world.account;
  stored.work_marked = false;
  stored.lost_version = 6;
  Exchange exchange(world.config, world.random, request, std::move(stored));
  while (exchange.Next() != nullptr) exchange.Done({});
  const Answer& answer = std::get<Answer>(exchange.answer());
  EXPECT_EQ(answer.expected_version, 6U);
  EXPECT_EQ(answer.session->version, 7U) << "nobody may take it for the one that stood there";
}

TEST(ExchangeAuthentication, AcceptsThePreviousNonceOnceAndNoOlderOne) {
  World world;
  const std::string first = world.account.client_nonce;
  Open(world, "1");
  world.Post(Message("2", 1, kPackage1, Md5Cred(first)));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:212") << "it may have missed our answer";
  world.Post(Message("3", 1, kPackage1, Md5Cred(first)));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:401") << "but a replay is no proof";
}

TEST(ExchangeAuthentication, AsksForTheAccountOnlyWhereSomethingHasToBeProved) {
  World world;
  world.work.push_back(Work("op", {Replace("./X", "1")}));
  Open(world);
  const auto needed = [&](const std::string& xml) {
    const syncml::Decoded decoded = syncml::DecodeXml(xml);
    return NeedsAccount(world.session, decoded.document.message());
  };
  const std::string accepted = Status(1, 1, 0, "SyncHdr", 212);
  EXPECT_FALSE(needed(Message("1", 2, accepted + Status(2, 1, 4, "Replace", 200))));
  EXPECT_TRUE(needed(Message("1", 2, Status(1, 1, 0, "SyncHdr", 200)))) << "this once, it says";
  EXPECT_TRUE(needed(Message("1", 2, Status(1, 1, 0, "SyncHdr", 401))));
  EXPECT_TRUE(needed(Message("1", 2, accepted + Status(1, 1, 0, "SyncHdr", 401))));
  EXPECT_TRUE(needed(Message("1", 1, accepted))) << "an old message";
  EXPECT_TRUE(needed(Message("1", 2, accepted + kPackage1))) << "it may begin anew";
  EXPECT_TRUE(needed(Message("2", 2, accepted)));
  world.known = false;
  world.Post(Message("1", 2, accepted + Status(2, 1, 4, "Replace", 200)));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200"));
  EXPECT_THAT(world.Reports(), SizeIs(1));
}

TEST(ExchangeAuthentication, StopsLookingAtCredentialsAfterTooManyWrongOnes) {
  World world;
  for (int i = 0; i < 5; ++i) {
    world.Post(Message("1", 1, kPackage1, Md5Cred("wrong" + std::to_string(i))));
    EXPECT_EQ(world.Statuses()[0], "SyncHdr:401");
  }
  EXPECT_EQ(world.Post(Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce))), "");
  EXPECT_EQ(world.refusal->code, Code::kResourceExhausted);
  EXPECT_EQ(world.refusal->retry_after, std::chrono::seconds(30));
  world.now += std::chrono::seconds(31);
  world.Post(Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce)));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:212");
}

TEST(ExchangeAuthentication, ChallengesUnknownTerminalsLikeKnownOnesOrRefusesThemByPolicy) {
  World world;
  world.known = false;
  world.Post(Message("1", 1, kPackage1, Md5Cred("x")));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:401", "Alert:401", "Replace:401"));
  world.config.refuse_unknown = true;
  EXPECT_EQ(world.Post(Message("1", 1, kPackage1)), "");
  EXPECT_EQ(world.refusal->code, Code::kPermissionDenied);
}

TEST(ExchangeAuthentication, RegistersAnUnknownTerminalThatProvedTheEnrolmentPassword) {
  World world;
  world.enrolling = true;
  world.Post(Message("1", 1, kPackage1));
  EXPECT_THAT(world.effects, IsEmpty());
  world.Post(Message("1", 2, kPackage1, Md5Cred(world.nonces.challenge_nonce)));
  ASSERT_THAT(world.effects, SizeIs(1));
  EXPECT_TRUE(world.effects[0].enrol);
}

}  // namespace
}  // namespace drover::session

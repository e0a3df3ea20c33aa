#include "libs/smpp/session.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/smpp/testing/pair.h"

namespace drover::smpp {
namespace {

using namespace std::chrono_literals;
using testing::Pair;
using testing::Recorder;

TEST(Session, BindsAndTellsBothSides) {
  Pair pair;
  pair.Connect();
  EXPECT_TRUE(pair.esme.bound());
  EXPECT_TRUE(pair.smsc.bound());
  EXPECT_EQ(pair.at_smsc.bound_as, "esme:secret");
  EXPECT_EQ(pair.at_esme.system_id, "smsc");
  EXPECT_EQ(pair.at_esme.version, kVersion34);
  EXPECT_EQ(pair.esme.next_deadline(), pair.now + 30s);
}

TEST(Session, SpeaksTheLowerVersionOfBoth) {
  for (const auto& [ours, theirs] : {std::pair{kVersion50, kVersion34}, {kVersion34, kVersion50}}) {
    Pair pair({.interface_version = ours}, {.interface_version = theirs});
    pair.Connect();
    EXPECT_EQ(pair.esme.version(), kVersion34);
    EXPECT_EQ(pair.smsc.version(), kVersion34);
  }
}

TEST(Session, SendsNoTlvsToAPeerOf33) {
  Pair pair({.interface_version = kVersion33});
  pair.Connect();
  std::string octets;
  TlvWriter(octets).Number(Tag::kMoreMessagesToSend, 1);
  const SubmitSm submit{.short_message = "x", .tlvs = Tlvs(octets)};
  EXPECT_EQ(pair.esme.Send(submit, 1, pair.now), Sent::kSent);
  std::string sent;
  pair.esme.TakeOutput(sent);
  Pdu pdu;
  ASSERT_FALSE(Decode(sent, pdu));
  EXPECT_TRUE(std::get<SubmitSm>(pdu.body).tlvs.empty());

  octets.clear();
  TlvWriter(octets).Octets(Tag::kMessagePayload, "x");
  EXPECT_EQ(pair.esme.Send(SubmitSm{.tlvs = Tlvs(octets)}, 2, pair.now), Sent::kUnsupported);
  EXPECT_EQ(pair.esme.Send(DataSm{}, 3, pair.now), Sent::kUnsupported);
  EXPECT_EQ(pair.smsc.Notify(AlertNotification{}), Sent::kUnsupported);
}

TEST(Session, TakesAnSmscThatDoesNotTellItsVersionForWhatTheSettingsSay) {
  for (const uint8_t untold : {kVersion33, kVersion34}) {
    Pair pair({.untold_version = untold});
    pair.esme.Connected(pair.now);
    pair.esme.Octets(*base::FromHex("00000011800000090000000000000001"
                                    "00"),
                     pair.now);
    ASSERT_TRUE(pair.esme.bound());
    EXPECT_EQ(pair.esme.takes_tlvs(), untold == kVersion34);
  }
}

TEST(Session, EndsWhenItsBindIsRefused) {
  Pair pair;
  pair.at_smsc.on_bind = [&] { pair.smsc.RefuseBind(CommandStatus::kRinvPaswd, pair.now); };
  pair.Connect();
  ASSERT_EQ(pair.at_esme.ends.size(), 1u);
  EXPECT_EQ(pair.at_esme.ends[0].cause, EndCause::kBindRefused);
  EXPECT_EQ(pair.at_esme.ends[0].status, CommandStatus::kRinvPaswd);
  EXPECT_TRUE(pair.smsc.ended());
  EXPECT_EQ(pair.Submit(1), Sent::kNotBound);
}

TEST(Session, EndsWithoutABindInTime) {
  Pair pair;
  pair.esme.Connected(pair.now);
  pair.smsc.Connected(pair.now);
  pair.PassAlone(pair.esme, 5s);
  pair.PassAlone(pair.smsc, 5s);
  EXPECT_EQ(pair.at_esme.ends.at(0).cause, EndCause::kNoBind);
  EXPECT_EQ(pair.at_smsc.ends.at(0).cause, EndCause::kNoBind);
  EXPECT_EQ(pair.esme.next_deadline(), Time::max());
}

TEST(Session, JudgesABindLater) {
  Pair pair;
  pair.at_smsc.on_bind = nullptr;
  pair.Connect();
  EXPECT_FALSE(pair.esme.bound());
  pair.smsc.AcceptBind(pair.now);
  pair.Run();
  EXPECT_TRUE(pair.esme.bound());
}

TEST(Session, GivesEachAnswerToItsRequest) {
  Pair pair;
  pair.Accept();
  pair.Connect();
  for (uint64_t token = 1; token <= 5; ++token) EXPECT_EQ(pair.Submit(token), Sent::kSent);
  pair.Run();
  ASSERT_EQ(pair.at_esme.answers.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(pair.at_esme.answers[i].token, i + 1);
    EXPECT_EQ(pair.at_esme.answers[i].outcome, Outcome::kAnswered);
    EXPECT_TRUE(pair.at_esme.answers[i].message_id.starts_with("id"));
  }
  EXPECT_EQ(pair.esme.outstanding(), 0u);
  EXPECT_EQ(pair.esme.counters().requests_out, 5u);
}

TEST(Session, TakesAnswersInAnyOrder) {
  Pair pair;
  pair.Connect();
  for (uint64_t token = 1; token <= 4; ++token) pair.Submit(token);
  pair.Run();
  for (size_t i = 4; i-- > 0;) {
    pair.smsc.RespondBare(pair.at_smsc.requests[i].id, CommandStatus::kRsysErr, pair.now);
  }
  pair.Run();
  ASSERT_EQ(pair.at_esme.answers.size(), 4u);
  EXPECT_EQ(pair.at_esme.answers[0].token, 4u);
  EXPECT_EQ(pair.at_esme.answers[3].token, 1u);
}

TEST(Session, KeepsToItsWindowAndSaysWhenItIsOpen) {
  Pair pair({.window = 2});
  pair.Connect();
  EXPECT_EQ(pair.Submit(1), Sent::kSent);
  EXPECT_EQ(pair.Submit(2), Sent::kSent);
  EXPECT_EQ(pair.Submit(3), Sent::kWindowFull);
  pair.Run();
  EXPECT_EQ(pair.at_esme.readies, 0);
  pair.smsc.Respond(pair.at_smsc.requests[0].id, SubmitSmResp{.message_id = "a"}, pair.now);
  pair.Run();
  EXPECT_EQ(pair.at_esme.readies, 1);
  EXPECT_EQ(pair.Submit(3), Sent::kSent);
}

TEST(Session, SendsTheNextFromInsideAnAnswer) {
  Pair pair({.window = 1});
  pair.Accept();
  pair.Connect();
  pair.at_esme.on_answer = [&](const Recorder::Answered& answer) {
    if (answer.token == 1000) return;
    EXPECT_EQ(pair.Submit(answer.token + 1), Sent::kSent);
  };
  pair.Submit(1);
  pair.Run();
  EXPECT_EQ(pair.at_esme.answers.size(), 1000u);
}

TEST(Session, GivesARequestBackThatIsNotAnsweredAndItsAnswerIfItComesAfterAll) {
  Pair pair;
  pair.Connect();
  pair.Submit(7);
  pair.Submit(8, {.response_time = 20s});
  pair.Run();
  pair.Pass(10s);
  ASSERT_EQ(pair.at_esme.answers.size(), 1u);
  EXPECT_EQ(pair.at_esme.answers[0].token, 7u);
  EXPECT_EQ(pair.at_esme.answers[0].outcome, Outcome::kTimedOut);
  pair.smsc.Respond(pair.at_smsc.requests[0].id, SubmitSmResp{.message_id = "m7"}, pair.now);
  pair.Run();
  ASSERT_EQ(pair.at_esme.answers.size(), 2u);
  EXPECT_EQ(pair.at_esme.answers[1].token, 7u);
  EXPECT_EQ(pair.at_esme.answers[1].outcome, Outcome::kLate);
  EXPECT_EQ(pair.at_esme.answers[1].message_id, "m7");
  pair.smsc.Respond(pair.at_smsc.requests[0].id, SubmitSmResp{.message_id = "m7"}, pair.now);
  pair.Run();
  EXPECT_EQ(pair.esme.counters().unexpected, 1u) << "and once only";
  pair.Pass(10s);
  EXPECT_EQ(pair.at_esme.answers.back().token, 8u);
}

TEST(Session, GivesBackEverythingWhenTheLinkIsLost) {
  Pair pair;
  pair.Connect();
  pair.Submit(1);
  std::string octets;
  pair.esme.TakeOutput(octets);
  const size_t first = octets.size();
  pair.Submit(2);
  pair.esme.TakeOutput(octets);
  pair.Submit(3);
  // What was taken for the second request did not leave; the third was not even taken.
  pair.esme.Closed("reset", octets.size() - first, pair.now);
  ASSERT_EQ(pair.at_esme.answers.size(), 3u);
  EXPECT_EQ(pair.at_esme.answers[0].outcome, Outcome::kMaybeSent);
  EXPECT_EQ(pair.at_esme.answers[1].outcome, Outcome::kNotSent);
  EXPECT_EQ(pair.at_esme.answers[2].outcome, Outcome::kNotSent);
  ASSERT_EQ(pair.at_esme.ends.size(), 1u);
  EXPECT_EQ(pair.at_esme.ends[0].cause, EndCause::kLinkLost);
  EXPECT_EQ(pair.at_esme.ends[0].text, "reset");
  EXPECT_FALSE(pair.esme.has_output());
}

TEST(Session, TakesPartOfARequestForMaybeSent) {
  Pair pair;
  pair.Connect();
  pair.Submit(1);
  std::string octets;
  pair.esme.TakeOutput(octets);
  pair.esme.Closed("reset", octets.size() - 1, pair.now);
  EXPECT_EQ(pair.at_esme.answers.at(0).outcome, Outcome::kMaybeSent);
}

TEST(Session, AsksForASignOfLifeAndEndsWithoutOne) {
  Pair pair;
  pair.Connect();
  pair.Pass(30s);
  EXPECT_EQ(pair.esme.counters().enquiries_out, 1u);
  EXPECT_EQ(pair.smsc.counters().enquiries_in, 1u);
  pair.Pass(25s);
  EXPECT_EQ(pair.esme.counters().enquiries_out, 1u) << "whatever comes counts";
  pair.PassAlone(pair.esme, 5s + 10s + 9s);
  EXPECT_EQ(pair.esme.counters().enquiries_out, 3u);
  EXPECT_FALSE(pair.esme.ended());
  pair.PassAlone(pair.esme, 1s);
  EXPECT_EQ(pair.at_esme.ends.at(0).cause, EndCause::kSilent);
}

TEST(Session, AsksAgainSoonAlsoWhenItIsPatientWithAnswers) {
  Pair pair({.response_time = 60s, .enquire_after = 1s});
  pair.Connect();
  pair.Pass(10s);
  EXPECT_EQ(pair.esme.counters().enquiries_out, 10u);
}

TEST(Session, RefusesWhatDoesNotBelongIntoItsState) {
  Pair pair({.mode = BindMode::kReceiver});
  // submit_sm before any bind.
  pair.smsc.Connected(pair.now);
  std::string octets;
  ASSERT_FALSE(EncodeBody(9, SubmitSm{}, octets));
  pair.smsc.Octets(octets, pair.now);
  octets.clear();
  pair.smsc.TakeOutput(octets);
  EXPECT_EQ(base::Hex(octets), "00000010800000040000000400000009");

  pair.Connect();
  EXPECT_EQ(pair.Submit(1), Sent::kNotBound) << "a receiver submits nothing";
  octets.clear();
  ASSERT_FALSE(EncodeBody(10, SubmitSm{}, octets));
  pair.smsc.Octets(octets, pair.now);
  octets.clear();
  pair.smsc.TakeOutput(octets);
  EXPECT_EQ(base::Hex(octets), "0000001080000004000000040000000a");
  EXPECT_EQ(pair.smsc.counters().wrong_state, 2u);

  octets.clear();
  ASSERT_FALSE(EncodeBody(11, Bind{.system_id = "again"}, octets));
  pair.smsc.Octets(octets, pair.now);
  octets.clear();
  pair.smsc.TakeOutput(octets);
  EXPECT_EQ(base::Hex(octets), "0000001080000009000000050000000b");
}

TEST(Session, SendsATransmitterNoDeliveries) {
  Pair pair({.mode = BindMode::kTransmitter});
  pair.Connect();
  EXPECT_EQ(pair.smsc.Send(DeliverSm{}, 1, pair.now), Sent::kNotBound);
  EXPECT_EQ(pair.smsc.Send(SubmitSm{}, 1, pair.now), Sent::kNotBound);
  EXPECT_EQ(pair.Submit(1), Sent::kSent);
}

TEST(Session, PassesDeliveriesOnAndTheirAnswersBack) {
  Pair pair;
  pair.Connect();
  EXPECT_EQ(pair.smsc.Send(DeliverSm{.short_message = "mo"}, 5, pair.now), Sent::kSent);
  EXPECT_EQ(pair.smsc.Notify(AlertNotification{.source = {1, 1, "86138"}}), Sent::kSent);
  pair.Run();
  ASSERT_EQ(pair.at_esme.requests.size(), 1u);
  EXPECT_EQ(pair.at_esme.requests[0].short_message, "mo");
  EXPECT_EQ(pair.at_esme.notices, std::vector{CommandId::kAlertNotification});
  EXPECT_EQ(pair.esme.unanswered(), 1u);
  pair.esme.RespondBare(pair.at_esme.requests[0].id, CommandStatus::kRok, pair.now);
  EXPECT_EQ(pair.esme.unanswered(), 0u);
  std::string octets;
  pair.esme.TakeOutput(octets);
  EXPECT_EQ(octets.size(), 17u) << "a message_id of one NUL";
  pair.smsc.Octets(octets, pair.now);
  ASSERT_EQ(pair.at_smsc.answers.size(), 1u);
  EXPECT_EQ(pair.at_smsc.answers[0].token, 5u);
}

TEST(Session, RefusesMoreDeliveriesThanItHolds) {
  Pair pair({.peer_window = 1});
  pair.Connect();
  pair.smsc.Send(DeliverSm{}, 1, pair.now);
  pair.smsc.Send(DeliverSm{}, 2, pair.now);
  pair.Run();
  EXPECT_EQ(pair.at_esme.requests.size(), 1u);
  ASSERT_EQ(pair.at_smsc.answers.size(), 1u);
  EXPECT_EQ(pair.at_smsc.answers[0].status, CommandStatus::kRmsgQful);
}

TEST(Session, AnswersWhatItCannotRead) {
  struct {
    const char* hex;
    const char* answer;
  } const cases[] = {
      {"00000010000000770000000000000009", "00000010800000000000000300000009"},
      {"00000010000000050000000000000009", "00000010800000050000000200000009"},
      {"00000011000000150000000000000009ff", "0000001080000015000000c000000009"},
      {"00000010000001020000000000000009", "00000010800000000000000200000009"},
      {"00000010800000770000000000000009", ""},
      {"00000010800000000000000300000000", ""},
  };
  for (const auto& c : cases) {
    Pair pair;
    pair.Connect();
    pair.esme.Octets(*base::FromHex(c.hex), pair.now);
    std::string octets;
    pair.esme.TakeOutput(octets);
    EXPECT_EQ(base::Hex(octets), c.answer) << c.hex;
    EXPECT_TRUE(pair.esme.bound());
  }
}

TEST(Session, NacksALengthThatCannotBeAndEnds) {
  for (const char* hex : {"ffffffff", "0000000f", "00010401"}) {
    Pair pair;
    pair.Connect();
    pair.Submit(1);
    pair.Run();
    pair.esme.Octets(*base::FromHex(hex), pair.now);
    std::string octets;
    pair.esme.TakeOutput(octets);
    EXPECT_EQ(base::Hex(octets), "00000010800000000000000200000000");
    EXPECT_EQ(pair.at_esme.answers.at(0).outcome, Outcome::kMaybeSent);
    EXPECT_EQ(pair.at_esme.ends.at(0).cause, EndCause::kGarbage);
  }
}

TEST(Session, TakesAnAnswerThatItCannotReadForWhatItsStatusSays) {
  Pair pair;
  pair.Connect();
  pair.Submit(1);
  pair.Run();
  const std::string head = "00000014800000040000000000000002";
  pair.esme.Octets(*base::FromHex(head + "61616161"), pair.now);
  ASSERT_EQ(pair.at_esme.answers.size(), 1u);
  EXPECT_EQ(pair.at_esme.answers[0].status, CommandStatus::kRok);
  EXPECT_FALSE(pair.at_esme.answers[0].readable);
  EXPECT_EQ(pair.esme.counters().malformed, 1u);
}

TEST(Session, TakesAGenericNackForTheAnswer) {
  Pair pair;
  pair.Connect();
  pair.Submit(1);
  pair.Run();
  pair.esme.Octets(*base::FromHex("00000010800000000000000300000002"), pair.now);
  ASSERT_EQ(pair.at_esme.answers.size(), 1u);
  EXPECT_EQ(pair.at_esme.answers[0].status, CommandStatus::kRinvCmdId);
}

TEST(Session, LeavesAResponseOfAnotherKindAlone) {
  Pair pair;
  pair.Connect();
  pair.Submit(1);
  pair.Run();
  pair.esme.Octets(*base::FromHex("00000011800000050000000000000002"
                                  "00"),
                   pair.now);
  EXPECT_TRUE(pair.at_esme.answers.empty());
  EXPECT_EQ(pair.esme.counters().unexpected, 1u);
}

TEST(Session, UnbindsOnceAllIsAnswered) {
  Pair pair;
  pair.Connect();
  pair.Submit(1);
  pair.Run();
  pair.esme.Unbind(pair.now);
  EXPECT_EQ(pair.Submit(2), Sent::kNotBound);
  pair.Run();
  EXPECT_FALSE(pair.esme.ended());
  pair.smsc.Respond(pair.at_smsc.requests[0].id, SubmitSmResp{.message_id = "m"}, pair.now);
  pair.Run();
  EXPECT_EQ(pair.at_esme.answers.at(0).outcome, Outcome::kAnswered);
  EXPECT_EQ(pair.at_esme.ends.at(0).cause, EndCause::kUnbound);
  EXPECT_EQ(pair.at_smsc.ends.at(0).cause, EndCause::kPeerUnbound);
}

TEST(Session, UnbindsInTimeWhateverIsOutstanding) {
  Pair pair;
  pair.Connect();
  pair.Submit(1, {.response_time = 60s});
  pair.Run();
  pair.esme.Unbind(pair.now);
  pair.PassAlone(pair.esme, 9s);
  EXPECT_FALSE(pair.esme.has_output());
  pair.PassAlone(pair.esme, 1s);
  EXPECT_TRUE(pair.esme.has_output()) << "unbind";
  pair.PassAlone(pair.esme, 10s);
  EXPECT_EQ(pair.at_esme.ends.at(0).cause, EndCause::kUnbound);
  EXPECT_EQ(pair.at_esme.answers.at(0).outcome, Outcome::kMaybeSent);
}

TEST(Session, AnswersThePeersRequestsBeforeItsUnbind) {
  Pair pair;
  pair.Connect();
  pair.smsc.Send(DeliverSm{}, 1, pair.now);
  pair.Run();
  pair.esme.Octets(*base::FromHex("00000010000000060000000000000063"), pair.now);
  EXPECT_FALSE(pair.esme.has_output());
  EXPECT_EQ(pair.Submit(2), Sent::kNotBound);
  pair.esme.RespondBare(pair.at_esme.requests[0].id, CommandStatus::kRok, pair.now);
  std::string octets;
  pair.esme.TakeOutput(octets);
  EXPECT_EQ(base::Hex(octets.substr(17)), "00000010800000060000000000000063");
  EXPECT_EQ(pair.at_esme.ends.at(0).cause, EndCause::kPeerUnbound);
}

TEST(Session, LeavesAfterThePeersUnbindWhateverIsOutstanding) {
  Pair pair;
  pair.Connect();
  pair.Submit(1);
  pair.smsc.Send(DeliverSm{}, 1, pair.now);
  pair.Run();
  pair.esme.Octets(*base::FromHex("00000010000000060000000000000063"), pair.now);
  pair.PassAlone(pair.esme, 2s);
  EXPECT_EQ(pair.at_esme.ends.at(0).cause, EndCause::kPeerUnbound);
  EXPECT_EQ(pair.at_esme.answers.at(0).outcome, Outcome::kMaybeSent);
  std::string octets;
  pair.esme.TakeOutput(octets);
  EXPECT_EQ(base::Hex(octets), "00000010800000060000000000000063");
}

TEST(Session, SaysWhichSettingNoBindCanCarry) {
  EXPECT_TRUE(Validate({.system_id = "esme"}));
  const auto result = Validate({.system_id = "sixteen octets.."});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("system_id"), std::string::npos);
  EXPECT_FALSE(Validate({.password = "nine...9."}));
  EXPECT_FALSE(Validate({.window = 0}));
}

TEST(Session, SendsNothingNewToAPeerThatDoesNotRead) {
  Pair pair({.window = 1000, .unsent_octets = 100});
  pair.Accept();
  pair.Connect();
  EXPECT_EQ(pair.Submit(1), Sent::kSent);
  EXPECT_EQ(pair.Submit(2), Sent::kSent);
  EXPECT_EQ(pair.Submit(3), Sent::kBacklog) << "what was not taken yet";
  std::string octets;
  pair.esme.TakeOutput(octets);
  pair.esme.Backlog(octets.size());
  EXPECT_EQ(pair.Submit(3), Sent::kBacklog) << "what was taken but did not leave";
  pair.esme.Tick(pair.now);
  EXPECT_EQ(pair.at_esme.readies, 0);
  pair.esme.Backlog(0);
  pair.esme.Tick(pair.now);
  EXPECT_EQ(pair.at_esme.readies, 1);
  EXPECT_EQ(pair.Submit(3), Sent::kSent);
}

TEST(Session, AnswersNoRequestOfAnotherSession) {
  testing::Recorder recorder;
  Session first({}, recorder, 1);
  Session second({}, recorder, 2);
  const RequestId id{.command = CommandId::kDeliverSm, .sequence = 1, .epoch = 1};
  EXPECT_FALSE(second.RespondBare(id, CommandStatus::kRok, Time{}));
  EXPECT_FALSE(second.Respond(id, DeliverSmResp{}, Time{}));
  EXPECT_TRUE(first.RespondBare(id, CommandStatus::kRok, Time{}));
}

TEST(Session, NeverUsesANumberTwiceWhileItWaits) {
  Pair pair({.window = 3});
  pair.Connect();
  pair.Submit(100, {.response_time = std::chrono::hours(24)});
  pair.Run();
  for (uint64_t token = 1; token <= 50; ++token) {
    ASSERT_EQ(pair.Submit(token), Sent::kSent);
    pair.Run();
    pair.smsc.Respond(pair.at_smsc.requests.back().id, SubmitSmResp{.message_id = "m"}, pair.now);
    pair.Run();
    ASSERT_EQ(pair.at_esme.answers.back().token, token);
  }
  pair.smsc.Respond(pair.at_smsc.requests[0].id, SubmitSmResp{.message_id = "m"}, pair.now);
  pair.Run();
  EXPECT_EQ(pair.at_esme.answers.back().token, 100u);
}

}  // namespace
}  // namespace drover::smpp

#include "loadtest/gateway/voice.h"

#include <gtest/gtest.h>

#include "libs/sip/digest_client.h"

namespace drover::gwsim {
namespace {

using std::chrono::seconds;

const TimePoint kNow{std::chrono::hours(500'000)};

class VoiceTest : public ::testing::Test {
 protected:
  struct Notify {
    std::string event = "Event: resync";
    std::string call_id = "c1@drover";
    uint32_t cseq = 1;
    std::string authorization;
    std::string subscription = "Subscription-State: active;expires=1000\r\n";
    std::string branch;  // Empty: a new one.
  };
  std::string Octets(const Notify& notify) {
    const std::string branch =
        notify.branch.empty() ? "z9hG4bK" + std::to_string(++branches_) : notify.branch;
    return "NOTIFY sip:69600000042@127.0.0.1:5070 SIP/2.0\r\n"
           "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=" +
           branch +
           ";rport\r\n"
           "To: <sip:69600000042@127.0.0.1:5070>\r\n"
           "From: <sip:dm@drover.example>;tag=1\r\n"
           "Call-ID: " +
           notify.call_id + "\r\nCSeq: " + std::to_string(notify.cseq) +
           " NOTIFY\r\nMax-Forwards: 70\r\n" + notify.event + "\r\n" + notify.subscription +
           notify.authorization + "Content-Length: 0\r\n\r\n";
  }
  VoiceAnswer Take(const std::string& octets) {
    octets_ = octets;
    const auto refusal = sip::Parse(octets_, sip::Arrival::kDatagram, message_);
    EXPECT_FALSE(refusal) << octets;
    return VoiceModule(*habits_, guard_, counts_)
        .Take(
            message_,
            [] {
              return VoiceLogin{"gw", "secret"};
            },
            now_, state_);
  }
  VoiceAnswer Say(const Notify& notify) { return Take(Octets(notify)); }
  VoiceAnswer Event(const std::string& line) { return Say({.event = line, .cseq = ++cseq_}); }
  // The header line that answers the challenge.
  std::string Credentials(const VoiceAnswer& answer, const std::string& password) {
    sip::DigestClient client({"gw", password});
    EXPECT_EQ(client.Challenged(sip::ParseChallenge(answer.challenge), false),
              sip::DigestClient::Next::kAnswer);
    const auto fields =
        client.Fields("NOTIFY", "sip:69600000042@127.0.0.1:5070", "", "0123456789abcdef");
    return fields.empty() ? "" : "Authorization: " + fields[0].value + "\r\n";
  }

  const Habits* habits_ = FindHabits("plain");
  VoiceGuard guard_{"a key of sixteen octets"};
  VoiceCounts counts_;
  VoiceState state_;
  sip::Message message_;
  std::string octets_;
  TimePoint now_ = kNow;
  int branches_ = 0;
  uint32_t cseq_ = 0;
};

TEST_F(VoiceTest, A17AVoiceNotifyIsCountedAndNothingFollows) {
  const VoiceAnswer answer = Event("Event: message-summary");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.asks);
  EXPECT_EQ(state_.voice, 1);
  EXPECT_EQ(state_.told, 0);
}

TEST_F(VoiceTest, A18TheEventIsComparedOctetByOctetWithoutItsParameters) {
  for (const char* line : {"o: resync", "Event: resync;id=1", "Event: resync", "event:resync"}) {
    const VoiceAnswer answer = Event(line);
    EXPECT_EQ(answer.status, 200) << line;
    EXPECT_TRUE(answer.asks) << line;
  }
  for (const char* line : {"Event: Resync", "Event: resync2", "Event: RESYNC", "Event: resyn"}) {
    const VoiceAnswer answer = Event(line);
    EXPECT_EQ(answer.status, 489) << line;
    EXPECT_FALSE(answer.asks) << line;
    EXPECT_EQ(answer.allow_events, "resync");
  }
}

TEST_F(VoiceTest, WhoTakesCheckSyncAloneSaysSo) {
  habits_ = FindHabits("gigaset");
  EXPECT_EQ(Event("Event: resync").status, 489);
  EXPECT_EQ(Event("Event: resync").allow_events, "check-sync");
  EXPECT_TRUE(Event("Event: check-sync;reboot=false").asks);
}

TEST_F(VoiceTest, AnOrdinaryPhoneHasNoSubscription) {
  habits_ = FindHabits("phone");
  EXPECT_EQ(Event("Event: resync").status, 481);
  EXPECT_EQ(Event("Event: message-summary").status, 200);
  EXPECT_EQ(counts_.bad_events, 1u);
}

TEST_F(VoiceTest, ANotifyWithoutItsHeadersIsRefused) {
  EXPECT_EQ(Event("X-None: 1").status, 489);
  EXPECT_EQ(Event("Event: resync\r\nEvent: resync").status, 489);
  EXPECT_EQ(Say({.cseq = 100, .subscription = ""}).status, 400);
}

TEST_F(VoiceTest, ARetransmissionGetsTheSameAnswerAndMakesNobodyAsk) {
  const std::string octets = Octets({});
  EXPECT_TRUE(Take(octets).asks);
  const VoiceAnswer again = Take(octets);
  EXPECT_EQ(again.status, 200);
  EXPECT_FALSE(again.asks);
  EXPECT_EQ(counts_.retransmissions, 1u);
  EXPECT_EQ(state_.told, 1);
}

TEST_F(VoiceTest, ACseqThatDoesNotRiseIsRefusedAndCounted) {
  EXPECT_EQ(Say({.cseq = 7}).status, 200);
  EXPECT_EQ(Say({.cseq = 7}).status, 482);
  EXPECT_EQ(Say({.cseq = 6}).status, 500);
  EXPECT_EQ(Say({.call_id = "c2@drover", .cseq = 6}).status, 200);
  EXPECT_EQ(counts_.cseq_faults, 2u);
}

TEST_F(VoiceTest, A10AChallengeIsAnsweredWithTheRightPasswordOrRefused) {
  habits_ = FindHabits("sipura");
  const VoiceAnswer challenge = Say({.cseq = 1});
  EXPECT_EQ(challenge.status, 401);
  EXPECT_FALSE(challenge.asks);
  EXPECT_NE(challenge.challenge.find("MD5"), std::string::npos);
  EXPECT_EQ(Say({.cseq = 2, .authorization = Credentials(challenge, "wrong")}).status, 403);
  const VoiceAnswer good = Say({.cseq = 3, .authorization = Credentials(challenge, "secret")});
  EXPECT_EQ(good.status, 200);
  EXPECT_TRUE(good.asks);
  EXPECT_EQ(counts_.wrong_credentials, 1u);
}

TEST_F(VoiceTest, A10AStaleNonceIsChallengedOnceMore) {
  habits_ = FindHabits("secure");
  const VoiceAnswer challenge = Say({.cseq = 1});
  EXPECT_NE(challenge.challenge.find("SHA-256"), std::string::npos);
  const VoiceAnswer stale = Say({.cseq = 2, .authorization = Credentials(challenge, "secret")});
  EXPECT_EQ(stale.status, 401);
  EXPECT_NE(stale.challenge.find("stale=true"), std::string::npos);
  EXPECT_TRUE(Say({.cseq = 3, .authorization = Credentials(stale, "secret")}).asks);
  const VoiceAnswer later = Say({.cseq = 4});
  now_ += seconds(301);
  const VoiceAnswer old = Say({.cseq = 5, .authorization = Credentials(later, "secret")});
  EXPECT_NE(old.challenge.find("stale=true"), std::string::npos);
}

TEST_F(VoiceTest, AVoiceEventIsNeverChallenged) {
  habits_ = FindHabits("sipura");
  EXPECT_EQ(Event("Event: keep-alive").status, 200);
}

TEST_F(VoiceTest, ARepeatedChallengeIsOneThatCanBeAnswered) {
  habits_ = FindHabits("sipura");
  const std::string octets = Octets({.cseq = 1});
  Take(octets);
  const VoiceAnswer again = Take(octets);
  EXPECT_EQ(again.status, 401);
  EXPECT_TRUE(Say({.cseq = 2, .authorization = Credentials(again, "secret")}).asks);
}

constexpr std::string_view kPrinted =
    "NOTIFY sip: 69600@10.40.41.36:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.40.41.36:5060; branch=z9hG4bK28934a78291f2991\r\n"
    "To: 69600<sip: 69600@10.40.41.36; user=phone>\r\n"
    "From: <sip:69601@10.40.41.36;user=phone>; tag=6a073cca507b5e6a-65ab43b5\r\n"
    "Call-ID: 720910328-2276810532@10.40.41.36\r\n"
    "CSeq: 14872 NOTIFY // rises by 1\r\n"
    "Max-Forwards: 70\r\n"
    "Event: resync\r\n"
    "Subscription-State: active; expires=1000\r\n"
    "Contact: <sip: b@atlanta.example.com>\r\n"
    "Content-Length: 0\r\n\r\n";

TEST_F(VoiceTest, TheSampleNotifyIsTakenCleanAndAsItIsPrinted) {
  EXPECT_TRUE(sip::Parse(kPrinted, sip::Arrival::kDatagram, message_));
  const std::string clean = CleanedOfPrint(kPrinted);
  EXPECT_TRUE(clean.starts_with("NOTIFY sip:69600@10.40.41.36:5060 SIP/2.0\r\n")) << clean;
  EXPECT_NE(clean.find("\r\nCSeq: 14872 NOTIFY\r\n"), std::string::npos) << clean;
  EXPECT_TRUE(Take(clean).asks);
  EXPECT_EQ(state_.cseq, 14872u);
  EXPECT_EQ(CleanedOfPrint(clean), clean);
}

}  // namespace
}  // namespace drover::gwsim

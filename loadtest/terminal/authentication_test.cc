// x-syncml-hmac, challenges and nonces, on both sides.
#include "libs/dmauth/credentials.h"
#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

constexpr std::string_view kMacType = "syncml:auth-MAC";
constexpr std::string_view kNonceA2 = "ABEiM0RVZneImaq7zN3u/w==";
constexpr std::string_view kNonceA7 = "oKGio6SlpqeoqaqrrK2urw==";

ModelSpec MacPhone(Quirks quirks = {}) {
  ModelSpec spec = With(quirks);
  spec.client_scheme = AuthScheme::kMac;
  spec.server_scheme = AuthScheme::kMac;
  return spec;
}

ModelSpec ServerUnproved(Quirks quirks = {}) {
  ModelSpec spec = With(quirks);
  spec.server_scheme = AuthScheme::kNone;
  return spec;
}

class Authentication : public Dialogue {
 protected:
  // The header that the server's message has, for this nonce.
  static std::string ServerMac(std::string_view nonce, std::string_view body,
                               std::string_view user = "com.mgmtsrv.manage") {
    const std::string a1 = dmauth::A1("com.mgmtsrv.manage", "srvpw");
    return dmauth::FormatMacHeader({std::string(user), dmauth::Mac(a1, nonce, body)});
  }
  // Whether the terminal's last message has the right header for this nonce.
  bool HasMacFor(std::string_view nonce) const {
    const auto header = dmauth::ParseMacHeader(request_.mac_header);
    if (!header || header->user != kDevice) return false;
    return dmauth::VerifyMac(header->mac, dmauth::A1(kDevice, "clientpw"), nonce, request_.body);
  }
  // Challenges package 1, so that the terminal has the nonce A2 and the server its first one.
  void AnswerChallenge(int code = 401) {
    Answer(FromServer(session_id_, ++served_,
                      Status(1, 1, "0", "SyncHdr", code, Chal(kNonceA2, kMacType)) +
                          Status(2, 1, "1", "Alert", code) + Status(3, 1, "2", "Replace", code)));
  }
  static std::string Accepted(int msg_ref, std::string_view nonce, std::string_view rest = "") {
    return Status(1, msg_ref, "0", "SyncHdr", 200, Chal(nonce, kMacType)) + std::string(rest);
  }
};

TEST_F(Authentication, AMacGoesWithEveryMessageFromTheFirstAndNoCred) {
  Begin(MacPhone());
  EXPECT_TRUE(HasMacFor(""));
  EXPECT_FALSE(message().header.cred);
  AnswerChallenge();
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_TRUE(HasMacFor(*base::FromBase64(kNonceA2)));
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 407", "Alert 1200", "Replace"}));
  EXPECT_EQ(message().commands[0].chal->type, kMacType);

  const std::string server_nonce = terminal_->account().server_nonce;
  std::string xml =
      FromServer(session_id_, ++served_,
                 Accepted(2, kNonceA7,
                          Status(2, 2, "2", "Alert", 200) + Status(3, 2, "3", "Replace", 200) +
                              Get(4, "./DevInfo/Man")));
  Answer(xml, ServerMac(server_nonce, xml));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Get 200", "Results ./DevInfo/Man=Acme"}));
  EXPECT_EQ(message().commands[0].chal->type, kMacType);
  EXPECT_TRUE(HasMacFor(*base::FromBase64(kNonceA7)));
  EXPECT_NE(terminal_->account().server_nonce, "");
  EXPECT_EQ(terminal_->account().client_nonce, *base::FromBase64(kNonceA7));

  xml = FromServer(session_id_, ++served_, Accepted(3, kNonceA2));
  Answer(xml, ServerMac(terminal_->account().server_nonce, xml));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kCompleted);
  EXPECT_EQ(faults(), "");
}

TEST_F(Authentication, AMacOfOtherOctetsIsWrongAndNothingIsExecuted) {
  Begin(MacPhone());
  AnswerChallenge();
  const std::string xml =
      FromServer(session_id_, ++served_,
                 Accepted(2, kNonceA7,
                          Status(2, 2, "2", "Alert", 200) + Status(3, 2, "3", "Replace", 200) +
                              Replace(4, "./NAP/mms/ADDR", "evil.example")));
  Answer(xml, ServerMac(terminal_->account().server_nonce, xml + " "));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 401", "Replace 401"}));
  EXPECT_EQ(terminal_->tree().Value("NAP/mms/ADDR"), "mms.example");
}

TEST_F(Authentication, OnceASessionHasAMacAMessageWithoutEndsIt) {
  Begin(MacPhone());
  const std::string statuses = Status(2, 1, "1", "Alert", 200) + Status(3, 1, "2", "Replace", 200);
  std::string xml =
      FromServer(session_id_, ++served_, Accepted(1, kNonceA7, statuses + Get(4, "./DevInfo/Man")));
  Answer(xml, ServerMac("", xml));
  ASSERT_TRUE(decoded_) << end_->cause;
  xml = FromServer(session_id_, ++served_, Accepted(2, kNonceA2, Get(2, "./DevInfo/Man")));
  Answer(xml);
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kServerNotAuthenticated);
  EXPECT_EQ(faults(),
            "a message without the right x-syncml-hmac in a session that has begun with it; ");
}

TEST_F(Authentication, FaultsNameWhatIsNotAsTheSpecificationHasAMac) {
  Begin(MacPhone());
  const std::string xml =
      FromServer(session_id_, ++served_,
                 Status(1, 1, "0", "SyncHdr", 212) + Status(2, 1, "1", "Alert", 200) +
                     Status(3, 1, "2", "Replace", 200) + Get(4, "./DevInfo/Man"),
                 Cred("wAE7JgnQG1w22WNSm1cQig=="));
  Answer(xml, ServerMac("", xml, "someone"));
  EXPECT_EQ(faults(),
            "212 for x-syncml-hmac, which wants 200; no Chal in the Status of a header with "
            "x-syncml-hmac; Cred beside x-syncml-hmac; x-syncml-hmac names someone, not the "
            "server; ");
}

TEST_F(Authentication, AServerMayUpgradeTheSchemeAndTheNextSessionBeginsWithIt) {
  Begin(ServerUnproved());
  ASSERT_TRUE(message().header.cred);
  AnswerChallenge();
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_TRUE(HasMacFor(*base::FromBase64(kNonceA2)));
  EXPECT_FALSE(message().header.cred);
  Answer(FromServer(
      session_id_, ++served_,
      Accepted(2, kNonceA7, Status(2, 2, "2", "Alert", 200) + Status(3, 2, "3", "Replace", 200))));
  ASSERT_TRUE(end_);
  Start(SessionReason::kClientInitiated);
  EXPECT_TRUE(HasMacFor(*base::FromBase64(kNonceA7)));
}

TEST_F(Authentication, NoMacMeansTheEndWhenOneIsAskedFor) {
  Begin(ServerUnproved({Quirk::kNoMac}));
  AnswerChallenge();
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kNotAuthenticated);
}

TEST_F(Authentication, Ends407KeepsTryingAfter401Only) {
  Begin(MacPhone({Quirk::kEndsOn407}));
  AnswerChallenge(401);
  EXPECT_TRUE(decoded_);
  Begin(MacPhone({Quirk::kEndsOn407}));
  AnswerChallenge(407);
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kNotAuthenticated);
  EXPECT_EQ(faults(), "407 though credentials were sent; ");
}

TEST_F(Authentication, DigitNoncesAreFiveDigits) {
  Begin(With({Quirk::kDigitNonces}));
  Serve(Get(1, "./DevInfo/Man"));
  ASSERT_TRUE(decoded_) << end_->cause;
  const std::string nonce = *base::FromBase64(message().commands[0].chal->next_nonce.octets);
  EXPECT_EQ(nonce.size(), 5U);
  EXPECT_EQ(nonce.find_first_not_of("0123456789"), std::string::npos);
  EXPECT_EQ(terminal_->account().server_nonce, nonce);
}

TEST_F(Authentication, ResendsOnlyWhatWasRefused) {
  Begin(With({Quirk::kResendsOnlyRefused}));
  Answer(FromServer(session_id_, ++served_,
                    Status(1, 1, "0", "SyncHdr", 401, Chal(kNonceA2)) +
                        Status(2, 1, "1", "Alert", 401) + Status(3, 1, "2", "Replace", 200)));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 407", "Alert 1200"}));
}

TEST_F(Authentication, ANonceOutOfStepMakesTheFirstCredWrong) {
  nonces_ = {"AAAAAAAAAAAAAAAAAAAAAA=="};
  Begin(ServerUnproved({Quirk::kNonceOutOfStep}));
  const std::string a1 = dmauth::A1(kDevice, "clientpw");
  EXPECT_FALSE(dmauth::VerifyMd5(message().header.cred->data.octets, a1, ""));
}

TEST_F(Authentication, AServerNonceOutOfStepChallengesTheServersFirstCred) {
  nonces_ = {"AAAAAAAAAAAAAAAAAAAAAA=="};
  Begin(With({Quirk::kServerNonceOutOfStep}));
  const std::string cred =
      Cred(dmauth::Md5Credential(dmauth::A1("com.mgmtsrv.manage", "srvpw"), ""));
  Serve(Get(1, "./DevInfo/Man"), true, cred);
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 401", "Get 401"}));
}

TEST_F(Authentication, NoLocNameLeavesTheUserToTheDeviceId) {
  Begin(With({Quirk::kNoLocName}));
  EXPECT_TRUE(message().header.cred);
  EXPECT_TRUE(message().header.source.name.empty());
}

}  // namespace
}  // namespace drover::terminal

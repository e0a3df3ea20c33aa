#include "services/sip/core/access.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::gateways {
namespace {

using sip::DigestAlgorithm;
using sip::DigestVerdict;

const TimePoint kNow{std::chrono::seconds(1'760'000'000)};
constexpr char kUser[] = "00D09E-1";
constexpr char kPassword[] = "s3cret";
constexpr char kRealm[] = "drover";
constexpr char kUri[] = "/gw/v1/request";

class AccessTest : public ::testing::Test {
 protected:
  struct Answer {
    DigestAlgorithm algorithm = DigestAlgorithm::kSha256;
    std::string user = kUser, password = kPassword, realm = kRealm, uri = kUri, nonce;
    std::string_view method = "POST";
    uint32_t nc = 1;
  };
  std::string Authorization(Answer answer) {
    if (answer.nonce.empty()) answer.nonce = nonce_;
    sip::Challenge challenge;
    challenge.realm = answer.realm;
    challenge.nonce = answer.nonce;
    challenge.algorithm = answer.algorithm;
    challenge.algorithm_told = true;
    challenge.auth = true;
    sip::DigestInput input;
    input.method = answer.method;
    input.uri = answer.uri;
    input.realm = answer.realm;
    input.nonce = answer.nonce;
    input.cnonce = "0a4f113b";
    input.nc = answer.nc;
    input.algorithm = answer.algorithm;
    const std::string ha1 =
        sip::DigestHa1(answer.algorithm, answer.user, answer.realm, answer.password);
    return sip::FormatCredentials(input, challenge, answer.user, sip::DigestResponse(input, ha1));
  }
  DigestVerdict Ask(const std::string& authorization, bool basic_allowed = false,
                    TimePoint now = kNow) {
    const Question question{"POST", kUri, "", kRealm, basic_allowed};
    return Judge(ReadAuthorization(authorization), question, kUser, kPassword, mint_, guard_, now);
  }
  static std::string BasicOf(const std::string& text) { return "Basic " + base::Base64(text); }

  sip::NonceMint mint_{"0123456789abcdef"};
  sip::ReplayGuard guard_;
  std::string nonce_ = mint_.Mint(kRealm, kNow, 42);
};

TEST_F(AccessTest, BasicIsTakenWhereItIsAllowedOnly) {
  const std::string right = BasicOf("00D09E-1:s3cret");
  EXPECT_EQ(Ask(right, true), DigestVerdict::kGood);
  EXPECT_EQ(Ask(right, false), DigestVerdict::kWrong);
  for (const char* wrong :
       {"00D09E-1:secret", "00D09E-2:s3cret", "00D09E-1:", ":s3cret", ":", "00D09E-1:s3cret2"}) {
    EXPECT_EQ(Ask(BasicOf(wrong), true), DigestVerdict::kWrong) << wrong;
  }
}

TEST_F(AccessTest, AnAuthorizationTellsWhoItSpeaksOf) {
  EXPECT_EQ(UserOf(ReadAuthorization(BasicOf("me:a:b"))), "me");
  EXPECT_EQ(std::get<Basic>(ReadAuthorization(BasicOf("me:a:b"))).password, "a:b");
  EXPECT_EQ(UserOf(ReadAuthorization("bAsIc " + base::Base64("me:x"))), "me");
  EXPECT_EQ(UserOf(ReadAuthorization(Authorization({}))), kUser);
  for (const char* nobody : {"", "Basic", "Basic !!", "Basic bm9jb2xvbg==", "Bearer abc",
                             "Digest username=\"me\"", "Digest"}) {
    EXPECT_EQ(UserOf(ReadAuthorization(nobody)), "") << nobody;
    EXPECT_EQ(Ask(nobody, true), DigestVerdict::kWrong) << nobody;
  }
}

TEST_F(AccessTest, DigestIsTakenWithSha256AndMd5) {
  uint32_t nc = 0;
  for (const DigestAlgorithm algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kMd5}) {
    EXPECT_EQ(Ask(Authorization({.algorithm = algorithm, .nc = ++nc})), DigestVerdict::kGood)
        << sip::Name(algorithm);
    EXPECT_EQ(Ask(Authorization({.algorithm = algorithm, .password = "other", .nc = ++nc})),
              DigestVerdict::kWrong)
        << sip::Name(algorithm);
  }
}

TEST_F(AccessTest, AnotherUserRealmUriMethodOrNonceIsWrong) {
  EXPECT_EQ(Ask(Authorization({.user = "00D09E-2"})), DigestVerdict::kWrong);
  EXPECT_EQ(Ask(Authorization({.realm = "elsewhere"})), DigestVerdict::kWrong);
  EXPECT_EQ(Ask(Authorization({.uri = "/gw/v1/result"})), DigestVerdict::kWrong);
  EXPECT_EQ(Ask(Authorization({.method = "GET"})), DigestVerdict::kWrong);
  EXPECT_NE(Ask(Authorization({.nonce = "made-up"})), DigestVerdict::kGood);
  const sip::NonceMint other("fedcba9876543210");
  EXPECT_NE(Ask(Authorization({.nonce = other.Mint(kRealm, kNow, 42)})), DigestVerdict::kGood);
  EXPECT_EQ(Ask(Authorization({})), DigestVerdict::kGood) << "what was wrong used nothing up";
}

TEST_F(AccessTest, ANonceIsStaleWhenOldAndWhenUsed) {
  const std::string authorization = Authorization({});
  EXPECT_EQ(Ask(authorization, false, kNow + std::chrono::hours(1)), DigestVerdict::kStale);
  EXPECT_EQ(Ask(authorization), DigestVerdict::kGood);
  EXPECT_EQ(Ask(authorization), DigestVerdict::kStale) << "replayed";
  EXPECT_EQ(Ask(Authorization({.nc = 2})), DigestVerdict::kGood);
}

TEST_F(AccessTest, ChallengesAreStrongestFirstAndOfferBasicWhereItIsAllowed) {
  const std::vector<std::string> two = Challenges(kRealm, nonce_, true, false);
  ASSERT_EQ(two.size(), 2U);
  const auto first = sip::ParseChallenge(two[0]);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->algorithm, DigestAlgorithm::kSha256);
  EXPECT_EQ(first->nonce, nonce_);
  EXPECT_TRUE(first->stale);
  EXPECT_EQ(sip::ParseChallenge(two[1])->algorithm, DigestAlgorithm::kMd5);
  const std::vector<std::string> three = Challenges(kRealm, nonce_, false, true);
  ASSERT_EQ(three.size(), 3U);
  EXPECT_EQ(three[2], "Basic realm=\"drover\"");
  EXPECT_FALSE(sip::ParseChallenge(three[0])->stale);
}

}  // namespace
}  // namespace drover::gateways

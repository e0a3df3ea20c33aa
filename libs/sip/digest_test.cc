#include "libs/sip/digest.h"

#include <gtest/gtest.h>

#include "libs/sip/digest_client.h"
#include "libs/sip/digest_server.h"
#include "libs/sip/testing/request_text.h"

namespace drover::sip {
namespace {

using namespace std::chrono_literals;
using testing::Wire;

constexpr TimePoint kNow{std::chrono::hours(500'000)};

// RFC 2617, section 3.5, and RFC 7616, sections 3.9.1 and 3.9.2 (with erratum 4897).
struct Vector {
  DigestAlgorithm algorithm;
  const char* username;
  const char* realm;
  const char* password;
  const char* nonce;
  const char* cnonce;
  const char* uri;
  const char* response;
};
constexpr Vector kVectors[] = {
    {DigestAlgorithm::kMd5, "Mufasa", "testrealm@host.com", "Circle Of Life",
     "dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b", "/dir/index.html",
     "6629fae49393a05397450978507c4ef1"},
    {DigestAlgorithm::kMd5, "Mufasa", "http-auth@example.org", "Circle of Life",
     "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
     "/dir/index.html", "8ca523f5e9506fed4657c9700eebdbec"},
    {DigestAlgorithm::kSha256, "Mufasa", "http-auth@example.org", "Circle of Life",
     "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
     "/dir/index.html", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
    {DigestAlgorithm::kSha512256, "J\xC3\xA4s\xC3\xB8n Doe", "api@example.org", "Secret, or not?",
     "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
     "/doe.json", "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"},
};

TEST(DigestResponse, AgreesWithTheVectorsOfTheRfcs) {
  for (const Vector& each : kVectors) {
    const DigestInput input{.method = "GET",
                            .uri = each.uri,
                            .realm = each.realm,
                            .nonce = each.nonce,
                            .cnonce = each.cnonce,
                            .algorithm = each.algorithm};
    EXPECT_EQ(
        DigestResponse(input, DigestHa1(each.algorithm, each.username, each.realm, each.password)),
        each.response)
        << Name(each.algorithm);
  }
}

TEST(DigestHash, HashesAUserNameAsRfc7616Says) {
  EXPECT_EQ(DigestHash(DigestAlgorithm::kSha512256, "J\xC3\xA4s\xC3\xB8n Doe:api@example.org"),
            "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
}

TEST(ParseChallenge, ReadsWhatServersWrite) {
  const auto challenge = ParseChallenge(
      "Digest realm=\"at \\\"lanta\\\"\", domain=\"sip:a\", qop=\"auth, auth-int\",\r\n"
      " nonce=f84f1cec41e6cbe5aea9c8e88d359, opaque=\"\", stale=TRUE, algorithm=sha-256-SESS");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->realm, "at \"lanta\"");
  EXPECT_EQ(challenge->nonce, "f84f1cec41e6cbe5aea9c8e88d359");
  EXPECT_TRUE(challenge->opaque_told);
  EXPECT_EQ(challenge->opaque, "");
  EXPECT_EQ(challenge->algorithm, DigestAlgorithm::kSha256Sess);
  EXPECT_TRUE(challenge->auth && challenge->auth_int && challenge->stale);
}

TEST(ParseChallenge, PassesOverWhatIsNotSupported) {
  for (const char* value :
       {"", "Digest", "Basic realm=\"a\"", "Digest nonce=\"b\"", "Digest realm=\"a\"",
        "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-3",
        "Digest realm=\"a\", nonce=\"b\", qop=\"auth-conf\"",
        "Digest realm=\"a\", realm=\"a\", nonce=\"b\"", "Digest realm=\"a\", nonce=\"b",
        "Digest realm=\"a\" nonce=\"b\"", "Digest realm=\"a\", nonce",
        "Digest realm=\"a\", nonce=\"b\",", "NoOneKnowsThisScheme opaque-data=here"}) {
    EXPECT_FALSE(ParseChallenge(value)) << value;
  }
}

std::string Response(int status, const std::string& fields) {
  return Wire("SIP/2.0 " + std::to_string(status) +
              " x\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nTo: <sip:h>;tag=2\nFrom: <sip:h>;tag=1\n"
              "Call-ID: 1\nCSeq: 1 NOTIFY\n" +
              fields + "Content-Length: 0\n\n");
}

DigestClient::Next ChallengeBy(DigestClient& client, int status, const std::string& fields) {
  const std::string text = Response(status, fields);
  return client.Challenged(testing::Parsed(text));
}

constexpr const char* kMd5Challenge =
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"\n";
constexpr const char* kSha256Challenge =
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", algorithm=SHA-256, qop=\"auth\"\n";
using Next = DigestClient::Next;

TEST(DigestClient, TakesTheTopmostChallengeItKnows) {
  DigestClient client({"dm", "secret"});
  const std::string unknown =
      "WWW-Authenticate: Digest realm=\"r\", nonce=\"n0\", algorithm=SHA-1024\n";
  ASSERT_EQ(ChallengeBy(client, 401, unknown + kSha256Challenge + kMd5Challenge), Next::kAnswer);
  const auto fields = client.Fields("NOTIFY", "sip:h", "", "c");
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].name, "Authorization");
  EXPECT_NE(fields[0].value.find("algorithm=SHA-256"), std::string::npos);
  EXPECT_NE(fields[0].value.find("nonce=\"n2\""), std::string::npos);
}

TEST(DigestClient, QuotesWhatIsToBeQuotedAndNothingElse) {
  DigestClient client({"d\"m", "secret"});
  ASSERT_EQ(ChallengeBy(client, 407,
                        "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", opaque=\"o\", "
                        "algorithm=MD5, qop=\"auth,auth-int\"\n"),
            Next::kAnswer);
  const auto fields = client.Fields("NOTIFY", "sip:h", "", "c");
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].name, "Proxy-Authorization");
  const std::string& value = fields[0].value;
  for (const char* part :
       {"Digest username=\"d\\\"m\", realm=\"r\", nonce=\"n\", uri=\"sip:h\", response=\"",
        "\", algorithm=MD5, cnonce=\"c\", opaque=\"o\", qop=auth, nc=00000001"}) {
    EXPECT_NE(value.find(part), std::string::npos) << value;
  }
}

TEST(DigestClient, CountsNcUpAndKeepsTheChallengeForTheNextRequest) {
  DigestClient client({"dm", "secret"});
  ASSERT_EQ(ChallengeBy(client, 401, kMd5Challenge), Next::kAnswer);
  EXPECT_NE(client.Fields("A", "u", "", "c")[0].value.find("nc=00000001"), std::string::npos);
  client.NewRequest();
  EXPECT_NE(client.Fields("A", "u", "", "c")[0].value.find("nc=00000002"), std::string::npos);
  ASSERT_EQ(ChallengeBy(client, 401, std::string(kSha256Challenge)), Next::kRefused);
}

TEST(DigestClient, A10TakesASecondChallengeOnlyIfItIsStale) {
  DigestClient wrong({"dm", "secret"});
  ASSERT_EQ(ChallengeBy(wrong, 401, kMd5Challenge), Next::kAnswer);
  (void)wrong.Fields("NOTIFY", "sip:h", "", "c");
  EXPECT_EQ(ChallengeBy(wrong, 401, kMd5Challenge), Next::kRefused);

  DigestClient stale({"dm", "secret"});
  const std::string again =
      "WWW-Authenticate: Digest realm=\"r\", nonce=\"n3\", stale=true, qop=\"auth\"\n";
  ASSERT_EQ(ChallengeBy(stale, 401, kMd5Challenge), Next::kAnswer);
  (void)stale.Fields("NOTIFY", "sip:h", "", "c");
  ASSERT_EQ(ChallengeBy(stale, 401, again), Next::kAnswer);
  EXPECT_NE(stale.Fields("NOTIFY", "sip:h", "", "c")[0].value.find("n3"), std::string::npos);
  EXPECT_EQ(ChallengeBy(stale, 401, again), Next::kRefused);  // Two rounds are enough.
}

TEST(DigestClient, A11AnswersAProxyAndAServerBoth) {
  DigestClient client({"dm", "secret"});
  ASSERT_EQ(ChallengeBy(client, 407, "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\"\n"),
            Next::kAnswer);
  ASSERT_EQ(client.Fields("NOTIFY", "sip:h", "", "c").size(), 1u);
  ASSERT_EQ(ChallengeBy(client, 401, kMd5Challenge), Next::kAnswer);
  const auto fields = client.Fields("NOTIFY", "sip:h", "", "c");
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[1].name, "Proxy-Authorization");
}

TEST(DigestClient, SaysSoIfNoChallengeIsSupported) {
  DigestClient client({"dm", "secret"});
  EXPECT_EQ(ChallengeBy(client, 401, "WWW-Authenticate: Basic realm=\"a\"\n"), Next::kUnsupported);
  EXPECT_EQ(ChallengeBy(client, 401, ""), Next::kUnsupported);
  EXPECT_TRUE(client.Fields("NOTIFY", "sip:h", "", "c").empty());
}

struct Server {
  NonceMint mint{"0123456789abcdef"};
  ReplayGuard guard;
  std::string Challenge(TimePoint now, DigestAlgorithm algorithm, bool auth_int = false) {
    std::string out;
    AppendChallenge({.realm = "r\"x",
                     .nonce = mint.Mint("r\"x", now, ++minted),
                     .opaque = "o",
                     .algorithm = algorithm,
                     .auth_int = auth_int},
                    out);
    return out;
  }
  DigestVerdict Judge(const std::string& value, TimePoint now, std::string_view password = "secret",
                      std::string_view body = "", std::string_view uri = "sip:h",
                      std::string_view method = "REGISTER") {
    const auto credentials = ParseCredentials(value);
    DROVER_CHECK(credentials);
    return JudgeCredentials(*credentials, {method, uri, body, "r\"x"},
                            DigestHa1(credentials->algorithm, "dm", "r\"x", password), mint, guard,
                            now);
  }
  uint64_t minted = 0;
};

std::string AnswerTo(const std::string& challenge, std::string_view body = "", int requests = 1) {
  DigestClient client({"dm", "secret"});
  DROVER_CHECK(client.Challenged(ParseChallenge(challenge), false) == Next::kAnswer);
  std::string value;
  for (int i = 0; i < requests; ++i)
    value = client.Fields("REGISTER", "sip:h", body, "cn")[0].value;
  return value;
}

TEST(JudgeCredentials, AgreesWithTheClientForEveryAlgorithmAndQop) {
  for (int i = 0; i < 6; ++i) {
    Server server;
    const auto algorithm = static_cast<DigestAlgorithm>(i);
    const std::string answer = AnswerTo(server.Challenge(kNow, algorithm));
    EXPECT_EQ(server.Judge(answer, kNow), DigestVerdict::kGood) << Name(algorithm);
    EXPECT_EQ(DigestAlgorithmOf(Name(algorithm)), algorithm);
  }
}

TEST(JudgeCredentials, CoversTheBodyWithAuthInt) {
  Server server;
  std::string challenge = server.Challenge(kNow, DigestAlgorithm::kSha256, true);
  challenge.replace(challenge.find("auth,auth-int"), 13, "auth-int");
  const std::string answer = AnswerTo(challenge, "body");
  EXPECT_EQ(server.Judge(answer, kNow, "secret", "other"), DigestVerdict::kWrong);
  EXPECT_EQ(server.Judge(answer, kNow, "secret", "body"), DigestVerdict::kGood);
}

TEST(JudgeCredentials, RefusesAnotherPasswordMethodUriOrRealm) {
  Server server;
  const std::string answer = AnswerTo(server.Challenge(kNow, DigestAlgorithm::kMd5));
  EXPECT_EQ(server.Judge(answer, kNow, "wrong"), DigestVerdict::kWrong);
  EXPECT_EQ(server.Judge(answer, kNow, "secret", "", "sip:other"), DigestVerdict::kWrong);
  EXPECT_EQ(server.Judge(answer, kNow, "secret", "", "sip:h", "INVITE"), DigestVerdict::kWrong);
  EXPECT_EQ(server.Judge(answer, kNow, "secret", "", "SIP:H"), DigestVerdict::kGood);
}

TEST(JudgeCredentials, ANonceIsStaleAfter300Seconds) {
  Server server;
  const std::string answer = AnswerTo(server.Challenge(kNow, DigestAlgorithm::kSha256));
  EXPECT_EQ(server.Judge(answer, kNow + 301s), DigestVerdict::kStale);
  EXPECT_EQ(server.Judge(answer, kNow + 300s), DigestVerdict::kGood);
}

TEST(JudgeCredentials, ANonceOfAnotherKeyIsStaleAndAWrongPasswordIsWrongAnyway) {
  Server server;
  Server other;
  other.mint = NonceMint("another key 0123");
  const std::string answer = AnswerTo(other.Challenge(kNow, DigestAlgorithm::kSha256));
  EXPECT_EQ(server.Judge(answer, kNow), DigestVerdict::kStale);
  EXPECT_EQ(server.Judge(answer, kNow, "wrong"), DigestVerdict::kWrong);
}

TEST(JudgeCredentials, AReplayIsStale) {
  Server server;
  const std::string challenge = server.Challenge(kNow, DigestAlgorithm::kMd5);
  EXPECT_EQ(server.Judge(AnswerTo(challenge, "", 3), kNow), DigestVerdict::kGood);
  EXPECT_EQ(server.Judge(AnswerTo(challenge, "", 3), kNow), DigestVerdict::kStale);
  EXPECT_EQ(server.Judge(AnswerTo(challenge, "", 1), kNow), DigestVerdict::kGood);  // Late.
  EXPECT_EQ(server.Judge(AnswerTo(challenge, "", 1), kNow), DigestVerdict::kStale);
  EXPECT_EQ(server.Judge(AnswerTo(challenge, "", 100), kNow), DigestVerdict::kGood);
  EXPECT_EQ(server.Judge(AnswerTo(challenge, "", 2), kNow), DigestVerdict::kStale);  // Too late.
}

TEST(JudgeCredentials, WithoutAQopANonceServesOnce) {
  Server server;
  std::string challenge = server.Challenge(kNow, DigestAlgorithm::kMd5);
  challenge.erase(challenge.find(", qop="));
  const std::string answer = AnswerTo(challenge);
  EXPECT_EQ(answer.find("nc="), std::string::npos);
  EXPECT_EQ(server.Judge(answer, kNow), DigestVerdict::kGood);
  EXPECT_EQ(server.Judge(answer, kNow), DigestVerdict::kStale);
}

TEST(NonceMint, NoncesDifferAndAreBoundToTheirRealm) {
  const NonceMint mint("0123456789abcdef");
  const std::string nonce = mint.Mint("a", kNow, 1);
  EXPECT_NE(nonce, mint.Mint("a", kNow, 2));
  EXPECT_EQ(mint.Judge(nonce, "a", kNow).age, NonceMint::Age::kFresh);
  EXPECT_EQ(mint.Judge(nonce, "a", kNow).minted, kNow);
  EXPECT_EQ(mint.Judge(nonce, "b", kNow).age, NonceMint::Age::kForeign);
  EXPECT_EQ(mint.Judge(nonce, "a", kNow + 301s).age, NonceMint::Age::kStale);
  EXPECT_EQ(mint.Judge(nonce, "a", kNow - 6s).age, NonceMint::Age::kForeign);
  for (const char* text : {"", "x", "AAAA", "not base64!"}) {
    EXPECT_EQ(mint.Judge(text, "a", kNow).age, NonceMint::Age::kForeign) << text;
  }
}

TEST(ReplayGuard, IsBoundedAndNeverTakesWhatItHadToForget) {
  ReplayGuard guard(2);
  const auto take = [&](const char* nonce, TimePoint minted) {
    return guard.Take(nonce, minted, 1, 300s, kNow);
  };
  EXPECT_TRUE(take("a", kNow - 3s));
  EXPECT_TRUE(take("b", kNow - 2s));
  EXPECT_TRUE(take("c", kNow - 1s));  // "a" is forgotten.
  EXPECT_EQ(guard.size(), 2u);
  EXPECT_FALSE(take("a", kNow - 3s));
  EXPECT_FALSE(take("older", kNow - 4s));
  EXPECT_FALSE(take("b", kNow - 2s));
  EXPECT_TRUE(take("d", kNow));
  EXPECT_TRUE(guard.Take("e", kNow + 299s, 1, 300s, kNow + 300s));
  EXPECT_LE(guard.size(), 2u);
}

TEST(ParseCredentials, RefusesWhatLacksSomething) {
  const std::string good =
      "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:h\", response=\"00\", qop=auth, "
      "nc=00000001, cnonce=\"c\"";
  ASSERT_TRUE(ParseCredentials(good));
  for (const char* lacking :
       {"username=\"u\", ", "realm=\"r\", ", "nonce=\"n\", ", "uri=\"sip:h\", ",
        "response=\"00\", ", "nc=00000001, ", ", cnonce=\"c\""}) {
    std::string text = good;
    text.erase(text.find(lacking), std::string(lacking).size());
    EXPECT_FALSE(ParseCredentials(text)) << lacking;
  }
  for (const char* more : {", algorithm=SHA-3", ", nc=00000002", ", qop=auth-conf"}) {
    EXPECT_FALSE(ParseCredentials(good + more)) << more;
  }
  EXPECT_FALSE(ParseCredentials("NoOneKnowsThisScheme opaque-data=here"));
}

}  // namespace
}  // namespace drover::sip

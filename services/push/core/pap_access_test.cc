#include "services/push/core/pap_access.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "services/push/core/url.h"

namespace drover::push {
namespace {

using std::chrono::milliseconds;

TEST(BasicCredentials, AreNameAndPasswordOfTheHeader) {
  const auto given = BasicCredentials("Basic " + base::Base64("shop:a:b"));
  ASSERT_TRUE(given);
  EXPECT_EQ(given->name, "shop");
  EXPECT_EQ(given->password, "a:b");
  EXPECT_TRUE(BasicCredentials("bAsIc " + base::Base64("shop:")));
}

TEST(BasicCredentials, AreNoneOfAnythingElse) {
  for (const std::string& header :
       {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic !!!!"),
        "Basic " + base::Base64("no colon"), "Bearer " + base::Base64("shop:secret")}) {
    EXPECT_FALSE(BasicCredentials(header)) << header;
  }
}

TEST(SameSecret, HoldsForTheSameOnly) {
  EXPECT_TRUE(SameSecret("secret", "secret"));
  EXPECT_TRUE(SameSecret("", ""));
  for (const char* given : {"", "s", "secre", "secrets", "secretsecret", "Secret"}) {
    EXPECT_FALSE(SameSecret(given, "secret")) << given;
  }
  EXPECT_FALSE(SameSecret("a", ""));
}

std::vector<Account> Accounts() {
  Account by_password, by_certificate;
  by_password.name = "shop";
  by_password.password = "secret";
  by_certificate.name = "bank";
  by_certificate.certificate_name = "bank.example";
  return {by_password, by_certificate};
}

TEST(Accounts, AreFoundByNameAndPassword) {
  const std::vector<Account> accounts = Accounts();
  EXPECT_EQ(FindByPassword(accounts, {"shop", "secret"}), &accounts[0]);
  EXPECT_EQ(FindByPassword(accounts, {"shop", "secreT"}), nullptr);
  EXPECT_EQ(FindByPassword(accounts, {"Shop", "secret"}), nullptr);
  EXPECT_EQ(FindByPassword(accounts, {"", ""}), nullptr);
}

TEST(Accounts, WithoutAPasswordAreFoundByCertificateOnly) {
  const std::vector<Account> accounts = Accounts();
  EXPECT_EQ(FindByPassword(accounts, {"bank", ""}), nullptr);
  EXPECT_EQ(FindByCertificate(accounts, "bank.example"), &accounts[1]);
  EXPECT_EQ(FindByCertificate(accounts, "shop"), nullptr);
  EXPECT_EQ(FindByCertificate(accounts, ""), nullptr);
}

TEST(Accounts, MayPushToTheirPrefixes) {
  Account account;
  EXPECT_TRUE(MayPushTo(account, "8613800138000"));
  account.prefixes = {"86139", "49"};
  EXPECT_FALSE(MayPushTo(account, "8613800138000"));
  EXPECT_TRUE(MayPushTo(account, "8613900138000"));
  EXPECT_TRUE(MayPushTo(account, "4917012345"));
}

TEST(Rate, GivesASecondsWorthAndThenWhatTimeBrings) {
  const TimePoint begin{std::chrono::hours(1)};
  Rate rate(10);
  int taken = 0;
  while (taken < 100 && rate.Take(1, begin)) ++taken;
  EXPECT_EQ(taken, 10);
  EXPECT_FALSE(rate.Take(1, begin + milliseconds(99)));
  EXPECT_TRUE(rate.Take(1, begin + milliseconds(101)));
  EXPECT_FALSE(rate.Take(1, begin + milliseconds(101)));
  EXPECT_FALSE(rate.Take(1, begin)) << "a clock that is put back brings nothing";
}

TEST(Rate, LetsALargePushPassAndMakesTheNextWait) {
  const TimePoint begin{std::chrono::hours(1)};
  Rate rate(10);
  EXPECT_TRUE(rate.Take(30, begin));
  EXPECT_FALSE(rate.Take(1, begin + milliseconds(2000)));
  EXPECT_TRUE(rate.Take(1, begin + milliseconds(2101)));
}

TEST(Rate, OfZeroIsNone) {
  Rate rate(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(rate.Take(1000, TimePoint{}));
}

TEST(ParseUrl, TakesAnAddressApart) {
  struct Case {
    const char* text;
    bool secure;
    const char *host, *port, *authority, *target;
  };
  for (const Case& c : {
           Case{"http://pi.example", false, "pi.example", "80", "pi.example", "/"},
           Case{"http://pi.example:8080/n?a=1", false, "pi.example", "8080", "pi.example:8080",
                "/n?a=1"},
           Case{"https://10.0.0.1/x#part", true, "10.0.0.1", "443", "10.0.0.1", "/x"},
           Case{"http://[::1]:81/", false, "::1", "81", "[::1]:81", "/"},
           Case{"http://pi.example?q", false, "pi.example", "80", "pi.example", "/?q"},
       }) {
    const Result<Url> url = ParseUrl(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error();
    EXPECT_EQ(url->secure, c.secure);
    EXPECT_EQ(url->host, c.host);
    EXPECT_EQ(url->port, c.port);
    EXPECT_EQ(url->authority, c.authority);
    EXPECT_EQ(url->target, c.target);
  }
}

TEST(ParseUrl, RefusesWhatIsNone) {
  for (const char* text :
       {"", "pi.example", "ftp://pi.example/", "http://", "http:///x", "http://a b/", "http://a:0/",
        "http://a:65536/", "http://a:x/", "http://user:secret@a/", "http://[::1/", "http://[::1]x/",
        "http://a/\r\nX: y", "http://a:/", "http://a:-1/"}) {
    EXPECT_FALSE(ParseUrl(text)) << text;
  }
  EXPECT_FALSE(ParseUrl("http://a/" + std::string(2000, 'x')));
}

}  // namespace
}  // namespace drover::push

#include "libs/sip/uri.h"

#include <gtest/gtest.h>

namespace drover::sip {
namespace {

Uri Parsed(std::string_view text) {
  Uri uri;
  EXPECT_TRUE(ParseUri(text, uri)) << text;
  return uri;
}
bool Parses(std::string_view text) {
  Uri uri;
  return ParseUri(text, uri);
}

TEST(ParseUri, TakesASipUriApart) {
  const Uri uri = Parsed("sips:alice:secret@example.com:5071;transport=tcp;lr?subject=x&to=y");
  EXPECT_EQ(uri.scheme, Scheme::kSips);
  EXPECT_EQ(uri.user, "alice");
  EXPECT_EQ(uri.password, "secret");
  EXPECT_EQ(uri.host_port.host, "example.com");
  EXPECT_EQ(uri.host_port.port, 5071);
  EXPECT_EQ(uri.transport(), "tcp");
  EXPECT_TRUE(uri.loose_route());
  EXPECT_EQ(uri.headers, "subject=x&to=y");
}

TEST(ParseUri, TakesWhatTheGrammarHas) {
  for (const char* text : {
           "sip:example.com",
           "sip:a@b",
           "SIP:a@1.2.3.4:65535",
           "sip:%61@h",
           "sip:a@[::1]:5060",
           "sip:a@h;x;y=1",
           "sip:a:@h",
           "sip:+1-201;x=y@h.example;user=phone",
           "sip:a@h.",
           "sip:a@gw_1.example",
           "sip:a@h; user=phone",
           "sip:a@h ;x = 1",
           "sip:a@h?a=",
           "tel:+1-201-555-0123",
           "tel:7042;phone-context=example.com",
           "tel:*21#",
           "isbn:2983792873",
           "http://www.example.com/?x=1",
           "soap.beep://192.0.2.103:3002",
       }) {
    EXPECT_TRUE(Parses(text)) << text;
  }
}

TEST(ParseUri, RefusesWhatItHasNot) {
  for (const char* text : {
           "",
           ":",
           "sip",
           "sip:",
           "sip:@h",
           "sip:a@",
           "sip:a@h:0",
           "sip:a@h:65536",
           "sip:a@h:",
           "sip:a@h:5060x",
           "sip:a b@h",
           "sip: a@h",
           "sip:a@b@c",
           "sip:a@-h",
           "sip:a@h..b",
           "sip:a@1.2.3",
           "sip:a@1.2.3.256",
           "sip:a@[::1",
           "sip:a@[::g]",
           "sip:a@::1",
           "sip:%6@h",
           "sip:%zz@h",
           "sip:a@h;",
           "sip:a@h;=x",
           "sip:a@h;x=",
           "sip:a@h;x=\"y\"",
           "sip:a@h?",
           "sip:a@h?x",
           "sip:a@h?=x",
           "sip:a@h?a=b&",
           "sip:\"a\"@h",
           "<sip:a@h>",
           "tel:",
           "tel:+",
           "tel:1+2",
           "tel:x",
           "1sip:a@h",
           "a_b:c",
           "foo:",
           "foo:a b",
           "foo:%q",
           "sip:a@h;x=%2",
           "sip:a@h;x=1;y;X=1",
       }) {
    EXPECT_FALSE(Parses(text)) << text;
  }
}

TEST(ParseUri, PassesOverTheBlankOfAPrintedUriOnlyWhenTold) {
  Uri uri;
  EXPECT_FALSE(ParseUri("sip: 69600@10.40.41.36:5060", uri));
  ASSERT_TRUE(ParseUri("sip: 69600@10.40.41.36:5060", uri, UriBlanks::kPassOver));
  EXPECT_EQ(uri.user, "69600");
  EXPECT_EQ(uri.host_port.port, 5060);
}

TEST(ParseUri, BoundsItsLength) {
  const std::string text = "sip:" + std::string(kMaxUri, 'a') + "@h";
  EXPECT_FALSE(Parses(text));
}

TEST(ParseHostPort, KnowsNamesAndAddresses) {
  HostPort out;
  ASSERT_TRUE(ParseHostPort("[2001:db8::1]:5061", out));
  EXPECT_EQ(out.address(), "2001:db8::1");
  EXPECT_EQ(out.port, 5061);
  ASSERT_TRUE(ParseHostPort("10.0.0.9", out));
  EXPECT_EQ(out.port, 0);
  for (const char* text : {"", ":5060", "[::1]5060", "h:05060x", "h:123456", "a b", "[]"}) {
    EXPECT_FALSE(ParseHostPort(text, out)) << text;
  }
}

// RFC 3261, section 19.1.4, its examples.
TEST(Equivalent, HoldsForTheExamplesOfTheRfc) {
  const std::pair<const char*, const char*> pairs[] = {
      {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com;security=on"},
      {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
       "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
      {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
       "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
      {"tel:+1-201-555-0123", "tel:+1(201)555.0123"},
      {"sip:a@[2001:DB8::1]", "sip:a@[2001:db8::1]"},
  };
  for (const auto& [a, b] : pairs) {
    EXPECT_TRUE(Equivalent(Parsed(a), Parsed(b))) << a << " " << b;
    EXPECT_TRUE(Equivalent(Parsed(b), Parsed(a))) << a << " " << b;
  }
}

TEST(Equivalent, DoesNotHoldForTheCounterexamplesOfTheRfc) {
  const std::pair<const char*, const char*> pairs[] = {
      {"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtlanTa.CoM;Transport=UDP"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
      {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
      {"sip:bob@h", "sips:bob@h"},
      {"sip:h", "sip:a@h"},
      {"sip:a@h;maddr=1.2.3.4", "sip:a@h"},
      {"sip:a@h;user=phone", "sip:a@h"},
      {"sip:a@h;x=1", "sip:a@h;x=2"},
      {"sip:a%40b@h", "sip:a$b@h"},
      {"sip:a%3Bb@h", "sip:a;b@h"},
      {"tel:+12015550123", "tel:+12015550124"},
      {"tel:7042;phone-context=a.example", "tel:7042;phone-context=b.example"},
      {"isbn:1", "isbn:2"},
  };
  for (const auto& [a, b] : pairs) {
    EXPECT_FALSE(Equivalent(Parsed(a), Parsed(b))) << a << " " << b;
    EXPECT_FALSE(Equivalent(Parsed(b), Parsed(a))) << a << " " << b;
  }
}

TEST(AddressOfRecord, LeavesWhatNamesTheUser) {
  const std::pair<const char*, const char*> table[] = {
      {"SIP:%61lice:pw@Example.COM;transport=tcp?x=y", "sip:alice@example.com"},
      {"sips:bob@h:5071", "sips:bob@h:5071"},
      {"sip:example.com", "sip:example.com"},
      {"sip:a%40b@h", "sip:a%40b@h"},
      {"tel:+1-201-555-0123;x=1", "tel:+12015550123"},
      {"tel:70-42;phone-context=Example.com", "tel:7042;phone-context=example.com"},
      {"mailto:a@b", ""},
  };
  for (const auto& [text, aor] : table) EXPECT_EQ(AddressOfRecord(Parsed(text)), aor) << text;
}

TEST(Unescape, IsUndoneByEscaping) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  std::string escaped;
  AppendEscapedUser(all, escaped);
  EXPECT_EQ(Unescape(escaped), all);
  EXPECT_TRUE(Parses("sip:" + escaped + "@h"));
  EXPECT_EQ(Unescape("%4"), std::nullopt);
  EXPECT_EQ(Unescape("%4g"), std::nullopt);
}

TEST(AppendUri, WritesWhatWasRead) {
  std::string out;
  AppendUri(Parsed("SIP:a@h;x=1?y=z"), out);
  EXPECT_EQ(out, "SIP:a@h;x=1?y=z");
}

}  // namespace
}  // namespace drover::sip

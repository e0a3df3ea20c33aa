#include "libs/sip/headers.h"

#include <gtest/gtest.h>

namespace drover::sip {
namespace {

TEST(HeaderIdOf, KnowsFullAndCompactNamesInAnyCase) {
  EXPECT_EQ(HeaderIdOf("call-id"), HeaderId::kCallId);
  EXPECT_EQ(HeaderIdOf("I"), HeaderId::kCallId);
  EXPECT_EQ(HeaderIdOf("o"), HeaderId::kEvent);
  EXPECT_EQ(HeaderIdOf("u"), HeaderId::kAllowEvents);
  EXPECT_EQ(HeaderIdOf("EVENT"), HeaderId::kEvent);
  for (size_t i = 1; i < kHeaderIds; ++i) {
    const auto id = static_cast<HeaderId>(i);
    ASSERT_FALSE(Name(id).empty()) << i;
    EXPECT_EQ(HeaderIdOf(Name(id)), id);
  }
  for (const char* name : {"", "z", "Event2", "Vi", "Event ", "C%6Fntact"}) {
    EXPECT_EQ(HeaderIdOf(name), HeaderId::kOther) << name;
  }
}

TEST(MethodOf, CountsCase) {
  EXPECT_EQ(MethodOf("NOTIFY"), Method::kNotify);
  EXPECT_EQ(MethodOf("UPDATE"), Method::kUpdate);
  EXPECT_EQ(Name(Method::kUpdate), "UPDATE");
  EXPECT_EQ(MethodOf("notify"), Method::kOther);
  EXPECT_EQ(MethodOf(""), Method::kOther);
}

std::vector<std::string> Elements(std::string_view rest) {
  std::vector<std::string> elements;
  std::string_view element;
  while (NextElement(rest, element)) elements.emplace_back(element);
  return elements;
}

TEST(NextElement, DoesNotCutWithinQuotesAndBrackets) {
  EXPECT_EQ(Elements("a, b\r\n ,c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(Elements("\"x, \\\", y\" <sip:a,b@h>;p=\",\" , <sip:c@h>"),
            (std::vector<std::string>{"\"x, \\\", y\" <sip:a,b@h>;p=\",\"", "<sip:c@h>"}));
  EXPECT_EQ(Elements("a,,b"), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(Elements("\"open, a"), (std::vector<std::string>{"\"open, a"}));
}

TEST(ParseVia, ReadsWhatRoutesAResponse) {
  Via via;
  std::string_view rest;
  ASSERT_TRUE(
      ParseVia("SIP/2.0/TLS gw.example.com:5071 ;branch=z9hG4bK7;RPORT=4000"
               ";received=192.0.2.9;maddr=224.2.0.1;ttl=1;alias, SIP/2.0/UDP b",
               via, rest));
  EXPECT_EQ(via.transport, Transport::kTls);
  EXPECT_EQ(via.sent_by.host, "gw.example.com");
  EXPECT_EQ(via.sent_by.port, 5071);
  EXPECT_EQ(via.branch, "z9hG4bK7");
  EXPECT_TRUE(via.has_rport);
  EXPECT_EQ(via.rport, 4000);
  EXPECT_EQ(via.received, "192.0.2.9");
  EXPECT_EQ(via.maddr, "224.2.0.1");
  EXPECT_EQ(via.parameters.Value("ttl"), "1");
  EXPECT_TRUE(via.parameters.Has("alias"));
  EXPECT_EQ(rest, "SIP/2.0/UDP b");
  EXPECT_TRUE(via.text.ends_with(";alias"));
  ASSERT_TRUE(ParseVia("SIP/2.0/UDP h:5060;rport", via, rest));
  EXPECT_TRUE(via.has_rport);
  EXPECT_EQ(via.rport, 0);
  EXPECT_EQ(rest, "");
}

TEST(ParseVia, RefusesWhatIsMalformed) {
  Via via;
  std::string_view rest;
  for (const char* value : {"",
                            "SIP/2.0/UDP",
                            "SIP/2.0/UDP ",
                            "SIP/3.0/UDP h",
                            "HTTP/2.0/UDP h",
                            "SIP/2.0 h",
                            "SIP/2.0/UDP h;",
                            "SIP/2.0/UDP h;;branch=x",
                            "SIP/2.0/UDP h;branch=",
                            "SIP/2.0/UDP h;branch",
                            "SIP/2.0/UDP h;branch=a;branch=b",
                            "SIP/2.0/UDP h;rport;rport",
                            "SIP/2.0/UDP h;rport=0",
                            "SIP/2.0/UDP h;rport=65536",
                            "SIP/2.0/UDP h:0",
                            "SIP/2.0/UDP h:",
                            "SIP/2.0/UDP h,",
                            "SIP/2.0/UDP h x",
                            "SIP/2.0/UDP [::1",
                            "SIP/2.0/UDP h;branch=\"a",
                            "SIP/2.0/UDP h,,"}) {
    EXPECT_FALSE(ParseVia(value, via, rest) && rest != ",") << value;
  }
}

TEST(ParseNameAddr, TakesAllThreeForms) {
  NameAddr out;
  ASSERT_TRUE(ParseNameAddr("\"A \\\"B\\\" <x>\" <sip:a@h;p=1>;tag=7", out));
  EXPECT_EQ(Unquote(out.display_name), "A \"B\" <x>");
  EXPECT_EQ(out.uri, "sip:a@h;p=1");
  EXPECT_EQ(out.tag(), "7");
  ASSERT_TRUE(ParseNameAddr("69600<sip: 69600@10.40.41.36; user=phone>", out));
  EXPECT_EQ(out.display_name, "69600");
  ASSERT_TRUE(ParseNameAddr("sip:a@h;tag=7 ; x", out));
  EXPECT_EQ(out.uri, "sip:a@h");
  EXPECT_EQ(out.tag(), "7");
  EXPECT_FALSE(out.in_brackets);
  ASSERT_TRUE(ParseNameAddr("<sip:a@h>", out));
  EXPECT_EQ(out.display_name, "");
}

TEST(ParseNameAddr, RefusesWhatIsMalformed) {
  NameAddr out;
  for (const char* value :
       {"", "<>", "<sip:a@h", "\"x <sip:a@h>", "a, b <sip:a@h>", "sip:a@h?x=y", "sip:a@h, sip:b@h",
        "<sip:a@h>;", "<sip:a@h>x", "\"x\" sip:a@h", "< sip:a@h>", "<sip:a@h> ;tag", "sip:a b@h",
        ";tag=1", "<sip:a@h>;tag=\"x"}) {
    EXPECT_FALSE(ParseNameAddr(value, out) && out.tag() != "") << value;
  }
}

TEST(ParseCSeq, IsBelowTwoToThe31) {
  CSeq out;
  ASSERT_TRUE(ParseCSeq("2147483647 \r\n NOTIFY", out));
  EXPECT_EQ(out.number, 2147483647u);
  EXPECT_EQ(out.method, Method::kNotify);
  for (const char* value : {"", "1", "1 ", "1NOTIFY", "x NOTIFY", "-1 NOTIFY", "2147483648 NOTIFY",
                            "1 NOTIFY x", "1 NO@IFY"}) {
    EXPECT_FALSE(ParseCSeq(value, out)) << value;
  }
}

TEST(ParseCallId, IsAWordOrTwo) {
  EXPECT_TRUE(ParseCallId("720910328-2276810532@10.40.41.36"));
  EXPECT_TRUE(ParseCallId("a"));
  for (const char* value : {"", "@", "a@", "@a", "a b", "a@b@c", "a;b", "a,b"}) {
    EXPECT_FALSE(ParseCallId(value)) << value;
  }
}

TEST(ParseContact, ReadsWhatARegistrarAsks) {
  Contact out;
  ASSERT_TRUE(
      ParseContact("\"G\" <sip:gw@10.0.0.9:5060;ob>;q=0.5 ; Expires = 3600;reg-id=1"
                   ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"",
                   out));
  EXPECT_EQ(out.expires, 3600u);
  EXPECT_EQ(out.q_thousandths, 500);
  EXPECT_EQ(out.reg_id, 1u);
  EXPECT_EQ(out.instance, "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF");
  EXPECT_EQ(out.uri.host_port.host, "10.0.0.9");
  ASSERT_TRUE(ParseContact("*", out));
  EXPECT_TRUE(out.all);
  ASSERT_TRUE(ParseContact("<sip:a@h>;expires=280297596632815", out));
  EXPECT_EQ(out.expires, 0xFFFFFFFFu);
  ASSERT_TRUE(ParseContact("<sip:a@h>;expires=soon", out));  // RFC 3261, section 10.2.1.1
  EXPECT_EQ(out.expires, 3600u);
  for (const char* value : {"", "**", "<sip:a@h>;q=2", "<sip:a@h>;q=0.1234", "<sip:a@h>;reg-id=0",
                            "<a b>", "<sip:a@h>;q=1.001", "<nourl>"}) {
    EXPECT_FALSE(ParseContact(value, out)) << value;
  }
}

TEST(ParseEvent, KeepsTypeAndParametersApart) {
  Event out;
  ASSERT_TRUE(ParseEvent("check-sync;reboot=false ; id = 4", out));
  EXPECT_EQ(out.type, "check-sync");
  EXPECT_EQ(out.parameters.Value("reboot"), "false");
  EXPECT_EQ(out.id(), "4");
  for (const char* value : {"", ";x", "a b", "a;", "a,b"})
    EXPECT_FALSE(ParseEvent(value, out)) << value;
}

TEST(ParseSubscriptionState, ReadsItsParameters) {
  SubscriptionState out;
  ASSERT_TRUE(ParseSubscriptionState("active; expires=1000", out));
  EXPECT_EQ(out.state, "active");
  EXPECT_EQ(out.expires, 1000u);
  ASSERT_TRUE(ParseSubscriptionState("terminated;reason=noresource;retry-after=5", out));
  EXPECT_EQ(out.reason, "noresource");
  EXPECT_EQ(out.retry_after, 5u);
  EXPECT_FALSE(ParseSubscriptionState("active;expires=x", out));
  EXPECT_FALSE(ParseSubscriptionState("", out));
}

TEST(ParseRetryAfter, MayHaveAComment) {
  RetryAfter out;
  ASSERT_TRUE(ParseRetryAfter("18000;duration=3600", out));
  EXPECT_EQ(out.seconds, 18000u);
  EXPECT_EQ(out.duration, 3600u);
  ASSERT_TRUE(ParseRetryAfter("120 (I'm (really\\)) in a meeting) ;x", out));
  EXPECT_EQ(out.seconds, 120u);
  for (const char* value : {"", "x", "1 (", "1 x", "(a) 1"}) {
    EXPECT_FALSE(ParseRetryAfter(value, out)) << value;
  }
}

TEST(ParseMediaType, IgnoresCase) {
  MediaType out;
  ASSERT_TRUE(ParseMediaType("Application / Simple-Message-Summary;charset=\"UTF-8\"", out));
  EXPECT_TRUE(out.Is("application", "simple-message-summary"));
  EXPECT_EQ(Unquote(out.parameters.Value("charset")), "UTF-8");
  for (const char* value : {"", "a", "a/", "/b", "a/b;"}) EXPECT_FALSE(ParseMediaType(value, out));
}

TEST(ParseDeltaSeconds, StopsAtTheGreatest) {
  EXPECT_EQ(ParseDeltaSeconds("0"), 0u);
  EXPECT_EQ(ParseDeltaSeconds("4294967295"), 4294967295u);
  EXPECT_EQ(ParseDeltaSeconds("949302838503028349304023988"), 4294967295u);
  EXPECT_EQ(ParseDeltaSeconds(""), std::nullopt);
  EXPECT_EQ(ParseDeltaSeconds("-1"), std::nullopt);
}

TEST(Unquote, IsUndoneByQuoting) {
  std::string quoted;
  AppendQuoted("a\"b\\c", quoted);
  EXPECT_EQ(quoted, "\"a\\\"b\\\\c\"");
  EXPECT_EQ(Unquote(quoted), "a\"b\\c");
  EXPECT_EQ(Unquote("plain"), "plain");
}

}  // namespace
}  // namespace drover::sip

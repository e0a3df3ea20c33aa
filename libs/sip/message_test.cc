#include "libs/sip/message.h"

#include <gtest/gtest.h>

#include "libs/sip/event.h"
#include "libs/sip/testing/request_text.h"

namespace drover::sip {
namespace {

using testing::NotifyText;
using testing::Parsed;
using testing::Wire;

std::string Cause(const std::string& octets, Arrival arrival = Arrival::kDatagram) {
  Message message;
  const auto refusal = Parse(octets, arrival, message);
  return refusal ? std::to_string(refusal->status) + " " + refusal->cause : "";
}

std::string With(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  DROVER_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

constexpr const char* kPrinted = R"(NOTIFY sip: 69600@10.40.41.36:5060 SIP/2.0
Via: SIP/2.0/UDP 10.40.41.36:5060; branch=z9hG4bK28934a78291f2991
To: 69600<sip: 69600@10.40.41.36; user=phone>
From: <sip:69601@10.40.41.36;user=phone>; tag=6a073cca507b5e6a-65ab43b5
Call-ID: 720910328-2276810532@10.40.41.36
CSeq: 14872 NOTIFY
Max-Forwards: 70
Event: resync
Subscription-State: active; expires=1000
Contact: sip: b@atlanta.example.com
Content-Length: 0

)";
constexpr const char* kClean = R"(NOTIFY sip:69600@10.40.41.36:5060 SIP/2.0
Via: SIP/2.0/UDP 10.40.41.36:5060;branch=z9hG4bK28934a78291f2991
To: 69600<sip:69600@10.40.41.36;user=phone>
From: <sip:69601@10.40.41.36;user=phone>;tag=6a073cca507b5e6a-65ab43b5
Call-ID: 720910328-2276810532@10.40.41.36
CSeq: 14872 NOTIFY
Max-Forwards: 70
Event: resync
Subscription-State: active;expires=1000
Contact: sip:b@atlanta.example.com
Content-Length: 0

)";

void ExpectSample(const Message& message) {
  EXPECT_EQ(message.method(), Method::kNotify);
  EXPECT_EQ(message.uri().user, "69600");
  EXPECT_EQ(message.uri().host_port.host, "10.40.41.36");
  EXPECT_EQ(message.uri().host_port.port, 5060);
  EXPECT_EQ(message.top_via().branch, "z9hG4bK28934a78291f2991");
  EXPECT_EQ(message.to().display_name, "69600");
  EXPECT_EQ(message.to_tag(), "");
  EXPECT_EQ(message.from_tag(), "6a073cca507b5e6a-65ab43b5");
  EXPECT_EQ(message.call_id(), "720910328-2276810532@10.40.41.36");
  EXPECT_EQ(message.cseq().number, 14872u);
  EXPECT_EQ(message.max_forwards(), 70);
  EXPECT_TRUE(IsTrigger(message, "resync"));
  SubscriptionState state;
  ASSERT_TRUE(ParseSubscriptionState(*message.Find(HeaderId::kSubscriptionState), state));
  EXPECT_EQ(state.expires, 1000u);
}

TEST(SampleNotify, IsTakenInItsCleanForm) {
  const std::string octets = Wire(kClean);
  ExpectSample(Parsed(octets));
}

TEST(SampleNotify, IsABadRequestInItsPrintedForm) {
  EXPECT_EQ(Cause(Wire(kPrinted)), "400 blanks in the request line");
}

TEST(SampleNotify, IsTakenInItsPrintedFormByWhoPassesOverBlanks) {
  const std::string octets = Wire(kPrinted);
  Message message;
  ASSERT_FALSE(Parse(octets, Arrival::kDatagram, message, UriBlanks::kPassOver));
  ExpectSample(message);
  Uri to;
  EXPECT_TRUE(ParseUri(message.to().uri, to, UriBlanks::kPassOver));
}

TEST(SampleNotify, BlanksBehindSemicolonsAloneDoNoHarm) {
  std::string octets = Wire(kPrinted);
  octets = With(octets, "NOTIFY sip: ", "NOTIFY sip:");
  const std::string mended = octets;
  ExpectSample(Parsed(mended));
}

TEST(Parse, FindsFieldsByFullAndCompactName) {
  const std::string octets =
      NotifyText("o: resync;id=1\nX-Own: a,b\nx-OWN: c\nm: <sip:a@h>, <sip:b@h>\nm: <sip:c@h>\n");
  const Message message = Parsed(octets);
  EXPECT_EQ(message.Find(HeaderId::kEvent), "resync;id=1");
  EXPECT_EQ(message.Find("event"), "resync;id=1");
  EXPECT_EQ(message.Find("x-own"), "a,b");
  EXPECT_EQ(message.Find("x-none"), std::nullopt);
  EXPECT_EQ(message.Find(HeaderId::kExpires), std::nullopt);
  Message::Elements contacts = message.Values(HeaderId::kContact);
  std::string_view element;
  std::string all;
  while (contacts.Next(element)) all.append(element);
  EXPECT_EQ(all, "<sip:a@h><sip:b@h><sip:c@h>");
  EXPECT_EQ(message.Count(HeaderId::kContact), 2u);
}

TEST(Parse, ListsAreTakenApartAndOtherFieldsAreNot) {
  const std::string octets = NotifyText(
      "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\nAllow-Events: a,b ,, c\nAllow:\n");
  const Message message = Parsed(octets);
  std::string_view element;
  Message::Elements challenges = message.Values(HeaderId::kWwwAuthenticate);
  ASSERT_TRUE(challenges.Next(element));
  EXPECT_EQ(element, "Digest realm=\"a\", nonce=\"b\"");
  EXPECT_FALSE(challenges.Next(element));
  Message::Elements events = message.Values(HeaderId::kAllowEvents);
  size_t count = 0;
  while (events.Next(element)) ++count;
  EXPECT_EQ(count, 4u);
  EXPECT_FALSE(message.Values(HeaderId::kAllow).Next(element));
}

TEST(Parse, AnEmptyDatagramOrOneOfLineEndsIsKeepAlive) {
  EXPECT_TRUE(IsKeepAlive(""));
  EXPECT_TRUE(IsKeepAlive("\r\n\r\n"));
  EXPECT_TRUE(IsKeepAlive(std::string_view("\0", 1)));
  EXPECT_FALSE(IsKeepAlive("OPTIONS"));
}

TEST(Parse, LineEndsBeforeTheStartLineArePassedOver) {
  EXPECT_EQ(Cause("\r\n\r\n" + NotifyText()), "");
}

TEST(Parse, ContentLengthRulesOfDatagrams) {
  const std::string octets = NotifyText("", "0123456789");
  EXPECT_EQ(Parsed(octets).body(), "0123456789");
  const std::string shorter = With(octets, "Content-Length: 10", "Content-Length: 4");
  const Message cut = Parsed(shorter);
  EXPECT_EQ(cut.body(), "0123");
  EXPECT_TRUE(cut.octets().ends_with("\r\n\r\n0123"));
  const std::string none = With(octets, "Content-Length: 10\r\n", "");
  EXPECT_EQ(Parsed(none).body(), "0123456789");
  EXPECT_EQ(Cause(With(octets, "Content-Length: 10", "Content-Length: 11")),
            "400 the body is shorter than Content-Length");
  EXPECT_EQ(Cause(With(octets, ": 10", ": 9999999999999999999")), "400 Content-Length");
  EXPECT_EQ(Cause(With(octets, ": 10", ": 1O")), "400 Content-Length");
}

TEST(Parse, ContentLengthRulesOfStreams) {
  const std::string octets = NotifyText("", "0123456789");
  EXPECT_EQ(Cause(octets, Arrival::kStream), "");
  EXPECT_EQ(Cause(octets + "x", Arrival::kStream), "400 octets behind the body");
  EXPECT_EQ(Cause(With(octets, "Content-Length: 10\r\n", ""), Arrival::kStream),
            "400 no Content-Length on a stream");
}

TEST(Parse, SaysWhatIsWrong) {
  const std::string good = NotifyText("Event: resync\n");
  const std::tuple<const char*, const char*, const char*> table[] = {
      {"SIP/2.0", "SIP/3.0", "505 Version Not Supported"},
      {"SIP/2.0", "HTTP/1.1", "400 request line"},
      {"SIP/2.0\r\n", "SIP/2.0 \r\n", "400 request line"},
      {"NOTIFY sip", "NO@TIFY sip", "400 method"},
      {"NOTIFY sip", "NOTIFY  sip", "400 blanks in the request line"},
      {"sip:69600@10.40.41.36:5060", "69600", "400 Request-URI"},
      {"sip:69600@10.40.41.36:5060", "sip:a@h?x=y", "400 headers in the Request-URI"},
      {"Via: SIP", "Vla: SIP", "400 no Via"},
      {"Via: SIP/2.0/UDP ", "Via: SIP/2.0/UDP", "400 Via"},
      {"To: ", "Tu: ", "400 no To"},
      {"To: <", "To: ", "400 To"},
      {"From: ", "Frum: ", "400 no From"},
      {";tag=6a073cca507b5e6a", ";tag=a;tag=b", "400 From"},
      {"Call-ID: ", "Call-IE: ", "400 no Call-ID"},
      {"Call-ID: ", "Call-ID: a b", "400 Call-ID"},
      {"CSeq: ", "CSequ: ", "400 no CSeq"},
      {"CSeq: 14872 NOTIFY", "CSeq: 14872 OPTIONS", "400 CSeq is of another method"},
      {"CSeq: 14872", "CSeq: x", "400 CSeq"},
      {"Max-Forwards: 70", "Max-Forwards: 256", "400 Max-Forwards"},
      {"Max-Forwards: 70", "Max-Forwards: ", "400 Max-Forwards"},
      {"Event: resync", "CSeq: 1 NOTIFY",
       "400 a header field more than once that may be there once"},
      {"Event: resync", "Event resync", "400 a header field without a name"},
      {"Event: resync", ": resync", "400 a header field without a name"},
      {"Event: resync", "Ev ent: resync", "400 a header field without a name"},
      {"Event: resync\r\n", "Event: resync\n", "400 a CR or LF alone"},
      {"Event: resync", "Event: re\rsync", "400 a CR or LF alone"},
      {"Event: resync", "Event: re\x01sync", "400 a control character"},
      {"\r\n\r\n", "\r\n", "400 the head does not end"},
  };
  EXPECT_EQ(Cause(good), "");
  for (const auto& [from, to, cause] : table) EXPECT_EQ(Cause(With(good, from, to)), cause) << to;
}

TEST(Parse, AnEarlyFaultLeavesTheRestReadableForTheAnswer) {
  const std::string octets = With(NotifyText(), "NOTIFY sip:", "NOTIFY  sip:");
  Message message;
  ASSERT_TRUE(Parse(octets, Arrival::kDatagram, message));
  EXPECT_TRUE(CanBeAnswered(message));
  EXPECT_EQ(message.cseq().number, 14872u);
}

TEST(Parse, WhatIsNoSipAtAllCannotBeAnswered) {
  for (const char* octets :
       {"", "\r\n", "x", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01",
        "SIP/2.0 999 x\r\n\r\n", "SIP/2.0\r\n\r\n", "SIP/2.0 2000 x\r\n\r\n"}) {
    Message message;
    EXPECT_TRUE(Parse(octets, Arrival::kDatagram, message)) << octets;
    EXPECT_FALSE(CanBeAnswered(message)) << octets;
  }
}

TEST(Parse, AnAckIsNeverAnswered) {
  const std::string octets = With(With(NotifyText("x\n"), "NOTIFY", "ACK"), "2 NOTIFY", "2 ACK");
  Message message;
  ASSERT_TRUE(Parse(octets, Arrival::kDatagram, message));
  EXPECT_FALSE(CanBeAnswered(message));
}

TEST(Parse, StatusLinesMayHaveNoReason) {
  for (const char* line : {"SIP/2.0 200 OK", "SIP/2.0 200 ", "SIP/2.0 200", "sip/2.0 200 OK"}) {
    const std::string octets =
        With(NotifyText(), "NOTIFY sip:69600@10.40.41.36:5060 SIP/2.0", line);
    EXPECT_EQ(Parsed(octets).status(), 200) << line;
    EXPECT_FALSE(Parsed(octets).is_request());
  }
}

TEST(Parse, BoundsEverySize) {
  std::string many;
  for (size_t i = 0; i < kMaxHeaders; ++i) many += "X: y\n";
  EXPECT_EQ(Cause(NotifyText(many)), "400 too many header fields");
  EXPECT_EQ(Cause(NotifyText("X: " + std::string(kMaxHeaderValue + 1, 'a') + "\n")),
            "400 header field too long");
  EXPECT_EQ(Cause(NotifyText(std::string(kMaxHeaderName + 1, 'a') + ": b\n")),
            "400 header field too long");
  EXPECT_EQ(Cause(With(NotifyText(), "NOTIFY", std::string(kMaxStartLine, 'N'))),
            "400 start line too long");
  EXPECT_EQ(Cause(NotifyText("", std::string(kMaxMessage, 'a'))), "513 Message Too Large");
  EXPECT_EQ(Cause(NotifyText("", std::string(60'000, 'a'))), "");
}

TEST(Parse, AMessageObjectServesForOneMessageAfterAnother) {
  const std::string first = NotifyText("Event: resync\nExpires: 5\n", "body");
  const std::string second = NotifyText();
  Message message;
  ASSERT_FALSE(Parse(first, Arrival::kDatagram, message));
  ASSERT_FALSE(Parse(second, Arrival::kDatagram, message));
  EXPECT_FALSE(message.Has(HeaderId::kEvent));
  EXPECT_EQ(message.Find(HeaderId::kExpires), std::nullopt);
  EXPECT_EQ(message.body(), "");
}

// Check A18.
TEST(IsTrigger, A18ComparesTheEventTypeOctetForOctetAndTakesTheCompactForm) {
  const std::pair<const char*, bool> table[] = {
      {"o: resync\n", true},
      {"Event: resync;id=1\n", true},
      {"Event: resync ; x\n", true},
      {"Event: Resync\n", false},
      {"Event: resync2\n", false},
      {"Event: resync.x\n", false},
      {"Event: message-summary\n", false},
      {"", false},
      {"Event: re sync\n", false},
      {"Event: resync\nEvent: resync\n", false},
      {"Event:\n", false},
      {"X-Event: resync\n", false},
  };
  for (const auto& [fields, triggers] : table) {
    const std::string octets = NotifyText(fields);
    EXPECT_EQ(IsTrigger(Parsed(octets), "resync"), triggers) << fields;
  }
}

TEST(IsTrigger, IsANotify) {
  std::string text = NotifyText("Event: resync\n");
  text = With(With(text, "NOTIFY", "OPTIONS"), "14872 NOTIFY", "14872 OPTIONS");
  EXPECT_FALSE(IsTrigger(Parsed(text), "resync"));
}

TEST(AllowsEvent, LooksThroughTheList) {
  const std::string octets = NotifyText("Allow-Events: message-summary, check-sync\nu: dialog\n");
  const Message message = Parsed(octets);
  EXPECT_TRUE(AllowsEvent(message, "check-sync"));
  EXPECT_TRUE(AllowsEvent(message, "dialog"));
  EXPECT_FALSE(AllowsEvent(message, "resync"));
  EXPECT_EQ(EventType("check-sync;reboot=false"), "check-sync");
}

}  // namespace
}  // namespace drover::sip

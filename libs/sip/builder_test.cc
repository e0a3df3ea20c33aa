#include "libs/sip/builder.h"

#include <random>

#include <gtest/gtest.h>

#include "libs/sip/testing/request_text.h"

namespace drover::sip {
namespace {

using testing::NotifyText;
using testing::Parsed;
using testing::Wire;

RequestOut Trigger() {
  return {.uri = "sip:69600@10.40.41.36:5060",
          .via = {.sent_by = "192.0.2.1:5060", .branch = "z9hG4bK28934a78291f2991"},
          .from = "<sip:dm@example.com>",
          .from_tag = "6a073cca",
          .to = "<sip:69600@10.40.41.36;user=phone>",
          .call_id = "720910328@192.0.2.1",
          .cseq = 14872,
          .contact = "<sip:dm@192.0.2.1:5060>",
          .event = "resync",
          .subscription_state = "active;expires=1000"};
}

TEST(AppendRequest, WritesATriggerFieldByField) {
  std::string out = "before|";
  ASSERT_TRUE(AppendRequest(Trigger(), out));
  EXPECT_EQ(out, "before|" + Wire(R"(NOTIFY sip:69600@10.40.41.36:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK28934a78291f2991;rport
Max-Forwards: 70
To: <sip:69600@10.40.41.36;user=phone>
From: <sip:dm@example.com>;tag=6a073cca
Call-ID: 720910328@192.0.2.1
CSeq: 14872 NOTIFY
Contact: <sip:dm@192.0.2.1:5060>
Event: resync
Subscription-State: active;expires=1000
Content-Length: 0

)"));
}

TEST(AppendRequest, WritesRoutesInOrderAndABodyWithItsType) {
  const std::string_view routes[] = {"<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>"};
  const FieldOut more[] = {{"Authorization", "Digest x=\"y\""}, {"Supported", "path"}};
  RequestOut request = Trigger();
  request.routes = routes;
  request.more = more;
  request.via.transport = Transport::kTls;
  request.via.alias = true;
  request.content_type = "application/simple-message-summary";
  request.body = "Messages-Waiting: yes\r\n";
  request.to_tag = "abc";
  std::string out;
  ASSERT_TRUE(AppendRequest(request, out));
  const Message message = Parsed(out);
  Message::Elements values = message.Values(HeaderId::kRoute);
  std::string_view route;
  for (const std::string_view each : routes) {
    ASSERT_TRUE(values.Next(route));
    EXPECT_EQ(route, each);
  }
  EXPECT_EQ(message.Find(HeaderId::kAuthorization), "Digest x=\"y\"");
  EXPECT_EQ(message.body(), request.body);
  EXPECT_EQ(message.Find(HeaderId::kContentType), request.content_type);
  EXPECT_EQ(message.to_tag(), "abc");
  EXPECT_EQ(message.top_via().transport, Transport::kTls);
  EXPECT_TRUE(message.top_via().parameters.Has("alias"));
}

TEST(AppendRequest, NoValueCanAddAField) {
  const auto refused = [](auto&& change) {
    RequestOut request = Trigger();
    change(request);
    std::string out = "kept";
    EXPECT_FALSE(AppendRequest(request, out));
    EXPECT_EQ(out, "kept");
  };
  constexpr std::string_view kEvil = "x\r\nInjected: y";
  refused([&](RequestOut& r) { r.uri = kEvil; });
  refused([&](RequestOut& r) { r.uri = "sip:a@h SIP/2.0"; });
  refused([&](RequestOut& r) { r.uri = ""; });
  refused([&](RequestOut& r) { r.method = "NO TIFY"; });
  refused([&](RequestOut& r) { r.via.branch = "a;b"; });
  refused([&](RequestOut& r) { r.via.sent_by = kEvil; });
  refused([&](RequestOut& r) { r.from = kEvil; });
  refused([&](RequestOut& r) { r.from_tag = "a\nb"; });
  refused([&](RequestOut& r) { r.to = kEvil; });
  refused([&](RequestOut& r) { r.call_id = kEvil; });
  refused([&](RequestOut& r) { r.contact = "x\n"; });
  refused([&](RequestOut& r) { r.event = "\r"; });
  refused([&](RequestOut& r) { r.subscription_state = std::string_view("a\0b", 3); });
  refused([&](RequestOut& r) { r.content_type = kEvil; });
  const FieldOut bad_name[] = {{"A: b\r\nC", "d"}};
  refused([&](RequestOut& r) { r.more = bad_name; });
  const FieldOut bad_value[] = {{"A", kEvil}};
  refused([&](RequestOut& r) { r.more = bad_value; });
}

class Words {
 public:
  explicit Words(uint32_t seed) : random_(seed) {}
  size_t Below(size_t n) { return random_() % n; }
  std::string Token(size_t most = 20) {
    constexpr std::string_view kLetters = "abcXYZ0189-.!%*_+`'~";
    std::string text(1 + Below(most), 'a');
    for (char& c : text) c = kLetters[Below(kLetters.size())];
    return text;
  }
  std::string UriText() {
    std::string text = Below(4) == 0 ? "sips:" : "sip:";
    std::string user(1 + Below(8), 'a');
    for (char& c : user) c = static_cast<char>(1 + Below(255));
    if (Below(4) != 0) {
      AppendEscapedUser(user, text);
      text += "@";
    }
    text += Below(3) == 0 ? "[2001:db8::" + std::to_string(Below(9999)) + "]" : "h1.example.com";
    if (Below(2) == 0) text += ":" + std::to_string(1 + Below(65'535));
    if (Below(2) == 0) text += ";transport=tcp;lr";
    return text;
  }
  std::string NameAddrText() {
    std::string text;
    if (Below(2) == 0) {
      std::string name(Below(12), 'a');
      for (char& c : name) c = static_cast<char>(32 + Below(95));
      AppendQuoted(name, text);
    }
    return text + "<" + UriText() + ">";
  }

 private:
  std::mt19937 random_;
};

TEST(AppendRequest, WhatIsWrittenIsReadAgain) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    Words words(seed);
    const std::string uri = words.UriText(), branch = "z9hG4bK" + words.Token(),
                      from = words.NameAddrText(), to = words.NameAddrText(),
                      call_id = words.Token() + "@" + words.Token(), tag = words.Token(),
                      contact = words.NameAddrText(), event = words.Token() + ";x=" + words.Token(),
                      body(words.Below(300), '\0'), method = words.Token();
    const std::string routes_text[] = {words.NameAddrText(), words.NameAddrText()};
    const std::string_view routes[] = {routes_text[0], routes_text[1]};
    const RequestOut request{.method = method,
                             .uri = uri,
                             .via = {.transport = static_cast<Transport>(words.Below(3)),
                                     .sent_by = "[::1]:5060",
                                     .branch = branch},
                             .routes = {routes, words.Below(3)},
                             .max_forwards = static_cast<uint8_t>(words.Below(256)),
                             .from = from,
                             .from_tag = tag,
                             .to = to,
                             .call_id = call_id,
                             .cseq = static_cast<uint32_t>(words.Below(0x7FFFFFFF)),
                             .contact = contact,
                             .event = event,
                             .body = body};
    std::string out;
    ASSERT_TRUE(AppendRequest(request, out));
    Message message;
    const auto refusal = Parse(out, Arrival::kStream, message);
    ASSERT_FALSE(refusal) << refusal->cause << "\n" << out;
    EXPECT_EQ(message.method_name(), method);
    EXPECT_EQ(message.request_uri(), uri);
    EXPECT_EQ(message.top_via().branch, branch);
    EXPECT_EQ(message.top_via().transport, request.via.transport);
    EXPECT_TRUE(message.top_via().has_rport);
    EXPECT_EQ(message.max_forwards(), request.max_forwards);
    EXPECT_EQ(message.from().text, from + ";tag=" + tag);
    EXPECT_EQ(message.from_tag(), tag);
    EXPECT_EQ(message.to().text, to);
    EXPECT_EQ(message.to_tag(), "");
    EXPECT_EQ(message.call_id(), call_id);
    EXPECT_EQ(message.cseq().number, request.cseq);
    EXPECT_EQ(message.Find(HeaderId::kContact), contact);
    EXPECT_EQ(message.Find(HeaderId::kEvent), event);
    EXPECT_EQ(message.Count(HeaderId::kRoute), request.routes.size());
    EXPECT_EQ(message.body(), body);
  }
}

std::string Answer(const std::string& request_text, const ResponseOut& response,
                   const Source& source = {"198.51.100.7", 40000}) {
  const Message request = Parsed(request_text);
  std::string out;
  EXPECT_TRUE(AppendResponse(request, source, response, out));
  return out;
}

TEST(AppendResponse, CopiesWhatItMustAndFillsTheTopVia) {
  EXPECT_EQ(Answer(NotifyText("Event: resync\n"), {.status = 200, .to_tag = "gw1"}),
            Wire(R"(SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK28934a78291f2991;received=198.51.100.7;rport=40000
To: <sip:69600@10.40.41.36>;tag=gw1
From: <sip:dm@example.com>;tag=6a073cca507b5e6a
Call-ID: 720910328-2276810532@192.0.2.1
CSeq: 14872 NOTIFY
Content-Length: 0

)"));
}

std::string ViaAfter(const std::string& via, const Source& source) {
  const std::string text =
      Wire("OPTIONS sip:h SIP/2.0\n" + via +
           "\nTo: <sip:h>\nFrom: <sip:h>;tag=1\nCall-ID: 1\nCSeq: 1 OPTIONS\n\n");
  const std::string out = Answer(text, {.status = 200}, source);
  const size_t begin = out.find("\r\n") + 2;
  return out.substr(begin, out.find("To: ") - begin - 2);
}

TEST(AppendResponse, FillsReceivedAndRportAsTheRfcsSay) {
  const Source source{"10.0.0.1", 4000};
  EXPECT_EQ(ViaAfter("v: SIP/2.0/UDP 10.0.0.1:5060;branch=1", source),
            "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=1");
  EXPECT_EQ(ViaAfter("v: SIP/2.0/UDP 10.0.0.2;branch=1", source),
            "Via: SIP/2.0/UDP 10.0.0.2;branch=1;received=10.0.0.1");
  EXPECT_EQ(ViaAfter("v: SIP/2.0/UDP gw.example.com;branch=1", source),
            "Via: SIP/2.0/UDP gw.example.com;branch=1;received=10.0.0.1");
  EXPECT_EQ(ViaAfter("v: SIP/2.0/UDP 10.0.0.1;rport;branch=1", source),
            "Via: SIP/2.0/UDP 10.0.0.1;branch=1;received=10.0.0.1;rport=4000");
  EXPECT_EQ(ViaAfter("v: SIP/2.0/UDP [2001:db8::1];branch=1", {"2001:db8::1", 5060}),
            "Via: SIP/2.0/UDP [2001:db8::1];branch=1");
}

TEST(AppendResponse, BelievesNoReceivedThatCameAlong) {
  EXPECT_EQ(ViaAfter("v: SIP/2.0/UDP a.example;received=203.0.113.1;rport=1;branch=1",
                     {"10.0.0.1", 4000}),
            "Via: SIP/2.0/UDP a.example;branch=1;received=10.0.0.1;rport=4000");
}

TEST(AppendResponse, KeepsTheOtherViasAsTheyCame) {
  EXPECT_EQ(ViaAfter("v: SIP/2.0/UDP a.example;branch=1 , SIP/2.0/UDP b;branch=2\n"
                     "Via: SIP/2.0/TCP c;branch=3\n d",
                     {"10.0.0.1", 4000})
                .substr(0, 92),
            "Via: SIP/2.0/UDP a.example;branch=1;received=10.0.0.1 , SIP/2.0/UDP "
            "b;branch=2\r\nVia: SIP/2.0");
}

TEST(AppendResponse, KeepsAToTagAndAddsNoneTo100) {
  std::string text = NotifyText();
  EXPECT_EQ(Answer(text, {.status = 100, .to_tag = "x"}).find("tag=x"), std::string::npos);
  text.insert(text.find("41.36>") + 6, ";tag=theirs");
  const std::string out = Answer(text, {.status = 481, .to_tag = "x"});
  EXPECT_NE(out.find("To: <sip:69600@10.40.41.36>;tag=theirs\r\n"), std::string::npos);
  EXPECT_NE(out.find("SIP/2.0 481 Call/Transaction Does Not Exist\r\n"), std::string::npos);
}

TEST(AppendResponse, CarriesFieldsAndABody) {
  const FieldOut fields[] = {{"Contact", "<sip:a@h>;expires=60"},
                             {"Contact", "<sip:b@h>;expires=30"}};
  const std::string out =
      Answer(NotifyText(), {.status = 200, .fields = fields, .content_type = "a/b", .body = "xyz"});
  const Message message = Parsed(out);
  EXPECT_EQ(message.Count(HeaderId::kContact), 2u);
  EXPECT_EQ(message.body(), "xyz");
  const Message request = Parsed(out);
  const FieldOut evil[] = {{"Contact", "a\r\nb: c"}};
  std::string spoilt = "kept";
  EXPECT_FALSE(AppendResponse(request, {"a", 1}, {.fields = evil}, spoilt));
  EXPECT_EQ(spoilt, "kept");
}

TEST(ResponseTarget, IsWhereRfc3581And3261Say) {
  const auto target = [](const char* value) {
    Via via;
    std::string_view rest;
    EXPECT_TRUE(ParseVia(value, via, rest));
    const HostPort out = ResponseTarget(via, {"10.0.0.1", 4000});
    return std::string(out.host) + ":" + std::to_string(out.port);
  };
  EXPECT_EQ(target("SIP/2.0/UDP 10.0.0.9:5070;rport"), "10.0.0.1:4000");
  EXPECT_EQ(target("SIP/2.0/UDP 10.0.0.9:5070"), "10.0.0.1:5070");
  EXPECT_EQ(target("SIP/2.0/UDP 10.0.0.9"), "10.0.0.1:5060");
  EXPECT_EQ(target("SIP/2.0/TLS 10.0.0.9"), "10.0.0.1:5061");
}

TEST(ReasonPhrase, FallsBackToItsClass) {
  EXPECT_EQ(ReasonPhrase(489), "Bad Event");
  EXPECT_EQ(ReasonPhrase(499), "Client Error");
  EXPECT_EQ(ReasonPhrase(999), "Unknown");
}

TEST(AppendBranch, BearsTheCookie) {
  std::string out;
  AppendBranch(std::string_view("\x01\xAB", 2), out);
  EXPECT_EQ(out, "z9hG4bK01ab");
}

TEST(NeedsStream, BeginsPast1300Octets) {
  EXPECT_FALSE(NeedsStream(1300));
  EXPECT_TRUE(NeedsStream(1301));
}

}  // namespace
}  // namespace drover::sip

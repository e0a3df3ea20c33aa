// Sofia-SIP as a judge of what we write, where it is installed.
#include <gtest/gtest.h>

#include "libs/sip/builder.h"
#include "libs/sip/digest_client.h"
#include "libs/sip/testing/request_text.h"
#include "libs/sip/testing/sofia_message.h"

namespace drover::sip {
namespace {

using testing::SofiaRead;
using testing::SofiaReading;

RequestOut Trigger(std::string_view event) {
  return {.uri = "sip:69600@10.40.41.36:5060",
          .via = {.sent_by = "[2001:db8::1]:5060", .branch = "z9hG4bK28934a78291f2991"},
          .from = "\"Device \\\"management\\\"\" <sip:dm@example.com>",
          .from_tag = "6a073cca",
          .to = "<sip:69600@10.40.41.36;user=phone>",
          .call_id = "720910328@192.0.2.1",
          .cseq = 2147483647,
          .contact = "<sip:dm@192.0.2.1:5060>",
          .event = event,
          .subscription_state = "active;expires=1000"};
}

TEST(Sofia, ReadsEveryEventThatWeWrite) {
  for (const char* event :
       {"resync", "check-sync;reboot=false", "message-summary", "resync;id=1"}) {
    std::string octets;
    ASSERT_TRUE(AppendRequest(Trigger(event), octets));
    const SofiaReading reading = SofiaRead(octets);
    EXPECT_TRUE(reading.taken) << octets;
    EXPECT_EQ(reading.method, "NOTIFY");
    EXPECT_EQ(reading.event, std::string_view(event).substr(0, reading.event.size()));
    EXPECT_FALSE(reading.event.empty());
    EXPECT_EQ(reading.call_id, "720910328@192.0.2.1");
    EXPECT_EQ(reading.cseq, 2147483647u);
  }
}

TEST(Sofia, ReadsRoutesBodiesAndCredentials) {
  DigestClient client({"69600", "secret"});
  ASSERT_EQ(
      client.Challenged(ParseChallenge("Digest realm=\"r\", nonce=\"n\", qop=\"auth\""), false),
      DigestClient::Next::kAnswer);
  const auto fields = client.Fields("NOTIFY", "sip:69600@10.40.41.36:5060", "", "c");
  const FieldOut more[] = {{fields[0].name, fields[0].value}};
  const std::string_view routes[] = {"<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>"};
  RequestOut request = Trigger("message-summary");
  request.routes = routes;
  request.more = more;
  request.content_type = "application/simple-message-summary";
  request.body = "Messages-Waiting: yes\r\n";
  std::string octets;
  ASSERT_TRUE(AppendRequest(request, octets));
  EXPECT_TRUE(SofiaRead(octets).taken) << octets;
}

TEST(Sofia, ReadsOurResponsesToWhateverWeTook) {
  for (const testing::TortureMessage& each : testing::TortureMessages()) {
    Message message;
    if (each.octets.find('\0') != std::string::npos) continue;  // Its strings end there.
    if (Parse(each.octets, Arrival::kDatagram, message) || !CanBeAnswered(message)) continue;
    std::string response;
    ASSERT_TRUE(AppendResponse(message, {"198.51.100.7", 40000}, {.status = 489, .to_tag = "gw"},
                               response));
    const SofiaReading reading = SofiaRead(response);
    EXPECT_TRUE(reading.taken) << response;
    EXPECT_EQ(reading.status, 489) << response;
    EXPECT_EQ(reading.cseq, message.cseq().number) << response;
  }
}

}  // namespace
}  // namespace drover::sip

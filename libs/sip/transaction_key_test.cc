#include "libs/sip/transaction_key.h"

#include <gtest/gtest.h>

namespace drover::sip {
namespace {

struct Parts {
  std::string method = "NOTIFY";
  std::string uri = "sip:69600@192.0.2.7";
  std::string via = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK28934a78";
  std::string to_tag;
  std::string from_tag = "a6c8";
  std::string call_id = "720910328@192.0.2.1";
  std::string cseq = "14872";
};

std::string Text(const std::string& start_line, const Parts& parts) {
  const std::string to_tag = parts.to_tag.empty() ? "" : ";tag=" + parts.to_tag;
  return start_line + "\r\nVia: " + parts.via +
         "\r\nMax-Forwards: 70\r\nTo: <sip:69600@192.0.2.7>" + to_tag +
         "\r\nFrom: <sip:dm@192.0.2.1>;tag=" + parts.from_tag + "\r\nCall-ID: " + parts.call_id +
         "\r\nCSeq: " + parts.cseq + " " + parts.method +
         "\r\nContact: <sip:dm@192.0.2.1>\r\nContent-Length: 0\r\n\r\n";
}

class Keys : public ::testing::Test {
 protected:
  TransactionKey Request(const Parts& parts) const {
    const std::string octets = Text(parts.method + " " + parts.uri + " SIP/2.0", parts);
    Message message;
    EXPECT_FALSE(Parse(octets, Arrival::kDatagram, message)) << octets;
    return keys.OfRequest(message);
  }
  TransactionKey Response(const Parts& parts) const {
    const std::string octets = Text("SIP/2.0 200 OK", parts);
    Message message;
    EXPECT_FALSE(Parse(octets, Arrival::kDatagram, message)) << octets;
    return keys.OfResponse(message);
  }
  TransactionKey Sent(const Parts& parts) const {
    return keys.OfClient("z9hG4bK28934a78", {"192.0.2.1", 5060}, parts.method);
  }

  const TransactionKeys keys{"0123456789abcdef"};
};

TEST_F(Keys, MatchAResponseByBranchSentByAndMethod) {
  EXPECT_EQ(Response({}), Sent({}));
  EXPECT_EQ(
      Response({.via = "SIP/2.0/UDP 192.0.2.1:5060;received=192.0.2.9;branch=Z9HG4BK28934a78"}),
      Sent({}));
  EXPECT_EQ(Response({.to_tag = "x", .from_tag = "y", .call_id = "z", .cseq = "1"}), Sent({}));
  EXPECT_NE(Response({.via = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK28934a79"}), Sent({}));
  EXPECT_NE(Response({.via = "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK28934a78"}), Sent({}));
  EXPECT_NE(Response({.via = "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK28934a78"}), Sent({}));
  EXPECT_NE(Response({.method = "OPTIONS"}), Sent({}));
}

TEST_F(Keys, TellHostsApartWithoutRegardToCase) {
  EXPECT_EQ(keys.OfClient("z9hG4bKa", {"SIP.Example.com", 0}, "NOTIFY"),
            keys.OfClient("z9hG4bKa", {"sip.example.com", 0}, "NOTIFY"));
}

TEST_F(Keys, MatchARequestByBranchSentByAndMethod) {
  EXPECT_EQ(Request({}), Request({.uri = "sip:other@192.0.2.7", .call_id = "another"}));
  EXPECT_NE(Request({}), Request({.method = "OPTIONS"}));
  EXPECT_NE(Request({}), Request({.via = "SIP/2.0/UDP 192.0.2.3;branch=z9hG4bK28934a78"}));
  EXPECT_EQ(Request({.method = "ACK"}), Request({.method = "INVITE"}));
}

TEST_F(Keys, CompareEverythingOfARequestWithoutTheCookie) {
  const Parts old{.via = "SIP/2.0/UDP 192.0.2.1:5060;branch=1"};
  const auto with = [&](auto change) {
    Parts parts = old;
    change(parts);
    return Request(parts);
  };
  EXPECT_EQ(Request(old), with([](Parts&) {}));
  EXPECT_NE(Request(old), with([](Parts& parts) { parts.uri = "sip:1@192.0.2.7"; }));
  EXPECT_NE(Request(old), with([](Parts& parts) { parts.to_tag = "t"; }));
  EXPECT_NE(Request(old), with([](Parts& parts) { parts.from_tag = "t"; }));
  EXPECT_NE(Request(old), with([](Parts& parts) { parts.call_id = "t"; }));
  EXPECT_NE(Request(old), with([](Parts& parts) { parts.cseq = "14873"; }));
  EXPECT_NE(Request(old), with([](Parts& parts) { parts.method = "OPTIONS"; }));
  EXPECT_NE(Request(old), with([](Parts& parts) { parts.via = "SIP/2.0/UDP 192.0.2.1:5060"; }));
}

TEST_F(Keys, DependOnTheSecret) {
  const TransactionKeys others("0123456789abcdeF");
  EXPECT_NE(others.OfClient("z9hG4bKa", {"a", 0}, "NOTIFY"),
            keys.OfClient("z9hG4bKa", {"a", 0}, "NOTIFY"));
}

TEST_F(Keys, DoNotMixFieldsUp) {
  EXPECT_NE(keys.OfClient("z9hG4bKab", {"c", 0}, "NOTIFY"),
            keys.OfClient("z9hG4bKa", {"bc", 0}, "NOTIFY"));
}

}  // namespace
}  // namespace drover::sip

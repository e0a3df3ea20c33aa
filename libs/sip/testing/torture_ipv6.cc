#include "libs/sip/testing/torture_parts.h"

namespace drover::sip::testing {
namespace {

TortureMessage Ipv6(const char* name, const char* section, const std::string& uri,
                    const std::string& via, uint16_t status) {
  return {name, section, Wire("REGISTER " + uri + R"( SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: )" + via + R"(
Call-ID: SSG9559905523997077@hlau_4100
Max-Forwards: 70
Contact: "Caller" <sip:caller@[2001:db8::1]>
CSeq: 98176 REGISTER
Content-Length: 0

)"),
          status};
}

}  // namespace

void AddTortureIpv6(std::vector<TortureMessage>& messages) {
  const std::string via = "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111";
  messages.push_back(Ipv6("ipv6-good", "RFC 5118, 4.1", "sip:[2001:db8::10]", via, 0));
  messages.push_back(Ipv6("ipv6-bad", "RFC 5118, 4.2", "sip:2001:db8::10", via, 400));
  messages.push_back(Ipv6("port-ambiguous", "RFC 5118, 4.3", "sip:[2001:db8::10:5070]", via, 0));
  messages.push_back(Ipv6("port-unambiguous", "RFC 5118, 4.4", "sip:[2001:db8::10]:5070", via, 0));
  messages.push_back(
      Ipv6("via-received-param-with-delim", "RFC 5118, 4.5", "sip:[2001:db8::10]",
           "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111", 0));
  messages.push_back(Ipv6("via-received-param-no-delim", "RFC 5118, 4.5", "sip:[2001:db8::10]",
                          "SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3",
                          0));
  messages.push_back(Ipv6("mult-ip-in-header", "RFC 5118, 4.7", "sip:user@[2001:db8::10]",
                          "SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111\n"
                          "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144",
                          0));
  messages.push_back(Ipv6("ipv4-mapped-ipv6", "RFC 5118, 4.9", "sip:[::ffff:192.0.2.10]:19823",
                          "SIP/2.0/UDP [::ffff:192.0.2.2]:5060;branch=z9hG4bKas3-111", 0));
  messages.push_back(Ipv6("ipv6-bug-abnf-3-colons", "RFC 5118, 4.10",
                          "sip:user@[2001:db8:::192.0.2.1]", via, 400));
}

}  // namespace drover::sip::testing

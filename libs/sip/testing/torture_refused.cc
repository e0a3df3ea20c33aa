// RFC 4475, sections 3.1.2 and 3.3: what the parser refuses.
#include "libs/sip/testing/torture_parts.h"

namespace drover::sip::testing {
namespace {

void AddBrokenFields(std::vector<TortureMessage>& messages) {
  messages.push_back({"badinv01", "RFC 4475, 3.1.2.1", Wire(R"(INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: badinv01.0ha0isndaksdjasdf3234nas
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;;,;,,
Contact: "Joe" <sip:joe@example.org>;;;;
Content-Length: {CL}
Content-Type: application/sdp

v=0
)"),
                      400});
  messages.push_back({"clerr", "RFC 4475, 3.1.2.2", Wire(R"(INVITE sip:user@example.com SIP/2.0
Max-Forwards: 80
To: sip:j.user@example.com
From: sip:caller@example.net;tag=93942939o2
Contact: <sip:caller@hungry.example.net>
Call-ID: clerr.0ha0isndaksdjweiafasdk3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bK-39234-23523
Content-Type: application/sdp
Content-Length: 9999

v=0
)"),
                      400});
  messages.push_back({"ncl", "RFC 4475, 3.1.2.3", Wire(R"(INVITE sip:user@example.com SIP/2.0
Max-Forwards: 254
To: sip:j.user@example.com
From: sip:caller@example.net;tag=32394234
Call-ID: ncl.0ha0isndaksdj2193423r542w35
CSeq: 0 INVITE
Via: SIP/2.0/UDP 192.0.2.53;branch=z9hG4bKkdjuw
Contact: <sip:caller@example53.example.net>
Content-Type: application/sdp
Content-Length: -999

v=0
)"),
                      400});
  messages.push_back({"scalar02", "RFC 4475, 3.1.2.4", Wire(R"(REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
To: <sip:user@example.com>
From: <sip:user@example.com>;tag=239232jh3
CSeq: 36893488147419103232 REGISTER
Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
Max-Forwards: 300
Expires: 10000000000000000000000000000000000000000
Contact: <sip:user@host129.example.com>;expires=280297596632815
Content-Length: 0

)"),
                      400});
  messages.push_back({"scalarlg", "RFC 4475, 3.1.2.5", Wire(R"(SIP/2.0 503 Service Unavailable
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
To: <sip:user@example.com>
From: <sip:other@example.net>;tag=2easdjfejw
CSeq: 9292394834772304023312 OPTIONS
Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
Retry-After: 949302838503028349304023988
Warning: 1812 overture "In Progress"
Content-Length: 0

)"),
                      400});
  messages.push_back({"quotbal", "RFC 4475, 3.1.2.6", Wire(R"(INVITE sip:user@example.com SIP/2.0
To: "Mr. J. User <sip:j.user@example.com>
From: sip:caller@example.net;tag=93334
Max-Forwards: 10
Call-ID: quotbal.aksdj
Contact: <sip:caller@host59.example.net>
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKkdjuw39234
Content-Type: application/sdp
Content-Length: {CL}

v=0
)"),
                      400});
  messages.push_back({"badaspec", "RFC 4475, 3.1.2.14", Wire(R"(OPTIONS sip:user@example.org SIP/2.0
Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234
Max-Forwards: 70
From: "Bell, Alexander" <sip:a.g.bell@example.com>;tag=433423
To: "Watson, Thomas" < sip:t.watson@example.org >
Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3
Accept: application/sdp
CSeq: 3923239 OPTIONS
l: 0

)"),
                      400});
  messages.push_back({"baddn", "RFC 4475, 3.1.2.15",
                      Wire(R"(OPTIONS sip:t.watson@example.org SIP/2.0
Via:     SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw
Max-Forwards:      70
From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43
To:      Watson, Thomas <sip:t.watson@example.org>
Call-ID: baddn.31415@c.example.com
Accept: application/sdp
CSeq:    3923239 OPTIONS
l: 0

)"),
                      400});
}

// One INVITE, with that request line.
TortureMessage Line(const char* name, const char* section, const std::string& line) {
  const std::string method = line.substr(0, line.find(' '));
  return {name, section, Wire(line + R"(
To: sip:user@example.com
From: sip:caller@example.net;tag=39291
Max-Forwards: 23
Call-ID: )" + name + R"(.1@192.0.2.5
CSeq: 1 )" + method + R"(
Via: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKkdjuw2395
Contact: <sip:caller@host8.example.net>
Content-Type: application/sdp
Content-Length: {CL}

v=0
)"),
          400};
}

void AddStartLines(std::vector<TortureMessage>& messages) {
  messages.push_back(
      Line("ltgtruri", "RFC 4475, 3.1.2.7", "INVITE <sip:user@example.com> SIP/2.0"));
  messages.push_back(
      Line("lwsruri", "RFC 4475, 3.1.2.8", "INVITE sip:user@example.com; lr SIP/2.0"));
  messages.push_back(
      Line("lwsstart", "RFC 4475, 3.1.2.9", "INVITE  sip:user@example.com  SIP/2.0"));
  messages.push_back(
      Line("trws", "RFC 4475, 3.1.2.10", "OPTIONS sip:remote-target@example.com SIP/2.0  "));
  messages.push_back(Line("escruri", "RFC 4475, 3.1.2.11",
                          "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0"));
  messages.push_back(
      Line("badvers", "RFC 4475, 3.1.2.16", "OPTIONS sip:t.watson@example.org SIP/7.0"));
  messages.back().status = 505;
  messages.push_back({"mismatch01", "RFC 4475, 3.1.2.17",
                      Wire(R"(OPTIONS sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch01.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
l: 0

)"),
                      400});
  messages.push_back({"mismatch02", "RFC 4475, 3.1.2.18",
                      Wire(R"(NEWMETHOD sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch02.dj0234sxdfl3
CSeq: 8 INVITE
Contact: <sip:caller@host.example.net>
Via: SIP/2.0/UDP host.example.net;branch=z9hG4bKkdjuw
Content-Type: application/sdp
l: {CL}

v=0
)"),
                      400});
  messages.push_back({"bigcode", "RFC 4475, 3.1.2.19",
                      Wire(R"(SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>

)"),
                      400});
}

void AddMissingAndRepeated(std::vector<TortureMessage>& messages) {
  messages.push_back({"insuf", "RFC 4475, 3.3.1", Wire(R"(INVITE sip:user@example.com SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: {CL}

v=0
)"),
                      400});
  messages.push_back({"multi01", "RFC 4475, 3.3.8", Wire(R"(INVITE sip:user@company.com SIP/2.0
Contact: <sip:caller@host25.example.net>
Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw
Max-Forwards: 70
CSeq: 5 INVITE
Call-ID: multi01.98asdh@192.0.2.1
CSeq: 59 INVITE
Call-ID: multi01.98asdh@192.0.2.2
From: sip:caller@example.com;tag=3413415
To: sip:user@example.com
To: sip:other@example.net
From: sip:caller@example.net;tag=2923420123
Content-Type: application/sdp
l: {CL}
Contact: <sip:caller@host36.example.net>
Max-Forwards: 5

v=0
)"),
                      400});
  messages.push_back({"mcl01", "RFC 4475, 3.3.9", Wire(R"(OPTIONS sip:user@example.com SIP/2.0
Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bK293423
To: sip:user@example.com
From: sip:other@example.net;tag=3923942
Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf
CSeq: 15932 OPTIONS
Content-Length: 13
Max-Forwards: 60
Content-Length: 5
Content-Type: text/plain

There's no way to know how many octets are supposed to be here.
)"),
                      400});
}

}  // namespace

void AddTortureRefused(std::vector<TortureMessage>& messages) {
  AddBrokenFields(messages);
  AddStartLines(messages);
  AddMissingAndRepeated(messages);
}

}  // namespace drover::sip::testing

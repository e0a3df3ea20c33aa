// Messages for tests.
#pragma once
#include <string>

#include "libs/base/check.h"
#include "libs/sip/message.h"
#include "libs/sip/testing/torture.h"

namespace drover::sip::testing {

// A NOTIFY with these fields besides the mandatory ones, each "Name: value\n".
inline std::string NotifyText(const std::string& fields = "", const std::string& body = "") {
  return Wire(R"(NOTIFY sip:69600@10.40.41.36:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK28934a78291f2991;rport
Max-Forwards: 70
To: <sip:69600@10.40.41.36>
From: <sip:dm@example.com>;tag=6a073cca507b5e6a
Call-ID: 720910328-2276810532@192.0.2.1
CSeq: 14872 NOTIFY
)" + fields + "Content-Length: {CL}\n\n" +
              body);
}

// text must outlive the message.
inline Message Parsed(const std::string& text) {
  Message message;
  const std::optional<Refusal> refusal = Parse(text, Arrival::kDatagram, message);
  DROVER_CHECK(!refusal);
  return message;
}

}  // namespace drover::sip::testing

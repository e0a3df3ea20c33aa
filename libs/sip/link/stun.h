// Answers to the STUN binding requests by which phones keep a NAT's mapping of their SIP port.
//
// Pure. No authentication; the mapped address is all that is told.
// Spec: RFC 5389, sections 6, 7.3 and 15; RFC 5626, section 4.4.2.
#pragma once
#include <string>
#include <string_view>

#include "libs/sip/transaction_hop.h"

namespace drover::sip {

// Whether a datagram is STUN, and not SIP: its first two bits are 0 and the magic cookie is there.
bool IsStun(std::string_view datagram);

// Appends the answer to a binding request from source: its address, or 420 if it asks for something
// that has to be understood. False: nothing to answer; nothing was appended.
bool AppendStunAnswer(std::string_view datagram, const Hop& source, std::string& out);

}  // namespace drover::sip

// PDUs from octets and to octets.
//
// Decoding is strict about lengths: a field that goes past its limit or past the PDU is a Fault,
// which says the command_status to answer with. What a field's value means is not judged here.
// Nothing is allocated but what the encoded octets need.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/smpp/pdu.h"

namespace drover::smpp {

enum class FaultKind : uint8_t {
  kNone,
  kCommandLength,  // Below 16, above the limit, or not the octets given: the stream is lost.
  kCommandId,      // Not of 3.4 or 5.0.
  kCutShort,       // The PDU ends before the field does.
  kUnterminated,   // A C-octet string whose NUL does not come before the PDU ends.
  kTooLong,        // A text beyond the limit of its field.
  kMessageLength,  // sm_length above 254 or beyond the PDU.
  kCount,          // number_of_dests is 0 or above 254, or there are fewer of what is counted.
  kDestFlag,       // Neither an address nor a distribution list.
  kTlv,            // One is cut short.
  kNulInside,      // Encoding only: a text that would end early.
};
std::string_view Name(FaultKind kind);

struct [[nodiscard]] Fault {
  FaultKind kind = FaultKind::kNone;
  CommandStatus status = CommandStatus::kRok;  // The answer to whoever sent it.
  std::string_view field = {};                 // As the specification calls it.
  explicit operator bool() const { return kind != FaultKind::kNone; }
};

// The first 16 octets; nullopt if there are fewer.
std::optional<Header> ReadHeader(std::string_view octets);

// octets: one whole PDU, which `out` views afterwards. max_pdu: the longest that is taken.
// Of a response whose status is not ESME_ROK the body may lack; so may that of bind_*_resp,
// deliver_sm_resp and data_sm_resp in any case. Its fields are then empty.
// After a Fault out.header is filled in if there were 16 octets.
Fault Decode(std::string_view octets, Pdu& out, size_t max_pdu = kDefaultMaxPdu);

// Appends one PDU. sequence: 1 to 0x7FFFFFFF, or 0 in a generic_nack to what cannot be read.
// A Fault: a text or list is beyond its limits; nothing was appended.
Fault Encode(uint32_t sequence, const Body& body, std::string& out,
             CommandStatus status = CommandStatus::kRok);
// The same of a body whose type is known. For every alternative of Body.
template <typename T>
Fault EncodeBody(uint32_t sequence, const T& body, std::string& out,
                 CommandStatus status = CommandStatus::kRok);
// A response without a body, which is allowed whenever status is not ESME_ROK; a generic_nack.
void EncodeBare(uint32_t sequence, CommandId id, CommandStatus status, std::string& out);

}  // namespace drover::smpp

// Reads the fields of a PDU's body one after the other; after the first Fault nothing any more.
#pragma once
#include <algorithm>
#include <cstring>

#include "libs/smpp/codec.h"
#include "libs/smpp/layout.h"

namespace drover::smpp {

class Reader {
 public:
  explicit Reader(std::string_view body) : at_(body.data()), end_(body.data() + body.size()) {}

  void Octet(uint8_t& out, const layout::Field& field = layout::kOctet) {
    if (at_ == end_) return Fail(FaultKind::kCutShort, layout::kRinvCmdLen, field.name);
    out = static_cast<uint8_t>(*at_++);
  }
  void Text(std::string_view& out, const layout::Field& field) {
    const size_t room = std::min<size_t>(left(), field.limit);
    if (room == 0) return Fail(FaultKind::kCutShort, layout::kRinvCmdLen, field.name);
    const void* const nul = std::memchr(at_, 0, room);
    if (nul == nullptr) {
      const bool too_long = room == field.limit;
      return Fail(too_long ? FaultKind::kTooLong : FaultKind::kUnterminated, field.status,
                  field.name);
    }
    const char* const text_end = static_cast<const char*>(nul);
    out = {at_, static_cast<size_t>(text_end - at_)};
    at_ = text_end + 1;
  }
  void Addr(Address& out, const layout::Field& field) {
    Octet(out.ton, field);
    Octet(out.npi, field);
    Text(out.digits, field);
  }
  void Message(std::string_view& out) {
    uint8_t length = 0;
    Octet(length, layout::kSmLength);
    if (length > kMaxShortMessage || length > left()) {
      return Fail(FaultKind::kMessageLength, layout::kRinvMsgLen, layout::kSmLength.name);
    }
    out = Take(length);
  }
  void List(Destinations& out) {
    uint8_t count = 0;
    Octet(count, layout::kNumberOfDests);
    if (count == 0 || count == 255) {
      return Fail(FaultKind::kCount, layout::kRinvNumDests, layout::kNumberOfDests.name);
    }
    const char* const begin = at_;
    for (int i = 0; i < count; ++i) ReadDestination();
    if (!fault_) out = Destinations(count, {begin, static_cast<size_t>(at_ - begin)});
  }
  void List(UnsuccessSmes& out) {
    uint8_t count = 0;
    Octet(count, layout::kNoUnsuccess);
    const char* const begin = at_;
    for (int i = 0; i < count; ++i) ReadUnsuccessSme();
    if (!fault_) out = UnsuccessSmes(count, {begin, static_cast<size_t>(at_ - begin)});
  }
  // What is left.
  void Rest(Tlvs& out) {
    const Tlvs tlvs({at_, left()});
    if (!tlvs.well_formed()) {
      return Fail(FaultKind::kTlv, layout::kRinvTlvStream, layout::kTlvs.name);
    }
    out = tlvs;
    at_ = end_;
  }

  Destination ReadDestination() {
    Destination destination;
    uint8_t flag = 0;
    Octet(flag, layout::kDestFlag);
    if (flag == 1) {
      Addr(destination.address, layout::kDestination);
    } else if (flag == 2) {
      Text(destination.list_name, layout::kListName);
    } else {
      Fail(FaultKind::kDestFlag, layout::kRinvDestFlag, layout::kDestFlag.name);
    }
    return destination;
  }
  UnsuccessSme ReadUnsuccessSme() {
    UnsuccessSme sme;
    Addr(sme.address, layout::kDestination);
    if (left() < 4) {
      Fail(FaultKind::kCutShort, layout::kRinvCmdLen, "error_status_code");
      return sme;
    }
    uint32_t error = 0;
    for (const char c : Take(4)) error = error << 8 | static_cast<uint8_t>(c);
    sme.error = static_cast<CommandStatus>(error);
    return sme;
  }

  std::string_view rest() const { return {at_, left()}; }
  const Fault& fault() const { return fault_; }

 private:
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  std::string_view Take(size_t octets) {
    const std::string_view taken(at_, octets);
    at_ += octets;
    return taken;
  }
  void Fail(FaultKind kind, CommandStatus status, std::string_view field) {
    if (fault_) return;
    fault_ = {kind, status, field};
    at_ = end_;
  }
  const char* at_;
  const char* end_;
  Fault fault_;
};

}  // namespace drover::smpp

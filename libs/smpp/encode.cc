#include <cstring>

#include "libs/smpp/codec.h"
#include "libs/smpp/layout.h"
#include "libs/smpp/reader.h"

namespace drover::smpp {
namespace {

using layout::Field;

// How many octets a body takes, and whether its fields keep to their limits.
class Measure {
 public:
  void Octet(uint8_t) { ++size_; }
  void Text(std::string_view text, const Field& field) {
    if (text.size() >= field.limit) Fail(FaultKind::kTooLong, field);
    if (!text.empty() && std::memchr(text.data(), 0, text.size()) != nullptr) {
      Fail(FaultKind::kNulInside, field);
    }
    size_ += text.size() + 1;
  }
  void Addr(const Address& address, const Field& field) {
    size_ += 2;
    Text(address.digits, field);
  }
  void Message(std::string_view message) {
    if (message.size() > kMaxShortMessage) Fail(FaultKind::kMessageLength, layout::kShortMessage);
    size_ += 1 + message.size();
  }
  void List(const Destinations& list) {
    const bool countable = list.size() != 0 && list.size() != 255;
    if (!countable || !Holds<Destinations, Destination>(list)) {
      Fail(FaultKind::kCount, layout::kNumberOfDests);
    }
    size_ += 1 + list.octets().size();
  }
  void List(const UnsuccessSmes& list) {
    if (!Holds<UnsuccessSmes, UnsuccessSme>(list)) Fail(FaultKind::kCount, layout::kNoUnsuccess);
    size_ += 1 + list.octets().size();
  }
  void Rest(const Tlvs& tlvs) {
    if (!tlvs.well_formed()) Fail(FaultKind::kTlv, layout::kTlvs);
    size_ += tlvs.octets().size();
  }

  size_t size() const { return size_; }
  const Fault& fault() const { return fault_; }

 private:
  // Whether a list's octets are as many elements as it says.
  template <typename List, typename Element>
  static bool Holds(const List& list) {
    std::string_view rest = list.octets();
    Element element;
    int count = 0;
    while (List::Next(rest, element)) ++count;
    return rest.empty() && count == list.size();
  }
  void Fail(FaultKind kind, const Field& field) {
    if (!fault_) fault_ = {kind, field.status, field.name};
  }
  size_t size_ = kHeaderOctets;
  Fault fault_;
};

// Writes what Measure has measured.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}
  void Octet(uint8_t value) { *at_++ = static_cast<char>(value); }
  void Number(uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) Octet(static_cast<uint8_t>(value >> shift));
  }
  void Octets(std::string_view octets) {
    if (!octets.empty()) std::memcpy(at_, octets.data(), octets.size());
    at_ += octets.size();
  }
  void Text(std::string_view text, const Field&) {
    Octets(text);
    Octet(0);
  }
  void Addr(const Address& address, const Field& field) {
    Octet(address.ton);
    Octet(address.npi);
    Text(address.digits, field);
  }
  void Message(std::string_view message) {
    Octet(static_cast<uint8_t>(message.size()));
    Octets(message);
  }
  template <typename L>
  void List(const L& list) {
    Octet(list.size());
    Octets(list.octets());
  }
  void Rest(const Tlvs& tlvs) { Octets(tlvs.octets()); }

 private:
  char* at_;
};

void WriteHeader(Writer& writer, size_t length, CommandId id, CommandStatus status,
                 uint32_t sequence) {
  writer.Number(static_cast<uint32_t>(length));
  writer.Number(static_cast<uint32_t>(id));
  writer.Number(static_cast<uint32_t>(status));
  writer.Number(sequence);
}

char* Grow(std::string& out, size_t octets) {
  const size_t before = out.size();
  out.resize(before + octets);
  return out.data() + before;
}

}  // namespace

template <typename T>
Fault EncodeBody(uint32_t sequence, const T& body, std::string& out, CommandStatus status) {
  Measure measure;
  layout::Layout(measure, body);
  measure.Rest(body.tlvs);
  if (measure.fault()) return measure.fault();
  Writer writer(Grow(out, measure.size()));
  WriteHeader(writer, measure.size(), body.id(), status, sequence);
  layout::Layout(writer, body);
  writer.Rest(body.tlvs);
  return {};
}

Fault Encode(uint32_t sequence, const Body& body, std::string& out, CommandStatus status) {
  return std::visit([&](const auto& b) { return EncodeBody(sequence, b, out, status); }, body);
}

void EncodeBare(uint32_t sequence, CommandId id, CommandStatus status, std::string& out) {
  Writer writer(Grow(out, kHeaderOctets));
  WriteHeader(writer, kHeaderOctets, id, status, sequence);
}

void AppendDestination(const Destination& destination, std::string& octets) {
  const bool list = !destination.list_name.empty();
  octets.push_back(list ? 2 : 1);
  if (!list) {
    octets.push_back(static_cast<char>(destination.address.ton));
    octets.push_back(static_cast<char>(destination.address.npi));
  }
  octets.append(list ? destination.list_name : destination.address.digits).push_back('\0');
}

void AppendUnsuccessSme(const UnsuccessSme& sme, std::string& octets) {
  octets.push_back(static_cast<char>(sme.address.ton));
  octets.push_back(static_cast<char>(sme.address.npi));
  octets.append(sme.address.digits).push_back('\0');
  Writer(Grow(octets, 4)).Number(static_cast<uint32_t>(sme.error));
}

template Fault EncodeBody(uint32_t, const GenericNack&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const Bind&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const BindResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const Outbind&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const Unbind&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const UnbindResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const EnquireLink&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const EnquireLinkResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const SubmitSm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const SubmitSmResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const DeliverSm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const DeliverSmResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const DataSm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const DataSmResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const SubmitMulti&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const SubmitMultiResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const QuerySm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const QuerySmResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const CancelSm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const CancelSmResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const ReplaceSm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const ReplaceSmResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const AlertNotification&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const BroadcastSm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const BroadcastSmResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const QueryBroadcastSm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const QueryBroadcastSmResp&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const CancelBroadcastSm&, std::string&, CommandStatus);
template Fault EncodeBody(uint32_t, const CancelBroadcastSmResp&, std::string&, CommandStatus);

}  // namespace drover::smpp

#include "libs/sms/udh.h"

namespace drover::sms {
namespace {

enum Id : uint8_t { kConcat8 = 0x00, kPorts8 = 0x04, kPorts16 = 0x05, kConcat16 = 0x08 };

constexpr size_t kElementHead = 2;  // Id and length.

constexpr size_t Octets(const Ports& ports) { return kElementHead + (ports.wide ? 4 : 2); }
constexpr size_t Octets(const Concat& concat) { return kElementHead + (concat.wide ? 4 : 3); }

bool HasField(uint8_t id) {
  return id == kConcat8 || id == kConcat16 || id == kPorts8 || id == kPorts16;
}

void Put8(uint32_t value, std::string& out) { out.push_back(static_cast<char>(value)); }
void Put16(uint32_t value, std::string& out) { Put8(value >> 8, out), Put8(value, out); }
uint8_t At(std::string_view octets, size_t i) { return static_cast<uint8_t>(octets[i]); }
uint16_t At16(std::string_view octets, size_t i) {
  return static_cast<uint16_t>(At(octets, i) << 8 | At(octets, i + 1));
}

void Append(const Ports& ports, std::string& out) {
  Put8(ports.wide ? kPorts16 : kPorts8, out);
  Put8(ports.wide ? 4 : 2, out);
  for (const uint16_t port : {ports.destination, ports.source}) {
    ports.wide ? Put16(port, out) : Put8(port, out);
  }
}

void Append(const Concat& concat, std::string& out) {
  Put8(concat.wide ? kConcat16 : kConcat8, out);
  Put8(concat.wide ? 4 : 3, out);
  concat.wide ? Put16(concat.reference, out) : Put8(concat.reference, out);
  Put8(concat.total, out);
  Put8(concat.sequence, out);
}

Result<void> Check(const Udh& udh) {
  const auto narrow = [](uint16_t value) { return value <= 0xFF; };
  if (udh.ports && !udh.ports->wide &&
      !(narrow(udh.ports->destination) && narrow(udh.ports->source))) {
    return InvalidArgument("an 8-bit port exceeds 255: use 16-bit ports");
  }
  if (udh.concat && !udh.concat->wide && !narrow(udh.concat->reference)) {
    return InvalidArgument("an 8-bit reference exceeds 255");
  }
  for (const InformationElement& element : udh.others) {
    if (HasField(element.id))
      return InvalidArgument("ports and concatenation have their own field");
  }
  if (UdhOctets(udh) > kUserDataOctets) {
    return InvalidArgument("the user data header exceeds 140 octets");
  }
  return {};
}

Result<void> WrongLength(uint8_t id, size_t length) {
  return InvalidArgument("information element " + std::to_string(id) + " has " +
                         std::to_string(length) + " octets");
}

Result<void> Take(const InformationElement& element, Udh& udh) {
  const auto [id, data] = element;
  switch (id) {
    case kPorts8:
      if (data.size() != 2) return WrongLength(id, data.size());
      udh.ports = {.destination = At(data, 0), .source = At(data, 1), .wide = false};
      return {};
    case kPorts16:
      if (data.size() != 4) return WrongLength(id, data.size());
      udh.ports = {.destination = At16(data, 0), .source = At16(data, 2), .wide = true};
      return {};
    case kConcat8:
      if (data.size() != 3) return WrongLength(id, data.size());
      udh.concat = {At(data, 0), At(data, 1), At(data, 2), false};
      return {};
    case kConcat16:
      if (data.size() != 4) return WrongLength(id, data.size());
      udh.concat = {At16(data, 0), At(data, 2), At(data, 3), true};
      return {};
    default:
      udh.others.push_back(element);
      return {};
  }
}

}  // namespace

size_t UdhOctets(const Udh& udh) {
  if (udh.empty()) return 0;
  size_t octets = 1;
  if (udh.ports) octets += Octets(*udh.ports);
  if (udh.concat) octets += Octets(*udh.concat);
  for (const InformationElement& element : udh.others) octets += kElementHead + element.data.size();
  return octets;
}

Result<void> AppendUdh(const Udh& udh, std::string& out) {
  DROVER_TRY(Check(udh));
  if (udh.empty()) return {};
  Put8(static_cast<uint32_t>(UdhOctets(udh) - 1), out);
  if (udh.ports) Append(*udh.ports, out);
  if (udh.concat) Append(*udh.concat, out);
  for (const InformationElement& element : udh.others) {
    Put8(element.id, out);
    Put8(static_cast<uint32_t>(element.data.size()), out);
    out.append(element.data);
  }
  return {};
}

Result<UserData> DecodeUserData(std::string_view octets) {
  if (octets.empty()) return InvalidArgument("user data without its header");
  const size_t length = At(octets, 0);
  if (length >= octets.size()) return InvalidArgument("a header longer than the user data");
  UserData decoded{.udh = {}, .payload = octets.substr(1 + length)};
  std::string_view elements = octets.substr(1, length);
  while (!elements.empty()) {
    if (elements.size() < kElementHead) return InvalidArgument("an information element cut short");
    const size_t size = At(elements, 1);
    if (size > elements.size() - kElementHead) {
      return InvalidArgument("an information element ends outside of the header");
    }
    DROVER_TRY(Take({At(elements, 0), elements.substr(kElementHead, size)}, decoded.udh));
    elements.remove_prefix(kElementHead + size);
  }
  return decoded;
}

}  // namespace drover::sms

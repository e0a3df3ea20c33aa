#include "libs/sip/link/stun.h"

#include <vector>

namespace drover::sip {
namespace {

constexpr size_t kHeaderOctets = 20;
constexpr std::string_view kMagicCookie = "\x21\x12\xa4\x42";
constexpr uint16_t kBindingRequest = 0x0001;
constexpr uint16_t kBindingSuccess = 0x0101;
constexpr uint16_t kBindingError = 0x0111;
constexpr uint16_t kUsername = 0x0006;
constexpr uint16_t kMessageIntegrity = 0x0008;
constexpr uint16_t kErrorCode = 0x0009;
constexpr uint16_t kUnknownAttributes = 0x000a;
constexpr uint16_t kXorMappedAddress = 0x0020;
constexpr uint16_t kPriority = 0x0024;      // RFC 5245
constexpr uint16_t kUseCandidate = 0x0025;  // RFC 5245
constexpr uint16_t kOptional = 0x8000;

uint16_t Number(std::string_view octets, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(octets[at]) << 8 |
                               static_cast<uint8_t>(octets[at + 1]));
}

void AppendNumber(uint16_t number, std::string& out) {
  out.push_back(static_cast<char>(number >> 8));
  out.push_back(static_cast<char>(number));
}

bool IsKnown(uint16_t attribute) {
  return attribute >= kOptional || attribute == kUsername || attribute == kMessageIntegrity ||
         attribute == kPriority || attribute == kUseCandidate;
}

// False: the attributes do not fill the message.
bool FindUnknown(std::string_view attributes, std::vector<uint16_t>& unknown) {
  while (!attributes.empty()) {
    if (attributes.size() < 4) return false;
    const uint16_t type = Number(attributes, 0);
    const size_t size = 4 + (Number(attributes, 2) + size_t{3}) / 4 * 4;
    if (size > attributes.size()) return false;
    if (!IsKnown(type)) unknown.push_back(type);
    attributes.remove_prefix(size);
  }
  return true;
}

void AppendHeader(uint16_t type, uint16_t length, std::string_view request, std::string& out) {
  AppendNumber(type, out);
  AppendNumber(length, out);
  out.append(request.substr(4, 16));  // Cookie and transaction.
}

void AppendMapped(std::string_view request, const Hop& source, std::string& out) {
  const size_t skip = source.is_ipv4() ? 12 : 0;
  const size_t octets = source.address.size() - skip;
  AppendHeader(kBindingSuccess, static_cast<uint16_t>(8 + octets), request, out);
  AppendNumber(kXorMappedAddress, out);
  AppendNumber(static_cast<uint16_t>(4 + octets), out);
  AppendNumber(source.is_ipv4() ? 1 : 2, out);
  AppendNumber(source.port ^ Number(request, 4), out);
  for (size_t i = 0; i < octets; ++i) {
    out.push_back(static_cast<char>(source.address[skip + i] ^ request[4 + i]));
  }
}

void AppendUnknown(std::string_view request, const std::vector<uint16_t>& unknown,
                   std::string& out) {
  constexpr std::string_view kReason = "Unknown Attribute";  // Padded with 3 octets.
  const size_t list = (unknown.size() * 2 + 3) / 4 * 4;
  AppendHeader(kBindingError, static_cast<uint16_t>(8 + 20 + 4 + list), request, out);
  AppendNumber(kErrorCode, out);
  AppendNumber(static_cast<uint16_t>(4 + kReason.size()), out);
  AppendNumber(0, out);
  AppendNumber(4 << 8 | 20, out);
  out.append(kReason).append(3, '\0');
  AppendNumber(kUnknownAttributes, out);
  AppendNumber(static_cast<uint16_t>(unknown.size() * 2), out);
  for (const uint16_t type : unknown) AppendNumber(type, out);
  out.append(list - unknown.size() * 2, '\0');
}

}  // namespace

bool IsStun(std::string_view datagram) {
  return datagram.size() >= kHeaderOctets && (datagram[0] & 0xc0) == 0 &&
         datagram.substr(4, 4) == kMagicCookie;
}

bool AppendStunAnswer(std::string_view datagram, const Hop& source, std::string& out) {
  if (!IsStun(datagram) || Number(datagram, 0) != kBindingRequest) return false;
  if (Number(datagram, 2) != datagram.size() - kHeaderOctets) return false;
  std::vector<uint16_t> unknown;
  if (!FindUnknown(datagram.substr(kHeaderOctets), unknown)) return false;
  if (unknown.size() > 16) unknown.resize(16);  // An answer is no longer than need be.
  if (unknown.empty()) {
    AppendMapped(datagram, source, out);
  } else {
    AppendUnknown(datagram, unknown, out);
  }
  return true;
}

}  // namespace drover::sip

#include "tests/interop/wap/tshark.h"

#include <cstdint>

#include "tests/interop/wap/program.h"

namespace drover::interop {
namespace {

constexpr uint16_t kSmppPort = 2775;

void Little(uint64_t value, int octets, std::string& out) {
  for (int i = 0; i < octets; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}
void Big(uint64_t value, int octets, std::string& out) {
  for (int i = octets - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

// IPv4 and TCP from one loopback port to the SMSC's.
std::string Packet(uint32_t sequence, std::string_view payload) {
  std::string packet;
  Big(0x4500, 2, packet);
  Big(static_cast<uint32_t>(40 + payload.size()), 2, packet);
  Big(0, 4, packet);       // Identification, fragment.
  Big(0x4006, 2, packet);  // TTL 64, TCP.
  Big(0, 2, packet);       // Checksum, not looked at.
  Big(0x7F000001, 4, packet);
  Big(0x7F000001, 4, packet);
  Big(40000, 2, packet);
  Big(kSmppPort, 2, packet);
  Big(sequence, 4, packet);
  Big(1, 4, packet);
  Big(0x5018, 2, packet);  // 20 octets of header, PSH and ACK.
  Big(0xFFFF, 2, packet);
  Big(0, 4, packet);
  return packet.append(payload);
}

// A capture file of raw IP packets (LINKTYPE_RAW).
std::string Capture(const std::vector<std::string>& pdus) {
  std::string file;
  Little(0xA1B2C3D4, 4, file);
  Little(2, 2, file);
  Little(4, 2, file);
  Little(0, 8, file);
  Little(65535, 4, file);
  Little(101, 4, file);
  uint32_t sequence = 1;
  for (size_t i = 0; i < pdus.size(); ++i) {
    const std::string packet = Packet(sequence, pdus[i]);
    Little(static_cast<uint32_t>(1000 + i), 4, file);
    Little(0, 4, file);
    for (int twice = 0; twice < 2; ++twice) Little(static_cast<uint32_t>(packet.size()), 4, file);
    file += packet;
    sequence += static_cast<uint32_t>(pdus[i].size());
  }
  return file;
}

std::vector<std::string> SplitFrames(const std::string& text) {
  std::vector<std::string> frames;
  size_t begin = text.rfind("Frame ", 0) == 0 ? 0 : std::string::npos;
  while (begin != std::string::npos) {
    const size_t next = text.find("\nFrame ", begin);
    frames.push_back(text.substr(begin, next == std::string::npos ? next : next - begin));
    begin = next == std::string::npos ? next : next + 1;
  }
  return frames;
}

}  // namespace

std::optional<std::vector<std::string>> ReadWithTshark(const std::vector<std::string>& pdus) {
  if (OutputOf("command -v tshark").empty()) return std::nullopt;
  const TemporaryFile capture(Capture(pdus));
  const std::string text = OutputOf("LC_ALL=C.UTF-8 tshark -r " + capture.path() +
                                    " -o gsm_sms_ud.port_number_udh_means_wsp:TRUE -d tcp.port==" +
                                    std::to_string(kSmppPort) + ",smpp -V 2>/dev/null");
  return SplitFrames(text);
}

}  // namespace drover::interop

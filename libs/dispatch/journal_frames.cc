#include "libs/dispatch/journal_frames.h"

#include <array>

#include "libs/base/packed.h"

namespace drover::dispatch {
namespace {

// CRC-32 of ISO/IEC 8802-3, four octets at a time.
constexpr auto kTables = [] {
  std::array<std::array<uint32_t, 256>, 4> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    tables[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; ++i) {
    for (size_t t = 1; t < 4; ++t) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
    }
  }
  return tables;
}();

uint32_t Crc32(std::string_view octets) {
  uint32_t crc = ~0u;
  const auto* p = reinterpret_cast<const uint8_t*>(octets.data());
  size_t left = octets.size();
  for (; left >= 4; left -= 4, p += 4) {
    crc ^= static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 |
           static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[3]) << 24;
    crc = kTables[3][crc & 0xFF] ^ kTables[2][(crc >> 8) & 0xFF] ^ kTables[1][(crc >> 16) & 0xFF] ^
          kTables[0][crc >> 24];
  }
  for (; left > 0; --left, ++p) crc = (crc >> 8) ^ kTables[0][(crc ^ *p) & 0xFF];
  return ~crc;
}

}  // namespace

void AppendFrame(std::string_view record, std::string& log) {
  uint64_t size = record.size();
  for (; size >= 0x80; size >>= 7) log.push_back(static_cast<char>(size | 0x80));
  log.push_back(static_cast<char>(size));
  const uint32_t crc = Crc32(record);
  for (int shift = 24; shift >= 0; shift -= 8) log.push_back(static_cast<char>(crc >> shift));
  log.append(record);
}

bool FrameReader::Next(std::string_view& record) {
  base::Unpacker in(log_.substr(whole_));
  const uint64_t size = in.Number();
  const std::string_view check = in.Octets(4);
  const std::string_view octets = in.Octets(size);
  if (!in.ok()) return false;
  uint32_t crc = 0;
  for (const char c : check) crc = crc << 8 | static_cast<uint8_t>(c);
  if (crc != Crc32(octets)) return false;
  record = octets;
  whole_ = static_cast<size_t>(octets.data() + octets.size() - log_.data());
  return true;
}

}  // namespace drover::dispatch

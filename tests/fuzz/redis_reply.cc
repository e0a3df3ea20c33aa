// Replies of Redis: what arrives octet by octet reads as what arrives in one piece, and what comes
// out can be asked for a Cluster's map, each slot of which then has one owner or none.
#include <algorithm>
#include <string>
#include <vector>

#include "libs/redis/protocol.h"
#include "libs/redis/slot_map.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::redis;
using State = ReplyReader::State;

void Describe(const Reply& reply, std::string& out) {
  out += std::to_string(static_cast<int>(reply.kind)) + ":" + std::to_string(reply.integer) + ":" +
         reply.text + "(";
  for (const Reply& item : reply.items) Describe(item, out);
  out += ")";
}

void CheckMap(const Reply& reply) {
  const auto map = ParseClusterSlots(reply, "asked");
  if (!map) return;
  DROVER_CHECK(!map->masters().empty() && map->served() > 0 && map->served() <= kSlots);
  size_t owned = 0;
  for (uint16_t slot = 0; slot < kSlots; ++slot) {
    const uint16_t owner = map->OwnerOf(slot);
    if (owner == SlotMap::kNobody) continue;
    DROVER_CHECK(owner < map->masters().size());
    ++owned;
  }
  DROVER_CHECK(owned == map->served());
}

// Everything that is read; false at the end when the reader is broken.
std::string ReadAll(std::string_view octets, size_t piece, bool check) {
  ReplyReader reader;
  std::string out;
  for (size_t at = 0; at < octets.size(); at += piece) {
    reader.Feed(octets.substr(at, piece));
    State state = reader.Next();
    for (; state == State::kReply; state = reader.Next()) {
      auto reply = reader.Take();
      if (reply && check) CheckMap(*reply);
      if (reply) Describe(*reply, out);
      if (!reply) out += reply.error().message;
    }
    if (state == State::kBroken) return out + "!";
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view octets = View(data, std::min<size_t>(size, 4096));
  DROVER_CHECK(ReadAll(octets, 4096, true) == ReadAll(octets, 1, false));
  return 0;
}

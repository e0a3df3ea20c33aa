#include "libs/dispatch/slot_index.h"

#include <cstring>

namespace drover::dispatch {

uint64_t HashOf(std::string_view octets, uint64_t seed) {
  uint64_t hash = Mixed(seed ^ octets.size());
  while (octets.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, octets.data(), 8);
    hash = Mixed(hash ^ word);
    octets.remove_prefix(8);
  }
  uint64_t rest = 0;
  if (!octets.empty()) std::memcpy(&rest, octets.data(), octets.size());
  return Mixed(hash ^ rest);
}

}  // namespace drover::dispatch

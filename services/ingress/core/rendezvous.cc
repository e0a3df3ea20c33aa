#include "services/ingress/core/rendezvous.h"

namespace drover::ingress {
namespace {

uint64_t Hash(std::string_view text) {  // FNV-1a
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

uint64_t Mix(uint64_t value) {  // The finaliser of splitmix64: every bit depends on every bit.
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

Rendezvous::Rendezvous(const std::vector<std::string>& targets) {
  for (const std::string& target : targets) seeds_.push_back(Mix(Hash(target)));
}

std::optional<size_t> Rendezvous::Pick(std::string_view device,
                                       const std::function<bool(size_t)>& usable) const {
  const uint64_t hash = Hash(device);
  std::optional<size_t> best;
  uint64_t best_weight = 0;
  for (size_t i = 0; i < seeds_.size(); ++i) {
    const uint64_t weight = Mix(hash ^ seeds_[i]);
    if (best && weight <= best_weight) continue;
    if (!usable(i)) continue;
    best = i;
    best_weight = weight;
  }
  return best;
}

}  // namespace drover::ingress

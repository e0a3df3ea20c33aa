#include "loadtest/scenario/faults.h"

#include "loadtest/fleet/draw.h"

namespace drover::scenario {

Mischance MischanceOf(const Faults& faults, uint64_t seed, uint64_t session) {
  if (faults.empty()) return {};
  double rest = fleet::Fraction(fleet::Draw(seed, session, fleet::Purpose::kFault));
  for (const auto& [fault, share] : faults) {
    if (rest < share) {
      const uint64_t place = fleet::Draw(seed, session, fleet::Purpose::kFaultPlace);
      // Most sessions have two messages.
      return {fault, static_cast<uint32_t>(place & 1), (place & 2) != 0};
    }
    rest -= share;
  }
  return {};
}

}  // namespace drover::scenario

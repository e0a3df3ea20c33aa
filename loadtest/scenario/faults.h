// What goes wrong in sessions, as shares of them. Which session suffers what is drawn from the
// seed.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "loadtest/fleet/names.h"

namespace drover::scenario {

enum class Fault : uint8_t {
  kNone,
  kLostResponse,  // The connection is dropped when a message is sent; it is sent again on another.
  kDrop,          // A connection is dropped before its message is sent.
  kSlow,          // Messages come in pieces, with pauses.
  kWrongNonce,    // The terminal has lost the nonce: its first proof is wrong.
  kDuplicate,     // A message that has been answered is sent again: it must be answered the same.
  kPowerLoss,     // The terminal forgets its session in the middle, and comes back later.
};
// Those that a scenario can ask for.
inline constexpr std::array<fleet::Named<Fault>, 6> kFaultNames{{
    {"lost-response", Fault::kLostResponse},
    {"drop", Fault::kDrop},
    {"slow", Fault::kSlow},
    {"wrong-nonce", Fault::kWrongNonce},
    {"duplicate", Fault::kDuplicate},
    {"power-loss", Fault::kPowerLoss},
}};
inline std::string_view Name(Fault fault) { return fleet::NameIn(kFaultNames, fault); }

// Each with its share of all sessions; together at most 1.
using Faults = std::vector<std::pair<Fault, double>>;

// What becomes of one session.
struct Mischance {
  Fault fault = Fault::kNone;
  uint32_t message = 0;      // At which of its messages, from 0.
  bool before_send = false;  // Of a power loss.
};
Mischance MischanceOf(const Faults& faults, uint64_t seed, uint64_t session);

}  // namespace drover::scenario

// Which master of a Redis Cluster serves which slot, as the nodes tell it: the whole map in the
// reply to CLUSTER SLOTS, one slot in an error MOVED or ASK. Values only, no IO.
//
// Spec: Redis Cluster Specification, "Redirection and resharding"; command CLUSTER SLOTS.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "libs/redis/reply.h"
#include "libs/redis/slots.h"

namespace drover::redis {

struct Address {
  std::string host;  // A name or an address; IPv6 without brackets.
  std::string port;
  auto operator<=>(const Address&) const = default;
  std::string text() const { return host + ":" + port; }
};

class SlotMap {
 public:
  static constexpr uint16_t kNobody = UINT16_MAX;
  struct Master {
    Address address;
    size_t slots = 0;  // How many it serves; may be 0 after Assign.
    bool operator==(const Master&) const = default;
  };

  SlotMap() : owners_(kSlots, kNobody) {}

  // Index in masters(), or kNobody.
  uint16_t OwnerOf(uint16_t slot) const { return owners_[slot % kSlots]; }
  const std::vector<Master>& masters() const { return masters_; }
  // Nodes that serve no slot but know the map.
  const std::vector<Address>& replicas() const { return replicas_; }
  size_t served() const;
  // The first slot of masters()[index]; kSlots if it serves none.
  uint16_t LowestSlotOf(size_t index) const;

  // Slots first..last (both below kSlots, in order) to the master at the address.
  void Assign(uint16_t first, uint16_t last, const Address& address);
  void AddReplica(Address address);
  bool operator==(const SlotMap&) const = default;

 private:
  uint16_t IndexOf(const Address& address);
  std::vector<uint16_t> owners_;
  std::vector<Master> masters_;
  std::vector<Address> replicas_;
};

// The reply of CLUSTER SLOTS: [first, last, [host, port, id, ..] of the master, of replicas ..]..
// asked: the host that gave it; a node that does not know its own name leaves it to us.
// kInvalidArgument for what is not such a reply; kUnavailable if no slot has an owner yet.
Result<SlotMap> ParseClusterSlots(const Reply& reply, std::string_view asked);

// "MOVED 3999 127.0.0.1:6381" (the slot lives there now) and "ASK 3999 127.0.0.1:6381" (this
// command only, after ASKING: the key has moved already, the slot not yet).
struct Redirect {
  bool ask = false;
  uint16_t slot = 0;
  Address to;  // An empty host: the one that was asked.
};
// error: the server's text without its '-'. Nothing if it is another error, or malformed.
std::optional<Redirect> ParseRedirect(std::string_view error);

}  // namespace drover::redis

#include "libs/redis/slot_map.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace drover::redis {
namespace {

constexpr size_t kMostMasters = 1000;  // The specification's own bound.

std::optional<unsigned> Number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return {};
  return value;
}

Error NoMap(const char* what) {
  return InvalidArgument(std::string("not a reply to CLUSTER SLOTS: ") + what);
}

Result<uint16_t> Slot(const Reply& reply) {
  if (reply.kind != Reply::Kind::kInteger || reply.integer < 0 || reply.integer >= kSlots) {
    return NoMap("a slot is wanted");
  }
  return static_cast<uint16_t>(reply.integer);
}

Result<Address> Node(const Reply& reply, std::string_view asked) {
  if (reply.items.size() < 2 || reply.items[1].kind != Reply::Kind::kInteger) {
    return NoMap("a node is wanted: host, port");
  }
  const int64_t port = reply.items[1].integer;
  if (port < 1 || port > 65535) return NoMap("a port must be 1..65535");
  const std::string& host = reply.items[0].text;  // Empty, or nil: unknown to the node itself.
  return Address{host.empty() || host == "?" ? std::string(asked) : host, std::to_string(port)};
}

}  // namespace

size_t SlotMap::served() const {
  size_t slots = 0;
  for (const Master& master : masters_) slots += master.slots;
  return slots;
}

uint16_t SlotMap::IndexOf(const Address& address) {
  const auto found = std::ranges::find(masters_, address, &Master::address);
  const auto index = static_cast<uint16_t>(found - masters_.begin());
  if (found == masters_.end()) masters_.push_back({.address = address});
  return index;
}

uint16_t SlotMap::LowestSlotOf(size_t index) const {
  const auto found = std::ranges::find(owners_, static_cast<uint16_t>(index));
  return static_cast<uint16_t>(found - owners_.begin());
}

void SlotMap::Assign(uint16_t first, uint16_t last, const Address& address) {
  const uint16_t index = IndexOf(address);
  for (size_t slot = first; slot <= last; ++slot) {
    uint16_t& owner = owners_[slot];
    if (owner != kNobody) --masters_[owner].slots;
    owner = index;
    ++masters_[index].slots;
  }
}

void SlotMap::AddReplica(Address address) {
  if (std::ranges::find(replicas_, address) == replicas_.end()) {
    replicas_.push_back(std::move(address));
  }
}

Result<SlotMap> ParseClusterSlots(const Reply& reply, std::string_view asked) {
  if (reply.kind != Reply::Kind::kArray) return NoMap("an array is wanted");
  SlotMap map;
  size_t slots = 0;
  for (const Reply& range : reply.items) {
    if (range.items.size() < 3) return NoMap("a range is wanted: first, last, master");
    DROVER_TRY(const uint16_t first, Slot(range.items[0]));
    DROVER_TRY(const uint16_t last, Slot(range.items[1]));
    if (first > last) return NoMap("a range ends before it begins");
    slots += last - first + 1u;
    if (slots > kSlots) return NoMap("ranges overlap");
    DROVER_TRY(const Address master, Node(range.items[2], asked));
    map.Assign(first, last, master);
    if (map.masters().size() > kMostMasters) return NoMap("more than 1000 masters");
    for (size_t i = 3; i < range.items.size(); ++i) {
      DROVER_TRY(Address replica, Node(range.items[i], asked));
      map.AddReplica(std::move(replica));
    }
  }
  if (map.masters().empty()) return Unavailable("the Redis node knows of no slot's owner");
  return map;
}

std::optional<Redirect> ParseRedirect(std::string_view error) {
  Redirect redirect;
  redirect.ask = error.starts_with("ASK ");
  if (!redirect.ask && !error.starts_with("MOVED ")) return {};
  error.remove_prefix(error.find(' ') + 1);
  const size_t space = error.find(' ');
  if (space == error.npos) return {};
  const std::optional<unsigned> slot = Number(error.substr(0, space), kSlots - 1);
  const std::string_view address = error.substr(space + 1);
  const size_t colon = address.rfind(':');
  if (!slot || colon == address.npos) return {};
  const std::optional<unsigned> port = Number(address.substr(colon + 1), 65535);
  if (!port || *port == 0) return {};
  redirect.slot = static_cast<uint16_t>(*slot);
  std::string_view host = address.substr(0, colon);
  if (host == "?") host = {};
  redirect.to = {std::string(host), std::to_string(*port)};
  return redirect;
}

}  // namespace drover::redis

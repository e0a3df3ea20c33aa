#include "libs/sms/reassembly.h"

#include <algorithm>
#include <functional>

namespace drover::sms {
namespace {

uint64_t Digest(std::string_view payload) { return std::hash<std::string_view>{}(payload); }

template <typename Parts>
auto Seek(Parts& parts, uint8_t sequence) {
  return std::lower_bound(parts.begin(), parts.end(), sequence,
                          [](const auto& part, uint8_t wanted) { return part.sequence < wanted; });
}

}  // namespace

std::optional<Reassembler::Message> Reassembler::Add(std::string_view originator, const Udh& udh,
                                                     std::string_view payload, TimePoint now) {
  Expire(now);
  if (!udh.concat || !udh.concat->Sensible() || udh.concat->total == 1) {
    ++counts_.singles;
    return Message{.id = 0, .content = std::string(payload)};
  }
  const size_t octets = kPartOctets + payload.size();
  if (octets > limits_.octets || limits_.sets == 0 || limits_.sets_per_originator == 0) {
    ++counts_.dropped;
    return std::nullopt;
  }
  MakeRoomForOctets(octets);
  const uint8_t sequence = udh.concat->sequence;
  Place set = Find(originator, udh);
  if (set) {
    const auto part = Seek((*set)->parts, sequence);
    const bool there = part != (*set)->parts.end() && part->sequence == sequence;
    if (there && part->digest != Digest(payload)) {
      if (!(*set)->settled) ++counts_.reused;
      Erase(*set);
      set.reset();
    }
  }
  if (!set) set = Begin(originator, udh, now);
  return AddTo(**set, sequence, payload);
}

Reassembler::Place Reassembler::Find(std::string_view originator, const Udh& udh) {
  const auto found = by_originator_.find(originator);
  if (found == by_originator_.end()) return std::nullopt;
  for (const Sets::iterator set : found->second) {
    const bool same = set->concat.reference == udh.concat->reference &&
                      set->concat.total == udh.concat->total &&
                      set->concat.wide == udh.concat->wide && set->ports == udh.ports;
    if (same) return set;
  }
  return std::nullopt;
}

Reassembler::Sets::iterator Reassembler::Begin(std::string_view originator, const Udh& udh,
                                               TimePoint now) {
  MakeRoomForSet(originator);
  const Sets::iterator set = open_.insert(open_.end(), {.id = ++last_id_,
                                                        .originator = std::string(originator),
                                                        .concat = *udh.concat,
                                                        .ports = udh.ports,
                                                        .since = now});
  by_id_[set->id] = set;
  by_originator_[set->originator].push_back(set);
  return set;
}

std::optional<Reassembler::Message> Reassembler::AddTo(Set& set, uint8_t sequence,
                                                       std::string_view payload) {
  const auto at = Seek(set.parts, sequence);
  if (at != set.parts.end() && at->sequence == sequence) {
    ++counts_.duplicates;
    if (set.settled) return std::nullopt;
  } else {
    set.parts.insert(at, {sequence, Digest(payload), std::string(payload)});
    octets_ += kPartOctets + payload.size();
    if (set.parts.size() == set.concat.total) ++counts_.whole;
  }
  if (set.parts.size() < set.concat.total) return std::nullopt;
  Message message{.id = set.id, .content = {}};
  for (const Part& part : set.parts) message.content += part.payload;
  return message;
}

void Reassembler::Settle(uint64_t id, TimePoint now) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || found->second->settled) return;
  const Sets::iterator set = found->second;
  for (Part& part : set->parts) {
    octets_ -= part.payload.size();
    part.payload = std::string();
  }
  set->settled = true;
  set->since = now;
  settled_.splice(settled_.end(), open_, set);
}

void Reassembler::Expire(TimePoint now) {
  while (!open_.empty() && now - open_.front().since >= limits_.timeout) {
    if (open_.front().parts.size() < open_.front().concat.total) ++counts_.expired;
    Erase(open_.begin());
  }
  while (!settled_.empty() && now - settled_.front().since >= limits_.remember) {
    Erase(settled_.begin());
  }
}

void Reassembler::MakeRoomForSet(std::string_view originator) {
  const auto own = by_originator_.find(originator);
  if (own != by_originator_.end() && own->second.size() >= limits_.sets_per_originator) {
    const auto settled = std::ranges::find_if(own->second, [](auto set) { return set->settled; });
    Drop(settled == own->second.end() ? own->second.front() : *settled);
  }
  if (sets() >= limits_.sets) Drop(settled_.empty() ? open_.begin() : settled_.begin());
}

void Reassembler::MakeRoomForOctets(size_t octets) {
  while (octets_ + octets > limits_.octets) {
    Drop(settled_.empty() ? open_.begin() : settled_.begin());
  }
}

void Reassembler::Drop(Sets::iterator set) {
  if (!set->settled) ++counts_.dropped;
  Erase(set);
}

void Reassembler::Erase(Sets::iterator set) {
  const auto own = by_originator_.find(set->originator);
  std::erase(own->second, set);
  if (own->second.empty()) by_originator_.erase(own);
  by_id_.erase(set->id);
  for (const Part& part : set->parts) octets_ -= kPartOctets + part.payload.size();
  Sets& in = set->settled ? settled_ : open_;
  in.erase(set);
}

}  // namespace drover::sms

#include "loadtest/smsc/ledger.h"

#include <algorithm>

namespace drover::smsc {
namespace {

constexpr size_t kLookedAtForCopies = 32;  // Messages of a terminal, the newest.

sms::ReassemblyLimits Limits() {
  sms::ReassemblyLimits limits;
  limits.timeout = std::chrono::hours(24);
  limits.remember = std::chrono::hours(1);
  limits.sets_per_originator = 64;
  limits.sets = 1'000'000;
  limits.octets = 256 << 20;
  return limits;
}

std::string KeyOf(const std::string& pair, const Part& part) {
  std::string key = pair;
  const uint16_t port = part.ports ? part.ports->destination : 0;
  for (const uint32_t number :
       {uint32_t{part.concat->reference}, uint32_t{part.concat->total}, uint32_t{port}}) {
    key += '/';
    key += std::to_string(number);
  }
  return key;
}

}  // namespace

Ledger::Ledger(size_t keep, std::function<void(const Delivered&)> on_message)
    : keep_(std::max<size_t>(keep, 1)),
      on_message_(std::move(on_message)),
      reassembler_(Limits()) {}

void Ledger::Add(const Number& terminal, const Number& source, uint8_t data_coding,
                 const Part& part, uint64_t bind, TimePoint now) {
  ++counts_.segments;
  const std::string pair = source.digits + '>' + terminal.digits;
  const uint64_t duplicates = reassembler_.counts().duplicates;
  sms::Udh udh;
  udh.ports = part.ports;
  udh.concat = part.concat;
  auto message = reassembler_.Add(pair, udh, part.payload, now);
  const bool duplicate = reassembler_.counts().duplicates > duplicates;
  if (duplicate) ++counts_.duplicate_segments;
  const bool joined = part.concat && part.concat->Sensible();
  const std::string key = joined ? KeyOf(pair, part) : std::string();
  if (joined && !(duplicate && !open_.contains(key))) {
    Watch(key, *part.concat, bind, duplicate);
  }
  if (!message) return;
  if (joined) open_.erase(key);
  reassembler_.Settle(message->id, now);
  Keep({.terminal = terminal.digits,
        .source = source.digits,
        .ports = part.ports,
        .data_coding = data_coding,
        .segments = joined ? part.concat->total : uint8_t{1},
        .content = std::move(message->content),
        .at = now});
}

void Ledger::Watch(const std::string& key, const sms::Concat& concat, uint64_t bind,
                   bool duplicate) {
  auto [found, is_new] = open_.try_emplace(key, Open{0, bind, false});
  Open& open = found->second;
  if (!duplicate && concat.sequence < open.highest) ++counts_.out_of_order;
  open.highest = std::max(open.highest, concat.sequence);
  if (open.bind != bind && !open.split) {
    open.split = true;
    ++counts_.split_over_binds;
  }
}

bool Ledger::IsCopy(const Delivered& message) const {
  const Delivered* other = Find(message.before);
  for (size_t i = 0; i < kLookedAtForCopies && other != nullptr; ++i) {
    if (other->source == message.source && other->ports == message.ports &&
        other->content == message.content) {
      return true;
    }
    other = Find(other->before);
  }
  return false;
}

void Ledger::Keep(Delivered message) {
  message.number = ++counts_.messages;
  uint64_t& newest = newest_[message.terminal];
  message.before = std::exchange(newest, message.number);
  if (IsCopy(message)) ++counts_.copies;
  kept_.push_back(std::move(message));
  if (kept_.size() > keep_) kept_.pop_front();
  if (on_message_) on_message_(kept_.back());
}

LedgerCounts Ledger::counts() const {
  LedgerCounts counts = counts_;
  counts.clashes = reassembler_.counts().reused;
  counts.orphans = open_.size() + counts.clashes;
  return counts;
}

std::vector<const Delivered*> Ledger::Of(std::string_view terminal) const {
  std::vector<const Delivered*> messages;
  const auto found = newest_.find(terminal);
  if (found == newest_.end()) return messages;
  for (const Delivered* one = Find(found->second); one != nullptr; one = Find(one->before)) {
    messages.push_back(one);
  }
  std::reverse(messages.begin(), messages.end());
  return messages;
}

std::vector<const Delivered*> Ledger::After(uint64_t after, size_t limit) const {
  std::vector<const Delivered*> messages;
  if (kept_.empty()) return messages;
  for (uint64_t number = std::max(after + 1, kept_.front().number);
       number <= kept_.back().number && messages.size() < limit; ++number) {
    messages.push_back(&At(number));
  }
  return messages;
}

}  // namespace drover::smsc

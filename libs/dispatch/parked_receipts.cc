#include "libs/dispatch/parked_receipts.h"

namespace drover::dispatch {

std::string ParkedReceipts::NameOf(SmscId smsc, std::string_view key) {
  std::string name{static_cast<char>(smsc >> 8), static_cast<char>(smsc)};
  return name.append(key);
}

SmscId ParkedReceipts::SmscOf(std::string_view name) {
  return static_cast<SmscId>(static_cast<uint8_t>(name[0]) << 8 | static_cast<uint8_t>(name[1]));
}

// Drops the first turn, and what was parked for it unless it was parked again.
size_t ParkedReceipts::DropFirst() {
  const auto parked = parked_.find(order_.front().name);
  const bool its = parked != parked_.end() && parked->second.until == order_.front().until;
  if (its) parked_.erase(parked);
  order_.pop_front();
  return its ? 1 : 0;
}

size_t ParkedReceipts::Park(SmscId smsc, std::string_view key, const Report& report,
                            int64_t until) {
  if (most_ == 0) return 1;
  size_t dropped = 0;
  while (order_.size() >= most_) dropped += DropFirst();
  std::string name = NameOf(smsc, key);
  parked_[name] = {report, until};
  order_.push_back({until, std::move(name)});
  return dropped;
}

std::optional<Report> ParkedReceipts::Take(SmscId smsc, std::string_view key) {
  if (parked_.empty()) return std::nullopt;
  const auto parked = parked_.find(NameOf(smsc, key));
  if (parked == parked_.end()) return std::nullopt;
  const Report report = parked->second.report;
  parked_.erase(parked);
  return report;
}

size_t ParkedReceipts::Expire(int64_t now) {
  size_t dropped = 0;
  while (!order_.empty() && order_.front().until <= now) dropped += DropFirst();
  return dropped;
}

}  // namespace drover::dispatch

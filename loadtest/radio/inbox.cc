#include "loadtest/radio/inbox.h"

namespace drover::radio {

void Inbox::Forget(Us now) {
  const size_t before = partial_.size();
  std::erase_if(partial_, [&](const Partial& set) { return now - set.touched > kept_for_; });
  forgotten_ += before - partial_.size();
}

Inbox::Partial& Inbox::SetOf(const Segment& segment) {
  for (Partial& set : partial_) {
    if (set.ref == segment.ref && set.parts.size() == segment.total &&
        set.originator == segment.originator) {
      return set;
    }
  }
  if (partial_.size() >= sets_) {
    partial_.pop_front();
    ++forgotten_;
  }
  Partial& set = partial_.emplace_back();
  set.originator = segment.originator;
  set.ref = segment.ref;
  set.parts.resize(segment.total);
  set.missing = segment.total;
  return set;
}

std::optional<std::vector<std::string>> Inbox::Receive(const Segment& segment, Us now) {
  const bool whole = segment.total <= 1 || segment.number == 0 || segment.number > segment.total;
  if (whole) return std::vector<std::string>{std::string(segment.octets)};
  Forget(now);
  Partial& set = SetOf(segment);
  set.touched = now;
  std::optional<std::string>& part = set.parts[segment.number - 1u];
  if (part) {
    ++copies_;
    return std::nullopt;
  }
  part = std::string(segment.octets);
  if (--set.missing > 0) return std::nullopt;
  std::vector<std::string> message;
  for (std::optional<std::string>& octets : set.parts) message.push_back(std::move(*octets));
  std::erase_if(partial_, [](const Partial& other) { return other.missing == 0; });
  return message;
}

}  // namespace drover::radio

#include "libs/smpp/framer.h"

#include <algorithm>

namespace drover::smpp {
namespace {

uint32_t LengthOf(std::string_view octets) {
  uint32_t length = 0;
  for (const char c : octets.substr(0, 4)) length = length << 8 | static_cast<uint8_t>(c);
  return length;
}

}  // namespace

Framer::State Framer::Broken(uint32_t length) {
  broken_ = true;
  broken_length_ = length;
  input_ = {};
  return State::kBroken;
}

// Moves octets of the input to those held until there are as many as wanted. False: too few.
bool Framer::TopUp(size_t wanted) {
  if (held_.size() >= wanted) return true;
  const size_t more = std::min(wanted - held_.size(), input_.size());
  held_.append(input_.substr(0, more));
  input_.remove_prefix(more);
  return held_.size() == wanted;
}

Framer::State Framer::Next(std::string_view& pdu) {
  if (broken_) return State::kBroken;
  if (taken_ != 0) {
    held_.clear();
    taken_ = 0;
  }
  if (held_.empty() && input_.size() >= 4) {
    const uint32_t length = LengthOf(input_);
    if (length < kHeaderOctets || length > max_pdu_) return Broken(length);
    if (length <= input_.size()) {
      pdu = input_.substr(0, length);
      input_.remove_prefix(length);
      return State::kPdu;
    }
  }
  if (!TopUp(4)) return State::kNeedMore;
  const uint32_t length = LengthOf(held_);
  if (length < kHeaderOctets || length > max_pdu_) return Broken(length);
  if (!TopUp(length)) return State::kNeedMore;
  taken_ = length;
  pdu = held_;
  return State::kPdu;
}

}  // namespace drover::smpp

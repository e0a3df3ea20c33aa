// Cuts a stream into PDUs.
//
// A PDU that came in one piece is not copied. At most one PDU that is not whole yet is held.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/smpp/pdu.h"

namespace drover::smpp {

class Framer {
 public:
  explicit Framer(size_t max_pdu = kDefaultMaxPdu) : max_pdu_(max_pdu) {}

  // octets: as they arrived, in any pieces. They are viewed until Next has said kNeedMore, and
  // Feed may not be called before it has.
  void Feed(std::string_view octets) { input_ = octets; }

  enum class State : uint8_t {
    kPdu,       // pdu is one whole PDU. It is valid until the next call.
    kNeedMore,  // All was taken.
    kBroken,    // A command_length below 16 or above the limit: no PDU can be found any more.
  };
  State Next(std::string_view& pdu);

  // Of the PDU that broke it: 0x00000000 to 0xFFFFFFFF.
  uint32_t broken_length() const { return broken_length_; }
  size_t held() const { return held_.size() - taken_; }  // Octets of a PDU that is not whole.

 private:
  State Broken(uint32_t length);
  bool TopUp(size_t wanted);

  size_t max_pdu_;
  std::string_view input_;
  std::string held_;
  size_t taken_ = 0;  // held_ holds a PDU of so many octets that was given out.
  uint32_t broken_length_ = 0;
  bool broken_ = false;
};

}  // namespace drover::smpp

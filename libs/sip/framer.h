// Cuts a stream (TCP, TLS) into SIP messages and keep-alives.
//
// A message that came in one piece is not copied. At most one that is not whole yet is held.
// Spec: RFC 3261, sections 18.3 and 20.14; RFC 5626, section 3.5.1.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/sip/message.h"

namespace drover::sip {

// Who opened the connection: pings come from that side only (RFC 5626, section 4.4.1).
enum class OpenedBy : uint8_t { kPeer, kUs };

class Framer {
 public:
  explicit Framer(OpenedBy opened_by, size_t max_message = kMaxMessage)
      : max_message_(max_message), opened_by_(opened_by) {}

  // octets: as they arrived, in any pieces. They are viewed until Next has said kNeedMore, and Feed
  // may not be called before it has.
  void Feed(std::string_view octets) { input_ = octets; }

  enum class State : uint8_t {
    kMessage,   // message is one whole message, valid until the next call. Parse it as kStream.
    kPing,      // CRLF CRLF of a peer that opened: answer CRLF.
    kPong,      // CRLF of a peer to which we opened.
    kNeedMore,  // All was taken.
    kBroken,    // Too long, or no legible Content-Length: no message can be found any more. message
                // is the head if there is a whole one, to be answered (400, 513) before closing.
  };
  State Next(std::string_view& message);

  const char* broken_cause() const { return cause_; }
  size_t held() const { return held_.size() - taken_; }  // Octets of a message not yet whole.

 private:
  State Broken(const char* cause);
  State Cut(std::string_view& octets, std::string_view& message);
  State CutMessage(std::string_view& octets, std::string_view& message);

  size_t max_message_;
  std::string_view input_;
  std::string held_;
  size_t taken_ = 0;    // Octets at the front of held_ that were given out.
  size_t scanned_ = 0;  // Of the message begun: looked through for the end of its head.
  size_t wanted_ = 0;   // Octets of the message begun; 0: not known yet.
  const char* cause_ = "";
  OpenedBy opened_by_;
  bool broken_ = false;
};

}  // namespace drover::sip

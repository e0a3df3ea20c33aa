#include "libs/sip/framer.h"

#include <algorithm>
#include <optional>

#include "libs/sip/lexer.h"

namespace drover::sip {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

// What Content-Length says in a head; nullopt: it is not there, no number, or there twice. The
// parser judges everything else.
std::optional<size_t> ContentLengthIn(std::string_view head) {
  std::optional<size_t> length;
  for (size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    Lexer lexer(head.substr(at));
    if (HeaderIdOf(lexer.TakeWhile(char_class::kToken)) != HeaderId::kContentLength) continue;
    if (!lexer.TakeSeparator(':')) continue;
    const std::optional<uint32_t> number = ParseDeltaSeconds(lexer.TakeWhile(char_class::kDigit));
    if (!number || length) return std::nullopt;
    length = *number;
  }
  return length;
}

}  // namespace

Framer::State Framer::Broken(const char* cause) {
  broken_ = true;
  cause_ = cause;
  return State::kBroken;
}

// While nothing is held, messages are views of the input; else the input joins what is held.
Framer::State Framer::Next(std::string_view& message) {
  message = {};
  if (broken_) return State::kBroken;
  if (held_.empty()) {
    const State state = Cut(input_, message);
    if (state != State::kNeedMore) return state;
    held_.assign(input_);
    input_ = {};
    return state;
  }
  held_.append(input_);
  input_ = {};
  std::string_view octets = std::string_view(held_).substr(taken_);
  const State state = Cut(octets, message);
  taken_ = held_.size() - octets.size();
  if (state == State::kNeedMore) {
    held_.erase(0, taken_);
    taken_ = 0;
  }
  return state;
}

// Takes line ends, or one message, from the front of octets.
Framer::State Framer::Cut(std::string_view& octets, std::string_view& message) {
  while (octets.starts_with('\r')) {
    if (octets.size() < 2) return State::kNeedMore;
    if (octets[1] != '\n') return Broken("a CR alone");
    const bool ping = octets.starts_with(kHeadEnd);
    if (opened_by_ == OpenedBy::kUs || ping) {
      octets.remove_prefix(ping && opened_by_ == OpenedBy::kPeer ? 4 : 2);
      return opened_by_ == OpenedBy::kUs ? State::kPong : State::kPing;
    }
    if (kHeadEnd.starts_with(octets)) return State::kNeedMore;
    octets.remove_prefix(2);  // Before a start line line ends are passed over.
  }
  return CutMessage(octets, message);
}

Framer::State Framer::CutMessage(std::string_view& octets, std::string_view& message) {
  if (wanted_ == 0) {
    const size_t from = scanned_ > kHeadEnd.size() ? scanned_ - kHeadEnd.size() : 0;
    const size_t end = octets.find(kHeadEnd, from);
    scanned_ = octets.size();
    if (end == std::string_view::npos) {
      return octets.size() > max_message_ ? Broken("message too long") : State::kNeedMore;
    }
    const std::string_view head = octets.substr(0, end + kHeadEnd.size());
    message = head;
    const std::optional<size_t> length = ContentLengthIn(head.substr(0, end));
    if (!length) return Broken("no Content-Length, or not one that can be read");
    wanted_ = head.size() + *length;
    if (wanted_ > max_message_) return Broken("message too long");
    message = {};
  }
  if (octets.size() < wanted_) return State::kNeedMore;
  message = octets.substr(0, wanted_);
  octets.remove_prefix(wanted_);
  wanted_ = 0;
  scanned_ = 0;
  return State::kMessage;
}

}  // namespace drover::sip

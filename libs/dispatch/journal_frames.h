// How records lie in a log: each in a frame with its length and a check, so that a log that was cut
// anywhere reads up to its last whole record.
//
//   frame = length (varint) | CRC-32 of the record (4 octets, big-endian) | record
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace drover::dispatch {

void AppendFrame(std::string_view record, std::string& log);

// Reads frames from the start of a log.
class FrameReader {
 public:
  explicit FrameReader(std::string_view log) : log_(log) {}
  // False at the end, and at the first frame that is not whole or not as it was written.
  bool Next(std::string_view& record);
  // Octets of whole frames that were read: where a log is to be cut before more is appended.
  size_t whole() const { return whole_; }
  bool at_end() const { return whole_ == log_.size(); }

 private:
  std::string_view log_;
  size_t whole_ = 0;
};

}  // namespace drover::dispatch

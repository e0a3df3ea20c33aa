// The fuzzer's octets as a row of small decisions; when they run out, every decision is the first.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace drover::session::fuzz {

class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool empty() const { return at_ == size_; }
  uint8_t Octet() { return at_ < size_ ? data_[at_++] : 0; }
  bool Bit() { return (Octet() & 1) != 0; }
  // 0..n-1
  uint32_t Below(uint32_t n) { return Octet() % n; }
  template <typename T, size_t N>
  const T& Of(const std::array<T, N>& table) {
    return table[Below(N)];
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

// Values of every kind that has to survive a message: text, several octets a character, what XML
// escapes, octets that are no text; short and too long for one message.
inline std::string ValueFor(Input& in) {
  static constexpr std::array<uint16_t, 8> kSizes = {3, 0, 1, 17, 200, 900, 1700, 3200};
  static constexpr std::array<std::string_view, 4> kContents = {"abcdefg", "a\xE2\x82\xAC\xC3\xA4",
                                                                "<&\">", "\x01\xFF\x00z"};
  const std::string_view content =
      in.Below(4) == 3 ? std::string_view("\x01\xFF\x00z", 4) : in.Of(kContents);
  const size_t size = in.Of(kSizes);
  std::string value;
  value.reserve(size + content.size());
  while (value.size() < size) value.append(content);
  return value;
}

}  // namespace drover::session::fuzz

// Numbers and texts in as few octets as they need, one after the other: what is kept of many
// terminals.
//
// A number is a varint (seven bits an octet, the lowest first). A reader never reads past the end;
// once something was wrong all it returns is zero or empty, and ok() says so.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace drover::base {

class Packer {
 public:
  Packer() = default;
  explicit Packer(std::string begun) : out_(std::move(begun)) {}  // Goes on behind it.
  void Number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void Octets(std::string_view octets) { out_.append(octets); }  // Whose count the reader knows.
  void Text(std::string_view text) {
    Number(text.size());
    Octets(text);
  }
  const std::string& out() const { return out_; }
  std::string& out() { return out_; }

 private:
  std::string out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view in) : in_(in) {}

  uint64_t Number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !in_.empty(); shift += 7) {
      const auto octet = static_cast<uint8_t>(in_.front());
      in_.remove_prefix(1);
      if (shift == 63 && octet > 1) break;  // More than 64 bits.
      value |= static_cast<uint64_t>(octet & 0x7F) << shift;
      if (octet < 0x80) return value;
    }
    return Fail();
  }
  // At most `most`.
  uint64_t Number(uint64_t most) {
    const uint64_t value = Number();
    return value <= most ? value : Fail();
  }
  uint32_t Number32() { return static_cast<uint32_t>(Number(UINT32_MAX)); }
  // Of elements that take an octet each at least.
  size_t Count() { return Number(in_.size()); }
  std::string_view Octets(uint64_t count) {
    if (count > in_.size()) count = Fail();
    const std::string_view octets = in_.substr(0, count);
    in_.remove_prefix(count);
    return octets;
  }
  std::string_view View() { return Octets(Number()); }
  std::string Text() { return std::string(View()); }

  std::string_view Rest() { return Octets(in_.size()); }

  bool ok() const { return ok_; }
  bool at_end() const { return in_.empty(); }

 private:
  uint64_t Fail() {
    ok_ = false;
    in_ = {};
    return 0;
  }
  std::string_view in_;
  bool ok_ = true;
};

}  // namespace drover::base

// Values as WSP encodes them: integers, texts, lengths. Internal to libs/wap.
// Spec: WAP-230-WSP, 8.4.1.2 "Field values", 8.4.2.1 to .3 (basic rules, lengths, parameters).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::wap {

inline constexpr uint8_t kShortLengthMost = 30;
inline constexpr uint8_t kLengthQuote = 31;
inline constexpr uint8_t kTextQuote = 0x7F;  // Before a text that begins with 80..FF.

size_t UintvarOctets(uint32_t value);
void PutUintvar(uint32_t value, std::string& out);
void PutValueLength(uint32_t length, std::string& out);
size_t ValueLengthOctets(uint32_t length);
void PutInteger(uint32_t value, std::string& out);  // One octet up to 7F, else length and octets.
size_t IntegerOctets(uint32_t value);
void PutText(std::string_view text, std::string& out);  // text: no NUL.
size_t TextOctets(std::string_view text);

// Takes values from the front; nullopt at the first that cannot be, and from then on.
class ValueReader {
 public:
  explicit ValueReader(std::string_view octets) : rest_(octets) {}

  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }
  std::string_view rest() const { return rest_; }
  int Peek() const { return rest_.empty() ? -1 : static_cast<uint8_t>(rest_[0]); }

  std::optional<uint8_t> Octet();
  std::optional<uint32_t> Uintvar();
  std::optional<uint32_t> Integer();       // Short or long, up to 32 bits.
  std::optional<std::string_view> Text();  // Without quote and NUL.
  std::optional<std::string_view> Octets(size_t count);
  std::optional<std::string_view> LengthAndOctets();  // What the value length spans.
  // Any value by its first octet (8.4.1.2), whole.
  std::optional<std::string_view> Value();
  // For whoever reads on top: what was taken cannot be. Returns false.
  bool Refuse() {
    Fail();
    return false;
  }

 private:
  std::nullopt_t Fail() {
    failed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace drover::wap

// Reads a WBXML document token by token; knows no vocabulary.
//
// Every Read takes what stands at offset() and moves past it. The first failure sticks: that Read
// and all later ones return false, error() says what and where. Nothing is read outside the octets
// that were given, nothing is copied, and the work is linear in their count: strings of the string
// table, which a document can name again and again, are paid from a budget.
//
// Spec: WAP-192-WBXML 1.3, section 5 "Binary XML Content Structure". Versions 1.1 to 1.3.
#pragma once
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "libs/wbxml/tokens.h"

namespace drover::wbxml {

struct Error {
  enum class Cause : uint8_t {
    kTruncated,  // The document ends inside a token, a string, an element.
    kMalformed,  // A token or reference that cannot be.
    kLimit,      // Too deep; a length past the end; more expansion than a document can need.
    kCharset,    // Neither UTF-8 nor US-ASCII nor "unspecified".
    kUnknown,    // A vocabulary that is not ours.
  };
  Cause cause = Cause::kMalformed;
  size_t offset = 0;
  std::string_view what;  // A static string.
};

struct Header {
  uint8_t version = 0;           // 1, 2, 3: WBXML 1.1, 1.2, 1.3.
  uint32_t public_id = 0;        // 1 is "unknown".
  std::string_view public_text;  // If public_id was 0: a string of the table.
  uint32_t charset = 0;
  std::string_view string_table;
};

class Reader {
 public:
  explicit Reader(std::string_view octets)
      : begin_(octets.data()),
        at_(octets.data()),
        end_(octets.data() + octets.size()),
        budget_(4096 + 32 * octets.size()) {}

  // The prologue. A textual public id may lack its NUL when it ends the table.
  bool ReadHeader();
  const Header& header() const { return header_; }

  bool failed() const { return failed_; }
  const Error& error() const { return error_; }
  size_t offset() const { return static_cast<size_t>(at_ - begin_); }
  bool at_end() const { return at_ == end_; }
  const char* position() const { return at_; }

  // The next octet as a number, without taking it; -1 at the end.
  int Peek() const { return at_ == end_ ? -1 : static_cast<uint8_t>(*at_); }
  int PeekAfter(size_t n) const {
    return n < static_cast<size_t>(end_ - at_) ? static_cast<uint8_t>(at_[n]) : -1;
  }
  void Take(size_t n) { at_ += n; }                      // n octets that were peeked.
  void Return(const char* position) { at_ = position; }  // To where position() was before.

  bool ReadOctet(uint8_t& octet) {
    if (at_ == end_) [[unlikely]]
      return Truncated();
    octet = static_cast<uint8_t>(*at_++);
    return true;
  }
  bool ReadNumber(uint32_t& number) {  // mb_u_int32
    if (at_ != end_ && static_cast<uint8_t>(*at_) < 0x80) [[likely]] {
      number = static_cast<uint8_t>(*at_++);
      return true;
    }
    return ReadLongNumber(number);
  }
  // What follows STR_I: octets up to a NUL, which is taken. Well-formed UTF-8.
  bool ReadInline(std::string_view& text) {
    bool ascii = true;
    const char* nul = FindNul(at_, end_, ascii);
    if (nul == nullptr) [[unlikely]]
      return Fail(Error::Cause::kTruncated, static_cast<size_t>(end_ - begin_),
                  "an inline string without its NUL");
    text = {at_, static_cast<size_t>(nul - at_)};
    if (!ascii && !CheckUtf8(text)) [[unlikely]]
      return false;
    at_ = nul + 1;
    return true;
  }
  bool ReadTable(std::string_view& text);     // What follows STR_T: an index.
  bool ReadOpaque(std::string_view& octets);  // What follows OPAQUE.
  bool ReadEntity(uint32_t& code_point);      // What follows ENTITY.
  bool SkipExtension(uint8_t token);          // What follows EXT_*.
  bool SkipAttributes();                      // Up to and with their END.
  bool SkipPi();                              // What follows PI, up to and with its END.

  // For whoever reads on top: records the first error. Returns false.
  bool Fail(Error::Cause cause, size_t offset, std::string_view what);
  bool Truncated() {
    return Fail(Error::Cause::kTruncated, static_cast<size_t>(end_ - begin_),
                "the document ends early");
  }
  // Pays for octets written or scanned more than once. kLimit when a document asks for more than
  // 32 times its own size.
  bool Spend(size_t octets) {
    if (octets > budget_) [[unlikely]]
      return Fail(Error::Cause::kLimit, offset(), "the document expands too much");
    budget_ -= octets;
    return true;
  }

 private:
  // The first NUL in [at, end), or nullptr; ascii becomes false if an octet before it is not.
  static const char* FindNul(const char* at, const char* end, bool& ascii) {
#ifdef __SSE2__
    while (end - at >= 16) {
      const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const auto high = static_cast<uint32_t>(_mm_movemask_epi8(octets));
      const auto zeros =
          static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_setzero_si128())));
      if (zeros != 0) {
        const int position = std::countr_zero(zeros);
        if ((high & ((1u << position) - 1)) != 0) ascii = false;
        return at + position;
      }
      if (high != 0) ascii = false;
      at += 16;
    }
#endif
    for (; at != end; ++at) {
      if (*at == 0) return at;
      if (static_cast<uint8_t>(*at) >= 0x80) ascii = false;
    }
    return nullptr;
  }
  bool CheckUtf8(std::string_view text);
  bool ReadLongNumber(uint32_t& number);
  bool TableString(uint32_t index, std::string_view& text);

  const char* begin_;
  const char* at_;
  const char* end_;
  size_t budget_;
  bool failed_ = false;
  Error error_;
  Header header_;
};

// Appends a code point as UTF-8.
void AppendUtf8(uint32_t code_point, std::string& out);

}  // namespace drover::wbxml

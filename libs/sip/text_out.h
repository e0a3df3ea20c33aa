// Appends the lines of a message to a string, in room that is made once.
//
// Put: octets that are ours or were judged. Value, Word, Token: of whoever calls; what would break
// the line spoils it all, and Finish takes everything back.
#pragma once
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "libs/base/check.h"
#include "libs/sip/lexer.h"

namespace drover::sip {

class TextOut {
 public:
  // most: no more octets than that will be appended.
  TextOut(std::string& out, size_t most) : out_(out), begin_(out.size()) {
    out_.resize(begin_ + most);
    at_ = out_.data() + begin_;
    end_ = out_.data() + out_.size();
  }

  TextOut& Put(std::string_view text) {
    if (text.empty()) return *this;
    DROVER_CHECK(text.size() <= static_cast<size_t>(end_ - at_));
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  TextOut& Number(uint64_t number) {
    std::array<char, 20> digits;
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return Put({digits.data(), static_cast<size_t>(end - digits.data())});
  }
  // No control characters but tabs.
  TextOut& Value(std::string_view text) {
    const char* end = text.data() + text.size();
    good_ = good_ && FindControl(text.data(), end) == end;
    return Put(text);
  }
  // No blanks either.
  TextOut& Word(std::string_view text) {
    good_ = good_ && !text.empty() && text.find_first_of(" \t") == std::string_view::npos;
    return Value(text);
  }
  TextOut& Token(std::string_view text) {
    good_ = good_ && !text.empty() && AllAre(text, char_class::kToken);
    return Put(text);
  }
  // A line; none if value is empty.
  void Field(std::string_view name, std::string_view value) {
    if (!value.empty()) Put(name).Put(": ").Value(value).Put("\r\n");
  }

  bool Finish() {
    out_.resize(good_ ? static_cast<size_t>(at_ - out_.data()) : begin_);
    return good_;
  }

 private:
  std::string& out_;
  size_t begin_;
  char* at_;
  char* end_;
  bool good_ = true;
};

}  // namespace drover::sip

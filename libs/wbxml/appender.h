// Appends to a string through a buffer of its own: an encoder's many small pieces cost a few
// instructions each instead of a call. What was put is in the string after Flush or destruction.
#pragma once
#include <cstring>
#include <string>
#include <string_view>

namespace drover::wbxml {

class Appender {
 public:
  explicit Appender(std::string& out) : out_(out) {}
  ~Appender() { Flush(); }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  void Put(char c) {
    if (at_ == buffer_ + kSize) [[unlikely]]
      Flush();
    *at_++ = c;  // NOLINT(clang-analyzer-core.NullDereference): always within buffer_.
  }
  void Put(std::string_view text) {
    char* const to = Room(text.size());
    if (to == nullptr) [[unlikely]] {
      out_.append(text);
      return;
    }
    Copy(to, text.data(), text.size());
    Advance(text.size());
  }
  void Flush() {
    out_.append(buffer_, static_cast<size_t>(at_ - buffer_));
    at_ = buffer_;
  }

  // Where n octets may be written, to be confirmed by Advance; nullptr if n is more than the buffer
  // holds: then everything was flushed and the string itself may be appended to.
  char* Room(size_t n) {
    if (static_cast<size_t>(buffer_ + kSize - at_) < n) [[unlikely]] {
      Flush();
      if (n > kSize) return nullptr;
    }
    return at_;
  }
  void Advance(size_t n) { at_ += n; }
  std::string& out() { return out_; }

  // memcpy, quick for the few octets that most texts have.
  static void Copy(char* to, const char* from, size_t n) {
    if (n >= 8) {
      size_t i = 0;
      for (; i + 8 <= n; i += 8) std::memcpy(to + i, from + i, 8);
      std::memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
      char head[4];
      char tail[4];
      std::memcpy(head, from, 4);
      std::memcpy(tail, from + n - 4, 4);
      std::memcpy(to, head, 4);
      std::memcpy(to + n - 4, tail, 4);
    } else {
      for (size_t i = 0; i < n; ++i) to[i] = from[i];
    }
  }

 private:
  static constexpr size_t kSize = 1024;

  std::string& out_;
  char* at_ = buffer_;
  char buffer_[kSize];
};

}  // namespace drover::wbxml

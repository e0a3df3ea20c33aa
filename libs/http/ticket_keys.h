// Keys of TLS session tickets: who holds them resumes what any other holder began, so replicas that
// share a file resume each other's sessions.
//
// The file has one key a line, 64 hexadecimal digits (32 random octets; `openssl rand -hex 32`).
// The first seals new tickets; all of them open old ones, which are renewed then. To rotate: put a
// new line in front, drop the last; it is read again about once a minute. Without a file each
// process makes its own key, a new one every twelve hours, and opens those of the one before. Spec:
// RFC 5077, section 5.5; RFC 8446, section 4.6.1.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"

struct ssl_ctx_st;

namespace drover::http {

class TicketKeys {
 public:
  // path: empty for keys of its own. kInvalidArgument: no file, or what is in it is no such key.
  static Result<std::unique_ptr<TicketKeys>> Make(std::string path);
  ~TicketKeys();

  // Seals and opens the tickets of this context. Must outlive it.
  void Use(ssl_ctx_st* context);
  // Reads the file again, or makes a new key, when it is time. A file that cannot be used any more
  // leaves the keys as they are; false then.
  bool Renew(std::chrono::steady_clock::time_point now);

 private:
  struct Key {
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> cipher;
    std::array<unsigned char, 32> mac;
  };
  struct Ciphers;
  static Key Derive(std::string_view secret);
  static Result<std::vector<Key>> Read(const std::string& path);
  explicit TicketKeys(std::string path);
  friend struct TicketCallback;

  const std::string path_;
  std::vector<Key> keys_;  // The first seals.
  std::chrono::steady_clock::time_point renewed_;
  std::unique_ptr<Ciphers> ciphers_;  // Fetched once: fetching costs more than using.
};

}  // namespace drover::http

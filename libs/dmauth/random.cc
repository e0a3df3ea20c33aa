#include "libs/dmauth/random.h"

#include <algorithm>
#include <array>
#include <climits>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "libs/base/check.h"

namespace drover::dmauth {
namespace {

void Fill(char* octets, size_t n) {
  DROVER_CHECK(n <= INT_MAX);
  DROVER_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(octets), static_cast<int>(n)) == 1);
}

// Octets for the next calls: a call of the generator costs more than a kilobyte of its output. What
// was handed out is wiped.
class Reserve {
 public:
  ~Reserve() { OPENSSL_cleanse(octets_.data(), octets_.size()); }
  static constexpr size_t kOctets = 1024;
  std::string Take(size_t n) {
    if (left_ < n) {
      Fill(octets_.data(), octets_.size());
      left_ = octets_.size();
    }
    char* const next = octets_.data() + octets_.size() - left_;
    std::string taken(next, n);
    OPENSSL_cleanse(next, n);
    left_ -= n;
    return taken;
  }

 private:
  std::array<char, kOctets> octets_;
  size_t left_ = 0;
};

}  // namespace

std::string SystemRandom(size_t n) {
  constexpr size_t kFew = 64;
  if (n <= kFew) {
    thread_local Reserve reserve;
    return reserve.Take(n);
  }
  std::string octets(n, '\0');
  Fill(octets.data(), n);
  return octets;
}

}  // namespace drover::dmauth

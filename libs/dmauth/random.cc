#include "libs/dmauth/random.h"

#include <climits>

#include <openssl/rand.h>

#include "libs/base/check.h"

namespace drover::dmauth {

std::string SystemRandom(size_t n) {
  DROVER_CHECK(n <= INT_MAX);
  std::string octets(n, '\0');
  DROVER_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(octets.data()), static_cast<int>(n)) ==
               1);
  return octets;
}

}  // namespace drover::dmauth

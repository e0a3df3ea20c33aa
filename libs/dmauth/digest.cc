#include "libs/dmauth/digest.h"

// MD5 by its own functions: through EVP a digest of a nonce costs twice as much, for a choice of
// providers that a protocol which names MD5 does not have.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>

#include "libs/base/check.h"

namespace drover::dmauth {

static_assert(std::tuple_size_v<Md5Octets> == MD5_DIGEST_LENGTH);

Md5Octets Md5(std::initializer_list<std::string_view> parts) {
  MD5_CTX context;
  DROVER_CHECK(MD5_Init(&context) == 1);
  for (const std::string_view part : parts) {
    DROVER_CHECK(MD5_Update(&context, part.data(), part.size()) == 1);
  }
  Md5Octets octets{};
  DROVER_CHECK(MD5_Final(reinterpret_cast<unsigned char*>(octets.data()), &context) == 1);
  return octets;
}

}  // namespace drover::dmauth

#include "loadtest/gateway/checksum.h"

#include <openssl/evp.h>

#include "libs/base/bytes.h"
#include "libs/base/check.h"

namespace drover::gwsim {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  DROVER_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::Add(std::string_view octets) {
  DROVER_CHECK(EVP_DigestUpdate(context_, octets.data(), octets.size()) == 1);
}

std::string Sha256::Hex() {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  DROVER_CHECK(EVP_DigestFinal_ex(context_, sum, &length) == 1);
  return base::Hex({reinterpret_cast<const char*>(sum), length});
}

}  // namespace drover::gwsim

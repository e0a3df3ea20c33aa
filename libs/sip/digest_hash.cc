#include "libs/sip/digest_hash.h"

#include <array>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "libs/base/bytes.h"
#include "libs/base/check.h"
#include "libs/dmauth/digest.h"

namespace drover::sip {
namespace {

const EVP_MD* Fetched(const char* name) {
  const EVP_MD* hash = EVP_MD_fetch(nullptr, name, nullptr);  // Once; never given back.
  DROVER_CHECK(hash != nullptr);
  return hash;
}

const EVP_MD* HashOf(DigestAlgorithm algorithm) {
  static const EVP_MD* const sha256 = Fetched("SHA256");
  static const EVP_MD* const sha512256 = Fetched("SHA512-256");
  return algorithm < DigestAlgorithm::kSha512256 ? sha256 : sha512256;
}

}  // namespace

std::string HashHex(DigestAlgorithm algorithm, std::initializer_list<std::string_view> parts) {
  if (algorithm <= DigestAlgorithm::kMd5Sess) {
    const dmauth::Md5Octets octets = dmauth::Md5(parts);
    return base::Hex({octets.data(), octets.size()});
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  DROVER_CHECK(EVP_DigestInit_ex(context.get(), HashOf(algorithm), nullptr) == 1);
  for (const std::string_view part : parts) {
    DROVER_CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  unsigned size = 0;
  DROVER_CHECK(EVP_DigestFinal_ex(context.get(), octets.data(), &size) == 1);
  return base::Hex({reinterpret_cast<const char*>(octets.data()), size});
}

std::string HmacSha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  unsigned size = 0;
  DROVER_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                    reinterpret_cast<const unsigned char*>(text.data()), text.size(), octets.data(),
                    &size) != nullptr);
  return {reinterpret_cast<const char*>(octets.data()), size};
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace drover::sip

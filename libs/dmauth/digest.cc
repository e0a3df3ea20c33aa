#include "libs/dmauth/digest.h"

#include <openssl/evp.h>

#include "libs/base/check.h"

namespace drover::dmauth {
namespace {

// EVP_MD_fetch looks the algorithm up by name under a lock, and a new context is an allocation:
// both are done once a thread.
struct Md5Context {
  EVP_MD* md = EVP_MD_fetch(nullptr, "MD5", nullptr);
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  Md5Context() { DROVER_CHECK(md != nullptr && ctx != nullptr); }
  ~Md5Context() {
    EVP_MD_CTX_free(ctx);
    EVP_MD_free(md);
  }
  Md5Context(const Md5Context&) = delete;
  Md5Context& operator=(const Md5Context&) = delete;
};

}  // namespace

Md5Octets Md5(std::initializer_list<std::string_view> parts) {
  thread_local Md5Context context;
  DROVER_CHECK(EVP_DigestInit_ex2(context.ctx, context.md, nullptr) == 1);
  for (const std::string_view part : parts) {
    DROVER_CHECK(EVP_DigestUpdate(context.ctx, part.data(), part.size()) == 1);
  }
  Md5Octets octets{};
  DROVER_CHECK(EVP_DigestFinal_ex(context.ctx, reinterpret_cast<unsigned char*>(octets.data()),
                                  nullptr) == 1);
  return octets;
}

}  // namespace drover::dmauth

#include "libs/dmauth/seal.h"

#include <charconv>

#include <openssl/evp.h>

#include "libs/base/bytes.h"
#include "libs/base/check.h"

namespace drover::dmauth {
namespace {

constexpr size_t kKeyOctets = 32;
constexpr size_t kNonceOctets = 12;
constexpr size_t kTagOctets = 16;
constexpr size_t kOverhead = 1 + kNonceOctets + kTagOctets;

// Fetched and allocated once a thread, as in digest.cc.
struct GcmContext {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  EVP_CIPHER_CTX* ctx = EVP_CIPHER_CTX_new();
  GcmContext() { DROVER_CHECK(cipher != nullptr && ctx != nullptr); }
  ~GcmContext() {
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
  }
  GcmContext(const GcmContext&) = delete;
  GcmContext& operator=(const GcmContext&) = delete;
};

const unsigned char* Octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Octets(char* text) { return reinterpret_cast<unsigned char*>(text); }

// Starts a seal or an open on this thread's context, with the context text authenticated.
EVP_CIPHER_CTX* Begin(bool seal, std::string_view key, std::string_view nonce,
                      std::string_view context) {
  thread_local GcmContext gcm;
  DROVER_CHECK(EVP_CipherInit_ex2(gcm.ctx, gcm.cipher, Octets(key), Octets(nonce), seal ? 1 : 0,
                                  nullptr) == 1);
  int length = 0;
  DROVER_CHECK(EVP_CipherUpdate(gcm.ctx, nullptr, &length, Octets(context),
                                static_cast<int>(context.size())) == 1);
  return gcm.ctx;
}

// out: as long as in.
void Transform(EVP_CIPHER_CTX* ctx, std::string_view in, char* out) {
  int length = 0;
  DROVER_CHECK(
      EVP_CipherUpdate(ctx, Octets(out), &length, Octets(in), static_cast<int>(in.size())) == 1);
}

Error BadLine(size_t number, const std::string& what) {
  return InvalidArgument("line " + std::to_string(number) + " of the sealing keys: " + what +
                         "; expected \"<number 0..255> <64 hex digits>\"");
}

struct NumberedKey {
  uint8_t number = 0;
  std::string key;
};

Result<NumberedKey> ParseLine(std::string_view line, size_t line_number) {
  const size_t space = line.find_first_of(" \t");
  if (space == std::string_view::npos) return BadLine(line_number, "no key after the number");
  NumberedKey entry;
  const char* end = line.data() + space;
  const auto parsed = std::from_chars(line.data(), end, entry.number);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return BadLine(line_number, "the key number is not 0..255");
  }
  Result<std::string> key = base::FromHex(line.substr(space));
  if (!key) return BadLine(line_number, "the key is not hex");
  if (key->size() != kKeyOctets) return BadLine(line_number, "the key is not 32 octets");
  entry.key = *std::move(key);
  return entry;
}

// The line without its comment and the white space around it.
std::string_view Content(std::string_view line) {
  line = line.substr(0, line.find('#'));
  const size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

Result<SealKeys> SealKeys::Parse(std::string_view text) {
  SealKeys keys;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = Content(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    DROVER_TRY(NumberedKey entry, ParseLine(line, number));
    if (!keys.keys_.emplace(entry.number, std::move(entry.key)).second) {
      return BadLine(number, "the key number is there twice");
    }
    keys.current_ = entry.number;
  }
  if (keys.keys_.empty()) return InvalidArgument("no sealing key: the text has no line with one");
  return keys;
}

std::string SealKeys::Seal(std::string_view secret, std::string_view context,
                           const RandomOctets& random) const {
  const std::string nonce = random(kNonceOctets);
  DROVER_CHECK(nonce.size() == kNonceOctets);
  EVP_CIPHER_CTX* ctx = Begin(true, keys_.at(current_), nonce, context);
  std::string sealed(kOverhead + secret.size(), '\0');
  sealed[0] = static_cast<char>(current_);
  sealed.replace(1, kNonceOctets, nonce);
  Transform(ctx, secret, sealed.data() + 1 + kNonceOctets);
  char* tag = sealed.data() + sealed.size() - kTagOctets;
  int length = 0;
  DROVER_CHECK(EVP_CipherFinal_ex(ctx, Octets(tag), &length) == 1);
  DROVER_CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, kTagOctets, tag) == 1);
  return sealed;
}

Result<std::string> SealKeys::Open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kOverhead) return InvalidArgument("a sealed secret is cut short");
  const auto number = static_cast<uint8_t>(sealed[0]);
  const auto key = keys_.find(number);
  if (key == keys_.end()) {
    return FailedPrecondition("sealed with key " + std::to_string(number) +
                              ", which is not among the sealing keys: add it back");
  }
  EVP_CIPHER_CTX* ctx = Begin(false, key->second, sealed.substr(1, kNonceOctets), context);
  std::string secret(sealed.size() - kOverhead, '\0');
  Transform(ctx, sealed.substr(1 + kNonceOctets, secret.size()), secret.data());
  std::string tag(sealed.substr(sealed.size() - kTagOctets));
  DROVER_CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, kTagOctets, tag.data()) == 1);
  int length = 0;
  if (EVP_CipherFinal_ex(ctx, Octets(tag.data()), &length) != 1) {
    return InvalidArgument("a sealed secret is damaged, or belongs to another owner");
  }
  return secret;
}

}  // namespace drover::dmauth

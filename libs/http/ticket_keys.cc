#include "libs/http/ticket_keys.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "libs/base/check.h"

namespace drover::http {
namespace {

constexpr size_t kSecretOctets = 32;
constexpr std::chrono::hours kOwnKeyLife{12};
constexpr std::chrono::minutes kReadAgain{1};

int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() != 2 * kSecretOctets) return std::nullopt;
  std::string octets;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = Digit(text[i]);
    const int low = Digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    octets.push_back(static_cast<char>(high << 4 | low));
  }
  return octets;
}

std::string RandomSecret() {
  std::string secret(kSecretOctets, '\0');
  DROVER_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), kSecretOctets) == 1);
  return secret;
}

// One key of 32 octets for each purpose.
std::array<unsigned char, 32> Expand(std::string_view secret, std::string_view purpose) {
  std::array<unsigned char, 32> out;
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(), out.data(), &size);
  return out;
}

int KeysIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

struct TicketKeys::Ciphers {
  EVP_CIPHER* aes = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  ~Ciphers() { EVP_CIPHER_free(aes); }
};

// What OpenSSL calls for each ticket: 1 to use it, 2 to use and renew it, 0 to do without.
struct TicketCallback {
  static int Call(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                  EVP_MAC_CTX* mac, int sealing) {
    const auto* const keys =
        static_cast<const TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), KeysIndex()));
    if (sealing != 0) return Seal(*keys, name, iv, cipher, mac);
    for (const TicketKeys::Key& key : keys->keys_) {
      if (std::memcmp(name, key.name.data(), key.name.size()) != 0) continue;
      const bool usable =
          EVP_DecryptInit_ex2(cipher, keys->ciphers_->aes, key.cipher.data(), iv, nullptr) == 1 &&
          Begin(mac, key);
      const bool newest = &key == &keys->keys_.front();
      return !usable ? 0 : newest ? 1 : 2;
    }
    return 0;
  }

 private:
  static int Seal(const TicketKeys& keys, unsigned char* name, unsigned char* iv,
                  EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    const TicketKeys::Key& key = keys.keys_.front();
    std::memcpy(name, key.name.data(), key.name.size());
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(keys.ciphers_->aes)) != 1) return 0;
    const bool usable =
        EVP_EncryptInit_ex2(cipher, keys.ciphers_->aes, key.cipher.data(), iv, nullptr) == 1 &&
        Begin(mac, key);
    return usable ? 1 : 0;
  }
  static bool Begin(EVP_MAC_CTX* mac, const TicketKeys::Key& key) {
    std::array<unsigned char, 32> octets = key.mac;
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, octets.data(), octets.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, params) == 1;
  }
};

TicketKeys::TicketKeys(std::string path)
    : path_(std::move(path)),
      renewed_(std::chrono::steady_clock::now()),
      ciphers_(std::make_unique<Ciphers>()) {}
TicketKeys::~TicketKeys() = default;

TicketKeys::Key TicketKeys::Derive(std::string_view secret) {
  Key key{.name = {}, .cipher = Expand(secret, "cipher"), .mac = Expand(secret, "mac")};
  const std::array<unsigned char, 32> name = Expand(secret, "name");
  std::copy_n(name.begin(), key.name.size(), key.name.begin());
  return key;
}

Result<std::vector<TicketKeys::Key>> TicketKeys::Read(const std::string& path) {
  std::ifstream file(path);
  if (!file) return InvalidArgument("cannot read the TLS ticket key file " + path);
  std::vector<Key> keys;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    const std::optional<std::string> secret = FromHex(line);
    if (!secret) {
      return InvalidArgument("the TLS ticket key file " + path +
                             " must have 64 hexadecimal digits in each line: openssl rand -hex 32");
    }
    keys.push_back(Derive(*secret));
  }
  if (keys.empty()) return InvalidArgument("the TLS ticket key file " + path + " is empty");
  return keys;
}

Result<std::unique_ptr<TicketKeys>> TicketKeys::Make(std::string path) {
  std::unique_ptr<TicketKeys> made(new TicketKeys(std::move(path)));
  if (made->path_.empty()) {
    made->keys_.push_back(Derive(RandomSecret()));
  } else {
    DROVER_TRY(made->keys_, Read(made->path_));
  }
  return made;
}

void TicketKeys::Use(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, KeysIndex(), this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, TicketCallback::Call);
}

bool TicketKeys::Renew(std::chrono::steady_clock::time_point now) {
  const std::chrono::steady_clock::duration due = path_.empty() ? kOwnKeyLife : kReadAgain;
  if (now - renewed_ < due) return true;
  renewed_ = now;
  if (path_.empty()) {
    keys_.insert(keys_.begin(), Derive(RandomSecret()));
    keys_.resize(2);
    return true;
  }
  Result<std::vector<Key>> read = Read(path_);
  if (!read) return false;
  keys_ = *std::move(read);
  return true;
}

}  // namespace drover::http

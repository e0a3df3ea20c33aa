#include "libs/dmauth/credentials.h"

#include <algorithm>
#include <array>

#include "libs/base/bytes.h"
#include "libs/dmauth/digest.h"

namespace drover::dmauth {
namespace {

constexpr size_t kMaxNonceOctets = 64;

std::string_view View(const Md5Octets& octets) { return {octets.data(), octets.size()}; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

// Whether text is the base64 of these octets; compared decoded, since terminals leave padding out.
bool IsBase64Of(std::string_view text, const Md5Octets& octets) {
  const Result<std::string> decoded = base::FromBase64(text);
  return decoded && EqualsConstantTime(*decoded, View(octets));
}

Md5Octets NonceDigest(std::string_view a1, std::string_view nonce) { return Md5({a1, ":", nonce}); }

Md5Octets BodyDigest(std::string_view a1, std::string_view nonce, std::string_view body) {
  return Md5({a1, ":", nonce, ":", base::Base64(View(Md5({body})))});
}

}  // namespace

std::string_view TypeOf(Scheme scheme) {
  switch (scheme) {
    case Scheme::kBasic:
      return "syncml:auth-basic";
    case Scheme::kMd5:
      return "syncml:auth-md5";
    case Scheme::kMac:
      return "syncml:auth-MAC";
  }
  return {};
}

std::optional<Scheme> SchemeOf(std::string_view type) {
  for (const Scheme scheme : {Scheme::kBasic, Scheme::kMd5, Scheme::kMac}) {
    if (EqualsIgnoringCase(type, TypeOf(scheme))) return scheme;
  }
  return std::nullopt;
}

std::string A1(std::string_view user, std::string_view password) {
  return base::Base64(View(Md5({user, ":", password})));
}

std::string BasicCredential(std::string_view user, std::string_view password) {
  std::string text(user);
  text.append(":").append(password);
  return base::Base64(text);
}

bool VerifyBasic(std::string_view credential, std::string_view user, std::string_view a1) {
  const Result<std::string> decoded = base::FromBase64(credential);
  if (!decoded) return false;
  const std::string_view pair = *decoded;
  // A user name may hold colons itself ("IMEI:4930.."), so the pair is never split.
  const bool named = user.empty() || (pair.size() > user.size() && pair[user.size()] == ':' &&
                                      EqualsConstantTime(pair.substr(0, user.size()), user));
  const bool proven = EqualsConstantTime(base::Base64(View(Md5({pair}))), a1);
  return named & proven;
}

std::string Md5Credential(std::string_view a1, std::string_view nonce) {
  return base::Base64(View(NonceDigest(a1, nonce)));
}

bool VerifyMd5(std::string_view credential, std::string_view a1, std::string_view nonce) {
  return IsBase64Of(credential, NonceDigest(a1, nonce));
}

std::string Mac(std::string_view a1, std::string_view nonce, std::string_view body) {
  return base::Base64(View(BodyDigest(a1, nonce, body)));
}

bool VerifyMac(std::string_view mac, std::string_view a1, std::string_view nonce,
               std::string_view body) {
  return IsBase64Of(mac, BodyDigest(a1, nonce, body));
}

std::string NotificationDigest(std::string_view server_a1, std::string_view nonce,
                               std::string_view trigger) {
  return std::string(View(BodyDigest(server_a1, nonce, trigger)));
}

Result<std::string> DecodeNonce(std::string_view text, bool opaque) {
  Result<std::string> decoded = base::FromBase64(text);
  // Random octets are hardly ever base64 text by chance; short ASCII nonces (S60 has five digits)
  // may be, hence the demand for whole groups.
  const bool raw = opaque && (!decoded || text.size() % 4 != 0);
  if (raw) decoded = std::string(text);
  if (!decoded) return InvalidArgument("NextNonce is not base64");
  if (decoded->size() > kMaxNonceOctets) return InvalidArgument("NextNonce exceeds 64 octets");
  return decoded;
}

bool EqualsConstantTime(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

}  // namespace drover::dmauth

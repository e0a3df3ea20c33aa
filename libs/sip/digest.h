// Digest access authentication: what both sides compute and write. Of SIP and of HTTP alike: the
// method and the digest-uri are the caller's.
//
// Spec: RFC 7616; RFC 3261, section 22, and RFC 8760 (SIP). A challenge is the value of one
// WWW-Authenticate or Proxy-Authenticate field (SIP does not join them with commas).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::sip {

enum class DigestAlgorithm : uint8_t {
  kMd5,
  kMd5Sess,
  kSha256,
  kSha256Sess,
  kSha512256,
  kSha512256Sess,
};
std::optional<DigestAlgorithm> DigestAlgorithmOf(std::string_view name);  // In any case.
std::string_view Name(DigestAlgorithm algorithm);                         // "SHA-256-sess"
// H: the hash without "-sess", in lower-case hex.
std::string DigestHash(DigestAlgorithm algorithm, std::string_view text);

enum class Qop : uint8_t { kNone, kAuth, kAuthInt };

struct Challenge {
  std::string realm;
  std::string nonce;
  std::string opaque;
  DigestAlgorithm algorithm = DigestAlgorithm::kMd5;
  bool algorithm_told = false;  // Then the answer tells it too.
  bool opaque_told = false;
  bool auth = false;  // Of qop; neither: as RFC 2069 had it.
  bool auth_int = false;
  bool stale = false;
  bool userhash = false;
};
// nullopt: another scheme, malformed, without realm or nonce, or an algorithm or qop that is not
// known: such a challenge is passed over.
std::optional<Challenge> ParseChallenge(std::string_view value);

// A challenge as a server writes it; "Digest " and all.
struct ChallengeOut {
  std::string_view realm;
  std::string_view nonce;
  std::string_view opaque;
  DigestAlgorithm algorithm = DigestAlgorithm::kSha256;
  bool auth_int = false;  // qop="auth" or "auth,auth-int"
  bool stale = false;
};
void AppendChallenge(const ChallengeOut& challenge, std::string& out);

// What the response is computed of.
struct DigestInput {
  std::string_view method;
  std::string_view uri;   // The digest-uri: the Request-URI as sent.
  std::string_view body;  // Counts with kAuthInt.
  std::string_view realm;
  std::string_view nonce;
  std::string_view cnonce;
  uint32_t nc = 1;
  Qop qop = Qop::kAuth;
  DigestAlgorithm algorithm = DigestAlgorithm::kMd5;
};
// H(username:realm:password): what a server may store in place of a password. Hex.
std::string DigestHa1(DigestAlgorithm algorithm, std::string_view username, std::string_view realm,
                      std::string_view password);
// ha1: of DigestHa1; -sess is applied here. Hex.
std::string DigestResponse(const DigestInput& input, std::string_view ha1);

// The value of (Proxy-)Authorization; "Digest " and all.
std::string FormatCredentials(const DigestInput& input, const Challenge& challenge,
                              std::string_view username, std::string_view response);

// The value of (Proxy-)Authorization, read.
struct Credentials {
  std::string username;
  std::string realm;
  std::string nonce;
  std::string uri;
  std::string response;
  std::string opaque;
  std::string cnonce;
  DigestAlgorithm algorithm = DigestAlgorithm::kMd5;
  Qop qop = Qop::kNone;
  uint32_t nc = 0;  // 1 up with a qop.
  bool userhash = false;
};
// nullopt: another scheme, malformed, something lacks, an algorithm or qop that is not known, or a
// qop without cnonce and nc.
std::optional<Credentials> ParseCredentials(std::string_view value);

}  // namespace drover::sip

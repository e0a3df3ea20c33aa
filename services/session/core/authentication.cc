#include "services/session/core/authentication.h"

#include <array>

namespace drover::session {
namespace {

constexpr size_t kNonceOctets = 16;

// A credential in whatever place it came.
struct Presented {
  dmauth::Scheme scheme;
  std::string text;
};

std::optional<Presented> PresentedBy(const syncml::Header& header, std::string_view mac_header) {
  if (!mac_header.empty()) {
    const Result<dmauth::MacHeader> parsed = dmauth::ParseMacHeader(mac_header);
    return Presented{dmauth::Scheme::kMac, parsed ? parsed->mac : std::string()};
  }
  if (!header.cred) return std::nullopt;
  const std::optional<dmauth::Scheme> scheme = dmauth::SchemeOf(header.cred->meta.type);
  // An unknown scheme counts as a wrong credential of the strongest kind: it is challenged, not
  // believed.
  return Presented{scheme.value_or(dmauth::Scheme::kMd5),
                   scheme ? std::string(header.cred->data.octets) : std::string()};
}

bool DigestHolds(const Presented& presented, const Account& account, std::string_view nonce,
                 std::string_view body) {
  return presented.scheme == dmauth::Scheme::kMac
             ? dmauth::VerifyMac(presented.text, account.client_a1, nonce, body)
             : dmauth::VerifyMd5(presented.text, account.client_a1, nonce);
}

// Tries every nonce that the terminal may rightly use; on success it is used up.
bool DigestHoldsWithAnyNonce(const Presented& presented, const Account& account,
                             std::string_view body, NonceState& nonces) {
  if (!nonces.known) nonces.client_nonce = account.client_nonce;
  if (!nonces.challenge_nonce.empty() &&
      DigestHolds(presented, account, nonces.challenge_nonce, body)) {
    return true;
  }
  if (DigestHolds(presented, account, nonces.client_nonce, body)) {
    nonces.previous_nonce = nonces.client_nonce;
    return true;
  }
  if (!nonces.previous_nonce.empty() &&
      DigestHolds(presented, account, nonces.previous_nonce, body)) {
    nonces.previous_nonce.clear();
    return true;
  }
  return false;
}

bool CredentialHolds(const Presented& presented, const Account& account, std::string_view body,
                     NonceState& nonces) {
  if (presented.text.empty() || presented.scheme < account.client_scheme) return false;
  if (presented.scheme == dmauth::Scheme::kBasic) {
    return dmauth::VerifyBasic(presented.text, account.user, account.client_a1);
  }
  return DigestHoldsWithAnyNonce(presented, account, body, nonces);
}

}  // namespace

Verdict Authenticate(const syncml::Header& header, std::string_view mac_header,
                     std::string_view body, const Account* account, const Throttle& throttle,
                     TimePoint now, const RandomOctets& random, NonceState& nonces) {
  const std::optional<Presented> presented = PresentedBy(header, mac_header);
  const dmauth::Scheme wanted = account == nullptr ? dmauth::Scheme::kMd5 : account->client_scheme;
  if (!presented) return {Verdict::Kind::kMissing, wanted};
  if (nonces.failures >= throttle.failures && now - nonces.failed_at < throttle.pause) {
    return {Verdict::Kind::kThrottled, wanted};
  }
  if (account == nullptr || !CredentialHolds(*presented, *account, body, nonces)) {
    ++nonces.failures;
    nonces.failed_at = now;
    return {Verdict::Kind::kWrong, wanted};
  }
  nonces.failures = 0;
  if (presented->scheme != dmauth::Scheme::kBasic) {
    nonces.client_nonce = random(kNonceOctets);
    nonces.challenge_nonce.clear();
  }
  if (!nonces.known) nonces.server_nonce = account->server_nonce;
  nonces.known = true;
  return {Verdict::Kind::kAccepted, presented->scheme};
}

const std::string& ChallengeNonce(NonceState& nonces, const RandomOctets& random) {
  if (nonces.challenge_nonce.empty()) nonces.challenge_nonce = random(kNonceOctets);
  return nonces.challenge_nonce;
}

}  // namespace drover::session

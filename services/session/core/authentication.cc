#include "services/session/core/authentication.h"

#include <algorithm>

#include "libs/notification/package0.h"
#include "libs/notification/session_id.h"

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

bool DigestHolds(const Presented& presented, std::string_view a1, std::string_view nonce,
                 std::string_view body) {
  return presented.scheme == dmauth::Scheme::kMac
             ? dmauth::VerifyMac(presented.text, a1, nonce, body)
             : dmauth::VerifyMd5(presented.text, a1, nonce);
}

// Tries every nonce that the terminal may rightly use; on success it is used up.
bool DigestHoldsWithAnyNonce(const Presented& presented, std::string_view a1, std::string_view body,
                             NonceState& nonces) {
  if (!nonces.challenge_nonce.empty() && DigestHolds(presented, a1, nonces.challenge_nonce, body)) {
    nonces.previous_nonce.clear();  // It has our challenge: nothing older is needed.
    return true;
  }
  if (DigestHolds(presented, a1, nonces.client_nonce, body)) {
    nonces.previous_nonce = nonces.client_nonce;
    return true;
  }
  if (!nonces.previous_nonce.empty() && DigestHolds(presented, a1, nonces.previous_nonce, body)) {
    nonces.previous_nonce.clear();
    return true;
  }
  return false;
}

bool Holds(const Presented& presented, const std::string& user, std::string_view a1,
           std::string_view body, NonceState& nonces) {
  if (a1.empty()) return false;
  if (presented.scheme == dmauth::Scheme::kBasic) {
    return dmauth::VerifyBasic(presented.text, user, a1);
  }
  return DigestHoldsWithAnyNonce(presented, a1, body, nonces);
}

// The form of the zero nonce that holds; nullopt: none, or this is not the session that may use it.
std::optional<std::string_view> ZeroNonce(const Presented& presented, const Account& account,
                                          std::string_view session_id, std::string_view body,
                                          TimePoint now, const NonceState& nonces) {
  if (presented.scheme == dmauth::Scheme::kBasic) return std::nullopt;
  if (nonces.resync_session == 0 || now > nonces.resync_until) return std::nullopt;
  if (!notification::Matches(session_id, nonces.resync_session)) return std::nullopt;
  for (const std::string_view zero : {notification::kResyncNonce, notification::kResyncNonceText}) {
    if (DigestHolds(presented, account.client_a1, zero, body)) return zero;
    const bool next = !account.next_client_a1.empty();
    if (next && DigestHolds(presented, account.next_client_a1, zero, body)) return zero;
  }
  return std::nullopt;
}

// Fills in how the credential held; false: it does not.
bool CredentialHolds(const Presented& presented, const Account& account,
                     std::string_view session_id, std::string_view body, TimePoint now,
                     NonceState& nonces, Verdict& verdict) {
  if (presented.text.empty() || presented.scheme < account.client_scheme) return false;
  if (!nonces.known) {
    nonces.client_nonce = account.client_nonce;
    nonces.server_nonce = account.server_nonce;
  }
  if (Holds(presented, account.user, account.client_a1, body, nonces)) return true;
  verdict.next_secret = Holds(presented, account.user, account.next_client_a1, body, nonces);
  if (verdict.next_secret) return true;
  const std::optional<std::string_view> zero =
      ZeroNonce(presented, account, session_id, body, now, nonces);
  if (!zero) return false;
  verdict.resynchronised = true;
  nonces.resync_session = 0;
  nonces.server_nonce = *zero;
  return true;
}

}  // namespace

Verdict Authenticate(const syncml::Header& header, std::string_view mac_header,
                     std::string_view body, const Account* account, const Throttle& throttle,
                     TimePoint now, const RandomOctets& random, NonceState& nonces) {
  const std::optional<Presented> presented = PresentedBy(header, mac_header);
  dmauth::Scheme wanted = account == nullptr ? dmauth::Scheme::kMd5 : account->client_scheme;
  if (!presented) return {Verdict::Kind::kMissing, wanted};
  wanted = std::max(wanted, presented->scheme);  // Who uses a stronger one goes on with it.
  if (nonces.failures >= throttle.failures && now - nonces.failed_at < throttle.pause) {
    return {Verdict::Kind::kThrottled, wanted};
  }
  Verdict verdict{Verdict::Kind::kAccepted, presented->scheme};
  if (account == nullptr ||
      !CredentialHolds(*presented, *account, header.session_id, body, now, nonces, verdict)) {
    ++nonces.failures;
    nonces.failed_at = now;
    return {Verdict::Kind::kWrong, wanted};
  }
  nonces.failures = 0;
  nonces.client_nonce = random(kNonceOctets);  // Basic needs none; sessions are told apart by it.
  if (presented->scheme != dmauth::Scheme::kBasic) nonces.challenge_nonce.clear();
  nonces.known = true;
  return verdict;
}

const std::string& ChallengeNonce(NonceState& nonces, const RandomOctets& random) {
  if (nonces.challenge_nonce.empty()) nonces.challenge_nonce = random(kNonceOctets);
  return nonces.challenge_nonce;
}

}  // namespace drover::session

#include "services/sip/core/access.h"

#include <openssl/crypto.h>

#include "libs/base/bytes.h"

namespace drover::gateways {
namespace {

constexpr std::string_view kBasic = "Basic ";

bool StartsWithScheme(std::string_view value, std::string_view scheme) {
  if (value.size() < scheme.size()) return false;
  for (size_t i = 0; i < scheme.size(); ++i) {
    if ((value[i] | 0x20) != (scheme[i] | 0x20)) return false;
  }
  return true;
}

// In time that does not tell how much of it is right.
bool Same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Presented ReadAuthorization(std::string_view value) {
  if (StartsWithScheme(value, kBasic)) {
    const Result<std::string> text = base::FromBase64(value.substr(kBasic.size()));
    const size_t colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos) return {};
    return Basic{text->substr(0, colon), text->substr(colon + 1)};
  }
  if (auto credentials = sip::ParseCredentials(value)) return *std::move(credentials);
  return {};
}

std::string UserOf(const Presented& presented) {
  if (const auto* basic = std::get_if<Basic>(&presented)) return basic->user;
  if (const auto* digest = std::get_if<sip::Credentials>(&presented)) return digest->username;
  return {};
}

sip::DigestVerdict Judge(const Presented& presented, const Question& question,
                         std::string_view user, std::string_view password,
                         const sip::NonceMint& mint, sip::ReplayGuard& guard, TimePoint now) {
  using sip::DigestVerdict;
  if (const auto* basic = std::get_if<Basic>(&presented)) {
    const bool right =
        question.basic_allowed && Same(basic->user, user) && Same(basic->password, password);
    return right ? DigestVerdict::kGood : DigestVerdict::kWrong;
  }
  const auto* digest = std::get_if<sip::Credentials>(&presented);
  if (digest == nullptr || digest->username != user) return DigestVerdict::kWrong;
  const std::string ha1 = sip::DigestHa1(digest->algorithm, user, question.realm, password);
  return sip::JudgeCredentials(*digest,
                               {question.method, question.uri, question.body, question.realm}, ha1,
                               mint, guard, now);
}

std::vector<std::string> Challenges(std::string_view realm, std::string_view nonce, bool stale,
                                    bool basic_allowed) {
  std::vector<std::string> out;
  for (const auto algorithm : {sip::DigestAlgorithm::kSha256, sip::DigestAlgorithm::kMd5}) {
    sip::ChallengeOut challenge;
    challenge.realm = realm;
    challenge.nonce = nonce;
    challenge.algorithm = algorithm;
    challenge.stale = stale;
    sip::AppendChallenge(challenge, out.emplace_back());
  }
  if (basic_allowed) out.push_back("Basic realm=\"" + std::string(realm) + "\"");
  return out;
}

}  // namespace drover::gateways

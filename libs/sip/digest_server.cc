#include "libs/sip/digest_server.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/sip/digest_hash.h"
#include "libs/sip/uri.h"

namespace drover::sip {
namespace {

constexpr size_t kStampOctets = 16;  // Time, random.
constexpr size_t kMacOctets = 16;
constexpr uint32_t kWindow = 64;

bool SameDigestUri(std::string_view a, std::string_view b) {
  if (a == b) return true;
  Uri x;
  Uri y;
  return ParseUri(a, x) && ParseUri(b, y) && Equivalent(x, y);
}

}  // namespace

std::string NonceMint::Mac(std::string_view stamp, std::string_view realm) const {
  std::string text(stamp);
  return HmacSha256(key_, text.append(realm)).substr(0, kMacOctets);
}

std::string NonceMint::Mint(std::string_view realm, TimePoint now, uint64_t random) const {
  std::string stamp = base::BigEndian64(static_cast<uint64_t>(now.time_since_epoch().count()));
  stamp += base::BigEndian64(random);
  return base::Base64(stamp + Mac(stamp, realm));
}

NonceMint::Judgement NonceMint::Judge(std::string_view nonce, std::string_view realm,
                                      TimePoint now) const {
  const Result<std::string> octets = base::FromBase64(nonce);
  if (!octets || octets->size() != kStampOctets + kMacOctets) return {};
  const std::string_view stamp = std::string_view(*octets).substr(0, kStampOctets);
  if (!SameSecret(Mac(stamp, realm), std::string_view(*octets).substr(kStampOctets))) return {};
  const TimePoint minted{
      std::chrono::microseconds(static_cast<int64_t>(base::ReadBigEndian64(stamp)))};
  constexpr std::chrono::seconds kClocksDiffer(5);
  if (minted > now + kClocksDiffer) return {};
  return {.age = now - minted > valid_ ? Age::kStale : Age::kFresh, .minted = minted};
}

void ReplayGuard::Forget(TimePoint now) {
  while (!order_.empty() && (order_.front().until <= now || order_.size() > capacity_)) {
    if (order_.front().until > now) floor_ = std::max(floor_, order_.front().minted);
    windows_.erase(order_.front().nonce);
    order_.pop_front();
  }
}

bool ReplayGuard::Take(std::string_view nonce, TimePoint minted, uint32_t nc,
                       std::chrono::seconds valid, TimePoint now) {
  const auto [it, is_new] = windows_.try_emplace(std::string(nonce));
  Window& window = it->second;
  if (is_new) {
    if (minted <= floor_) {
      windows_.erase(it);
      return false;
    }
    window = {.highest = nc, .below = 1};
    order_.push_back({.nonce = std::string(nonce), .minted = minted, .until = minted + valid});
    Forget(now);
    return true;
  }
  if (nc > window.highest) {
    const uint32_t step = nc - window.highest;
    window.below = (step < kWindow ? window.below << step : 0) | 1;
    window.highest = nc;
    return true;
  }
  const uint32_t late = window.highest - nc;
  if (late >= kWindow || (window.below >> late & 1) != 0) return false;
  window.below |= uint64_t{1} << late;
  return true;
}

DigestVerdict JudgeCredentials(const Credentials& credentials, const DigestRequest& request,
                               std::string_view ha1, const NonceMint& mint, ReplayGuard& guard,
                               TimePoint now) {
  if (credentials.realm != request.realm) return DigestVerdict::kWrong;
  if (!request.uri.empty() && !SameDigestUri(credentials.uri, request.uri)) {
    return DigestVerdict::kWrong;
  }
  const DigestInput input{.method = request.method,
                          .uri = credentials.uri,
                          .body = request.body,
                          .realm = credentials.realm,
                          .nonce = credentials.nonce,
                          .cnonce = credentials.cnonce,
                          .nc = credentials.nc,
                          .qop = credentials.qop,
                          .algorithm = credentials.algorithm};
  std::string response = credentials.response;
  std::ranges::transform(response, response.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c;
  });
  if (!SameSecret(DigestResponse(input, ha1), response)) return DigestVerdict::kWrong;
  const NonceMint::Judgement nonce = mint.Judge(credentials.nonce, request.realm, now);
  if (nonce.age != NonceMint::Age::kFresh ||
      !guard.Take(credentials.nonce, nonce.minted, credentials.nc, mint.valid(), now)) {
    return DigestVerdict::kStale;
  }
  return DigestVerdict::kGood;
}

}  // namespace drover::sip

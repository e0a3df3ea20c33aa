#include "services/session/adapters/nonce_codec.h"

#include "drover/session/v1/state.pb.h"
#include "libs/base/packed.h"

namespace drover::session {
namespace {

using base::Packer;
using base::Unpacker;

constexpr uint8_t kFormat = 0x07;
constexpr uint8_t kFormatBits = 0x07;
constexpr uint8_t kKnown = 0x08;
constexpr uint8_t kTold = 0x10;
constexpr uint8_t kChallenged = 0x20;
constexpr uint8_t kFailed = 0x40;
constexpr uint8_t kResynchronised = 0x80;

TimePoint FromMicros(int64_t micros) { return TimePoint(std::chrono::microseconds(micros)); }
TimePoint FromMicros(uint64_t micros) { return FromMicros(static_cast<int64_t>(micros)); }
uint64_t ToMicros(TimePoint time) { return static_cast<uint64_t>(time.time_since_epoch().count()); }

uint8_t FlagsOf(const NonceState& nonces) {
  unsigned flags = kFormat;
  if (nonces.known) flags |= kKnown;
  if (nonces.devinfo_digest.size() == kDevInfoDigestOctets) flags |= kTold;
  if (!nonces.challenge_nonce.empty()) flags |= kChallenged;
  if (nonces.failures != 0) flags |= kFailed;
  if (nonces.resync_session != 0) flags |= kResynchronised;
  return static_cast<uint8_t>(flags);
}

NonceState FromProto(std::string_view octets) {
  v1::StoredNonces in;
  NonceState nonces;
  if (!in.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return nonces;
  nonces.client_nonce = in.client_nonce();
  nonces.challenge_nonce = in.challenge_nonce();
  nonces.server_nonce = in.server_nonce();
  nonces.known = in.known();
  nonces.failures = in.failures();
  nonces.failed_at = FromMicros(in.failed_at_us());
  nonces.devinfo_digest = in.devinfo_digest().substr(0, kDevInfoDigestOctets);
  nonces.resync_session = static_cast<uint16_t>(in.resync_session());
  nonces.resync_until = FromMicros(in.resync_until_us());
  return nonces;
}

}  // namespace

std::string EncodeNonces(const NonceState& nonces) {
  const uint8_t flags = FlagsOf(nonces);
  Packer out;
  out.out().push_back(static_cast<char>(flags));
  if ((flags & kKnown) != 0) {
    out.Text(nonces.client_nonce);
    out.Text(nonces.server_nonce);
  }
  if ((flags & kTold) != 0) out.Octets(nonces.devinfo_digest);
  if ((flags & kChallenged) != 0) out.Text(nonces.challenge_nonce);
  if ((flags & kFailed) != 0) {
    out.Number(nonces.failures);
    out.Number(ToMicros(nonces.failed_at));
  }
  if ((flags & kResynchronised) != 0) {
    out.Number(nonces.resync_session);
    out.Number(ToMicros(nonces.resync_until));
  }
  return std::move(out.out());
}

NonceState DecodeNonces(std::string_view octets) {
  if (octets.empty()) return {};
  const auto flags = static_cast<uint8_t>(octets.front());
  if ((flags & kFormatBits) != kFormat) return FromProto(octets);
  Unpacker in(octets.substr(1));
  NonceState nonces;
  nonces.known = (flags & kKnown) != 0;
  if (nonces.known) {
    nonces.client_nonce = in.Text();
    nonces.server_nonce = in.Text();
  }
  if ((flags & kTold) != 0) nonces.devinfo_digest = in.Octets(kDevInfoDigestOctets);
  if ((flags & kChallenged) != 0) nonces.challenge_nonce = in.Text();
  if ((flags & kFailed) != 0) {
    nonces.failures = in.Number32();
    nonces.failed_at = FromMicros(in.Number());
  }
  if ((flags & kResynchronised) != 0) {
    nonces.resync_session = static_cast<uint16_t>(in.Number(UINT16_MAX));
    nonces.resync_until = FromMicros(in.Number());
  }
  if (!in.ok() || !in.at_end()) return {};
  return nonces;
}

}  // namespace drover::session

#include "services/session/adapters/nonce_codec.h"

#include <gtest/gtest.h>

#include "drover/session/v1/state.pb.h"

namespace drover::session {
namespace {

constexpr size_t kInOneAllocation = 44;  // Redis: OBJ_ENCODING_EMBSTR_SIZE_LIMIT

NonceState AtRest() {
  NonceState nonces;
  nonces.known = true;
  nonces.client_nonce = std::string("\0", 1) + std::string(15, 'c');
  nonces.server_nonce = std::string(16, 's');
  nonces.devinfo_digest = "12345678";
  return nonces;
}

TEST(EncodeNonces, OfATerminalAtRestFitIntoOneAllocationOfRedis) {
  const std::string octets = EncodeNonces(AtRest());
  EXPECT_LE(octets.size(), kInOneAllocation);
  const NonceState back = DecodeNonces(octets);
  EXPECT_TRUE(back.known);
  EXPECT_EQ(back.client_nonce, AtRest().client_nonce);
  EXPECT_EQ(back.server_nonce, AtRest().server_nonce);
  EXPECT_EQ(back.devinfo_digest, "12345678");
  EXPECT_EQ(back.failures, 0U);
}

TEST(EncodeNonces, HoldsWhatATerminalInDoubtNeeds) {
  NonceState nonces = AtRest();
  nonces.challenge_nonce = "challenge";
  nonces.failures = 5;
  nonces.failed_at = TimePoint(std::chrono::seconds(1'700'000'000));
  nonces.resync_session = 0xFFFF;
  nonces.resync_until = nonces.failed_at + std::chrono::minutes(10);
  const NonceState back = DecodeNonces(EncodeNonces(nonces));
  EXPECT_EQ(back.challenge_nonce, "challenge");
  EXPECT_EQ(back.failures, 5U);
  EXPECT_EQ(back.failed_at, nonces.failed_at);
  EXPECT_EQ(back.resync_session, 0xFFFF);
  EXPECT_EQ(back.resync_until, nonces.resync_until);
}

TEST(EncodeNonces, LeavesThePreviousNonceToTheSession) {
  NonceState nonces = AtRest();
  nonces.previous_nonce = "the one before";
  EXPECT_EQ(EncodeNonces(nonces), EncodeNonces(AtRest()));
}

TEST(DecodeNonces, TakesDamageForNothing) {
  const std::string octets = EncodeNonces(AtRest());
  for (size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(DecodeNonces(octets.substr(0, size)).known) << size;
  }
  EXPECT_FALSE(DecodeNonces(octets + "x").known);
}

// Else an upgrade would make the nonces of the enrolment hold again.
TEST(DecodeNonces, ReadsWhatVersion01Wrote) {
  v1::StoredNonces old;
  old.set_client_nonce("client");
  old.set_previous_nonce("previous");
  old.set_server_nonce("server");
  old.set_known(true);
  old.set_devinfo_digest("0123456789abcdef");
  const NonceState nonces = DecodeNonces(old.SerializeAsString());
  EXPECT_TRUE(nonces.known);
  EXPECT_EQ(nonces.client_nonce, "client");
  EXPECT_EQ(nonces.server_nonce, "server");
  EXPECT_EQ(nonces.devinfo_digest, "01234567");
  EXPECT_TRUE(nonces.previous_nonce.empty());
  EXPECT_FALSE(v1::StoredNonces().ParseFromString(EncodeNonces(AtRest())))
      << "nor does it take ours for something else";
}

}  // namespace
}  // namespace drover::session

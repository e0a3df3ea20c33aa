#include "libs/dmauth/seal.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::dmauth {
namespace {

const std::string kOld = "1 " + std::string(64, '1');
const std::string kNew = "7 " + std::string(64, 'a');

std::string Counting(size_t n) {
  std::string octets(n, '\0');
  for (size_t i = 0; i < n; ++i) octets[i] = static_cast<char>(i);
  return octets;
}

TEST(SealKeys, OpensWhatItSealed) {
  const SealKeys keys = SealKeys::Parse("# old\n" + kOld + "\n\n" + kNew + " # current\n").value();
  for (const std::string& secret : {std::string(), std::string("srvpw"), std::string(300, '\0')}) {
    const std::string sealed = keys.Seal(secret, "IMEI:1", Counting);
    EXPECT_EQ(sealed.size(), secret.size() + 29);
    EXPECT_EQ(sealed[0], '\7') << "the last key seals";
    EXPECT_EQ(sealed.substr(1, 12), Counting(12));
    EXPECT_EQ(keys.Open(sealed, "IMEI:1").value(), secret);
  }
}

// Test case 14 of the GCM specification (zero key, zero nonce, one zero block): any reader of
// AES-256-GCM can open what is stored.
TEST(SealKeys, SealsAsTheGcmSpecificationDoes) {
  const SealKeys keys = SealKeys::Parse("0 " + std::string(64, '0')).value();
  const std::string sealed =
      keys.Seal(std::string(16, '\0'), "", [](size_t n) { return std::string(n, '\0'); });
  EXPECT_EQ(base::Hex(sealed.substr(13)),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(SealKeys, OpensWithAnOlderKeyAfterRotation) {
  const std::string sealed = SealKeys::Parse(kOld).value().Seal("s", "d", Counting);
  EXPECT_EQ(SealKeys::Parse(kOld + "\n" + kNew).value().Open(sealed, "d").value(), "s");
  const Result<std::string> without = SealKeys::Parse(kNew).value().Open(sealed, "d");
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, Code::kFailedPrecondition);
}

TEST(SealKeys, KnowWhatIsSealedWithTheKeyThatSeals) {
  const SealKeys keys = SealKeys::Parse(kOld + "\n" + kNew).value();
  EXPECT_EQ(keys.current(), 7);
  EXPECT_EQ(keys.count(), 2U);
  EXPECT_TRUE(keys.IsCurrent(keys.Seal("s", "d", Counting)));
  EXPECT_FALSE(keys.IsCurrent(SealKeys::Parse(kOld).value().Seal("s", "d", Counting)));
  EXPECT_FALSE(keys.IsCurrent(""));
}

TEST(SealKeys, RefusesDamageAndAnotherContext) {
  const SealKeys keys = SealKeys::Parse(kOld).value();
  const std::string sealed = keys.Seal("secret", "IMEI:1", Counting);
  EXPECT_EQ(keys.Open(sealed, "IMEI:2").error().code, Code::kInvalidArgument);
  for (size_t i = 1; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_EQ(keys.Open(damaged, "IMEI:1").error().code, Code::kInvalidArgument) << i;
  }
  for (size_t n = 0; n < sealed.size(); ++n) {
    EXPECT_FALSE(keys.Open(sealed.substr(0, n), "IMEI:1")) << n;
  }
}

TEST(SealKeys, NamesTheBadLineAndNeverTheKey) {
  const std::string digits(64, 'c');
  for (const std::string& bad :
       {std::string("1"), "256 " + digits, "x " + digits, "1 " + digits + "cc", "1 zz" + digits}) {
    const Result<SealKeys> keys = SealKeys::Parse(kNew + "\n" + bad + "\n");
    ASSERT_FALSE(keys) << bad;
    EXPECT_EQ(keys.error().message.find("line 2"), 0u) << keys.error().message;
    EXPECT_EQ(keys.error().message.find("cccc"), std::string::npos);
  }
  EXPECT_FALSE(SealKeys::Parse(kOld + "\n" + kOld));
  EXPECT_FALSE(SealKeys::Parse(""));
  EXPECT_FALSE(SealKeys::Parse("# nothing\n"));
}

}  // namespace
}  // namespace drover::dmauth

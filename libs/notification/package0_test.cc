#include "libs/notification/package0.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/dmauth/credentials.h"

namespace drover::notification {
namespace {

const std::string kServer = "com.mgmtsrv.manage";
const std::string kA1 = dmauth::A1(kServer, "srvpw");

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

struct Vector {
  const char* name;
  UiMode ui_mode;
  Initiator initiator;
  uint16_t session_id;
  std::string vendor, nonce, trigger_hex, digest_hex;
};
const std::string kNonce = Octets("ffeeddccbbaa99887766554433221100");
const std::string kIdHex = "636f6d2e6d676d747372762e6d616e616765";
const Vector kVectors[] = {
    {"background, by the user", UiMode::kBackground, Initiator::kClient, 0x1234, "", kNonce,
     "02d0000000123412" + kIdHex, "496b1619557be9616812a8df173495b6"},
    {"ask first, by the server", UiMode::kUserInteraction, Initiator::kServer, 0x1234, "", kNonce,
     "02f8000000123412" + kIdHex, "73d2401362df8de8803533202355b92e"},
    {"resynchronisation, octets", UiMode::kBackground, Initiator::kServer, 0x00A7, "",
     std::string(kResyncNonce), "02d800000000a712" + kIdHex, "426fb64663439e3339941cd57418647d"},
    {"resynchronisation, text", UiMode::kBackground, Initiator::kServer, 0x00A7, "",
     std::string(kResyncNonceText), "02d800000000a712" + kIdHex,
     "1bfca86535340cfaadab7500991a6acc"},
    {"vendor-specific octets", UiMode::kBackground, Initiator::kServer, 0x00A7, "\x01\x02", kNonce,
     "02d800000000a712" + kIdHex + "0102", "835f10117b6fe5d1784c036b0af3b7be"},
};

TEST(Package0, IsThatOfTheVectorsBothWays) {
  for (const Vector& v : kVectors) {
    SCOPED_TRACE(v.name);
    const Result<std::string> message = EncodePackage0({.ui_mode = v.ui_mode,
                                                        .initiator = v.initiator,
                                                        .session_id = v.session_id,
                                                        .server_id = kServer,
                                                        .vendor = v.vendor},
                                                       kA1, v.nonce);
    ASSERT_TRUE(message) << message.error();
    EXPECT_EQ(base::Hex(*message), v.digest_hex + v.trigger_hex);

    const Result<Package0> package = DecodePackage0(*message);
    ASSERT_TRUE(package) << package.error();
    EXPECT_EQ(package->trigger.ui_mode, v.ui_mode);
    EXPECT_EQ(package->trigger.initiator, v.initiator);
    EXPECT_EQ(package->trigger.session_id, v.session_id);
    EXPECT_EQ(package->trigger.server_id, kServer);
    EXPECT_EQ(package->trigger.vendor, v.vendor);
    EXPECT_TRUE(Verify(*package, kA1, v.nonce));
    EXPECT_FALSE(Verify(*package, kA1, v.nonce + "x"));
    EXPECT_FALSE(Verify(*package, dmauth::A1(kServer, "other"), v.nonce));
  }
}

TEST(EncodeTrigger, PacksModeAndInitiatorIntoTheSecondOctet) {
  const std::pair<Trigger, const char*> rows[] = {
      {{.ui_mode = UiMode::kNotSpecified, .initiator = Initiator::kClient}, "02c0000000"},
      {{.ui_mode = UiMode::kNotSpecified, .initiator = Initiator::kServer}, "02c8000000"},
      {{.ui_mode = UiMode::kBackground, .initiator = Initiator::kClient}, "02d0000000"},
      {{.ui_mode = UiMode::kBackground, .initiator = Initiator::kServer}, "02d8000000"},
      {{.ui_mode = UiMode::kInformative, .initiator = Initiator::kClient}, "02e0000000"},
      {{.ui_mode = UiMode::kInformative, .initiator = Initiator::kServer}, "02e8000000"},
      {{.ui_mode = UiMode::kUserInteraction, .initiator = Initiator::kClient}, "02f0000000"},
      {{.ui_mode = UiMode::kUserInteraction, .initiator = Initiator::kServer}, "02f8000000"},
  };
  for (auto [trigger, head] : rows) {
    trigger.session_id = 0x0102;
    trigger.server_id = "srv";
    EXPECT_EQ(base::Hex(EncodeTrigger(trigger).value()), std::string(head) + "010203737276");
  }
}

TEST(EncodeTrigger, KeepsToTheRangesOfItsFields) {
  const Trigger good{.session_id = 1, .server_id = "s"};
  const std::string longest(255, 's');
  const std::string too_long(256, 's');
  EXPECT_TRUE(EncodeTrigger(good));
  Trigger t = good;
  t.server_id = longest;
  t.session_id = 0xFFFF;
  t.future_use = (1 << 27) - 1;
  t.version = 1023;
  const std::string octets = EncodeTrigger(t).value();
  EXPECT_EQ(octets.size(), 8u + 255u);
  const Trigger back = DecodeTrigger(octets, /*any_version=*/true).value();
  EXPECT_EQ(back.future_use, t.future_use);
  EXPECT_EQ(back.version, 1023);
  EXPECT_EQ(back.session_id, 0xFFFF);

  const auto refused = [&](auto change) {
    Trigger bad = good;
    change(bad);
    return !EncodeTrigger(bad);
  };
  EXPECT_TRUE(refused([](Trigger& b) { b.session_id = 0; }));
  EXPECT_TRUE(refused([](Trigger& b) { b.server_id = ""; }));
  EXPECT_TRUE(refused([&](Trigger& b) { b.server_id = too_long; }));
  EXPECT_TRUE(refused([](Trigger& b) { b.server_id = std::string_view("a\0b", 3); }));
  EXPECT_TRUE(refused([](Trigger& b) { b.version = 1024; }));
  EXPECT_TRUE(refused([](Trigger& b) { b.future_use = 1 << 27; }));
}

TEST(DecodePackage0, RefusesEveryTruncation) {
  const std::string message =
      EncodePackage0({.session_id = 1, .server_id = kServer}, kA1, kNonce).value();
  for (size_t n = 0; n < message.size(); ++n) {
    EXPECT_FALSE(DecodePackage0(message.substr(0, n))) << n;
  }
  EXPECT_TRUE(DecodePackage0(message));
}

TEST(DecodeTrigger, RefusesWhatTheSpecificationRulesOut) {
  for (const char* hex : {"0280000000000101"
                          "73",  // version 10
                          "02c8000000000001"
                          "73",                // sessionid 0
                          "02c8000000000100",  // no server-identifier
                          "02c8000000000101"
                          "00"}) {  // a NUL
    EXPECT_FALSE(DecodeTrigger(Octets(hex))) << hex;
  }
  EXPECT_TRUE(DecodeTrigger(Octets("028000000000010173"), /*any_version=*/true));
  EXPECT_TRUE(DecodeTrigger(Octets("02cfffffff00010173"))) << "future-use is ignored";
}

}  // namespace
}  // namespace drover::notification

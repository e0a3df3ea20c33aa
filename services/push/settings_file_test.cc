#include "services/push/settings_file.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::push {
namespace {

using ::testing::HasSubstr;

class SettingsTest : public ::testing::Test {
 protected:
  // A folder for each test: they run beside each other.
  SettingsTest()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                (std::string("push_settings_") +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "home.password") << "secret\n";
  }
  Result<Settings> Read(const std::string& yaml) const { return ReadSettings(yaml, folder_); }
  std::string Refused(const std::string& yaml) const {
    const Result<Settings> settings = Read(yaml);
    return settings ? "accepted" : settings.error().message;
  }

  std::filesystem::path folder_;
};

constexpr char kLeast[] =
    "smscs:\n"
    "  - {name: home, host: smsc.example, system_id: drover, source: \"10654040\"}\n";

TEST_F(SettingsTest, HasADefaultForAllButWhoAndWhere) {
  const Result<Settings> settings = Read(kLeast);
  ASSERT_TRUE(settings) << settings.error();
  ASSERT_EQ(settings->smscs.size(), 1U);
  const Smsc& smsc = settings->smscs[0];
  EXPECT_EQ(smsc.rules.name, "home");
  EXPECT_EQ(smsc.rules.gate, dispatch::Gate::kAccept);
  EXPECT_EQ(smsc.link.port, 2775);
  EXPECT_EQ(smsc.link.mode, smpp::BindMode::kTransceiver);
  EXPECT_EQ(smsc.data_coding, 0xF5);
  EXPECT_EQ(settings->ref_bits, 16);
  EXPECT_EQ(settings->most_segments, 8);
  ASSERT_EQ(settings->schedule.smscs.size(), 1U);
  EXPECT_EQ(settings->schedule.smscs[0].name, "home");
}

TEST_F(SettingsTest, ReadsEveryKindOfKey) {
  const Result<Settings> settings = Read(R"(
smscs:
  - name: home
    host: smsc.example
    port: 3550
    tls: true
    bind_mode: tx_rx
    version: "5.0"
    system_id: drover
    password_file: home.password
    binds: 4
    window: 50
    tps: 200
    enquire: 20s
    gate: transaction
    segmentation: payload
    tlvs: {0x1403: "hex:0a0b", 5123: "text:abc", 0x1404: "u16:0x102"}
    alert: dpf
    source: Drover
    source_ton: 5
    data_coding: 0x04
    validity: absolute
    prefixes: ["86138", "86139"]
    id_map: hex_resp_dec_dlr
    statuses: "0x45=temporary"
schedule:
  mode: naive
  tps: 500
  notification: 2m
  backoff: [5s, 1m]
  ref_bits: 8
  max_segments: 4
notification: {ui_mode: interaction, initiator: client, version: "1.2"}
registration:
  country_code: "86"
  dedup_window: 5m
  confirm_rate: 20
  profiles:
    - name: cmcc
      confirm: {enabled: false}
    - name: own
      match: {dest_addr: ["1234", "5678"], dest_port: 16998}
      grammar: slash5
)");
  ASSERT_TRUE(settings) << settings.error();
  const Smsc& smsc = settings->smscs[0];
  EXPECT_TRUE(smsc.link.tls);
  EXPECT_EQ(smsc.link.mode, smpp::BindMode::kTransmitter);
  EXPECT_EQ(smsc.link.version, smpp::kVersion50);
  EXPECT_EQ(smsc.link.password, "secret");
  EXPECT_EQ(smsc.link.window, 50U);
  EXPECT_EQ(smsc.link.enquire, std::chrono::seconds(20));
  EXPECT_EQ(smsc.rules.gate, dispatch::Gate::kTransaction);
  EXPECT_EQ(smsc.rules.alert, dispatch::AlertMode::kDeliveryPendingFlag);
  EXPECT_EQ(smsc.rules.segments_per_second, 200);
  EXPECT_TRUE(smsc.rules.whole_push);
  EXPECT_EQ(base::Hex(smsc.tlvs),
            "140300020a0b"
            "1403000461626300"
            "140400020102");
  EXPECT_EQ(smsc.data_coding, 4);
  EXPECT_EQ(smsc.validity, Validity::kAbsolute);
  EXPECT_EQ(smsc.prefixes.size(), 2U);
  EXPECT_EQ(smsc.id_map, smpp::IdMap::kHexRespDecDlr);
  EXPECT_EQ(smsc.statuses.Of(smpp::CommandStatus::kRsubmitFail).status_class,
            smpp::StatusClass::kTemporary);
  EXPECT_EQ(settings->schedule.mode, dispatch::Mode::kNaive);
  EXPECT_EQ(settings->schedule.segments_per_second, 500);
  EXPECT_EQ(settings->schedule.t_group_notification, std::chrono::minutes(2));
  EXPECT_EQ(settings->notification.ui_mode, notification::UiMode::kUserInteraction);
  EXPECT_EQ(settings->notification.initiator, notification::Initiator::kClient);
  EXPECT_EQ(settings->notification.version, 12);
  EXPECT_EQ(settings->schedule.backoff.size(), 2U);
  EXPECT_EQ(settings->ref_bits, 8);
  ASSERT_EQ(settings->registration.profiles.size(), 2U);
  EXPECT_FALSE(settings->registration.profiles[0].confirm.enabled);
  EXPECT_EQ(settings->registration.profiles[1].match.destinations.size(), 2U);
  EXPECT_EQ(settings->registration.profiles[1].grammar, registration::Grammar::kSlash5);
}

TEST_F(SettingsTest, NamesTheLineAndWhatIsWrong) {
  const std::string smsc = kLeast;
  EXPECT_THAT(Refused("smscs: []"), HasSubstr("at least one"));
  EXPECT_THAT(Refused(smsc + "colour: red\n"), HasSubstr("line 3: unknown key \"colour\""));
  EXPECT_THAT(Refused("smscs:\n  - {name: a, host: h, system_id: s, source: x, window: 0}\n"),
              HasSubstr("line 2: window: expected a number from 1"));
  EXPECT_THAT(Refused("smscs:\n  - {name: a, host: h, system_id: s, source: x, gate: wide}\n"),
              HasSubstr("expected one of accept, burst, receipt, transaction"));
  EXPECT_THAT(Refused("smscs:\n  - {name: a, system_id: s, source: x}\n"), HasSubstr("no host"));
  EXPECT_THAT(Refused("smscs:\n  - {name: a, host: h, system_id: s, source: x, "
                      "password_file: none.password}\n"),
              HasSubstr("cannot read the file"));
  EXPECT_THAT(Refused(smsc + "schedule: {notification: soon}\n"), HasSubstr("expected a time"));
  EXPECT_THAT(Refused(smsc + "registration: {profiles: [{name: x, grammar: latin}]}\n"),
              HasSubstr("grammar"));
  EXPECT_THAT(Refused("smscs: [\n"), HasSubstr("line"));
  EXPECT_THAT(Refused("smscs:\n  - {name: a, name: b, host: h, system_id: s, source: x}\n"),
              HasSubstr("twice"));
}

TEST_F(SettingsTest, SaysWhatIsWrongWithTlvs) {
  const auto tlvs = [this](const std::string& written) {
    return Refused("smscs:\n  - {name: a, host: h, system_id: s, source: x, tlvs: " + written +
                   "}\n");
  };
  EXPECT_THAT(tlvs("[1]"), HasSubstr("line 2: tlvs: expected {"));
  EXPECT_THAT(tlvs("{vendor: \"hex:00\"}"), HasSubstr("expected a number up to 65535"));
  EXPECT_THAT(tlvs("{0x10000: \"hex:00\"}"), HasSubstr("65535"));
  EXPECT_THAT(tlvs("{0x0426: \"u8:1\"}"), HasSubstr("more_messages_to_send"));
  EXPECT_THAT(tlvs("{0x1400: \"hex:0\"}"), HasSubstr("0x1400: "));
  EXPECT_THAT(tlvs("{0x1400: \"u8:256\"}"), HasSubstr("up to 255"));
  EXPECT_THAT(tlvs("{0x1400: \"u8:\"}"), HasSubstr("up to 255"));
  EXPECT_THAT(tlvs("{0x1400: abc}"), HasSubstr("expected hex:"));
}

TEST_F(SettingsTest, ReferencesInATlvHaveSixteenBits) {
  const std::string smsc =
      "smscs:\n  - {name: a, host: h, system_id: s, source: x, segmentation: sar}\n";
  EXPECT_TRUE(Read(smsc));
  EXPECT_THAT(Refused(smsc + "schedule: {ref_bits: 8}\n"), HasSubstr("needs ref_bits 16"));
}

TEST_F(SettingsTest, ReadsPushInitiators) {
  const Result<Settings> settings = Read(std::string(kLeast) + R"(
accounts:
  - name: shop
    password_file: home.password
    prefixes: ["86138", "86139"]
    rate: 50
    max_priority: medium
    notify_hosts: [shop.example]
  - {name: bank, certificate_name: bank.example}
pap: {lenient_address: false, max_addresses: 10, networks: [GSM, PHS]}
)");
  ASSERT_TRUE(settings) << settings.error();
  ASSERT_EQ(settings->accounts.size(), 2U);
  const Account& shop = settings->accounts[0];
  EXPECT_EQ(shop.password, "secret");
  EXPECT_EQ(shop.prefixes.size(), 2U);
  EXPECT_EQ(shop.rate, 50);
  EXPECT_EQ(shop.max_priority, dispatch::Priority::kMedium);
  EXPECT_EQ(settings->accounts[1].certificate_name, "bank.example");
  EXPECT_EQ(settings->gateway.max_addresses, 10U);
  EXPECT_FALSE(settings->gateway.lenient_address);
}

TEST_F(SettingsTest, SaysWhatIsWrongWithAnAccount) {
  const std::string accounts = std::string(kLeast) + "accounts:\n";
  EXPECT_THAT(Refused(accounts + "  - {name: shop}\n"), HasSubstr("password_file"));
  EXPECT_THAT(Refused(accounts + "  - {password_file: home.password}\n"), HasSubstr("name"));
  EXPECT_THAT(Refused(accounts + "  - {name: grpc, certificate_name: c}\n"), HasSubstr("grpc"));
  EXPECT_THAT(Refused(accounts + "  - {name: a, certificate_name: c}\n" +
                      "  - {name: b, certificate_name: c}\n"),
              HasSubstr("twice"));
}

}  // namespace
}  // namespace drover::push

#include "libs/registration/profile.h"

#include <gtest/gtest.h>

#include "libs/registration/profile_settings.h"

namespace drover::registration {
namespace {

std::string SelectedName(std::string_view destination, std::optional<uint16_t> port,
                         std::string_view octets) {
  const MobileOriginated mo{
      .destination = {std::string(destination)}, .destination_port = port, .octets = octets};
  const Profile* const profile = Select(BuiltInProfiles(), mo);
  return profile == nullptr ? "" : profile->name;
}

TEST(Select, GoesByAddressAndPort) {
  const std::string_view text = "IMEI:1/A/B/C";
  EXPECT_EQ(SelectedName("10654040", 16998, text), "cmcc");
  EXPECT_EQ(SelectedName("+10654040", 16998, text), "cmcc");
  EXPECT_EQ(SelectedName("1065840409", 16998, "hello"), "cmcc");
  EXPECT_EQ(SelectedName("10655459", 26680, text), "cu");
  EXPECT_EQ(SelectedName("10655464", 26680, text), "cu");
  EXPECT_EQ(SelectedName("10659401", std::nullopt, "?"), "ct");
  EXPECT_EQ(SelectedName("10659401", 9, "?"), "ct") << "with a port or without";
}

TEST(Select, GenericTakesWhatBeginsAsARegistration) {
  EXPECT_EQ(SelectedName("10654040", std::nullopt, "IMEI:1/A/B/C"), "generic");
  EXPECT_EQ(SelectedName("4911", 1, "\x02\x03\x05\x01<a1>"), "generic");
  EXPECT_EQ(SelectedName("4911", 1, "hello"), "");
  EXPECT_EQ(SelectedName("10655459", 16998, "hello"), "");
}

TEST(ParseProfile, ChangesABuiltInOneKeyByKey) {
  const std::vector<Setting> settings{{"match.dest_addr", "1000, +2000"},
                                      {"match.dest-port", "none"},
                                      {"luhn", "reject"},
                                      {"crc", "ignore"},
                                      {"plmn_prefixes", "26201,26202"},
                                      {"confirm.template.ok", "{imei} {imsi}"},
                                      {"confirm.template.fail", ""},
                                      {"confirm.imei_echo", "digits"},
                                      {"confirm.source", "3000"},
                                      {"confirm.ports", "8000"},
                                      {"confirm.data_coding", "246"},
                                      {"confirm.validity", "60"},
                                      {"confirm.when", "receipt"},
                                      {"confirm.teleservice", "4098"},
                                      {"confirm.enabled", "false"},
                                      {"grammar", "any"},
                                      {"match.by_content", "true"}};
  const Result<Profile> profile = ParseProfile("cmcc", settings);
  ASSERT_TRUE(profile) << profile.error();
  EXPECT_EQ(profile->match.destinations, (std::vector<std::string>{"1000", "+2000"}));
  EXPECT_EQ(profile->match.port, std::nullopt);
  EXPECT_TRUE(profile->match.by_content);
  EXPECT_EQ(profile->grammar, Grammar::kAny);
  EXPECT_EQ(profile->luhn, Check::kReject);
  EXPECT_EQ(profile->crc, Check::kIgnore);
  EXPECT_EQ(profile->plmn_prefixes, (std::vector<std::string>{"26201", "26202"}));
  const Confirm& confirm = profile->confirm;
  EXPECT_FALSE(confirm.enabled);
  EXPECT_EQ(confirm.template_ok, "{imei} {imsi}");
  EXPECT_EQ(confirm.template_fail, "");
  EXPECT_EQ(confirm.imei_echo, Confirm::Echo::kDigits);
  EXPECT_EQ(confirm.source, "3000");
  EXPECT_EQ(confirm.ports, Confirm::Ports::kFixed);
  EXPECT_EQ(confirm.fixed_port, 8000);
  EXPECT_EQ(confirm.data_coding, 246);
  EXPECT_EQ(confirm.validity, std::chrono::seconds(60));
  EXPECT_EQ(confirm.when, Confirm::When::kOnReceipt);
  EXPECT_EQ(confirm.teleservice, 4098);
}

TEST(ParseProfile, BeginsWithTheBaseItNames) {
  const Result<Profile> profile =
      ParseProfile("lab", std::vector<Setting>{{"base", "cu"}, {"match.dest_addr", "77"}});
  ASSERT_TRUE(profile) << profile.error();
  EXPECT_EQ(profile->name, "lab");
  EXPECT_EQ(profile->grammar, Grammar::kSlash5);
  EXPECT_EQ(profile->match.port, 26680);
}

TEST(ParseProfile, SaysWhatIsWrong) {
  const auto error = [](std::string_view key, std::string_view value) {
    const std::vector<Setting> settings{{std::string(key), std::string(value)}};
    const Result<Profile> profile = ParseProfile("cmcc", settings);
    return profile ? std::string() : profile.error().message;
  };
  EXPECT_EQ(error("grammer", "slash4"), "registration profile cmcc: grammer: there is no such key");
  EXPECT_EQ(error("grammar", "slash6"),
            "registration profile cmcc: grammar: \"slash6\": expected one of slash4, slash5, "
            "ctframe, any");
  EXPECT_EQ(error("match.dest_port", "70000"),
            "registration profile cmcc: match.dest_port: \"70000\": expected \"none\" or a number "
            "from 1 to 65535");
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"base", "cmc"},
           {"match.dest_addr", "10654040,x"},
           {"match.by_content", "yes"},
           {"plmn_prefixes", "46"},
           {"confirm.template.ok", "{imei}{imei}"},
           {"confirm.template.ok", "{model}"},
           {"confirm.template.ok", std::string(65, 'x')},
           {"confirm.source", "abc"},
           {"confirm.ports", "all"},
           {"confirm.data_coding", "256"},
           {"confirm.validity", "-1"},
           {"confirm.when", "later"}}) {
    EXPECT_NE(error(key, value), "") << key << " " << value;
  }
}

TEST(ParseProfile, MayNotTakeEveryMessage) {
  EXPECT_FALSE(ParseProfile("mine", {}));
  EXPECT_FALSE(ParseProfile("generic", std::vector<Setting>{{"match.by_content", "false"}}));
  EXPECT_FALSE(ParseProfile("", {}));
  EXPECT_TRUE(ParseProfile("generic", {}));
}

}  // namespace
}  // namespace drover::registration

#include "services/sip/settings_file.h"

#include <fstream>

#include <gtest/gtest.h>

namespace drover::gateways {
namespace {

FileSettings Read(const std::string& yaml) {
  Result<FileSettings> settings = ReadSettings(yaml);
  EXPECT_TRUE(settings) << settings.error();
  return settings ? *std::move(settings) : FileSettings();
}
void Refuses(const std::string& yaml, const std::vector<std::string>& names) {
  const Result<FileSettings> settings = ReadSettings(yaml);
  ASSERT_FALSE(settings) << yaml;
  EXPECT_EQ(settings.error().code, Code::kInvalidArgument);
  for (const std::string& name : names) {
    EXPECT_NE(settings.error().message.find(name), std::string::npos) << settings.error().message;
  }
}

TEST(SettingsFile, NothingIsTheBuiltInProfiles) {
  for (const char* nothing : {"", "# a comment\n", "{}"}) {
    EXPECT_EQ(Read(nothing).profiles.size(), gateway::BuiltInProfiles().size()) << nothing;
    EXPECT_TRUE(Read(nothing).busy.empty());
  }
  EXPECT_EQ(LoadSettings("")->profiles.size(), gateway::BuiltInProfiles().size());
}

TEST(SettingsFile, AProfileIsMadeOfItsBaseAndWhatIsSet) {
  const FileSettings settings = Read(R"(
profiles:
  acme-box:
    base: yealink
    match: {model: [acme, "box 7"], user_agent: [ACME]}
    events: ["check-sync;reboot=false", resync]
    trigger: {policy: after_n, n: 3, t_result_s: 60}
    voice_safe: false
)");
  EXPECT_EQ(settings.profiles.size(), gateway::BuiltInProfiles().size() + 1);
  const gateway::Profile* profile = gateway::FindProfile(settings.profiles, "acme-box");
  ASSERT_NE(profile, nullptr);
  EXPECT_EQ(profile->models, (std::vector<std::string>{"acme", "box 7"}));
  EXPECT_EQ(profile->user_agents, (std::vector<std::string>{"ACME"}));
  ASSERT_EQ(profile->events.size(), 2U);
  EXPECT_EQ(gateway::EventHeader(profile->events[0]), "check-sync;reboot=false");
  EXPECT_EQ(profile->rules.events, 2);
  EXPECT_EQ(profile->rules.policy, gateway::Policy::kAfterN);
  EXPECT_EQ(profile->rules.n, 3U);
  EXPECT_EQ(profile->rules.t_result, std::chrono::seconds(60));
  EXPECT_FALSE(profile->voice_safe);
  EXPECT_EQ(&gateway::Select(settings.profiles, {"", "Acme", "Box 7"}), profile);
}

TEST(SettingsFile, AListOfMapsIsNumberedFromOne) {
  const FileSettings settings = Read(R"(
profiles:
  two:
    events: [resync, check-sync]
    events.2.reboots: true
)");
  const gateway::Profile& profile = *gateway::FindProfile(settings.profiles, "two");
  EXPECT_FALSE(profile.events[0].reboots);
  EXPECT_TRUE(profile.events[1].reboots);
}

TEST(SettingsFile, AProfileMayReplaceABuiltInAndBuildOnOneBeforeIt) {
  const FileSettings settings = Read(R"(
profiles:
  snom: {notify: {expires: 7}}
  mine: {base: snom, match: {model: mine}}
)");
  EXPECT_EQ(settings.profiles.size(), gateway::BuiltInProfiles().size() + 1);
  EXPECT_EQ(gateway::FindProfile(settings.profiles, "snom")->notify_expires.count(), 7);
  EXPECT_EQ(gateway::FindProfile(settings.profiles, "mine")->notify_expires.count(), 7);
}

TEST(SettingsFile, BusyHoursHaveTimesAndARate) {
  const FileSettings settings = Read(R"(
busy_hours:
  - {from: "18:30", to: "23:00", rate: 50}
  - {from: "0:00", to: "6:05", rate: 0}
)");
  ASSERT_EQ(settings.busy.size(), 2U);
  EXPECT_EQ(settings.busy[0].from_minute, 18 * 60 + 30);
  EXPECT_EQ(settings.busy[0].to_minute, 23 * 60);
  EXPECT_EQ(settings.busy[0].per_second, 50);
  EXPECT_EQ(settings.busy[1].from_minute, 0);
  EXPECT_EQ(settings.busy[1].to_minute, 365);
  EXPECT_EQ(settings.busy[1].per_second, 0);
}

TEST(SettingsFile, MistakesNameTheKey) {
  Refuses("profile: {}", {"profile", "profiles"});
  Refuses("profiles: [a]", {"profiles"});
  Refuses("busy_hours: {from: 1}", {"busy_hours"});
  Refuses("just text", {"profiles"});
  Refuses("profiles: {a: {triger: {n: 3}}}", {"profile a", "triger.n"});
  Refuses("profiles: {a: {trigger: {n: many}}}", {"profile a", "trigger.n", "many"});
  Refuses("profiles: {a: {trigger: {policy: never}}}", {"trigger.policy", "after_n"});
  Refuses("profiles: {a: {base: unheard-of}}", {"base", "unheard-of"});
  Refuses("profiles: {a: {events: []}}", {"profile a", "events"});
  Refuses("busy_hours: [{from: '25:00', to: '1:00', rate: 1}]", {"busy_hours", "25:00"});
  Refuses("busy_hours: [{from: '5pm', to: '1:00', rate: 1}]", {"busy_hours", "5pm"});
  Refuses("busy_hours: [{from: '5:00', to: '6:00', rate: -1}]", {"busy_hours", "rate"});
  Refuses("busy_hours: [{from: '5:00', to: '6:00', rate: .nan}]", {"busy_hours", "rate"});
  Refuses("busy_hours: [{from: '5:00', to: '6:00', rate: lots}]", {"busy_hours", "rate"});
  Refuses("busy_hours: [{from: '5:00', to: '6:00', rate: 1, until: x}]", {"busy_hours", "until"});
  Refuses("busy_hours: [{from: '5:00', rate: 5}]", {"busy_hours", "to"});
  Refuses("busy_hours: [7]", {"busy_hours"});
  Refuses("profiles: {a: {match: ", {});
}

TEST(SettingsFile, AFileThatIsNotThereIsNamed) {
  const Result<FileSettings> missing = LoadSettings("/nowhere/profiles.yaml");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("/nowhere/profiles.yaml"), std::string::npos);
  const std::string path = ::testing::TempDir() + "sip_settings.yaml";
  std::ofstream(path) << "unheard: of\n";
  const Result<FileSettings> wrong = LoadSettings(path);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find(path), std::string::npos);
  EXPECT_NE(wrong.error().message.find("unheard"), std::string::npos);
}

}  // namespace
}  // namespace drover::gateways

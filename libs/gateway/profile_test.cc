#include "libs/gateway/profile.h"

#include <gtest/gtest.h>

#include "libs/gateway/profile_settings.h"

namespace drover::gateway {
namespace {

using std::chrono::seconds;

std::string NameFor(const Identity& identity) { return Select(BuiltInProfiles(), identity).name; }

TEST(Profiles, AreChosenByModelThenByUserAgentElseTheDefault) {
  EXPECT_EQ(NameFor({.user_agent = "Linksys/SPA942-6.1.5(a)"}), "sipura");
  EXPECT_EQ(NameFor({.user_agent = "Cisco-CP-8841-3PCC/11.0"}), "sipura");
  EXPECT_EQ(NameFor({.user_agent = "Cisco-CP7965G/9.4.2"}), "cisco-enterprise");
  EXPECT_EQ(NameFor({.user_agent = "snomD785/10.1"}), "snom");
  EXPECT_EQ(NameFor({.vendor = "Yealink", .model = "T46S"}), "yealink");
  EXPECT_EQ(NameFor({.user_agent = "snom", .vendor = "GIGASET", .model = "N510"}), "gigaset");
  EXPECT_EQ(NameFor({.user_agent = "OBIHAI/OBi202"}), "obihai");
  EXPECT_EQ(NameFor({.vendor = "ZTE", .model = "H260"}), "default");
  EXPECT_EQ(NameFor({}), "default");
}

TEST(Profiles, EachHasEventsAndTheDefaultTriesResyncAndThenCheckSync) {
  for (const Profile& profile : BuiltInProfiles()) {
    EXPECT_FALSE(profile.events.empty()) << profile.name;
    EXPECT_EQ(profile.rules.events, profile.events.size()) << profile.name;
  }
  const Profile& other = BuiltInProfiles().back();
  ASSERT_EQ(other.events.size(), 2u);
  EXPECT_EQ(EventHeader(other.events[0]), "resync");
  EXPECT_EQ(EventHeader(other.events[1]), "check-sync;reboot=false");
}

TEST(Profiles, AllowEventsIsComparedByTypeOctetByOctet) {
  const Profile& other = BuiltInProfiles().back();
  EXPECT_EQ(AllowedEvents(other, "check-sync"), 2);
  EXPECT_EQ(AllowedEvents(other, "message-summary, resync ,check-sync"), 3);
  EXPECT_EQ(AllowedEvents(other, "Resync, resync2"), 0);
  EXPECT_EQ(AllowedEvents(other, ""), 0);
}

TEST(Profiles, ParametersAreNoPartOfTheType) {
  EXPECT_EQ(EventType("resync;id=1"), "resync");
  EXPECT_EQ(EventType(" resync "), "resync");
  EXPECT_EQ(EventType("resync2"), "resync2");
}

TEST(Profiles, SettingsChangeWhatIsBuiltIn) {
  const Setting kSettings[] = {{"trigger.policy", "after-n"},
                               {"trigger.n", "3"},
                               {"cseq-mode", ""},
                               {"results", "registration"},
                               {"notify.expires", "60"},
                               {"fileserver.agreed", "true"},
                               {"response.mode", "prepared"},
                               {"xml.emit-head-slip", "yes"},
                               {"events", "resync,check-sync"},
                               {"events.2.reboots", "true"}};
  std::vector<Setting> settings(std::begin(kSettings), std::end(kSettings));
  auto profile = ParseProfile("snom", settings);
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().message, "gateway profile snom: there is no setting cseq-mode");
  settings.erase(settings.begin() + 2);
  profile = ParseProfile("snom", settings);
  ASSERT_TRUE(profile) << profile.error();
  EXPECT_EQ(profile->rules.policy, Policy::kAfterN);
  EXPECT_EQ(profile->rules.n, 3u);
  EXPECT_EQ(profile->rules.results, Results::kRegistration);
  EXPECT_EQ(profile->rules.events, 2);
  EXPECT_EQ(profile->notify_expires, seconds(60));
  EXPECT_EQ(profile->response_mode, ResponseMode::kPrepared);
  EXPECT_TRUE(profile->fileserver_agreed);
  EXPECT_TRUE(profile->emit_head_slip);
  EXPECT_TRUE(profile->events[1].reboots);
  EXPECT_EQ(profile->user_agents, (std::vector<std::string>{"snom"}));
}

TEST(Profiles, ANewOneIsLookedAtBeforeTheBuiltInOnes) {
  std::vector<Profile> profiles = BuiltInProfiles();
  const Setting kSettings[] = {
      {"base", "snom"}, {"match.model", "H260, H261"}, {"match.user_agent", "snom"}};
  const auto profile = ParseProfile("h260", kSettings);
  ASSERT_TRUE(profile) << profile.error();
  AddProfile(*profile, profiles);
  EXPECT_EQ(Select(profiles, {.vendor = "ZTE", .model = "H260"}).name, "h260");
  EXPECT_EQ(Select(profiles, {.user_agent = "snom"}).name, "h260");
  EXPECT_TRUE(profile->events[0].challenge_expected);
  AddProfile(*profile, profiles);
  EXPECT_EQ(profiles.size(), BuiltInProfiles().size() + 1);
}

TEST(Profiles, ASettingThatIsWrongIsNamedWithWhatItMayBe) {
  const struct {
    Setting setting;
    const char* why;
  } kCases[] = {
      {{"trigger.n", "0"}, "gateway profile h: trigger.n is \"0\"; it may be 1 to 1000"},
      {{"base", "nobody"},
       "gateway profile h: base is \"nobody\"; it may be the name of a profile"},
      {{"results", "x"},
       "gateway profile h: results is \"x\"; it may be post, registration or none"},
      {{"events", ""},
       "gateway profile h: events is \"\"; it may be 1 to 8 values of Event, with commas"},
      {{"events", "a b"},
       "gateway profile h: events is \"a b\"; it may be values of Event such as "
       "\"check-sync;reboot=false\""},
      {{"events.3.body", "x"}, "gateway profile h: events.3.body: it has events 1 to 2"},
      {{"voice_safe", "2"}, "gateway profile h: voice_safe is \"2\"; it may be true or false"},
  };
  for (const auto& c : kCases) {
    const auto profile = ParseProfile("h", std::span(&c.setting, 1));
    ASSERT_FALSE(profile) << c.setting.key;
    EXPECT_EQ(profile.error().message, c.why);
  }
}

}  // namespace
}  // namespace drover::gateway

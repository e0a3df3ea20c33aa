#include "libs/registration/pairing.h"

#include <random>

#include <gtest/gtest.h>

namespace drover::registration {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const TimePoint kStart{seconds(1'000'000)};
const DeviceId kDevice{"IMEI:490154203237518"};
const PairingRules kRules{};

Observation Sms(TimePoint at, std::string imsi = "", std::string msisdn = "8613800138000",
                std::string sw = "1.0") {
  return {.device = kDevice,
          .facts = {.imeis = {"490154203237518"},
                    .imsi = std::move(imsi),
                    .msisdn = std::move(msisdn),
                    .manufacturer = "Maker",
                    .model = "Model",
                    .software_version = std::move(sw)},
          .at = at,
          .source = Source::kSms,
          .via = "smsc-1"};
}

Observation Feed(TimePoint at, std::string imsi, std::string msisdn,
                 std::string imeisv = "4901542032375102", FeedEvent event = FeedEvent::kSeen) {
  return FromFeed({.imsi = std::move(imsi),
                   .msisdn = std::move(msisdn),
                   .imeisv = std::move(imeisv),
                   .event = event,
                   .ts = at,
                   .source = "hlr"})
      .value();
}

Pairing Stored(const Observation& observation) { return Decide(nullptr, observation, kRules).next; }

TEST(Decide, TheFirstRegistrationIsWrittenPublishedAndConfirmed) {
  const Decision d = Decide(nullptr, Sms(kStart), kRules);
  EXPECT_TRUE(d.registered && d.write && d.history && d.confirm && d.publish());
  EXPECT_FALSE(d.sim_changed || d.sw_changed || d.repeat || d.stale || d.conflict);
  EXPECT_EQ(d.next.device, kDevice);
  EXPECT_EQ(d.next.facts, Sms(kStart).facts);
  EXPECT_EQ(d.next.registered_at, kStart);
  EXPECT_EQ(d.next.via, "smsc-1");
}

TEST(Decide, ARepeatWithinTheWindowIsConfirmedAgainAndNotPublished) {
  const Pairing stored = Stored(Sms(kStart));
  const Decision d = Decide(&stored, Sms(kStart + seconds(599)), kRules);
  EXPECT_TRUE(d.repeat && d.confirm);
  EXPECT_FALSE(d.publish() || d.history);
  EXPECT_EQ(d.next.published_at, kStart);
  const Decision late = Decide(&d.next, Sms(kStart + seconds(600)), kRules);
  EXPECT_TRUE(late.registered && late.confirm) << "the window is that of the last event";
  EXPECT_FALSE(late.history || late.repeat);
  EXPECT_EQ(late.next.registered_at, kStart);
}

TEST(Decide, AnotherSimIsAChangeEvenWithinTheWindow) {
  const Pairing stored = Stored(Sms(kStart, "460000123456789"));
  struct Row {
    const char *imsi, *msisdn, *next_imsi, *next_msisdn;
  };
  const Row rows[] = {
      {"460000987654321", "8613900139000", "460000987654321", "8613900139000"},
      {"460000987654321", "8613800138000", "460000987654321", "8613800138000"},
      {"460000123456789", "8613900139000", "460000123456789", "8613900139000"},
      {"", "8613900139000", "", "8613900139000"},
      {"460000987654321", "", "460000987654321", ""},
  };
  for (const Row& row : rows) {
    const Decision d = Decide(&stored, Sms(kStart + seconds(1), row.imsi, row.msisdn), kRules);
    EXPECT_TRUE(d.sim_changed && d.write && d.history && d.confirm) << row.imsi << row.msisdn;
    EXPECT_FALSE(d.registered || d.sw_changed || d.conflict || d.repeat);
    EXPECT_EQ(d.next.facts.imsi, row.next_imsi);
    EXPECT_EQ(d.next.facts.msisdn, row.next_msisdn);
  }
}

TEST(Decide, OtherSoftwareIsAChange) {
  const Pairing stored = Stored(Sms(kStart));
  const Decision d = Decide(&stored, Sms(kStart + seconds(1), "", "8613800138000", "2.0"), kRules);
  EXPECT_TRUE(d.sw_changed && d.history);
  EXPECT_FALSE(d.sim_changed || d.registered);
  EXPECT_EQ(d.next.facts.software_version, "2.0");
  const Decision both =
      Decide(&stored, Sms(kStart + seconds(1), "", "8613900139000", "2.0"), kRules);
  EXPECT_TRUE(both.sim_changed && both.sw_changed);
}

TEST(Decide, WhatIsNotSaidStays) {
  const Pairing stored = Stored(Sms(kStart, "460000123456789"));
  Observation bare = Sms(kStart + minutes(1));
  bare.facts.manufacturer.clear();
  bare.facts.software_version.clear();
  const Decision d = Decide(&stored, bare, kRules);
  EXPECT_EQ(d.next.facts, stored.facts);
  EXPECT_TRUE(d.repeat);
}

TEST(Decide, TheFeedFillsInTheImsiThatTheTerminalDidNotSay) {
  const Pairing stored = Stored(Sms(kStart));
  const Decision d =
      Decide(&stored, Feed(kStart + seconds(5), "460000123456789", "+8613800138000"), kRules);
  EXPECT_TRUE(d.registered && d.write && d.history);
  EXPECT_FALSE(d.conflict || d.sim_changed || d.confirm);
  EXPECT_EQ(d.next.facts.imsi, "460000123456789");
  EXPECT_EQ(d.next.facts.svn, "02");
  EXPECT_EQ(d.next.facts.software_version, "1.0");
  EXPECT_EQ(d.next.source, Source::kFeed);
}

TEST(Decide, AnOlderFeedRecordFillsInButTheNewerRegistrationStays) {
  const Pairing stored = Stored(Sms(kStart));
  const Decision same =
      Decide(&stored, Feed(kStart - minutes(5), "460000123456789", "8613800138000"), kRules);
  EXPECT_TRUE(same.stale && same.write);
  EXPECT_FALSE(same.conflict);
  EXPECT_EQ(same.next.facts.imsi, "460000123456789");
  EXPECT_EQ(same.next.at, kStart);

  const Decision other =
      Decide(&stored, Feed(kStart - minutes(5), "460000987654321", "8613900139000"), kRules);
  EXPECT_TRUE(other.stale && other.conflict);
  EXPECT_FALSE(other.sim_changed);
  EXPECT_EQ(other.next.facts.msisdn, "8613800138000");
  EXPECT_EQ(other.next.facts.imsi, "") << "the IMSI of another SIM is not this one's";
}

TEST(Decide, ARegistrationOlderThanTheFeedsRecordIsConfirmedAndCounted) {
  const Pairing stored = Stored(Feed(kStart, "460000123456789", "8613800138000"));
  const Decision d = Decide(&stored, Sms(kStart - minutes(1), "", "8613900139000"), kRules);
  EXPECT_TRUE(d.stale && d.conflict && d.confirm);
  EXPECT_FALSE(d.sim_changed);
  EXPECT_EQ(d.next.facts.msisdn, "8613800138000");
  EXPECT_EQ(d.next.facts.model, "Model") << "what was unknown is learned all the same";
}

TEST(Decide, WhereTheyDisagreeTheNewerWinsAndItIsCounted) {
  const Pairing stored = Stored(Sms(kStart, "460000123456789"));
  const Decision d =
      Decide(&stored, Feed(kStart + minutes(1), "460000987654321", "8613900139000"), kRules);
  EXPECT_TRUE(d.conflict && d.sim_changed && d.write);
  EXPECT_EQ(d.next.facts.imsi, "460000987654321");
  EXPECT_EQ(d.next.facts.msisdn, "8613900139000");
  EXPECT_EQ(d.next.facts.model, "Model");
}

TEST(Decide, AnotherSvnIsOtherSoftware) {
  const Pairing stored = Stored(Feed(kStart, "460000123456789", "8613800138000"));
  const Decision d = Decide(
      &stored, Feed(kStart + minutes(1), "460000123456789", "8613800138000", "4901542032375103"),
      kRules);
  EXPECT_TRUE(d.sw_changed);
  EXPECT_EQ(d.next.facts.svn, "03");
}

TEST(Decide, TheFeedDoesNotForgetTheTerminalsOtherImeis) {
  Observation sms = Sms(kStart);
  sms.facts.imeis.emplace_back("352099001761481");
  const Pairing stored = Stored(sms);
  const Decision d = Decide(&stored, Feed(kStart + minutes(1), "", "8613800138000"), kRules);
  EXPECT_EQ(d.next.facts.imeis, sms.facts.imeis);
}

TEST(Decide, AFeedThatRepeatsItselfIsNotPublishedEvenAfterTheWindow) {
  const Pairing stored = Stored(Feed(kStart, "460000123456789", "8613800138000"));
  const Decision d =
      Decide(&stored, Feed(kStart + minutes(60), "460000123456789", "8613800138000"), kRules);
  EXPECT_TRUE(d.repeat && d.write);
  EXPECT_FALSE(d.publish() || d.history || d.confirm);
}

TEST(Decide, ASubscriberWhoIsRemovedLeavesTheTerminalWithoutASim) {
  const Pairing stored = Stored(Sms(kStart, "460000123456789"));
  const Decision d = Decide(
      &stored, Feed(kStart + minutes(1), "460000123456789", "", "", FeedEvent::kRemoved), kRules);
  EXPECT_TRUE(d.sim_changed && d.write && d.history);
  EXPECT_EQ(d.next.facts.imsi + d.next.facts.msisdn, "");
  EXPECT_EQ(d.next.facts.model, "Model");
  const Decision other = Decide(
      &stored, Feed(kStart + minutes(1), "460000987654321", "", "", FeedEvent::kRemoved), kRules);
  EXPECT_FALSE(other.write);
  const Decision late = Decide(
      &stored, Feed(kStart - minutes(1), "460000123456789", "", "", FeedEvent::kRemoved), kRules);
  EXPECT_TRUE(late.stale);
  EXPECT_FALSE(late.write);
  EXPECT_FALSE(
      Decide(nullptr, Feed(kStart, "460000123456789", "", "", FeedEvent::kRemoved), kRules).write);
  const Decision after = Decide(&d.next, Sms(kStart + seconds(30), "460000123456789"), kRules);
  EXPECT_EQ(after.next.facts.imsi, "") << "a registration from before the removal";
}

TEST(Displace, TakesTheSimFromTheTerminalThatHadItBefore) {
  const Pairing other = Stored(Sms(kStart, "460000123456789"));
  Observation elsewhere = Sms(kStart + minutes(1), "460000123456789");
  elsewhere.device = DeviceId("IMEI:352099001761481");
  elsewhere.facts.imeis = {"352099001761481"};
  const Decision d = Displace(other, elsewhere);
  EXPECT_TRUE(d.write && d.sim_changed && d.history);
  EXPECT_EQ(d.next.device, kDevice);
  EXPECT_EQ(d.next.facts.msisdn, "");

  Observation other_sim = elsewhere;
  other_sim.facts.imsi = "460000987654321";
  EXPECT_FALSE(Displace(other, other_sim).write) << "the number moved to another SIM";
  Observation earlier = elsewhere;
  earlier.at = kStart - seconds(1);
  EXPECT_FALSE(Displace(other, earlier).write);
  Observation second_slot = elsewhere;
  second_slot.facts.imeis.emplace_back("490154203237518");
  EXPECT_FALSE(Displace(other, second_slot).write) << "the same terminal by its other IMEI";
  EXPECT_FALSE(Displace(other, Sms(kStart + minutes(1), "460000123456789")).write);
}

TEST(Decide, DecidesTheSameAboutAnObservationThatComesTwice) {
  std::mt19937 random(7);
  const auto pick = [&](std::initializer_list<const char*> values) {
    return std::string(values.begin()[random() % values.size()]);
  };
  std::optional<Pairing> stored;
  for (int i = 0; i < 20'000; ++i) {
    const TimePoint at = kStart + seconds(static_cast<int>(random() % 5000));
    Observation o = Sms(at, pick({"", "460001", "460002"}),
                        pick({"8613800138000", "8613900139000"}), pick({"", "1.0", "2.0"}));
    if (random() % 2 == 0) o.source = Source::kFeed;
    const Pairing* const before = stored ? &*stored : nullptr;
    const Decision d = Decide(before, o, kRules);
    const Pairing next = d.next;
    ASSERT_EQ(d.confirm, o.source == Source::kSms);
    ASSERT_EQ(d.write, before == nullptr || next != *before);
    ASSERT_TRUE(!d.history || d.write);
    if (before != nullptr) {
      ASSERT_GE(next.at, before->at) << "time never goes back";
      ASSERT_EQ(next.registered_at, before->registered_at);
      ASSERT_FALSE(d.stale && (d.sim_changed || d.sw_changed));
    }
    const Decision twice = Decide(&next, o, kRules);
    ASSERT_FALSE(twice.publish() && at - next.published_at < kRules.dedup_window);
    ASSERT_EQ(twice.next.facts, next.facts);
    ASSERT_FALSE(twice.history);
    stored = next;
  }
}

TEST(FromSms, NeedsADevice) {
  Registration registration;
  EXPECT_FALSE(FromSms(registration, "8613800138000", kStart, "smsc-1"));
  registration.meid = "A0000012345678";
  EXPECT_EQ(FromSms(registration, "8613800138000", kStart, "smsc-1")->device.value(),
            "MEID:A0000012345678");
}

TEST(FromFeed, SaysWhichFieldIsWrong) {
  FeedRecord good{.imsi = "460000123456789",
                  .msisdn = "8613800138000",
                  .imeisv = "4901542032375102",
                  .apns = {"cmnet"},
                  .ts = kStart};
  ASSERT_TRUE(FromFeed(good));
  EXPECT_EQ(FromFeed(good)->device, kDevice);
  const auto error = [&](auto change) {
    FeedRecord record = good;
    change(record);
    const auto observation = FromFeed(record);
    return observation ? std::string() : observation.error().message;
  };
  EXPECT_EQ(error([](FeedRecord& r) { r.imeisv = ""; }), "imeisv: expected 14 to 16 digits");
  EXPECT_EQ(error([](FeedRecord& r) { r.imsi = "46x"; }), "imsi: expected up to 15 digits");
  EXPECT_EQ(error([](FeedRecord& r) { r.msisdn = "x"; }).substr(0, 8), "msisdn: ");
  EXPECT_EQ(error([](FeedRecord& r) { r.msisdn = r.imsi = ""; }),
            "imsi and msisdn are both missing");
}

TEST(FeedEventOf, KnowsItsNames) {
  EXPECT_EQ(FeedEventOf("seen"), FeedEvent::kSeen);
  EXPECT_EQ(FeedEventOf("removed"), FeedEvent::kRemoved);
  EXPECT_EQ(FeedEventOf("other"), std::nullopt);
}

}  // namespace
}  // namespace drover::registration

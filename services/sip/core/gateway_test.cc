#include "services/sip/core/gateway.h"

#include <gtest/gtest.h>

#include "services/sip/core/times.h"

namespace drover::gateways {
namespace {

using events::v1::WakeupResult;
using std::chrono::seconds;

const TimePoint kNow{seconds(1'760'000'000)};

Gateway Fresh() { return NewGateway("001122-A", "12345678", kNow); }

std::vector<WakeupResult> ResultsIn(const Telling& telling) {
  std::vector<WakeupResult> out;
  for (const auto& record : telling.outbox.records()) {
    if (record.topic() != kWakeupResultsTopic) continue;
    EXPECT_EQ(record.key(), "001122-A");
    EXPECT_TRUE(out.emplace_back().ParseFromString(record.payload()));
  }
  return out;
}

// --- What is learned -----------------------------------------------------------------------------

TEST(Learn, ReplacesWhatIsToldAndSaysWhetherThatIsNew) {
  Gateway gateway = Fresh();
  gateway::BasicInformation told;
  told.vendor = "Acme";
  told.model = "Box";
  told.ip = "192.0.2.7";
  told.sip_uri = "sip:a@192.0.2.7";
  told.file_version = "1.0";
  told.file_name = "fw.img";
  told.upgrade_server = "fw.example";
  told.protocol = gateway::Protocol::kTftp;
  EXPECT_TRUE(Learn(gateway, told));
  EXPECT_FALSE(Learn(gateway, told));
  EXPECT_EQ(gateway.record.protocol(), "tftp");
  EXPECT_EQ(gateway.record.upgrade_server(), "fw.example");
  EXPECT_FALSE(Learn(gateway, {})) << "what is not told stays";
  EXPECT_EQ(gateway.record.file_version(), "1.0");
  gateway::BasicInformation version;
  version.file_version = "1.1";
  EXPECT_TRUE(Learn(gateway, version));
  EXPECT_EQ(gateway.record.file_version(), "1.1");
  EXPECT_EQ(gateway.record.model(), "Box");
}

// --- Steps ---------------------------------------------------------------------------------------

TEST(Note, KeepsTheLastStepsInTheirOrder) {
  Gateway gateway = Fresh();
  for (int i = 0; i < 100; ++i) Note(gateway, kNow + seconds(i), "step", std::to_string(i));
  ASSERT_EQ(gateway.record.steps_size(), kMostSteps);
  EXPECT_EQ(gateway.record.steps(0).detail(), std::to_string(100 - kMostSteps));
  EXPECT_EQ(gateway.record.steps(kMostSteps - 1).detail(), "99");
}

TEST(Note, AStepThatComesAgainIsOneWithItsLastTime) {
  Gateway gateway = Fresh();
  for (int i = 0; i < 100; ++i) Note(gateway, kNow + seconds(i), "registered", "1.0");
  ASSERT_EQ(gateway.record.steps_size(), 1);
  EXPECT_EQ(gateway.record.steps(0).at().seconds(), 1'760'000'099);
  Note(gateway, kNow, "registered", "1.1");
  EXPECT_EQ(gateway.record.steps_size(), 2);
}

TEST(Note, AStepThatComesAgainDoesNotPushOthersOut) {
  Gateway gateway = Fresh();
  for (int i = 0; i < kMostSteps; ++i) Note(gateway, kNow, "step", std::to_string(i));
  for (int i = 0; i < 100; ++i) {
    Note(gateway, kNow + seconds(i), "step", std::to_string(kMostSteps - 1));
  }
  ASSERT_EQ(gateway.record.steps_size(), kMostSteps);
  EXPECT_EQ(gateway.record.steps(0).detail(), "0");
}

TEST(Note, DetailsAreCut) {
  Gateway gateway = Fresh();
  for (int i = 0; i < 3; ++i) Note(gateway, kNow, "result", std::string(10'000, 'x'));
  EXPECT_EQ(gateway.record.steps_size(), 1);
  EXPECT_LT(gateway.record.steps(0).detail().size(), 200U);
}

TEST(Note, ADetailIsCutBetweenCharacters) {
  for (size_t before = 0; before < 4; ++before) {
    Gateway gateway = Fresh();
    std::string detail(before, 'x');
    for (int i = 0; i < 200; ++i) detail += "\xE4\xB8\xAD";
    Note(gateway, kNow, "result", detail);
    EXPECT_TRUE(v1::Record().ParseFromString(gateway.record.SerializeAsString()));
    const std::string& kept = gateway.record.steps(0).detail();
    EXPECT_EQ((kept.size() - before) % 3, 0U);
  }
}

TEST(TextOf, IsUtf8AndNoLongerThanIsAsked) {
  struct Row {
    std::string octets;
    size_t most;
    std::string expected;
  };
  const Row rows[] = {
      {"", 9, ""},
      {"abc", 9, "abc"},
      {"abc", 2, "ab"},
      {"a\xFF\xFE z", 9, "a?? z"},
      {"\xE4\xB8\xAD\xE4\xB8\xAD", 5, "\xE4\xB8\xAD"},
      {"\xE4\xB8\xAD\xE4\xB8", 9, "\xE4\xB8\xAD??"},
      {std::string(1000, '\xFF'), 3, "???"},
  };
  for (const Row& row : rows) EXPECT_EQ(TextOf(row.octets, row.most), row.expected);
}

// One octet that is no text would make the row unreadable.
TEST(Note, KeepsARecordReadableWhateverAGatewaySays) {
  Gateway gateway = Fresh();
  Note(gateway, kNow, "notify-answered", "200 \xFF\xFE\x80 O\xC3");
  EXPECT_TRUE(v1::Record().ParseFromString(gateway.record.SerializeAsString()));
}

// --- Wake-ups ------------------------------------------------------------------------------------

TEST(Wakeups, AreKnownByTheirIds) {
  Gateway gateway = Fresh();
  EXPECT_TRUE(AddWakeup(gateway, "one"));
  EXPECT_FALSE(AddWakeup(gateway, "one"));
  EXPECT_TRUE(AddWakeup(gateway, "two"));
  EXPECT_EQ(gateway.record.wakeups_size(), 2);
}

class HappenTest : public ::testing::Test {
 protected:
  gateway::Actions Do(const gateway::Event& event) {
    telling_ = {};
    return Happen(gateway_, rules_, event, kNow, telling_);
  }
  std::string LastStep() const {
    const int count = gateway_.record.steps_size();
    return count == 0 ? "" : gateway_.record.steps(count - 1).detail();
  }
  void Wake(const std::string& id) {
    ASSERT_TRUE(AddWakeup(gateway_, id));
    Do(gateway::WorkQueued{});
  }

  gateway::TriggerRules rules_;
  Gateway gateway_ = Fresh();
  Telling telling_;
};

TEST_F(HappenTest, TheAnswerIsToldOnceForAllWakeUps) {
  Do(gateway::Registered{});
  Wake("one");
  Wake("two");
  ASSERT_TRUE(Do(gateway::Admitted{}).send);
  Wake("three");
  EXPECT_TRUE(ResultsIn(telling_).empty());
  Do(gateway::NotifyAnswered{});
  const std::vector<WakeupResult> results = ResultsIn(telling_);
  ASSERT_EQ(results.size(), 3U);
  for (const WakeupResult& result : results) {
    EXPECT_EQ(result.outcome(), WakeupResult::DELIVERED);
    EXPECT_EQ(result.device_id(), "001122-A");
    EXPECT_EQ(result.cause(), "");
    EXPECT_EQ(result.at().seconds(), 1'760'000'000);
  }
  EXPECT_EQ(results[2].event_id(), "three");
  EXPECT_EQ(gateway_.record.wakeups_size(), 0);
  Do(gateway::RequestSeen{.gave_work = true});
  EXPECT_TRUE(ResultsIn(telling_).empty()) << "once";
  Do(gateway::ResultSeen{});
  EXPECT_TRUE(ResultsIn(telling_).empty());
  EXPECT_EQ(LastStep(), "done");
}

TEST_F(HappenTest, AFailureTellsWhy) {
  Do(gateway::Registered{});
  Wake("one");
  Do(gateway::Admitted{});
  Do(gateway::NotifyAnswered{.outcome = gateway::NotifyOutcome::kForbidden});
  ASSERT_EQ(ResultsIn(telling_).size(), 1U);
  EXPECT_EQ(ResultsIn(telling_)[0].outcome(), WakeupResult::FAILED);
  EXPECT_NE(ResultsIn(telling_)[0].cause().find("403"), std::string::npos);
}

TEST_F(HappenTest, ADeadContactIsForgotten) {
  gateway_.record.mutable_contact()->set_uri("sip:a@192.0.2.7");
  Do(gateway::Registered{});
  Wake("one");
  Do(gateway::Admitted{});
  EXPECT_TRUE(Do(gateway::NotifyAnswered{.outcome = gateway::NotifyOutcome::kGone}).drop_contact);
  EXPECT_FALSE(gateway_.record.has_contact());
}

TEST_F(HappenTest, HowTheWorkEndedIsAStep) {
  Do(gateway::RequestSeen{.gave_work = true});
  Do(gateway::ResultSeen{.good = false});
  EXPECT_EQ(LastStep(), "failed");
}

TEST(Causes, HaveWordsEachItsOwn) {
  std::vector<std::string> all;
  for (int cause = 1; cause <= static_cast<int>(gateway::Cause::kWithdrawn); ++cause) {
    const std::string words = InWords(static_cast<gateway::Cause>(cause));
    EXPECT_FALSE(words.empty()) << cause;
    EXPECT_EQ(std::count(all.begin(), all.end(), words), 0) << words;
    all.push_back(words);
  }
  EXPECT_EQ(InWords(gateway::Cause::kNone), "");
}

// --- What others are told ------------------------------------------------------------------------

TEST(TellRegistered, IsARegistrationOfADevice) {
  Gateway gateway = Fresh();
  gateway.record.set_vendor("Acme");
  gateway.record.set_model("Box");
  gateway.record.set_file_version("1.0");
  Telling telling;
  TellRegistered(gateway, "registered", kNow, telling);
  ASSERT_EQ(telling.outbox.records_size(), 1);
  EXPECT_EQ(telling.outbox.records(0).topic(), kRegistrationsTopic);
  EXPECT_EQ(telling.outbox.records(0).key(), "001122-A");
  events::v1::DeviceRegistered event;
  ASSERT_TRUE(event.ParseFromString(telling.outbox.records(0).payload()));
  EXPECT_EQ(event.device_id(), "001122-A");
  EXPECT_EQ(event.manufacturer(), "Acme");
  EXPECT_EQ(event.firmware_version(), "1.0");
  EXPECT_EQ(event.reason(), "registered");
}

TEST(Shown, IsWhatPeopleAskFor) {
  Gateway gateway = Fresh();
  EXPECT_FALSE(Shown(gateway, "default", "", false, "drover").has_registered_at());
  gateway.record.set_vendor("Acme");
  gateway.record.set_registered_ms(ToMillis(kNow));
  gateway.record.mutable_contact()->set_uri("sip:a@192.0.2.7");
  gateway.record.set_secrets("sealed");
  gateway.trigger.cseq = 7;
  gateway.trigger.state = gateway::State::kFailed;
  gateway.trigger.cause = gateway::Cause::kBadResult;
  gateway.trigger.blocked = gateway::Cause::kForbidden;
  Note(gateway, kNow, "registered");
  const v1::Gateway shown = Shown(gateway, "snom", "2.0", true, "drover");
  EXPECT_EQ(shown.id(), "001122-A");
  EXPECT_EQ(shown.profile(), "snom");
  EXPECT_EQ(shown.target_version(), "2.0");
  EXPECT_EQ(shown.state(), "failed");
  EXPECT_EQ(shown.cause(), InWords(gateway::Cause::kForbidden)) << "what blocks comes first";
  EXPECT_EQ(shown.cseq(), 7U);
  EXPECT_EQ(shown.registered_at().seconds(), 1'760'000'000);
  EXPECT_EQ(shown.contact(), "sip:a@192.0.2.7");
  EXPECT_EQ(shown.steps_size(), 1);
  EXPECT_EQ(Shown(gateway, "snom", "2.0", false, "drover").steps_size(), 0);
  EXPECT_EQ(shown.SerializeAsString().find("sealed"), std::string::npos);
}

TEST(ContactInWords, IsWhereANotifyGoes) {
  v1::Contact contact;
  contact.set_uri("sip:a@10.0.0.9:5060");
  EXPECT_EQ(ContactInWords(contact), "sip:a@10.0.0.9:5060");
  contact.set_source("192.0.2.7:40000");
  contact.set_transport("udp");
  EXPECT_EQ(ContactInWords(contact), "udp:192.0.2.7:40000");
}

TEST(Times, AreMillisecondsOfUnixTime) {
  EXPECT_EQ(ToMillis(kNow), 1'760'000'000'000);
  EXPECT_EQ(FromMillis(ToMillis(kNow)), kNow);
}

}  // namespace
}  // namespace drover::gateways

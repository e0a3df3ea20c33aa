// A run's short messages against the simulated SMSC on its sockets, with an ESME in push's place.
#include "loadtest/drover_load/run_sms.h"

#include <future>

#include <gtest/gtest.h>

#include "libs/http/testing/loop_thread.h"
#include "libs/wap/notification_push.h"
#include "loadtest/smsc/admin.h"
#include "loadtest/smsc/testing/esme.h"

namespace drover::load {
namespace {

using smsc::testing::Esme;
using SteadyClock = std::chrono::steady_clock;

constexpr uint64_t kSeed = 7;
constexpr std::string_view kNumber = "10654040";

smsc::SimulatorOptions Instant() {
  smsc::SimulatorOptions options;
  options.listen = "127.0.0.1:0";
  options.settings.radio = smsc::InstantRadio();
  options.settings.retries = smsc::DefaultRetries();
  options.session.role = smpp::Role::kSmsc;
  options.session.system_id = "smsc";
  options.session.peer_window = 100'000;
  return options;
}

smpp::SessionSettings Settings() {
  smpp::SessionSettings settings;
  settings.mode = smpp::BindMode::kTransceiver;
  settings.system_id = "drover";
  settings.password = "secret";
  settings.window = 1000;
  return settings;
}

std::unique_ptr<fleet::Fleet> MakeFleet(uint64_t terminals, fleet::Work work) {
  fleet::FleetConfig config;
  config.seed = kSeed;
  config.terminals = terminals;
  config.population.work = work;
  config.server = {"srv", "http://127.0.0.1/dm"};
  return fleet::Fleet::Make(std::move(config)).value();
}

class RunOverSms : public ::testing::Test {
 protected:
  RunOverSms() {
    loop_.Do([this] {
      simulator_.emplace(loop_.loop, Instant());
      admin_.emplace(loop_.loop, "127.0.0.1:0", *simulator_);
      EXPECT_TRUE(simulator_->Listen());
      EXPECT_TRUE(admin_->Listen());
    });
    esme_.emplace(loop_.Do([this] { return simulator_->address(); }), Settings());
    EXPECT_TRUE(esme_->Bind());
  }
  ~RunOverSms() override {
    run_.reset();
    loop_.Do([this] {
      admin_.reset();
      simulator_.reset();
    });
  }
  void Begin(scenario::Sms sms = {}) {
    RunSms::Config config{"http://" + loop_.Do([this] { return admin_->address(); }), sms};
    const auto submit = [this](std::vector<uint64_t> terminals) {
      submitted_.insert(submitted_.end(), terminals.begin(), terminals.end());
    };
    run_.emplace(*fleet_, config, submit, record_);
    const Result<void> begun = run_->Begin();
    ASSERT_TRUE(begun) << begun.error();
  }

  void Deliver(const std::string& msisdn, std::string_view octets, uint16_t port = 0) {
    smpp::SubmitSm pdu;
    pdu.source = {0, 1, kNumber};
    pdu.destination = {1, 1, msisdn};
    pdu.data_coding = port != 0 ? 0xF5 : 0;
    std::string user_data(octets);
    if (port != 0) {
      const auto high = static_cast<char>(port >> 8);
      const auto low = static_cast<char>(port);
      user_data.insert(0, {'\x06', '\x05', '\x04', high, low, high, low});
      pdu.esm_class = 0x40;
    }
    pdu.short_message = user_data;
    esme_->Send(pdu, ++token_);
    ASSERT_TRUE(esme_->Until([this] { return esme_->answers.size() == token_; }));
  }
  void Notify(uint64_t index, std::string_view package) {
    std::string push;
    wap::AppendNotificationPush(1, package, push);
    Deliver(fleet::MsisdnOf(kSeed, index), push, 2948);
  }
  // Confirms as many registrations as push would have; how many times each, by `times`.
  std::future<Result<void>> Registering() {
    return std::async(std::launch::async, [this] {
      return run_->RegisterAll({[](const char*, uint64_t, uint64_t) {}, [] { return false; }});
    });
  }
  std::vector<RunSms::Notification> Taken(size_t count) {
    std::vector<RunSms::Notification> taken;
    const auto end = SteadyClock::now() + std::chrono::seconds(10);
    while (taken.size() < count && SteadyClock::now() < end) {
      for (auto& each : run_->Take()) taken.push_back(std::move(each));
      std::this_thread::yield();
    }
    return taken;
  }

  http::testing::LoopThread loop_;
  std::optional<smsc::Simulator> simulator_;
  std::optional<smsc::Admin> admin_;
  std::optional<Esme> esme_;
  std::unique_ptr<fleet::Fleet> fleet_ = MakeFleet(3, fleet::Work::kGet);
  report::Sms record_;
  std::vector<uint64_t> submitted_;
  std::optional<RunSms> run_;
  uint64_t token_ = 0;
};

TEST_F(RunOverSms, RegistersEveryTerminalAndTakesItsConfirmation) {
  Begin();
  auto registering = Registering();
  ASSERT_TRUE(esme_->Until([this] { return esme_->messages.size() == 3; }));
  for (uint64_t i = 0; i < 3; ++i) {
    const Esme::Message& message = esme_->messages[i];
    EXPECT_EQ(message.source, fleet::MsisdnOf(kSeed, i));
    EXPECT_EQ(message.destination, kNumber);
    EXPECT_NE(message.user_data.find(fleet_->DeviceId(i) + "/"), std::string::npos);
    Deliver(message.source, fleet_->DeviceId(i) + "/1");
  }
  const Result<void> registered = registering.get();
  ASSERT_TRUE(registered) << registered.error();
  EXPECT_EQ(record_.registrations, 3u);
  EXPECT_EQ(record_.confirmed, 3u);
  EXPECT_EQ(record_.repeated + record_.unconfirmed + record_.twice, 0u);
  EXPECT_EQ(record_.confirmed_latency.count(), 3u);
  for (uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(run_->HasWork(i)) << "nothing is submitted yet";
}

TEST_F(RunOverSms, RepeatsARegistrationThatNobodyConfirmsAndGivesUp) {
  Begin({.confirm_within = std::chrono::milliseconds(50), .registration_attempts = 2});
  auto registering = Registering();
  ASSERT_TRUE(esme_->Until([this] { return !esme_->messages.empty(); }));
  const std::string number = fleet::MsisdnOf(kSeed, 1);
  Deliver(number, fleet_->DeviceId(0) + "/1");  // Another's.
  ASSERT_TRUE(esme_->Until([this] { return esme_->messages.size() == 6; }));
  const Result<void> registered = registering.get();
  ASSERT_FALSE(registered);
  EXPECT_EQ(registered.error().code, Code::kUnavailable);
  EXPECT_EQ(record_.repeated, 3u);
  EXPECT_EQ(record_.unconfirmed, 3u);
  EXPECT_EQ(run_->strange(), 1u);
}

TEST_F(RunOverSms, KnowsWhoWaitsAndSubmitsInBatches) {
  Begin();
  const auto due = SteadyClock::now();
  run_->Wake(2, due);
  run_->Wake(0, due);
  EXPECT_TRUE(run_->Waits(2) && run_->Waits(0));
  EXPECT_FALSE(run_->Waits(1));
  EXPECT_FALSE(run_->HasWork(2));
  EXPECT_EQ(run_->waiting(), 2u);
  run_->Flush(SteadyClock::now());
  EXPECT_TRUE(submitted_.empty()) << "gathered for some time";
  run_->Flush(SteadyClock::now() + std::chrono::seconds(1));
  EXPECT_EQ(submitted_, (std::vector<uint64_t>{2, 0}));
  const auto taken = run_->TakeDue(2);
  EXPECT_LT(std::chrono::abs(taken - due), std::chrono::milliseconds(1));
  EXPECT_FALSE(run_->Waits(2));
  run_->WaitOn(2, taken);
  EXPECT_TRUE(run_->Waits(2));
  run_->End();
  EXPECT_EQ(record_.submitted, 2u);
  EXPECT_EQ(record_.never_woken, 2u);
}

TEST_F(RunOverSms, TakesNotificationsOfItsTerminalsAndNothingFromBefore) {
  Notify(0, "of an earlier run");
  Begin();
  Notify(1, "package");
  Deliver("8613800138000", "another generator's", 2948);
  Deliver(fleet::MsisdnOf(kSeed, 2), "\x01\x06\x01\xAE", 2948);  // A service indication.
  Notify(2, "other");
  const auto taken = Taken(2);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].index, 1u);
  EXPECT_EQ(taken[0].package, "package");
  EXPECT_EQ(taken[1].index, 2u);
  EXPECT_EQ(record_.notifications, 3u);
  EXPECT_EQ(record_.refused, (std::map<std::string, uint64_t>{{"no notification", 1}}));
}

TEST_F(RunOverSms, KeepsTheBooks) {
  Begin();
  run_->Wake(1, SteadyClock::now());
  run_->Flush(SteadyClock::now() + std::chrono::seconds(1));
  Notify(1, "package");
  const auto taken = Taken(1);
  ASSERT_EQ(taken.size(), 1u);
  run_->TakeDue(1);
  run_->Accepted(taken[0], /*awaited=*/true, taken[0].at + std::chrono::milliseconds(5));
  run_->Accepted(taken[0], /*awaited=*/false, taken[0].at);
  run_->Refused(Unauthenticated("the digest is wrong"));
  run_->Refused(AlreadyExists("that session has been"));
  run_->End();
  EXPECT_EQ(record_.accepted, 2u);
  EXPECT_EQ(record_.woken_latency.count(), 1u);
  EXPECT_EQ(record_.opened_latency.count(), 2u);
  EXPECT_EQ(record_.refused, (std::map<std::string, uint64_t>{{"copy", 1}, {"digest", 1}}));
  EXPECT_EQ(record_.twice, 1u);
  EXPECT_EQ(record_.messages, 1u);
  EXPECT_EQ(record_.missed, 0u);
  EXPECT_EQ(record_.never_woken, 0u);
  EXPECT_EQ(record_.smsc.at("submitted"), 1u) << "of this run alone";
}

TEST(RunOverSmsWithoutOne, SaysThatThereIsNoSmsc) {
  const auto fleet = MakeFleet(1, fleet::Work::kGet);
  report::Sms record;
  RunSms run(
      *fleet, {"http://127.0.0.1:1", {}}, [](std::vector<uint64_t>) {}, record);
  const Result<void> begun = run.Begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Code::kUnavailable);
}

TEST(RunOverSmsWithoutWork, NeedsNobodyToWakeIt) {
  const auto fleet = MakeFleet(1, fleet::Work::kPoll);
  report::Sms record;
  const RunSms run(
      *fleet, {"http://127.0.0.1:1", {}}, [](std::vector<uint64_t>) {}, record);
  EXPECT_FALSE(run.HasWork(0));
}

}  // namespace
}  // namespace drover::load

// drover-load demo: the main job, end to end, on a fleet of mixed terminals.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <random>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <unistd.h>

#include "loadtest/drover_load/backend.h"
#include "loadtest/drover_load/compare.h"
#include "loadtest/drover_load/demo_driver.h"
#include "loadtest/drover_load/report.h"
#include "loadtest/drover_load/run_gateways.h"
#include "loadtest/drover_load/sms_bearer.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;
using SteadyClock = std::chrono::steady_clock;

constexpr const char* kDevInfo[] = {"", "/DevId", "/Man", "/Mod", "/DmV", "/Lang"};
constexpr const char* kDevDetail[] = {
    "",        "/DevTyp", "/OEM",          "/FwV",           "/SwV",          "/HwV",
    "/LrgObj", "/URI",    "/URI/MaxDepth", "/URI/MaxTotLen", "/URI/MaxSegLen"};
// docs/push.md, profile cmcc.
constexpr char kRegistrationNumber[] = "10654040";
constexpr uint16_t kRegistrationPort = 16998;
constexpr uint16_t kPushPort = 2948;
constexpr uint64_t kFirstMsisdn = 8613900000000;
constexpr char kApn[] = "./NAP/internet/ADDR";
constexpr char kUpdate[] = "./FUMO/P1/DownloadAndUpdate";
// Kinds of operations, as labels_ names them.
enum Kind : size_t { kReadDevInfo, kReadDevDetail, kSetApn, kConfirm, kLargeObject, kFirmware };
// Voice home gateways that tell at once what they did.
constexpr char kGatewayMix[] = "plain=40,sipura=20,secure=15,snom=10,gigaset=5,obihai=5,bare=5";
constexpr size_t kLargeObjectOctets = 100 * 1024;
constexpr size_t kLargeObjectEvery = 8;  // Terminals.

std::vector<terminal::ModelSpec> Models(const DemoOptions& options, terminal::Quirks quirks) {
  std::vector<terminal::ModelSpec> specs;
  for (terminal::ModelSpec spec : terminal::Catalogue()) {
    // Before DM 1.2 there is no generic alert: such terminals report nothing later.
    if (spec.version == terminal::DmVersion::k11 && !options.with_dm11) continue;
    spec.quirks.Add(quirks);
    specs.push_back(spec);
  }
  return specs;
}

v1::Command Get(const std::string& uri) {
  v1::Command command;
  command.set_verb(v1::GET);
  command.set_target(uri);
  return command;
}

v1::Command Write(v1::Verb verb, const std::string& uri, const std::string& data) {
  v1::Command command;
  command.set_verb(verb);
  command.set_target(uri);
  command.set_format("chr");
  command.set_data(data);
  command.set_has_data(true);
  return command;
}

v1::Command AddNode(const std::string& uri) {
  v1::Command command;
  command.set_verb(v1::ADD);
  command.set_target(uri);
  command.set_format("node");
  return command;
}

v1::Command Confirm(const std::string& text) {
  v1::Command command;
  command.set_verb(v1::PROMPT);
  command.mutable_prompt()->set_kind(v1::Prompt::CONFIRM);
  command.mutable_prompt()->set_text(text);
  command.mutable_prompt()->set_max_display_s(60);
  return command;
}

class Demo {
 public:
  Demo(const DemoOptions& options, Backend backend, uint64_t seed, terminal::Quirks quirks)
      : options_(options),
        backend_(std::move(backend)),
        seed_(seed),
        run_(RunName(seed)),
        fleet_(options.endpoints, Models(options, quirks), options.devices, seed),
        driver_(loop_, fleet_, options.smsc.empty() ? options.endpoints.kafka : "",
                "drover-load-" + run_, options.concurrency),
        sms_(options.smsc),
        confirmed_(fleet_.size()) {
    // Power is lost in the middle of each update; what it interrupts is taken up again.
    fleet_.surroundings().objects.resume_permille = 1000;
    fleet_.surroundings().objects.complete_permille = 1000;
  }

  Result<int> Run() {
    const auto begun = SteadyClock::now();
    std::printf("enrolling %zu terminals of %zu models\n", fleet_.size(),
                Models(options_, {}).size());
    DROVER_TRY(backend_.Enrol(fleet_.Enrolments()));
    auto work = asio::make_work_guard(loop_);
    std::thread loop_thread([this] { loop_.run(); });
    asio::post(loop_, [this] { driver_.Start(); });
    Result<void> outcome = options_.smsc.empty() ? Result<void>() : Register();
    if (outcome && !options_.gateways_url.empty()) outcome = BeginGateways();
    if (outcome) outcome = SubmitAndWait();
    if (outcome && gateways_ != nullptr) outcome = EndGateways();
    const DemoProgress last = Ask();
    summary_.wall_s = std::chrono::duration<double>(SteadyClock::now() - begun).count();
    StopTerminals();
    sms_.Stop();
    loop_.stop();
    loop_thread.join();
    if (!outcome) return std::move(outcome).error();
    return Conclude(last);
  }

 private:
  // Of all kinds that tell what they did, half of them with a parameter to set, half to be
  // restarted.
  Result<void> BeginGateways() {
    scenario::Gateways wanted;
    wanted.count = options_.gateways;
    wanted.mix = kGatewayMix;
    wanted.work = fleet::Shares<scenario::GatewayWork>(
        {{scenario::GatewayWork::kConfig, 1}, {scenario::GatewayWork::kReboot, 1}});
    wanted.register_over = std::chrono::seconds(2);
    std::printf("enrolling %u voice home gateways\n", options_.gateways);
    const RunGateways::Config config{wanted, seed_, "gateways." + run_, options_.gateways_url, ""};
    DROVER_TRY(gateways_, RunGateways::Make(options_.endpoints, config, summary_.gateways));
    const Watchful quiet{[](const char*, uint64_t, uint64_t) {}, [] { return false; }};
    DROVER_TRY(gateways_->Prepare(quiet));
    gateways_->BeginLoad();
    return {};
  }

  Result<void> EndGateways() {
    gateways_->EndLoad(std::chrono::seconds(60), [] { return false; });
    if (gateways_->error()) return *gateways_->error();
    DROVER_TRY(gateways_->Compare());
    for (const std::string& difference : summary_.gateways.first_differences) {
      std::printf("difference: %s\n", difference.c_str());
    }
    return {};
  }

  static std::string RunName(uint64_t seed) {
    char name[16];
    std::snprintf(name, sizeof name, "%06llx", static_cast<unsigned long long>(seed & 0xFFFFFF));
    return name;
  }

  v1::NewOperation New(size_t index, size_t label) const {
    v1::NewOperation operation;
    operation.set_device_id(fleet_[index].device_id());
    operation.set_label(labels_[label]);
    switch (label) {
      case kReadDevInfo:
        for (const char* leaf : kDevInfo)
          *operation.add_commands() = Get(std::string("./DevInfo") + leaf);
        break;
      case kReadDevDetail:
        for (const char* leaf : kDevDetail) {
          *operation.add_commands() = Get(std::string("./DevDetail") + leaf);
        }
        break;
      case kSetApn:
        *operation.add_commands() = Write(v1::REPLACE, kApn, Apn(index));
        break;
      case kConfirm:
        AddConfirmed(operation, index);
        break;
      case kLargeObject:
        *operation.add_commands() = Write(v1::REPLACE, Account() + "/NAME", LargeObject(index));
        *operation.add_commands() = Get(Account() + "/NAME");
        break;
      default:
        *operation.add_commands() =
            Write(v1::REPLACE, std::string(kUpdate) + "/PkgURL", PackageUrl(index));
        v1::Command& exec = *operation.add_commands();
        exec.set_verb(v1::EXEC);
        exec.set_target(kUpdate);
    }
    return operation;
  }
  // An access point that its user agrees to: all of it in one Atomic, or nothing.
  void AddConfirmed(v1::NewOperation& operation, size_t index) const {
    *operation.add_commands() = Confirm("Use the access point of run " + run_ + "?");
    *operation.add_commands() = AddNode(Account());
    *operation.add_commands() = Write(v1::ADD, Account() + "/NAME", "Confirmed");
    *operation.add_commands() = Write(v1::ADD, Account() + "/ADDR", Apn(index));
    for (v1::Command& command : *operation.mutable_commands()) command.set_atomic(1);
  }
  std::string Account() const { return "./NAP/" + run_; }
  // Travels in pieces, and back.
  std::string LargeObject(size_t index) const {
    std::string object;
    while (object.size() < kLargeObjectOctets) {
      object += Apn(index) + " " + std::to_string(object.size()) + "\n";
    }
    return object;
  }
  bool Wants(size_t index, size_t label) const {
    return label != kLargeObject || index % kLargeObjectEvery == 0;
  }
  // Unlike any other terminal's, so that a command that went astray is found.
  std::string Apn(size_t index) const {
    return "iot-" + run_ + "-" + std::to_string(index) + ".example";
  }
  std::string Version(size_t index) const { return "9." + run_ + "." + std::to_string(index); }
  std::string PackageUrl(size_t index) const {
    return "http://dl.example.com/fw/pkg-" + Version(index) + ".dd";
  }

  // --- Short messages -------------------------------------------------------------------------

  static std::string Msisdn(size_t index) { return std::to_string(kFirstMsisdn + index); }
  std::string Imei(size_t index) const {
    return fleet_[index].device_id().substr(sizeof("IMEI:") - 1);
  }

  // As terminals of China Mobile do it when they are first switched on.
  SentMessage Registration(size_t index) const {
    const terminal::ModelSpec& spec = fleet_[index].model().spec();
    return {Msisdn(index), kRegistrationNumber, kRegistrationPort,
            "IMEI:" + Imei(index) + "/" + std::string(spec.manufacturer) + "/" +
                std::string(spec.model) + "/" + fleet_[index].tree().Value("DevDetail/SwV")};
  }

  void Arrived(const ShortMessage& message) {
    const uint64_t number = std::strtoull(message.terminal.c_str(), nullptr, 10);
    const uint64_t index = number - kFirstMsisdn;
    if (number < kFirstMsisdn || index >= fleet_.size()) return;
    if (message.destination_port == kPushPort) {
      driver_.Notify(static_cast<uint32_t>(index), message.octets);
    } else if (message.source == kRegistrationNumber &&
               message.octets == "IMEI:" + Imei(index) + "/1" && !confirmed_[index]) {
      confirmed_[index] = true;
      ++registered_;
    }
  }

  Result<void> Register() {
    constexpr std::chrono::seconds kPatience{60};
    constexpr size_t kAtATime = 500;
    std::printf("registering %zu terminals by SMS\n", fleet_.size());
    std::fflush(stdout);
    DROVER_TRY(sms_.Start([this](std::vector<ShortMessage> messages) {
      asio::post(loop_, [this, messages = std::move(messages)] {
        for (const ShortMessage& message : messages) Arrived(message);
      });
    }));
    const auto begun = SteadyClock::now();
    std::vector<SentMessage> messages;
    for (size_t i = 0; i < fleet_.size(); ++i) {
      messages.push_back(Registration(i));
      if (messages.size() < kAtATime && i + 1 < fleet_.size()) continue;
      DROVER_TRY(sms_.Send(messages));
      messages.clear();
    }
    while (registered_ < fleet_.size()) {
      if (SteadyClock::now() - begun > kPatience) {
        return DeadlineExceeded("only " + std::to_string(registered_) + " of " +
                                std::to_string(fleet_.size()) +
                                " terminals were confirmed: is push bound (drover push smscs)?");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    const std::chrono::duration<double> took = SteadyClock::now() - begun;
    std::printf("%zu registrations confirmed by SMS after %.1f s\n", fleet_.size(), took.count());
    return {};
  }

  Result<void> SubmitAndWait() {
    std::vector<v1::NewOperation> operations;
    for (size_t label = 0; label < labels_.size(); ++label) {
      for (size_t i = 0; i < fleet_.size(); ++i) {
        if (Wants(i, label)) operations.push_back(New(i, label));
      }
    }
    std::printf("submitting %zu operations\n", operations.size());
    std::fflush(stdout);
    const auto begun = SteadyClock::now();
    DROVER_TRY(const std::vector<v1::Operation> stored, backend_.Submit(operations));
    summary_.submitted = stored.size();
    while (true) {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      DROVER_TRY(Count());
      const DemoProgress progress = Ask();
      const auto elapsed = SteadyClock::now() - begun;
      ShowProgress(progress, std::chrono::duration<double>(elapsed).count());
      int64_t ended = 0;
      for (const LabelOutcome& outcome : summary_.outcomes) ended += outcome.ended();
      const bool quiet = progress.busy == 0;
      if (ended == static_cast<int64_t>(summary_.submitted) && quiet) break;
      if (elapsed > std::chrono::seconds(options_.timeout_s)) {
        std::printf("\nnot done after %lld s\n", static_cast<long long>(options_.timeout_s));
        break;
      }
    }
    if (::isatty(STDOUT_FILENO) != 0) std::printf("\n");
    return {};
  }

  Result<void> Count() {
    std::vector<LabelOutcome> outcomes;
    for (const std::string& label : labels_) {
      LabelOutcome& outcome = outcomes.emplace_back();
      outcome.label = label;
      DROVER_TRY(outcome.states, backend_.Count(label));
    }
    summary_.outcomes = std::move(outcomes);
    return {};
  }

  void StopTerminals() {
    asio::post(loop_, [this] { driver_.Stop(); });
    for (int i = 0; i < 200; ++i) {
      std::promise<bool> answer;
      asio::post(loop_, [this, &answer] { answer.set_value(driver_.idle()); });
      if (answer.get_future().get()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  DemoProgress Ask() {
    std::promise<DemoProgress> answer;
    std::future<DemoProgress> coming = answer.get_future();
    asio::post(loop_, [this, &answer] { answer.set_value(driver_.progress()); });
    return coming.get();
  }

  void ShowProgress(const DemoProgress& progress, double elapsed_s) {
    int64_t succeeded = 0;
    int64_t failed = 0;
    for (const LabelOutcome& outcome : summary_.outcomes) {
      succeeded += outcome.succeeded();
      failed += outcome.failed();
    }
    const bool live = ::isatty(STDOUT_FILENO) != 0;
    std::printf(
        "%s%5.0f s  %lld/%llu succeeded, %lld failed  %llu sessions, %llu messages  "
        "exchange p50 %.1f ms, p95 %.1f ms%s",
        live ? "\r" : "", elapsed_s, static_cast<long long>(succeeded),
        static_cast<unsigned long long>(summary_.submitted), static_cast<long long>(failed),
        static_cast<unsigned long long>(progress.traffic.sessions),
        static_cast<unsigned long long>(progress.traffic.messages),
        progress.traffic.exchange.Percentile(50), progress.traffic.exchange.Percentile(95),
        live ? "\033[K" : "\n");
    std::fflush(stdout);
  }

  Result<int> Conclude(const DemoProgress& last) {
    DROVER_TRY(const std::vector<std::string> differences, Differences());
    summary_.devices = fleet_.size();
    summary_.ledger_differences = differences.size();
    summary_.protocol_faults = last.protocol_faults;
    summary_.reports = last.reports;
    summary_.failed_sessions = last.failed_sessions;
    summary_.power_losses = last.power_losses;
    summary_.registered = registered_;
    if (!options_.smsc.empty()) summary_.notifications = last.wakeups;
    summary_.refused_notifications = last.refused_notifications;
    summary_.traffic = last.traffic;
    for (const std::string& difference : differences) {
      std::printf("difference: %s\n", difference.c_str());
    }
    for (const std::string& failure : last.failures) {
      std::printf("session broke off: %s\n", failure.c_str());
    }
    for (size_t i = 0; i < fleet_.size(); ++i) {
      const auto octets = static_cast<double>(fleet_[i].size_octets());
      summary_.terminal_octets += octets / static_cast<double>(fleet_.size());
      for (const std::string& fault : fleet_[i].faults()) {
        std::printf("protocol fault towards %s (%s %s): %s\n", fleet_[i].device_id().c_str(),
                    std::string(fleet_[i].model().spec().manufacturer).c_str(),
                    std::string(fleet_[i].model().spec().model).c_str(), fault.c_str());
      }
    }
    std::printf("%s", Table(summary_).c_str());
    if (!options_.summary.empty()) DROVER_TRY(WriteFile(options_.summary, Json(summary_)));
    int64_t succeeded = 0;
    for (const LabelOutcome& outcome : summary_.outcomes) succeeded += outcome.succeeded();
    const bool good = succeeded == static_cast<int64_t>(summary_.submitted) &&
                      summary_.submitted > fleet_.size() && differences.empty() &&
                      last.protocol_faults == 0 && summary_.gateways.differences() == 0;
    return good ? 0 : 1;
  }

  Result<std::vector<std::string>> Differences() {
    std::vector<v1::Operation> all;
    for (const std::string& label : labels_) {
      DROVER_TRY(std::vector<v1::Operation> some, backend_.List(label));
      for (v1::Operation& operation : some) all.push_back(std::move(operation));
    }
    std::vector<std::vector<const v1::Operation*>> by_terminal(fleet_.size());
    std::vector<std::string> differences;
    for (const v1::Operation& operation : all) {
      const int64_t index = fleet_.IndexOf(operation.device_id());
      if (index >= 0) by_terminal[static_cast<size_t>(index)].push_back(&operation);
    }
    for (size_t i = 0; i < fleet_.size(); ++i) {
      for (std::string& line : Compare(fleet_[i], by_terminal[i])) {
        differences.push_back(std::move(line));
      }
      CheckTree(i, by_terminal[i].size(), differences);
    }
    return differences;
  }

  // What all its operations should have made of the terminal.
  void CheckTree(size_t index, size_t operations, std::vector<std::string>& differences) const {
    const terminal::Terminal& device = fleet_[index];
    const auto expect = [&](const char* path, const std::string& wanted) {
      const std::string value = device.tree().Value(path);
      if (value == wanted) return;
      differences.push_back(device.device_id() + " has " + path + " = " + value + ", not " +
                            wanted);
    };
    size_t wanted = 0;
    for (size_t label = 0; label < labels_.size(); ++label) wanted += Wants(index, label) ? 1 : 0;
    if (operations != wanted) {
      differences.push_back(device.device_id() + " has " + std::to_string(operations) +
                            " operations, not " + std::to_string(wanted));
    }
    expect("NAP/internet/ADDR", Apn(index));
    expect(("NAP/" + run_ + "/ADDR").c_str(), Apn(index));
    if (Wants(index, kLargeObject)) {
      expect(("NAP/" + run_ + "/NAME").c_str(), LargeObject(index));
    }
    expect("DevDetail/FwV", Version(index));
    const bool reports = device.model().spec().version != terminal::DmVersion::k11;
    if (reports && device.alerts_acknowledged() != 1) {
      differences.push_back(device.device_id() + " had " +
                            std::to_string(device.alerts_acknowledged()) +
                            " reports acknowledged, not 1");
    }
  }

  const DemoOptions& options_;
  Backend backend_;
  const uint64_t seed_;
  const std::string run_;
  const std::vector<std::string> labels_{"read-devinfo." + run_, "read-devdetail." + run_,
                                         "set-apn." + run_,      "confirm-atomic." + run_,
                                         "large-object." + run_, "firmware-update." + run_};
  asio::io_context loop_{1};
  Fleet fleet_;
  DemoDriver driver_;
  SmsBearer sms_;
  std::vector<bool> confirmed_;  // Loop thread only.
  std::atomic<size_t> registered_ = 0;
  DemoSummary summary_;
  std::unique_ptr<RunGateways> gateways_;  // Null: there are none.
};

Result<int> TryRun(const DemoOptions& options) {
  terminal::Quirks quirks;
  for (const std::string& name : options.quirks) {
    DROVER_TRY(const terminal::Quirks more, terminal::Quirks::Parse(name));
    quirks.Add(more);
  }
  uint64_t seed = options.seed;
  if (seed == 0) seed = std::random_device{}();
  DROVER_TRY(Backend backend, Backend::Connect(options.endpoints));
  Demo demo(options, std::move(backend), seed, quirks);
  return demo.Run();
}

}  // namespace

int RunDemo(const DemoOptions& options) {
  const Result<int> code = TryRun(options);
  if (code) return *code;
  std::fprintf(stderr, "drover-load: %s\n", code.error().message.c_str());
  return 1;
}

}  // namespace drover::load

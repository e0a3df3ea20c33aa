// drover-load run: a scenario, from terminals that nobody knows to the comparison of the ledgers.
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <sys/resource.h>

#include "loadtest/drover_load/local_cluster.h"
#include "loadtest/drover_load/run_driver.h"
#include "loadtest/drover_load/run_gateways.h"
#include "loadtest/drover_load/run_ledgers.h"
#include "loadtest/drover_load/run_options.h"
#include "loadtest/drover_load/run_prepare.h"
#include "loadtest/drover_load/run_report.h"
#include "loadtest/drover_load/run_watch.h"
#include "loadtest/drover_load/submitter.h"

namespace drover::load {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr uint64_t kOtherFiles = 200;  // Beside connections of terminals.
constexpr uint64_t kFirstContactConcurrency = 64;

volatile std::sig_atomic_t interrupts = 0;

void CountSignals() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupts = interrupts + 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// How many connections there can be at a time.
uint64_t RaiseFileLimit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur > 2 * kOtherFiles ? limit.rlim_cur - kOtherFiles : kOtherFiles;
}

void ShowProgress(const char* what, uint64_t done, uint64_t all) {
  std::printf("%s %llu of %llu\n", what, static_cast<unsigned long long>(done),
              static_cast<unsigned long long>(all));
  std::fflush(stdout);
}

class LoadRun {
 public:
  LoadRun(const RunOptions& options, scenario::Scenario scenario)
      : options_(options),
        scenario_(std::move(scenario)),
        endpoints_(options.endpoints),
        begun_(SteadyClock::now()),
        max_in_flight_(std::min(scenario_.transport.concurrency, RaiseFileLimit())),
        label_(RunLabel(scenario_.name, options.seed)),
        smsc_(options.smsc),
        request_server_(options.gateways),
        registrar_(options.registrar) {}

  Result<int> Run() {
    std::optional<LocalCluster> local;
    if (options_.local) {
      DROVER_TRY(LocalCluster cluster, StartCluster());
      local.emplace(std::move(cluster));
      local->Fill(endpoints_);
      smsc_ = local->smsc();
      request_server_ = local->gateways();
      registrar_ = local->registrar();
    }
    DROVER_TRY(Complete(endpoints_));
    DROVER_TRY(fleet_, MakeFleet());
    DROVER_TRY(ConfigureSessions());
    DescribeRun();
    if (scenario_.sms) DROVER_TRY(BeginSms());
    if (scenario_.gateways && !options_.prepare_only) DROVER_TRY(BeginGateways());
    if (!options_.no_prepare) DROVER_TRY(Prepare());
    if (options_.prepare_only) return 0;
    if (options_.no_prepare && sms_ == nullptr) DROVER_TRY(CheckPreparation());
    return Load();
  }

 private:
  Result<LocalCluster> StartCluster() {
    LocalClusterOptions wanted;
    wanted.script = options_.cluster;
    wanted.bin = options_.bin;
    for (const auto& [flag, value] : scenario_.cluster) wanted.set.push_back(flag + "=" + value);
    wanted.set.insert(wanted.set.end(), options_.set.begin(), options_.set.end());
    wanted.sms = scenario_.sms.has_value();
    wanted.gateways = scenario_.gateways.has_value();
    wanted.tls = scenario_.transport.tls;
    wanted.enrolment_password_file = options_.enrolment_password_file;
    return LocalCluster::Start(wanted);
  }

  Result<void> BeginSms() {
    submitter_ = std::make_unique<Submitter>(endpoints_, *fleet_, label_);
    submitter_->Start();
    const auto submit = [this](std::vector<uint64_t> terminals) {
      submitter_->Submit(std::move(terminals));
    };
    const RunSms::Config config{smsc_, *scenario_.sms};
    sms_ = std::make_unique<RunSms>(*fleet_, config, submit, record_.sms);
    return sms_->Begin();
  }

  // Whatever else is prepared beforehand, they live as long as this process.
  Result<void> BeginGateways() {
    const InPhase phase(*this, "gateways");
    const RunGateways::Config config{*scenario_.gateways, options_.seed, label_, request_server_,
                                     registrar_};
    DROVER_TRY(gateways_, RunGateways::Make(endpoints_, config, record_.gateways));
    return gateways_->Prepare(Watching());
  }

  Result<std::unique_ptr<fleet::Fleet>> MakeFleet() {
    fleet::FleetConfig config;
    config.population = scenario_.population;
    config.seed = options_.seed;
    config.terminals = scenario_.devices;
    config.server = {endpoints_.server_id, endpoints_.ingress};
    config.entropy = static_cast<uint64_t>(SteadyClock::now().time_since_epoch().count());
    config.objects.update_min =
        std::chrono::duration_cast<std::chrono::milliseconds>(scenario_.timing.update_min);
    config.objects.update_max =
        std::chrono::duration_cast<std::chrono::milliseconds>(scenario_.timing.update_max);
    return fleet::Fleet::Make(std::move(config));
  }

  Result<void> ConfigureSessions() {
    DROVER_TRY(const terminal::Url url, terminal::ParseUrl(endpoints_.ingress));
    DROVER_TRY(const auto address, terminal::Resolve(url.host));
    sessions_.addresses[url.host] = address;
    sessions_.timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(scenario_.timing.answer_timeout);
    sessions_.attempts = static_cast<int>(scenario_.timing.attempts);
    sessions_.retry_pause =
        std::chrono::duration_cast<std::chrono::milliseconds>(scenario_.timing.retry_pause);
    sessions_.busy_ends_session = true;
    sessions_.keep_alive = scenario_.transport.keep_alive;
    if (url.tls) {
      tls_ = std::make_unique<terminal::TlsClient>(
          terminal::TlsOptions{.resume = scenario_.transport.resumption});
      sessions_.tls = tls_.get();
    } else if (scenario_.transport.tls) {
      return InvalidArgument("with TLS the URL of --ingress must begin with https://");
    }
    return {};
  }

  void DescribeRun() {
    record_.scenario = scenario_.name;
    record_.scenario_text = scenario_.text;
    record_.command_line = options_.command_line;
    record_.seed = options_.seed;
    record_.model = options_.closed > 0 ? report::Model::kClosed : report::Model::kOpen;
    record_.scale.devices = scenario_.devices;
    if (options_.closed == 0) {
      for (const scenario::RatePoint& point : scenario_.arrivals.rates) {
        record_.scale.rate_per_s = std::max(record_.scale.rate_per_s, point.per_s);
      }
      const double storm_s = std::chrono::duration<double>(scenario_.arrivals.storm).count();
      if (storm_s > 0) record_.scale.rate_per_s = static_cast<double>(scenario_.devices) / storm_s;
    }
    record_.expects_refusals = scenario_.expected.refusals;
    record_.expects_failures = scenario_.expected.failures;
    record_.scale.concurrency = options_.closed > 0 ? options_.closed : max_in_flight_;
    record_.scale.duration_s = std::chrono::duration<double>(scenario_.duration).count();
    record_.start_unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                std::chrono::system_clock::now().time_since_epoch())
                                .count();
    record_.generator.name = options_.name;
    record_.machine = ThisMachine();
    std::printf("%s: %s\n%llu terminals, seed %llu, %s\n", scenario_.name.c_str(),
                scenario_.description.c_str(), static_cast<unsigned long long>(scenario_.devices),
                static_cast<unsigned long long>(options_.seed),
                options_.closed > 0 ? "closed model" : "open model");
    std::fflush(stdout);
  }

  Watchful Watching() const {
    return {ShowProgress, [] { return interrupts > 0; }};
  }
  double Now() const { return std::chrono::duration<double>(SteadyClock::now() - begun_).count(); }
  // A phase of the record, from now to the end of the scope.
  class InPhase {
   public:
    InPhase(LoadRun& run, std::string name) : run_(run), name_(std::move(name)), at_(run.Now()) {}
    ~InPhase() {
      const double took = run_.Now() - at_;
      run_.record_.phases.push_back({name_, at_, took});
      std::printf("%s took %.1f s\n", name_.c_str(), took);
      std::fflush(stdout);
    }

   private:
    LoadRun& run_;
    std::string name_;
    double at_;
  };

  Result<void> Prepare() {
    {
      const InPhase phase(*this, "enrolment");
      DROVER_TRY(EnrolAll(endpoints_, *fleet_, Watching()));
    }
    if (scenario_.first_contact) {
      const InPhase phase(*this, "first contact");
      DROVER_TRY(FirstContact());
    }
    if (sms_ != nullptr) {
      const InPhase phase(*this, "registration");
      return scenario_.sms->registers ? sms_->RegisterAll(Watching()) : Result<void>();
    }
    const InPhase phase(*this, "submission");
    DROVER_TRY(const uint64_t submitted, SubmitAll(endpoints_, *fleet_, label_, Watching()));
    std::printf("submitted %llu operations\n", static_cast<unsigned long long>(submitted));
    return {};
  }

  // Each terminal polls once; nothing is measured.
  Result<void> FirstContact() {
    report::RunRecord ignored;
    RunMeter meter(ignored, SteadyClock::now());
    DriverConfig config;
    config.seed = options_.seed;
    config.closed = kFirstContactConcurrency;
    config.limit = fleet_->size();
    config.settle = scenario_.timing.settle;
    config.polls = true;
    RunDriver driver(*fleet_, scenario_, sessions_, config, meter);
    driver.Run([](const std::string& line) { std::printf("%s\n", line.c_str()); },
               [] { return static_cast<int>(interrupts); });
    if (interrupts > 0) return Cancelled("interrupted");
    if (driver.not_started() > 0 || ignored.totals.failed > fleet_->size() / 100) {
      for (const std::string& line : driver.complaints())
        std::fprintf(stderr, "%s\n", line.c_str());
      return Unavailable("the first contact of the terminals does not work");
    }
    return {};
  }

  Result<void> CheckPreparation() {
    DROVER_TRY(Backend backend, Backend::Connect(endpoints_));
    return CheckPrepared(backend, *fleet_, label_);
  }

  Result<int> Load() {
    record_.generator.start_s = Now();
    if (tls_ != nullptr) handshakes_before_ = tls_->counts();
    RunMeter meter(record_, begun_);
    DriverConfig config;
    config.seed = options_.seed;
    config.closed = options_.closed;
    config.max_in_flight = max_in_flight_;
    config.duration = scenario_.duration;
    const bool once = scenario_.duration.count() == 0 && scenario_.arrivals.steps.empty();
    config.limit = once ? fleet_->size() : 0;
    config.settle = scenario_.timing.settle;
    config.sms = sms_.get();
    RunDriver driver(*fleet_, scenario_, sessions_, config, meter);
    DROVER_TRY(const std::unique_ptr<watch::Watch> watch, BeginWatch(options_, endpoints_, begun_));
    if (gateways_ != nullptr) gateways_->BeginLoad();
    {
      const InPhase phase(*this, "load");
      driver.Run(
          [&](const std::string& line) {
            std::printf("%s\n", line.c_str());
            std::fflush(stdout);
          },
          [] { return static_cast<int>(interrupts); });
    }
    if (sms_ != nullptr) EndSms();
    if (gateways_ != nullptr) EndGateways();
    record_.interrupted = interrupts > 0;
    interrupts = 0;  // The comparison can be interrupted by itself.
    Sum(driver);
    CompareBelief(driver);
    record_.series = watch->Stop();
    for (const std::string& line : driver.complaints()) std::fprintf(stderr, "%s\n", line.c_str());
    for (const std::string& line : fleet_->faults()) {
      std::fprintf(stderr, "protocol fault: %s\n", line.c_str());
    }
    record_.wall_s = Now();
    return Conclude(options_.out, scenario_.thresholds, record_);
  }

  void EndSms() {
    sms_->End();
    submitter_->Finish();
    if (const auto error = submitter_->error()) {
      std::fprintf(stderr, "operations could not be submitted: %s\n", error->message.c_str());
    }
    if (sms_->strange() > 0) {
      std::fprintf(stderr, "%llu short messages are neither notifications nor confirmations\n",
                   static_cast<unsigned long long>(sms_->strange()));
    }
  }

  void EndGateways() {
    {
      const InPhase phase(*this, "gateways' rest");
      gateways_->EndLoad(scenario_.timing.settle, [] { return interrupts > 0; });
    }
    Result<void> outcome;
    if (gateways_->error()) outcome = *gateways_->error();
    if (outcome) outcome = gateways_->Compare();
    if (outcome) return;
    record_.failure = "gateways: " + outcome.error().message;
  }

  void Sum(const RunDriver& driver) {
    const terminal::Traffic& traffic = driver.traffic();
    record_.duration_s = driver.duration_s();
    record_.totals.good_in_time = driver.good_in_time();
    record_.totals.not_started = driver.not_started();
    record_.totals.retries = traffic.retries;
    record_.totals.connections = traffic.connections;
    if (tls_ != nullptr) {
      record_.totals.handshakes_full = tls_->counts().full - handshakes_before_.full;
      record_.totals.handshakes_resumed = tls_->counts().resumed - handshakes_before_.resumed;
    }
    for (const terminal::Traffic::Sizes& sizes : traffic.sizes) {
      record_.totals.sent_octets += sizes.request_octets;
      record_.totals.received_octets += sizes.response_octets;
    }
    const uint64_t octets = fleet_->size_octets() + (sms_ != nullptr ? sms_->size_octets() : 0);
    record_.generator.terminal_octets = octets / fleet_->size();
    JudgeGenerator(driver.was_full() && record_.scale.concurrency == max_in_flight_, record_);
  }

  void CompareBelief(const RunDriver& driver) {
    report::Ledgers& ledgers = record_.ledgers;
    if (options_.no_ledgers) {
      ledgers.not_compared_because = "--no-ledgers";
      return;
    }
    const InPhase phase(*this, "ledgers");
    const TerminalFacts facts{
        [&driver](uint64_t index) { return driver.EndedWell(index); },
        [this](uint64_t index) { return sms_ == nullptr || sms_->Submitted(index); }};
    const Result<void> compared =
        CompareLedgers(endpoints_, *fleet_, label_, facts, Watching(), record_);
    if (compared) return;
    ledgers.not_compared_because = compared.error().message;
    std::fprintf(stderr, "drover-load: %s\n", compared.error().message.c_str());
  }

  const RunOptions& options_;
  scenario::Scenario scenario_;
  Endpoints endpoints_;
  SteadyClock::time_point begun_;
  uint64_t max_in_flight_;
  std::string label_;
  std::string smsc_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<Submitter> submitter_;
  std::string request_server_;
  std::string registrar_;
  std::unique_ptr<RunGateways> gateways_;  // Null: there are none.
  std::unique_ptr<RunSms> sms_;            // Null: terminals are not reached by SMS.
  std::unique_ptr<terminal::TlsClient> tls_;
  terminal::TlsCounts handshakes_before_;  // Of first contacts.
  terminal::SessionRunConfig sessions_;
  report::RunRecord record_;
};

}  // namespace

int RunLoad(const RunOptions& options) {
  CountSignals();
  Result<scenario::Scenario> scenario = ScenarioOf(options);
  if (!scenario) {
    std::fprintf(stderr, "drover-load: %s\n", scenario.error().message.c_str());
    return 2;
  }
  LoadRun run(options, std::move(*scenario));
  const Result<int> code = run.Run();
  if (code) return *code;
  std::fprintf(stderr, "drover-load: %s\n", code.error().message.c_str());
  return code.error().code == Code::kInvalidArgument ? 2 : 1;
}

}  // namespace drover::load

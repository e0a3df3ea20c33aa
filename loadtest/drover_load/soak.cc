// drover-load soak: terminals and operators that never rest, and books on every single operation.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <future>
#include <iostream>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "loadtest/drover_load/report.h"
#include "loadtest/drover_load/soak_driver.h"
#include "loadtest/drover_load/soak_operator.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t kSubmission = 20;  // Operations in one request.
constexpr int kOperators = 4;
constexpr milliseconds kLook{250};
constexpr std::chrono::seconds kAskAfter{20};  // An open operation of which no event has come.

std::atomic<bool> stop_asked = false;
void AskToStop(int) { stop_asked = true; }

std::vector<terminal::ModelSpec> Models() {
  std::vector<terminal::ModelSpec> specs;
  for (const terminal::ModelSpec& spec : terminal::Catalogue()) {
    // Before DM 1.2 there is no generic alert: an update of unknown effect can never be told.
    if (spec.version != terminal::DmVersion::k11) specs.push_back(spec);
  }
  return specs;
}

std::string RunName(uint64_t seed) {
  char name[32];
  std::snprintf(name, sizeof name, "%llx-%llx", static_cast<unsigned long long>(seed & 0xFFFFFF),
                static_cast<unsigned long long>(
                    std::chrono::system_clock::now().time_since_epoch().count() / 1000 % 0xFFFFFF));
  return name;
}

// How far a run is.
struct Standing {
  SoakTraffic traffic;
  SoakCounts counts;
  size_t open = 0;
  size_t events_missing = 0;
};

class Soak {
 public:
  Soak(const SoakOptions& options, std::vector<Backend> backends)
      : options_(options),
        run_(RunName(options.seed)),
        fleet_(options.endpoints, Models(), options.devices, options.seed),
        books_(fleet_.size()),
        plan_(run_, options.seed, {options.atomics, options.large_objects}),
        driver_(loop_, fleet_, books_, options.endpoints.kafka, "drover-load-" + run_, Pace(),
                options.seed, [this](uint64_t serial) { AskFor(serial); }),
        operator_(std::move(backends), run_, Callbacks()) {}

  Result<int> Run(Backend& backend) {
    // An update that the power left in the middle is completed: none fails but for Drover.
    fleet_.surroundings().objects.complete_permille = 1000;
    begun_ = SteadyClock::now();
    DROVER_TRY(backend.Enrol(fleet_.Enrolments()));
    auto work = asio::make_work_guard(loop_);
    std::thread loop_thread([this] { loop_.run(); });
    asio::post(loop_, [this] { Begin(); });
    Watch([this](const Standing&) { return Over(); });
    asio::post(loop_, [this] {
      quiescing_ = true;
      driver_.Quiesce();
    });
    const auto deadline = SteadyClock::now() + std::chrono::seconds(options_.quiesce_s);
    Watch([&](const Standing& now) {
      const bool done = now.open == 0 && now.traffic.owing == 0 && now.events_missing == 0 &&
                        operator_.waiting() == 0;
      return done || SteadyClock::now() > deadline;
    });
    End();
    loop_.stop();
    loop_thread.join();
    return Conclude();
  }

 private:
  SoakPace Pace() const {
    SoakPace pace;
    pace.sessions_per_s = options_.sessions_per_s;
    pace.concurrency = options_.concurrency;
    pace.answer_timeout = milliseconds(options_.answer_timeout_ms);
    return pace;
  }

  // --- On the loop -----------------------------------------------------------------------------

  SoakOperator::Callbacks Callbacks() {
    SoakOperator::Callbacks callbacks;
    callbacks.accepted = [this](std::vector<uint64_t> serials, std::vector<v1::Operation> stored) {
      asio::post(loop_, [this, serials = std::move(serials), stored = std::move(stored)] {
        for (size_t i = 0; i < serials.size(); ++i) {
          if (books_.Accept(serials[i], stored[i])) AskFor(serials[i]);
        }
      });
    };
    callbacks.withdrawn = [this](std::vector<uint64_t> serials, const std::string& why) {
      asio::post(loop_, [this, serials = std::move(serials), why] {
        for (const uint64_t serial : serials) books_.Withdraw(serial);
        if (!why.empty()) refusals_.push_back(why);
      });
    };
    callbacks.answered = [this](uint64_t serial, v1::Operation operation) {
      asio::post(loop_,
                 [this, serial, operation = std::move(operation)] { Told(serial, operation); });
    };
    callbacks.unknown = [this](uint64_t serial) {
      asio::post(loop_, [this, serial] {
        books_.Lose(serial, "was accepted, and operations does not know it");
      });
    };
    return callbacks;
  }

  void Begin() {
    driver_.Start();
    for (uint32_t slot = 0; slot < options_.slots; ++slot) {
      for (uint32_t i = 0; i < fleet_.size(); ++i) Plan(i, slot);
    }
    Submit(/*all=*/true);
  }

  void Plan(uint32_t terminal, uint32_t slot) {
    SoakOperation operation = plan_.Draw(fleet_[terminal], terminal, slot);
    books_.Plan(operation);
    planned_.push_back(std::move(operation));
  }

  void Submit(bool all) {
    while (planned_.size() >= kSubmission || (all && !planned_.empty())) {
      const auto end =
          planned_.begin() + static_cast<ptrdiff_t>(std::min(kSubmission, planned_.size()));
      operator_.Submit({std::make_move_iterator(planned_.begin()), std::make_move_iterator(end)});
      planned_.erase(planned_.begin(), end);
    }
  }

  void AskFor(uint64_t serial) {
    const auto it = books_.open().find(serial);
    if (it == books_.open().end() || it->second.id.empty()) return;
    asked_[serial] = SteadyClock::now();
    operator_.Ask({serial, it->second.id});
  }

  void Told(uint64_t serial, const v1::Operation& operation) {
    const auto it = books_.open().find(serial);
    if (it == books_.open().end() || !HasEnded(operation.state())) return;
    const uint32_t terminal = it->second.plan.terminal;
    const uint32_t slot = it->second.plan.slot;
    driver_.Settle(terminal);
    books_.Close(serial, operation, SteadyClock::now());
    asked_.erase(serial);
    if (!quiescing_) Plan(terminal, slot);
  }

  // Events may be late: what has been open for long is asked for, a few each time.
  void AskAbout() {
    const auto now = SteadyClock::now();
    int left = 20;
    auto it = books_.open().upper_bound(last_asked_);
    for (size_t seen = 0; seen < books_.open().size() && left > 0; ++seen, ++it) {
      if (it == books_.open().end()) it = books_.open().begin();
      last_asked_ = it->first;
      const auto [asked, first] = asked_.emplace(it->first, now);
      if (first || now - asked->second < kAskAfter) continue;
      AskFor(it->first);
      --left;
    }
    std::erase_if(asked_, [this](const auto& one) { return !books_.open().contains(one.first); });
  }

  Standing Stand() {
    Submit(/*all=*/true);
    AskAbout();
    return {driver_.traffic(), books_.counts(), books_.open().size(), books_.events_missing()};
  }

  // --- On the main thread ----------------------------------------------------------------------

  Standing Ask() {
    std::promise<Standing> answer;
    asio::post(loop_, [this, &answer] { answer.set_value(Stand()); });
    return answer.get_future().get();
  }

  bool Over() const {
    if (stop_asked) return true;
    return !options_.until_stopped &&
           SteadyClock::now() - begun_ > std::chrono::seconds(options_.duration_s);
  }

  template <typename Done>
  void Watch(Done done) {
    while (true) {
      std::this_thread::sleep_for(kLook);
      const Standing now = Ask();
      Show(now);
      if (done(now)) return;
    }
  }

  void Show(const Standing& now) {
    if (options_.json) {
      std::cout << Json(now).dump() << std::endl;
      return;
    }
    if (++looks_ % 4 != 0) return;
    const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf(
        "%5.0f s  sessions %llu (%llu broken, %llu power cuts)  operations %llu accepted, "
        "%llu ended, %zu open  lost %llu, doubled %llu\n",
        Elapsed(), number(now.traffic.traffic.sessions), number(now.traffic.broken),
        number(now.traffic.power_cuts), number(now.counts.accepted), number(now.counts.ended),
        now.open, number(now.counts.lost), number(now.counts.doubled));
    std::fflush(stdout);
  }

  void End() {
    operator_.Stop();
    asio::post(loop_, [this] { driver_.Stop(); });
    for (int i = 0; i < 200; ++i) {
      std::promise<bool> answer;
      asio::post(loop_, [this, &answer] { answer.set_value(driver_.idle()); });
      if (answer.get_future().get()) break;
      std::this_thread::sleep_for(milliseconds(50));
    }
    std::promise<void> closed;
    asio::post(loop_, [this, &closed] {
      for (uint32_t i = 0; i < fleet_.size(); ++i) driver_.Settle(i);
      books_.CloseRest();
      closed.set_value();
    });
    closed.get_future().get();
  }

  double Elapsed() const {
    return std::chrono::duration<double>(SteadyClock::now() - begun_).count();
  }

  nlohmann::json Json(const Standing& now) const {
    return {{"seconds", Elapsed()},
            {"sessions", now.traffic.traffic.sessions},
            {"sessions_good", now.traffic.traffic.sessions_good},
            {"sessions_broken", now.traffic.broken},
            {"sessions_broken_by", now.traffic.breaks},
            {"power_cuts", now.traffic.power_cuts},
            {"messages", now.traffic.traffic.messages},
            {"messages_repeated", now.traffic.traffic.retries},
            {"wakeups", now.traffic.wakeups},
            {"reports", now.traffic.reports},
            {"protocol_faults", now.traffic.protocol_faults},
            {"submissions_repeated", operator_.retries()},
            {"operations", now.counts.accepted},
            {"ended", now.counts.ended},
            {"succeeded", now.counts.succeeded},
            {"uncertain", now.counts.uncertain},
            {"verified", now.counts.verified},
            {"open", now.open},
            {"lost", now.counts.lost},
            {"doubled", now.counts.doubled}};
  }

  Result<int> Conclude() {
    const Standing now{driver_.traffic(), books_.counts(), 0, books_.events_missing()};
    nlohmann::json json = Json(now);
    json["apart"] = now.counts.apart;
    json["unexpected"] = now.counts.unexpected;
    json["events_missing"] = now.events_missing;
    json["submissions_refused"] = refusals_;
    json["findings"] = books_.findings();
    json["exchange_ms"] = LatencyJson(now.traffic.traffic.exchange);
    nlohmann::json faults = nlohmann::json::array();
    for (size_t i = 0; i < fleet_.size() && faults.size() < 50; ++i) {
      for (const std::string& fault : fleet_[i].faults()) {
        faults.push_back(fleet_[i].device_id() + ": " + fault);
      }
    }
    json["faults"] = faults;
    if (!options_.summary.empty()) DROVER_TRY(WriteFile(options_.summary, json.dump(2) + "\n"));
    if (!options_.json) std::printf("%s\n", json.dump(2).c_str());
    uint64_t unexpected = refusals_.size();
    for (const auto& [cause, count] : now.counts.unexpected) unexpected += count;
    const bool good = now.counts.lost == 0 && now.counts.doubled == 0 && unexpected == 0 &&
                      now.events_missing == 0 && now.traffic.protocol_faults == 0;
    return good ? 0 : 1;
  }

  const SoakOptions& options_;
  const std::string run_;
  asio::io_context loop_{1};
  Fleet fleet_;
  SoakBooks books_;
  SoakPlan plan_;
  std::vector<SoakOperation> planned_;
  std::map<uint64_t, SteadyClock::time_point> asked_;
  uint64_t last_asked_ = 0;
  std::vector<std::string> refusals_;
  bool quiescing_ = false;
  SoakDriver driver_;
  SoakOperator operator_;
  SteadyClock::time_point begun_;
  int looks_ = 0;
};

Result<int> TryRun(const SoakOptions& options) {
  std::vector<Backend> backends;
  for (int i = 0; i < kOperators; ++i) {
    DROVER_TRY(Backend backend, Backend::Connect(options.endpoints));
    backends.push_back(std::move(backend));
  }
  DROVER_TRY(Backend own, Backend::Connect(options.endpoints));
  std::signal(SIGTERM, AskToStop);
  std::signal(SIGINT, AskToStop);
  Soak soak(options, std::move(backends));
  return soak.Run(own);
}

}  // namespace

int RunSoak(const SoakOptions& options) {
  const Result<int> code = TryRun(options);
  if (code) return *code;
  std::fprintf(stderr, "drover-load: %s\n", code.error().message.c_str());
  return 1;
}

}  // namespace drover::load

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "libs/dispatch/slot_index.h"
#include "loadtest/radio/goals.h"
#include "loadtest/radio/smscs.h"

namespace drover::radio {
namespace {

using dispatch::EndState;
using dispatch::Mixed;
using dispatch::Options;
using dispatch::Send;
using dispatch::SmscOptions;

constexpr uint32_t kWide = 1'000'000;  // A window that is never in the way.
constexpr Mobile kFirstMobile = 8'613'800'000'000;

double Quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  const auto at = static_cast<size_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(at), values.end());
  return values[at];
}

Options OptionsOf(const Run& run) {
  Options options;
  options.seed = run.seed;
  const bool alerts = run.kind == Kind::kGroupAlert;
  options.smscs.push_back(
      {.name = "radio",
       .gate = dispatch::Gate::kTransaction,
       .alert = alerts ? dispatch::AlertMode::kDeliveryPendingFlag : dispatch::AlertMode::kOff,
       .max_started_groups = kWide});
  const Options naive = dispatch::NaiveOptions(options, run.kind == Kind::kNaiveFast);
  if (run.kind == Kind::kNaive || run.kind == Kind::kNaiveFast) return naive;
  if (run.same_backoff) options.backoff = naive.backoff;
  return options;
}

// A success is one within T_group: a response that comes a little later counts for nothing here.
Figures FiguresOf(const World& world, Us t_group, uint64_t attempts) {
  Figures figures;
  std::vector<double> times;
  for (const Push& push : world.pushes()) {
    const bool in_time = push.ended_at - push.at <= t_group;
    if (push.end == EndState::kDelivered && in_time) {
      times.push_back(static_cast<double>(push.ended_at - push.at) / kSecond);
    } else if (push.reached != 0 && push.end != EndState::kDelivered) {
      figures.orphans += 1;
    }
  }
  const auto pushes = static_cast<double>(world.pushes().size());
  for (const double time : times) figures.mean_s += time / static_cast<double>(times.size());
  figures.success = static_cast<double>(times.size()) / pushes;
  figures.orphans /= pushes;
  figures.p95_s = Quantile(times, 0.95);
  figures.attempts = static_cast<double>(attempts) / pushes;
  return figures;
}

}  // namespace

Figures Measure(const Run& run) {
  RadioSmsc smsc(run.profile, {}, run.kind == Kind::kGroupAlert, run.seed);
  const Options options = OptionsOf(run);
  World world(options, smsc);
  world.BindUp(kWide);
  for (size_t i = 0; i < run.pushes; ++i) {
    world.Add(
        {.at = static_cast<Us>(i) * 10'000, .mobile = kFirstMobile + i, .segments = run.segments});
  }
  world.Run();
  return FiguresOf(world, options.t_group_notification.count(), smsc.attempts());
}

// --- Order -------------------------------------------------------------------------------------

namespace {

// Looks on at submissions with the eyes of the terminals.
class OrderWatch {
 public:
  explicit OrderWatch(OrderFigures& figures) : figures_(figures) {}

  void See(const Send& send, const Push& push) {
    ++figures_.sends;
    Active& active = active_[push.mobile];
    if (active.group != send.ticket.group) Begin(active, send, push);
    const uint8_t k = send.ticket.segment;
    if (k != active.next && k != active.next - 1) ++figures_.out_of_order;
    active.next = static_cast<uint8_t>(std::max<int>(active.next, k + 1));
    if (send.bind != active.bind) ++figures_.two_binds;
  }

 private:
  struct Active {
    dispatch::GroupId group = 0;
    const Push* push = nullptr;
    dispatch::BindId bind = 0;
    uint16_t ref = 0;
    uint8_t next = 1;
    std::set<uint16_t> in_part;  // Numbers of groups that the terminal has in part.
  };
  void Begin(Active& active, const Send& send, const Push& push) {
    if (active.push != nullptr && active.push->outcomes == 0) ++figures_.two_active;
    const bool in_part = active.push != nullptr && active.push->reached != 0 &&
                         active.push->end != EndState::kDelivered;
    if (in_part && active.push->segments > 1) active.in_part.insert(active.ref);
    active.group = send.ticket.group;
    active.push = &push;
    active.bind = send.bind;
    active.ref = send.ref;
    active.next = 1;
    if (send.total > 1 && active.in_part.contains(send.ref)) ++figures_.ref_clashes;
  }

  OrderFigures& figures_;
  std::unordered_map<Mobile, Active> active_;
};

void AddOrderPushes(World& world, size_t groups, size_t numbers, uint64_t seed) {
  for (size_t i = 0; i < groups; ++i) {
    const uint64_t draw = Mixed(seed ^ i);
    world.Add({.at = static_cast<Us>(i) * 500,
               .mobile = kFirstMobile + draw % numbers,
               .segments = static_cast<uint8_t>(1 + (draw >> 40) % 5),
               .priority = static_cast<dispatch::Priority>((draw >> 50) % 3)});
  }
}

}  // namespace

OrderFigures MeasureOrder(size_t groups, size_t numbers, uint64_t seed) {
  Options options;
  options.seed = seed;
  options.t_group_notification = std::chrono::hours(24);
  options.fast_retries = 200;  // No suspension: a lane's groups follow one another.
  options.fast_retry_after = std::chrono::milliseconds(100);
  options.smscs.push_back({.name = "quick", .receipts = false, .accept_is_delivered = true});
  QuickSmsc smsc({.answer_s = 0.02, .temporary = 0.05, .permanent = 0.01}, seed);
  World world(options, smsc);
  for (int bind = 0; bind < 4; ++bind) world.BindUp(200);
  AddOrderPushes(world, groups, numbers, seed);
  OrderFigures figures;
  OrderWatch watch(figures);
  world.on_send = [&](const Send& send, const Push& push) { watch.See(send, push); };
  world.Run();
  figures.groups = groups;
  for (const Push& push : world.pushes()) {
    figures.delivered += push.end == EndState::kDelivered ? 1 : 0;
    figures.not_once += push.outcomes == 1 ? 0 : 1;
  }
  return figures;
}

// --- Crashes -----------------------------------------------------------------------------------

CrashFigures MeasureCrashes(size_t groups, size_t crashes, uint64_t seed) {
  Options options;
  options.seed = seed;
  options.smscs.push_back({.name = "quick"});
  QuickSmsc smsc({.answer_s = 0.05, .temporary = 0.02, .receipt_s = 2}, seed);
  World world(options, smsc, /*commit_every=*/5'000);
  for (int bind = 0; bind < 4; ++bind) world.BindUp(50);
  constexpr Us kSpacing = 2'000;
  for (size_t i = 0; i < groups; ++i) {
    world.Add({.at = static_cast<Us>(i) * kSpacing,
               .mobile = kFirstMobile + Mixed(seed ^ i) % groups,
               .segments = static_cast<uint8_t>(1 + Mixed(i) % 5)});
  }
  const auto span = static_cast<uint64_t>(kSpacing) * groups;
  for (size_t i = 0; i < crashes; ++i) {
    world.CrashAt(static_cast<Us>(Mixed(seed + 77 + i) % span));
  }
  CrashFigures figures{.groups = groups, .crashes = crashes};
  uint64_t maybe = 0;
  world.on_send = [&](const Send& send, const Push& push) {
    const uint64_t bit = uint64_t{1} << (send.ticket.segment - 1);
    if (send.maybe_sent) ++maybe;
    if (!send.maybe_sent && (push.reached & bit) != 0) ++figures.copies_elsewhere;
  };
  world.Run();
  figures.in_flight = maybe;
  for (const Push& push : world.pushes()) {
    figures.lost += push.outcomes == 0 ? 1 : 0;
    figures.reported_twice += push.outcomes > 1 ? 1 : 0;
    figures.copies += push.copies;
  }
  return figures;
}

// --- Overhead ----------------------------------------------------------------------------------

// The same number of segments a second, a share of them in groups of four.
double MeasureSingles(double share_of_groups, size_t messages, uint64_t seed) {
  Options options;
  options.seed = seed;
  options.smscs.push_back({.name = "quick",
                           .receipts = false,
                           .accept_is_delivered = true,
                           .segments_per_second = 100});
  QuickSmsc smsc({.answer_s = 0.05}, seed);
  World world(options, smsc);
  world.BindUp(20);
  constexpr uint8_t kSegments = 4;
  constexpr double kRate = 70;  // Segments a second, of the 100 that the SMSC takes.
  Us at = 0;
  for (size_t i = 0, sent = 0; sent < messages; ++i) {
    const double draw = static_cast<double>(Mixed(seed ^ (3 * i)) >> 11) * 0x1.0p-53;
    const bool group =
        draw < share_of_groups / kSegments / (share_of_groups / kSegments + 1 - share_of_groups);
    const uint8_t segments = group ? kSegments : 1;
    world.Add({.at = at, .mobile = kFirstMobile + i, .segments = segments});
    at += static_cast<Us>(segments * kSecond / kRate);
    sent += segments;
  }
  world.Run();
  std::vector<double> waits;
  for (const Push& push : world.pushes()) {
    if (push.segments == 1) waits.push_back(static_cast<double>(push.accepted_at - push.at) / 1000);
  }
  return Quantile(waits, 0.99);
}

}  // namespace drover::radio

// Any octets as a journal: the scheduler refuses a record or makes something of it, and what it
// made goes on to its end, the same after it was written and read once more.
#include "libs/base/check.h"
#include "libs/dispatch/journal_frames.h"
#include "libs/dispatch/scheduler.h"
#include "tests/fuzz/fuzz.h"

namespace drover::dispatch {
namespace {

constexpr int kMostTurns = 2000;

Options OptionsOf() {
  Options options;
  options.smscs.push_back({.name = "first", .can_query = true});
  options.smscs.push_back({.name = "second", .gate = Gate::kReceipt});
  return options;
}

// An input is a row of records, each with its length in two octets before it.
std::string_view NextRecord(std::string_view& in) {
  if (in.size() < 2) return {};
  const size_t size = static_cast<uint8_t>(in[0]) << 8 | static_cast<uint8_t>(in[1]);
  const std::string_view record = in.substr(2, size);
  in.remove_prefix(2 + record.size());
  return record;
}

// What a snapshot writes is read, and written again as it was.
void CheckSnapshot(Scheduler& scheduler) {
  Effects written;
  scheduler.BeginSnapshot(written);
  while (!scheduler.SnapshotSome(1000, written)) {
  }
  const std::unique_ptr<Scheduler> again = MakeScheduler(OptionsOf());
  FrameReader reader(written.journal);
  std::string_view record;
  while (reader.Next(record)) DROVER_CHECK(again->Restore(record).has_value());
  DROVER_CHECK(reader.at_end());
}

void PlayToTheEnd(Scheduler& scheduler, TimePoint now) {
  Effects out;
  scheduler.Restored(now, out);
  scheduler.BindUp(1, 0, 10, now, out);
  scheduler.BindUp(2, 1, 10, now, out);
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const std::vector<Effect> effects = std::move(out.effects);
    out.Clear();
    for (const Effect& effect : effects) {
      const Send* send = std::get_if<Send>(&effect.what);
      if (send != nullptr) scheduler.Accepted(send->ticket, {.id = "id"}, now, out);
    }
    if (!out.effects.empty()) continue;
    if (scheduler.NextDeadline() == TimePoint::max()) break;
    now = std::max(now, scheduler.NextDeadline());
    scheduler.Tick(now, out);
  }
  if (scheduler.NextDeadline() == TimePoint::max()) DROVER_CHECK(scheduler.counters().lanes == 0);
}

}  // namespace
}  // namespace drover::dispatch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::dispatch;
  std::string_view in = View(data, size);
  const std::unique_ptr<Scheduler> scheduler = MakeScheduler(OptionsOf());
  while (!in.empty()) {
    const std::string_view record = NextRecord(in);
    if (record.empty() || !scheduler->Restore(record)) break;
  }
  CheckSnapshot(*scheduler);
  PlayToTheEnd(*scheduler, drover::TimePoint(std::chrono::seconds(1'800'000'000)));
  return 0;
}

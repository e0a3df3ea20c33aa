// The scheduler of segment groups in a world that the input makes up: SMSCs of all kinds, jobs,
// binds that come and go, answers right, late and missing, receipts early and for nobody, crashes
// that cut the journal. What must hold is in libs/dispatch/testing/watcher.h; at the end each job
// has one outcome.
#include <algorithm>

#include "libs/dispatch/testing/play.h"
#include "tests/fuzz/fuzz.h"

namespace drover::dispatch {
namespace {

constexpr int kMostSteps = 400;

// Decisions from octets; when they run out, every decision is the first.
class Input {
 public:
  explicit Input(std::string_view octets) : octets_(octets) {}
  bool empty() const { return octets_.empty(); }
  uint64_t Below(uint64_t n) {
    uint64_t value = 0;
    for (uint64_t left = n - 1; left > 0; left >>= 8) value = value << 8 | Octet();
    return value % n;
  }

 private:
  uint8_t Octet() {
    if (octets_.empty()) return 0;
    const auto octet = static_cast<uint8_t>(octets_.front());
    octets_.remove_prefix(1);
    return octet;
  }
  std::string_view octets_;
};

Options OptionsOf(Input& in) {
  using std::chrono::seconds;
  Options options;
  options.most_parked_receipts = 1 + in.Below(8);
  options.failover_after = seconds(1 + in.Below(60));
  options.t_reasm = seconds(20 + in.Below(600));
  options.fast_retries = static_cast<uint8_t>(in.Below(4));
  for (int s = 0; s < 2; ++s) {
    SmscOptions smsc;
    smsc.name = s == 0 ? "first" : "second";
    smsc.gate = kGates[in.Below(4)];
    const uint64_t flags = in.Below(32);
    smsc.whole_push = (flags & 1) != 0;
    smsc.receipts = (flags & 2) == 0;
    smsc.accept_is_delivered = (flags & 4) != 0;
    smsc.can_query = (flags & 8) != 0;
    smsc.can_cancel = (flags & 16) == 0;
    smsc.alert = static_cast<AlertMode>(in.Below(3));
    smsc.segments_per_second = static_cast<double>(in.Below(3) * 5);
    options.smscs.push_back(smsc);
  }
  return in.Below(8) == 7 ? NaiveOptions(options, in.Below(2) == 1) : options;
}

}  // namespace
}  // namespace drover::dispatch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::dispatch;
  Input in(View(data, size));
  testing::Play play(OptionsOf(in), [&in](uint64_t n) { return in.Below(n); });
  for (int i = 0; i < kMostSteps && !in.empty(); ++i) play.Step();
  play.Finish();
  return 0;
}

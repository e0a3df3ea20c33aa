#include "libs/base/packed.h"
#include "libs/gateway/trigger.h"

namespace drover::gateway {
namespace {

constexpr uint64_t kLayout = 1;

enum Flag : uint32_t {
  kOpen = 1,
  kWork = 2,
  kBound = 4,
  kQueued = 8,
  kNoSubscription = 16,
  kRetried500 = 32,
  kRedirected = 64,
  kCseqUsed = 128,
};

uint32_t FlagsOf(const Trigger& t) {
  uint32_t flags = 0;
  const auto put = [&flags](bool value, Flag flag) { flags |= value ? flag : 0U; };
  put(t.open, kOpen), put(t.work, kWork), put(t.bound, kBound), put(t.queued, kQueued);
  put(t.no_subscription, kNoSubscription), put(t.retried_500, kRetried500);
  put(t.redirected, kRedirected), put(t.cseq_used, kCseqUsed);
  return flags;
}

void SetFlags(uint64_t flags, Trigger& t) {
  const auto has = [flags](Flag flag) { return (flags & flag) != 0; };
  t.open = has(kOpen), t.work = has(kWork), t.bound = has(kBound), t.queued = has(kQueued);
  t.no_subscription = has(kNoSubscription), t.retried_500 = has(kRetried500);
  t.redirected = has(kRedirected), t.cseq_used = has(kCseqUsed);
}

// 0 is kNever; times before 1970 do not occur.
void Put(TimePoint time, base::Packer& packer) {
  packer.Number(time == kNever ? 0 : static_cast<uint64_t>(time.time_since_epoch().count()) + 1);
}
TimePoint TakeTime(base::Unpacker& in) {
  const uint64_t value = in.Number(INT64_MAX);
  if (value == 0) return kNever;
  return TimePoint(std::chrono::microseconds(static_cast<int64_t>(value - 1)));
}
template <typename Enum>
Enum TakeEnum(base::Unpacker& in, Enum last) {
  return static_cast<Enum>(in.Number(static_cast<uint64_t>(last)));
}
uint8_t TakeOctet(base::Unpacker& in, uint8_t most = UINT8_MAX) {
  return static_cast<uint8_t>(in.Number(most));
}

}  // namespace

std::string Pack(const Trigger& t) {
  base::Packer out;
  out.Number(kLayout);
  out.Number(static_cast<uint64_t>(t.state));
  out.Number(static_cast<uint64_t>(t.cause));
  out.Number(static_cast<uint64_t>(t.blocked));
  out.Number(FlagsOf(t));
  for (const TimePoint time : {t.since, t.due, t.expires, t.hold_until, t.next_period}) {
    Put(time, out);
  }
  for (const uint64_t number :
       {uint64_t{t.wake}, uint64_t{t.reg_count}, uint64_t{t.attempts}, uint64_t{t.step},
        uint64_t{t.event}, uint64_t{t.tried}, uint64_t{t.rounds}, uint64_t{t.challenged},
        t.call_seed, uint64_t{t.call_serial}, uint64_t{t.cseq}}) {
    out.Number(number);
  }
  return std::move(out.out());
}

Result<Trigger> Unpack(std::string_view packed) {
  base::Unpacker in(packed);
  if (in.Number() != kLayout) return InvalidArgument("not a packed trigger of this layout");
  Trigger t;
  t.state = TakeEnum(in, State::kFailed);
  t.cause = TakeEnum(in, Cause::kWithdrawn);
  t.blocked = TakeEnum(in, Cause::kWithdrawn);
  SetFlags(in.Number(255), t);
  for (TimePoint* time : {&t.since, &t.due, &t.expires, &t.hold_until, &t.next_period}) {
    *time = TakeTime(in);
  }
  t.wake = in.Number32();
  t.reg_count = in.Number32();
  t.attempts = TakeOctet(in);
  t.step = TakeOctet(in);
  t.event = TakeOctet(in, kMostEvents - 1);
  t.tried = TakeOctet(in);
  t.rounds = TakeOctet(in);
  t.challenged = TakeOctet(in);
  t.call_seed = in.Number();
  t.call_serial = in.Number32();
  t.cseq = static_cast<uint32_t>(in.Number(kMostCseq));
  if (!in.ok() || !in.at_end()) return InvalidArgument("a packed trigger that is damaged");
  return t;
}

}  // namespace drover::gateway

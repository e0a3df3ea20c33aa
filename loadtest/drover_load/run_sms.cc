#include "loadtest/drover_load/run_sms.h"

#include <algorithm>
#include <deque>
#include <thread>

#include "libs/wap/wsp_push.h"

namespace drover::load {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Tick = std::chrono::duration<int64_t, std::ratio<1, 10'000>>;

// docs/push.md, profile cmcc.
constexpr char kRegistrationNumber[] = "10654040";
constexpr uint16_t kRegistrationPort = 16998;
constexpr uint16_t kPushPort = 2948;
constexpr char kSoftware[] = "1.0";
constexpr size_t kAtATime = 500;
constexpr std::chrono::milliseconds kLook{5};
constexpr std::chrono::seconds kShow{1};
// Operations that are due are gathered for so long, or until there are so many of terminals.
constexpr std::chrono::milliseconds kGather{20};
constexpr size_t kGatherMost = 200;
// What the SMSC counts and its figures are told of; all of them of this run alone, if nobody else
// uses it.
constexpr const char* kToldOfSmsc[] = {"submitted",    "throttled", "refused", "copies",
                                       "out_of_order", "orphans",   "expired", "undeliverable"};

}  // namespace

std::string ReasonOf(const Error& error) {
  switch (error.code) {
    case Code::kUnauthenticated:
      return "digest";
    case Code::kAlreadyExists:
      return "copy";
    case Code::kNotFound:
      return "another server's";
    case Code::kAborted:
      return "user";
    default:
      return "no notification";
  }
}

RunSms::RunSms(const fleet::Fleet& fleet, const Config& config, Submit submit, report::Sms& record)
    : fleet_(fleet),
      config_(config),
      record_(record),
      origin_(SteadyClock::now()),
      submit_(std::move(submit)),
      bearer_(config.smsc),
      due_(fleet.size()),
      submitted_(fleet.size()),
      confirmed_(fleet.size()) {
  record_.used = true;
}

RunSms::~RunSms() { bearer_.Stop(); }

uint32_t RunSms::Ticks(Time time) const {
  const auto since = std::max(time, origin_) - origin_;
  return static_cast<uint32_t>(std::chrono::duration_cast<Tick>(since).count()) + 1;
}

RunSms::Time RunSms::At(uint32_t ticks) const {
  return origin_ + std::chrono::duration_cast<SteadyClock::duration>(Tick(ticks - 1));
}

Result<void> RunSms::Begin() {
  DROVER_TRY(before_, bearer_.Ask());
  DROVER_TRY(bearer_.Start([this](std::vector<ShortMessage> messages) {
    const Time now = SteadyClock::now();
    const std::lock_guard lock(mutex_);
    inbox_.push_back({std::move(messages), now});
  }));
  return {};
}

// --- Registration -----------------------------------------------------------------------------

SentMessage RunSms::Registration(uint64_t index) const {
  const terminal::ModelSpec spec = SpecOf(fleet_.TraitsAt(index));
  const std::string imei = fleet_.DeviceId(index).substr(sizeof("IMEI:") - 1);
  return {fleet::MsisdnOf(fleet_.config().seed, index), kRegistrationNumber, kRegistrationPort,
          "IMEI:" + imei + "/" + std::string(spec.manufacturer) + "/" + std::string(spec.model) +
              "/" + kSoftware};
}

std::string RunSms::Confirmation(uint64_t index) const { return fleet_.DeviceId(index) + "/1"; }

Result<void> RunSms::SendRegistrations(const std::vector<uint64_t>& indexes) {
  std::vector<SentMessage> messages;
  for (size_t i = 0; i < indexes.size(); ++i) {
    messages.push_back(Registration(indexes[i]));
    if (messages.size() < kAtATime && i + 1 < indexes.size()) continue;
    const uint32_t now = Ticks(SteadyClock::now());
    for (size_t sent = i + 1 - messages.size(); sent <= i; ++sent) submitted_[indexes[sent]] = now;
    DROVER_TRY(bearer_.Send(messages));
    messages.clear();
  }
  return {};
}

Result<void> RunSms::RegisterAll(const Watchful& watchful) {
  struct Sent {
    uint64_t index;
    Time at;
    uint64_t attempt;
  };
  std::deque<Sent> open;  // In the order of their sending.
  const Time begun = SteadyClock::now();
  Time shown = begun;
  uint64_t next = 0;
  record_.registrations = fleet_.size();
  while (record_.confirmed + record_.unconfirmed < fleet_.size()) {
    if (watchful.stop()) return Cancelled("interrupted");
    const Time now = SteadyClock::now();
    std::vector<uint64_t> batch;
    while (!open.empty() &&
           (confirmed_[open.front().index] || now - open.front().at > config_.sms.confirm_within)) {
      const Sent sent = open.front();
      open.pop_front();
      if (confirmed_[sent.index]) continue;
      if (sent.attempt >= config_.sms.registration_attempts) {
        ++record_.unconfirmed;
        continue;
      }
      ++record_.repeated;
      batch.push_back(sent.index);
      open.push_back({sent.index, now, sent.attempt + 1});
    }
    const double due =
        std::chrono::duration<double>(now - begun).count() * config_.sms.registrations_per_s;
    for (; next < fleet_.size() && static_cast<double>(next) <= due; ++next) {
      batch.push_back(next);
      open.push_back({next, now, 1});
    }
    DROVER_TRY(SendRegistrations(batch));
    Drain();
    if (now - shown >= kShow) {
      shown += kShow;
      watchful.progress("registered by SMS:", record_.confirmed, fleet_.size());
    }
    std::this_thread::sleep_for(kLook);
  }
  watchful.progress("registered by SMS:", record_.confirmed, fleet_.size());
  std::fill(submitted_.begin(), submitted_.end(), 0);
  if (record_.confirmed > 0) return {};
  return Unavailable(
      "no terminal's registration was confirmed: is push bound (drover push smscs)?");
}

void RunSms::Confirmed(uint64_t index, Time at) {
  if (confirmed_[index]) {
    // Of a registration that was sent twice there are two.
    if (record_.repeated == 0) ++record_.twice;
    return;
  }
  confirmed_[index] = true;
  ++record_.confirmed;
  if (submitted_[index] != 0) record_.confirmed_latency.Record(at - At(submitted_[index]));
}

// --- Waiting ----------------------------------------------------------------------------------

bool RunSms::HasWork(uint64_t index) const {
  return !Submitted(index) && fleet::OperationsOf(fleet_.TraitsAt(index).work) > 0;
}

void RunSms::Wake(uint64_t index, Time due) {
  WaitOn(index, due);
  submitted_[index] = Ticks(SteadyClock::now());
  ++record_.submitted;
  if (gathered_.empty()) gathering_since_ = SteadyClock::now();
  gathered_.push_back(index);
}

void RunSms::WaitOn(uint64_t index, Time due) {
  due_[index] = Ticks(due);
  ++waiting_;
}

RunSms::Time RunSms::TakeDue(uint64_t index) {
  --waiting_;
  return At(std::exchange(due_[index], 0));
}

void RunSms::Flush(Time now) {
  if (gathered_.size() >= kGatherMost || now - gathering_since_ >= kGather) HandOver(now);
}

void RunSms::HandOver(Time now) {
  if (gathered_.empty()) return;
  for (const uint64_t index : gathered_) submitted_[index] = Ticks(now);
  submit_(std::exchange(gathered_, {}));
}

// --- Messages ---------------------------------------------------------------------------------

void RunSms::Drain() {
  std::vector<Inbox> inbox;
  {
    const std::lock_guard lock(mutex_);
    inbox.swap(inbox_);
  }
  for (const Inbox& each : inbox) {
    for (const ShortMessage& message : each.messages) Sort(message, each.at);
  }
}

void RunSms::Sort(const ShortMessage& message, Time at) {
  const auto index = fleet::IndexOfMsisdn(fleet_.config().seed, message.terminal);
  if (!index || *index >= fleet_.size()) return;  // Another generator's.
  ++record_.messages;
  if (message.destination_port == kPushPort) {
    ++record_.notifications;
    const auto push = wap::DecodePush(message.octets);
    if (push && push->content_type.media.code == wap::kMediaSyncmlNotification) {
      notifications_.push_back({*index, std::string(push->data), at});
    } else {
      Refused(InvalidArgument("not a notification"));
    }
  } else if (message.source == kRegistrationNumber && message.octets == Confirmation(*index)) {
    Confirmed(*index, at);
  } else {
    ++strange_;
  }
}

std::vector<RunSms::Notification> RunSms::Take() {
  Drain();
  return std::exchange(notifications_, {});
}

void RunSms::Accepted(const Notification& notification, bool awaited, Time opened) {
  ++record_.accepted;
  record_.opened_latency.Record(opened - notification.at);
  if (!awaited) return;
  const uint32_t submitted = submitted_[notification.index];
  record_.notified_latency.Record(notification.at - At(submitted));
  record_.woken_latency.Record(opened - At(submitted));
}

void RunSms::Refused(const Error& error) {
  ++record_.refused[ReasonOf(error)];
  if (error.code == Code::kAlreadyExists) ++record_.twice;
}

void RunSms::End() {
  HandOver(SteadyClock::now());
  bearer_.Stop();
  (void)Take();
  record_.never_woken = waiting_;
  record_.missed = bearer_.missed();
  const Result<SmsBearer::Counts> after = bearer_.Ask();
  if (!after) return;
  for (const char* name : kToldOfSmsc) {
    const auto now = after->find(name);
    const auto then = before_.find(name);
    if (now == after->end() || then == before_.end()) continue;
    record_.smsc[name] = now->second - std::min(now->second, then->second);
  }
}

uint64_t RunSms::size_octets() const {
  return fleet_.size() * (sizeof due_[0] + sizeof submitted_[0]) + fleet_.size() / 8;
}

}  // namespace drover::load

#include "loadtest/drover_load/run_driver.h"

#include <algorithm>
#include <numeric>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

namespace drover::load {
namespace {

using fleet::Draw;
using fleet::Fraction;
using fleet::Purpose;
using scenario::Fault;
using terminal::SessionEnd;

// How often the generator looks for what is due and what has come: events are taken many at a time,
// which costs a fraction of being woken for each. Latencies are too long by as much at most.
constexpr std::chrono::milliseconds kTick{1};
constexpr char kBusy[] = "busy";
constexpr std::chrono::seconds kSecond{1};
constexpr std::chrono::seconds kGrace{10};  // For open sessions, after an interrupt.
constexpr size_t kMaxComplaints = 20;
constexpr uint32_t kMaxDoublings = 6;

// A step that visits all of `count` in an order that looks random.
uint64_t StepFor(uint64_t count, uint64_t seed) {
  uint64_t step = Draw(seed, count, Purpose::kOrder) % count | 1;
  while (std::gcd(step, count) != 1) step += 2;
  return step;
}

std::string KindOf(const Error& error) {
  switch (error.code) {
    case Code::kDeadlineExceeded:
      return "timeout";
    case Code::kResourceExhausted:
      return kBusy;
    case Code::kDataLoss:
      return "other-answer";
    case Code::kUnavailable:
      return error.message.substr(0, std::min(error.message.find(':'), size_t{20}));
    default:
      return "transport";
  }
}

terminal::SessionFaults FaultsOf(const scenario::Mischance& mischance) {
  terminal::SessionFaults faults;
  faults.message = mischance.message;
  switch (mischance.fault) {
    case Fault::kLostResponse:
      faults.mishap = terminal::Mishap::kDropAfterSend;
      break;
    case Fault::kDrop:
      faults.mishap = terminal::Mishap::kDropBeforeSend;
      break;
    case Fault::kDuplicate:
      faults.mishap = terminal::Mishap::kSendTwice;
      break;
    case Fault::kSlow:
      faults.slowly = true;
      break;
    case Fault::kPowerLoss:
      faults.power_cut =
          mischance.before_send ? terminal::PowerCut::kBeforeSend : terminal::PowerCut::kAfterSend;
      break;
    case Fault::kWrongNonce:
    case Fault::kNone:
      break;
  }
  return faults;
}

}  // namespace

RunDriver::RunDriver(fleet::Fleet& fleet, const scenario::Scenario& scenario,
                     const terminal::SessionRunConfig& sessions, const DriverConfig& config,
                     RunMeter& meter)
    : fleet_(fleet),
      scenario_(scenario),
      sessions_(sessions),
      config_(config),
      meter_(meter),
      watch_(loop_),
      arrivals_(scenario.arrivals, config.seed, fleet.size(), config.duration, config.limit),
      busy_(fleet.size()),
      well_(fleet.size()),
      order_step_(StepFor(fleet.size(), config.seed)),
      order_begin_(Draw(config.seed, 1, Purpose::kOrder) % fleet.size()) {
  sessions_.exchanged = [this](size_t position, std::chrono::nanoseconds time) {
    meter_.Exchanged(position, time);
  };
}

RunDriver::~RunDriver() = default;

void RunDriver::Run(std::function<void(const std::string&)> turned,
                    std::function<int()> interrupts) {
  turned_ = std::move(turned);
  wanted_ = std::move(interrupts);
  start_ = SteadyClock::now();
  last_good_ = start_;
  turn_ = start_ + kSecond;
  if (config_.closed == 0) {
    if (const auto at = arrivals_.Next()) next_arrival_ = start_ + *at;
  }
  if (!config_.polls) steps_ = PlannedSteps(scenario_.arrivals);
  TurnLoop();
  meter_.EndSteps(SteadyClock::now());
  const bool storm = scenario_.arrivals.storm.count() > 0;
  const Time end = storm ? last_good_ : last_arrival_.value_or(SteadyClock::now());
  duration_s_ = std::chrono::duration<double>(end - start_).count();
  turned_(meter_.Turn(SteadyClock::now(), in_flight_, fleet_.touched()));
}

bool RunDriver::Finished(Time now) {
  if (interrupts_ > 0 && !last_arrival_) last_arrival_ = now;
  if (config_.closed == 0 && !next_arrival_ && !last_arrival_) last_arrival_ = now;
  if (!last_arrival_ || in_flight_ > 0) return false;
  if (interrupts_ > 0 || now > *last_arrival_ + config_.settle) return true;
  return backlog_.empty() && returns_.empty() && updates_.empty() && waiting() == 0;
}

void RunDriver::TurnLoop() {
  const auto always = asio::make_work_guard(loop_);
  Time now = SteadyClock::now();
  while (!Finished(now)) {
    const Time planned = now + kTick;
    std::this_thread::sleep_until(planned);
    now = SteadyClock::now();
    meter_.Lag(now - planned);
    HearUser(now);
    EnterSteps(now);
    Step(now);
    loop_.poll();
    if (now >= turn_) Turn(now);
  }
  idle_.clear();
}

void RunDriver::EnterSteps(Time now) {
  while (entered_ < steps_.size() && start_ + steps_[entered_].at <= now) {
    meter_.BeginStep(steps_[entered_].name, steps_[entered_].per_s, now);
    ++entered_;
  }
  if (entered_ > 0 && entered_ == steps_.size() &&
      start_ + steps_.back().at + steps_.back().length <= now) {
    meter_.EndSteps(now);
  }
}

void RunDriver::Turn(Time now) {
  std::string line = meter_.Turn(now, in_flight_, fleet_.touched());
  if (waiting() > 0) line += ", waiting for an SMS " + std::to_string(waiting());
  turned_(line);
  while (turn_ <= now) turn_ += kSecond;
}

void RunDriver::HearUser(Time now) {
  const int wanted = wanted_();
  if (wanted > interrupts_) {
    interrupts_ = wanted;
    grace_ = interrupts_ > 1 ? now : now + kGrace;
  }
  if (now < grace_) return;
  sessions_.attempts = 1;
  watch_.CloseAll();
}

void RunDriver::Step(Time now) {
  if (interrupts_ > 0) return;
  BeginDue(now);
  if (config_.sms != nullptr) {
    config_.sms->Flush(now);
    TakeLetters();
  }
  while (!returns_.empty() && returns_.top().due <= now) {
    const Visit visit = returns_.top();
    returns_.pop();
    meter_.Due();
    Begin(visit);
  }
  while (!updates_.empty() && updates_.top().due <= now) {
    const uint64_t index = updates_.top().index;
    updates_.pop();
    // One that is in a session, or comes back to one, looks ahead behind it.
    if (!busy_[index]) LookAhead(index, fleet_.Tick(index, fleet_.config().clock()));
  }
}

void RunDriver::BeginDue(Time now) {
  if (config_.closed > 0) return BeginWaiting();
  while (next_arrival_ && *next_arrival_ <= now) {
    meter_.Due();
    const std::optional<uint64_t> index = NextTerminal();
    if (index) Visited({*next_arrival_, *next_arrival_, *index});
    if (!index) meter_.Failed("all-busy");
    const auto at = arrivals_.Next();
    if (!at) {
      last_arrival_ = now;
      next_arrival_.reset();
      return;
    }
    next_arrival_ = start_ + *at;
  }
}

// Closed model: so many at any time.
void RunDriver::BeginWaiting() {
  const Time now = SteadyClock::now();
  if (last_arrival_ || config_.closed == 0) return;
  const bool over = config_.duration.count() > 0 && now - start_ >= config_.duration;
  while (!over && in_flight_ + waiting() < config_.closed &&
         (config_.limit == 0 || begun_ < config_.limit)) {
    const std::optional<uint64_t> index = NextTerminal();
    if (!index) return;
    meter_.Due();
    Visited({now, now, *index});
  }
  if (over || (config_.limit != 0 && begun_ >= config_.limit)) last_arrival_ = now;
}

// Through all terminals in an order of the seed's, and again; those that are busy are passed over.
std::optional<uint64_t> RunDriver::NextTerminal() {
  const uint64_t size = fleet_.size();
  for (uint64_t tries = 0; tries < size; ++tries) {
    const auto place = static_cast<unsigned __int128>(order_++ % size) * order_step_ + order_begin_;
    const auto index = static_cast<uint64_t>(place % size);
    if (!busy_[index]) return index;
  }
  return std::nullopt;
}

void RunDriver::Visited(const Visit& visit) {
  ++begun_;
  if (config_.sms == nullptr || !config_.sms->HasWork(visit.index)) return Begin(visit);
  busy_[visit.index] = true;
  config_.sms->Wake(visit.index, visit.due);
}

// --- Notifications ------------------------------------------------------------------------------

void RunDriver::TakeLetters() {
  for (RunSms::Notification& each : config_.sms->Take()) {
    const uint64_t index = each.index;
    Letters& letters = letters_[index];
    letters.push_back(std::move(each));
    // A terminal that is in a session, or comes back to one, looks at it behind that.
    const bool idle = !busy_[index] || config_.sms->Waits(index);
    if (idle && letters.size() == 1) OpenLetter(index, letters.front().at);
  }
}

void RunDriver::OpenLetter(uint64_t index, Time now) {
  Visit visit{now, now, index};
  visit.woken = true;
  visit.awaited = config_.sms->Waits(index);
  if (visit.awaited) visit.due = visit.first_due = config_.sms->TakeDue(index);
  Begin(visit);
}

RunSms::Notification RunDriver::TakeLetter(uint64_t index) {
  const auto found = letters_.find(index);
  Letters& letters = found->second;
  RunSms::Notification letter = std::move(letters.front());
  letters.erase(letters.begin());
  if (letters.empty()) letters_.erase(found);
  return letter;
}

// The terminal has not taken it: it waits on, or looks at the next one.
void RunDriver::Dropped(const Visit& visit, const Error& error) {
  config_.sms->Refused(error);
  busy_[visit.index] = visit.awaited;
  if (visit.awaited) config_.sms->WaitOn(visit.index, visit.due);
  Left();
}

void RunDriver::Begin(const Visit& visit) {
  busy_[visit.index] = true;
  if (in_flight_ >= config_.max_in_flight) {
    was_full_ = true;
    backlog_.push(visit);
    return;
  }
  ++in_flight_;
  most_in_flight_ = std::max(most_in_flight_, in_flight_);
  asio::co_spawn(loop_, Session(visit, serial_++), asio::detached);
}

Process RunDriver::Session(Visit visit, uint64_t serial) {
  const uint64_t index = visit.index;
  const Time started = SteadyClock::now();
  const fleet::Traits traits = fleet_.TraitsAt(index);
  scenario::Mischance mischance;
  if (!config_.polls) mischance = MischanceOf(scenario_.faults, config_.seed, serial);
  std::unique_ptr<terminal::Terminal> device =
      fleet_.Unfold(index, mischance.fault == Fault::kWrongNonce);
  std::optional<terminal::Request> asked_for;
  if (visit.woken) {
    const RunSms::Notification letter = TakeLetter(index);
    Result<terminal::Request> first = device->OnNotification(letter.package);
    if (!first) {
      fleet_.Fold(index, std::move(device));
      Dropped(visit, first.error());
      if (letters_.contains(index)) OpenLetter(index, started);
      co_return;
    }
    config_.sms->Accepted(letter, visit.awaited, started);
    if (!visit.awaited) meter_.Due();
    meter_.Started(started - letter.at);
    asked_for = *std::move(first);
  } else {
    meter_.Started(started - visit.due);
  }
  std::unique_ptr<terminal::Connection> connection;
  if (!idle_.empty()) {
    connection = std::move(idle_.back());
    idle_.pop_back();
  }
  terminal::SessionRun run(loop_, watch_, sessions_, traffic_, static_cast<uint32_t>(index),
                           std::move(connection));
  run.Suffer(FaultsOf(mischance));
  const bool waited_for = !config_.polls && config_.sms == nullptr &&
                          fleet::OperationsOf(traits.work) > 0 && fleet_.Done(index).bits() == 0;
  const auto reason = waited_for ? terminal::SessionReason::kServerInitiated
                                 : terminal::SessionReason::kClientInitiated;
  auto going = asked_for ? run.Run(*device, *asked_for) : run.Run(*device, reason);
  auto end = co_await std::move(going);
  if (sessions_.keep_alive) {
    if (auto kept = run.TakeConnection()) idle_.push_back(std::move(kept));
  }
  const std::string kind = Outcome(index, traits, end);
  const fleet::Fleet::Outlook outlook = fleet_.Fold(index, std::move(device));
  busy_[index] = false;
  Ended(visit, started, kind, run.retry_after());
  LookAhead(index, outlook);  // Not of one that comes back anyhow.
  if (!busy_[index] && letters_.contains(index)) OpenLetter(index, SteadyClock::now());
}

std::string RunDriver::Outcome(uint64_t index, const fleet::Traits& traits,
                               const Result<SessionEnd>& end) {
  if (!end) {
    if (end.error().code == Code::kCancelled) return "power-loss";
    if (end.error().code != Code::kResourceExhausted) Complain(index, end.error().message);
    return KindOf(end.error());
  }
  const bool none = traits.client_scheme == terminal::AuthScheme::kNone;
  if (none && end->outcome == SessionEnd::Outcome::kNotAuthenticated) return "";
  if (!none && end->outcome == SessionEnd::Outcome::kCompleted) return "";
  Complain(index, std::string(Name(end->outcome)) + ": " + end->cause);
  return none ? "not-refused" : std::string(Name(end->outcome));
}

void RunDriver::Ended(const Visit& visit, Time started, const std::string& kind,
                      std::chrono::seconds retry_after) {
  const Time now = SteadyClock::now();
  well_[visit.index] = kind.empty();
  const bool refused = kind == kBusy;
  if (kind.empty()) {
    meter_.Good({now - visit.due, now - started, now - visit.first_due});
    last_good_ = now;
    if (!last_arrival_ || scenario_.arrivals.storm.count() > 0) ++good_in_time_;
  } else if (refused) {
    meter_.Refused();
  } else if (kind != "power-loss") {
    meter_.Failed(kind);
  }
  if (!kind.empty() && interrupts_ == 0) ComeBack(visit, refused, retry_after);
  Left();
}

// A place is free.
void RunDriver::Left() {
  --in_flight_;
  if (!backlog_.empty() && interrupts_ == 0) {
    const Visit next = backlog_.front();
    backlog_.pop();
    Begin(next);
  }
  if (config_.closed > 0 && interrupts_ == 0) BeginWaiting();
}

void RunDriver::ComeBack(const Visit& visit, bool refused, std::chrono::seconds retry_after) {
  if (visit.attempt >= scenario_.timing.returns) {
    return refused ? meter_.TurnedAway() : meter_.GivenUp();
  }
  const scenario::Duration pause = PauseBefore(visit.attempt, retry_after);
  returns_.push({SteadyClock::now() + pause, visit.first_due, visit.index, visit.attempt + 1});
  busy_[visit.index] = true;
}

// Doubled each time, and between half and one and a half of that; what the server asks for is the
// least.
scenario::Duration RunDriver::PauseBefore(uint32_t attempt, std::chrono::seconds retry_after) {
  const double spread = 0.5 + Fraction(Draw(config_.seed, serial_, Purpose::kReturn));
  const auto doubled =
      scenario_.timing.come_back * (int64_t{1} << std::min(attempt, kMaxDoublings));
  const auto own = std::chrono::duration_cast<scenario::Duration>(doubled * spread);
  if (retry_after.count() == 0) return own;
  return std::chrono::duration_cast<scenario::Duration>(retry_after * (0.5 + spread));
}

void RunDriver::LookAhead(uint64_t index, const fleet::Fleet::Outlook& outlook) {
  const Time now = SteadyClock::now();
  if (outlook.has_reports && interrupts_ == 0) {
    if (!busy_[index]) returns_.push({now, now, index, 0});
    busy_[index] = true;
  } else if (outlook.next_due) {
    const auto wait = *outlook.next_due - fleet_.config().clock();
    const Time due = now + std::max<SteadyClock::duration>(wait, kTick);
    updates_.push({due, due, index, 0});
  }
}

void RunDriver::Complain(uint64_t index, const std::string& what) {
  if (complaints_.size() >= kMaxComplaints) return;
  complaints_.push_back(fleet_.DeviceId(index) + " " + what);
}

}  // namespace drover::load

// The scheduler with its journal and its links: every effect is carried out, once the journal has
// it.
//
// Loop thread only.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "drover/push/v1/work.pb.h"
#include "libs/base/clock.h"
#include "libs/dispatch/held_effects.h"
#include "libs/dispatch/scheduler.h"
#include "libs/smpp/receipt.h"
#include "services/push/core/settings.h"
#include "services/push/handlers/journal.h"
#include "services/push/metrics.h"
#include "services/push/ports.h"

namespace drover::push {

// A job's end, to be kept where it belongs; then Dispatcher::Kept.
struct EndedJob {
  dispatch::Outcome outcome;
  v1::Job job;  // Origin only.
};

class Dispatcher final : public LinkEvents {
 public:
  // ended: told once a job's end is in the journal; and again after a restart until Kept.
  Dispatcher(asio::io_context& loop, const Settings& settings, Journal& journal,
             std::function<void(EndedJob)> ended, Clock clock, Metrics& metrics);
  ~Dispatcher() override;

  void UseLinks(SubmissionPort& links) { links_ = &links; }

  // Before the links are opened: what a journal holds, then Begin.
  Result<void> Restore(std::string_view frames);
  void Begin();
  void Stop();

  // Why it can never be sent: kInvalidArgument, kResourceExhausted (too many segments),
  // kDeadlineExceeded (its time has passed). Changes nothing.
  struct Fit {
    dispatch::JobId id{};
    uint64_t smscs = 0;  // A bit for each that may carry it; not 0.
    uint8_t segments = 1;
  };
  Result<Fit> Check(const v1::Job& job) const;
  // fit: what Check said of it. kAlreadyExists: it is under way. kInvalidArgument: its time has
  // passed since.
  Result<void> Admit(const v1::Job& job, const Fit& fit);
  dispatch::CancelResult Cancel(std::string_view job_id);
  void Receipt(dispatch::SmscId smsc, const smpp::Receipt& receipt);
  void Alert(std::string_view msisdn);
  void MobileOriginated(std::string_view msisdn);
  void Kept(dispatch::GroupId group);
  void OnDurable(uint64_t upto);

  // SMSC of that name; nullopt: there is none.
  std::optional<dispatch::SmscId> Find(std::string_view smsc) const;
  const dispatch::Scheduler& scheduler() const { return *scheduler_; }

  void OnUp(dispatch::BindId bind, dispatch::SmscId smsc, uint32_t window) override;
  void OnDown(dispatch::BindId bind) override;
  void OnAnswer(uint64_t token, const smpp::Answer& answer) override;

 private:
  // What an answer is awaited for.
  struct Awaited {
    enum class Kind : uint8_t { kSubmit, kCancel, kQuery };
    Kind kind = Kind::kSubmit;
    dispatch::Ticket ticket;
    dispatch::SmscId smsc = 0;
  };

  void Pump();
  void Perform(const dispatch::Effect& effect);
  void Perform(const dispatch::Send& send);
  void Perform(const dispatch::CancelSm& cancel);
  void Perform(const dispatch::QuerySm& query);
  void Perform(const dispatch::Outcome& outcome);
  void Perform(const dispatch::SlowDown& slow);
  void Perform(const dispatch::SmscParked& parked);
  void Perform(const dispatch::CancelDone&) {}
  void Submitted(const Awaited& awaited, const smpp::Answer& answer);
  void Answered(const Awaited& awaited, const smpp::Answer& answer);
  uint64_t SmscsFor(const v1::Job& job) const;
  // Whose habits decide how a job is cut.
  const Smsc& FirstOf(uint64_t smscs) const;
  void ArmTimer();
  void Compact();

  const Settings& settings_;
  Journal& journal_;
  SubmissionPort* links_ = nullptr;
  const std::function<void(EndedJob)> ended_;
  const Clock clock_;
  Metrics& metrics_;
  std::unique_ptr<dispatch::Scheduler> scheduler_;
  dispatch::Effects effects_;
  dispatch::HeldEffects held_;
  std::unordered_map<uint64_t, Awaited> awaited_;
  uint64_t last_token_ = 0;
  Timer timer_;
  TimePoint armed_for_ = TimePoint::max();
  bool pumping_ = false;
  bool compacting_ = false;
  bool stopped_ = false;
};

}  // namespace drover::push

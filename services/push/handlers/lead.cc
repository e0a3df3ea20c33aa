#include "services/push/handlers/lead.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "libs/service/log.h"
#include "services/push/core/job.h"

namespace drover::push {
namespace {

constexpr int kSlot = 0;
constexpr std::chrono::seconds kLook{1};
constexpr std::chrono::seconds kLockTimeout{5};
constexpr std::chrono::seconds kOpen{120};
constexpr std::chrono::seconds kPurgeTimeout{10};
constexpr char kSubscribersTopic[] = "drover.subscribers";

// Of a session that holds it already: true again.
constexpr char kLock[] = "SELECT pg_try_advisory_lock(hashtext('drover.push'), $1)";

postgres::Config One(postgres::Config config) {
  config.connections = 1;
  return config;
}

}  // namespace

// What only the process that sends has.
struct Lead::Active {
  Active(asio::io_context& loop, const Config& config, Ports& ports, const Clock& clock,
         Metrics& metrics, std::function<void()> lost)
      : ends(loop, ports.pushes, ports.producer, metrics),
        journal(loop, ports.journal, kSlot,
                {.durable = [this](uint64_t upto) { dispatcher.OnDurable(upto); },
                 .failed =
                     [&metrics](const Error& error) {
                       metrics.Failed("journal");
                       service::Log(service::Level::kWarn, "push.journal_failed",
                                    "the journal was not written; nothing leaves until it is",
                                    {{"cause", error.message}});
                     },
                 .lost = std::move(lost)}),
        dispatcher(
            loop, config.settings, journal, [this](EndedJob job) { ends.Add(std::move(job)); },
            clock, metrics),
        links(loop, config.settings, dispatcher, ports.producer, clock, metrics),
        work_records(loop, config.kafka, "drover-push", std::vector<std::string>{kWorkTopic}),
        subscribers(loop, config.kafka, "drover-push-feed",
                    std::vector<std::string>{kSubscribersTopic}),
        work(loop, {work_records, journal, dispatcher, ports.registrar, ends}, config.settings,
             config.most_pending, metrics),
        feed(loop, subscribers, ports.registrar, metrics) {
    dispatcher.UseLinks(links);
    ends.UseKept([this](dispatch::GroupId group) { dispatcher.Kept(group); });
  }

  Ends ends;
  Journal journal;
  Dispatcher dispatcher;
  SmscLinks links;
  kafka::Consumer work_records, subscribers;
  Work work;
  Feed feed;
};

Lead::Lead(asio::io_context& loop, const Config& config, Ports ports, Clock clock, Metrics& metrics)
    : loop_(loop),
      config_(config),
      ports_(ports),
      clock_(std::move(clock)),
      metrics_(metrics),
      lock_(loop, One(config.postgres)),
      timer_(loop.get_executor()) {}

Lead::~Lead() = default;

Task<bool> Lead::Hold(Deadline deadline) {
  postgres::Statement statement{kLock, {postgres::Param::Int4(kSlot)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await lock_.Execute(std::move(statement), deadline));
  co_return rows.Bool(0, 0);
}

asio::awaitable<void, Executor> Lead::Pause() {
  timer_.expires_after(kLook);
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
}

Process Lead::Run() {
  constexpr int kPurgeEvery = 60;  // Looks.
  for (bool held = false; !held && !stopping_;) {
    const Deadline deadline = In(kLockTimeout);
    const Result<bool> got = co_await Hold(deadline);
    held = got && *got;
    if (!held) co_await Pause();
  }
  if (stopping_) co_return;
  const Result<void> begun = co_await Begin();
  if (!begun) {
    service::Log(service::Level::kError, "push.no_lead", "cannot take over what is to be sent",
                 {{"cause", begun.error().message}});
    co_return;
  }
  for (int looks = 0; !stopping_ && !lost_; ++looks) {
    co_await Pause();
    metrics_.Look(active_->dispatcher.scheduler().counters(),
                  active_->journal.appended() - active_->journal.durable());
    const Deadline deadline = In(kLockTimeout);
    const Result<bool> held = co_await Hold(deadline);
    if (held && !*held) lost_ = true;  // PostgreSQL away: nothing leaves anyhow.
    if (!lost_ && looks % kPurgeEvery == 0) co_await Purge();
  }
  metrics_.Active(false);
  if (!stopping_) {
    service::Log(service::Level::kError, "push.lead_lost",
                 "another process sends now; this one starts again");
    active_->dispatcher.Stop();
  }
}

Task<void> Lead::Begin() {
  active_ = std::make_unique<Active>(loop_, config_, ports_, clock_, metrics_, [this] {
    lost_ = true;
    timer_.cancel();
  });
  Active* const active = active_.get();
  const Journal::Restore restore = [active](std::string_view frames) {
    return active->dispatcher.Restore(frames);
  };
  const Deadline deadline = In(kOpen);
  DROVER_CO_TRY(co_await active->journal.Open(restore, clock_(), deadline));
  const auto spawn = [this](Process process) {
    asio::co_spawn(loop_.get_executor(), std::move(process), asio::detached);
  };
  spawn(active->journal.Run());
  spawn(active->ends.Run());
  active->dispatcher.Begin();
  DROVER_CO_TRY(active->links.Open());
  spawn(active->work.Run());
  spawn(active->feed.Run());
  metrics_.Active(true);
  service::Log(service::Level::kInfo, "push.lead", "this process sends from now on",
               {{"groups", active->dispatcher.scheduler().counters().pending}});
  co_return Result<void>();
}

asio::awaitable<void, Executor> Lead::Purge() {
  constexpr int kMost = 10'000;
  const Deadline deadline = In(kPurgeTimeout);
  const TimePoint now = clock_();
  const Result<int64_t> pushes =
      co_await ports_.pushes.Purge(now - config_.push_retention, kMost, deadline);
  const Result<int64_t> letters =
      co_await ports_.registrations.PurgeDeadLetters(now - config_.dead_letter_retention, deadline);
  if (!pushes || !letters) metrics_.Failed("purge");
}

// Binds are given back once their answers are there; what they brought about is written.
Task<void> Lead::Drain(Deadline deadline) {
  stopping_ = true;
  timer_.cancel();
  if (active_ == nullptr) co_return Result<void>();
  active_->work.Stop();
  active_->feed.Stop();
  const Result<void> unbound = co_await active_->links.Drain(deadline);
  active_->dispatcher.Stop();
  active_->ends.Stop();
  const Result<void> written = co_await active_->journal.Flush(deadline);
  active_->journal.Close();
  co_return written ? unbound : written;
}

Result<v1::ListSmscsResponse> Lead::Smscs() const {
  if (active_ == nullptr) {
    return FailedPrecondition("another replica of push has the SMSCs: ask that one");
  }
  return active_->links.Look();
}

}  // namespace drover::push

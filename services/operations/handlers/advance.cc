#include "services/operations/handlers/advance.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "libs/service/log.h"
#include "services/operations/core/alerts.h"
#include "services/operations/core/uuid7.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kDatabaseTimeout{10};
constexpr std::chrono::seconds kRedisTimeout{1};
constexpr int kTries = 4;  // Of one step that others interfere with.

// What one step alone may be to blame for. After another error the batch as a whole may be sent
// again.
bool MayBeOneStep(const Error& error) {
  return error.code == Code::kAborted || error.code == Code::kInvalidArgument ||
         error.code == Code::kAlreadyExists || error.code == Code::kInternal;
}

// Whether each of the operations got a line in its history by this step.
bool InHistory(const Advanced& advanced) {
  return std::all_of(
      advanced.travelled.begin(), advanced.travelled.end(), [&](const std::string& id) {
        return std::any_of(advanced.changes.begin(), advanced.changes.end(),
                           [&](const Change& change) {
                             return change.id == id && !change.added.history().empty();
                           });
      });
}

Travelled MessagesOf(const v1::AdvanceRequest& request, const Advanced& advanced, TimePoint now) {
  Travelled out;
  out.device_id = request.device_id();
  out.session_key = request.session_key();
  out.msg_id = request.msg_id();
  out.at = now;
  out.operation_ids = advanced.travelled;
  *out.messages.mutable_messages() = request.messages();
  out.in_history = InHistory(advanced);
  return out;
}

}  // namespace

AdvanceQueue::AdvanceQueue(asio::io_context& loop, PgOperations& store, ChangeWriter& writer,
                           RedisMarks& marks, Clock clock, Metrics& metrics, AdvanceConfig config)
    : loop_(loop),
      store_(store),
      writer_(writer),
      marks_(marks),
      clock_(std::move(clock)),
      metrics_(metrics),
      config_(config),
      spacing_(loop, config.apart, [this] { StartBatches(); }) {}

void AdvanceQueue::Enqueue(v1::AdvanceRequest request, Deadline deadline, Respond respond) {
  auto step = std::make_unique<Step>();
  step->request = std::move(request);
  step->deadline = deadline;
  step->respond = std::move(respond);
  if (waiting_.size() >= config_.waiting) {
    Refuse(*step, ResourceExhausted("too many session steps wait for PostgreSQL; try again"));
    return;
  }
  waiting_.push_back(std::move(step));
  metrics_.waiting().Set(static_cast<double>(waiting_.size()));
  Schedule();
}

// Once a turn of the loop, so that what came in one turn goes into one batch.
void AdvanceQueue::Schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  asio::post(loop_, [this] {
    scheduled_ = false;
    StartBatches();
  });
}

void AdvanceQueue::StartBatches() {
  while (!waiting_.empty() && in_flight_ < config_.in_flight && MayStart()) {
    Steps steps = NextBatch();
    if (steps.empty()) break;
    ++in_flight_;
    asio::co_spawn(loop_.get_executor(), Run(std::move(steps)), asio::detached);
  }
  metrics_.waiting().Set(static_cast<double>(waiting_.size()));
}

bool AdvanceQueue::MayStart() {
  if (waiting_.size() >= config_.batch) return true;
  return (in_flight_ == 0 || waiting_.size() >= config_.company) && spacing_.Begin();
}

// The first ones whose terminals are free; a terminal's second step waits for its first.
AdvanceQueue::Steps AdvanceQueue::NextBatch() {
  Steps out;
  const auto now = std::chrono::steady_clock::now();
  std::deque<std::unique_ptr<Step>> left;
  for (auto& step : waiting_) {
    if (step->deadline <= now) {
      Refuse(*step, DeadlineExceeded("the step waited too long for PostgreSQL"));
    } else if (out.size() < config_.batch && busy_.insert(step->request.device_id()).second) {
      out.push_back(std::move(step));
    } else {
      left.push_back(std::move(step));
    }
  }
  waiting_ = std::move(left);
  return out;
}

Process AdvanceQueue::Run(Steps steps) {
  const auto begin = std::chrono::steady_clock::now();
  const size_t count = steps.size();
  std::vector<std::string> devices;
  for (const auto& step : steps) devices.push_back(step->request.device_id());
  const Result<void> done = co_await Try(&steps);
  if (!done && MayBeOneStep(done.error())) {
    for (auto& step : steps) co_await TryAlone(std::move(step));
  } else if (!done) {
    for (auto& step : steps) Refuse(*step, done.error());
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  metrics_.Batch(count, time.count());
  for (const std::string& device : devices) busy_.erase(device);
  --in_flight_;
  Schedule();
}

asio::awaitable<void, Executor> AdvanceQueue::TryAlone(std::unique_ptr<Step> step) {
  Steps one;
  one.push_back(std::move(step));
  Result<void> done;
  for (int i = 0; i < kTries; ++i) {
    done = co_await Try(&one);
    if (done || done.error().code != Code::kAborted) break;
  }
  if (done) co_return;
  service::Log(service::Level::kWarn, "operations.step_refused", "a session step was not stored",
               {{"device", service::Redacted(one.front()->request.device_id())},
                {"cause", done.error().message}});
  Refuse(*one.front(), done.error());
}

// Reads, decides, writes, answers. On an error nothing is written and nothing answered, but for
// steps that were refused for themselves: those are gone from `steps`.
Task<void> AdvanceQueue::Try(Steps* steps) {
  const Deadline deadline = In(kDatabaseTimeout);
  DROVER_CO_TRY(co_await Decide(steps, deadline));
  Changes changes;
  for (auto& step : *steps) {
    const bool travelled = !step->advanced.travelled.empty() && step->request.messages_size() > 0;
    if (travelled) {
      changes.travelled.push_back(MessagesOf(step->request, step->advanced, step->decided_at));
    }
    step->first_change = changes.changes.size();
    for (Change& change : step->advanced.changes) changes.changes.push_back(std::move(change));
    step->change_count = step->advanced.changes.size();
  }
  if (!changes.changes.empty()) DROVER_CO_TRY(co_await writer_.Write(changes, deadline));
  Settle(steps, changes.changes);
  co_return Result<void>();
}

// After the commit.
void AdvanceQueue::Settle(Steps* steps, std::span<const Change> changes) {
  std::vector<RedisMarks::Seen> over;
  for (auto& step : *steps) {
    const int64_t mark = step->request.mark();
    if (!step->advanced.work_left && mark > 0) over.push_back({step->request.device_id(), mark});
    Answer(*step);
    if (!step->all_read) continue;
    held_.Keep(step->request, std::move(step->advanced.open),
               changes.subspan(step->first_change, step->change_count));
  }
  if (over.empty()) return;
  asio::co_spawn(loop_.get_executor(), ClearMarks(std::move(over)), asio::detached);
}

// Beside each step: what is held of its terminal, or what is read.
Task<std::vector<OpenOperations>> AdvanceQueue::OpenOf(const Steps& steps, Deadline deadline) {
  std::vector<OpenOperations> out(steps.size());
  std::vector<std::string> devices;
  std::vector<size_t> places;
  for (size_t i = 0; i < steps.size(); ++i) {
    auto held = held_.Take(steps[i]->request);
    if (held) {
      out[i].operations = std::move(*held);
      continue;
    }
    devices.push_back(steps[i]->request.device_id());
    places.push_back(i);
  }
  if (devices.empty()) co_return out;
  DROVER_CO_TRY(auto read, co_await store_.ReadOpen(std::move(devices), deadline));
  for (size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move(read[i]);
  co_return out;
}

Task<void> AdvanceQueue::Decide(Steps* steps, Deadline deadline) {
  DROVER_CO_TRY(auto open, co_await OpenOf(*steps, deadline));
  DROVER_CO_TRY(const EndedOperations ended, co_await ReadEnded(*steps, deadline));
  const TimePoint now = clock_();
  Steps left;
  for (size_t i = 0; i < steps->size(); ++i) {
    std::unique_ptr<Step>& step = (*steps)[i];
    Result<Advanced> advanced =
        Advance(step->request, std::move(open[i].operations), open[i].all, ended, now);
    if (!advanced) {
      Refuse(*step, advanced.error());
      continue;
    }
    step->advanced = std::move(*advanced);
    step->decided_at = now;
    step->all_read = open[i].all;
    left.push_back(std::move(step));
  }
  *steps = std::move(left);
  co_return Result<void>();
}

// Only alerts ask, and only those with a correlator of ours.
Task<EndedOperations> AdvanceQueue::ReadEnded(const Steps& steps, Deadline deadline) {
  std::vector<std::pair<std::string, std::string>> ids;
  for (const auto& step : steps) {
    for (const v1::AlertResult& alert : step->request.alerts()) {
      const std::string_view operation = OperationOf(alert.correlator());
      if (IsUuid(operation)) ids.emplace_back(step->request.device_id(), operation);
    }
  }
  if (ids.empty()) co_return EndedOperations();
  co_return co_await store_.ReadEnded(std::move(ids), deadline);
}

void AdvanceQueue::Answer(Step& step) {
  metrics_.Advanced("done");
  step.respond(std::move(step.advanced.reply));
}

void AdvanceQueue::Refuse(Step& step, const Error& error) {
  metrics_.Advanced(error.code == Code::kInvalidArgument ? "refused" : "failed");
  v1::AdvanceReply reply;
  reply.set_code(static_cast<uint32_t>(error.code));
  reply.set_error(error.message);
  step.respond(std::move(reply));
}

// If it fails the marks stay in vain, until the terminals' next sessions.
Process AdvanceQueue::ClearMarks(std::vector<RedisMarks::Seen> marks) {
  const Deadline deadline = In(kRedisTimeout);
  const Result<void> cleared = co_await marks_.Clear(std::move(marks), deadline);
  if (!cleared) metrics_.Failed("marks");
}

}  // namespace drover::operations

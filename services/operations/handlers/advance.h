// OperationStreamService.Advance: session steps of many terminals, gathered into batches that cost
// PostgreSQL one read and one transaction each.
//
// While a batch is with PostgreSQL the next gathers; no two batches in flight hold the same
// terminal, so one terminal's steps happen in the order in which they came. Loop thread only.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "libs/async/spacing.h"
#include "libs/base/clock.h"
#include "services/operations/adapters/redis_marks.h"
#include "services/operations/core/advance.h"
#include "services/operations/handlers/change_writer.h"
#include "services/operations/handlers/held_work.h"

namespace drover::operations {

struct AdvanceConfig {
  size_t batch = 128;    // Steps in one at most.
  size_t in_flight = 3;  // Batches with PostgreSQL at once.
  size_t company = 32;   // A further batch beside one in flight starts with this many.
  std::chrono::milliseconds apart{0};  // From one batch to the next that is not full.
  size_t waiting = 10'000;             // Past it: kResourceExhausted.
};

class AdvanceQueue {
 public:
  using Respond = std::function<void(v1::AdvanceReply)>;

  AdvanceQueue(asio::io_context& loop, PgOperations& store, ChangeWriter& writer, RedisMarks& marks,
               Clock clock, Metrics& metrics, AdvanceConfig config);
  AdvanceQueue(const AdvanceQueue&) = delete;

  // Answers when the step is durable, or with why it is not; exactly once.
  void Enqueue(v1::AdvanceRequest request, Deadline deadline, Respond respond);

 private:
  static constexpr size_t kHeld = 4096;  // Terminals whose work is remembered between two steps.
  struct Step {
    v1::AdvanceRequest request;
    Deadline deadline;
    Respond respond;
    Advanced advanced;
    TimePoint decided_at{};
    bool all_read = false;    // advanced.open are all of its terminal's.
    size_t first_change = 0;  // Of its changes among the batch's.
    size_t change_count = 0;
  };
  using Steps = std::vector<std::unique_ptr<Step>>;

  void Schedule();
  void StartBatches();
  bool MayStart();
  Steps NextBatch();
  Process Run(Steps steps);
  Task<void> Try(Steps* steps);
  asio::awaitable<void, Executor> TryAlone(std::unique_ptr<Step> step);
  Task<std::vector<OpenOperations>> OpenOf(const Steps& steps, Deadline deadline);
  Task<void> Decide(Steps* steps, Deadline deadline);
  Task<EndedOperations> ReadEnded(const Steps& steps, Deadline deadline);
  void Settle(Steps* steps, std::span<const Change> changes);
  void Answer(Step& step);
  void Refuse(Step& step, const Error& error);
  Process ClearMarks(std::vector<RedisMarks::Seen> marks);

  asio::io_context& loop_;
  PgOperations& store_;
  ChangeWriter& writer_;
  RedisMarks& marks_;
  Clock clock_;
  Metrics& metrics_;
  const AdvanceConfig config_;
  std::deque<std::unique_ptr<Step>> waiting_;
  std::unordered_set<std::string> busy_;  // Terminals in a batch in flight.
  HeldWork held_{kHeld};
  Spacing spacing_;
  size_t in_flight_ = 0;
  bool scheduled_ = false;
};

}  // namespace drover::operations

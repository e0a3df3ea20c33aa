// The scheduler's journal on its way to PostgreSQL: what was appended since the last row becomes
// the next one.
//
// Positions count octets since Open, as dispatch::Effect::after does. Beside the scheduler's
// records each row holds how far the work topic was applied up to it, so that no record is applied
// twice whatever was committed to Kafka. Loop thread only.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "services/push/adapters/pg_journal.h"

namespace drover::push {

// Partition of the work topic -> offset of the next record to apply.
using Offsets = std::map<int32_t, int64_t>;
std::string EncodeOffsets(const Offsets& offsets);
Result<Offsets> DecodeOffsets(std::string_view octets);

class Journal {
 public:
  struct Observer {
    std::function<void(uint64_t upto)> durable;
    std::function<void(const Error& error)> failed;  // It is tried again.
    std::function<void()> lost;  // Another process owns the journal: nothing is durable any more.
  };
  Journal(asio::io_context& loop, PgJournal& table, int slot, Observer observer);
  Journal(const Journal&) = delete;

  // Takes the journal over and reads it: every record in order to `restore`.
  using Restore = std::function<Result<void>(std::string_view frames)>;
  Task<void> Open(Restore restore, TimePoint now, Deadline deadline);
  const Offsets& offsets() const { return offsets_; }  // After Open: as of the last row.

  // Whole frames. Durable when observer.durable names at least appended().
  void Append(std::string_view frames);
  // Belongs to what was appended up to now.
  void Applied(int32_t partition, int64_t next_offset);
  uint64_t appended() const { return appended_; }
  uint64_t durable() const { return durable_; }

  // A snapshot begins: what is appended from now on is enough to restore from.
  void BeginSnapshot();
  // It is complete: rows before it go with the next write.
  void EndSnapshot();
  // Octets appended since the last snapshot began.
  uint64_t since_snapshot() const { return appended_ - snapshot_began_at_; }

  // Writes until Close or until the journal is lost. Spawn it once, after Open.
  Process Run();
  void Close();
  // Until all that was appended is durable.
  Task<void> Flush(Deadline deadline);

 private:
  struct Pending {
    std::string frames;
    uint64_t upto = 0;      // Position behind it.
    Offsets offsets;        // As of it.
    bool sealed = false;    // It was tried, and may be in the table already: it stays as it is.
    bool snapshot = false;  // A snapshot begins with it.
    bool forget = false;    // .. and is complete by its end.
  };
  Pending& Last();
  bool HasOpen() const { return !pending_.empty() && !pending_.back().sealed; }
  Task<void> WriteFront();
  static asio::awaitable<void, Executor> Wait(Timer& timer, std::chrono::milliseconds time);
  void Wake();

  PgJournal& table_;
  const int slot_;
  const Observer observer_;
  Timer work_;   // Until there is something to write.
  Timer pause_;  // Before a row is tried again.
  std::deque<Pending> pending_;
  Offsets offsets_;
  int64_t epoch_ = 0, seq_ = 0;
  int64_t snapshot_seq_ = 0;  // Of the row that the snapshot under way begins with.
  uint64_t appended_ = 0, durable_ = 0, snapshot_began_at_ = 0;
  bool closing_ = false, lost_ = false;
};

}  // namespace drover::push

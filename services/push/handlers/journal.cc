#include "services/push/handlers/journal.h"

#include <boost/asio/redirect_error.hpp>

#include "libs/base/packed.h"

namespace drover::push {
namespace {

constexpr size_t kRowOctets = 512 * 1024;  // A row is closed once it has so many.
constexpr int kRowsAtATime = 64;
constexpr std::chrono::milliseconds kAgain{500};
constexpr std::chrono::seconds kWrite{10};
constexpr std::chrono::hours kIdle{24};

}  // namespace

std::string EncodeOffsets(const Offsets& offsets) {
  base::Packer out;
  out.Number(offsets.size());
  for (const auto& [partition, offset] : offsets) {
    out.Number(static_cast<uint64_t>(partition));
    out.Number(static_cast<uint64_t>(offset));
  }
  return std::move(out.out());
}

Result<Offsets> DecodeOffsets(std::string_view octets) {
  Offsets offsets;
  base::Unpacker in(octets);
  const size_t count = in.Count();
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const auto partition = static_cast<int32_t>(in.Number(INT32_MAX));
    offsets[partition] = static_cast<int64_t>(in.Number(INT64_MAX));
  }
  if (!in.ok() || !in.at_end()) return Error{Code::kDataLoss, "a journal row's offsets"};
  return offsets;
}

Journal::Journal(asio::io_context& loop, PgJournal& table, int slot, Observer observer)
    : table_(table),
      slot_(slot),
      observer_(std::move(observer)),
      work_(loop.get_executor()),
      pause_(loop.get_executor()) {}

Task<void> Journal::Open(Restore restore, TimePoint now, Deadline deadline) {
  DROVER_CO_TRY(const PgJournal::Claim claim, co_await table_.Take(slot_, now, deadline));
  epoch_ = claim.epoch;
  while (seq_ < claim.last_seq) {
    DROVER_CO_TRY(const std::vector<PgJournal::Row> rows,
                  co_await table_.Read(slot_, seq_, kRowsAtATime, deadline));
    if (rows.empty()) co_return Error{Code::kDataLoss, "the journal ends before its last row"};
    for (const PgJournal::Row& row : rows) {
      DROVER_CO_TRY(restore(row.records));
      DROVER_CO_TRY(offsets_, DecodeOffsets(row.offsets));
      seq_ = row.seq;
    }
  }
  co_return Result<void>();
}

// A row that was tried stays as it is, also if that failed: it may have been committed, and then
// the next try changes nothing. The row behind it takes what comes meanwhile.
Journal::Pending& Journal::Last() {
  if (!HasOpen() || pending_.back().frames.size() >= kRowOctets)
    pending_.push_back({.upto = appended_, .offsets = offsets_});
  return pending_.back();
}

void Journal::Append(std::string_view frames) {
  if (frames.empty()) return;
  Pending& last = Last();
  last.frames += frames;
  appended_ += frames.size();
  last.upto = appended_;
  Wake();
}

void Journal::Applied(int32_t partition, int64_t next_offset) {
  int64_t& known = offsets_[partition];
  if (known >= next_offset) return;
  known = next_offset;
  Last().offsets = offsets_;
  Wake();
}

void Journal::BeginSnapshot() {
  if (!HasOpen() || !pending_.back().frames.empty()) {
    pending_.push_back({.upto = appended_, .offsets = offsets_});
  }
  pending_.back().snapshot = true;
  snapshot_began_at_ = appended_;
  Wake();
}

void Journal::EndSnapshot() {
  Last().forget = true;
  Wake();
}

void Journal::Wake() { work_.cancel(); }

asio::awaitable<void, Executor> Journal::Wait(Timer& timer, std::chrono::milliseconds time) {
  timer.expires_after(time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(kAwait, ignored));
}

Process Journal::Run() {
  while (!lost_ && !(closing_ && pending_.empty())) {
    if (pending_.empty()) {
      co_await Wait(work_, kIdle);
      continue;
    }
    pending_.front().sealed = true;
    const Result<void> written = co_await WriteFront();
    if (written) continue;
    if (lost_) break;
    observer_.failed(written.error());
    co_await Wait(pause_, kAgain);
  }
}

Task<void> Journal::WriteFront() {
  const Pending& front = pending_.front();
  if (front.snapshot && snapshot_seq_ == 0) snapshot_seq_ = seq_ + 1;
  PgJournal::Append append;
  append.epoch = epoch_;
  append.slot = slot_;
  append.seq = seq_ + 1;
  append.records = front.frames;
  append.offsets = EncodeOffsets(front.offsets);
  if (front.forget) append.forget_before = snapshot_seq_;
  const Deadline deadline = In(kWrite);
  DROVER_CO_TRY(const bool owned, co_await table_.Write(append, deadline));
  if (!owned) {
    lost_ = true;
    observer_.lost();
    co_return FailedPrecondition("another process has taken the journal over");
  }
  ++seq_;
  if (front.forget) snapshot_seq_ = 0;
  durable_ = front.upto;
  pending_.pop_front();
  observer_.durable(durable_);
  co_return Result<void>();
}

void Journal::Close() {
  closing_ = true;
  pause_.cancel();
  Wake();
}

Task<void> Journal::Flush(Deadline deadline) {
  constexpr std::chrono::milliseconds kLook{2};
  Timer look(work_.get_executor());
  while (!pending_.empty() && !lost_) {
    if (std::chrono::steady_clock::now() >= deadline) {
      co_return DeadlineExceeded("the journal was not written in time");
    }
    look.expires_after(kLook);
    boost::system::error_code ignored;
    co_await look.async_wait(asio::redirect_error(kAwait, ignored));
  }
  if (lost_) co_return FailedPrecondition("another process has taken the journal over");
  co_return Result<void>();
}

}  // namespace drover::push

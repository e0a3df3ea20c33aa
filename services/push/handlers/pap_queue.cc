#include "services/push/handlers/pap_queue.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace drover::push {
namespace {

constexpr std::chrono::seconds kTimeout{10};
constexpr int kTries = 3;

std::string KeyOf(const PapQueue::Entry& entry) {
  const StoredPush& push = entry.rows.front();
  return push.account + '\0' + push.push_id;
}

// What is wrong with one of them is told of all.
bool MayBeOnePush(const Error& error) {
  return error.code == Code::kInvalidArgument || error.code == Code::kAlreadyExists;
}

}  // namespace

PapQueue::PapQueue(asio::io_context& loop, PgPushes& pushes, Config config)
    : loop_(loop), pushes_(pushes), config_(config) {}

void PapQueue::Add(Entry entry) {
  if (full()) {
    entry.done(ResourceExhausted("too many pushes wait for PostgreSQL: send it again later"));
    return;
  }
  waiting_.push_back(std::move(entry));
  Schedule();
}

// Once a turn of the loop, so that what came in one turn goes into one batch.
void PapQueue::Schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  asio::post(loop_, [this] {
    scheduled_ = false;
    Start();
  });
}

void PapQueue::Start() {
  while (!waiting_.empty() && in_flight_ < config_.in_flight && MayStart()) {
    Entries entries = Next();
    if (entries.empty()) break;
    ++in_flight_;
    asio::co_spawn(loop_.get_executor(), Run(std::move(entries)), asio::detached);
  }
}

bool PapQueue::MayStart() const { return in_flight_ == 0 || waiting_.size() >= config_.company; }

// The first ones; of two with one id the second waits for the first.
PapQueue::Entries PapQueue::Next() {
  Entries out;
  std::deque<Entry> left;
  while (!waiting_.empty() && out.size() < config_.batch) {
    Entry entry = std::move(waiting_.front());
    waiting_.pop_front();
    if (busy_.insert(KeyOf(entry)).second) {
      out.push_back(std::move(entry));
    } else {
      left.push_back(std::move(entry));
    }
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(left.begin()),
                  std::make_move_iterator(left.end()));
  return out;
}

Process PapQueue::Run(Entries entries) {
  std::vector<std::string> keys;
  for (const Entry& entry : entries) keys.push_back(KeyOf(entry));
  const Result<void> done = co_await Try(entries);
  batch_ = entries.size();
  if (done || entries.size() == 1 || !MayBeOnePush(done.error())) {
    for (Entry& entry : entries) entry.done(done);
  } else {
    for (Entry& entry : entries) {
      Entries one;
      one.push_back(std::move(entry));
      const Result<void> alone = co_await Try(one);
      for (Entry& left : one) left.done(alone);
    }
  }
  for (const std::string& key : keys) busy_.erase(key);
  --in_flight_;
  Schedule();
}

// Those that were there already are answered, and gone from entries.
asio::awaitable<Result<void>, Executor> PapQueue::Try(Entries& entries) {
  Result<void> done;
  for (int i = 0; i < kTries && !entries.empty(); ++i) {
    done = co_await Write(entries);
    if (done) break;
    if (done.error().code == Code::kAborted) continue;
    if (done.error().code != Code::kAlreadyExists) break;
    const Result<void> answered = co_await AnswerDuplicates(entries);
    if (!answered) co_return answered;
  }
  co_return done;
}

Task<void> PapQueue::Write(const Entries& entries) {
  std::vector<const StoredPush*> rows;
  std::string outbox;
  for (const Entry& entry : entries) {
    for (const StoredPush& row : entry.rows) rows.push_back(&row);
    outbox += entry.outbox;
  }
  const Deadline deadline = In(kTimeout);
  co_return co_await pushes_.Insert(rows, outbox, deadline);
}

Task<void> PapQueue::AnswerDuplicates(Entries& entries) {
  std::vector<PushKey> keys;
  for (const Entry& entry : entries) {
    PushKey& key = keys.emplace_back();
    key.account = entry.rows.front().account;
    key.push_id = entry.rows.front().push_id;
  }
  const Deadline deadline = In(kTimeout);
  DROVER_CO_TRY(const std::vector<StoredPush> found, co_await pushes_.Find(keys, deadline));
  std::unordered_set<std::string> known;
  for (const StoredPush& push : found) known.insert(push.account + '\0' + push.push_id);
  Entries left;
  for (Entry& entry : entries) {
    if (known.contains(KeyOf(entry))) {
      entry.done(AlreadyExists("that push-id was used before"));
    } else {
      left.push_back(std::move(entry));
    }
  }
  entries = std::move(left);
  co_return Result<void>();
}

}  // namespace drover::push

#include "libs/postgres/pool.h"

#include <algorithm>

#include "libs/async/deadline_timer.h"
#include "libs/postgres/connection.h"

namespace drover::postgres {

class Pool::State : public Connection::Owner, public std::enable_shared_from_this<State> {
 public:
  State(asio::io_context& loop, Config config)
      : loop_(loop),
        config_(std::move(config)),
        target_(ParseTarget(config_)),
        deadlines_(loop, [this](Deadline now) { return Expire(now); }) {}

  void Open() {
    if (!target_) return;
    for (size_t i = 0; i < config_.connections; ++i) {
      connections_.push_back(std::make_shared<Connection>(loop_, *this, *target_, numbers_));
      connections_.back()->Open();
    }
  }
  void Close() {
    closed_ = true;
    deadlines_.Stop();
    for (const auto& connection : connections_) connection->Close();
    const auto dropped = std::exchange(waiting_, {});
  }

  void Submit(std::unique_ptr<Job> job) {
    if (auto error = Refusal(*job)) return job->resume.Post(loop_, *std::move(error));
    deadlines_.Watch(job->deadline);
    waiting_.push_back(std::move(job));
    Dispatch();
  }

  bool connected() const {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const auto& connection) { return connection->ready(); });
  }

  void Freed(Connection&) override { Dispatch(); }

  void Failed(const std::string& why) override {
    last_error_ = why;
    if (Hopeful()) return;
    const auto keep = shared_from_this();
    for (auto& job : std::exchange(waiting_, {})) {
      if (closed_) return;
      job->resume.Set(Unavailable("PostgreSQL is not connected: " + last_error_));
    }
  }

 private:
  std::optional<Error> Refusal(const Job& job) const {
    if (!target_) return target_.error();
    if (!Hopeful()) return Unavailable("PostgreSQL is not connected: " + last_error_);
    if (waiting_.size() >= config_.max_waiting) {
      return ResourceExhausted("too many callers wait for a PostgreSQL connection");
    }
    if (job.deadline <= std::chrono::steady_clock::now()) {
      return DeadlineExceeded("no time left for a PostgreSQL statement");
    }
    return std::nullopt;
  }

  // Whether a connection stands or is being attempted; else callers need not wait.
  bool Hopeful() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const auto& connection) {
      return connection->ready() || connection->connecting();
    });
  }

  void Dispatch() {
    const auto keep = shared_from_this();
    for (const auto& connection : connections_) {
      if (waiting_.empty() || closed_) return;
      if (!connection->idle()) continue;
      std::unique_ptr<Job> job = std::move(waiting_.front());
      waiting_.pop_front();
      connection->Run(std::move(job));
    }
  }

  Deadline Expire(Deadline now) {
    const auto keep = shared_from_this();
    Deadline next = Deadline::max();
    std::deque<std::unique_ptr<Job>> still;
    std::deque<std::unique_ptr<Job>> expired;
    for (auto& job : std::exchange(waiting_, {})) {
      if (job->deadline > now) next = std::min(next, job->deadline);
      (job->deadline > now ? still : expired).push_back(std::move(job));
    }
    waiting_ = std::move(still);
    for (auto& job : expired) {
      if (closed_) return next;
      job->resume.Set(DeadlineExceeded("no PostgreSQL connection became free in time"));
    }
    for (const auto& connection : connections_) {
      if (closed_) return next;
      next = std::min(next, connection->Expire(now).value_or(Deadline::max()));
    }
    return next;
  }

  asio::io_context& loop_;
  const Config config_;
  const Result<Target> target_;
  StatementNumbers numbers_;
  DeadlineTimer deadlines_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::deque<std::unique_ptr<Job>> waiting_;
  std::string last_error_ = "not connected yet";
  bool closed_ = false;
};

Pool::Pool(asio::io_context& loop, Config config)
    : state_(std::make_shared<State>(loop, std::move(config))) {
  state_->Open();
}

Pool::~Pool() { state_->Close(); }

bool Pool::connected() const { return state_->connected(); }

namespace {

// *job must stay until the Task has ended.
template <typename State>
Task<std::vector<Rows>> Submitted(State* state, std::unique_ptr<Job>* job) {
  return Suspend<std::vector<Rows>>([state, job](Resumer<std::vector<Rows>> resume) {
    (*job)->resume = std::move(resume);
    state->Submit(std::move(*job));
  });
}

}  // namespace

Task<Rows> Pool::Execute(Statement statement, Deadline deadline) {
  auto job = std::make_unique<Job>();
  job->statements.push_back(std::move(statement));
  job->deadline = deadline;
  Result<std::vector<Rows>> rows = co_await Submitted(state_.get(), &job);
  if (!rows) co_return std::move(rows).error();
  co_return std::move(rows->front());
}

Task<std::vector<Rows>> Pool::Transaction(std::vector<Statement> statements, Deadline deadline) {
  if (statements.empty()) co_return std::vector<Rows>();
  auto job = std::make_unique<Job>();
  job->statements = std::move(statements);
  job->deadline = deadline;
  Result<std::vector<Rows>> rows = co_await Submitted(state_.get(), &job);
  co_return rows;
}

Task<void> Pool::Script(std::string sql, Deadline deadline) {
  auto job = std::make_unique<Job>();
  job->script = std::move(sql);
  job->deadline = deadline;
  Result<std::vector<Rows>> rows = co_await Submitted(state_.get(), &job);
  if (!rows) co_return std::move(rows).error();
  co_return Result<void>();
}

}  // namespace drover::postgres

#include "loadtest/drover_load/soak_operator.h"

#include <algorithm>

namespace drover::load {
namespace {

namespace v1 = operations::v1;

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::milliseconds kPause{200};

// Errors that say that the request itself is wrong.
bool IsFinal(Code code) {
  return code == Code::kInvalidArgument || code == Code::kNotFound || code == Code::kAborted ||
         code == Code::kFailedPrecondition || code == Code::kPermissionDenied ||
         code == Code::kUnauthenticated || code == Code::kAlreadyExists;
}

}  // namespace

SoakOperator::SoakOperator(std::vector<Backend> backends, std::string run, Callbacks callbacks)
    : backends_(std::move(backends)), run_(std::move(run)), callbacks_(std::move(callbacks)) {
  for (Backend& backend : backends_) {
    threads_.emplace_back([this, &backend] { Work(backend); });
  }
}

SoakOperator::~SoakOperator() { Stop(); }

void SoakOperator::Submit(std::vector<SoakOperation> operations) {
  const std::lock_guard lock(mutex_);
  jobs_.emplace_back(std::move(operations));
  changed_.notify_one();
}

void SoakOperator::Ask(Question question) {
  const std::lock_guard lock(mutex_);
  jobs_.emplace_back(std::move(question));
  changed_.notify_one();
}

void SoakOperator::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

size_t SoakOperator::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size() + busy_;
}

void SoakOperator::Work(Backend& backend) {
  Job job;
  while (Next(job)) {
    std::visit([&](const auto& what) { Do(backend, what); }, job);
    const std::lock_guard lock(mutex_);
    --busy_;
  }
}

bool SoakOperator::Next(Job& job) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
  if (jobs_.empty()) return false;
  job = std::move(jobs_.front());
  jobs_.pop_front();
  ++busy_;
  return true;
}

bool SoakOperator::PauseBeforeRetry() {
  ++retries_;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPause, [this] { return stopping_; });
  return !stopping_;
}

void SoakOperator::Do(Backend& backend, const std::vector<SoakOperation>& operations) {
  std::vector<v1::NewOperation> wanted;
  std::vector<uint64_t> serials;
  for (const SoakOperation& operation : operations) {
    wanted.push_back(operation.wanted);
    serials.push_back(operation.serial);
  }
  const std::string key = "soak-" + run_ + "-" + std::to_string(serials.front());
  while (true) {
    Result<std::vector<v1::Operation>> stored = backend.SubmitOnce(key, wanted, kPatience);
    if (stored && stored->size() == serials.size()) {
      return callbacks_.accepted(std::move(serials), std::move(*stored));
    }
    if (stored || IsFinal(stored.error().code)) {
      return callbacks_.withdrawn(std::move(serials),
                                  stored ? "answered with another number of operations"
                                         : "refused: " + stored.error().message);
    }
    if (!PauseBeforeRetry()) return callbacks_.withdrawn(std::move(serials), "");
  }
}

void SoakOperator::Do(Backend& backend, const Question& question) {
  while (true) {
    Result<v1::Operation> found = backend.Get(question.id, kPatience);
    if (found) return callbacks_.answered(question.serial, std::move(*found));
    if (found.error().code == Code::kNotFound) return callbacks_.unknown(question.serial);
    if (!PauseBeforeRetry()) return;
  }
}

}  // namespace drover::load

#include "loadtest/drover_load/submitter.h"

#include "loadtest/drover_load/run_prepare.h"

namespace drover::load {
namespace {

constexpr size_t kConnections = 4;
constexpr std::chrono::seconds kPatience{60};

}  // namespace

Submitter::Submitter(const Endpoints& endpoints, const fleet::Fleet& fleet, std::string run_label)
    : endpoints_(endpoints), fleet_(fleet), run_label_(std::move(run_label)) {}

Submitter::~Submitter() { Finish(); }

void Submitter::Start() {
  for (size_t i = 0; i < kConnections; ++i) threads_.emplace_back([this] { Work(); });
}

void Submitter::Submit(std::vector<uint64_t> terminals) {
  const size_t most = TerminalsInABatch(fleet_.config().population);
  const std::lock_guard lock(mutex_);
  for (size_t begin = 0; begin < terminals.size(); begin += most) {
    const auto from = terminals.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count = std::min(most, terminals.size() - begin);
    batches_.push_back({++last_, {from, from + static_cast<std::ptrdiff_t>(count)}});
  }
  changed_.notify_all();
}

void Submitter::Finish() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::optional<Error> Submitter::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

void Submitter::Fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = error;
}

std::optional<Submitter::Batch> Submitter::Next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return finishing_ || !batches_.empty(); });
  if (batches_.empty()) return std::nullopt;
  Batch batch = std::move(batches_.front());
  batches_.pop_front();
  return batch;
}

void Submitter::Work() {
  Result<Backend> backend = Backend::Connect(endpoints_);
  if (!backend) return Fail(backend.error());
  while (const auto batch = Next()) {
    operations::v1::SubmitOperationsRequest request;
    for (const uint64_t index : batch->terminals) AddOperations(fleet_, index, run_label_, request);
    request.set_idempotency_key(run_label_ + ".due." + std::to_string(batch->number));
    const Result<void> submitted = backend->SubmitOnce(request, kPatience);
    if (submitted) {
      operations_ += static_cast<uint64_t>(request.operations_size());
    } else {
      Fail(submitted.error());
    }
  }
}

}  // namespace drover::load

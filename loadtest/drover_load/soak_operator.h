// The operator of a soak: submits what is planned until it is accepted, and asks what became of it.
//
// A few threads, each with a connection of its own; what they learn is posted onto the terminals'
// loop. A submission is sent again under the same idempotency key until it is answered, as an
// operator's script does it.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "loadtest/drover_load/backend.h"
#include "loadtest/drover_load/soak_plan.h"

namespace drover::load {

class SoakOperator {
 public:
  struct Question {
    uint64_t serial;
    std::string id;
  };
  // Called on the operator's threads.
  struct Callbacks {
    std::function<void(std::vector<uint64_t> serials, std::vector<operations::v1::Operation>)>
        accepted;
    // Refused for good, or the run was over before an answer came.
    std::function<void(std::vector<uint64_t> serials, const std::string& why)> withdrawn;
    std::function<void(uint64_t serial, operations::v1::Operation)> answered;
    // operations says that there is no such operation.
    std::function<void(uint64_t serial)> unknown;
  };

  SoakOperator(std::vector<Backend> backends, std::string run, Callbacks callbacks);
  ~SoakOperator();  // Stops.

  void Submit(std::vector<SoakOperation> operations);
  void Ask(Question question);
  // What is not answered now is withdrawn.
  void Stop();
  uint64_t retries() const { return retries_; }
  size_t waiting() const;

 private:
  using Job = std::variant<std::vector<SoakOperation>, Question>;
  void Work(Backend& backend);
  bool Next(Job& job);
  void Do(Backend& backend, const std::vector<SoakOperation>& operations);
  void Do(Backend& backend, const Question& question);
  bool PauseBeforeRetry();

  std::vector<Backend> backends_;
  const std::string run_;
  const Callbacks callbacks_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  size_t busy_ = 0;
  std::atomic<uint64_t> retries_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace drover::load

// Operations that are submitted while a run goes on: in batches, by threads of their own, so that
// the terminals' loop never waits.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "loadtest/drover_load/options.h"
#include "loadtest/fleet/fleet.h"

namespace drover::load {

class Submitter {
 public:
  // All outlive it. run_label: as SubmitAll.
  Submitter(const Endpoints& endpoints, const fleet::Fleet& fleet, std::string run_label);
  ~Submitter();
  Submitter(const Submitter&) = delete;

  void Start();
  // All operations of these terminals; returns at once.
  void Submit(std::vector<uint64_t> terminals);
  // Waits until all that was handed over is submitted, and ends.
  void Finish();

  uint64_t operations() const { return operations_; }  // That were taken.
  // Why some could not be submitted: the first failure.
  std::optional<Error> error() const;

 private:
  struct Batch {
    uint64_t number = 0;
    std::vector<uint64_t> terminals;
  };

  void Work();
  std::optional<Batch> Next();
  void Fail(const Error& error);

  const Endpoints& endpoints_;
  const fleet::Fleet& fleet_;
  const std::string run_label_;
  mutable std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  uint64_t last_ = 0;
  bool finishing_ = false;
  std::optional<Error> error_;
  std::atomic<uint64_t> operations_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace drover::load

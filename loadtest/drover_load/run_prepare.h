// The population of a run, brought into the services: terminals enrolled, operations submitted.
// In bulk, over several connections at once.
#pragma once
#include <functional>
#include <string>

#include "loadtest/drover_load/backend.h"
#include "loadtest/fleet/fleet.h"

namespace drover::load {

// What all operations of one run are called; each kind of them has its own behind a dot.
std::string RunLabel(const std::string& scenario, uint64_t seed);
std::string LabelOf(const std::string& run_label, std::string_view operation);
// Kinds of operations that a population has: "get", "replace" ..
std::vector<std::string> OperationKinds(const fleet::Population& population);

// progress: about once a second, how many of how many. stop: whether the user wants it to end.
// Both on the calling thread.
struct Watchful {
  std::function<void(const char* what, uint64_t done, uint64_t all)> progress;
  std::function<bool()> stop;
};

// kAlreadyExists: another seed's terminals have these ids. kCancelled: stopped.
Result<void> EnrolAll(const Endpoints& endpoints, const fleet::Fleet& fleet,
                      const Watchful& watchful);
// Returns how many there are. kFailedPrecondition: there are operations of this label already.
Result<uint64_t> SubmitAll(const Endpoints& endpoints, const fleet::Fleet& fleet,
                           const std::string& run_label, const Watchful& watchful);
// All operations of a terminal, as another part of the request.
void AddOperations(const fleet::Fleet& fleet, uint64_t index, const std::string& run_label,
                   operations::v1::SubmitOperationsRequest& request);
// Of how many terminals the operations go with one request.
uint64_t TerminalsInABatch(const fleet::Population& population);
// Whether what was prepared is there and nobody has run it. kFailedPrecondition says what is wrong.
Result<void> CheckPrepared(Backend& backend, const fleet::Fleet& fleet,
                           const std::string& run_label);

}  // namespace drover::load

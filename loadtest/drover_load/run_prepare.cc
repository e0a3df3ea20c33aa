#include "loadtest/drover_load/run_prepare.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

namespace drover::load {
namespace {

namespace v1 = operations::v1;

constexpr size_t kConnections = 4;
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kLook{200};
constexpr std::chrono::seconds kShow{1};

tree::v1::AuthScheme SchemeOf(terminal::AuthScheme scheme) {
  if (scheme == terminal::AuthScheme::kMac) return tree::v1::MAC;
  return scheme == terminal::AuthScheme::kBasic ? tree::v1::BASIC : tree::v1::MD5;
}

// Work on terminals, cut into batches that threads take one after the other.
class Bulk {
 public:
  using Batch = std::function<Result<void>(Backend& backend, uint64_t begin, uint64_t end)>;

  Bulk(const Endpoints& endpoints, uint64_t terminals, uint64_t batch, Batch work)
      : endpoints_(endpoints), terminals_(terminals), batch_(batch), work_(std::move(work)) {}

  Result<void> Run(const char* what, const Watchful& watchful) {
    std::vector<std::thread> threads;
    running_ = kConnections;
    for (size_t i = 0; i < kConnections; ++i) threads.emplace_back([this] { Work(); });
    auto shown = std::chrono::steady_clock::now();
    while (running_ > 0) {
      std::this_thread::sleep_for(kLook);
      if (watchful.stop()) Fail(Cancelled("interrupted"));
      if (std::chrono::steady_clock::now() - shown < kShow) continue;
      shown += kShow;
      watchful.progress(what, done_, terminals_);
    }
    for (std::thread& thread : threads) thread.join();
    watchful.progress(what, done_, terminals_);
    if (error_) return *error_;
    return {};
  }

 private:
  void Work() {
    Result<Backend> backend = Backend::Connect(endpoints_);
    if (!backend) Fail(backend.error());
    while (backend && !failed_) {
      const uint64_t begin = next_.fetch_add(batch_);
      if (begin >= terminals_) break;
      const uint64_t end = std::min(begin + batch_, terminals_);
      const Result<void> worked = work_(*backend, begin, end);
      if (!worked) {
        Fail(worked.error());
        break;
      }
      done_ += end - begin;
    }
    --running_;
  }
  void Fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
    failed_ = true;
  }

  const Endpoints& endpoints_;
  const uint64_t terminals_;
  const uint64_t batch_;
  const Batch work_;
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> done_{0};
  std::atomic<size_t> running_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // Guards error_.
  std::optional<Error> error_;
};

void Fill(tree::v1::NewDevice& device, terminal::Account account, const fleet::Traits& traits) {
  const terminal::ModelSpec spec = SpecOf(traits);
  device.set_id(std::move(account.device_id));
  device.set_password(std::move(account.password));
  device.set_server_password(std::move(account.server_password));
  device.set_client_scheme(SchemeOf(traits.client_scheme));
  device.set_server_scheme(SchemeOf(traits.server_scheme));
  device.set_client_nonce(std::move(account.client_nonce));
  device.set_server_nonce(std::move(account.server_nonce));
  device.set_manufacturer(std::string(spec.manufacturer));
  device.set_model(std::string(spec.model));
}

v1::Verb VerbOf(syncml::CommandKind kind) {
  if (kind == syncml::CommandKind::kReplace) return v1::REPLACE;
  return kind == syncml::CommandKind::kExec ? v1::EXEC : v1::GET;
}

void Fill(v1::NewOperation& wanted, const fleet::PlannedOperation& planned) {
  for (const fleet::PlannedCommand& command : planned.commands) {
    v1::Command& each = *wanted.add_commands();
    each.set_verb(VerbOf(command.kind));
    each.set_target(command.uri);
    if (command.kind != syncml::CommandKind::kReplace) continue;
    each.set_data(command.data);
    each.set_has_data(true);
  }
}

}  // namespace

// So that a request stays below the services' bound on messages.
uint64_t TerminalsInABatch(const fleet::Population& population) {
  uint64_t most = 1;
  for (const auto& [work, share] : population.work.parts()) {
    if (share > 0) most = std::max<uint64_t>(most, fleet::OperationsOf(work));
  }
  const bool large = population.work.Of(fleet::Work::kLargeObject) > 0;
  const uint64_t octets_bound = 2'000'000 / (population.large_octets + 1);
  const uint64_t terminals = Backend::kBatch / most;
  return large ? std::clamp<uint64_t>(octets_bound, 1, terminals) : terminals;
}

void AddOperations(const fleet::Fleet& fleet, uint64_t index, const std::string& run_label,
                   v1::SubmitOperationsRequest& request) {
  for (const fleet::PlannedOperation& planned : fleet.PlanAt(index)) {
    v1::NewOperation& wanted = *request.add_operations();
    wanted.set_device_id(fleet.DeviceId(index));
    wanted.set_label(LabelOf(run_label, planned.label));
    wanted.set_unchecked(true);
    Fill(wanted, planned);
  }
}

std::string RunLabel(const std::string& scenario, uint64_t seed) {
  return "load." + scenario.substr(0, 24) + "." + std::to_string(seed);
}

std::string LabelOf(const std::string& run_label, std::string_view operation) {
  return run_label + "." + std::string(operation);
}

std::vector<std::string> OperationKinds(const fleet::Population& population) {
  const auto has = [&population](fleet::Work work) { return population.work.Of(work) > 0; };
  std::vector<std::string> kinds;
  const bool both = has(fleet::Work::kGetReplace);
  if (both || has(fleet::Work::kGet)) kinds.emplace_back("get");
  if (both || has(fleet::Work::kReplace)) kinds.emplace_back("replace");
  if (has(fleet::Work::kExec)) kinds.emplace_back("exec");
  if (has(fleet::Work::kLargeObject)) kinds.emplace_back("large");
  if (has(fleet::Work::kFirmwareUpdate)) kinds.emplace_back("update");
  return kinds;
}

Result<void> EnrolAll(const Endpoints& endpoints, const fleet::Fleet& fleet,
                      const Watchful& watchful) {
  const auto enrol = [&fleet](Backend& backend, uint64_t begin, uint64_t end) -> Result<void> {
    tree::v1::EnrolDevicesRequest request;
    for (uint64_t i = begin; i < end; ++i) {
      std::optional<terminal::Account> account = fleet.Enrolment(i);
      if (account) Fill(*request.add_devices(), std::move(*account), fleet.TraitsAt(i));
    }
    if (request.devices_size() == 0) return {};
    return backend.EnrolOnce(request, kPatience);
  };
  Bulk bulk(endpoints, fleet.size(), Backend::kBatch, enrol);
  return bulk.Run("enrolled", watchful);
}

Result<uint64_t> SubmitAll(const Endpoints& endpoints, const fleet::Fleet& fleet,
                           const std::string& run_label, const Watchful& watchful) {
  std::atomic<uint64_t> submitted = 0;
  const auto submit = [&](Backend& backend, uint64_t begin, uint64_t end) -> Result<void> {
    v1::SubmitOperationsRequest request;
    for (uint64_t i = begin; i < end; ++i) AddOperations(fleet, i, run_label, request);
    if (request.operations_size() == 0) return {};
    request.set_idempotency_key(run_label + "." + std::to_string(begin));
    DROVER_TRY(backend.SubmitOnce(request, kPatience));
    submitted += static_cast<uint64_t>(request.operations_size());
    return {};
  };
  const fleet::Population& population = fleet.config().population;
  if (OperationKinds(population).empty()) return 0;
  Bulk bulk(endpoints, fleet.size(), TerminalsInABatch(population), submit);
  DROVER_TRY(bulk.Run("submitted operations for", watchful));
  return submitted.load();
}

Result<void> CheckPrepared(Backend& backend, const fleet::Fleet& fleet,
                           const std::string& run_label) {
  for (const std::string& kind : OperationKinds(fleet.config().population)) {
    const std::string label = LabelOf(run_label, kind);
    DROVER_TRY(const auto counts, backend.Count(label));
    int64_t all = 0;
    int64_t open = 0;
    for (const auto& [state, count] : counts) {
      all += count;
      if (state == v1::PENDING || state == v1::NOTIFIED) open += count;
    }
    if (all == 0) {
      return FailedPrecondition("nothing is prepared under the label " + label +
                                ": run with --prepare-only and the same --seed first");
    }
    if (open < all) {
      return FailedPrecondition("of the " + std::to_string(all) + " operations " + label + " " +
                                std::to_string(all - open) +
                                " have been run already: prepare another --seed");
    }
  }
  return {};
}

}  // namespace drover::load

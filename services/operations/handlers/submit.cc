#include "services/operations/handlers/submit.h"

#include <algorithm>
#include <map>
#include <set>

#include <openssl/evp.h>

#include "libs/service/log.h"
#include "services/operations/core/dependencies.h"
#include "services/operations/core/due.h"
#include "services/operations/core/events.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kRedisTimeout{1};
constexpr int kTries = 4;  // Of a transaction that another one was in the way of.

std::string Sha256(std::string_view octets) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  DROVER_CHECK(EVP_Digest(octets.data(), octets.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::vector<std::string> DevicesOf(
    const google::protobuf::RepeatedPtrField<v1::NewOperation>& all) {
  std::set<std::string> devices;
  for (const v1::NewOperation& operation : all) devices.insert(operation.device_id());
  return {devices.begin(), devices.end()};
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// What operations of the request depend on and is not in it.
std::vector<std::string> OutsideOf(const v1::SubmitOperationsRequest& request) {
  std::set<std::string> ids;
  for (const v1::NewOperation& operation : request.operations()) {
    for (const std::string& reference : operation.depends_on()) {
      if (!reference.starts_with('#')) ids.insert(Lower(reference));
    }
  }
  return {ids.begin(), ids.end()};
}

}  // namespace

std::string DigestOf(const v1::SubmitOperationsRequest& request) {
  std::string body;
  for (const v1::NewOperation& operation : request.operations()) {
    const std::string one = operation.SerializeAsString();
    body.append(std::to_string(one.size())).append(":").append(one);
  }
  return Sha256(body);
}

std::string DigestOf(const v1::SubmitSelectedRequest& request) {
  std::string body = request.operation().SerializeAsString();
  const std::map<std::string, std::string> selector(request.selector().begin(),
                                                    request.selector().end());
  for (const auto& [key, value] : selector) {
    for (const std::string& part : {key, value}) {
      body.append(std::to_string(part.size())).append(":").append(part);
    }
  }
  return Sha256(body);
}

Submitter::Submitter(asio::io_context& loop, PgSubmissions& store, PgOperations& operations,
                     DeviceDirectory& devices, Unblocker& unblocker, RedisMarks& marks,
                     outbox::Relay& relay, Clock clock, RandomOctets random, Metrics& metrics,
                     Config config)
    : store_(store),
      operations_(operations),
      devices_(devices),
      checker_(loop, devices),
      unblocker_(unblocker),
      marks_(marks),
      relay_(relay),
      clock_(std::move(clock)),
      random_(std::move(random)),
      metrics_(metrics),
      config_(config) {}

Task<v1::SubmitOperationsResponse> Submitter::Submit(v1::SubmitOperationsRequest request,
                                                     Deadline deadline) {
  DROVER_CO_TRY(Validate(request, config_.limits));
  const std::string key = request.idempotency_key();
  const std::string digest = DigestOf(request);
  NormaliseDevices(&request);
  std::optional<std::string> first;
  if (!key.empty()) {
    DROVER_CO_TRY(first, co_await FirstAnswer(key, digest, deadline));
  }
  v1::SubmitOperationsResponse response;
  if (!first) {
    DROVER_CO_TRY(const KnownDevices devices, co_await CheckDevices(request, deadline));
    DROVER_CO_TRY(co_await CheckDependencies(request, deadline));
    DROVER_CO_TRY(co_await CheckTrees(request, deadline));
    PgSubmissions::Submission submission = Prepare(request, devices, digest);
    response.mutable_operations()->Assign(submission.operations.begin(),
                                          submission.operations.end());
    if (!key.empty()) submission.answer.response = response.SerializeAsString();
    DROVER_CO_TRY(first, co_await Store(std::move(submission), deadline));
  }
  if (first && !response.ParseFromString(*first)) {
    co_return Internal("the answer stored for this idempotency_key is damaged");
  }
  co_return response;
}

Task<v1::SubmitProgress> Submitter::SubmitPage(v1::SubmitOperationsRequest request,
                                               KnownDevices devices, std::string digest,
                                               v1::SubmitProgress page, Deadline deadline) {
  PgSubmissions::Submission submission = Prepare(request, devices, std::move(digest));
  page.mutable_operations()->Assign(submission.operations.begin(), submission.operations.end());
  if (!submission.key.empty()) submission.answer.response = page.SerializeAsString();
  DROVER_CO_TRY(const std::optional<std::string> first,
                co_await Store(std::move(submission), deadline));
  if (first && !page.ParseFromString(*first)) co_return Internal("a stored page is damaged");
  co_return page;
}

Task<std::optional<v1::SubmitProgress>> Submitter::StoredPage(std::string key, std::string digest,
                                                              Deadline deadline) {
  DROVER_CO_TRY(const std::optional<std::string> first,
                co_await FirstAnswer(key, digest, deadline));
  if (!first) co_return std::optional<v1::SubmitProgress>();
  v1::SubmitProgress page;
  if (!page.ParseFromString(*first)) co_return Internal("a stored page is damaged");
  co_return std::optional<v1::SubmitProgress>(std::move(page));
}

// Stores it and sets it going. What its key was answered with, if somebody else was quicker: then
// nothing was stored.
Task<std::optional<std::string>> Submitter::Store(PgSubmissions::Submission submission,
                                                  Deadline deadline) {
  Result<void> stored;
  for (int i = 0; i < kTries; ++i) {
    stored = co_await store_.Store(submission, deadline);
    if (stored || stored.error().code != Code::kAborted) break;
  }
  const bool taken = !stored && stored.error().code == Code::kAlreadyExists;
  if (taken && !submission.key.empty()) {
    const std::string key = submission.key;
    const std::string digest = submission.answer.digest;
    DROVER_CO_TRY(std::optional<std::string> first, co_await FirstAnswer(key, digest, deadline));
    if (first) co_return first;
  }
  if (!stored) co_return stored.error();
  metrics_.Submitted(submission.operations.size());
  DROVER_CO_TRY(co_await Wake(submission));
  DROVER_CO_TRY(co_await LookAtBlocked(submission, deadline));
  co_return std::optional<std::string>();
}

// What the key was answered with before; none if it is new.
Task<std::optional<std::string>> Submitter::FirstAnswer(const std::string& key,
                                                        const std::string& digest,
                                                        Deadline deadline) {
  std::string wanted = key;
  DROVER_CO_TRY(std::optional<Answered> found, co_await store_.Find(std::move(wanted), deadline));
  if (!found) co_return std::optional<std::string>();
  if (found->digest != digest) {
    co_return Aborted("idempotency_key was used with other operations; choose a new one");
  }
  co_return std::optional<std::string>(std::move(found->response));
}

Task<void> Submitter::CheckDependencies(const v1::SubmitOperationsRequest& request,
                                        Deadline deadline) {
  const std::vector<std::string> wanted = OutsideOf(request);
  if (wanted.empty()) co_return Result<void>();
  std::vector<std::string> ids = wanted;
  DROVER_CO_TRY(const auto there, co_await operations_.States(std::move(ids), deadline));
  for (const std::string& id : wanted) {
    if (there.count(id) == 0) co_return NotFound("depends_on: no operation " + id);
  }
  co_return Result<void>();
}

Task<void> Submitter::CheckTrees(const v1::SubmitOperationsRequest& request, Deadline deadline) {
  DROVER_CO_TRY(const std::vector<Violation> violations,
                co_await checker_.Check(request, deadline));
  if (violations.empty()) co_return Result<void>();
  co_return InvalidArgument(
      InWords(violations.front()) +
      (violations.size() > 1
           ? " (and " + std::to_string(violations.size() - 1) + " more operations)"
           : "") +
      "; set unchecked to submit it anyway");
}

Task<KnownDevices> Submitter::CheckDevices(const v1::SubmitOperationsRequest& request,
                                           Deadline deadline) {
  std::vector<std::string> ids = DevicesOf(request.operations());
  DROVER_CO_TRY(KnownDevices known, co_await devices_.Find(std::move(ids), deadline));
  for (int i = 0; i < request.operations_size(); ++i) {
    const auto found = known.find(request.operations(i).device_id());
    const std::string field = "operations[" + std::to_string(i) + "].device_id: ";
    if (found == known.end()) co_return NotFound(field + "no such device; enrol it first");
    if (!found->second.enabled) co_return FailedPrecondition(field + "the device is disabled");
  }
  co_return known;
}

PgSubmissions::Submission Submitter::Prepare(const v1::SubmitOperationsRequest& request,
                                             const KnownDevices& devices, std::string digest) {
  PgSubmissions::Submission out;
  out.key = request.idempotency_key();
  out.answer.digest = std::move(digest);
  out.at = clock_();
  std::vector<std::string> ids;
  for (int i = 0; i < request.operations_size(); ++i) ids.push_back(ids_.Mint(out.at, random_(8)));
  for (int i = 0; i < request.operations_size(); ++i) {
    const v1::NewOperation& wanted = request.operations(i);
    std::vector<std::string> depends_on = DependenciesOf(wanted, ids);
    out.operations.push_back(
        Accept(wanted, ids[static_cast<size_t>(i)], std::move(depends_on), config_.ttl, out.at));
    const auto device = devices.find(wanted.device_id());
    if (device != devices.end()) out.operations.back().set_bearer(device->second.bearer);
    const v1::Operation& operation = out.operations.back();
    const double jitter = static_cast<unsigned char>(random_(1)[0]) / 255.0;
    TimePoint due = out.at + WakeAfter(1, jitter);
    if (operation.has_not_before()) due = FromProto(operation.not_before());
    out.first_due.push_back(std::min(due, FromProto(operation.expires_at())));
    TellSubmitted(operation, &out.outbox);
  }
  AddWakeups(&out);
  return out;
}

// One a terminal, good for as long as all of its operations are.
void Submitter::AddWakeups(PgSubmissions::Submission* submission) {
  std::map<std::string, Wakeup> wakeups;
  for (const v1::Operation& operation : submission->operations) {
    if (operation.blocked()) continue;
    const TimePoint expires = FromProto(operation.expires_at());
    const auto [entry, added] = wakeups.try_emplace(operation.device_id());
    Wakeup& wakeup = entry->second;
    if (!added) {
      wakeup.expires_at = std::min(wakeup.expires_at, expires);
      continue;
    }
    wakeup = {ids_.Mint(submission->at, random_(8)),
              operation.device_id(),
              operation.bearer(),
              1,
              submission->at,
              expires};
  }
  for (const auto& [device, wakeup] : wakeups) {
    TellWakeup(wakeup, random_(2), &submission->outbox);
    metrics_.WakeupAsked(/*repeat=*/false);
  }
}

// After the commit: a mark that cannot be raised now is raised with the next wake-up.
Task<void> Submitter::Wake(const PgSubmissions::Submission& submission) {
  std::set<std::string> devices;
  for (const v1::Operation& operation : submission.operations) {
    if (!operation.blocked()) devices.insert(operation.device_id());
  }
  std::vector<std::string> marked(devices.begin(), devices.end());
  const Deadline deadline = In(kRedisTimeout);
  const Result<void> raised = co_await marks_.Raise(std::move(marked), deadline);
  if (!raised) {
    metrics_.Failed("marks");
    service::Log(service::Level::kWarn, "operations.mark_not_raised",
                 "Redis did not take a work mark; it is raised again with the next wake-up",
                 {{"cause", raised.error().message}});
  }
  relay_.Wake();
  co_return Result<void>();
}

// What they depend on may have ended already; whoever ended it did not know of them.
Task<void> Submitter::LookAtBlocked(const PgSubmissions::Submission& submission,
                                    Deadline deadline) {
  std::set<std::string> own;
  for (const v1::Operation& operation : submission.operations) own.insert(operation.id());
  std::vector<std::string> ids;
  for (const v1::Operation& operation : submission.operations) {
    const auto& on = operation.depends_on();
    const bool outside = std::any_of(on.begin(), on.end(),
                                     [&](const std::string& id) { return own.count(id) == 0; });
    if (outside) ids.push_back(operation.id());
  }
  const Result<void> looked = co_await unblocker_.Look(std::move(ids), deadline);
  if (!looked) metrics_.Failed("dependencies");  // They are looked at again by themselves.
  co_return Result<void>();
}

}  // namespace drover::operations

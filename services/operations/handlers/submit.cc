#include "services/operations/handlers/submit.h"

#include <algorithm>
#include <map>
#include <set>

#include <openssl/evp.h>

#include "libs/service/log.h"
#include "services/operations/core/due.h"
#include "services/operations/core/events.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kRedisTimeout{1};

std::string Sha256(std::string_view octets) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  DROVER_CHECK(EVP_Digest(octets.data(), octets.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

// Of everything but the key.
std::string DigestOf(const v1::SubmitOperationsRequest& request) {
  std::string body;
  for (const v1::NewOperation& operation : request.operations()) {
    const std::string one = operation.SerializeAsString();
    body.append(std::to_string(one.size())).append(":").append(one);
  }
  return Sha256(body);
}

std::vector<std::string> DevicesOf(
    const google::protobuf::RepeatedPtrField<v1::NewOperation>& all) {
  std::set<std::string> devices;
  for (const v1::NewOperation& operation : all) devices.insert(operation.device_id());
  return {devices.begin(), devices.end()};
}

}  // namespace

Submitter::Submitter(PgSubmissions& store, DeviceDirectory& devices, RedisMarks& marks,
                     outbox::Relay& relay, Clock clock, RandomOctets random, Metrics& metrics,
                     Config config)
    : store_(store),
      devices_(devices),
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
  std::string digest = DigestOf(request);
  NormaliseDevices(&request);
  if (!key.empty()) {
    DROVER_CO_TRY(Answer first, co_await FirstAnswer(key, digest, deadline));
    if (first) co_return std::move(*first);
  }
  DROVER_CO_TRY(co_await CheckDevices(request, deadline));
  PgSubmissions::Submission submission = Prepare(request, digest);
  v1::SubmitOperationsResponse response;
  response.mutable_operations()->Assign(submission.operations.begin(), submission.operations.end());
  if (!key.empty()) submission.answer.response = response.SerializeAsString();
  const Result<void> stored = co_await store_.Store(submission, deadline);
  if (!stored && stored.error().code == Code::kAlreadyExists && !key.empty()) {
    DROVER_CO_TRY(Answer first, co_await FirstAnswer(key, digest, deadline));
    if (first) co_return std::move(*first);
  }
  if (!stored) co_return stored.error();
  metrics_.Submitted(submission.operations.size());
  DROVER_CO_TRY(co_await Wake(submission));
  co_return response;
}

// What the key was answered with before; none if it is new.
Task<Submitter::Answer> Submitter::FirstAnswer(const std::string& key, const std::string& digest,
                                               Deadline deadline) {
  std::string wanted = key;
  DROVER_CO_TRY(const std::optional<Answered> found,
                co_await store_.Find(std::move(wanted), deadline));
  if (!found) co_return Answer();
  if (found->digest != digest) {
    co_return Aborted("idempotency_key was used with other operations; choose a new one");
  }
  v1::SubmitOperationsResponse response;
  if (!response.ParseFromString(found->response)) {
    co_return Internal("the answer stored for this idempotency_key is damaged");
  }
  co_return Answer(std::move(response));
}

Task<void> Submitter::CheckDevices(const v1::SubmitOperationsRequest& request, Deadline deadline) {
  std::vector<std::string> ids = DevicesOf(request.operations());
  DROVER_CO_TRY(const auto known, co_await devices_.Find(std::move(ids), deadline));
  for (int i = 0; i < request.operations_size(); ++i) {
    const auto found = known.find(request.operations(i).device_id());
    const std::string field = "operations[" + std::to_string(i) + "].device_id: ";
    if (found == known.end()) co_return NotFound(field + "no such device; enrol it first");
    if (!found->second) co_return FailedPrecondition(field + "the device is disabled");
  }
  co_return Result<void>();
}

PgSubmissions::Submission Submitter::Prepare(const v1::SubmitOperationsRequest& request,
                                             std::string digest) {
  PgSubmissions::Submission out;
  out.key = request.idempotency_key();
  out.answer.digest = std::move(digest);
  out.at = clock_();
  for (const v1::NewOperation& wanted : request.operations()) {
    std::string id = ids_.Mint(out.at, random_(8));
    out.operations.push_back(Accept(wanted, std::move(id), config_.ttl, out.at));
    const double jitter = static_cast<unsigned char>(random_(1)[0]) / 255.0;
    const TimePoint again = out.at + WakeAfter(1, jitter);
    out.first_due.push_back(std::min(again, FromProto(out.operations.back().expires_at())));
    TellSubmitted(out.operations.back(), &out.outbox);
  }
  AddWakeups(&out);
  return out;
}

// One a terminal, good for as long as all of its operations are.
void Submitter::AddWakeups(PgSubmissions::Submission* submission) {
  std::map<std::string, TimePoint> until;
  for (const v1::Operation& operation : submission->operations) {
    const TimePoint expires = FromProto(operation.expires_at());
    const auto [entry, added] = until.emplace(operation.device_id(), expires);
    if (!added) entry->second = std::min(entry->second, expires);
  }
  for (const auto& [device, expires] : until) {
    Wakeup wakeup{ids_.Mint(submission->at, random_(8)), device, 1, submission->at, expires};
    TellWakeup(wakeup, random_(2), &submission->outbox);
    metrics_.WakeupAsked(/*repeat=*/false);
  }
}

// After the commit: a mark that cannot be raised now is raised with the next wake-up.
Task<void> Submitter::Wake(const PgSubmissions::Submission& submission) {
  std::set<std::string> devices;
  for (const v1::Operation& operation : submission.operations)
    devices.insert(operation.device_id());
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

}  // namespace drover::operations

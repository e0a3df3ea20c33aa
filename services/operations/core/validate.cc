#include "services/operations/core/validate.h"

#include <algorithm>
#include <string>

#include "libs/base/bytes.h"
#include "libs/dmtree/device_id.h"
#include "services/operations/core/dependencies.h"
#include "services/operations/core/times.h"
#include "services/operations/core/validate_command.h"

namespace drover::operations {
namespace {

constexpr size_t kMaxKey = 128;
constexpr uint32_t kMaxAttempts = 100;

// Above 0 and at most `most`; absent is fine.
Result<void> CheckSpan(const std::string& path, bool there, const google::protobuf::Duration& span,
                       std::chrono::seconds most) {
  if (!there) return {};
  const bool positive = span.seconds() > 0 || (span.seconds() == 0 && span.nanos() > 0);
  if (positive && span.nanos() >= 0 && span.seconds() <= most.count()) return {};
  return Field(path,
               "is not above 0 and at most " + std::to_string(most.count() / 86400) + " days");
}

Result<void> CheckRetry(const std::string& path, const v1::RetryPolicy& retry) {
  if (retry.max_attempts() > kMaxAttempts) {
    return Field(path + "max_attempts", "is not 0.." + std::to_string(kMaxAttempts));
  }
  constexpr std::chrono::hours kMost{24 * 7};
  DROVER_TRY(CheckSpan(path + "initial_backoff", retry.has_initial_backoff(),
                       retry.initial_backoff(), kMost));
  DROVER_TRY(CheckSpan(path + "max_backoff", retry.has_max_backoff(), retry.max_backoff(), kMost));
  for (const int cause : retry.on()) {
    if (cause < v1::RetryPolicy::NOT_ANSWERED || cause > v1::RetryPolicy::ANY) {
      return Field(path + "on", "is none of those known");
    }
  }
  return {};
}

Result<void> CheckOperation(const std::string& path, const v1::NewOperation& operation,
                            const Limits& limits) {
  if (operation.device_id().empty()) return Field(path + "device_id", "is missing");
  const Result<DeviceId> device = dmtree::NormaliseDeviceId(operation.device_id());
  if (!device) return Field(path + "device_id", device.error().message);
  if (Characters(operation.label()) > limits.label_characters) {
    return Field(path + "label",
                 "is longer than " + std::to_string(limits.label_characters) + " characters");
  }
  if (Characters(operation.action()) > limits.label_characters) {
    return Field(path + "action",
                 "is longer than " + std::to_string(limits.label_characters) + " characters");
  }
  if (operation.priority() < 0 || operation.priority() > 9) {
    return Field(path + "priority", "is not 0..9");
  }
  DROVER_TRY(CheckSpan(path + "ttl", operation.has_ttl(), operation.ttl(), limits.longest_ttl));
  const auto& not_before = operation.not_before();
  constexpr int64_t kYear10000 = 253'402'300'800;
  if (operation.has_not_before() &&
      (not_before.seconds() < 0 || not_before.nanos() < 0 || not_before.seconds() >= kYear10000)) {
    return Field(path + "not_before", "is not a time before the year 10000");
  }
  DROVER_TRY(CheckRetry(path + "retry.", operation.retry()));
  if (operation.commands().empty() || operation.commands_size() > limits.commands) {
    return Field(path + "commands", "are not 1.." + std::to_string(limits.commands));
  }
  size_t octets = 0;
  for (int i = 0; i < operation.commands_size(); ++i) {
    const std::string at = path + "commands[" + std::to_string(i) + "].";
    DROVER_TRY(CheckCommand(at, operation.commands(i), limits));
    octets += operation.commands(i).data().size() + operation.commands(i).expected().size();
  }
  DROVER_TRY(CheckAtomics(path, operation));
  if (octets > limits.data_octets) {
    return Field(path + "commands",
                 "hold more than " + std::to_string(limits.data_octets) + " octets of data");
  }
  return {};
}

std::chrono::microseconds Lifetime(const v1::NewOperation& wanted,
                                   std::chrono::milliseconds default_ttl) {
  if (!wanted.has_ttl()) return default_ttl;
  const auto micros = std::chrono::seconds(wanted.ttl().seconds()) +
                      std::chrono::microseconds(wanted.ttl().nanos() / 1000);
  return std::max<std::chrono::microseconds>(micros, std::chrono::milliseconds(1));
}

}  // namespace

Result<void> Validate(const v1::SubmitOperationsRequest& request, const Limits& limits) {
  if (request.idempotency_key().size() > kMaxKey) {
    return Field("idempotency_key", "is longer than 128 octets");
  }
  if (request.operations().empty() || request.operations_size() > limits.operations) {
    return Field("operations", "are not 1.." + std::to_string(limits.operations));
  }
  for (int i = 0; i < request.operations_size(); ++i) {
    const std::string path = "operations[" + std::to_string(i) + "].";
    DROVER_TRY(CheckOperation(path, request.operations(i), limits));
  }
  return CheckDependencies(request);
}

void NormaliseDevices(v1::SubmitOperationsRequest* request) {
  for (v1::NewOperation& operation : *request->mutable_operations()) {
    const Result<DeviceId> device = dmtree::NormaliseDeviceId(operation.device_id());
    if (device) operation.set_device_id(device->value());
  }
}

v1::Operation Accept(const v1::NewOperation& wanted, std::string id,
                     std::vector<std::string> depends_on, std::chrono::milliseconds default_ttl,
                     TimePoint now) {
  v1::Operation out;
  out.set_device_id(wanted.device_id());
  out.set_label(wanted.label());
  out.set_action(wanted.action());
  out.set_priority(wanted.priority() == 0 ? 4 : wanted.priority());
  *out.mutable_commands() = wanted.commands();
  if (wanted.retry().max_attempts() > 1) *out.mutable_retry() = wanted.retry();
  out.set_state(v1::PENDING);
  out.set_attempt(1);
  for (const v1::Command& command : wanted.commands()) {
    if (command.verb() == v1::EXEC) out.set_correlator(id);
  }
  out.set_id(std::move(id));
  *out.mutable_created_at() = ToProto(now);
  *out.mutable_updated_at() = out.created_at();
  const TimePoint asked = wanted.has_not_before() ? FromProto(wanted.not_before()) : now;
  const TimePoint begins = std::max(asked, now);
  if (begins > now) *out.mutable_not_before() = wanted.not_before();
  *out.mutable_expires_at() = ToProto(begins + Lifetime(wanted, default_ttl));
  v1::Transition* first = out.add_history();
  first->set_state(v1::PENDING);
  *first->mutable_at() = out.created_at();
  for (std::string& dependency : depends_on) out.add_depends_on(std::move(dependency));
  out.set_blocked(out.has_not_before() || !out.depends_on().empty());
  return out;
}

}  // namespace drover::operations

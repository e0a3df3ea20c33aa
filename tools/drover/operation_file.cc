#include "tools/drover/operation_file.h"

#include <algorithm>

#include "libs/dmtree/device_id.h"
#include "tools/drover/duration.h"
#include "tools/drover/operation_file_command.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

Result<void> SetDevices(const YamlValue& value, OperationTemplate& into) {
  DROVER_TRY(const std::vector<std::string> ids, value.Texts());
  for (const std::string& id : ids) {
    const Result<DeviceId> device = dmtree::NormaliseDeviceId(id);
    if (!device) return value.Bad(device.error().message);
    into.devices.push_back(device->value());
  }
  return {};
}

Result<void> SetSelector(const YamlValue& value, OperationTemplate& into) {
  for (const auto& [key, wanted] : value.entries) {
    DROVER_TRY(into.selector[key], wanted.Text());
  }
  if (into.selector.empty()) return value.Bad("selector: expected a mapping (\"model: X\")");
  return {};
}

void SetSpan(std::chrono::milliseconds span, google::protobuf::Duration& out) {
  out.set_seconds(span.count() / 1000);
  out.set_nanos(static_cast<int32_t>(span.count() % 1000 * 1'000'000));
}

Result<void> SetDuration(const YamlValue& value, google::protobuf::Duration& out) {
  DROVER_TRY(const std::string text, value.Text());
  const auto span = ParseDuration(text);
  if (!span) return value.Bad(span.error().message);
  SetSpan(*span, out);
  return {};
}

Result<void> SetNotBefore(const YamlValue& value, v1::NewOperation& operation) {
  DROVER_TRY(const std::string text, value.Text());
  const auto time = ParseTime(text, std::chrono::system_clock::now());
  if (!time) return value.Bad(time.error().message);
  operation.mutable_not_before()->set_seconds(
      std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count());
  return {};
}

// "#0": what the first mapping of the file makes; else an operation's id.
Result<void> SetDependsOn(const YamlValue& value, v1::NewOperation& operation) {
  DROVER_TRY(const std::vector<std::string> ids, value.Texts());
  operation.mutable_depends_on()->Assign(ids.begin(), ids.end());
  return {};
}

Result<void> SetRetryCauses(const YamlValue& value, v1::RetryPolicy& retry) {
  DROVER_TRY(const std::vector<std::string> causes, value.Texts());
  for (const std::string& name : causes) {
    const auto cause = RetryCauseOf(name);
    if (!cause) return value.Bad(cause.error().message);
    retry.add_on(*cause);
  }
  return {};
}

Result<void> SetRetry(const YamlValue& value, v1::RetryPolicy& retry) {
  if (value.kind != YamlValue::Kind::kMap) return value.Bad("retry: expected {attempts: 3}");
  for (const auto& [key, of] : value.entries) {
    if (key == "attempts") {
      DROVER_TRY(const int64_t attempts, of.Integer());
      if (attempts < 1 || attempts > 100) return of.Bad("attempts are 1..100");
      retry.set_max_attempts(static_cast<uint32_t>(attempts));
    } else if (key == "initial_backoff") {
      DROVER_TRY(SetDuration(of, *retry.mutable_initial_backoff()));
    } else if (key == "max_backoff") {
      DROVER_TRY(SetDuration(of, *retry.mutable_max_backoff()));
    } else if (key == "on") {
      DROVER_TRY(SetRetryCauses(of, retry));
    } else {
      return of.Bad("unknown key \"" + key + "\" in retry");
    }
  }
  if (retry.max_attempts() == 0) return value.Bad("retry needs attempts");
  return {};
}

Result<void> SetUnchecked(const YamlValue& value, v1::NewOperation& operation) {
  DROVER_TRY(const std::string text, value.Text());
  if (text != "true" && text != "false") return value.Bad("expected true or false");
  operation.set_unchecked(text == "true");
  return {};
}

Result<void> SetKey(const std::string& key, const YamlValue& value, const std::string& name,
                    OperationFile& file, OperationTemplate& into) {
  v1::NewOperation& operation = into.operation;
  if (key == "devices") return SetDevices(value, into);
  if (key == "selector") return SetSelector(value, into);
  if (key == "ttl") return SetDuration(value, *operation.mutable_ttl());
  if (key == "not_before") return SetNotBefore(value, operation);
  if (key == "depends_on") return SetDependsOn(value, operation);
  if (key == "retry") return SetRetry(value, *operation.mutable_retry());
  if (key == "unchecked") return SetUnchecked(value, operation);
  if (key == "commands") return AddCommands(value, name, operation);
  if (key == "label") {
    DROVER_TRY(*operation.mutable_label(), value.Text());
    return {};
  }
  if (key == "priority") {
    DROVER_TRY(const int64_t priority, value.Integer());
    if (priority < 1 || priority > 9) return value.Bad("priority is 1..9");
    operation.set_priority(static_cast<int32_t>(priority));
    return {};
  }
  if (key == "idempotency_key") {
    DROVER_TRY(const std::string text, value.Text());
    if (!file.idempotency_key.empty()) return value.Bad("one idempotency_key a file");
    file.idempotency_key = text;
    return {};
  }
  return value.Bad("unknown key \"" + key + "\" in an operation");
}

}  // namespace

Result<OperationFile> ParseOperationFile(std::string_view text, const std::string& name) {
  DROVER_TRY(const std::vector<YamlMap> maps, ParseYamlMaps(text, name));
  OperationFile file;
  for (const YamlMap& map : maps) {
    OperationTemplate into;
    into.place = map.place;
    for (const auto& [key, value] : map.entries) {
      DROVER_TRY(SetKey(key, value, name, file, into));
    }
    if (into.operation.commands().empty()) return InvalidArgument(map.place + ": no commands");
    if (into.devices.empty() == into.selector.empty()) {
      return InvalidArgument(map.place + ": give either devices or a selector");
    }
    file.templates.push_back(std::move(into));
  }
  if (file.templates.empty()) return InvalidArgument(name + ": no operation in it");
  return file;
}

Result<std::map<std::string, std::string>> ParseSelector(std::string_view text) {
  std::map<std::string, std::string> selector;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(','));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return InvalidArgument("\"" + std::string(pair) + "\" in a selector: expected key=value");
    }
    const std::string key(pair.substr(0, equals));
    if (!selector.emplace(key, pair.substr(equals + 1)).second) {
      return InvalidArgument("\"" + key + "\" stands twice in the selector");
    }
  }
  return selector;
}

}  // namespace drover::cli

#include "services/operations/core/validate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "libs/base/bytes.h"
#include "libs/dmtree/device_id.h"
#include "libs/dmtree/loc_uri.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

constexpr std::array<std::string_view, 11> kFormats = {
    "b64", "bin", "bool", "chr", "int", "node", "null", "xml", "date", "time", "float"};
constexpr size_t kMaxKey = 128;
constexpr size_t kMaxType = 128;

Error Field(const std::string& path, std::string_view why) {
  return InvalidArgument(path + ": " + std::string(why));
}

size_t Characters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

// GET may ask for a property or a list, REPLACE for a property; others name the node itself.
bool MayQuery(v1::Verb verb, dmtree::Query query) {
  if (query == dmtree::Query::kNone || verb == v1::GET) return true;
  return verb == v1::REPLACE && query == dmtree::Query::kProp;
}

Result<void> CheckUri(const std::string& path, const std::string& uri, v1::Verb verb,
                      const Limits& limits) {
  if (uri.empty()) return Field(path, "is missing");
  if (uri.size() > limits.target_octets) {
    return Field(path, "is longer than " + std::to_string(limits.target_octets) + " octets");
  }
  const Result<dmtree::LocUri> parsed = dmtree::LocUri::Parse(uri);
  if (!parsed) return Field(path, parsed.error().message);
  if (!MayQuery(verb, parsed->query())) {
    return Field(path, "this query (?prop, ?list) is not possible with this command");
  }
  if (parsed->is_root() && verb != v1::GET) return Field(path, "the root can only be read");
  return {};
}

bool IsInt(std::string_view text) {
  int32_t value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

Result<void> CheckValue(const std::string& path, const v1::Command& command) {
  const std::string_view format = command.format();
  const std::string& data = command.data();
  if (format == "int" && !IsInt(data)) {
    return Field(path + "data", "is not a 32-bit decimal number, as format int asks");
  }
  if (format == "bool" && data != "true" && data != "false") {
    return Field(path + "data", "is not true or false, as format bool asks");
  }
  const bool text = format.empty() || format == "chr" || format == "xml";
  if (text && !base::IsUtf8(data)) {
    return Field(path + "data", "is not UTF-8; send binary data with format bin or b64");
  }
  return {};
}

// ADD and REPLACE: a value, unless the node has none.
Result<void> CheckData(const std::string& path, const v1::Command& command) {
  const std::string_view format = command.format();
  const bool none = format == "node" || format == "null";
  if (format == "node" && command.verb() == v1::REPLACE) {
    return Field(path + "format", "an interior node has no value to replace");
  }
  if (none && (command.has_data() || !command.data().empty())) {
    return Field(path + "data", "format " + std::string(format) + " has no data");
  }
  if (!none && !command.has_data()) {
    return Field(path + "has_data", "data is missing; set has_data for an empty value");
  }
  if (none) return {};
  return CheckValue(path, command);
}

Result<void> CheckMeta(const std::string& path, const v1::Command& command) {
  const bool known = command.format().empty() || std::find(kFormats.begin(), kFormats.end(),
                                                           command.format()) != kFormats.end();
  if (!known) return Field(path + "format", "is none of b64 bin bool chr int node null xml ..");
  if (command.type().size() > kMaxType || !base::IsUtf8(command.type())) {
    return Field(path + "type", "is longer than 128 octets or not UTF-8");
  }
  if (!command.has_data() && !command.data().empty()) {
    return Field(path + "has_data", "is not set, but there is data");
  }
  return {};
}

Result<void> CheckBare(const std::string& path, const v1::Command& command) {
  if (command.has_data()) return Field(path + "data", "this command has none");
  if (!command.format().empty()) return Field(path + "format", "this command has none");
  if (!command.type().empty()) return Field(path + "type", "this command has none");
  return {};
}

Result<void> CheckCommand(const std::string& path, const v1::Command& command,
                          const Limits& limits) {
  const v1::Verb verb = command.verb();
  if (verb < v1::GET || verb > v1::EXEC) return Field(path + "verb", "is none of those known");
  DROVER_TRY(CheckUri(path + "target", command.target(), verb, limits));
  if (verb != v1::COPY && !command.source().empty()) {
    return Field(path + "source", "only COPY has one");
  }
  DROVER_TRY(CheckMeta(path, command));
  switch (verb) {
    case v1::ADD:
    case v1::REPLACE:
      return CheckData(path, command);
    case v1::EXEC:
      return command.has_data() ? CheckValue(path, command) : Result<void>();
    case v1::COPY:
      DROVER_TRY(CheckUri(path + "source", command.source(), verb, limits));
      if (command.source() == command.target()) {
        return Field(path + "source", "is the target itself");
      }
      return CheckBare(path, command);
    default:
      return CheckBare(path, command);
  }
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
  const auto& ttl = operation.ttl();
  const bool ttl_fits = ttl.seconds() >= 0 && ttl.nanos() >= 0 &&
                        ttl.seconds() <= std::chrono::seconds(limits.longest_ttl).count();
  if (operation.has_ttl() && (!ttl_fits || (ttl.seconds() == 0 && ttl.nanos() == 0))) {
    return Field(path + "ttl", "is not above 0 and at most " +
                                   std::to_string(limits.longest_ttl.count() / 24) + " days");
  }
  if (operation.commands().empty() || operation.commands_size() > limits.commands) {
    return Field(path + "commands", "are not 1.." + std::to_string(limits.commands));
  }
  size_t octets = 0;
  for (int i = 0; i < operation.commands_size(); ++i) {
    const std::string at = path + "commands[" + std::to_string(i) + "].";
    DROVER_TRY(CheckCommand(at, operation.commands(i), limits));
    octets += operation.commands(i).data().size();
  }
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
  return {};
}

void NormaliseDevices(v1::SubmitOperationsRequest* request) {
  for (v1::NewOperation& operation : *request->mutable_operations()) {
    const Result<DeviceId> device = dmtree::NormaliseDeviceId(operation.device_id());
    if (device) operation.set_device_id(device->value());
  }
}

v1::Operation Accept(const v1::NewOperation& wanted, std::string id,
                     std::chrono::milliseconds default_ttl, TimePoint now) {
  v1::Operation out;
  out.set_device_id(wanted.device_id());
  out.set_label(wanted.label());
  out.set_action(wanted.action());
  out.set_priority(wanted.priority() == 0 ? 4 : wanted.priority());
  *out.mutable_commands() = wanted.commands();
  out.set_state(v1::PENDING);
  for (const v1::Command& command : wanted.commands()) {
    if (command.verb() == v1::EXEC) out.set_correlator(id);
  }
  out.set_id(std::move(id));
  *out.mutable_created_at() = ToProto(now);
  *out.mutable_updated_at() = out.created_at();
  *out.mutable_expires_at() = ToProto(now + Lifetime(wanted, default_ttl));
  v1::Transition* first = out.add_history();
  first->set_state(v1::PENDING);
  *first->mutable_at() = out.created_at();
  return out;
}

}  // namespace drover::operations

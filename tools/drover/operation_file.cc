#include "tools/drover/operation_file.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "libs/base/bytes.h"
#include "libs/dmtree/device_id.h"
#include "libs/dmtree/loc_uri.h"
#include "tools/drover/duration.h"
#include "tools/drover/files.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

struct VerbKey {
  std::string_view key;
  v1::Verb verb;
};
constexpr VerbKey kVerbs[] = {{"get", v1::GET},       {"replace", v1::REPLACE}, {"add", v1::ADD},
                              {"delete", v1::DELETE}, {"copy", v1::COPY},       {"exec", v1::EXEC}};

Result<std::string> Uri(const YamlValue& value) {
  DROVER_TRY(std::string uri, value.Text());
  const Result<dmtree::LocUri> parsed = dmtree::LocUri::Parse(uri);
  if (!parsed) return value.Bad(parsed.error().message);
  return uri;
}

Result<void> SetData(const YamlValue& value, std::string data, v1::Command& command) {
  if (command.has_data()) return value.Bad("a second value for one command");
  command.set_data(std::move(data));
  command.set_has_data(true);
  return {};
}

Result<std::string> FileBeside(const YamlValue& value, const std::string& name) {
  DROVER_TRY(const std::string text, value.Text());
  std::filesystem::path path = text;
  if (path.is_relative()) path = std::filesystem::path(name).parent_path() / path;
  if (text == "-") return value.Bad("value_file must name a file");
  Result<std::string> content = ReadFile(path.string(), std::cin);
  if (!content) return value.Bad(content.error().message);
  return content;
}

Result<void> SetVerb(const YamlValue& value, const VerbKey& verb, v1::Command& command) {
  if (command.verb() != v1::VERB_UNSPECIFIED) return value.Bad("a second verb in one command");
  command.set_verb(verb.verb);
  DROVER_TRY(std::string uri, Uri(value));
  (verb.verb == v1::COPY ? *command.mutable_source() : *command.mutable_target()) = std::move(uri);
  return {};
}

Result<void> SetCommandKey(const std::string& key, const YamlValue& value, const std::string& name,
                           v1::Command& command) {
  for (const VerbKey& verb : kVerbs) {
    if (key == verb.key) return SetVerb(value, verb, command);
  }
  if (key == "to") {
    DROVER_TRY(*command.mutable_target(), Uri(value));
  } else if (key == "value") {
    DROVER_TRY(std::string text, value.Text());
    DROVER_TRY(SetData(value, std::move(text), command));
  } else if (key == "value_base64") {
    DROVER_TRY(const std::string text, value.Text());
    Result<std::string> octets = base::FromBase64(text);
    if (!octets) return value.Bad("value_base64 is not base64");
    DROVER_TRY(SetData(value, *std::move(octets), command));
  } else if (key == "value_file") {
    DROVER_TRY(std::string content, FileBeside(value, name));
    DROVER_TRY(SetData(value, std::move(content), command));
  } else if (key == "format") {
    DROVER_TRY(*command.mutable_format(), value.Text());
  } else if (key == "type") {
    DROVER_TRY(*command.mutable_type(), value.Text());
  } else {
    return value.Bad("unknown key \"" + key + "\" in a command");
  }
  return {};
}

Result<void> CheckCommand(const YamlValue& place, const v1::Command& command) {
  const v1::Verb verb = command.verb();
  if (verb == v1::VERB_UNSPECIFIED) {
    return place.Bad("a command without verb: get, replace, add, delete, copy or exec");
  }
  if (verb == v1::COPY && command.target().empty()) return place.Bad("copy needs \"to: <URI>\"");
  if (verb == v1::REPLACE && !command.has_data()) {
    return place.Bad("replace needs value, value_base64 or value_file");
  }
  const bool valued = verb == v1::REPLACE || verb == v1::ADD || verb == v1::EXEC;
  if (command.has_data() && !valued) return place.Bad("this command takes no value");
  return {};
}

Result<void> AddCommands(const YamlValue& list, const std::string& name,
                         v1::NewOperation& operation) {
  if (list.kind != YamlValue::Kind::kList) return list.Bad("commands: expected a list");
  for (const YamlValue& item : list.items) {
    if (item.kind != YamlValue::Kind::kMap) return item.Bad("expected a command (\"get: <URI>\")");
    v1::Command& command = *operation.add_commands();
    for (const auto& [key, value] : item.entries) {
      DROVER_TRY(SetCommandKey(key, value, name, command));
    }
    DROVER_TRY(CheckCommand(item, command));
  }
  return {};
}

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

Result<void> SetTtl(const YamlValue& value, v1::NewOperation& operation) {
  DROVER_TRY(const std::string text, value.Text());
  const auto ttl = ParseDuration(text);
  if (!ttl) return value.Bad(ttl.error().message);
  operation.mutable_ttl()->set_seconds(ttl->count() / 1000);
  operation.mutable_ttl()->set_nanos(static_cast<int32_t>(ttl->count() % 1000 * 1'000'000));
  return {};
}

Result<void> SetKey(const std::string& key, const YamlValue& value, const std::string& name,
                    OperationFile& file, OperationTemplate& into) {
  v1::NewOperation& operation = into.operation;
  if (key == "devices") return SetDevices(value, into);
  if (key == "selector") return SetSelector(value, into);
  if (key == "ttl") return SetTtl(value, operation);
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

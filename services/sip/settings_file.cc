#include "services/sip/settings_file.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <yaml-cpp/yaml.h>

#include "libs/gateway/profile_settings.h"

namespace drover::gateways {
namespace {

// A tree as flat keys; the elements of a list of texts are joined with commas, those of other lists
// numbered from 1.
void Flatten(const YAML::Node& node, const std::string& key, std::vector<gateway::Setting>& out) {
  if (node.IsMap()) {
    for (const auto& entry : node) {
      const std::string name = entry.first.as<std::string>();
      Flatten(entry.second, key.empty() ? name : key + "." + name, out);
    }
    return;
  }
  if (!node.IsSequence()) {
    out.push_back({key, node.IsNull() ? "" : node.as<std::string>()});
    return;
  }
  std::string joined;
  for (size_t i = 0; i < node.size(); ++i) {
    if (!node[i].IsScalar()) {
      Flatten(node[i], key + "." + std::to_string(i + 1), out);
      continue;
    }
    joined.append(joined.empty() ? "" : ",").append(node[i].as<std::string>());
  }
  if (!joined.empty() || node.size() == 0) out.push_back({key, std::move(joined)});
}

// "18:30"
Result<uint16_t> MinuteOf(const std::string& text) {
  unsigned hour = 0;
  unsigned minute = 0;
  char more = 0;
  const bool read = std::sscanf(text.c_str(), "%2u:%2u%c", &hour, &minute, &more) == 2;
  if (!read || hour > 23 || minute > 59) {
    return InvalidArgument("busy_hours: a time of day is written 18:30, not " + text);
  }
  return static_cast<uint16_t>(hour * 60 + minute);
}

Result<gateway::BusyHours> HoursOf(const YAML::Node& node) {
  if (!node.IsMap()) return InvalidArgument("busy_hours: a list of {from, to, rate}");
  for (const char* needed : {"from", "to", "rate"}) {
    if (!node[needed]) return InvalidArgument(std::string("busy_hours: ") + needed + " is missing");
  }
  gateway::BusyHours out;
  for (const auto& entry : node) {
    const std::string name = entry.first.as<std::string>();
    const std::string value = entry.second.as<std::string>();
    if (name == "from") {
      DROVER_TRY(out.from_minute, MinuteOf(value));
    } else if (name == "to") {
      DROVER_TRY(out.to_minute, MinuteOf(value));
    } else if (name == "rate") {
      out.per_second = entry.second.as<double>(-1);
    } else {
      return InvalidArgument("busy_hours: unknown key " + name + "; there are from, to, rate");
    }
  }
  if (!(out.per_second >= 0))
    return InvalidArgument("busy_hours: rate must be a number, 0 or more");
  return out;
}

Result<FileSettings> Read(const YAML::Node& root) {
  FileSettings out;
  if (root.IsNull()) return out;
  if (!root.IsMap()) return InvalidArgument("expected profiles: and busy_hours:");
  for (const auto& entry : root) {
    const std::string name = entry.first.as<std::string>();
    if (name == "profiles" && entry.second.IsMap()) {
      for (const auto& profile : entry.second) {
        std::vector<gateway::Setting> settings;
        Flatten(profile.second, "", settings);
        DROVER_TRY(gateway::Profile parsed,
                   gateway::ParseProfile(profile.first.as<std::string>(), settings, out.profiles));
        gateway::AddProfile(std::move(parsed), out.profiles);
      }
    } else if (name == "busy_hours" && entry.second.IsSequence()) {
      for (const YAML::Node& hours : entry.second) {
        DROVER_TRY(const gateway::BusyHours one, HoursOf(hours));
        out.busy.push_back(one);
      }
    } else {
      return InvalidArgument("unknown key " + name +
                             "; there are profiles (a map), busy_hours (a list)");
    }
  }
  return out;
}

}  // namespace

Result<FileSettings> ReadSettings(const std::string& yaml) {
  try {
    return Read(YAML::Load(yaml));
  } catch (const YAML::Exception& error) {
    return InvalidArgument(error.what());
  }
}

Result<FileSettings> LoadSettings(const std::string& path) {
  if (path.empty()) return FileSettings();
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return InvalidArgument(path + ": cannot be read");
  Result<FileSettings> settings = ReadSettings(text.str());
  if (!settings) return InvalidArgument(path + ": " + settings.error().message);
  return settings;
}

}  // namespace drover::gateways

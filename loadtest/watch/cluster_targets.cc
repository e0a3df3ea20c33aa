// What scripts/cluster left in cluster.json: pids, ports, files with passwords.
#include <nlohmann/json.hpp>

#include "loadtest/report/report_files.h"
#include "loadtest/watch/watch.h"

namespace drover::watch {
namespace {

using Json = nlohmann::json;

std::string SecretIn(const Json& unit, const char* name) {
  const auto files = unit.find("files");
  if (files == unit.end() || !files->contains(name)) return {};
  Result<std::string> secret = report::ReadWhole(files->at(name).get<std::string>());
  if (!secret) return {};
  return secret->substr(0, secret->find_last_not_of(" \n") + 1);
}

std::string At(const Json& unit, const char* port) {
  return "127.0.0.1:" + std::to_string(unit.at("ports").at(port).get<int>());
}

void Add(const Json& unit, const std::string& folder, Targets& targets) {
  const auto name = unit.at("name").get<std::string>();
  const auto kind = unit.at("kind").get<std::string>();
  const int pid = unit.at("pid").get<int>();
  if (pid > 0) targets.processes.push_back({.name = name, .pid = pid, .url = {}});
  if (unit.at("ports").contains("redis")) {
    targets.redis.push_back({name, "redis://" + At(unit, "redis"), SecretIn(unit, "password")});
  } else if (kind == "postgres") {
    targets.postgres.push_back({name, "postgresql://drover@" + At(unit, "postgres") + "/drover",
                                SecretIn(unit, "password")});
  } else if (kind == "kafka") {
    targets.kafka.push_back({name, folder + "/kafka/data", At(unit, "kafka")});
  }
}

}  // namespace

Result<Targets> TargetsOfCluster(const std::string& folder) {
  const Result<std::string> text = report::ReadWhole(folder + "/cluster.json");
  if (!text) return NotFound("there is no cluster of scripts/cluster in " + folder);
  Targets targets;
  try {
    const Json json = Json::parse(*text);
    for (const Json& unit : json.at("units")) Add(unit, folder, targets);
  } catch (const Json::exception& error) {
    return InvalidArgument(folder + "/cluster.json is damaged: " + error.what());
  }
  return targets;
}

}  // namespace drover::watch

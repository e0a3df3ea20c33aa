// drover-fault-proxy: a load balancer between Drover's parts that does harm on command.
//
// Reads one JSON object a line from standard input, answers each with one on standard output:
//
//   {"link":"ingress","port":1,"http":true,"servers":[2,3]}   a new link -> {"ok":true}
//   {"arm":"ingress","kind":"cut-answer-body","where":0.5,"reset":true,"ms":200,"way":"up"}
//   {"cut_all":"redis","reset":true}                           -> {"cut":5}
//   {"disarm":true}                                            what has not happened, will not
//   {"counts":true}   -> {"counts":{"ingress":{"cut-answer-body":1}},"armed":{"ingress":0}, ..}
//
// Ends when standard input does.
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "tests/faults/proxy/link.h"

namespace drover::faults {
namespace {

using nlohmann::json;

class Proxy {
 public:
  int Run() {
    auto work = asio::make_work_guard(loop_);
    std::thread reader([this] { Read(); });
    loop_.run();
    reader.join();
    return 0;
  }

 private:
  void Read() {
    std::string line;
    while (std::getline(std::cin, line)) {
      asio::post(loop_, [this, line] { std::cout << Answer(line).dump() << std::endl; });
    }
    loop_.stop();
  }

  json Answer(const std::string& line) {
    try {
      return Do(json::parse(line));
    } catch (const std::exception& error) {
      return {{"error", error.what()}};
    }
  }

  json Do(const json& command) {
    if (command.contains("link")) return Open(command);
    if (command.contains("arm")) return Arm(command);
    if (command.contains("cut_all")) {
      return {{"cut", At(command["cut_all"]).CutAll(command.value("reset", false))}};
    }
    if (command.contains("disarm")) {
      for (auto& [name, link] : links_) link->Disarm();
      return {{"ok", true}};
    }
    return Counts();
  }

  json Open(const json& command) {
    LinkConfig config;
    config.name = command["link"];
    config.port = command["port"];
    config.http = command.value("http", false);
    config.servers = command["servers"].get<std::vector<uint16_t>>();
    auto link = std::make_unique<Link>(loop_, config);
    link->Start();
    links_[config.name] = std::move(link);
    return {{"ok", true}};
  }

  json Arm(const json& command) {
    const std::string name = command["kind"];
    const std::optional<Kind> kind = KindNamed(name);
    if (!kind) return {{"error", "no such kind: " + name}};
    Injection injection;
    injection.kind = *kind;
    injection.way = command.value("way", "up") == "up" ? Way::kUp : Way::kDown;
    injection.where = command.value("where", 0.0);
    injection.reset = command.value("reset", false);
    injection.time = std::chrono::milliseconds(command.value("ms", 0));
    At(command["arm"]).Arm(injection);
    return {{"ok", true}};
  }

  json Counts() const {
    json counts = json::object();
    json armed = json::object();
    json connections = json::object();
    for (const auto& [name, link] : links_) {
      json kinds = json::object();
      for (const auto& [kind, count] : link->counts()) kinds[std::string(Name(kind))] = count;
      counts[name] = kinds;
      armed[name] = link->armed();
      connections[name] = link->connections();
    }
    return {{"counts", counts}, {"armed", armed}, {"connections", connections}};
  }

  Link& At(const std::string& name) {
    const auto it = links_.find(name);
    if (it == links_.end()) throw std::invalid_argument("no such link: " + name);
    return *it->second;
  }

  asio::io_context loop_{1};
  std::map<std::string, std::unique_ptr<Link>> links_;
};

void RaiseFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace drover::faults

int main() {
  drover::faults::RaiseFileLimit();
  return drover::faults::Proxy().Run();
}

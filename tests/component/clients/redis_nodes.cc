#include "tests/component/clients/redis_nodes.h"

#include <algorithm>
#include <fstream>

#include <boost/asio/redirect_error.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "libs/redis/endpoint.h"

namespace drover::redis {
namespace {

constexpr std::chrono::milliseconds kPoll{20};

Task<Reply> Command(Client* client, std::vector<std::string> words, Deadline deadline) {
  const std::vector<std::string_view> args(words.begin(), words.end());
  Result<Reply> reply = co_await client->Execute(args, deadline);
  co_return reply;
}

Config NodeConfig(const Endpoint& seed) {
  Config config = RedisNodes::ClusterConfig();
  config.url = "redis://" + seed.host + ":" + seed.port;
  return config;
}

std::string Field(const std::string& info, const std::string& name) {
  const size_t start = info.find("\n" + name + ":");
  if (start == info.npos) return {};
  const size_t value = start + name.size() + 2;
  return info.substr(value, info.find('\r', value) - value);
}

}  // namespace

Config RedisNodes::ClusterConfig() {
  Config config;
  config.url = ServerOf("DROVER_TEST_REDIS_URL");
  if (const char* path = std::getenv("DROVER_TEST_REDIS_PASSWORD_FILE"); path != nullptr) {
    std::ifstream(path) >> config.password;
  }
  return config;
}

// Where the nodes' configurations are is asked once, while all of them run.
RedisNodes::RedisNodes(asio::io_context& loop) : loop_(loop) {
  static std::map<std::string, std::string> config_files;
  const auto seeds = ParseSeeds(ServerOf("DROVER_TEST_REDIS_URL"));
  DROVER_CHECK(seeds.has_value());
  for (const Endpoint& seed : *seeds) {
    RedisNode& node = nodes_.emplace_back();
    node.address = {seed.host, seed.port};
    node.client = std::make_unique<Client>(loop_, NodeConfig(seed));
    std::string& config_file = config_files[seed.port];
    if (config_file.empty()) config_file = Info(node, "config_file");
    node.config_file = config_file;
  }
  Heal();
}

Started<Reply> RedisNodes::Start(Client& client, std::vector<std::string> words,
                                 std::chrono::milliseconds time) {
  return {loop_, Command(&client, std::move(words), In(time))};
}

Result<Reply> RedisNodes::Do(Client& client, std::vector<std::string> words,
                             std::chrono::milliseconds time) {
  return Start(client, std::move(words), time).Get();
}

Reply RedisNodes::Must(RedisNode& node, std::vector<std::string> words) {
  Result<Reply> reply = Do(*node.client, std::move(words));
  EXPECT_TRUE(reply) << node.address.text() << ": " << reply.error();
  return reply ? std::move(*reply) : Reply();
}

bool RedisNodes::Until(const std::function<bool()>& so, std::chrono::milliseconds time) {
  const Deadline deadline = In(time);
  while (!so()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    Timer timer(loop_.get_executor(), kPoll);
    bool over = false;
    timer.async_wait([&over](boost::system::error_code) { over = true; });
    while (!over) loop_.run_one();
  }
  return true;
}

// --- The whole.

void RedisNodes::Heal() {
  for (RedisNode& node : nodes_) {
    const bool up = Until([&] { return node.client->connected(); }, std::chrono::seconds(1));
    if (!up) Revive(node);
    node.pid = std::stoi(Info(node, "process_id"));
  }
  DROVER_CHECK(Until([this] { return Whole(); }, 2 * kSoon));
  for (RedisNode& node : nodes_) {
    if (Info(node, "role") == "master") Must(node, {"FLUSHALL"});
  }
}

bool RedisNodes::Whole() {
  const SlotMap map = Map();
  if (map.masters().empty()) return false;
  size_t masters = 0;
  for (RedisNode& node : nodes_) {
    const std::string info = Must(node, {"CLUSTER", "INFO"}).text;
    if (info.find("cluster_state:ok") == info.npos) return false;
    const Reply slots = Must(node, {"CLUSTER", "SLOTS"});
    const auto seen = ParseClusterSlots(slots, node.address.host);
    if (!seen || seen->served() != kSlots) return false;
    for (uint16_t slot = 0; slot < kSlots; ++slot) {
      if (seen->masters()[seen->OwnerOf(slot)].address !=
          map.masters()[map.OwnerOf(slot)].address) {
        return false;
      }
    }
    const bool master = Info(node, "role") == "master";
    if (master && Info(node, "connected_slaves") == "0") return false;
    if (!master && Info(node, "master_link_status") != "up") return false;
    masters += master;
  }
  return masters == 3;
}

SlotMap RedisNodes::Map() {
  for (RedisNode& node : nodes_) {
    if (!node.client->connected()) continue;
    const Result<Reply> slots = Do(*node.client, {"CLUSTER", "SLOTS"});
    if (!slots) continue;
    auto map = ParseClusterSlots(*slots, node.address.host);
    if (map && map->served() == kSlots) return std::move(*map);
  }
  return {};
}

RedisNode& RedisNodes::At(const Address& address) {
  const auto found = std::ranges::find(nodes_, address, &RedisNode::address);
  DROVER_CHECK(found != nodes_.end());
  return *found;
}

RedisNode& RedisNodes::MasterOf(uint16_t slot) {
  const SlotMap map = Map();
  DROVER_CHECK(map.OwnerOf(slot) != SlotMap::kNobody);
  return At(map.masters()[map.OwnerOf(slot)].address);
}

RedisNode& RedisNodes::OtherMaster(const RedisNode& than) {
  const SlotMap map = Map();
  for (const SlotMap::Master& master : map.masters()) {
    if (master.slots > 0 && master.address != than.address) return At(master.address);
  }
  DROVER_CHECK(false);
  return nodes_[0];
}

RedisNode& RedisNodes::ReplicaOf(RedisNode& master) {
  for (RedisNode& node : nodes_) {
    if (Info(node, "role") == "slave" && Info(node, "master_port") == master.address.port) {
      return node;
    }
  }
  DROVER_CHECK(false);
  return nodes_[0];
}

std::string RedisNodes::Info(RedisNode& node, const std::string& field) {
  return Field(Must(node, {"INFO", "everything"}).text, field);
}

// --- Changing it.

void RedisNodes::Kill(RedisNode& node) {
  DROVER_CHECK(::kill(node.pid, SIGKILL) == 0);
  DROVER_CHECK(Until([&] { return !node.client->connected(); }));
}

void RedisNodes::Revive(RedisNode& node) {
  int status = 0;
  while (::waitpid(-1, &status, WNOHANG) > 0) {
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  const char* argv[] = {
      "/usr/bin/setpriv",       "--pdeathsig", "KILL", "--", "/usr/bin/redis-server",
      node.config_file.c_str(), nullptr};
  const int failed =
      posix_spawn(&node.pid, argv[0], &files, nullptr, const_cast<char**>(argv), environ);
  posix_spawn_file_actions_destroy(&files);
  DROVER_CHECK(failed == 0);
  DROVER_CHECK(Until([&] { return node.client->connected(); }));
}

void RedisNodes::Assign(uint16_t slot, RedisNode& to) {
  const std::string id = IdOf(to);
  Must(to, {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id});  // Before all others.
  for (RedisNode& node : nodes_) {
    if (&node == &to || Info(node, "role") == "slave") continue;
    Must(node, {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id});
  }
}

}  // namespace drover::redis

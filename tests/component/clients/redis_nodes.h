// The Redis Cluster of the cluster runner, node by node: for tests that move slots and kill
// masters.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "libs/redis/client.h"
#include "libs/redis/slot_map.h"
#include "tests/component/clients/loop.h"

namespace drover::redis {

struct RedisNode {
  Address address;
  std::string config_file;
  pid_t pid = 0;                   // Of the process that runs, or ran last.
  std::unique_ptr<Client> client;  // Of this node alone.
};

class RedisNodes {
 public:
  explicit RedisNodes(asio::io_context& loop);

  // Of the whole cluster, from its URL; with the password if it asks for one.
  static Config ClusterConfig();
  Result<Reply> Do(Client& client, std::vector<std::string> words,
                   std::chrono::milliseconds time = kSoon);
  // Fails the process unless it succeeds: for what the test only needs.
  Reply Must(RedisNode& node, std::vector<std::string> words);
  // Starts a command; Get() fetches its outcome.
  Started<Reply> Start(Client& client, std::vector<std::string> words,
                       std::chrono::milliseconds time = kSoon);
  // Runs the loop until it is so; false when that takes longer than the time.
  bool Until(const std::function<bool()>& so, std::chrono::milliseconds time = kSoon);

  // All six up, three of them masters with a linked replica each, all of one mind, all empty.
  void Heal();
  SlotMap Map();
  RedisNode& MasterOf(uint16_t slot);
  // Another master than that.
  RedisNode& OtherMaster(const RedisNode& than);
  RedisNode& ReplicaOf(RedisNode& master);
  std::string IdOf(RedisNode& node) { return Must(node, {"CLUSTER", "MYID"}).text; }
  std::string Info(RedisNode& node, const std::string& field);

  void Kill(RedisNode& node);
  void Revive(RedisNode& node);
  // Gives the slot to the node, telling every node.
  void Assign(uint16_t slot, RedisNode& to);
  std::vector<RedisNode>& all() { return nodes_; }

 private:
  bool Whole();
  RedisNode& At(const Address& address);
  asio::io_context& loop_;
  std::vector<RedisNode> nodes_;
};

}  // namespace drover::redis

// A Redis Cluster: a connection to each master, the map of slots, and where a command goes.
//
// The map is learned from any node that answers (CLUSTER SLOTS): at the beginning from the seeds of
// the URL, then every two seconds or so, and at once when a node said MOVED, was lost or did not
// answer in time. Commands that may be repeated wait in between, at most to their deadline; they
// are woken when the map has changed or a master was reached again. While no node at all answers
// commands fail at once.
//
// Spec: Redis Cluster Specification, "Redirection and resharding", "Fault Tolerance".
#pragma once
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/async/deadline_timer.h"
#include "libs/async/suspend.h"
#include "libs/redis/client.h"
#include "libs/redis/connection.h"
#include "libs/redis/slot_map.h"

namespace drover::redis {

class Client::Cluster : public std::enable_shared_from_this<Cluster> {
 public:
  Cluster(asio::io_context& loop, Config config);

  void Open();
  // Destroys what waits, unresumed. Nothing is called back afterwards.
  void Close();
  Task<Reply> Execute(std::span<const std::string_view> args, Deadline deadline);

  bool connected() const;
  const std::string& run_id() const;
  std::vector<Server> servers() const;

 private:
  using Node = std::shared_ptr<Connection>;
  struct Waiter {
    Resumer<bool> resume;
    Deadline until;
  };
  // Where a command goes next, and how its attempts went.
  struct Route {
    uint16_t slot;
    std::optional<Address> ask;  // For the next attempt only.
    int redirects = 0;           // Since it last waited.
    int waits = 0;
  };

  // cluster.cc: commands.
  Connection* NodeFor(Route& route, Address& asked);
  bool Follow(const Error& error, const Address& asked, Route& route);
  Error Unserved(uint16_t slot) const;
  Task<bool> Wait(Deadline until);
  std::chrono::milliseconds NextWait(int waits);
  Deadline WakeDue(Deadline now);
  void WakeAllSoon();

  // cluster_map.cc: nodes and their map.
  Process KeepMap(std::shared_ptr<Cluster> self);
  asio::awaitable<bool, Executor> AskForMap();
  std::vector<Address> WhomToAsk();
  asio::awaitable<void, Executor> Sleep(std::chrono::milliseconds time);
  void RefreshSoon();
  void Install(SlotMap map);
  void Bind();
  void DropOthers();
  const Node& NodeAt(const Address& address);
  void OnNodeChanged();
  std::chrono::milliseconds Jittered(std::chrono::milliseconds time);

  asio::io_context& loop_;
  const Config config_;  // Of each node.
  const size_t max_in_flight_;
  const Result<std::vector<Endpoint>> seeds_;
  std::minstd_rand random_{std::random_device{}()};
  bool closed_ = false;
  size_t in_flight_ = 0;

  std::map<Address, Node> nodes_;
  SlotMap map_;
  std::vector<Connection*> masters_;  // Of map_.masters(), in its order.
  bool unreachable_ = false;          // Nobody answered when last asked for the map.
  std::string last_error_ = "not connected yet";

  std::vector<Waiter> waiters_;
  DeadlineTimer waits_;
  bool waking_ = false;

  Timer refresh_timer_;
  bool refresh_wanted_ = false;
  bool refresh_may_be_cut_ = false;  // It sleeps until the next time, not the least time.
  size_t next_to_ask_ = 0;

  mutable bool identified_ = false;  // run_id_ is up to date.
  mutable std::string run_id_;
};

}  // namespace drover::redis

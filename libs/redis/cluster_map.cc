#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "libs/redis/cluster.h"

namespace drover::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRefreshEvery{2000};
constexpr milliseconds kRefreshLeast{50};  // Between two, however much they are wanted.
constexpr milliseconds kAnswerTime{500};   // For one node to give its map.

Config NodeConfig(Config config) {
  config.max_in_flight = SIZE_MAX;  // Counted over all nodes.
  return config;
}

}  // namespace

Client::Cluster::Cluster(asio::io_context& loop, Config config)
    : loop_(loop),
      config_(NodeConfig(config)),
      max_in_flight_(config.max_in_flight),
      seeds_(ParseSeeds(config.url)),
      waits_(loop, [this](Deadline now) { return WakeDue(now); }),
      refresh_timer_(loop.get_executor()) {}

void Client::Cluster::Open() {
  if (!seeds_) return;
  asio::co_spawn(loop_.get_executor(), KeepMap(shared_from_this()), asio::detached);
}

void Client::Cluster::Close() {
  closed_ = true;
  waits_.Stop();
  refresh_timer_.cancel();
  for (const auto& [address, node] : nodes_) node->Close();
  const std::vector<Waiter> dropped = std::exchange(waiters_, {});
}

// --- Keeping the map.

Process Client::Cluster::KeepMap([[maybe_unused]] std::shared_ptr<Cluster> self) {
  while (!closed_) {
    refresh_wanted_ = false;
    const bool answered = co_await AskForMap();
    if (closed_) co_return;
    unreachable_ = !answered;
    DropOthers();
    if (unreachable_) WakeAllSoon();
    co_await Sleep(Jittered(kRefreshLeast));
    if (closed_ || refresh_wanted_ || unreachable_) continue;
    refresh_may_be_cut_ = true;
    co_await Sleep(Jittered(kRefreshEvery));
    refresh_may_be_cut_ = false;
  }
}

asio::awaitable<bool, Executor> Client::Cluster::AskForMap() {
  constexpr std::string_view kCommand[] = {"CLUSTER", "SLOTS"};
  const std::vector<Address> addresses = WhomToAsk();
  for (const Address& address : addresses) {
    const Node node = NodeAt(address);
    const Deadline deadline = In(kAnswerTime);
    const Result<Reply> reply = co_await node->Execute(kCommand, deadline, false);
    if (closed_) co_return false;
    Result<SlotMap> map = reply ? ParseClusterSlots(*reply, address.host) : reply.error();
    if (map) {
      Install(std::move(*map));
      co_return true;
    }
    last_error_ = address.text() + ": " + map.error().message;
  }
  co_return false;
}

// Masters that are connected, another one first each time; then all others that were ever named.
std::vector<Address> Client::Cluster::WhomToAsk() {
  std::vector<Address> found;
  const auto add = [&found](const Address& address) {
    if (std::ranges::find(found, address) == found.end()) found.push_back(address);
  };
  for (const auto& [address, node] : nodes_) {
    if (node->connected()) add(address);
  }
  if (!found.empty()) std::ranges::rotate(found, found.begin() + next_to_ask_++ % found.size());
  for (const SlotMap::Master& master : map_.masters()) add(master.address);
  for (const Address& replica : map_.replicas()) add(replica);
  for (const Endpoint& seed : *seeds_) add({seed.host, seed.port});
  return found;
}

asio::awaitable<void, Executor> Client::Cluster::Sleep(milliseconds time) {
  refresh_timer_.expires_after(time);
  boost::system::error_code ignored;
  co_await refresh_timer_.async_wait(asio::redirect_error(kAwait, ignored));
}

void Client::Cluster::RefreshSoon() {
  refresh_wanted_ = true;
  if (refresh_may_be_cut_) refresh_timer_.cancel();
}

milliseconds Client::Cluster::Jittered(milliseconds time) {
  const int64_t whole = time.count();
  return milliseconds(
      std::uniform_int_distribution<int64_t>(whole * 3 / 4, whole * 5 / 4)(random_));
}

// --- Nodes.

void Client::Cluster::Install(SlotMap map) {
  if (map == map_) return;
  map_ = std::move(map);
  Bind();
  WakeAllSoon();
}

// Gives each master its connection.
void Client::Cluster::Bind() {
  masters_.clear();
  for (const SlotMap::Master& master : map_.masters()) {
    masters_.push_back(NodeAt(master.address).get());
  }
  identified_ = false;
}

// Lets go of nodes that are no masters (any more, or in the eyes of the node that was asked, which
// may be behind), as soon as nobody waits for their answers.
void Client::Cluster::DropOthers() {
  if (map_.masters().empty()) return;
  std::erase_if(nodes_, [this](const auto& entry) {
    const Node& node = entry.second;
    if (std::ranges::find(masters_, node.get()) != masters_.end()) return false;
    if (node->answers_due()) return false;
    node->Abandon(Unavailable("not a master of the Redis Cluster any more"));
    return true;
  });
}

const Client::Cluster::Node& Client::Cluster::NodeAt(const Address& address) {
  Node& node = nodes_[address];
  if (node) return node;
  Endpoint endpoint{.user = seeds_->front().user, .host = address.host, .port = address.port};
  Connection::Hooks hooks{.changed = [this] { OnNodeChanged(); }, .unsent = Code::kAborted};
  node = std::make_shared<Connection>(loop_, config_, std::move(endpoint), std::move(hooks));
  node->Open();
  return node;
}

void Client::Cluster::OnNodeChanged() {
  identified_ = false;
  RefreshSoon();
  WakeAllSoon();
}

// --- What is known of the masters.

bool Client::Cluster::connected() const {
  size_t reached = 0;
  for (size_t i = 0; i < masters_.size(); ++i) {
    if (masters_[i]->connected()) reached += map_.masters()[i].slots;
  }
  return reached > kSlots / 2;
}

std::vector<Client::Server> Client::Cluster::servers() const {
  std::vector<std::pair<uint16_t, std::string>> by_slot;
  for (size_t i = 0; i < masters_.size(); ++i) {
    if (map_.masters()[i].slots == 0) continue;
    if (masters_[i]->run_id().empty()) return {};
    by_slot.emplace_back(map_.LowestSlotOf(i), masters_[i]->run_id());
  }
  std::ranges::sort(by_slot);
  std::vector<Server> servers;
  for (auto& [slot, id] : by_slot) servers.push_back({std::move(id), TagOfSlot(slot)});
  return servers;
}

const std::string& Client::Cluster::run_id() const {
  if (identified_) return run_id_;
  run_id_.clear();
  for (const Server& server : servers()) run_id_.append(server.run_id).append(" ");
  identified_ = true;
  return run_id_;
}

}  // namespace drover::redis

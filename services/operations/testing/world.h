// The operations service on real PostgreSQL, Redis and Kafka, with a clock that is ticked by hand
// and without gRPC: what the component tests act on.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "libs/kafka/consumer.h"
#include "services/operations/handlers/marks_keeper.h"
#include "services/operations/handlers/operation_service.h"
#include "services/operations/handlers/sweep.h"
#include "services/operations/handlers/wakeup_results.h"

namespace drover::operations {

class FakeDevices final : public DeviceDirectory {
 public:
  std::set<std::string> unknown;
  std::set<std::string> disabled;
  std::map<std::string, std::string> bearers;  // Device -> what it is woken by.
  Task<KnownDevices> Find(std::vector<std::string> ids, Deadline deadline) override;
  // The devices of `fleet` by pages of two, whatever the selector.
  std::vector<std::string> fleet;
  Task<tree::v1::ListDevicesResponse> List(tree::v1::ListDevicesRequest request,
                                           Deadline deadline) override;
  // Every command on a node of `forbidden` is a violation, on any device or on this one.
  std::map<std::string, std::string> forbidden;  // Node -> device; empty: any.
  int checks = 0;                                // Questions that came.
  Task<tree::v1::CheckCommandsResponse> Check(tree::v1::CheckCommandsRequest request,
                                              Deadline deadline) override;
};

// What a test says about one command.
v1::Command Get(std::string target);
v1::Command Replace(std::string target, std::string data);
v1::Command Exec(std::string target);

class World {
 public:
  World();
  ~World();

  // Runs the loop until the task is done.
  template <typename T>
  Result<T> Await(Task<T> task) {
    auto out = std::make_shared<std::optional<Result<T>>>();
    asio::co_spawn(loop.get_executor(), Keep(std::move(task), out), asio::detached);
    RunUntil([&] { return out->has_value(); });
    return std::move(**out);
  }
  void RunUntil(const std::function<bool()>& done);

  // One operation, or many with the same commands; fails the test if they are refused.
  v1::Operation Submit(const std::string& device, std::vector<v1::Command> commands,
                       int priority = 0);
  Result<v1::SubmitOperationsResponse> Submit(v1::SubmitOperationsRequest request);
  // All of them enter in one turn of the loop; replies in the order of the requests.
  std::vector<v1::AdvanceReply> Advance(std::vector<v1::AdvanceRequest> requests);
  v1::AdvanceReply Advance(v1::AdvanceRequest request);
  v1::Operation Read(const std::string& id, bool messages = false);
  // Runs the relay until the outbox is empty.
  void Relay();
  // What the topic holds with this key, in order.
  std::vector<std::string> Records(const std::string& topic, const std::string& key, size_t wanted);
  // nullopt: there is none.
  std::optional<std::string> Mark(const std::string& device);
  int64_t Rows(const std::string& sql);
  void Sql(std::string sql);
  std::string Redis(std::vector<std::string_view> args);

  asio::io_context loop{1};
  TimePoint now = SystemNow();
  FakeDevices devices;
  std::unique_ptr<prometheus::Registry> registry;
  std::unique_ptr<Metrics> metrics;
  postgres::Config database;
  kafka::Config brokers;
  std::unique_ptr<postgres::Pool> steps;
  std::unique_ptr<postgres::Pool> pool;
  std::unique_ptr<redis::Client> redis;
  std::unique_ptr<kafka::Producer> producer;
  std::unique_ptr<outbox::Relay> relay;  // Not running: see Relay.
  std::unique_ptr<PgOperations> store;
  std::unique_ptr<PgQueries> queries;
  std::unique_ptr<PgSubmissions> submissions;
  std::unique_ptr<RedisMarks> marks;
  std::unique_ptr<Watchers> watchers;
  std::unique_ptr<ChangeWriter> writer;
  std::unique_ptr<Unblocker> unblocker;
  std::unique_ptr<PgPurge> purge;
  std::unique_ptr<Submitter> submitter;
  std::unique_ptr<SelectedSubmitter> selected;
  std::unique_ptr<WatchHandler> watches;
  std::unique_ptr<AdvanceQueue> advances;
  std::unique_ptr<OperationMethods> methods;
  std::unique_ptr<Sweeper> sweeper;
  std::unique_ptr<MarksKeeper> keeper;

 private:
  template <typename T>
  static Process Keep(Task<T> task, std::shared_ptr<std::optional<Result<T>>> out) {
    Result<T> result = co_await std::move(task);
    out->emplace(std::move(result));
  }
};

// Each test has a fresh schema, an empty Redis and a terminal of its own.
class OperationsTest : public testing::Test {
 protected:
  OperationsTest();
  World world;
  const std::string device;

  // A step of this test's terminal.
  v1::AdvanceRequest Step(std::string session_key, uint32_t msg_id, uint32_t take = 0);
  // The first step of a session, asking for work.
  v1::AdvanceRequest Start(std::string session_key, uint32_t take = 10);
  // A step that reports one status for each command of the assignment.
  v1::AdvanceRequest Done(std::string session_key, uint32_t msg_id,
                          const v1::Assignment& assignment, uint32_t status);
};

std::vector<std::string> StatesOf(const v1::Operation& operation);

}  // namespace drover::operations

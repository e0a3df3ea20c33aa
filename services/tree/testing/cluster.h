// drover-tree's parts on real PostgreSQL, Redis and Kafka, for component tests.
#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/service/calls.h"
#include "services/tree/handlers/device_service.h"
#include "services/tree/handlers/exchange.h"
#include "services/tree/handlers/model_service.h"
#include "services/tree/handlers/tree_service.h"
#include "services/tree/handlers/upkeep.h"

namespace drover::tree {

// The service's objects, wired as in wiring.cc, on a loop that the test turns.
struct Parts {
  Parts(asio::io_context& loop, const std::string& seal_keys, const std::string& redis_url,
        Clock clock);
  ~Parts();

  prometheus::Registry registry;
  Metrics metrics{registry};
  postgres::Pool pool;
  redis::Client redis;
  kafka::Producer producer;
  dmauth::SealKeys keys;
  outbox::Relay relay;
  PgDevices devices{pool};
  PgNodes nodes{pool};
  PgModels models{pool};
  RedisAccountCache cache;
  AccountSeal seal;
  Accounts accounts;
  LookupAccounts lookups;
  ApplyReports reports;
  Exchange exchange;
  CommandChecker checker{devices, nodes, models, "drover"};
  Upkeep upkeep;
  service::Calls calls;
  DeviceHandlers device_service{calls, accounts, devices};
  TreeHandlers tree_service;
  ModelHandlers model_service;
};

// Each test begins with empty tables and an empty Redis.
class ClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  void SetUp() override;
  void TearDown() override;

  // All at the same time.
  template <typename T>
  std::vector<Result<T>> AwaitAll(std::vector<Task<T>> tasks) {
    std::vector<std::optional<Result<T>>> out(tasks.size());
    for (size_t i = 0; i < tasks.size(); ++i) {
      asio::co_spawn(loop_.get_executor(), Store(std::move(tasks[i]), &out[i]), asio::detached);
    }
    Turn([&out] { return std::ranges::all_of(out, [](const auto& o) { return o.has_value(); }); });
    std::vector<Result<T>> results;
    for (auto& one : out) {
      results.push_back(one ? std::move(*one)
                            : Result<T>(DeadlineExceeded("the test waited for 60 s")));
    }
    return results;
  }
  template <typename T>
  Result<T> Await(Task<T> task) {
    std::vector<Task<T>> one;
    one.push_back(std::move(task));
    return std::move(AwaitAll(std::move(one)).front());
  }

  // All requests as if they came in one message of a stream; replies in their order.
  std::vector<v1::TreeReply> Ask(std::vector<v1::TreeRequest> requests);
  v1::TreeReply Ask(v1::TreeRequest request);
  // The same, to parts that are not parts_.
  std::vector<v1::TreeReply> AskOf(Parts& parts, std::vector<v1::TreeRequest> requests);

  std::unique_ptr<Parts> MakeParts(const std::string& seal_keys, const std::string& redis_url);
  // "drover.registrations" from its beginning: "<device> <reason>" of those that start with prefix,
  // until there are `count`.
  std::vector<std::string> Registrations(const std::string& prefix, size_t count);

  // A single value as text.
  std::string Sql(const std::string& select);
  void Script(const std::string& sql);
  std::optional<std::string> RedisGet(const std::string& key);

  // The topic outlives a run: a name that no other run has.
  static std::string Unique(const std::string& name);

  // Runs the loop until it is done, a minute at most.
  void Turn(const std::function<bool()>& done);

  static constexpr const char* kKeys =
      "1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

  asio::io_context loop_;
  TimePoint now_{std::chrono::hours(500'000)};
  std::unique_ptr<Parts> parts_;

 private:
  template <typename T>
  static Process Store(Task<T> task, std::optional<Result<T>>* out) {
    Result<T> result = co_await std::move(task);
    out->emplace(std::move(result));
  }
  Task<std::string> SelectText(std::string select);
  Task<redis::Reply> RedisCommand(std::vector<std::string> words);
  Task<void> Consume(const std::string& prefix, size_t count, std::vector<std::string>* found);
};

v1::NewDevice NewDeviceOf(const std::string& id, const std::string& password = "secret");
v1::TreeRequest Lookup(const std::string& device);
v1::TreeRequest Enrolling(v1::NewDevice device);
struct NodeOf {
  std::string uri;
  std::string value;
  TimePoint at{};
  std::string format = "chr";
  std::string type = "text/plain";
};
v1::TreeRequest Reporting(const std::string& device, const std::vector<NodeOf>& nodes,
                          const std::vector<std::string>& deleted = {});

}  // namespace drover::tree

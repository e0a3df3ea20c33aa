#include <cstdlib>
#include <map>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "drover/events/v1/events.pb.h"
#include "libs/kafka/consumer.h"
#include "libs/outbox/relay.h"

namespace drover::outbox {
namespace {

std::string Env(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Process Store(Task<void> task, Result<void>* out, asio::io_context* loop) {
  *out = co_await std::move(task);
  loop->stop();
}

// Each test has a table and a topic of its own on the shared servers.
class RelayTest : public testing::Test {
 protected:
  void SetUp() override {
    database_.url = Env("DROVER_TEST_POSTGRES_URL");
    kafka_.brokers = Env("DROVER_TEST_KAFKA_BROKERS");
    kafka_.client_id = "outbox-test";
    if (database_.url.empty() || kafka_.brokers.empty()) {
      GTEST_SKIP() << "run by scripts/cluster run --with postgres,kafka";
    }
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    topic_ = "outbox." + name;
    table_ = "outbox_" + name;
    ASSERT_TRUE(
        kafka::EnsureTopics(kafka_, {{.name = topic_, .partitions = 1}}, std::chrono::seconds(30)));
    pool_ = std::make_unique<postgres::Pool>(loop_, database_);
    producer_ = std::make_unique<kafka::Producer>(loop_, kafka_);
    ASSERT_TRUE(Await(pool_->Script("DROP TABLE IF EXISTS " + table_ + ";" + CreateTable(table_),
                                    In(std::chrono::seconds(10)))));
  }

  Result<void> Await(Task<void> task) {
    Result<void> out = Internal("never ran");
    asio::co_spawn(loop_, Store(std::move(task), &out, &loop_), asio::detached);
    loop_.restart();
    loop_.run();
    return out;
  }

  std::unique_ptr<Relay> MakeRelay() {
    Config config{.database = database_, .table = table_, .max_rows = 7};
    Observer observer{.relayed = [this](size_t n) { relayed_ += n; },
                      .failed = [this](const Error& e) { last_error_ = e.message; }};
    auto relay = std::make_unique<Relay>(loop_, std::move(config), *producer_, observer);
    asio::co_spawn(loop_, relay->Run(), asio::detached);
    return relay;
  }

  Task<void> Add(int from, int to) {
    for (int i = from; i < to; ++i) {
      events::v1::OutboxBatch batch;
      for (const char* part : {"a", "b"}) {
        auto& record = *batch.add_records();
        record.set_topic(topic_);
        record.set_key("device");
        record.set_payload(std::to_string(i) + part);
      }
      std::vector<postgres::Statement> statements;
      statements.push_back(Insert(table_, batch));
      const Deadline deadline = In(std::chrono::seconds(10));
      DROVER_CO_TRY(co_await pool_->Transaction(std::move(statements), deadline));
    }
    co_return Result<void>();
  }

  Task<void> AddInATransactionThatFails() {
    events::v1::OutboxBatch batch;
    batch.add_records()->set_topic(topic_);
    std::vector<postgres::Statement> statements;
    statements.push_back(Insert(table_, batch));
    statements.push_back({"SELECT 1 / (SELECT 0)", {}});
    const Deadline deadline = In(std::chrono::seconds(10));
    const auto result = co_await pool_->Transaction(std::move(statements), deadline);
    EXPECT_FALSE(result);
    co_return Result<void>();
  }

  Task<void> Consume(size_t count, std::vector<std::string>* payloads) {
    kafka::Consumer consumer(loop_, kafka_, "test-" + topic_, {topic_});
    const Deadline deadline = In(std::chrono::seconds(30));
    while (payloads->size() < count) {
      DROVER_CO_TRY(auto batch, co_await consumer.Next(1000, deadline));
      if (batch.empty()) co_return DeadlineExceeded("too few records came");
      for (auto& record : batch) payloads->push_back(std::move(record.payload));
    }
    co_return Result<void>();
  }

  Task<void> CountRows(int64_t* rows) {
    postgres::Statement statement{"SELECT count(*) FROM " + table_, {}};
    const Deadline deadline = In(std::chrono::seconds(10));
    DROVER_CO_TRY(const auto result, co_await pool_->Execute(std::move(statement), deadline));
    *rows = result.Int8(0, 0);
    co_return Result<void>();
  }

  int64_t RowsLeft() {
    int64_t rows = -1;
    EXPECT_TRUE(Await(CountRows(&rows)));
    return rows;
  }

  asio::io_context loop_;
  postgres::Config database_;
  kafka::Config kafka_;
  std::string topic_;
  std::string table_;
  std::unique_ptr<postgres::Pool> pool_;
  std::unique_ptr<kafka::Producer> producer_;
  size_t relayed_ = 0;
  std::string last_error_;
};

std::vector<std::string> Expected(int to) {
  std::vector<std::string> payloads;
  for (int i = 0; i < to; ++i) {
    payloads.push_back(std::to_string(i) + "a");
    payloads.push_back(std::to_string(i) + "b");
  }
  return payloads;
}

TEST_F(RelayTest, PublishesRowsInTheirOrderAndDeletesThem) {
  ASSERT_TRUE(Await(Add(0, 40)));
  auto relay = MakeRelay();
  ASSERT_TRUE(Await(Add(40, 60)));
  relay->Wake();
  std::vector<std::string> payloads;
  ASSERT_TRUE(Await(Consume(120, &payloads))) << last_error_;
  EXPECT_EQ(payloads, Expected(60));
  ASSERT_TRUE(Await(relay->Drain(In(std::chrono::seconds(10)))));
  EXPECT_EQ(RowsLeft(), 0);
  EXPECT_EQ(relayed_, 120U);
}

TEST_F(RelayTest, FindsByItsSweepWhatNobodyAnnounced) {
  auto relay = MakeRelay();
  ASSERT_TRUE(Await(Add(0, 1)));
  std::vector<std::string> payloads;
  ASSERT_TRUE(Await(Consume(2, &payloads))) << last_error_;
  ASSERT_TRUE(Await(relay->Drain(In(std::chrono::seconds(10)))));
}

TEST_F(RelayTest, TellsNothingOfATransactionThatFailed) {
  ASSERT_TRUE(Await(AddInATransactionThatFails()));
  EXPECT_EQ(RowsLeft(), 0);
}

TEST_F(RelayTest, PublishesWhatIsLeftWhenDrained) {
  auto relay = MakeRelay();
  ASSERT_TRUE(Await(Add(0, 20)));
  ASSERT_TRUE(Await(relay->Drain(In(std::chrono::seconds(10)))));
  EXPECT_EQ(RowsLeft(), 0);
  EXPECT_EQ(relayed_, 40U);
}

TEST_F(RelayTest, TwoReplicasPublishEachRowOnceAndInOrder) {
  auto first = MakeRelay();
  auto second = MakeRelay();
  for (int i = 0; i < 50; i += 10) {
    ASSERT_TRUE(Await(Add(i, i + 10)));
    first->Wake();
    second->Wake();
  }
  std::vector<std::string> payloads;
  ASSERT_TRUE(Await(Consume(100, &payloads))) << last_error_;
  EXPECT_EQ(payloads, Expected(50));
  ASSERT_TRUE(Await(first->Drain(In(std::chrono::seconds(10)))));
  ASSERT_TRUE(Await(second->Drain(In(std::chrono::seconds(10)))));
  EXPECT_EQ(RowsLeft(), 0);
  EXPECT_EQ(relayed_, 100U);
}

}  // namespace
}  // namespace drover::outbox

// libs/kafka against a real broker.
#include <atomic>
#include <map>

#include <boost/asio/ip/tcp.hpp>
#include <unistd.h>

#include "libs/kafka/batches.h"
#include "libs/kafka/consumer.h"
#include "libs/kafka/producer.h"
#include "tests/component/clients/loop.h"

namespace drover::kafka {
namespace {

// As a task, whose end can be waited for.
Task<void> Ended(Batches& batches) {
  co_await batches.Run();
  co_return Result<void>();
}

class Kafka : public ::testing::Test {
 protected:
  static Config ConfigOfServer() {
    Config config;
    config.brokers = ServerOf("DROVER_TEST_KAFKA_BROKERS");
    config.client_id = "kafka-test";
    return config;
  }
  // A topic of this run of this test alone.
  std::string NewTopic(int partitions = 4) {
    static std::atomic<int> count{0};
    const std::string name = "test." + std::to_string(getpid()) + "." + std::to_string(++count) +
                             "." + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    const Result<void> made = EnsureTopics(ConfigOfServer(), {{name, partitions, 1}}, kSoon);
    DROVER_CHECK(made.has_value());
    return name;
  }
  static std::vector<Record> Numbered(const std::string& topic, int from, int to, int keys) {
    std::vector<Record> records;
    for (int i = from; i < to; ++i) {
      records.push_back({topic, "key" + std::to_string(i % keys), std::to_string(i)});
    }
    return records;
  }
  void MustProduce(Producer& producer, std::vector<Record> records) {
    const Result<void> done = Await(loop_, producer.ProduceAll(std::move(records), In(kSoon)));
    ASSERT_TRUE(done) << done.error();
  }
  // Fetches until `count` records have come.
  std::vector<Consumed> Fetch(Consumer& consumer, size_t count) {
    std::vector<Consumed> all;
    const Deadline deadline = In(kSoon);
    while (all.size() < count && std::chrono::steady_clock::now() < deadline) {
      Result<std::vector<Consumed>> batch =
          Await(loop_, consumer.Next(count - all.size(), deadline));
      DROVER_CHECK(batch.has_value());
      std::move(batch->begin(), batch->end(), std::back_inserter(all));
    }
    return all;
  }
  void MustCommit(Consumer& consumer) {
    const Result<void> done = Await(loop_, consumer.Commit(In(kSoon)));
    ASSERT_TRUE(done) << done.error();
  }
  // An address where nothing listens.
  std::string Nowhere() {
    asio::ip::tcp::acceptor taken(loop_, {asio::ip::address_v4::loopback(), 0});
    return "127.0.0.1:" + std::to_string(taken.local_endpoint().port());
  }

  asio::io_context loop_{1};
};

TEST_F(Kafka, CarriesEachRecordOnceAndInOrderOfItsKey) {
  constexpr int kRecords = 5000;
  const std::string topic = NewTopic();
  Producer producer(loop_, ConfigOfServer());
  Consumer consumer(loop_, ConfigOfServer(), topic, {topic});
  MustProduce(producer, Numbered(topic, 0, kRecords, 100));
  EXPECT_TRUE(producer.connected());
  const std::vector<Consumed> records = Fetch(consumer, kRecords);
  ASSERT_EQ(records.size(), static_cast<size_t>(kRecords));
  std::map<std::string, int> last;
  for (const Consumed& record : records) {
    const int number = std::stoi(record.payload);
    EXPECT_EQ(record.key, "key" + std::to_string(number % 100));
    const auto [place, first] = last.emplace(record.key, number);
    if (!first) {
      EXPECT_EQ(number, place->second + 100) << record.key;
    }
    place->second = number;
  }
  EXPECT_TRUE(consumer.connected());
}

TEST_F(Kafka, CarriesAnyOctetsAndEmptyKeys) {
  const std::string topic = NewTopic(1);
  const std::string octets("\0\xff\n", 3);
  Producer producer(loop_, ConfigOfServer());
  const Result<void> done = Await(loop_, producer.Produce({topic, "", octets}, In(kSoon)));
  ASSERT_TRUE(done) << done.error();
  Consumer consumer(loop_, ConfigOfServer(), topic, {topic});
  const std::vector<Consumed> records = Fetch(consumer, 1);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].payload, octets);
  EXPECT_EQ(records[0].key, "");
  EXPECT_EQ(records[0].topic, topic);
  EXPECT_EQ(records[0].offset, 0);
}

TEST_F(Kafka, ResumesFromWhatWasCommitted) {
  const std::string topic = NewTopic(1);
  Producer producer(loop_, ConfigOfServer());
  MustProduce(producer, Numbered(topic, 0, 30, 3));
  {
    Consumer first(loop_, ConfigOfServer(), topic, {topic});
    EXPECT_EQ(Fetch(first, 10).size(), 10u);
    MustCommit(first);
    EXPECT_EQ(Fetch(first, 5).back().payload, "14");  // Handed out and never committed.
  }
  Consumer second(loop_, ConfigOfServer(), topic, {topic});
  const std::vector<Consumed> rest = Fetch(second, 20);
  ASSERT_EQ(rest.size(), 20u);
  EXPECT_EQ(rest.front().payload, "10");
  EXPECT_EQ(rest.back().payload, "29");
  MustCommit(second);
  MustCommit(second);  // Nothing new: nothing to do.
}

TEST_F(Kafka, SharesPartitionsAmongTheMembersOfAGroup) {
  constexpr size_t kRecords = 400;
  const std::string topic = NewTopic(8);
  Producer producer(loop_, ConfigOfServer());
  Consumer first(loop_, ConfigOfServer(), topic, {topic});
  MustProduce(producer, Numbered(topic, 0, 1, 1));
  EXPECT_EQ(Fetch(first, 1).size(), 1u);
  MustCommit(first);
  Consumer second(loop_, ConfigOfServer(), topic, {topic});
  std::map<std::string, int> seen;
  bool second_had_some = false;
  int next = 1;
  const Deadline deadline = In(kSoon);
  while (!second_had_some && std::chrono::steady_clock::now() < deadline) {
    MustProduce(producer, Numbered(topic, next, next + 50, 50));
    next += 50;
    for (Consumer* consumer : {&first, &second}) {
      const auto batch = Await(loop_, consumer->Next(kRecords, In(std::chrono::milliseconds(200))));
      ASSERT_TRUE(batch) << batch.error();
      for (const Consumed& record : *batch) ++seen[record.payload];
      second_had_some = second_had_some || (consumer == &second && !batch->empty());
      (void)Await(loop_, consumer->Commit(In(kSoon)));  // kAborted while partitions move.
    }
  }
  EXPECT_TRUE(second_had_some);
}

// Fails the first times.
struct Applying {
  Task<void> Apply(const std::vector<Consumed>& records, Deadline) {
    for (const Consumed& record : records) seen.push_back(record.payload);
    if (failures > 0) {
      --failures;
      co_return Unavailable("not now");
    }
    applied += records.size();
    co_return Result<void>();
  }
  std::vector<std::string> seen;
  size_t applied = 0;
  int failures = 0;
};

TEST_F(Kafka, BatchesAreRepeatedUntilTheyAreAppliedInTheirOrder) {
  const std::string topic = NewTopic(1);
  Producer producer(loop_, ConfigOfServer());
  MustProduce(producer, Numbered(topic, 0, 30, 3));
  Applying applying{.failures = 2};
  std::vector<size_t> rests;
  int failed = 0;
  {
    Consumer consumer(loop_, ConfigOfServer(), topic, {topic});
    Batches batches(loop_, consumer,
                    {.most = 10,
                     .again = std::chrono::seconds(0),
                     .rest =
                         [&](size_t applied) {
                           rests.push_back(applied);
                           return std::chrono::microseconds(applied);
                         },
                     .failed = [&](const Error&) { ++failed; }},
                    [&](const auto& records, Deadline by) { return applying.Apply(records, by); });
    Started<void> running(loop_, Ended(batches));
    while (applying.applied < 20) DROVER_CHECK(loop_.run_one() > 0);
    batches.Stop();
    EXPECT_TRUE(running.Get());
  }
  EXPECT_EQ(failed, 2);
  EXPECT_EQ(applying.seen[0], "0");
  EXPECT_NE(std::find(rests.begin(), rests.end(), size_t{10}), rests.end());
  Consumer second(loop_, ConfigOfServer(), topic, {topic});
  EXPECT_EQ(Fetch(second, 1).front().payload, std::to_string(applying.applied));
}

TEST_F(Kafka, ReturnsAnEmptyBatchAtTheDeadline) {
  const std::string topic = NewTopic(1);
  Consumer consumer(loop_, ConfigOfServer(), topic, {topic});
  const auto batch = Await(loop_, consumer.Next(10, In(std::chrono::milliseconds(50))));
  ASSERT_TRUE(batch) << batch.error();
  EXPECT_TRUE(batch->empty());
}

TEST_F(Kafka, MakesTopicsThatAreMissingAndLeavesOthers) {
  const std::string topic = NewTopic(2);
  const Result<void> again =
      EnsureTopics(ConfigOfServer(), {{topic, 2, 1}, {topic + ".more", 3, 1}}, kSoon);
  EXPECT_TRUE(again) << again.error();
  const Result<void> wrong = EnsureTopics(ConfigOfServer(), {{"no/name", 1, 1}}, kSoon);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::kInvalidArgument) << wrong.error();
}

TEST_F(Kafka, RefusesRecordsThatAreTooLarge) {
  const std::string topic = NewTopic(1);
  Producer producer(loop_, ConfigOfServer());
  const Result<void> large =
      Await(loop_, producer.Produce({topic, "k", std::string(2 << 20, 'x')}, In(kSoon)));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::kInvalidArgument) << large.error();
}

TEST_F(Kafka, RefusesRecordsPastItsBound) {
  const std::string topic = NewTopic(1);
  Config config = ConfigOfServer();
  config.max_in_flight = 10;
  Producer producer(loop_, config);
  const Result<void> many = Await(loop_, producer.ProduceAll(Numbered(topic, 0, 11, 1), In(kSoon)));
  EXPECT_EQ(many.error().code, Code::kResourceExhausted);
  MustProduce(producer, Numbered(topic, 0, 10, 1));
}

TEST_F(Kafka, SaysInTimeThatNoBrokerAnswers) {
  Config config = ConfigOfServer();
  config.brokers = Nowhere();
  config.properties = {"message.timeout.ms=200"};
  Producer producer(loop_, config);
  const Result<void> late =
      Await(loop_, producer.Produce({"any", "k", "v"}, In(std::chrono::milliseconds(100))));
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  EXPECT_FALSE(producer.connected());
}

TEST_F(Kafka, SaysWhichPropertyIsWrong) {
  Config config = ConfigOfServer();
  config.properties = {"no.such.property=1"};
  Producer producer(loop_, config);
  const Result<void> refused = Await(loop_, producer.Produce({"t", "k", "v"}, In(kSoon)));
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("no.such.property"), std::string::npos);
  Consumer consumer(loop_, config, "group", {"t"});
  EXPECT_EQ(Await(loop_, consumer.Next(1, In(kSoon))).error().code, Code::kInvalidArgument);
}

TEST_F(Kafka, MayEndWhileSomeoneWaits) {
  const std::string topic = NewTopic(1);
  auto consumer =
      std::make_unique<Consumer>(loop_, ConfigOfServer(), topic, std::vector<std::string>{topic});
  Started<std::vector<Consumed>> waits(loop_, consumer->Next(1, In(kSoon)));
  EXPECT_TRUE(Await(loop_, consumer->Next(1, In(std::chrono::milliseconds(20)))));
  consumer.reset();
  EXPECT_EQ(waits.Get().error().code, Code::kCancelled);
}

}  // namespace
}  // namespace drover::kafka

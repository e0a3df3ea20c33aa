// The samplers against real stores, as scripts/cluster run starts them.
#include <array>
#include <cstdio>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loadtest/watch/watch.h"

namespace drover::watch {
namespace {

std::string FromEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  EXPECT_NE(value, nullptr) << name << " is not set: run this by scripts/cluster run";
  return value == nullptr ? "" : value;
}

Deadline Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(10); }

double ValueOf(const std::vector<Reading>& readings, const std::string& name,
               const std::string& metric) {
  for (const Reading& reading : readings) {
    if (reading.name == name && reading.metric == metric) return reading.value;
  }
  return -1;
}

TEST(SampleRedis, SeesKeysComeAndMemoryGrow) {
  const std::string url = FromEnvironment("DROVER_TEST_REDIS_URL");
  const auto sampler = SampleRedis({"redis", url, ""});
  const auto before = sampler->Sample(Soon());
  ASSERT_EQ(before.size(), 2U);
  const size_t colon = url.rfind(':');
  redisContext* const redis =
      redisConnect(url.substr(8, colon - 8).c_str(), std::atoi(url.c_str() + colon + 1));
  const std::string value(100'000, 'x');
  freeReplyObject(redisCommand(redis, "SET watch:test %b", value.data(), value.size()));
  const auto after = sampler->Sample(Soon());
  EXPECT_EQ(ValueOf(after, "redis", "keys"), ValueOf(before, "redis", "keys") + 1);
  EXPECT_GT(ValueOf(after, "redis", "bytes"), ValueOf(before, "redis", "bytes") + 90'000);
  freeReplyObject(redisCommand(redis, "CLIENT KILL TYPE normal SKIPME yes"));
  EXPECT_TRUE(sampler->Sample(Soon()).empty()) << "a lost connection is a gap";
  EXPECT_EQ(sampler->Sample(Soon()).size(), 2U) << "and is opened again";
  freeReplyObject(redisCommand(redis, "DEL watch:test"));
  redisFree(redis);
}

TEST(SamplePostgres, SeesATableGrowWithItsPartitionsAddedUp) {
  const std::string url = FromEnvironment("DROVER_TEST_POSTGRES_URL");
  PGconn* const connection = PQconnectdb(url.c_str());
  ASSERT_EQ(PQstatus(connection), CONNECTION_OK);
  const auto run = [connection](const char* sql) {
    PGresult* const result = PQexec(connection, sql);
    EXPECT_NE(PQresultStatus(result), PGRES_FATAL_ERROR) << PQresultErrorMessage(result);
    PQclear(result);
  };
  run("CREATE SCHEMA watched; CREATE TABLE watched.parts (id int, text text) PARTITION BY RANGE "
      "(id);"
      "CREATE TABLE watched.parts_1 PARTITION OF watched.parts FOR VALUES FROM (0) TO (5000);"
      "CREATE TABLE watched.parts_2 PARTITION OF watched.parts FOR VALUES FROM (5000) TO (10000)");
  const auto sampler = SamplePostgres({"postgres", url, ""});
  EXPECT_EQ(ValueOf(sampler->Sample(Soon()), "postgres watched.parts", "bytes"), -1);
  run("INSERT INTO watched.parts SELECT i, repeat('x', 100) FROM generate_series(0, 9999) i");
  const auto readings = sampler->Sample(Soon());
  EXPECT_GT(ValueOf(readings, "postgres watched.parts", "bytes"), 1e6);
  EXPECT_GT(ValueOf(readings, "postgres", "bytes"), 5e6);
  run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
      "'drover-load'");
  EXPECT_TRUE(sampler->Sample(Soon()).empty()) << "a lost connection is a gap";
  EXPECT_FALSE(sampler->Sample(Soon()).empty()) << "and is opened again";
  run("DROP SCHEMA watched CASCADE");
  PQfinish(connection);
}

TEST(SampleKafka, SeesRecordsByOffsets) {
  const std::string brokers = FromEnvironment("DROVER_TEST_KAFKA_BROKERS");
  std::array<char, 256> why;
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), why.data(), why.size());
  rd_kafka_t* const producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
  ASSERT_NE(producer, nullptr) << why.data();
  const auto sampler = SampleKafka({"kafka", "", brokers});
  const std::string topic = "drover.alerts";
  const double before = ValueOf(sampler->Sample(Soon()), "kafka " + topic, "records");
  std::string value = "x";
  for (int i = 0; i < 7; ++i) {
    rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic.c_str()),
                      RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_END);
  }
  ASSERT_EQ(rd_kafka_flush(producer, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(ValueOf(sampler->Sample(Soon()), "kafka " + topic, "records"),
            std::max(before, 0.0) + 7);
  rd_kafka_destroy(producer);
}

// What a second of watching takes: shown, not judged, since machines differ.
TEST(Samplers, SayWhatALookCosts) {
  Targets targets;
  targets.redis.push_back({"redis", FromEnvironment("DROVER_TEST_REDIS_URL"), ""});
  targets.postgres.push_back({"postgres", FromEnvironment("DROVER_TEST_POSTGRES_URL"), ""});
  for (int i = 0; i < 12; ++i) {
    targets.processes.push_back({.name = std::to_string(i), .pid = ::getppid(), .url = {}});
  }
  const auto cpu_us = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& time) { return time.tv_sec * 1'000'000 + time.tv_usec; };
    return us(usage.ru_utime) + us(usage.ru_stime);
  };
  const auto begun = cpu_us();
  std::vector<std::unique_ptr<Sampler>> samplers;
  samplers.push_back(SampleRedis(targets.redis[0]));
  samplers.push_back(SamplePostgres(targets.postgres[0]));
  samplers.push_back(SampleProcesses(targets.processes));
  constexpr int kLooks = 50;
  for (int i = 0; i < kLooks; ++i) {
    for (const auto& sampler : samplers) EXPECT_FALSE(sampler->Sample(Soon()).empty());
  }
  const double each = static_cast<double>(cpu_us() - begun) / kLooks;
  std::printf("%.0f us of CPU a look\n", each);
}

}  // namespace
}  // namespace drover::watch

// Sizes of the stores: Redis, PostgreSQL, Kafka.
//
// Each keeps one connection, opened again when it was lost. Passwords are never in a reading.
#pragma once
#include "loadtest/watch/sampler.h"

namespace drover::watch {

struct RedisTarget {
  std::string name = "redis";
  std::string url;  // redis://host:port
  std::string password;
};
// "bytes" (used_memory) and "keys" (of all databases).
std::unique_ptr<Sampler> SampleRedis(RedisTarget target);

struct PostgresTarget {
  std::string name = "postgres";
  std::string url;  // postgresql://user@host:port/database
  std::string password;
};
// "bytes" of the database, and of each of its relations ("postgres schema.table") with indexes and
// TOAST; the partitions of a table are added up. Relations below 64 KiB are left out.
std::unique_ptr<Sampler> SamplePostgres(PostgresTarget target);

struct KafkaTarget {
  std::string name = "kafka";
  std::string log_folder;  // Of a broker on this machine: "bytes" by topic.
  std::string brokers;     // Otherwise: "records" by topic, from the offsets of its partitions.
};
std::unique_ptr<Sampler> SampleKafka(KafkaTarget target);

}  // namespace drover::watch

#include "libs/redis/endpoint.h"

#include <gtest/gtest.h>

namespace drover::redis {
namespace {

TEST(ParseEndpoint, TakesEveryPartOfTheUrl) {
  const Result<Endpoint> endpoint = ParseEndpoint("redis://drover@redis.local:7000/3");
  ASSERT_TRUE(endpoint) << endpoint.error();
  EXPECT_EQ(endpoint->user, "drover");
  EXPECT_EQ(endpoint->host, "redis.local");
  EXPECT_EQ(endpoint->port, "7000");
  EXPECT_EQ(endpoint->database, 3);
}

TEST(ParseEndpoint, HasDefaultsForPortAndDatabase) {
  const Result<Endpoint> endpoint = ParseEndpoint("redis://localhost");
  ASSERT_TRUE(endpoint) << endpoint.error();
  EXPECT_EQ(endpoint->port, "6379");
  EXPECT_EQ(endpoint->database, 0);
}

TEST(ParseEndpoint, TakesAnIpv6AddressInBrackets) {
  const Result<Endpoint> endpoint = ParseEndpoint("redis://[::1]:6380/");
  ASSERT_TRUE(endpoint) << endpoint.error();
  EXPECT_EQ(endpoint->host, "::1");
  EXPECT_EQ(endpoint->port, "6380");
}

TEST(ParseEndpoint, RefusesWhatItCannotServe) {
  for (const char* url : {"", "localhost:6379", "rediss://host", "redis://", "redis://:6379",
                          "redis://host:x", "redis://host:70000", "redis://host/x",
                          "redis://user:secret@host", "redis://[::1", "redis://[::1]6379"}) {
    const Result<Endpoint> endpoint = ParseEndpoint(url);
    ASSERT_FALSE(endpoint) << url;
    EXPECT_EQ(endpoint.error().code, Code::kInvalidArgument);
    EXPECT_EQ(endpoint.error().message.find("secret"), std::string::npos);
  }
}

TEST(ParseSeeds, TakesEveryNodeOfACluster) {
  EXPECT_TRUE(IsClusterUrl("redis-cluster://a"));
  EXPECT_FALSE(IsClusterUrl("redis://a"));
  const auto seeds = ParseSeeds("redis-cluster://drover@a:7000,b,[::1]:7002/");
  ASSERT_TRUE(seeds) << seeds.error();
  ASSERT_EQ(seeds->size(), 3u);
  EXPECT_EQ((*seeds)[0].host + (*seeds)[0].port, "a7000");
  EXPECT_EQ((*seeds)[1].host + (*seeds)[1].port, "b6379");
  EXPECT_EQ((*seeds)[2].host + (*seeds)[2].port, "::17002");
  EXPECT_EQ((*seeds)[2].user, "drover");
}

TEST(ParseSeeds, RefusesWhatItCannotServe) {
  for (const char* url :
       {"redis://a", "redis-cluster://", "redis-cluster://a,", "redis-cluster://,a",
        "redis-cluster://a/1", "redis-cluster://a:x", "redis-cluster://u:secret@a"}) {
    const auto seeds = ParseSeeds(url);
    ASSERT_FALSE(seeds) << url;
    EXPECT_EQ(seeds.error().code, Code::kInvalidArgument);
    EXPECT_EQ(seeds.error().message.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace drover::redis

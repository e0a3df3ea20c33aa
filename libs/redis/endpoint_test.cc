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

}  // namespace
}  // namespace drover::redis

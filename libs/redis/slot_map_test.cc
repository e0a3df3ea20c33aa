#include "libs/redis/slot_map.h"

#include <gtest/gtest.h>

#include "libs/redis/protocol.h"

namespace drover::redis {
namespace {

Result<SlotMap> Parsed(std::string_view octets) {
  ReplyReader reader;
  reader.Feed(octets);
  EXPECT_EQ(reader.Next(), ReplyReader::State::kReply);
  DROVER_TRY(const Reply reply, reader.Take());
  return ParseClusterSlots(reply, "asked.local");
}

Result<SlotMap> TwoMasters() {
  return Parsed(
      "*2\r\n"
      "*4\r\n:0\r\n:8191\r\n"
      "*4\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n*0\r\n"
      "*3\r\n$9\r\n127.0.0.1\r\n:7003\r\n$2\r\nid\r\n"
      "*3\r\n:8192\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:7001\r\n$2\r\nid\r\n");
}

TEST(ParseClusterSlots, KnowsTheMasterOfEachSlotAndTheReplicas) {
  const Result<SlotMap> map = TwoMasters();
  ASSERT_TRUE(map) << map.error();
  ASSERT_EQ(map->masters().size(), 2u);
  EXPECT_EQ(map->masters()[map->OwnerOf(0)].address.text(), "127.0.0.1:7000");
  EXPECT_EQ(map->OwnerOf(8191), map->OwnerOf(0));
  EXPECT_EQ(map->masters()[map->OwnerOf(8192)].address.text(), "127.0.0.1:7001");
  EXPECT_EQ(map->served(), size_t{kSlots});
  EXPECT_EQ(map->LowestSlotOf(1), 8192);
  ASSERT_EQ(map->replicas().size(), 1u);
  EXPECT_EQ(map->replicas()[0].text(), "127.0.0.1:7003");
}

TEST(ParseClusterSlots, LeavesSlotsThatNobodyServesToNobody) {
  const auto map = Parsed("*1\r\n*3\r\n:1\r\n:1\r\n*2\r\n$1\r\nh\r\n:1\r\n");
  ASSERT_TRUE(map) << map.error();
  EXPECT_EQ(map->OwnerOf(0), SlotMap::kNobody);
  EXPECT_EQ(map->OwnerOf(1), 0);
  EXPECT_EQ(map->served(), 1u);
}

TEST(ParseClusterSlots, TakesTheHostAskedForANodeThatDoesNotKnowItsName) {
  for (const char* host : {"$0\r\n\r\n", "$-1\r\n", "$1\r\n?\r\n"}) {
    const auto map = Parsed("*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n" + std::string(host) + ":7000\r\n");
    ASSERT_TRUE(map) << map.error();
    EXPECT_EQ(map->masters()[0].address.text(), "asked.local:7000");
  }
}

TEST(ParseClusterSlots, RefusesWhatIsNoMap) {
  const std::string node = "*2\r\n$1\r\nh\r\n:1\r\n";
  for (const std::string& octets :
       {std::string("+OK\r\n"), std::string("*1\r\n:1\r\n"), "*1\r\n*3\r\n:0\r\n:16384\r\n" + node,
        "*1\r\n*3\r\n:-1\r\n:1\r\n" + node, "*1\r\n*3\r\n:2\r\n:1\r\n" + node,
        "*1\r\n*3\r\n$1\r\n0\r\n:1\r\n" + node,
        std::string("*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nh\r\n:0\r\n"),
        std::string("*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n$1\r\nh\r\n"),
        "*2\r\n*3\r\n:0\r\n:16383\r\n" + node + "*3\r\n:0\r\n:0\r\n" + node}) {
    const auto map = Parsed(octets);
    ASSERT_FALSE(map) << octets;
    EXPECT_EQ(map.error().code, Code::kInvalidArgument) << octets;
  }
  EXPECT_EQ(Parsed("*0\r\n").error().code, Code::kUnavailable) << "of no cluster yet";
}

TEST(SlotMap, MovesOneSlotToAMasterThatMayBeNew) {
  Result<SlotMap> map = TwoMasters();
  ASSERT_TRUE(map) << map.error();
  map->Assign(0, 0, {"127.0.0.1", "7009"});
  EXPECT_EQ(map->masters()[map->OwnerOf(0)].address.text(), "127.0.0.1:7009");
  EXPECT_EQ(map->masters()[map->OwnerOf(1)].address.text(), "127.0.0.1:7000");
  EXPECT_EQ(map->masters()[0].slots, 8191u);
  EXPECT_EQ(map->LowestSlotOf(0), 1);
  EXPECT_EQ(map->served(), size_t{kSlots});
  EXPECT_FALSE(*map == *TwoMasters());
}

TEST(ParseRedirect, ReadsMovedAndAsk) {
  const auto moved = ParseRedirect("MOVED 3999 127.0.0.1:6381");
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->ask);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->to.text(), "127.0.0.1:6381");
  const auto ask = ParseRedirect("ASK 0 redis-3.local:7000");
  ASSERT_TRUE(ask);
  EXPECT_TRUE(ask->ask);
  EXPECT_EQ(ask->to.text(), "redis-3.local:7000");
}

TEST(ParseRedirect, ReadsAnIpv6AddressAndAnEmptyHost) {
  EXPECT_EQ(ParseRedirect("MOVED 1 ::1:7000")->to, (Address{"::1", "7000"}));
  EXPECT_EQ(ParseRedirect("MOVED 1 :7000")->to, (Address{"", "7000"}));
  EXPECT_EQ(ParseRedirect("MOVED 1 ?:7000")->to, (Address{"", "7000"}));
}

TEST(ParseRedirect, IsNothingForOtherAndMalformedErrors) {
  for (const char* error : {"", "ERR MOVED 1 h:1", "MOVED", "MOVED 1", "MOVED 16384 h:1",
                            "MOVED -1 h:1", "MOVED x h:1", "MOVED 1 h", "MOVED 1 h:0",
                            "MOVED 1 h:65536", "MOVED 1 h:x", "ASK  1 h:1", "ASKING 1 h:1"}) {
    EXPECT_FALSE(ParseRedirect(error)) << error;
  }
}

}  // namespace
}  // namespace drover::redis

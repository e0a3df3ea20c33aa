#include "libs/redis/slots.h"

#include <vector>

#include <gtest/gtest.h>

namespace drover::redis {
namespace {

TEST(Crc16Xmodem, AgreesWithThePublishedCheckValue) {
  EXPECT_EQ(Crc16Xmodem("123456789"), 0x31C3);  // The Cluster specification's, appendix A.
  EXPECT_EQ(Crc16Xmodem(""), 0);
}

struct Vector {
  const char* key;
  uint16_t slot;
};

// CLUSTER KEYSLOT of Redis 7.0.15.
TEST(KeySlot, IsWhatRedisSays) {
  for (const auto& [key, slot] :
       {Vector{"", 0}, Vector{"123456789", 12739}, Vector{"foo", 12182}, Vector{"bar", 5061},
        Vector{"hello", 866}, Vector{"foo{}{bar}", 8363}, Vector{"foo{{bar}}zap", 4015}}) {
    EXPECT_EQ(KeySlot(key), slot) << key;
  }
}

TEST(KeySlot, LooksAtTheHashTagOnly) {
  EXPECT_EQ(KeySlot("drover:session:state:{IMEI:1}"), KeySlot("IMEI:1"));
  EXPECT_EQ(KeySlot("{user1000}.following"), KeySlot("{user1000}.followers"));
  EXPECT_EQ(KeySlot("foo{bar}{zap}"), KeySlot("bar")) << "the first tag";
  EXPECT_EQ(KeySlot("foo{{bar}}zap"), KeySlot("{bar")) << "up to the first '}'";
}

TEST(KeySlot, TakesTheWholeKeyWhenTheTagIsEmptyOrOpen) {
  EXPECT_EQ(KeySlot("foo{}{bar}"), Crc16Xmodem("foo{}{bar}") % kSlots);
  EXPECT_EQ(KeySlot("foo{bar"), Crc16Xmodem("foo{bar") % kSlots);
  EXPECT_EQ(KeySlot("foo}bar"), Crc16Xmodem("foo}bar") % kSlots);
}

TEST(TagOfSlot, HasOneForEachSlot) {
  for (uint16_t slot = 0; slot < kSlots; ++slot) {
    ASSERT_EQ(KeySlot("drover:operations:marks:" + TagOfSlot(slot)), slot);
  }
}

TEST(KeyOf, FindsTheFirstKey) {
  using Command = std::vector<std::string_view>;
  for (const Command& command :
       {Command{"GET", "key"}, Command{"SET", "key", "value"}, Command{"MGET", "key", "other"},
        Command{"INCR", "key"}, Command{"DEL", "key"}, Command{"EXISTS", "key"},
        Command{"EVALSHA", "0123", "2", "key", "other", "arg"},
        Command{"EVAL", "return 1", "1", "key"}}) {
    const auto key = KeyOf(command);
    ASSERT_TRUE(key && *key) << command[0];
    EXPECT_EQ(**key, "key") << command[0];
  }
}

TEST(KeyOf, SaysWhichCommandsAnyServerMayAnswer) {
  const std::vector<std::string_view> ping = {"PING"};
  const auto key = KeyOf(ping);
  ASSERT_TRUE(key) << key.error();
  EXPECT_FALSE(*key);
}

TEST(KeyOf, RefusesWhatWouldReachOneServerByChance) {
  using Command = std::vector<std::string_view>;
  for (const Command& command : {Command{}, Command{"FLUSHALL"}, Command{"SCAN", "0"},
                                 Command{"GET"}, Command{"EVAL", "return 1", "0", "arg"}}) {
    const auto key = KeyOf(command);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace drover::redis

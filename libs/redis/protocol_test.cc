#include "libs/redis/protocol.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace drover::redis {
namespace {

using State = ReplyReader::State;

Result<Reply> ReadOne(std::string_view octets) {
  ReplyReader reader;
  reader.Feed(octets);
  EXPECT_EQ(reader.Next(), State::kReply);
  return reader.Take();
}

TEST(AppendCommand, WritesBulkStringsOfAnyOctets) {
  const std::vector<std::string_view> args = {"SET", std::string_view("a\0b", 3), ""};
  std::string out = "x";
  AppendCommand(args, out);
  EXPECT_EQ(out, std::string("x*3\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$0\r\n\r\n", 29));
}

TEST(ReplyReader, ReadsEachKind) {
  EXPECT_EQ(ReadOne("+OK\r\n")->text, "OK");
  EXPECT_EQ(ReadOne(":-7\r\n")->integer, -7);
  EXPECT_TRUE(ReadOne("$-1\r\n")->nil());
  EXPECT_TRUE(ReadOne("*-1\r\n")->nil());
  EXPECT_EQ(ReadOne("$5\r\na\r\nbc\r\n")->text, "a\r\nbc");
  EXPECT_EQ(ReadOne("*0\r\n")->kind, Reply::Kind::kArray);
}

TEST(ReplyReader, ReadsNestedArrays) {
  const Result<Reply> reply = ReadOne("*3\r\n*2\r\n:1\r\n$1\r\na\r\n$-1\r\n*1\r\n*1\r\n+x\r\n");
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->items.size(), 3u);
  EXPECT_EQ(reply->items[0].items[0].integer, 1);
  EXPECT_EQ(reply->items[0].items[1].text, "a");
  EXPECT_TRUE(reply->items[1].nil());
  EXPECT_EQ(reply->items[2].items[0].items[0].text, "x");
}

TEST(ReplyReader, TakesRepliesInPieces) {
  const std::string octets = "*2\r\n$3\r\nabc\r\n:42\r\n+next\r\n";
  ReplyReader reader;
  std::vector<Reply> replies;
  for (const char octet : octets) {
    reader.Feed(std::string_view(&octet, 1));
    while (reader.Next() == State::kReply) replies.push_back(*reader.Take());
  }
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].items[0].text, "abc");
  EXPECT_EQ(replies[0].items[1].integer, 42);
  EXPECT_EQ(replies[1].text, "next");
}

TEST(ReplyReader, GivesServerErrorsTheirCode) {
  EXPECT_EQ(ReadOne("-ERR wrong number\r\n").error().code, Code::kFailedPrecondition);
  EXPECT_EQ(ReadOne("-NOSCRIPT No matching script\r\n").error().code, Code::kNotFound);
  EXPECT_EQ(ReadOne("-LOADING loading\r\n").error().code, Code::kUnavailable);
  EXPECT_EQ(ReadOne("-READONLY replica\r\n").error().code, Code::kUnavailable);
  EXPECT_EQ(ReadOne("-ERR wrong number\r\n").error().message, "Redis: ERR wrong number");
}

TEST(ReplyReader, MakesAnErrorInsideAnArrayTheErrorOfTheWhole) {
  ReplyReader reader;
  reader.Feed("*2\r\n-ERR first\r\n+OK\r\n+after\r\n");
  ASSERT_EQ(reader.Next(), State::kReply);
  EXPECT_EQ(reader.Take().error().message, "Redis: ERR first");
  ASSERT_EQ(reader.Next(), State::kReply);
  EXPECT_EQ(reader.Take()->text, "after");
}

TEST(ReplyReader, RefusesAReplyOfTooManyValues) {
  ReplyReader reader;
  reader.Feed("*40000\r\n*40000\r\n");
  EXPECT_EQ(reader.Next(), State::kBroken);
}

TEST(ServersWords, AreWhatTheServerSaidAndNothingElse) {
  EXPECT_EQ(ServersWords(ReadOne("-MOVED 1 h:1\r\n").error()), "MOVED 1 h:1");
  EXPECT_EQ(ServersWords(Unavailable("Redis connection lost: Redis: x")), "");
}

TEST(ReplyReader, RefusesWhatIsNotRedis) {
  ReplyReader reader;
  reader.Feed("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(reader.Next(), State::kBroken);
}

}  // namespace
}  // namespace drover::redis

#include "loadtest/smsc/documents.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadtest/smsc/packed.h"

namespace drover::smsc {
namespace {

TEST(MessageJson, SaysWhatTheTerminalHas) {
  Delivered message;
  message.number = 7;
  message.terminal = "8613800138000";
  message.source = "10654040";
  message.data_coding = 4;
  message.content = "\x01\xFF";
  auto json = nlohmann::json::parse(MessageJson(message));
  EXPECT_EQ(json["number"], 7);
  EXPECT_EQ(json["octets"], "01ff");
  EXPECT_FALSE(json.contains("destination_port"));
  message.ports = sms::Ports{2948, 9200, true};
  json = nlohmann::json::parse(MessageJson(message));
  EXPECT_EQ(json["destination_port"], 2948);
  EXPECT_EQ(json["source_port"], 9200);
  EXPECT_EQ(MessageLines({&message, &message}),
            MessageJson(message) + "\n" + MessageJson(message) + "\n");
  EXPECT_EQ(nlohmann::json::parse(MessagesJson({&message})).size(), 1u);
}

TEST(ReadMobileMessages, TakesOneOrMany) {
  const auto one = ReadMobileMessages(R"({"source": "49", "destination": "1", "octets": "00ff"})");
  ASSERT_TRUE(one) << one.error();
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(one->front().octets, std::string("\x00\xFF", 2));
  EXPECT_EQ(one->front().data_coding, 4);
  EXPECT_EQ(one->front().terminal.ton, 1);
  EXPECT_EQ(one->front().ports, std::nullopt);
  const auto two = ReadMobileMessages(
      R"([{"source": "49", "destination": "1", "text": "hi", "destination_port": 16998},
          {"source": "49", "destination": "1", "text": "中", "source_port": 1,
           "destination_port": 2, "source_ton": 0, "destination_ton": 3}])");
  ASSERT_TRUE(two) << two.error();
  ASSERT_EQ(two->size(), 2u);
  EXPECT_EQ((*two)[0].data_coding, 0);
  EXPECT_EQ((*two)[0].octets, "hi");
  EXPECT_EQ((*two)[0].ports, (sms::Ports{16998, 16998, true}));
  EXPECT_EQ((*two)[1].data_coding, 8);
  EXPECT_EQ((*two)[1].octets, "\x4E\x2D");
  EXPECT_EQ((*two)[1].ports, (sms::Ports{2, 1, true}));
  EXPECT_EQ((*two)[1].destination.ton, 3);
}

TEST(ReadMobileMessages, SaysWhatIsWrong) {
  EXPECT_EQ(ReadMobileMessages("no").error().message, "the body is no JSON");
  EXPECT_EQ(ReadMobileMessages("[1]").error().message, "message 1: expected an object");
  EXPECT_EQ(ReadMobileMessages("{}").error().message,
            "message 1: source and destination are needed");
  for (const char* json : {R"({"source": 49, "destination": "1"})",
                           R"({"source": "49", "destination": "1", "octets": "0"})",
                           R"({"source": "49", "destination": "1", "destination_port": 65536})",
                           R"({"source": "49", "destination": "1", "destination_port": -1})",
                           R"({"source": "49", "destination": "1", "text": 7})"}) {
    EXPECT_FALSE(ReadMobileMessages(json)) << json;
  }
}

TEST(PackedMessages, AreWhatTheJsonSays) {
  Delivered message;
  message.number = 7;
  message.terminal = "8613800138000";
  message.source = "10654040";
  message.content = "\x01\xFF";
  message.ports = sms::Ports{2948, 9200, true};
  const std::string octets = PackedMessages({&message, &message});
  std::string_view rest = octets;
  const PackedMessage expected{.number = 7,
                               .terminal = "8613800138000",
                               .other = "10654040",
                               .port = 2948,
                               .content = "\x01\xFF"};
  EXPECT_EQ(NextPacked(rest), expected);
  EXPECT_EQ(NextPacked(rest), expected);
  EXPECT_EQ(rest, "");
}

TEST(ReadPackedMobileMessages, TakesTextAndOctets) {
  std::string octets;
  AppendPacked({.terminal = "49", .other = "1", .port = 16998, .is_text = true, .content = "hi"},
               octets);
  AppendPacked({.terminal = "49", .other = "1", .is_text = true, .content = "中"}, octets);
  AppendPacked({.terminal = "49", .other = "1", .content = "\x01"}, octets);
  const auto messages = ReadPackedMobileMessages(octets);
  ASSERT_TRUE(messages) << messages.error();
  ASSERT_EQ(messages->size(), 3u);
  EXPECT_EQ((*messages)[0].octets, "hi");
  EXPECT_EQ((*messages)[0].data_coding, 0);
  EXPECT_EQ((*messages)[0].ports, (sms::Ports{16998, 16998, true}));
  EXPECT_EQ((*messages)[0].terminal.ton, 1);
  EXPECT_EQ((*messages)[1].octets, "\x4E\x2D");
  EXPECT_EQ((*messages)[2].data_coding, 4);
  EXPECT_EQ((*messages)[2].ports, std::nullopt);
}

TEST(ReadPackedMobileMessages, SaysWhatIsWrong) {
  std::string octets;
  AppendPacked({.terminal = "49", .content = "x"}, octets);
  EXPECT_EQ(ReadPackedMobileMessages(octets).error().message, "message 1: both numbers are needed");
  octets.clear();
  AppendPacked({.terminal = "49", .other = "1", .content = "x"}, octets);
  octets.pop_back();
  EXPECT_EQ(ReadPackedMobileMessages(octets).error().message, "the last message is cut off");
}

TEST(MetricsText, IsPrometheusTextForm) {
  MetricsText text;
  text.Counter("a_total", "Help.", 3);
  EXPECT_EQ(text.text(), "# HELP a_total Help.\n# TYPE a_total counter\na_total 3\n");
}

}  // namespace
}  // namespace drover::smsc

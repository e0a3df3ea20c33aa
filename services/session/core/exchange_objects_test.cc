#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "services/session/core/exchange.h"
#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct PieceSeen {
  std::string data;
  std::string format;
  std::optional<uint64_t> size;
  bool more_data = false;
  bool final = false;
  size_t octets = 0;  // Of the whole message.
  size_t commands = 0;
};

PieceSeen Look(const World& world, CommandKind kind = CommandKind::kReplace) {
  const std::vector<const Command*> found = world.All(kind);
  if (found.size() != 1 || !found[0]->items[0].data) {
    ADD_FAILURE() << "no piece in " << world.answer.body;
    return {};
  }
  const syncml::Item& item = found[0]->items[0];
  return {std::string(item.data->octets),
          std::string(item.meta.format),
          item.meta.size,
          item.more_data,
          world.message().final,
          world.answer.body.size(),
          world.Commands().size()};
}

// Accepts a piece, and asks for the next.
void Accept(World& world, int code = 213, int alert = 1222) {
  const Command& piece = *world.Commands().back();
  const int msg_ref = static_cast<int>(world.session->server_msg_id);
  std::string body = Status(2, msg_ref, IdOf(piece), piece.name, code);
  if (alert != 0) body += AlertOf(3, alert);
  world.Say(body);
}

std::vector<PieceSeen> TakeAll(World& world) {
  std::vector<PieceSeen> pieces;
  while (pieces.size() < 200) {
    pieces.push_back(Look(world));
    if (!pieces.back().more_data) break;
    Accept(world);
  }
  return pieces;
}

struct Taking : World {
  Taking() { account.traits.large_objects = Support::kYes; }
};

std::string Repeated(std::string_view text, size_t octets) {
  std::string value;
  while (value.size() < octets) value.append(text);
  return value;
}

struct Content {
  const char* name;
  syncml::Encoding encoding;
  std::string format;
  std::string value;
};

class LargeObjects : public ::testing::TestWithParam<Content> {};

TEST_P(LargeObjects, GoInPiecesThatFitAndAddUp) {
  Taking world;
  world.encoding = GetParam().encoding;
  world.work.push_back(
      Work("op", {ReplaceBinary("./FUMO/P1/Update/PkgData", GetParam().value, GetParam().format)}));
  Open(world, "1", MaxMsgSize(3000));
  const std::vector<PieceSeen> pieces = TakeAll(world);
  ASSERT_GT(pieces.size(), 2U);
  std::string whole;
  for (const PieceSeen& piece : pieces) whole += piece.data;
  EXPECT_EQ(pieces.front().size, whole.size()) << "Size counts what travels";
  for (size_t i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    EXPECT_LE(pieces[i].octets, 3000U);
    EXPECT_EQ(pieces[i].more_data, !last);
    EXPECT_EQ(pieces[i].final, last);
    EXPECT_EQ(pieces[i].commands, 1U) << "nothing new between pieces";
    EXPECT_EQ(pieces[i].size.has_value(), i == 0);
    EXPECT_TRUE(pieces[i].format != "b64" || pieces[i].data.size() % 4 == 0);
    EXPECT_TRUE(pieces[i].format != "chr" || base::IsUtf8(pieces[i].data));
    EXPECT_TRUE(last || pieces[i].octets > 2000) << "the message is used";
  }
  const bool b64 = pieces[0].format == "b64";
  EXPECT_EQ(b64 ? base::FromBase64(whole).value() : whole, GetParam().value);

  world.Answer({200});
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].status, 200U);
  ASSERT_THAT(world.Nodes(), SizeIs(1));
  EXPECT_EQ(world.Nodes()[0].value, GetParam().value);
  EXPECT_TRUE(world.session->ended);
}

INSTANTIATE_TEST_SUITE_P(
    Contents, LargeObjects,
    ::testing::Values(
        Content{"PlainXml", syncml::Encoding::kXml, "chr", Repeated("text ", 9000)},
        Content{"EscapedXml", syncml::Encoding::kXml, "chr", Repeated("<&>\"'", 5000)},
        Content{"Utf8Xml", syncml::Encoding::kXml, "chr", Repeated("\xE2\x82\xAC\xC3\xA4", 9000)},
        Content{"BinaryXml", syncml::Encoding::kXml, "bin", Repeated({"\x00\xFF\x10", 3}, 9000)},
        Content{"Base64Xml", syncml::Encoding::kXml, "b64", Repeated("abc", 9001)},
        Content{"Utf8Wbxml", syncml::Encoding::kWbxml, "chr", Repeated("\xE2\x82\xAC", 9000)},
        Content{"BinaryWbxml", syncml::Encoding::kWbxml, "bin",
                Repeated({"\x00\xFF\x10", 3}, 9000)},
        Content{"Base64Wbxml", syncml::Encoding::kWbxml, "b64", Repeated("abc", 9001)}),
    [](const auto& one) { return one.param.name; });

TEST(ExchangeObjects, AsksFirstWhetherTheTerminalTakesThem) {
  World world;
  world.work.push_back(Work("op", {Replace("./Big", std::string(9000, 'x'))}));
  Open(world, "1", MaxMsgSize(3000));
  ASSERT_THAT(world.Commands(), SizeIs(1));
  const Command& probe = *world.All(CommandKind::kGet)[0];
  EXPECT_EQ(probe.items[0].target->uri, "./DevDetail/LrgObj");
  const int id = IdOf(probe);
  world.Answer({200}, Results(3, 1, id, "./DevDetail/LrgObj", "true"));
  EXPECT_TRUE(Look(world).more_data);
  EXPECT_EQ(TakeAll(world).back().more_data, false);
}

TEST(ExchangeObjects, RefuseTheOperationWhereTheTerminalTakesNoneOrDoesNotSay) {
  for (const std::string& answer : {std::string("false"), std::string()}) {
    World world;
    world.work.push_back(Work("big", {Replace("./Big", std::string(9000, 'x'))}));
    world.work.push_back(Work("small", {Get("./A")}));
    Open(world, "1", MaxMsgSize(3000));
    const int id = IdOf(*world.All(CommandKind::kGet)[0]);
    if (answer.empty()) {
      world.Answer({404});
    } else {
      world.Answer({200}, Results(3, 1, id, "./DevDetail/LrgObj", answer));
    }
    ASSERT_THAT(world.Reports(), SizeIs(1));
    EXPECT_EQ(world.Reports()[0].disposition, Disposition::kRefused);
    EXPECT_THAT(world.Reports()[0].cause, HasSubstr("LrgObj"));
    EXPECT_EQ(world.All(CommandKind::kGet)[0]->items[0].target->uri, "./A") << "and goes on";
  }
}

TEST(ExchangeObjects, FailTheCommandWhereSomeOfItsOperationIsDone) {
  World world;
  world.work.push_back(Work(
      "op", {Replace("./A", "1"), Replace("./Big", std::string(9000, 'x')), Replace("./B", "2")}));
  Open(world, "1", MaxMsgSize(3000));
  world.Answer({200});
  world.Answer({404});
  ASSERT_THAT(world.Reports(), SizeIs(1));
  ASSERT_THAT(world.Reports()[0].results, SizeIs(3));
  EXPECT_EQ(world.Reports()[0].results[0].status, 200U);
  EXPECT_EQ(world.Reports()[0].results[1].status, 413U);
  EXPECT_EQ(world.Reports()[0].results[2].status, 215U);
}

TEST(ExchangeObjects, NeverPassTheTerminalsMaxObjSize) {
  Taking world;
  world.work.push_back(Work("op", {Replace("./Big", std::string(9000, 'x'))}));
  Open(world, "1",
       "<Meta><MaxMsgSize xmlns=\"syncml:metinf\">3000</MaxMsgSize>"
       "<MaxObjSize xmlns=\"syncml:metinf\">8000</MaxObjSize></Meta>");
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kRefused);
  EXPECT_THAT(world.Reports()[0].cause, HasSubstr("8000"));
  EXPECT_THAT(world.Commands(), IsEmpty());
}

TEST(ExchangeObjects, EndWithTheStatusThatAPieceIsRefusedWith) {
  for (const auto& [said, reported] :
       std::vector<std::pair<int, uint32_t>>{{413, 413}, {420, 420}, {500, 500}, {200, 424}}) {
    Taking world;
    world.work.push_back(Work("op", {Replace("./Big", std::string(9000, 'x')), Get("./A")}));
    Open(world, "1", MaxMsgSize(3000));
    Accept(world);
    Accept(world, said, 0);
    ASSERT_THAT(world.All(CommandKind::kGet), SizeIs(1)) << "the next command";
    world.Answer({404});
    ASSERT_THAT(world.Reports(), SizeIs(1));
    EXPECT_EQ(world.Reports()[0].results[0].status, reported) << said;
    EXPECT_THAT(world.Nodes(), IsEmpty());
  }
}

TEST(ExchangeObjects, BeginAnewAfter1225AtMostTwice) {
  Taking world;
  world.work.push_back(Work("op", {Replace("./Big", std::string(9000, 'x'))}));
  Open(world, "1", MaxMsgSize(3000));
  for (int time = 0; time < 2; ++time) {
    EXPECT_TRUE(Look(world).size) << "the first piece";
    Accept(world);
    EXPECT_FALSE(Look(world).size);
    Accept(world, 500, 1225);
  }
  EXPECT_TRUE(Look(world).size);
  Accept(world, 500, 1225);
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].status, 424U);
  EXPECT_TRUE(world.session->ended);
}

TEST(ExchangeObjects, AnswerARepeatedMessageInTheMiddleWithTheSamePiece) {
  Taking world;
  world.work.push_back(Work("op", {Replace("./Big", std::string(9000, 'x'))}));
  Open(world, "1", MaxMsgSize(3000));
  const std::string message =
      Message("1", 2,
              Status(1, 1, 0, "SyncHdr", 212) +
                  Status(2, 1, IdOf(*world.Commands()[0]), "Replace", 213) + AlertOf(3, 1222));
  const size_t piece = Look(world).data.size();
  const std::string first = world.Post(message);
  EXPECT_EQ(world.Post(message), first);
  EXPECT_TRUE(world.answer.repeated);
  EXPECT_EQ(world.session->outgoing->offset, piece) << "one piece accepted";
}

TEST(ExchangeObjects, TravelBetweenTheStepsOfTheirOperation) {
  Taking world;
  world.work.push_back(
      Work("op", {Replace("./A", "1"), Replace("./Big", std::string(9000, 'x')), Exec("./A/Go")}));
  world.work.push_back(Work("later", {Get("./B")}));
  Open(world, "1", MaxMsgSize(3000));
  EXPECT_EQ(world.Commands()[0]->items[0].target->uri, "./A");
  world.Answer({200});
  EXPECT_GT(TakeAll(world).size(), 2U);
  EXPECT_THAT(world.All(CommandKind::kExec), IsEmpty());
  world.Answer({200});
  ASSERT_THAT(world.All(CommandKind::kExec), SizeIs(1));
  EXPECT_THAT(world.All(CommandKind::kGet), SizeIs(1));
}

// A terminal that falls silent in the middle has changed nothing yet.
TEST(ExchangeObjects, AreGivenBackUntouchedByTheNextSession) {
  Taking world;
  world.work.push_back(Work("op", {Replace("./Big", std::string(9000, 'x'))}));
  Open(world, "1", MaxMsgSize(3000));
  Accept(world);
  const std::string key = world.session->key;
  Open(world, "2");
  ASSERT_THAT(world.effects, Not(IsEmpty()));
  EXPECT_TRUE(world.effects[0].session_started);
  EXPECT_THAT(world.effects[0].untouched, ElementsAre("op"));
  EXPECT_FALSE(world.session->outgoing);
  EXPECT_NE(world.session->key, key);
}

// Octets in one encoding are base64 in the other: what was accepted of one is nothing of the other.
TEST(ExchangeObjects, BeginAnewWhenTheTerminalChangesItsEncoding) {
  Taking world;
  world.work.push_back(
      Work("op", {ReplaceBinary("./Big", Repeated({"\x00\xFF", 2}, 5000), "bin")}));
  Open(world, "1", MaxMsgSize(3000));
  for (int i = 0; i < 2; ++i) Accept(world);
  EXPECT_FALSE(Look(world).size);
  world.encoding = syncml::Encoding::kWbxml;
  world.Say(AlertOf(2, 1222));
  EXPECT_EQ(Look(world).size, 5000U);
}

// What is on its way is not refused in the middle: the next object would go on at its offset.
TEST(ExchangeObjects, GoOnThoughTheTerminalLowersItsMaxObjSizeInTheMiddle) {
  Taking world;
  world.work.push_back(Work("op", {Replace("./Big", std::string(9000, 'x'))}));
  world.work.push_back(Work("next", {Replace("./Next", std::string(9000, 'y'))}));
  Open(world, "1", MaxMsgSize(3000));
  const int id = IdOf(*world.Commands()[0]);
  const std::string alert = AlertOf(4, 1226, "<Item>" + Meta("chr", "t") + "<Data>1</Data></Item>");
  world.Post(Message(
      "1", 2,
      Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, id, "Replace", 213) + AlertOf(3, 1222) + alert,
      "<Meta><MaxObjSize xmlns=\"syncml:metinf\">100</MaxObjSize></Meta>"));
  for (const OperationReport& report : world.Reports()) {
    EXPECT_NE(report.operation, OperationId("op"));
  }
  const PieceSeen piece = Look(world);
  EXPECT_FALSE(piece.size) << "the second piece";
  EXPECT_EQ(piece.data[0], 'x');
}

TEST(ExchangeObjects, FailWhenTheLastPieceDoesNotAddUpForTheTerminal) {
  Taking world;
  world.work.push_back(Work("op", {Replace("./Big", std::string(5000, 'x'))}));
  Open(world, "1", MaxMsgSize(3000));
  TakeAll(world);
  world.Answer({424});
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].status, 424U);
  EXPECT_THAT(world.Nodes(), IsEmpty());
}

}  // namespace
}  // namespace drover::session

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
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kLog = "./Logs/1/Data";

// A session in which a Get of the log was sent: message 1, its CmdID in `get`.
struct Reading {
  explicit Reading(std::vector<CommandSpec> commands = {Get(std::string(kLog))}) {
    world.config.max_obj_size = 10'000;
    world.work.push_back(Work("op", std::move(commands)));
    Open(world);
    get = IdOf(*world.All(CommandKind::kGet)[0]);
    got = Status(2, 1, get, "Get", 200);
  }
  std::string Piece(std::string_view text, int size = -1, bool more = true, int id = 3) const {
    return Results(id, 1, get, kLog, text, Meta("chr", "text/plain", size), more);
  }
  World world;
  int get = 0;
  std::string got;
};

// The example of the specification: 26 octets in two pieces.
TEST(ExchangeUpload, PutsTheExampleTogether) {
  Reading reading;
  World& world = reading.world;
  world.Say(reading.got + reading.Piece("ABCDEFGHIJKLMNOP", 26), false);
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Results:213"));
  EXPECT_EQ(world.All(CommandKind::kStatus)[1]->source_refs[0], kLog);
  EXPECT_THAT(world.Alerts(), ElementsAre("1222"));
  EXPECT_FALSE(world.message().final);
  EXPECT_THAT(world.Reports(), IsEmpty());

  world.Say(Status(2, 2, 3, "Alert", 200) + reading.Piece("QRSTUVWXYZ", -1, false));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200")) << "Results that are well: no Status";
  ASSERT_THAT(world.Reports(), SizeIs(1));
  ASSERT_THAT(world.Reports()[0].results[0].values, SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].values[0].data, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  EXPECT_EQ(world.Nodes()[0].value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  EXPECT_TRUE(world.session->ended);
}

TEST(ExchangeUpload, GoesOnThoughTheTerminalSaysFinalWithEachPiece) {
  Reading reading;
  World& world = reading.world;
  world.Say(reading.got + reading.Piece("AB", 4), true);
  EXPECT_THAT(world.Alerts(), ElementsAre("1222"));
  EXPECT_FALSE(world.message().final);
  world.Say(reading.Piece("CD", 4, false), true);
  ASSERT_THAT(world.Reports(), SizeIs(1)) << "Size in each piece does no harm";
  EXPECT_EQ(world.Reports()[0].results[0].values[0].data, "ABCD");
}

TEST(ExchangeUpload, Says424WhenThePiecesDoNotAddUp) {
  Reading reading;
  World& world = reading.world;
  world.Say(reading.got + reading.Piece("ABCD", 26), false);
  world.Say(reading.Piece("E", -1, false));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Results:424"));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].status, 424U);
  EXPECT_THAT(world.Reports()[0].results[0].values, IsEmpty());
  EXPECT_THAT(world.Nodes(), IsEmpty());
}

TEST(ExchangeUpload, Refuses413WhatIsAnnouncedOrBecomesTooLargeToItsEnd) {
  for (const bool announced : {true, false}) {
    Reading reading;
    World& world = reading.world;
    const std::string text(4000, 'x');
    world.Say(reading.got + reading.Piece(text, announced ? 20'000 : 9'999), false);
    if (!announced) {
      world.Say(reading.Piece(text), false);
      world.Say(reading.Piece(text), false);
    }
    EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Results:413"));
    EXPECT_TRUE(world.session->incoming->data.empty()) << "nothing of it is kept";
    world.Say(reading.Piece(text), false);
    EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Results:413"));
    world.Say(reading.Piece("the end", -1, false));
    EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Results:413"));
    ASSERT_THAT(world.Reports(), SizeIs(1));
    EXPECT_EQ(world.Reports()[0].results[0].status, 424U);
    EXPECT_THAT(world.Reports()[0].results[0].values, IsEmpty()) << "the end is not the value";
    EXPECT_THAT(world.Nodes(), IsEmpty());
    EXPECT_TRUE(world.session->ended);
  }
}

TEST(ExchangeUpload, Says1225WhenAPieceDoesNotComeAndTakesTheObjectAnew) {
  Reading reading;
  World& world = reading.world;
  world.Say(reading.got + reading.Piece("AB", 4), false);
  world.Say(AlertOf(2, 1224, "<Item><Data>x</Data></Item>"), false);
  EXPECT_THAT(world.Alerts(), ElementsAre("1225"));
  EXPECT_EQ(world.All(CommandKind::kAlert)[0]->items[0].source->uri, kLog);
  EXPECT_FALSE(world.session->incoming);
  world.Say(reading.Piece("AB", 4), false);
  world.Say(reading.Piece("CD", -1, false));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].values[0].data, "ABCD");
  EXPECT_EQ(world.Reports()[0].results[0].status, 200U);
}

TEST(ExchangeUpload, DoesNotTakeTheEndOfABrokenObjectForTheWhole) {
  Reading reading;
  World& world = reading.world;
  world.Say(reading.got + reading.Piece("AB", 6), false);
  world.Say(AlertOf(2, 1224, "<Item><Data>x</Data></Item>"), false);
  world.Say(reading.Piece("EF", -1, false));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].status, 424U);
  EXPECT_THAT(world.Reports()[0].results[0].values, IsEmpty());
}

// One piece a message; two of one object in a message leave nothing half.
TEST(ExchangeUpload, DoesNotTakeTwoPiecesInOneMessage) {
  for (const bool more : {true, false}) {
    Reading reading;
    World& world = reading.world;
    world.Say(reading.got + reading.Piece("AB", 6) + reading.Piece("CD", -1, more, 4), false);
    world.Say(reading.Piece("EF", -1, false));
    for (int i = 0; i < 3 && world.Reports().empty(); ++i) world.Say("");
    ASSERT_THAT(world.Reports(), SizeIs(1));
    EXPECT_EQ(world.Reports()[0].results[0].status, 424U);
    const OperationReport report = world.Reports()[0];
    for (const Value& value : report.results[0].values) {
      EXPECT_NE(value.data, "CDEF");
    }
  }
}

TEST(ExchangeUpload, DecodesBase64OnlyWhenAllOfItIsThere) {
  Reading reading;
  World& world = reading.world;
  const std::string b64 = base::Base64("binary\x01\x02 value");
  const auto piece = [&](std::string_view text, int size, bool more) {
    return Results(3, 1, reading.get, kLog, text, Meta("b64", "", size), more);
  };
  world.Say(reading.got + piece(b64.substr(0, 7), static_cast<int>(b64.size()), true), false);
  world.Say(piece(b64.substr(7), -1, false));
  EXPECT_EQ(world.Reports()[0].results[0].values[0].data, "binary\x01\x02 value");
}

std::string AlertPiece(std::string_view text, int size, bool more) {
  return AlertOf(2, 1226,
                 "<Item><Source><LocURI>./SCM</LocURI></Source>" + Meta("chr", "t", size) +
                     "<Data>" + std::string(text) + "</Data>" + (more ? "<MoreData/>" : "") +
                     "</Item>",
                 "op");
}

TEST(ExchangeUpload, PutsAGenericAlertTogether) {
  World world;
  world.work.push_back(Work("op", {Get("./A")}));
  Open(world);
  world.Say(AlertPiece("ABC", 6, true), false);
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Alert:213"));
  EXPECT_THAT(world.effects, IsEmpty());
  world.Say(AlertPiece("DEF", -1, false));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Alert:200"));
  ASSERT_THAT(world.effects, SizeIs(1));
  ASSERT_THAT(world.effects[0].alerts, SizeIs(1));
  EXPECT_EQ(world.effects[0].alerts[0].data, "ABCDEF");
  EXPECT_EQ(world.effects[0].alerts[0].correlator, "op");
}

TEST(ExchangeUpload, RefusesAnAlertThatIsTooLargeToItsEnd) {
  World world;
  world.config.max_obj_size = 5;
  world.work.push_back(Work("op", {Get("./A")}));
  Open(world);
  world.Say(AlertPiece("ABC", 6, true), false);
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Alert:413"));
  world.Say(AlertPiece("DEF", -1, false));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Alert:413"));
  for (const Effects& effects : world.effects) EXPECT_THAT(effects.alerts, IsEmpty());
}

TEST(ExchangeUpload, HoldsNoMoreThanTwiceMaxObjSizeOfResults) {
  Reading reading;
  World& world = reading.world;
  std::string many;
  for (int i = 0; i < 9; ++i) {
    many += Results(3 + i, 1, reading.get, kLog, std::string(3000, 'x'));
  }
  world.Say(reading.got + many, false);
  size_t octets = 0;
  for (const SentCommand& sent : world.session->sent) {
    for (const Value& value : sent.values) octets += value.data.size();
  }
  EXPECT_LE(octets, 20'000U);
  EXPECT_THAT(world.Statuses(), ::testing::Contains("Results:413"));
  const size_t held = world.session->sent[0].values.size();
  world.Say(reading.Piece(std::string(3000, 'x'), -1, false), false);
  EXPECT_EQ(world.session->sent[0].values.size(), held) << "not in the next message either";
}

TEST(ExchangeUpload, HoldsNoEndlessNamesOfEmptyValues) {
  Reading reading;
  World& world = reading.world;
  std::string items;
  for (int i = 0; i < 2000; ++i) items += Results(3, 1, reading.get, kLog, "");
  world.Say(reading.got + items, false);
  EXPECT_LT(world.session->sent[0].values.size(), 300U);
}

TEST(ExchangeUpload, EndsATerminalThatSendsPiecesOfNothing) {
  Reading reading;
  World& world = reading.world;
  world.config.max_messages = 10;
  world.Say(reading.got + reading.Piece("", 100), false);
  int messages = 2;
  while (!world.session->ended && messages < 50) {
    world.Say(reading.Piece(""), false);
    ++messages;
  }
  EXPECT_EQ(messages, 10) << "an empty piece moves nothing on";
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kReturned);
}

TEST(ExchangeUpload, DoesNotCountThePiecesOfALargeObject) {
  Reading reading;
  World& world = reading.world;
  world.config.max_messages = 10;
  world.Say(reading.got + reading.Piece("x", 31), false);
  for (int i = 0; i < 29; ++i) world.Say(reading.Piece("x"), false);
  world.Say(reading.Piece("x", -1, false));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].values[0].data.size(), 31U);
}

}  // namespace
}  // namespace drover::session

#include "services/session/core/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Exchange, AnswersARepeatedMessageWithTheSameOctetsAndDoesNothingTwice) {
  World world;
  world.work.push_back(Work("op", {Get("./DevInfo/Man")}));
  const std::string message = Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce));
  const std::string first = world.Post(message);
  const uint64_t version = world.session->version;
  world.work.push_back(Work("other", {Get("./DevInfo/Mod")}));
  EXPECT_EQ(world.Post(message), first);
  EXPECT_TRUE(world.answer.repeated);
  EXPECT_THAT(world.effects, IsEmpty());
  EXPECT_EQ(world.session->version, version);
}

TEST(Exchange, TakesNewDevInfoToTreeAndTheSameOnlyOnce) {
  World world;
  Open(world);
  ASSERT_THAT(world.effects, SizeIs(1));
  ASSERT_THAT(world.effects[0].nodes, SizeIs(2));
  EXPECT_EQ(world.effects[0].nodes[1].uri, "./DevInfo/Man");
  EXPECT_EQ(world.effects[0].nodes[1].value, "Acme");
  world.marked = false;
  Open(world, "2");
  EXPECT_THAT(world.effects, IsEmpty()) << "nothing new, no work: nobody is asked";
}

TEST(Exchange, WrapsWorkThatDependsOnItsOrderInASequence) {
  World world;
  world.work.push_back(Work("a", {Get("./DevInfo/Man")}));
  world.work.push_back(Work("b", {Replace("./NAP/1/ADDR", "iot<1>")}));
  Open(world);
  ASSERT_THAT(world.All(CommandKind::kSequence), SizeIs(1));
  EXPECT_THAT(world.All(CommandKind::kSequence)[0]->children, SizeIs(2));
  const Command& replace = *world.All(CommandKind::kReplace)[0];
  EXPECT_EQ(replace.items[0].data->octets, "iot<1>");
  EXPECT_EQ(replace.items[0].meta.format, "chr");

  // Children without a Status of their own take a failure of the Sequence.
  world.Post(Message("1", 2,
                     Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Sequence", 406) +
                         Status(3, 1, 5, "Get", 200) + Results(4, 1, 5, "./DevInfo/Man", "Acme")));
  ASSERT_THAT(world.Reports(), SizeIs(2));
  EXPECT_EQ(world.Reports()[0].results[0].status, 200U);
  EXPECT_EQ(world.Reports()[1].results[0].status, 406U);
}

TEST(Exchange, CountsCommandsWithoutStatusAsUnansweredOnceTheTerminalSaidFinal) {
  World world;
  world.work.push_back(Work("op", {Get("./A"), Get("./B")}));
  Open(world);
  world.Post(Message("1", 2, Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Get", 404)));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].status, 404U);
  EXPECT_EQ(world.Reports()[0].results[1].status, 0U);
}

TEST(Exchange, AsksForTheNextMessageUntilThePackageIsComplete) {
  World world;
  world.work.push_back(Work("op", {Get("./A"), Get("./B")}));
  Open(world);
  world.Post(Message(
      "1", 2,
      Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Get", 200) + Results(3, 1, 4, "./A", "a"),
      "", false));
  EXPECT_FALSE(world.message().final);
  ASSERT_THAT(world.All(CommandKind::kAlert), SizeIs(1));
  EXPECT_EQ(world.All(CommandKind::kAlert)[0]->data->octets, "1222");
  EXPECT_THAT(world.Reports(), IsEmpty());

  world.Post(Message("1", 3,
                     Status(1, 2, 0, "SyncHdr", 200) + Status(2, 2, 2, "Alert", 200) +
                         Status(3, 1, 5, "Get", 200) + Results(4, 1, 5, "./B", "b")));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].values[0].data, "a");
  EXPECT_EQ(world.Reports()[0].results[1].values[0].data, "b");
  EXPECT_THAT(world.oddities, IsEmpty());
  EXPECT_TRUE(world.session->ended);
}

TEST(Exchange, HandsGenericAlertsOnAndAnswersEach) {
  World world;
  const std::string alert =
      "<Alert><CmdID>3</CmdID><Data>1226</Data><Correlator>op</Correlator><Item><Source><LocURI>./"
      "FUMO/P1"
      "</LocURI></Source><Meta><Format xmlns=\"syncml:metinf\">int</Format><Type "
      "xmlns=\"syncml:metinf\">"
      "org.openmobilealliance.dm.firmwareupdate.downloadandupdate</Type></Meta><Data>200</Data></"
      "Item></Alert>";
  world.marked = false;
  world.Post(Message("2", 1,
                     kPackage1 + alert + "<Alert><CmdID>4</CmdID><Data>1226</Data></Alert>" +
                         "<Alert><CmdID>5</CmdID><Data>1299</Data></Alert>",
                     Md5Cred(world.account.client_nonce)));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:212", "Alert:200", "Replace:200", "Alert:200",
                                            "Alert:412", "Alert:406"));
  ASSERT_THAT(world.effects, SizeIs(1));
  EXPECT_TRUE(world.effects[0].advance);
  ASSERT_THAT(world.effects[0].alerts, SizeIs(1));
  EXPECT_EQ(world.effects[0].alerts[0].correlator, "op");
  EXPECT_EQ(world.effects[0].alerts[0].data, "200");
  EXPECT_THAT(world.oddities, ElementsAre(Oddity::kUnknownAlert));
}

TEST(Exchange, RefusesWhatATerminalMayNotSendAndGoesOn) {
  World world;
  const std::string item = "<Item><Target><LocURI>./A</LocURI></Target></Item>";
  world.Post(Message("1", 1,
                     kPackage1 + "<Get><CmdID>3</CmdID>" + item + "</Get><Put><CmdID>4</CmdID>" +
                         item + "</Put><Nonsense><CmdID>5</CmdID></Nonsense><Add>" + item +
                         "</Add>" + Status(7, 1, 44, "Get", 200),
                     Md5Cred(world.account.client_nonce)));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:212", "Alert:200", "Replace:200", "Get:405",
                                            "Put:406", "Nonsense:400", "Add:400"));
  EXPECT_THAT(world.oddities, ElementsAre(Oddity::kCommandNotAllowed, Oddity::kCommandNotAllowed,
                                          Oddity::kUnknownCommand, Oddity::kMissingCmdId,
                                          Oddity::kStatusForUnknownCommand));
}

TEST(Exchange, EndsWhenTheTerminalAbortsAndGivesBackWhatItHeld) {
  World world;
  world.work.push_back(Work("op", {Replace("./X", "1")}));
  Open(world);
  world.Post(Message(
      "1", 2, Status(1, 1, 0, "SyncHdr", 212) + "<Alert><CmdID>2</CmdID><Data>1223</Data></Alert>",
      "", false));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200", "Alert:200"));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kLost);
  EXPECT_EQ(world.answer.endings[0].end, SessionEnd::kAbortedByTerminal);
  EXPECT_TRUE(world.message().final);
}

TEST(Exchange, AnswersVersionsThatItDoesNotSpeakWithThoseThatItDoes) {
  World world;
  std::string message = Message("1", 1, kPackage1);
  message.replace(message.find("DM/1.2"), 6, "DM/9.9");
  world.Post(message);
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:513"));
  EXPECT_EQ(world.All(CommandKind::kStatus)[0]->items[0].data->octets, "DM/1.1,DM/1.2,DM/1.3");
  message = Message("1", 1, kPackage1);
  message.replace(message.find("<VerDTD>1.2"), 11, "<VerDTD>7.0");
  world.Post(message);
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:505"));
}

TEST(Exchange, TakesAnyLegalSessionIdAndRefusesNumbersThatAreNone) {
  World world;
  Open(world, "0");
  EXPECT_EQ(world.message().header.session_id, "0");
  EXPECT_EQ(world.Post(Message("", 1, kPackage1)), "");
  EXPECT_EQ(world.refusal->code, Code::kInvalidArgument);
  std::string message = Message("1", 1, kPackage1);
  message.replace(message.find("<MsgID>1"), 8, "<MsgID>x");
  EXPECT_EQ(world.Post(message), "");
  EXPECT_EQ(world.refusal->code, Code::kInvalidArgument);
}

TEST(Exchange, PlansCommandsByTheTerminalsMaxMsgSize) {
  World world;
  std::vector<CommandSpec> many;
  for (int i = 0; i < 40; ++i)
    many.push_back(Get("./Vendor/Some/Deep/Node/Number/" + std::to_string(i)));
  world.work.push_back(Work("op", many));
  const std::string small = "<Meta><MaxMsgSize xmlns=\"syncml:metinf\">4000</MaxMsgSize></Meta>";
  world.Post(Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce) + small));
  size_t sent = world.All(CommandKind::kGet).size();
  EXPECT_GT(sent, 4U);
  EXPECT_LT(sent, 40U);
  EXPECT_LE(world.answer.body.size(), 4000U);
  int msg_id = 1;
  while (!world.session->ended && msg_id < 30) {
    std::string body = Status(1, msg_id, 0, "SyncHdr", 212);
    int id = 2;
    for (const Command* get : world.All(CommandKind::kGet)) {
      const int ref = std::stoi(std::string(get->cmd_id));
      body += Status(id, msg_id, ref, "Get", 200);
      body += Results(id + 1, msg_id, ref, get->items[0].target->uri, "v");
      id += 2;
    }
    world.Post(Message("1", ++msg_id, body));
    EXPECT_LE(world.answer.body.size(), 4000U);
  }
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_THAT(world.Reports()[0].results, SizeIs(40));
}

TEST(Exchange, GivesBackWhatCanNeverFitIntoTheTerminalsMessages) {
  World world;
  world.account.traits.large_objects = Support::kNo;
  world.work.push_back(Work("big", {Replace("./Big", std::string(20'000, 'x'))}));
  world.work.push_back(Work("small", {Get("./A")}));
  const std::string small = "<Meta><MaxMsgSize xmlns=\"syncml:metinf\">8000</MaxMsgSize></Meta>";
  world.Post(Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce) + small));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].operation, OperationId("big"));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kRefused);
  EXPECT_THAT(world.Reports()[0].cause, HasSubstr("8000"));
  EXPECT_THAT(world.All(CommandKind::kGet), SizeIs(1));
}

TEST(Exchange, KeepsSecretsThatItWroteOutOfTheTree) {
  World world;
  world.work.push_back(Work(
      "op", {Replace("./DMAcc/1/AppAuth/1/AAuthSecret", "s"), Replace("./NAP/1/ADDR", "apn")}));
  Open(world);
  world.Post(Message("1", 2,
                     Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Sequence", 200) +
                         Status(3, 1, 5, "Replace", 200) + Status(4, 1, 6, "Replace", 200)));
  ASSERT_THAT(world.effects, SizeIs(1));
  ASSERT_THAT(world.effects[0].nodes, SizeIs(1));
  EXPECT_EQ(world.effects[0].nodes[0].uri, "./NAP/1/ADDR");
}

// One client sends Final always, also when what it reads does not fit into one message.
TEST(Exchange, WaitsForAValueWhoseStatusCameWithFinalAndNotForEver) {
  for (const bool comes : {true, false}) {
    World world;
    world.work.push_back(Work("op", {Get("./A")}));
    Open(world);
    world.Post(Message("1", 2, Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Get", 200)));
    ASSERT_THAT(world.All(CommandKind::kAlert), SizeIs(1));
    EXPECT_EQ(world.All(CommandKind::kAlert)[0]->data->octets, "1222");
    EXPECT_THAT(world.Reports(), IsEmpty());
    world.Post(Message("1", 3,
                       Status(1, 2, 0, "SyncHdr", 200) + Status(2, 2, 2, "Alert", 406) +
                           (comes ? Results(3, 1, 4, "./A", "value") : "")));
    ASSERT_THAT(world.Reports(), SizeIs(1));
    EXPECT_THAT(world.Reports()[0].results[0].values, SizeIs(comes ? 1 : 0));
  }
}

TEST(Exchange, GivesNothingMoreInASessionThatHasEnded) {
  World world;
  Open(world);
  ASSERT_TRUE(world.session->ended);
  world.work.push_back(Work("op", {Get("./A")}));
  world.Post(Message("1", 2, "<Alert><CmdID>1</CmdID><Data>1222</Data></Alert>"));
  EXPECT_THAT(world.All(CommandKind::kGet), IsEmpty());
  EXPECT_EQ(world.All(CommandKind::kAlert)[0]->data->octets, "1223");
  EXPECT_FALSE(world.answer.session) << "and nothing is written";
  world.Post(Message("1", 3, kPackage1));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:407") << "who begins anew has to prove himself";
  EXPECT_THAT(world.effects, IsEmpty());
}

TEST(Exchange, AbortsASessionThatNeverEnds) {
  World world;
  world.config.max_messages = 4;
  world.work.push_back(Work("op", {Get("./A")}));
  Open(world);
  for (int i = 2; i <= 4; ++i) {
    world.Post(Message("1", i, "<Alert><CmdID>1</CmdID><Data>1222</Data></Alert>", "", false));
  }
  EXPECT_EQ(world.All(CommandKind::kAlert)[0]->data->octets, "1223");
  EXPECT_EQ(world.answer.endings[0].end, SessionEnd::kAbortedByServer);
}

}  // namespace
}  // namespace drover::session

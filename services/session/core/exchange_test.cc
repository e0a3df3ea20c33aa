#include "services/session/core/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kDevice = "IMEI:493005100592800";
constexpr std::string_view kUrl = "https://dm.example.com/dm";

// A terminal's account, what is stored of it, and the work that waits for it; runs messages through
// the core.
class World {
 public:
  World() {
    config.server_id = "com.mgmtsrv.manage";
    account.user = kDevice;
    account.client_a1 = dmauth::A1(kDevice, "clientpw");
    account.server_scheme = dmauth::Scheme::kMd5;
    account.server_a1 = dmauth::A1("com.mgmtsrv.manage", "srvpw");
    account.client_nonce = base::FromHex("00112233445566778899aabbccddeeff").value();
    account.server_nonce = base::FromHex("ffeeddccbbaa99887766554433221100").value();
  }

  // Returns the answer's octets; empty after a refusal.
  std::string Post(const std::string& xml) {
    const syncml::Decoded decoded = syncml::DecodeXml(xml);
    EXPECT_TRUE(decoded) << decoded.error.message << " in " << xml;
    const Request request{DeviceId(std::string(kDevice)),
                          syncml::Encoding::kXml,
                          xml,
                          "",
                          decoded.document.message(),
                          now};
    Stored stored{session, nonces, known ? std::optional(account) : std::nullopt, enrolling,
                  marked};
    Exchange exchange(config, random, request, std::move(stored));
    effects.clear();
    while (const Effects* wanted = exchange.Next()) {
      effects.push_back(*wanted);
      EffectsResult result;
      if (wanted->take > 0) result.assignments.swap(work);
      exchange.Done(std::move(result));
    }
    oddities = exchange.oddities();
    if (const Refusal* refused = std::get_if<Refusal>(&exchange.answer())) {
      refusal = *refused;
      return {};
    }
    answer = std::get<Answer>(exchange.answer());
    if (answer.session) {
      EXPECT_EQ(answer.expected_version, session ? session->version : 0);
      session = answer.session;
    }
    if (answer.nonces_changed) nonces = answer.nonces;
    reply = syncml::DecodeXml(answer.body);
    EXPECT_TRUE(reply) << reply.error.message << " in " << answer.body;
    return answer.body;
  }

  const syncml::Message& message() const { return reply.document.message(); }

  // Commands of a kind in the answer, those in a Sequence included.
  std::vector<const Command*> All(CommandKind kind) const {
    std::vector<const Command*> found;
    for (const Command& command : message().commands) {
      if (command.kind == kind) found.push_back(&command);
      for (const Command& child : command.children) {
        if (child.kind == kind) found.push_back(&child);
      }
    }
    return found;
  }
  // "cmd:code" of each Status.
  std::vector<std::string> Statuses() const {
    std::vector<std::string> all;
    for (const Command* status : All(CommandKind::kStatus)) {
      all.push_back(std::string(status->cmd) + ":" + std::string(status->data->octets));
    }
    return all;
  }
  std::vector<OperationReport> Reports() const {
    std::vector<OperationReport> all;
    for (const Effects& one : effects)
      all.insert(all.end(), one.reports.begin(), one.reports.end());
    return all;
  }

  ExchangeConfig config;
  Account account;
  bool known = true;
  bool enrolling = false;
  bool marked = true;
  std::optional<SessionState> session;
  NonceState nonces;
  std::vector<Assignment> work;
  TimePoint now{std::chrono::seconds(1'700'000'000)};
  RandomOctets random = [this](size_t n) {
    return std::string(n, static_cast<char>('a' + next_random_++));
  };

  std::vector<Effects> effects;
  std::vector<Oddity> oddities;
  Answer answer;
  syncml::Decoded reply;
  std::optional<Refusal> refusal;

 private:
  int next_random_ = 0;
};

std::string Message(std::string_view session, int msg_id, const std::string& body,
                    const std::string& header = "", bool final = true) {
  return "<SyncML "
         "xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</"
         "VerProto><SessionID>" +
         std::string(session) + "</SessionID><MsgID>" + std::to_string(msg_id) +
         "</MsgID><Target><LocURI>" + std::string(kUrl) + "</LocURI></Target><Source><LocURI>" +
         std::string(kDevice) + "</LocURI></Source>" + header + "</SyncHdr><SyncBody>" + body +
         (final ? "<Final/>" : "") + "</SyncBody></SyncML>";
}

std::string Md5Cred(std::string_view nonce) {
  return "<Cred><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type "
         "xmlns=\"syncml:metinf\">syncml:auth-md5</Type></Meta><Data>" +
         dmauth::Md5Credential(dmauth::A1(kDevice, "clientpw"), nonce) + "</Data></Cred>";
}

const std::string kPackage1 =
    "<Alert><CmdID>1</CmdID><Data>1201</Data></Alert><Replace><CmdID>2</CmdID>"
    "<Item><Source><LocURI>./DevInfo/DevId</LocURI></Source><Data>IMEI:493005100592800</Data></"
    "Item>"
    "<Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>Acme</Data></Item></Replace>";

std::string Status(int id, int msg_ref, int cmd_ref, std::string_view cmd, int code,
                   const std::string& more = "") {
  return "<Status><CmdID>" + std::to_string(id) + "</CmdID><MsgRef>" + std::to_string(msg_ref) +
         "</MsgRef><CmdRef>" + std::to_string(cmd_ref) + "</CmdRef><Cmd>" + std::string(cmd) +
         "</Cmd>" + more + "<Data>" + std::to_string(code) + "</Data></Status>";
}

std::string Results(int id, int msg_ref, int cmd_ref, std::string_view uri,
                    std::string_view value) {
  return "<Results><CmdID>" + std::to_string(id) + "</CmdID><MsgRef>" + std::to_string(msg_ref) +
         "</MsgRef><CmdRef>" + std::to_string(cmd_ref) + "</CmdRef><Item><Source><LocURI>" +
         std::string(uri) + "</LocURI></Source><Data>" + std::string(value) +
         "</Data></Item></Results>";
}

Assignment Work(std::string id, std::vector<CommandSpec> commands, bool uncertain = false) {
  Assignment assignment;
  assignment.operation = OperationId(std::move(id));
  assignment.correlator = assignment.operation.value();
  assignment.commands = std::move(commands);
  assignment.uncertain = uncertain;
  return assignment;
}

CommandSpec Get(std::string uri) { return {.verb = Verb::kGet, .target = std::move(uri)}; }
CommandSpec Replace(std::string uri, std::string value) {
  return {
      .verb = Verb::kReplace, .target = std::move(uri), .format = "chr", .data = std::move(value)};
}
CommandSpec Exec(std::string uri) { return {.verb = Verb::kExec, .target = std::move(uri)}; }

// Opens a session with the nonce that holds; what is in `work` goes out with the answer.
void Open(World& world, std::string_view session = "1") {
  const std::string& nonce =
      world.nonces.known ? world.nonces.client_nonce : world.account.client_nonce;
  world.Post(Message(session, 1, kPackage1, Md5Cred(nonce)));
}

TEST(Exchange, ChallengesATerminalThatShowsNoCredentials) {
  World world;
  world.Post(Message("A7", 1, kPackage1));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:407", "Alert:407", "Replace:407"));
  const Command& header_status = *world.All(CommandKind::kStatus)[0];
  EXPECT_EQ(header_status.cmd_ref, "0");
  ASSERT_TRUE(header_status.chal);
  EXPECT_EQ(header_status.chal->type, "syncml:auth-md5");
  EXPECT_EQ(header_status.chal->next_nonce.octets, base::Base64(std::string(16, 'a')));
  EXPECT_TRUE(world.message().final);
  EXPECT_FALSE(world.session) << "nothing unauthenticated leaves a session";
  EXPECT_THAT(world.effects, IsEmpty());
}

// The dialogue of the specification's example with a challenge in both directions.
TEST(Exchange, LeadsTheDialogueWithChallengesInBothDirections) {
  World world;
  world.nonces.known = true;  // Out of step with the terminal.
  world.nonces.client_nonce = "stale";
  world.nonces.challenge_nonce = world.account.client_nonce;
  world.Post(Message("A7", 1, kPackage1));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:407", "Alert:407", "Replace:407"));

  world.work.push_back(Work("op", {Get("./DevDetail/FwV"), Get("./DevDetail/LrgObj")}));
  const std::string challenge =
      Status(1, 1, 0, "SyncHdr", 407,
             "<Chal><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type "
             "xmlns=\"syncml:metinf\">syncml:auth-md5</Type><NextNonce "
             "xmlns=\"syncml:metinf\">/+7dzLuqmYh3ZlVEMyIRAA==</NextNonce></Meta></Chal>");
  world.Post(Message("A7", 2, challenge + kPackage1, Md5Cred(world.account.client_nonce)));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:212", "Alert:200", "Replace:200"));
  EXPECT_EQ(world.message().header.cred->data.octets, "qLCDW9QNdGjJGL7402Zmfw==") << "TV-A3";
  EXPECT_EQ(world.message().header.source.name, "com.mgmtsrv.manage");
  EXPECT_EQ(world.message().header.msg_id, "2");
  EXPECT_THAT(world.All(CommandKind::kGet), SizeIs(2));

  const std::string next_nonce =
      "<Chal><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type "
      "xmlns=\"syncml:metinf\">syncml:auth-md5</Type><NextNonce "
      "xmlns=\"syncml:metinf\">sLGys7S1tre4ubq7vL2+vw==</NextNonce></Meta></Chal>";
  world.Post(Message("A7", 3,
                     Status(1, 2, 0, "SyncHdr", 212, next_nonce) + Status(2, 2, 4, "Get", 200) +
                         Results(3, 2, 4, "./DevDetail/FwV", "6.1.0") +
                         Status(4, 2, 5, "Get", 200) +
                         Results(5, 2, 5, "./DevDetail/LrgObj", "true")));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:200"));
  EXPECT_FALSE(world.message().header.cred) << "212 holds for the session";
  EXPECT_EQ(base::Base64(world.nonces.server_nonce), "sLGys7S1tre4ubq7vL2+vw==");
  ASSERT_THAT(world.Reports(), SizeIs(1));
  const OperationReport report = world.Reports()[0];
  EXPECT_EQ(report.disposition, Disposition::kDone);
  ASSERT_THAT(report.results, SizeIs(2));
  EXPECT_EQ(report.results[0].values[0].data, "6.1.0");
  EXPECT_EQ(report.results[0].cmd_id, "4");
  ASSERT_THAT(world.effects[0].nodes, SizeIs(2));
  ASSERT_THAT(world.answer.endings, SizeIs(1));
  EXPECT_EQ(world.answer.endings[0].end, SessionEnd::kCompleted);
  EXPECT_TRUE(world.session->ended);
}

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

TEST(Exchange, SendsEverythingAgainWhenTheTerminalChallengesTheServer) {
  World world;
  world.work.push_back(Work("op", {Replace("./X", "1")}));
  Open(world);
  const std::string challenge =
      Status(1, 1, 0, "SyncHdr", 401,
             "<Chal><Meta><Type>syncml:auth-md5</Type><Format>b64</Format>"
             "<NextNonce>Tm9uY2U=</NextNonce></Meta></Chal>");
  world.Post(Message("1", 2, challenge + Status(2, 1, 4, "Replace", 401)));
  EXPECT_THAT(world.Reports(), IsEmpty());
  ASSERT_THAT(world.All(CommandKind::kReplace), SizeIs(1));
  EXPECT_EQ(world.message().header.cred->data.octets,
            dmauth::Md5Credential(world.account.server_a1, "Nonce"));
  EXPECT_EQ(world.message().header.msg_id, "2");

  world.Post(Message("1", 3, challenge + Status(2, 2, 2, "Replace", 401)));
  world.Post(Message("1", 4, challenge + Status(2, 3, 2, "Replace", 401)));
  EXPECT_EQ(world.All(CommandKind::kAlert)[0]->data->octets, "1223") << "three times is enough";
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kReturned) << "it was never executed";
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

TEST(Exchange, ANewSessionReplacesTheOpenOneOnlyOnceItsTerminalHasProvedItself) {
  World world;
  world.work.push_back(Work("op", {Replace("./X", "1")}));
  Open(world, "1");
  const std::string key = world.session->key;
  world.Post(Message("2", 1, kPackage1));
  EXPECT_EQ(world.session->key, key) << "a stranger cannot end the session";
  world.Post(Message("2", 2, kPackage1, Md5Cred(world.nonces.challenge_nonce)));
  EXPECT_NE(world.session->key, key);
  ASSERT_THAT(world.answer.endings, SizeIs(2));
  EXPECT_EQ(world.answer.endings[0].end, SessionEnd::kReplaced);
  EXPECT_TRUE(world.effects[0].session_started);
}

TEST(Exchange, AcceptsThePreviousNonceOnceAndNoOlderOne) {
  World world;
  const std::string first = world.account.client_nonce;
  Open(world, "1");
  world.Post(Message("2", 1, kPackage1, Md5Cred(first)));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:212") << "it may have missed our answer";
  world.Post(Message("3", 1, kPackage1, Md5Cred(first)));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:401") << "but a replay is no proof";
}

TEST(Exchange, StopsLookingAtCredentialsAfterTooManyWrongOnes) {
  World world;
  for (int i = 0; i < 5; ++i) {
    world.Post(Message("1", 1, kPackage1, Md5Cred("wrong" + std::to_string(i))));
    EXPECT_EQ(world.Statuses()[0], "SyncHdr:401");
  }
  EXPECT_EQ(world.Post(Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce))), "");
  EXPECT_EQ(world.refusal->code, Code::kResourceExhausted);
  EXPECT_EQ(world.refusal->retry_after, std::chrono::seconds(30));
  world.now += std::chrono::seconds(31);
  world.Post(Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce)));
  EXPECT_EQ(world.Statuses()[0], "SyncHdr:212");
}

TEST(Exchange, ChallengesUnknownTerminalsLikeKnownOnesOrRefusesThemByPolicy) {
  World world;
  world.known = false;
  world.Post(Message("1", 1, kPackage1, Md5Cred("x")));
  EXPECT_THAT(world.Statuses(), ElementsAre("SyncHdr:401", "Alert:401", "Replace:401"));
  world.config.refuse_unknown = true;
  EXPECT_EQ(world.Post(Message("1", 1, kPackage1)), "");
  EXPECT_EQ(world.refusal->code, Code::kPermissionDenied);
}

TEST(Exchange, RegistersAnUnknownTerminalThatProvedTheEnrolmentPassword) {
  World world;
  world.enrolling = true;
  world.Post(Message("1", 1, kPackage1));
  EXPECT_THAT(world.effects, IsEmpty());
  world.Post(Message("1", 2, kPackage1, Md5Cred(world.nonces.challenge_nonce)));
  ASSERT_THAT(world.effects, SizeIs(1));
  EXPECT_TRUE(world.effects[0].enrol);
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

TEST(Exchange, ReadsBackBeforeItRepeatsWhatMayHaveHappened) {
  World world;
  const Assignment firmware = Work("fw",
                                   {Replace("./FUMO/P1/DownloadAndUpdate/PkgURL", "http://x/1"),
                                    Exec("./FUMO/P1/DownloadAndUpdate")},
                                   true);
  world.work.push_back(firmware);
  Open(world);
  std::vector<const Command*> gets = world.All(CommandKind::kGet);
  ASSERT_THAT(gets, SizeIs(2));
  EXPECT_EQ(gets[0]->items[0].target->uri, "./FUMO/P1/DownloadAndUpdate/PkgURL");
  EXPECT_EQ(gets[1]->items[0].target->uri, "./FUMO/P1/State");
  EXPECT_THAT(world.All(CommandKind::kExec), IsEmpty());

  // It runs already: both commands are done, and nothing is sent again.
  world.Post(Message("1", 2,
                     Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Get", 200) +
                         Results(3, 1, 4, "./FUMO/P1/DownloadAndUpdate/PkgURL", "http://x/1") +
                         Status(4, 1, 5, "Get", 200) + Results(5, 1, 5, "./FUMO/P1/State", "30")));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  ASSERT_THAT(world.Reports()[0].results, SizeIs(2));
  EXPECT_TRUE(world.Reports()[0].results[0].verified);
  EXPECT_EQ(world.Reports()[0].results[1].status, 202U);
  EXPECT_THAT(world.All(CommandKind::kExec), IsEmpty());
}

TEST(Exchange, RepeatsExactlyWhatReadingBackShowsUndone) {
  World world;
  world.work.push_back(Work("fw",
                            {Replace("./FUMO/P1/DownloadAndUpdate/PkgURL", "http://x/1"),
                             Exec("./FUMO/P1/DownloadAndUpdate")},
                            true));
  Open(world);
  world.Post(Message("1", 2,
                     Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Get", 200) +
                         Results(3, 1, 4, "./FUMO/P1/DownloadAndUpdate/PkgURL", "http://x/1") +
                         Status(4, 1, 5, "Get", 200) + Results(5, 1, 5, "./FUMO/P1/State", "10")));
  EXPECT_THAT(world.All(CommandKind::kReplace), IsEmpty());
  ASSERT_THAT(world.All(CommandKind::kExec), SizeIs(1));
  EXPECT_EQ(world.All(CommandKind::kExec)[0]->correlator, "fw");
  const int exec = std::stoi(std::string(world.All(CommandKind::kExec)[0]->cmd_id));
  world.Post(Message("1", 3, Status(1, 2, 0, "SyncHdr", 200) + Status(2, 2, exec, "Exec", 202)));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_THAT(world.Reports()[0].results, SizeIs(2));
}

TEST(Exchange, DoesNotRepeatAnExecThatNothingCanTellOf) {
  World world;
  world.work.push_back(Work("x", {Exec("./Vendor/Reboot")}, true));
  Open(world);
  EXPECT_THAT(world.All(CommandKind::kExec), IsEmpty());
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kRefused);
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

TEST(Exchange, AbortsASessionThatNeverEnds) {
  World world;
  world.config.max_messages = 4;
  Open(world);
  for (int i = 2; i <= 4; ++i) {
    world.Post(Message("1", i, "<Alert><CmdID>1</CmdID><Data>1201</Data></Alert>", "", false));
  }
  EXPECT_EQ(world.All(CommandKind::kAlert)[0]->data->octets, "1223");
  EXPECT_EQ(world.answer.endings[0].end, SessionEnd::kAbortedByServer);
}

}  // namespace
}  // namespace drover::session

// Every model and every quirk of the simulated terminal against the session engine: the work is
// done, once, and neither side has anything to say against the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/dmauth/credentials.h"
#include "libs/notification/package0.h"
#include "tests/interop/loopback/pair.h"

namespace drover::interop {
namespace {

using session::Secret;
using terminal::Quirk;
using terminal::Quirks;
using ::testing::IsEmpty;

// One operation of every kind.
void SubmitEverything(Server& server) {
  server.Submit("read", {Get("./DevInfo/Man"), Get("./DevInfo"), Get("./DevDetail/FwV")});
  server.Submit("write", {Replace(kApn, "iot.example"), Get(kApn)});
  server.Submit("make", {Add("./NAP/office", "node", std::nullopt),
                         Add("./NAP/office/NAME", "chr", "Office")});
  server.Submit("copy",
                {{.verb = Verb::kCopy, .target = "./NAP/office/NAME", .source = "./DevInfo/Man"}});
  server.Submit("atomic",
                {Replace(kApn, "atomic.example", 1), Replace("./NAP/office/NAME", "A", 1)});
  server.Submit("ask", {Confirm("Install?"), Replace("./NAP/office/NAME", "asked")});
  server.Submit("ask-in-atomic", {Confirm("Really?", 1), Replace("./NAP/office/NAME", "B", 1)});
  server.Submit("list", {Get("./DevInfo?list=StructData"), Get("./NAP?prop=ACL")});
  server.Submit("tnds", {Get("./DevInfo?list=TNDS")});
  server.Submit("large", {Replace("./NAP/office/NAME", std::string(40'000, 'x') + "\xE2\x82\xAC")});
  server.Submit("read-large", {Get("./NAP/office/NAME")});
  server.Submit("remove", {{.verb = Verb::kDelete, .target = "./NAP/office"}});
  server.Submit("update", {Replace(std::string(kUpdate) + "/PkgURL", "http://dl.example/p-9.dd"),
                           Exec(kUpdate)});
}

// What a terminal with the quirk cannot do, by label; everything else succeeds.
const std::map<std::string_view, std::set<std::string_view>>& Incapable() {
  static const std::map<std::string_view, std::set<std::string_view>> kIncapable = {
      {"no-atomic", {"atomic", "ask-in-atomic"}},
      {"copy-501", {"copy"}},
      {"no-list", {"list", "tnds"}},
      {"no-tnds", {"tnds"}},
      {"tnds-406", {"tnds"}},
      {"no-large-objects", {"large"}},
      {"no-ui", {"ask", "ask-in-atomic"}},
      {"version-fall-back", {}},
  };
  return kIncapable;
}

// By its place among AllQuirks.
class QuirkTest : public ::testing::TestWithParam<size_t> {};

TEST_P(QuirkTest, DoesNotKeepTheWorkFromBeingDoneOnce) {
  const terminal::QuirkInfo& quirk = terminal::AllQuirks()[GetParam()];
  for (const syncml::Encoding encoding : {syncml::Encoding::kXml, syncml::Encoding::kWbxml}) {
    ModelSpec spec = terminal::Catalogue()[0];
    spec.encoding = encoding;
    spec.quirks = Quirks{quirk.quirk};
    if (quirk.quirk == Quirk::kNoMac) spec.client_scheme = terminal::AuthScheme::kMd5;
    Pair pair(spec);
    SubmitEverything(pair.server());
    pair.Manage(16);
    pair.FinishUpdates();
    std::set<std::string_view> incapable;
    if (const auto found = Incapable().find(quirk.name); found != Incapable().end()) {
      incapable = found->second;
    }
    // A terminal that breaks off at the same place each time never gets past it; what came before
    // is done, what comes behind waits.
    const bool stuck =
        quirk.quirk == Quirk::kAbortsSession || quirk.quirk == Quirk::kSilentInLargeObject;
    EXPECT_EQ(pair.server().open() == 0, !stuck);
    EXPECT_EQ(pair.server().ended().size() + pair.server().open(), 13U);
    EXPECT_GE(pair.server().ended().size(), 5U);
    for (const auto& [id, ended] : pair.server().ended()) {
      EXPECT_TRUE(ended.done == (incapable.count(id) == 0)) << id << ":" << ended.cause;
    }
    EXPECT_THAT(pair.server().errors(), IsEmpty());
    EXPECT_THAT(pair.terminal().faults(), IsEmpty());
    int updates = 0;
    for (const terminal::Execution& one : pair.terminal().ledger().executions()) {
      updates += one.kind == syncml::CommandKind::kExec && terminal::TookEffect(one.status) ? 1 : 0;
    }
    EXPECT_EQ(updates, stuck ? 0 : 1) << "an update is never started twice";
    EXPECT_TRUE(stuck || !pair.server().alerts().empty());
  }
}

std::string NameOf(const ::testing::TestParamInfo<size_t>& info) {
  std::string name(terminal::AllQuirks()[info.param].name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, QuirkTest, ::testing::Range(size_t{0}, terminal::AllQuirks().size()),
                         NameOf);

TEST(Models, OfTheCatalogueAreManagedAsTheyAre) {
  for (const ModelSpec& spec : terminal::WholeCatalogue()) {
    SCOPED_TRACE(std::string(spec.manufacturer) + " " + std::string(spec.model));
    Pair pair(spec);
    pair.server().Submit("read", {Get("./DevInfo/Man"), Get("./DevDetail"), Get("./DevInfo/Mod")});
    pair.server().Submit("again", {Get("./DevDetail/FwV")});
    pair.Manage();
    EXPECT_EQ(pair.server().ended().size(), 2U) << pair.Failures();
    EXPECT_EQ(pair.Failures(), "");
    EXPECT_THAT(pair.server().errors(), IsEmpty());
    EXPECT_THAT(pair.terminal().faults(), IsEmpty());
  }
}

// Some habits come together: a proof of ours that is refused before any work was sent.
TEST(Models, ThatChallengeTheServerAndNeverSendFinalAreManaged) {
  ModelSpec spec = terminal::Catalogue()[0];
  spec.quirks = Quirks{Quirk::kNeverFinal, Quirk::kServerNonceOutOfStep, Quirk::kDropAfterSend};
  Pair pair(spec);
  SubmitEverything(pair.server());
  pair.Manage();
  EXPECT_EQ(pair.Failures(), "");
  EXPECT_EQ(pair.server().ended().size(), 13U);
  EXPECT_THAT(pair.terminal().faults(), IsEmpty());
}

TEST(Schemes, OfEachKindProveBothSides) {
  using terminal::AuthScheme;
  for (const AuthScheme client : {AuthScheme::kBasic, AuthScheme::kMd5, AuthScheme::kMac}) {
    for (const AuthScheme server :
         {AuthScheme::kNone, AuthScheme::kBasic, AuthScheme::kMd5, AuthScheme::kMac}) {
      for (const syncml::Encoding encoding : {syncml::Encoding::kXml, syncml::Encoding::kWbxml}) {
        SCOPED_TRACE(std::to_string(static_cast<int>(client)) + " " +
                     std::to_string(static_cast<int>(server)));
        ModelSpec spec = terminal::Catalogue()[0];
        spec.encoding = encoding;
        spec.client_scheme = client;
        spec.server_scheme = server;
        Pair pair(spec);
        pair.server().Submit("write", {Replace(kApn, "iot.example")});
        EXPECT_EQ(pair.Manage().outcome, SessionEnd::Outcome::kCompleted);
        pair.server().Submit("again", {Get(kApn)});
        EXPECT_EQ(pair.Manage().outcome, SessionEnd::Outcome::kCompleted);
        EXPECT_EQ(pair.server().ended().size(), 2U);
        EXPECT_EQ(pair.Failures(), "");
        EXPECT_THAT(pair.terminal().faults(), IsEmpty());
      }
    }
  }
}

TEST(Schemes, ATerminalIsBroughtToAStrongerOne) {
  ModelSpec spec = terminal::Catalogue()[0];
  spec.client_scheme = terminal::AuthScheme::kMd5;
  Pair pair(spec);
  pair.server().account().client_scheme = dmauth::Scheme::kMac;
  pair.server().Submit("write", {Replace(kApn, "iot.example")});
  const SessionEnd end = pair.Manage();
  EXPECT_EQ(end.outcome, SessionEnd::Outcome::kCompleted) << end.cause;
  EXPECT_EQ(pair.Failures(), "");
  EXPECT_EQ(pair.server().open(), 0U);
  EXPECT_THAT(pair.terminal().faults(), IsEmpty());
}

TEST(Rotation, ChangesBothSecretsWithoutLockingTheTerminalOut) {
  // Power goes after so many messages of the session that changes the secrets.
  for (int messages = 1; messages <= 5; ++messages) {
    SCOPED_TRACE(messages);
    Pair pair(terminal::Catalogue()[0]);
    session::Account& account = pair.server().account();
    account.next_password = "next-client-secret";
    account.next_client_a1 = dmauth::A1(account.user, account.next_password);
    account.next_server_password = "next-server-secret";
    account.next_server_a1 = dmauth::A1(kServerId, account.next_server_password);
    CommandSpec client{.verb = Verb::kReplace, .target = "", .format = "chr", .atomic = 1};
    std::string client_uri;
    std::string server_uri;
    for (const terminal::Node& node : pair.terminal().model().blueprint().nodes()) {
      if (!node.path.ends_with("/AAuthLevel")) continue;
      const std::string base = "./" + node.path.substr(0, node.path.rfind('/')) + "/AAuthSecret";
      (node.value == "CLCRED" ? client_uri : server_uri) = base;
    }
    client.target = client_uri;
    client.secret = Secret::kNextPassword;
    CommandSpec server = client;
    server.target = server_uri;
    server.secret = Secret::kNextServerPassword;
    pair.server().Submit("rotate", {client, server});

    terminal::Request request =
        pair.terminal().StartSession(terminal::SessionReason::kServerInitiated);
    for (int i = 1; i <= messages; ++i) {
      const Server::Answered answer = pair.Answered(request);
      if (i == messages) break;
      terminal::Next next = pair.terminal().OnResponse(
          {answer.http_status, answer.media_type, answer.body, answer.mac_header});
      if (std::holds_alternative<SessionEnd>(next)) break;
      request = std::get<terminal::Request>(std::move(next));
    }
    pair.terminal().PowerLoss();
    pair.server().now += std::chrono::minutes(5);
    EXPECT_EQ(pair.Manage().outcome, SessionEnd::Outcome::kCompleted);
    pair.server().Submit("after", {Get(kApn)});
    EXPECT_EQ(pair.Manage().outcome, SessionEnd::Outcome::kCompleted);
    EXPECT_EQ(pair.server().ended().size(), 2U);
    EXPECT_EQ(pair.Failures(), "");
    EXPECT_EQ(account.next_client_a1, "") << "the terminal has proved its new secret";
    EXPECT_EQ(account.next_server_a1, "") << "and taken ours";
    EXPECT_EQ(pair.terminal().account().password, "next-client-secret");
    EXPECT_THAT(pair.terminal().faults(), IsEmpty());
  }
}

TEST(Resynchronisation, BringsBackATerminalWhoseNoncesAreLost) {
  for (const bool ascii : {false, true}) {
    ModelSpec spec = terminal::Catalogue()[0];
    if (ascii) spec.quirks = Quirks{Quirk::kResyncNonceText};
    Pair pair(spec);
    session::NonceState& nonces = pair.server().nonces();
    nonces.known = true;
    nonces.client_nonce = "neither side";
    nonces.server_nonce = "knows these";
    nonces.resync_session = 0x1234;
    nonces.resync_until = pair.server().now + std::chrono::minutes(5);
    notification::Trigger trigger;
    trigger.session_id = 0x1234;
    trigger.server_id = kServerId;
    const std::string_view zero =
        ascii ? notification::kResyncNonceText : notification::kResyncNonce;
    const auto package =
        notification::EncodePackage0(trigger, dmauth::A1(kServerId, "srvpw"), zero);
    ASSERT_TRUE(package);
    pair.server().Submit("read", {Get("./DevInfo/Man")});
    Result<terminal::Request> request = pair.terminal().OnNotification(*package);
    ASSERT_TRUE(request) << request.error();
    EXPECT_EQ(pair.Run(*std::move(request)).outcome, SessionEnd::Outcome::kCompleted);
    EXPECT_EQ(pair.Failures(), "");
    EXPECT_EQ(pair.server().ended().size(), 1U);
    // From here on the ordinary nonces hold again.
    pair.server().Submit("again", {Get("./DevInfo/Mod")});
    EXPECT_EQ(pair.Manage(1).outcome, SessionEnd::Outcome::kCompleted);
    EXPECT_EQ(pair.server().ended().size(), 2U);
    EXPECT_THAT(pair.terminal().faults(), IsEmpty());
  }
}

}  // namespace
}  // namespace drover::interop

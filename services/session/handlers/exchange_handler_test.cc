#include "services/session/handlers/exchange_handler.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "libs/notification/package0.h"
#include "services/session/testing/fakes.h"

namespace drover::session {
namespace {

constexpr std::string_view kDevice = "IMEI:493005100592800";

std::string Package1(int msg_id = 1, std::string_view device = kDevice) {
  const std::string cred = dmauth::BasicCredential(device, "pw");
  return "<SyncML "
         "xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
         "<SessionID>1</SessionID><MsgID>" +
         std::to_string(msg_id) +
         "</MsgID><Target><LocURI>http://dm/dm</LocURI></Target><Source><LocURI>" +
         std::string(device) +
         "</LocURI></Source><Cred><Meta><Type "
         "xmlns=\"syncml:metinf\">syncml:auth-basic</Type></Meta><Data>" +
         cred +
         "</Data></Cred></SyncHdr><SyncBody><Alert><CmdID>1</CmdID><Data>1201</Data></"
         "Alert><Replace>"
         "<CmdID>2</CmdID><Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>Acme</Data></"
         "Item>"
         "</Replace><Final/></SyncBody></SyncML>";
}

class ExchangeHandlerTest : public ::testing::Test {
 protected:
  ExchangeHandlerTest() {
    Account account;
    account.user = kDevice;
    account.client_scheme = dmauth::Scheme::kBasic;
    account.client_a1 = dmauth::A1(kDevice, "pw");
    tree.accounts[device] = account;
    Assignment get;
    get.operation = OperationId("op");
    get.commands.push_back({.verb = Verb::kGet, .target = "./DevInfo/Mod"});
    operations.work.push_back(get);
    store.nonces_of[device].known = true;  // It has been here before.
  }

  void Post(ExchangeHandler& handler, const std::string& body,
            std::variant<Outbound, Failure>& outcome) {
    Inbound inbound{device, syncml::Encoding::kXml, body, "", "application/vnd.syncml.dm+xml"};
    asio::co_spawn(loop.get_executor(),
                   handler.Serve(inbound, In(std::chrono::seconds(5)),
                                 [&outcome](std::variant<Outbound, Failure> done) {
                                   outcome = std::move(done);
                                 }),
                   asio::detached);
  }
  std::variant<Outbound, Failure> Run(ExchangeHandler& handler, const std::string& body) {
    std::variant<Outbound, Failure> outcome;
    Post(handler, body, outcome);
    loop.restart();
    loop.run();
    return outcome;
  }
  ExchangeHandler Handler(UnknownTerminals unknown = {}) {
    return {loop,      {store, operations, tree, events},
            {},        std::move(unknown),
            SystemNow, [](size_t n) { return std::string(n, 'r'); },
            metrics};
  }

  const DeviceId device{std::string(kDevice)};
  asio::io_context loop;
  FakeSessionStore store;
  FakeOperations operations;
  FakeTree tree;
  FakeEvents events;
  prometheus::Registry registry;
  Metrics metrics{registry};
};

TEST_F(ExchangeHandlerTest, CarriesOutTheEffectsAndKeepsTheState) {
  ExchangeHandler handler = Handler();
  const auto outcome = Run(handler, Package1());
  ASSERT_TRUE(std::holds_alternative<Outbound>(outcome)) << std::get<Failure>(outcome).error;
  EXPECT_NE(std::get<Outbound>(outcome).body.find("./DevInfo/Mod"), std::string::npos);
  EXPECT_EQ(tree.lookups, 1);
  ASSERT_EQ(tree.nodes.size(), 1U);
  ASSERT_EQ(operations.requests.size(), 1U);
  EXPECT_TRUE(operations.requests[0].session_started);
  EXPECT_EQ(operations.requests[0].mark, 1);
  EXPECT_EQ(store.sessions.at(device).operations.size(), 1U);
}

// The terminal lost our answer and its memory of having asked; the cache lost its account.
TEST_F(ExchangeHandlerTest, ASessionThatBeginsAnewIsProvedByTheAccountAgain) {
  ExchangeHandler handler = Handler();
  Run(handler, Package1());
  const auto again = Run(handler, Package1() + "\n");
  ASSERT_TRUE(std::holds_alternative<Outbound>(again)) << std::get<Failure>(again).error;
  EXPECT_EQ(std::get<Outbound>(again).body.find("<Chal>"), std::string::npos);
  EXPECT_EQ(tree.lookups, 2);
}

TEST_F(ExchangeHandlerTest, AnotherReplicaThatWasFasterHasTheLastWord) {
  ExchangeHandler ours = Handler();
  ExchangeHandler theirs = Handler();
  std::variant<Outbound, Failure> their_answer;
  // The other replica serves the same message between our load and our save.
  bool raced = false;
  store.on_load = [&] {
    if (std::exchange(raced, true)) return;
    Post(theirs, Package1(), their_answer);
    loop.poll();
  };
  const auto our_answer = Run(ours, Package1());
  ASSERT_TRUE(std::holds_alternative<Outbound>(our_answer));
  ASSERT_TRUE(std::holds_alternative<Outbound>(their_answer));
  EXPECT_EQ(std::get<Outbound>(our_answer).body, std::get<Outbound>(their_answer).body);
  EXPECT_EQ(store.sessions.at(device).version, 1U);
  for (const auto& request : operations.requests) {
    EXPECT_EQ(request.ref.session_key, operations.requests[0].ref.session_key)
        << "one session to operations";
  }
}

TEST_F(ExchangeHandlerTest, ServesOneMessageOfATerminalAtATime) {
  ExchangeHandler handler = Handler();
  std::vector<std::variant<Outbound, Failure>> outcomes(7);
  for (auto& outcome : outcomes) Post(handler, Package1(), outcome);
  loop.run();
  int answered = 0;
  for (const auto& outcome : outcomes) {
    if (std::holds_alternative<Outbound>(outcome)) {
      ++answered;
    } else {
      EXPECT_EQ(std::get<Failure>(outcome).error.code, Code::kResourceExhausted);
    }
  }
  EXPECT_GE(answered, 5) << "one served, four wait, the rest is told to come back";
  EXPECT_EQ(operations.requests.size(), 1U) << "all others are repeats";
}

TEST_F(ExchangeHandlerTest, WritesNothingWhenAnEffectFails) {
  ExchangeHandler handler = Handler();
  operations.down = true;
  const auto outcome = Run(handler, Package1());
  ASSERT_TRUE(std::holds_alternative<Failure>(outcome));
  EXPECT_EQ(std::get<Failure>(outcome).error.code, Code::kUnavailable);
  EXPECT_TRUE(store.sessions.empty());
  EXPECT_TRUE(store.nonces_of.at(device).client_nonce.empty());
  operations.down = false;
  EXPECT_TRUE(std::holds_alternative<Outbound>(Run(handler, Package1())));
  EXPECT_EQ(operations.requests[0].ref.session_key, operations.requests[1].ref.session_key);
}

TEST_F(ExchangeHandlerTest, AnswersTheLastMessageOnlyOnceItsEventIsKept) {
  ExchangeHandler handler = Handler();
  operations.work.clear();
  events.down = true;
  EXPECT_TRUE(std::holds_alternative<Failure>(Run(handler, Package1())));
  EXPECT_TRUE(store.sessions.empty());
  events.down = false;
  EXPECT_TRUE(std::holds_alternative<Outbound>(Run(handler, Package1())));
  EXPECT_EQ(events.endings.size(), 1U);
}

TEST_F(ExchangeHandlerTest, AsksNobodyForWorkWhenNoMarkStands) {
  ExchangeHandler handler = Handler();
  store.mark = 0;
  Run(handler, Package1());
  EXPECT_TRUE(operations.requests.empty());
  store.complete = false;  // Redis was emptied: no mark says nothing.
  store.sessions.clear();
  Run(handler, Package1());
  EXPECT_EQ(operations.requests.size(), 1U);
}

TEST_F(ExchangeHandlerTest, KeepsRawMessagesWithoutPasswords) {
  tree.accounts[device].server_scheme = dmauth::Scheme::kBasic;
  tree.accounts[device].server_a1 = dmauth::A1("drover", "srvpw");
  tree.accounts[device].server_password = "srvpw";
  ExchangeHandler handler = Handler();
  const auto first = Run(handler, Package1());
  const std::string server = dmauth::BasicCredential("drover", "srvpw");
  const std::string client = dmauth::BasicCredential(kDevice, "pw");
  EXPECT_NE(std::get<Outbound>(first).body.find(server), std::string::npos);
  std::string second = Package1(2);
  second.replace(second.find("<Alert>"), 0,
                 "<Status><CmdID>9</CmdID><MsgRef>1</MsgRef><CmdRef>4</CmdRef><Cmd>Get</Cmd>"
                 "<Data>404</Data></Status>");
  Run(handler, second);
  ASSERT_EQ(operations.requests.size(), 2U);
  ASSERT_EQ(operations.requests[1].messages.size(), 2U);
  for (const RawMessage& message : operations.requests[1].messages) {
    EXPECT_EQ(message.body.find(server), std::string::npos);
    EXPECT_EQ(message.body.find(client), std::string::npos);
    EXPECT_NE(message.body.find("****"), std::string::npos);
  }
}

TEST_F(ExchangeHandlerTest, KeepsRawMessagesWithoutTheSecretsOfARotation) {
  tree.accounts[device].next_password = "0123456789abcdef";
  tree.accounts[device].next_client_a1 = dmauth::A1(kDevice, "0123456789abcdef");
  operations.work[0].commands = {{.verb = Verb::kReplace,
                                  .target = "./DMAcc/1/AppAuth/1/AAuthSecret",
                                  .secret = Secret::kNextPassword}};
  ExchangeHandler handler = Handler();
  const auto first = Run(handler, Package1());
  EXPECT_NE(std::get<Outbound>(first).body.find("0123456789abcdef"), std::string::npos);
  EXPECT_TRUE(store.sessions.at(device).response_is_secret);
  std::string second = Package1(2);
  second.insert(second.find("<Alert>"),
                "<Status><CmdID>9</CmdID><MsgRef>1</MsgRef><CmdRef>4</CmdRef><Cmd>Replace</Cmd>"
                "<Data>200</Data></Status>");
  Run(handler, second);
  ASSERT_EQ(operations.requests.size(), 2U);
  EXPECT_EQ(operations.requests[1].reports.size(), 1U);
  for (const RawMessage& message : operations.requests[1].messages) {
    EXPECT_EQ(message.body.find("0123456789abcdef"), std::string::npos);
  }
  for (const NodeReport& node : tree.nodes) EXPECT_EQ(node.uri.find("AAuth"), std::string::npos);
}

TEST_F(ExchangeHandlerTest, ATerminalThatProvesTheNextSecretMakesItThePresentOne) {
  tree.accounts[device].client_a1 = dmauth::A1(kDevice, "old");
  tree.accounts[device].next_client_a1 = dmauth::A1(kDevice, "pw");
  ExchangeHandler handler = Handler();
  EXPECT_TRUE(std::holds_alternative<Outbound>(Run(handler, Package1())));
  EXPECT_EQ(tree.promoted, (std::vector<std::pair<bool, bool>>{{true, false}}));
}

TEST_F(ExchangeHandlerTest, TellsOperationsWhatTheReplacedSessionNeverSent) {
  SessionState open;
  open.session_id = "before";
  open.version = 1;
  HeldOperation held;
  held.assignment.operation = OperationId("waiting");
  held.assignment.commands.push_back({.verb = Verb::kExec, .target = "./Reboot"});
  open.operations.push_back(held);
  held.assignment.operation = OperationId("sent");
  open.operations.push_back(held);
  open.sent.push_back({SentCommand::Role::kCommand, 1, 2, 1, 0, 0, {}});
  store.sessions[device] = open;
  ExchangeHandler handler = Handler();
  Run(handler, Package1());
  ASSERT_EQ(operations.requests.size(), 1U);
  EXPECT_TRUE(operations.requests[0].session_started);
  EXPECT_EQ(operations.requests[0].untouched, std::vector<std::string>{"waiting"});
}

TEST_F(ExchangeHandlerTest, StartsANonceResynchronisation) {
  ExchangeHandler handler = Handler();
  Result<NonceResync> made = Unavailable("not run");
  const auto start = [&]() -> Process {
    made = co_await handler.StartNonceResync(device, In(std::chrono::seconds(5)));
  };
  asio::co_spawn(loop.get_executor(), start(), asio::detached);
  loop.run();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kFailedPrecondition) << "it has no server password";

  const std::string a1 = dmauth::A1("drover", "srvpw");
  tree.accounts[device].server_a1 = a1;
  asio::co_spawn(loop.get_executor(), start(), asio::detached);
  loop.restart();
  loop.run();
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(store.nonces_of.at(device).resync_session, made->session_id);
  const auto package = notification::DecodePackage0(made->notification);
  ASSERT_TRUE(package);
  EXPECT_EQ(package->trigger.session_id, made->session_id);
  EXPECT_TRUE(notification::Verify(*package, a1, notification::kResyncNonce));
}

TEST_F(ExchangeHandlerTest, RefusesWhatDoesNotDecode) {
  ExchangeHandler handler = Handler();
  const auto outcome = Run(handler, "<SyncML><SyncHdr>");
  ASSERT_TRUE(std::holds_alternative<Failure>(outcome));
  EXPECT_EQ(std::get<Failure>(outcome).error.code, Code::kInvalidArgument);
}

TEST_F(ExchangeHandlerTest, EnrolsByPolicy) {
  UnknownTerminals policy;
  policy.policy = UnknownTerminals::Policy::kEnrol;
  policy.password = "factory";
  tree.accounts.clear();
  ExchangeHandler handler = Handler(policy);
  Run(handler, Package1());
  EXPECT_TRUE(tree.enrolled.empty()) << "basic is too weak for a terminal out of the box";
  std::string body = Package1();
  const size_t begin = body.find("<Cred>");
  const std::string cred =
      dmauth::Md5Credential(dmauth::A1(kDevice, "factory"), std::string(16, 'r'));
  body.replace(begin, body.find("</Cred>") + 7 - begin,
               "<Cred><Meta><Type xmlns=\"syncml:metinf\">syncml:auth-md5</Type></Meta><Data>" +
                   cred + "</Data></Cred>");
  Run(handler, body);
  ASSERT_EQ(tree.enrolled.size(), 1U);
  EXPECT_EQ(tree.enrolled[0].password, "factory");
}

}  // namespace
}  // namespace drover::session

#include "loadtest/drover_load/compare.h"

#include "loadtest/drover_load/fleet.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;

// A terminal that a session of one message has had execute things.
class Ledgers : public testing::Test {
 protected:
  Ledgers() : fleet_({}, {Trusting()}, 1, 1) {}

  static terminal::ModelSpec Trusting() {
    terminal::ModelSpec spec = terminal::Catalogue()[0];
    spec.client_scheme = terminal::AuthScheme::kNone;
    spec.server_scheme = terminal::AuthScheme::kNone;
    spec.encoding = syncml::Encoding::kXml;
    spec.quirks = {terminal::Quirk::kSessionIdZero};
    return spec;
  }

  void Execute(const std::string& commands) {
    fleet_[0].StartSession(terminal::SessionReason::kServerInitiated);
    const std::string xml =
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2"
        "</VerProto><SessionID>" +
        std::to_string(session_++) + "</SessionID><MsgID>1</MsgID><Target><LocURI>" +
        fleet_[0].device_id() +
        "</LocURI></Target><Source><LocURI>s</LocURI></Source></SyncHdr><SyncBody><Status><CmdID>1"
        "</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Data>200</Data></Status>" +
        commands + "<Final/></SyncBody></SyncML>";
    terminal::Response response;
    response.media_type = "application/vnd.syncml.dm+xml";
    response.body = xml;
    const terminal::Next next = fleet_[0].OnResponse(response);
    ASSERT_TRUE(std::holds_alternative<terminal::Request>(next))
        << std::get<terminal::SessionEnd>(next).cause;
  }
  static std::string Replace(const std::string& value) {
    return "<Replace><CmdID>9</CmdID><Item><Target><LocURI>./NAP/mms/ADDR</LocURI></Target><Data>" +
           value + "</Data></Item></Replace>";
  }
  static v1::Operation Done(v1::Verb verb, const std::string& uri, const std::string& data) {
    v1::Operation operation;
    operation.set_id("op");
    operation.set_label("test");
    operation.set_state(v1::SUCCEEDED);
    v1::Command& command = *operation.add_commands();
    command.set_verb(verb);
    command.set_target(uri);
    v1::CommandResult& result = *operation.add_results();
    result.set_status(200);
    if (verb == v1::GET) {
      result.add_values()->set_data(data);
    } else {
      command.set_data(data);
    }
    return operation;
  }
  std::vector<std::string> Differences(const std::vector<v1::Operation>& operations) {
    std::vector<const v1::Operation*> pointers;
    for (const v1::Operation& operation : operations) pointers.push_back(&operation);
    return Compare(fleet_[0], pointers);
  }

  Fleet fleet_;
  int session_ = 0;
};

TEST_F(Ledgers, AgreeWhenEachOperationWasExecutedOnce) {
  Execute(Replace("a.example") +
          "<Get><CmdID>10</CmdID><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item>"
          "</Get>");
  EXPECT_TRUE(Differences({Done(v1::REPLACE, "./NAP/mms/ADDR", "a.example"),
                           Done(v1::GET, "./DevInfo/Man", "Acme")})
                  .empty());
}

TEST_F(Ledgers, DifferWhenACommandWasExecutedTwice) {
  Execute(Replace("a.example"));
  Execute(Replace("a.example"));
  EXPECT_EQ(Differences({Done(v1::REPLACE, "./NAP/mms/ADDR", "a.example")}).size(), 1U);
}

TEST_F(Ledgers, DifferWhenASucceededOperationWasNeverExecuted) {
  EXPECT_EQ(Differences({Done(v1::REPLACE, "./NAP/mms/ADDR", "a.example")}).size(), 1U);
}

TEST_F(Ledgers, DifferWhenAnotherValueWasWrittenOrReported) {
  Execute(Replace("b.example"));
  EXPECT_EQ(Differences({Done(v1::REPLACE, "./NAP/mms/ADDR", "a.example")}).size(), 2U);
}

TEST_F(Ledgers, DifferWhenAnOperationDidNotSucceed) {
  v1::Operation operation = Done(v1::GET, "./DevInfo/Man", "Acme");
  operation.set_state(v1::EXPIRED);
  operation.clear_results();
  EXPECT_EQ(Differences({operation}).size(), 1U);
}

}  // namespace
}  // namespace drover::load

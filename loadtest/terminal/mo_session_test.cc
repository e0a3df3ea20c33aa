// Management objects in dialogues with a server: what of them is seen on the wire, and power losses
// between any two messages.
#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

constexpr std::string_view kUpdate = "./FUMO/P1/DownloadAndUpdate";

std::string Exec(int cmd_id, std::string_view uri, std::string_view correlator = "job-1") {
  return "<Exec><CmdID>" + std::to_string(cmd_id) + "</CmdID><Correlator>" +
         std::string(correlator) + "</Correlator><Item><Target><LocURI>" + std::string(uri) +
         "</LocURI></Target></Item></Exec>";
}

std::string Add(int cmd_id, std::string_view uri, std::string_view data) {
  return "<Add><CmdID>" + std::to_string(cmd_id) + "</CmdID><Item><Target><LocURI>" +
         std::string(uri) +
         "</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">chr</Format></Meta><Data>" +
         std::string(data) + "</Data></Item></Add>";
}

std::string AddNode(int cmd_id, std::string_view uri) {
  return "<Add><CmdID>" + std::to_string(cmd_id) + "</CmdID><Item><Target><LocURI>" +
         std::string(uri) +
         "</LocURI></Target><Meta><Format "
         "xmlns=\"syncml:metinf\">node</Format></Meta></Item></Add>";
}

// A model that the catalogue has, speaking XML with a server that need not prove itself.
ModelSpec Catalogued(std::string_view model, Quirks quirks = {}) {
  for (ModelSpec spec : WholeCatalogue()) {
    if (spec.model != model) continue;
    const ObjectHabits objects = spec.objects;
    spec = Trusting(quirks);
    spec.objects = objects;
    return spec;
  }
  return kPhone;
}

class ObjectDialogue : public Dialogue {
 protected:
  // Until nothing is under way.
  void Finish() {
    while (terminal_->next_due()) terminal_->Tick(*terminal_->next_due());
  }
  void UpdateFirmware() {
    Serve(Replace(1, std::string(kUpdate) + "/PkgURL", "https://dl.example.com/fw/pkg-7.dd") +
          Exec(2, kUpdate));
  }
  // The generic alert of package 1; nullptr: it has none.
  const Command* Reported() const {
    for (const Command& command : message().commands) {
      if (command.kind == CommandKind::kAlert && command.data->octets == "1226") return &command;
    }
    return nullptr;
  }
  std::string Value(std::string_view path) const { return terminal_->tree().Value(path); }
};

TEST_F(ObjectDialogue, PowerLostBeforeTheExecCameLeavesNothing) {
  Begin(Trusting());
  terminal_->PowerLoss();
  EXPECT_FALSE(terminal_->in_session());
  EXPECT_FALSE(terminal_->next_due());
  EXPECT_FALSE(terminal_->has_reports());
  EXPECT_EQ(Value("FUMO/P1/State"), "10");
}

TEST_F(ObjectDialogue, PowerLostAfterTheExecWasAcceptedIsReportedOnce) {
  Begin(Trusting());
  UpdateFirmware();
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 200", "Exec 202"}));
  // The answer never arrives.
  terminal_->PowerLoss();
  Finish();
  EXPECT_EQ(Value("DevDetail/FwV"), "7");
  Start(SessionReason::kClientInitiated);
  ASSERT_NE(Reported(), nullptr);
  EXPECT_EQ(Reported()->correlator, "job-1");
  Serve("");
  EXPECT_TRUE(end_);
  EXPECT_FALSE(terminal_->has_reports());
  EXPECT_EQ(terminal_->alerts_acknowledged(), 1U);
  Start(SessionReason::kClientInitiated);
  EXPECT_EQ(Reported(), nullptr);
  EXPECT_EQ(faults(), "");
}

TEST_F(ObjectDialogue, PowerLostBeforeTheReportIsAcknowledgedRepeatsIt) {
  Begin(Trusting());
  UpdateFirmware();
  Serve("");
  Finish();
  for (int i = 0; i < 3; ++i) {
    Start(SessionReason::kClientInitiated);
    ASSERT_NE(Reported(), nullptr);
    EXPECT_EQ(Reported()->correlator, "job-1");
    EXPECT_EQ(Reported()->items[0].data->octets, "200");
    terminal_->PowerLoss();
    EXPECT_TRUE(terminal_->has_reports());
  }
  Start(SessionReason::kClientInitiated);
  Serve("");
  EXPECT_FALSE(terminal_->has_reports());
  EXPECT_EQ(terminal_->alerts_acknowledged(), 1U);
  EXPECT_EQ(Value("FUMO/P1/State"), "100");
}

TEST_F(ObjectDialogue, AReportThatTheServerCannotTakeIsRepeated) {
  Begin(Trusting());
  UpdateFirmware();
  Serve("");
  Finish();
  Start(SessionReason::kClientInitiated);
  Answer(FromServer(session_id_, 1,
                    Status(1, 1, "0", "SyncHdr", 200) + Status(2, 1, "1", "Alert", 200) +
                        Status(3, 1, "2", "Alert", 500) + Status(4, 1, "3", "Replace", 200)));
  EXPECT_TRUE(terminal_->has_reports());
}

TEST_F(ObjectDialogue, StatesAreReadWhileTimePasses) {
  Begin(Trusting());
  UpdateFirmware();
  Serve(Get(3, "./FUMO/P1/State"));
  EXPECT_EQ(lines().back(), "Results ./FUMO/P1/State=30");
  terminal_->Tick(*terminal_->next_due());
  Serve(Get(4, "./FUMO/P1/State"));
  EXPECT_EQ(lines().back(), "Results ./FUMO/P1/State=40");
  terminal_->Tick(*terminal_->next_due());
  Serve(Get(5, "./FUMO/P1/State") + Exec(6, kUpdate, "job-2"));
  EXPECT_EQ(lines().back(), "Exec 403");
  EXPECT_EQ(Value("FUMO/P1/State"), "60");
}

TEST_F(ObjectDialogue, APackageIsPushedAsALargeObject) {
  Begin(Catalogued("Meter"));
  constexpr std::string_view kData = "./Fw/1/Update/PkgData";
  const auto chunk = [kData](std::string_view data, bool more, int size) {
    std::string xml = Chunk(1, kData, data, more, size);
    const size_t at = xml.find(">chr<");
    return xml.replace(at, 5, ">b64<");
  };
  // "2.0\n" and "binary", each in base64.
  Serve(chunk("Mi4wCmJp", true, 16), false);
  EXPECT_EQ(lines()[1], "Replace 213");
  EXPECT_EQ(Value("Fw/1/State"), "10");
  Serve(chunk("bmFyeQ==", false, 0), false);
  EXPECT_EQ(Value("Fw/1/State"), "50");
  Serve(Exec(2, "./Fw/1/Update"));
  EXPECT_EQ(lines().back(), "Exec 202");
  Serve("");
  Finish();
  EXPECT_EQ(Value("DevDetail/FwV"), "2.0");
  Start(SessionReason::kClientInitiated);
  EXPECT_EQ(Reported()->items[0].source->uri, "./Fw/1");
}

TEST_F(ObjectDialogue, PowerLostInALargeObjectLeavesNoPackage) {
  Begin(Trusting());
  Serve(Chunk(1, "./FUMO/P1/Update/PkgData", "2.0", true, 16), false);
  terminal_->PowerLoss();
  EXPECT_EQ(Value("FUMO/P1/Update/PkgData"), "");
  EXPECT_EQ(Value("FUMO/P1/State"), "10");
}

TEST_F(ObjectDialogue, AnAtomicThatFailsTakesThePackageBack) {
  Begin(Trusting());
  std::string data = Replace(2, "./FUMO/P1/Update/PkgData", "Mi4w");
  data.replace(data.find(">chr<"), 5, ">b64<");
  Serve("<Atomic><CmdID>1</CmdID>" + data + Replace(3, "./DevInfo/Man", "x") + "</Atomic>");
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Atomic 507", "Replace 216", "Replace 405"}));
  EXPECT_EQ(Value("FUMO/P1/State"), "10");
}

TEST_F(ObjectDialogue, AComponentIsDescribedDownloadedAndReported) {
  Begin(Catalogued("Phone 11"));
  Serve("<Sequence><CmdID>1</CmdID>" + AddNode(2, "./SCM/Download/app") +
        Add(3, "./SCM/Download/app/PkgID", "com.example.app") +
        Add(4, "./SCM/Download/app/PkgURL", "http://dl.example.com/app-2.dd") +
        Exec(5, "./SCM/Download/app/Operations/DownloadInstall") + "</Sequence>");
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Sequence 200", "Add 200", "Add 200",
                                               "Add 200", "Exec 202"}));
  Serve("");
  Finish();
  Start(SessionReason::kClientInitiated);
  ASSERT_NE(Reported(), nullptr);
  const syncml::Item& item = Reported()->items[0];
  EXPECT_EQ(item.meta.type, "urn:oma:at:scomo:1.0:OperationComplete");
  EXPECT_EQ(item.data->octets,
            "<ResultCode>1200</ResultCode><Identifier>com.example.app</Identifier>");
  EXPECT_EQ(item.target->uri, "./SCM/Inventory/Deployed/app");
  Serve(Get(1, "./SCM/Inventory/Deployed"));
  EXPECT_EQ(lines().back(), "Results ./SCM/Inventory/Deployed=Browser/Mail/app");
}

TEST_F(ObjectDialogue, AWholeAccountIsAddedWithTheParentsItNeeds) {
  Begin(Catalogued("Phone 11", {Quirk::kImplicitParents}));
  Serve("<Atomic><CmdID>1</CmdID>" + AddNode(2, "./NAP/iot") + Add(3, "./NAP/iot/NAPID", "iot") +
        Add(4, "./NAP/iot/AuthInfo/AuthName", "user") + AddNode(5, "./MMS/2") +
        Add(6, "./MMS/2/AppID", "w4") +
        Add(7, "./MMS/2/AppAddr/1/Addr", "http://mmsc.example.net/") +
        Add(8, "./MMS/2/ToConRef/1/ConRef", "./NAP/iot") +
        Replace(9, "./PROXY/wap/ADDR", "192.0.2.9") + "</Atomic>");
  EXPECT_EQ(lines()[1], "Atomic 200");
  EXPECT_EQ(Value("NAP/iot/AuthInfo/AuthName"), "user");
  EXPECT_EQ(Value("MMS/2/AppAddr/1/Addr"), "http://mmsc.example.net/");
  Serve("<Delete><CmdID>1</CmdID><Item><Target><LocURI>./MMS/2</LocURI></Target></Item></Delete>" +
        Get(2, "./MMS"));
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Delete 200", "Get 200", "Results ./MMS=1"}));
}

TEST_F(ObjectDialogue, SecretsAreWrittenAndNeverRead) {
  Begin(Catalogued("Phone 11"));
  Serve(Replace(1, "./MMS/1/AppAuth/1/AAuthSecret", "s") + Get(2, "./MMS/1/AppAuth/1/AAuthSecret") +
        Get(3, "./DMAcc/1/AppAuth/1/AAuthSecret") + Get(4, "./DMAcc/1/AppAuth/2/AAuthData") +
        Get(5, "./DMAcc/1/AppAuth/2/AAuthName"));
  EXPECT_EQ(lines(), (std::vector<std::string>{
                         "SyncHdr 200", "Replace 200", "Get 405", "Get 405", "Get 405", "Get 200",
                         "Results ./DMAcc/1/AppAuth/2/AAuthName=com.mgmtsrv.manage"}));
}

TEST_F(ObjectDialogue, ATerminalOfDm11HasTheAccountOfItsTime) {
  ModelSpec spec = kPhone;
  spec.version = DmVersion::k11;
  const Model model(spec, surroundings_.server);
  EXPECT_NE(model.blueprint().Find("SyncML/DMAcc/1/ServerPW"), nullptr);
  EXPECT_EQ(model.blueprint().Find("SyncML/DMAcc/1/ServerPW")->access, kAccessReplace);
  EXPECT_EQ(model.blueprint().Find("SyncML/DMAcc/1/ServerId")->value, "com.mgmtsrv.manage");
  EXPECT_EQ(model.blueprint().Find("DMAcc"), nullptr);
  EXPECT_EQ(model.blueprint().Find("Inbox"), nullptr);
}

TEST_F(ObjectDialogue, AFactoryResetComesAfterTheSession) {
  Begin(Catalogued("Phone 11"));
  Serve(Replace(1, "./NAP/internet/ADDR", "iot.example") +
        Exec(2, "./LAWMO/Operations/FactoryReset"));
  EXPECT_EQ(lines().back(), "Exec 202");
  terminal_->Tick(*terminal_->next_due());
  EXPECT_EQ(Value("NAP/internet/ADDR"), "iot.example");
  Serve("");
  Finish();
  EXPECT_EQ(Value("NAP/internet/ADDR"), "internet.example");
  Start(SessionReason::kClientInitiated);
  ASSERT_NE(Reported(), nullptr);
  EXPECT_EQ(Reported()->items[0].data->octets, "1200");
}

TEST_F(ObjectDialogue, ATrapThatFiresWantsASession) {
  Begin(Catalogued("Phone 11"));
  Serve(AddNode(1, "./DiagMonTraps/Battery/ServerIDs/1") +
        Add(2, "./DiagMonTraps/Battery/ServerIDs/1/ServerID", "com.mgmtsrv.manage"));
  Serve("");
  terminal_->Sense("Battery", 5);
  EXPECT_TRUE(terminal_->has_reports());
  Start(SessionReason::kClientInitiated);
  ASSERT_NE(Reported(), nullptr);
  EXPECT_EQ(Reported()->correlator, "");
  EXPECT_EQ(Reported()->items[0].meta.type, "urn:oma:at:diagmon:1.0:TrapNotification");
  EXPECT_EQ(Reported()->items[0].source->uri, "./DiagMonTraps/Battery");
  Serve("");
  terminal_->DeregisterTraps();
  EXPECT_TRUE(terminal_->has_reports());
}

TEST_F(ObjectDialogue, AGivenFateIsOneOperations) {
  Begin(Trusting());
  terminal_->GiveFate({"DownloadAndUpdate", 402});
  UpdateFirmware();
  Serve("");
  Finish();
  Start(SessionReason::kClientInitiated);
  EXPECT_EQ(Reported()->items[0].data->octets, "402");
  EXPECT_EQ(Reported()->items[0].meta.mark, "critical");
  EXPECT_EQ(Value("FUMO/P1/State"), "20");
}

TEST_F(ObjectDialogue, ATerminalThatHasDoneEverythingIsSmallAgain) {
  Begin(Catalogued("Phone 11"));
  const size_t at_rest = terminal_->size_octets();
  UpdateFirmware();
  Serve(Exec(3, "./LAWMO/Operations/FullyLock") + Exec(4, "./DCMO/Camera/Operations/Disable"));
  Serve("");
  EXPECT_GT(terminal_->size_octets(), at_rest);
  Finish();
  Start(SessionReason::kClientInitiated);
  Serve("");
  EXPECT_EQ(terminal_->alerts_acknowledged(), 3U);
  // What it has done is in its ledger and its tree, and nowhere else.
  terminal_->TakeExecutions();
  EXPECT_LT(terminal_->size_octets(), 1280U);
  EXPECT_LT(at_rest, 1024U);
}

TEST(WholeCatalogue, HasEachObjectOnSeveralModelsInSeveralPlaces) {
  std::map<std::string, std::set<std::string>> places;
  std::set<std::string> names;
  for (const ModelSpec& spec : WholeCatalogue()) {
    EXPECT_TRUE(
        names.insert(std::string(spec.manufacturer) + " " + std::string(spec.model)).second);
    const Model model(spec, {"srv", "http://127.0.0.1/dm"});
    std::string last;
    for (const Node& node : model.blueprint().nodes()) {
      EXPECT_NE(node.path, last) << spec.model;
      last = node.path;
      if (node.path != "." && model.blueprint().Find(ParentOf(node.path)) == nullptr) {
        ADD_FAILURE() << spec.model << " has no parent for " << node.path;
      }
      if (!node.type.starts_with("urn:oma:mo:")) continue;
      const std::string id = node.type.substr(0, node.type.rfind(':'));
      places[id].insert(std::string(ParentOf(node.path)));
    }
  }
  for (const char* id :
       {"fumo", "scomo", "lawmo", "dcmo", "diagmon", "diagmontrap", "connmo-nap", "connmo-proxy"}) {
    EXPECT_GE(places["urn:oma:mo:oma-" + std::string(id)].size(), 2U) << id;
  }
  EXPECT_EQ(places.count("urn:oma:mo:oma-diag"), 1U);
}

}  // namespace
}  // namespace drover::terminal

// ?list=TNDS, Add and Replace of whole subtrees, properties.
#include "libs/dmtree/tnds.h"
#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kAccessPoint =
    "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>iot</NodeName>"
    "<RTProperties><ACL>Get=*&amp;Replace=com.mgmtsrv.manage</ACL><Format><node/></Format>"
    "<Type><DDFName>urn:oma:mo:oma-connmo-nap:1.0</DDFName></Type></RTProperties>"
    "<Node><NodeName>ADDR</NodeName><RTProperties><Format><chr/></Format></RTProperties>"
    "<Value>iot.example</Value></Node>"
    "<Node><NodeName>Key</NodeName><RTProperties><Format><b64/></Format></RTProperties>"
    "<Value>AAEC</Value></Node></Node></MgmtTree>";

class Subtree : public Dialogue {
 protected:
  static std::string Put(std::string_view command, std::string_view uri, const std::string& data,
                         std::string_view format = "xml", std::string_view form = "xml") {
    return "<" + std::string(command) + "><CmdID>1</CmdID><Item><Target><LocURI>" +
           std::string(uri) + "</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">" +
           std::string(format) +
           "</Format><Type xmlns=\"syncml:metinf\">application/vnd.syncml.dmtnds+" +
           std::string(form) + "</Type></Meta><Data>" + data + "</Data></Item></" +
           std::string(command) + ">";
  }
  static std::string Cdata(std::string_view xml) { return "<![CDATA[" + std::string(xml) + "]]>"; }
  // The Status of the one command.
  std::string After(const std::string& command, Quirks quirks = {}) {
    Begin(Trusting(quirks));
    Serve(command);
    return decoded_ ? lines()[1] : end_->cause;
  }
  dmtree::Tnds Reported() const {
    Result<dmtree::Tnds> tnds = dmtree::DecodeTnds(message().commands[2].items[0].data->octets);
    EXPECT_TRUE(tnds) << tnds.error();
    return tnds ? *tnds : dmtree::Tnds();
  }
  std::string Read(std::string_view path) const { return terminal_->tree().Value(path); }
};

TEST_F(Subtree, ListTndsReportsTheSubtreeAsOneObject) {
  EXPECT_EQ(After(Get(1, "./NAP/mms?list=TNDS")), "Get 200");
  const syncml::Item& item = message().commands[2].items[0];
  EXPECT_EQ(item.source->uri, "./NAP/mms");
  EXPECT_EQ(item.meta.format, "xml");
  EXPECT_EQ(item.meta.type, "application/vnd.syncml.dmtnds+xml");
  const dmtree::Tnds tnds = Reported();
  ASSERT_GE(tnds.nodes.size(), 2U);
  EXPECT_EQ(tnds.nodes[0].uri, "mms");
  EXPECT_EQ(tnds.nodes[0].properties.format, "node");
  EXPECT_TRUE(tnds.nodes[0].properties.type->ddf_name);
  EXPECT_EQ(tnds.nodes[1].uri, "mms/ADDR");
  EXPECT_EQ(tnds.nodes[1].value, "mms.example");
  EXPECT_EQ(tnds.nodes[1].properties.size, "11");
  EXPECT_EQ(tnds.nodes[1].properties.ver_no, "0");
}

TEST_F(Subtree, ListTndsTakesPropertiesInOrOut) {
  After(Get(1, "./NAP/mms?list=TNDS+Value"));
  EXPECT_FALSE(Reported().nodes[1].properties.format);
  EXPECT_EQ(Reported().nodes[1].value, "mms.example");
  After(Get(1, "./NAP/mms?list=TNDS-Value-Size"));
  EXPECT_EQ(Reported().nodes[1].properties.format, "chr");
  EXPECT_FALSE(Reported().nodes[1].value);
  EXPECT_EQ(After(Get(1, "./NAP/mms?list=TNDS+Value-ACL")), "Get 406");
  EXPECT_EQ(After(Get(1, "./NAP/mms?list=TNDS+Colour")), "Get 406");
}

TEST_F(Subtree, ListTndsOfTheRootLeavesOutWhatTheServerMayNotRead) {
  Begin(Trusting());
  Serve(Get(1, ".?list=TNDS-ACL"), true, MaxMsgSize(60'000));
  const dmtree::Tnds tnds = Reported();
  const auto has = [&tnds](std::string_view uri) {
    return std::ranges::any_of(tnds.nodes, [uri](const auto& node) { return node.uri == uri; });
  };
  EXPECT_TRUE(has("DevInfo/Man"));
  EXPECT_FALSE(has("Inbox"));
  EXPECT_FALSE(has("DMAcc/1/AppAuth/1/AAuthSecret"));
}

TEST_F(Subtree, ListTndsInWbxmlIsTextADocumentOrInline) {
  for (const Quirks& quirks :
       {Quirks{}, Quirks{Quirk::kTndsEmbedded}, Quirks{Quirk::kTndsInline}}) {
    ModelSpec spec = Trusting(quirks);
    spec.encoding = syncml::Encoding::kWbxml;
    const Model model(spec, surroundings_.server);
    Account account;
    account.device_id = kDevice;
    Terminal terminal(model, surroundings_, std::move(account));
    const std::string first = terminal.StartSession(SessionReason::kServerInitiated).body;
    const std::string xml =
        FromServer(syncml::DecodeWbxml(first).document.message().header.session_id, 1,
                   Status(1, 1, "0", "SyncHdr", 200) + Status(2, 1, "1", "Alert", 200) +
                       Status(3, 1, "2", "Replace", 200) + Get(4, "./NAP/mms?list=TNDS") +
                       Get(5, "./DevInfo/Man"));
    std::string octets;
    syncml::EncodeWbxml(syncml::DecodeXml(xml).document.message(), octets);
    const Next next = terminal.OnResponse({200, "application/vnd.syncml.dm+wbxml", octets, ""});
    ASSERT_TRUE(std::holds_alternative<Request>(next));
    const std::string& body = std::get<Request>(next).body;
    const syncml::Decoded answer = syncml::DecodeWbxml(body);
    ASSERT_TRUE(answer) << answer.error.message;
    const syncml::Item& item = answer.document.message().commands[2].items[0];
    const Result<dmtree::Tnds> tnds = dmtree::DecodeTnds(item.data->octets);
    ASSERT_TRUE(tnds) << tnds.error();
    EXPECT_EQ(tnds->nodes[1].value, "mms.example");
    EXPECT_EQ(Lines(answer.document.message()).back(), "Results ./DevInfo/Man=Acme");
    const bool is_inline = body.find(std::string("\x4F\x00\x02\x60", 4)) != std::string::npos;
    EXPECT_EQ(is_inline, quirks.Has(Quirk::kTndsInline));
    EXPECT_EQ(body.find("DTD-DM-DDF") != std::string::npos, quirks.Has(Quirk::kTndsEmbedded));
  }
}

TEST_F(Subtree, AddMakesAWholeSubtreeHoweverItTravels) {
  std::string escaped;
  for (const char c : kAccessPoint) {
    escaped += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  }
  const dmtree::Tnds tnds = *dmtree::DecodeTnds(kAccessPoint);
  const std::string document = base::Base64(dmtree::EncodeTnds(tnds, dmtree::TndsForm::kWbxml));
  const std::string tokens = base::Base64(dmtree::EncodeTnds(tnds, dmtree::TndsForm::kInline));
  for (const std::string& add :
       {Put("Add", "./NAP/iot", Cdata(kAccessPoint)), Put("Add", "./NAP/iot", escaped),
        Put("Add", "./NAP/iot", std::string(kAccessPoint)),
        Put("Add", "./NAP/iot", document, "b64", "wbxml"),
        Put("Add", "./NAP/iot", tokens, "b64", "wbxml"),
        Put("Add", "./NAP", Cdata(kAccessPoint))}) {
    EXPECT_EQ(After(add), "Add 200") << add;
    EXPECT_EQ(Read("NAP/iot/ADDR"), "iot.example");
    EXPECT_EQ(Read("NAP/iot/Key"), std::string("\x00\x01\x02", 3));
    Serve(Get(1, "./NAP/iot?prop=ACL") + Get(2, "./NAP/iot?prop=Type"));
    EXPECT_EQ(lines()[2], "Results ./NAP/iot?prop=ACL=Get=*&Replace=com.mgmtsrv.manage");
    EXPECT_EQ(lines()[4], "Results ./NAP/iot?prop=Type=urn:oma:mo:oma-connmo-nap:1.0");
    EXPECT_EQ(terminal_->ledger().executed(), 3U);
  }
}

TEST_F(Subtree, AddIsAllOrNothing) {
  EXPECT_EQ(After(Put("Add", "./NAP/mms", Cdata(kAccessPoint))), "Add 200");
  std::string bad(kAccessPoint);
  bad.replace(bad.find("<b64/>"), 6, "<int/>");
  EXPECT_EQ(After(Put("Add", "./NAP/iot", Cdata(bad))), "Add 415");
  EXPECT_EQ(Read("NAP/iot/ADDR"), "");
  EXPECT_FALSE(terminal_->tree().Find("NAP/iot"));
  EXPECT_EQ(After(Put("Add", "./NAP/iot", "no tree")), "Add 415");
  EXPECT_EQ(After(Put("Add", "./Nothing/iot", Cdata(kAccessPoint))), "Add 404");
}

TEST_F(Subtree, AddToTheInboxFindsWhereSuchObjectsStand) {
  std::string account(kAccessPoint);
  const std::string_view nap = "urn:oma:mo:oma-connmo-nap:1.0";
  account.replace(account.find(nap), nap.size(), "urn:oma:mo:oma-dm-dmacc:1.0");
  EXPECT_EQ(After(Put("Add", "./Inbox", Cdata(account))), "Add 405");
  EXPECT_EQ(After(Put("Add", "./Inbox", Cdata(kAccessPoint))), "Add 200");
  EXPECT_EQ(Read("NAP/iot/ADDR"), "iot.example");
}

TEST_F(Subtree, ReplaceSwapsTheSubtree) {
  std::string mms(kAccessPoint);
  mms.replace(mms.find(">iot<"), 5, ">mms<");
  EXPECT_EQ(After(Put("Replace", "./NAP/mms", Cdata(mms))), "Replace 200");
  EXPECT_EQ(Read("NAP/mms/ADDR"), "iot.example");
  EXPECT_EQ(Read("NAP/mms/Key"), std::string("\x00\x01\x02", 3));
  EXPECT_FALSE(terminal_->tree().Find("NAP/mms/NAME"));
  EXPECT_EQ(After(Put("Replace", "./NAP/iot", Cdata(kAccessPoint))), "Replace 404");
}

TEST_F(Subtree, ReplaceChangesNothingIfAnyNodeIsWrong) {
  std::string mms(kAccessPoint);
  mms.replace(mms.find(">iot<"), 5, ">mms<");
  mms.replace(mms.find("<b64/>"), 6, "<int/>");
  EXPECT_EQ(After(Put("Replace", "./NAP/mms", Cdata(mms))), "Replace 415");
  EXPECT_EQ(Read("NAP/mms/ADDR"), "mms.example");
  EXPECT_EQ(Read("NAP/mms/NAME"), "mms");
}

TEST_F(Subtree, SomeDoNotKnowTnds) {
  const std::string add = Put("Add", "./NAP/iot", Cdata(kAccessPoint));
  const std::string get = Get(1, "./NAP/mms?list=TNDS");
  EXPECT_EQ(After(add, {Quirk::kNoTnds}), "Add 415");
  EXPECT_EQ(After(get, {Quirk::kNoTnds}), "Get 406");
  EXPECT_EQ(After(add, {Quirk::kTndsRefused406}), "Add 406");
  EXPECT_EQ(After(get, {Quirk::kTndsRefused406}), "Get 406");
  EXPECT_EQ(After(get, {Quirk::kNoList}), "Get 406");
}

TEST_F(Subtree, PropertiesAreReadAndSomeReplaced) {
  const auto status = [this](const std::string& command) { return After(command); };
  EXPECT_EQ(status(Replace(1, "./NAP/mms?prop=Title", "Pictures") + Get(2, "./NAP/mms?prop=Title")),
            "Replace 200");
  EXPECT_EQ(lines().back(), "Results ./NAP/mms?prop=Title=Pictures");
  EXPECT_EQ(status(Replace(1, "./NAP/mms?prop=Name", "pictures")), "Replace 200");
  EXPECT_EQ(status(Replace(1, "./NAP/mms?prop=ACL", "Get=*")), "Replace 200");
  EXPECT_EQ(status(Replace(1, "./NAP/mms?prop=Format", "chr")), "Replace 405");
  EXPECT_EQ(status(Replace(1, "./NAP/mms?prop=Colour", "red")), "Replace 406");
  EXPECT_EQ(status(Replace(1, "./NAP/mms?prop=Title", std::string(256, 'x'))), "Replace 500");
  EXPECT_EQ(status(Get(1, "./NAP/mms?prop=TStamp")), "Get 406");
}

}  // namespace
}  // namespace drover::terminal

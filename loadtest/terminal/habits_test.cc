// Quirks, each seen in what the terminal sends or does. Those of authentication, large objects,
// Atomic, dialogs, notification and the connection are beside what they change.
#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

using Texts = std::vector<std::string>;

class Habits : public Dialogue {
 protected:
  Texts After(const std::string& commands, Quirks quirks) {
    Begin(Trusting(quirks));
    Serve(commands);
    return decoded_ ? lines() : Texts{end_->cause};
  }
  // Package 1 in WBXML.
  std::string Wbxml(Quirks quirks) {
    ModelSpec spec = Trusting(quirks);
    spec.encoding = syncml::Encoding::kWbxml;
    const Model model(spec, surroundings_.server);
    Account account;
    account.device_id = kDevice;
    Terminal terminal(model, surroundings_, std::move(account));
    return terminal.StartSession(SessionReason::kServerInitiated).body;
  }
  static std::string SourceIn(const syncml::Message& message) {
    return std::string(message.header.source.uri);
  }
};

TEST_F(Habits, MediaTypesAreSpeltInManyWays) {
  const auto type = [this](Quirks quirks) {
    Begin(Trusting(quirks));
    return request_.media_type;
  };
  EXPECT_EQ(type({}), "application/vnd.syncml.dm+xml");
  EXPECT_EQ(type({Quirk::kUppercaseMediaType}), "application/vnd.syncml.dm+XML");
  EXPECT_EQ(type({Quirk::kDsMediaType}), "application/vnd.syncml+xml");
  EXPECT_EQ(type({Quirk::kCharsetParameter}), "application/vnd.syncml.dm+xml; charset=UTF-8");
  EXPECT_EQ(type({Quirk::kNoMediaType}), "");
  type({Quirk::kLowercaseMediaType});
  EXPECT_TRUE(request_.lowercase_headers);
}

TEST_F(Habits, AnExactMediaTypeIsEqualToTheLetterOrTheEnd) {
  Begin(Trusting({Quirk::kExactMediaType}));
  Serve(Get(1, "./DevInfo/Man"));
  ASSERT_TRUE(decoded_);
  const std::string xml = FromServer(session_id_, 2, Serving(""));
  Take(terminal_->OnResponse({200, "application/vnd.syncml.dm+xml; charset=utf-8", xml, ""}));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kProtocolError);
}

TEST_F(Habits, WbxmlHeadersAndAttributesDiffer) {
  EXPECT_TRUE(Wbxml({}).starts_with(std::string("\x02\xA4\x01\x6A\x00\x6D", 6)));
  EXPECT_TRUE(Wbxml({Quirk::kWbxmlVersion03}).starts_with(std::string("\x03\xA4\x01", 3)));
  EXPECT_EQ(Wbxml({Quirk::kWbxmlTextualPublicId}).substr(5, 29), "-//SYNCML//DTD SyncML 1.2//EN");
  const std::string literal = Wbxml({Quirk::kWbxmlLiteralXmlns});
  EXPECT_EQ(literal.substr(5, 22), std::string("\xED\x04\x00\x03SYNCML:SYNCML1.2\x00\x01", 22));
  for (const Quirk quirk :
       {Quirk::kWbxmlVersion03, Quirk::kWbxmlTextualPublicId, Quirk::kWbxmlLiteralXmlns}) {
    const std::string octets = Wbxml({quirk});
    const syncml::Decoded decoded = syncml::DecodeWbxml(octets);
    ASSERT_TRUE(decoded) << Name(quirk) << ": " << decoded.error.message;
    EXPECT_EQ(Lines(decoded.document.message()), (Texts{"Alert 1200", "Replace"}));
  }
}

TEST_F(Habits, OctetsInWbxmlStandAsOpaqueForSome) {
  ModelSpec spec = With({Quirk::kOpaqueNonce, Quirk::kOpaqueData, Quirk::kPropTrailingNul});
  spec.client_scheme = AuthScheme::kNone;
  spec.encoding = syncml::Encoding::kWbxml;
  nonces_ = {"/+7dzLuqmYh3ZlVEMyIRAA=="};
  const Model model(spec, surroundings_.server);
  Account account;
  account.device_id = kDevice;
  account.server_password = "srvpw";
  Terminal terminal(model, surroundings_, std::move(account));
  const std::string first = terminal.StartSession(SessionReason::kServerInitiated).body;
  const syncml::Decoded package1 = syncml::DecodeWbxml(first);
  ASSERT_TRUE(package1);
  const std::string a1 = dmauth::A1("com.mgmtsrv.manage", "srvpw");
  const std::string xml =
      FromServer(package1.document.message().header.session_id, 1,
                 Status(1, 1, "0", "SyncHdr", 200) + Status(2, 1, "1", "Alert", 200) +
                     Status(3, 1, "2", "Replace", 200) + Get(4, "./DevInfo/Man") +
                     Get(5, "./FUMO/P1?prop=Type"),
                 Cred(dmauth::Md5Credential(a1, "")));
  std::string octets;
  syncml::EncodeWbxml(syncml::DecodeXml(xml).document.message(), octets);
  const Next next = terminal.OnResponse({200, "application/vnd.syncml.dm+wbxml", octets, ""});
  ASSERT_TRUE(std::holds_alternative<Request>(next));
  const syncml::Decoded answer = syncml::DecodeWbxml(std::get<Request>(next).body);
  ASSERT_TRUE(answer) << answer.error.message;
  const auto& commands = answer.document.message().commands;
  EXPECT_EQ(commands[0].chal->next_nonce.form, syncml::DataForm::kOpaque);
  EXPECT_EQ(commands[0].chal->next_nonce.octets, *base::FromBase64("/+7dzLuqmYh3ZlVEMyIRAA=="));
  EXPECT_EQ(commands[2].items[0].data->form, syncml::DataForm::kOpaque);
  EXPECT_EQ(commands[4].items[0].data->octets, std::string("urn:oma:mo:oma-fumo:1.0\0", 24));
}

TEST_F(Habits, XmlMayHaveAPrologue) {
  Begin(Trusting({Quirk::kXmlDoctype}));
  EXPECT_TRUE(request_.body.starts_with("<?xml"));
}

TEST_F(Habits, SourceIsTheImeiInSomeSpelling) {
  Begin(Trusting({Quirk::kLowercaseImei}));
  EXPECT_EQ(SourceIn(message()), "imei:493005100592800");
  Begin(Trusting({Quirk::kImeiWithoutCheckDigit}));
  EXPECT_EQ(SourceIn(message()), "IMEI:49300510059280");
}

TEST_F(Habits, AStrictTerminalEndsUnlessTheHeadersStatusIsFirstAndHasItsCmdRef) {
  Begin(Trusting({Quirk::kStrictHeaderStatus}));
  Answer(FromServer(session_id_, 1,
                    "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><Cmd>SyncHdr</Cmd><Data>200</Data>"
                    "</Status>" +
                        Status(2, 1, "1", "Alert", 200) + Status(3, 1, "2", "Replace", 200) +
                        Get(4, "./DevInfo/Man")));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kProtocolError);
  Begin(Trusting({Quirk::kStrictHeaderStatus}));
  Answer(FromServer(session_id_, 1,
                    Status(2, 1, "1", "Alert", 200) + Status(1, 1, "0", "SyncHdr", 200) +
                        Status(3, 1, "2", "Replace", 200) + Get(4, "./DevInfo/Man")));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kProtocolError);
}

TEST_F(Habits, VersionsFallBackAfter513AndAfterAnHttpError) {
  Begin(Trusting({Quirk::kVersionFallBack}));
  Answer(FromServer(session_id_, 1,
                    Status(1, 1, "0", "SyncHdr", 513) + Status(2, 1, "1", "Alert", 513) +
                        Status(3, 1, "2", "Replace", 513)));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(message().header.ver_proto, "DM/1.1");
  EXPECT_EQ(message().version, syncml::Version::k11);
  EXPECT_EQ(lines(), (Texts{"Alert 1200", "Replace"}));
  Begin(Trusting({Quirk::kVersionFallBack}));
  Take(terminal_->OnResponse({400, "", "", ""}));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(message().header.ver_proto, "DM/1.1");
  Take(terminal_->OnResponse({400, "", "", ""}));
  EXPECT_TRUE(end_);
}

TEST_F(Habits, FinalComesAlwaysOrNever) {
  Begin(Trusting({Quirk::kFinalInEveryMessage}));
  Serve(Chunk(1, "./NAP/mms/ADDR", "half", true, 8), false);
  EXPECT_TRUE(message().final);
  Begin(Trusting({Quirk::kNeverFinal}));
  EXPECT_FALSE(message().final);
  Serve(Get(1, "./DevInfo/Man"));
  EXPECT_FALSE(message().final);
}

TEST_F(Habits, NextMessageIsUnknownToSome) {
  Begin(Trusting({Quirk::kRejectsNextMessage}));
  ServeMore();
  EXPECT_EQ(lines(), (Texts{"SyncHdr 200", "Alert 406"}));
}

TEST_F(Habits, StatusesAreOnePerItemOrOnePerCommandOrWithoutTarget) {
  const std::string two =
      "<Get><CmdID>1</CmdID><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item><Item>"
      "<Target><LocURI>./DevInfo/No</LocURI></Target></Item></Get>";
  EXPECT_EQ(After(two, {}),
            (Texts{"SyncHdr 200", "Get 200", "Get 404", "Results ./DevInfo/Man=Acme"}));
  EXPECT_EQ(After(two, {Quirk::kStatusPerCommand}),
            (Texts{"SyncHdr 200", "Get 404", "Results ./DevInfo/Man=Acme"}));
  EXPECT_TRUE(message().commands[1].target_refs.empty());
  EXPECT_EQ(After(Get(1, "./DevInfo/Man"), {Quirk::kResultsBeforeStatus}),
            (Texts{"SyncHdr 200", "Results ./DevInfo/Man=Acme", "Get 200"}));
  After(Get(1, "./DevInfo/Man"), {Quirk::kNoStatusTargetRef, Quirk::kNoResultsMsgRef});
  EXPECT_TRUE(message().commands[1].target_refs.empty());
  EXPECT_TRUE(message().commands[2].msg_ref.empty());
}

TEST_F(Habits, StatusPerItemEvenIfAllAreEqual) {
  const std::string two =
      "<Get><CmdID>1</CmdID><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item><Item>"
      "<Target><LocURI>./DevInfo/Mod</LocURI></Target></Item></Get>";
  EXPECT_EQ(After(two, {Quirk::kStatusPerItem}).size(), 4U);
}

TEST_F(Habits, Package1DiffersInItsNumbersAndItsDevInfo) {
  Begin(Trusting({Quirk::kFirstCmdId2, Quirk::kDevInfoReversed, Quirk::kLoginStatusAlert}));
  EXPECT_EQ(lines(), (Texts{"Alert 1200", "Alert 1224", "Replace"}));
  EXPECT_EQ(message().commands[0].cmd_id, "2");
  EXPECT_EQ(message().commands[1].items[0].meta.type, "com.microsoft/MDM/LoginStatus");
  EXPECT_EQ(message().commands[2].items[0].source->uri, "./DevInfo/Mod");
  Begin(Trusting({Quirk::kDevInfoExt}));
  EXPECT_EQ(message().commands[1].items[0].source->uri, "./DevInfo/Bearer/GPRS");
  EXPECT_EQ(message().commands[1].items.size(), 7U);
}

TEST_F(Habits, GenericAlertsDifferInTheirMeta) {
  const auto alert = [this](Quirks quirks) -> syncml::Item {
    Begin(Trusting(quirks));
    Serve(
        "<Exec><CmdID>1</CmdID><Item><Target><LocURI>./FUMO/P1/DownloadAndUpdate</LocURI>"
        "</Target></Item></Exec>");
    terminal_->AbandonSession();
    while (terminal_->next_due()) terminal_->Tick(*terminal_->next_due());
    Start(SessionReason::kClientInitiated);
    EXPECT_EQ(lines()[1], "Alert 1226");
    return message().commands[1].items[0];
  };
  EXPECT_EQ(alert({Quirk::kBareAlertType}).meta.type,
            "org.openmobilealliance.dm.firmwareupdate.downloadandupdate");
  EXPECT_EQ(alert({Quirk::kAlertFromOperationNode}).source->uri, "./FUMO/P1/DownloadAndUpdate");
  const syncml::Item plain = alert({Quirk::kAlertTextPlain});
  EXPECT_EQ(plain.meta.format, "text/plain");
  EXPECT_EQ(plain.meta.mark, "warning");
  EXPECT_EQ(alert({Quirk::kAlertWithTarget}).target->uri, "./FUMO/P1");
}

TEST_F(Habits, TheTreeIsReadAndWrittenDifferently) {
  EXPECT_EQ(After(Get(1, "./NAP?list=Struct"), {Quirk::kNoList}),
            (Texts{"SyncHdr 200", "Get 406"}));
  EXPECT_EQ(After(Get(1, "./DMAcc/1?prop=Type"), {Quirk::kOldMoIds}),
            (Texts{"SyncHdr 200", "Get 200",
                   "Results ./DMAcc/1?prop=Type=org.openmobilealliance/1.0/w7"}));
  const std::string replace = Replace(1, "./NAP/mms/PROXY", "p.example");
  EXPECT_EQ(After(replace, {})[1], "Replace 404");
  EXPECT_EQ(After(replace, {Quirk::kReplaceCreates})[1], "Replace 200");
  EXPECT_EQ(terminal_->tree().Value("NAP/mms/PROXY"), "p.example");
  const std::string add =
      "<Add><CmdID>1</CmdID><Item><Target><LocURI>./NAP/a/b/C</LocURI></Target><Meta><Format "
      "xmlns=\"syncml:metinf\">chr</Format></Meta><Data>x</Data></Item></Add>";
  EXPECT_EQ(After(add, {})[1], "Add 404");
  EXPECT_EQ(After(add, {Quirk::kImplicitParents})[1], "Add 200");
  EXPECT_EQ(terminal_->tree().Value("NAP/a/b/C"), "x");
}

TEST_F(Habits, SessionIdsAreZeroLongOrDecimal) {
  Begin(Trusting({Quirk::kSessionIdZero}));
  EXPECT_EQ(session_id_, "0");
  Begin(Trusting({Quirk::kLongSessionId}));
  EXPECT_EQ(session_id_.size(), 16U);
  Begin(Trusting({Quirk::kSessionIdDecimal}));
  EXPECT_EQ(session_id_, "29440");
}

TEST_F(Habits, AnAbortGoesWithTheAnswerToTheFirstCommands) {
  EXPECT_EQ(After(Replace(1, "./NAP/mms/ADDR", "x"), {Quirk::kAbortsSession}),
            (Texts{"SyncHdr 200", "Replace 200", "Alert 1223"}));
  EXPECT_TRUE(message().final);
  Serve("");
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kAborted);
  EXPECT_EQ(faults(), "");
  EXPECT_EQ(terminal_->tree().Value("NAP/mms/ADDR"), "x");
}

TEST_F(Habits, AnAbortMayBeAskedForAtAnyPoint) {
  Begin(Trusting());
  Serve(Get(1, "./DevInfo/Man"));
  terminal_->AbortSession();
  Serve(Get(1, "./DevInfo/Mod"));
  EXPECT_EQ(lines().back(), "Alert 1223");
  Serve(Get(1, "./DevInfo/Man"));
  ASSERT_TRUE(end_);
  EXPECT_EQ(faults(), "commands after alert 1223; ");
}

TEST_F(Habits, SomeNeverEndASession) {
  Begin(Trusting({Quirk::kNeverEnds}));
  for (int i = 0; i < 5; ++i) {
    Serve("");
    ASSERT_TRUE(decoded_);
    EXPECT_EQ(lines(), (Texts{"SyncHdr 200", "Alert 1222"}));
  }
}

TEST_F(Habits, ASecondSessionTakesTheFirstOnesPlace) {
  Begin(Trusting({Quirk::kSecondSession}));
  const std::string first = session_id_;
  Serve(Replace(1, "./NAP/mms/ADDR", "x"));
  ASSERT_TRUE(decoded_);
  EXPECT_NE(message().header.session_id, first);
  EXPECT_EQ(lines(), (Texts{"Alert 1201", "Replace"}));
  EXPECT_EQ(terminal_->tree().Value("NAP/mms/ADDR"), "mms.example");
  session_id_ = message().header.session_id;
  served_ = 0;
  Serve(Replace(1, "./NAP/mms/ADDR", "x"));
  EXPECT_EQ(lines()[1], "Replace 200");
}

TEST_F(Habits, TheConnectionSuffersWhatTheRequestSays) {
  Begin(Trusting({Quirk::kConnectionClose, Quirk::kChunkedRequest, Quirk::kExpectContinue,
                  Quirk::kSlow, Quirk::kDropAfterSend}));
  EXPECT_TRUE(request_.close_connection);
  EXPECT_TRUE(request_.chunked);
  EXPECT_TRUE(request_.expect_continue);
  EXPECT_TRUE(request_.slowly);
  EXPECT_EQ(request_.mishap, Mishap::kNone);
  Serve(Get(1, "./DevInfo/Man"));
  EXPECT_EQ(request_.mishap, Mishap::kDropAfterSend);
  Serve(Get(1, "./DevInfo/Man"));
  EXPECT_EQ(request_.mishap, Mishap::kNone);
  Begin(Trusting({Quirk::kDropBeforeSend}));
  Serve(Get(1, "./DevInfo/Man"));
  EXPECT_EQ(request_.mishap, Mishap::kDropBeforeSend);
}

}  // namespace
}  // namespace drover::terminal

// The dialogues of the specification's examples, the server's part written by hand.
#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

TEST_F(Dialogue, BothSidesChallengeEachOtherByMd5) {
  nonces_ = {"/+7dzLuqmYh3ZlVEMyIRAA==", "sLGys7S1tre4ubq7vL2+vw=="};
  Begin(With({Quirk::kNoCredFirst}));
  EXPECT_EQ(request_.url, kUrl);
  EXPECT_EQ(request_.media_type, kXmlType);
  EXPECT_FALSE(message().header.cred);
  EXPECT_EQ(message().header.meta.max_msg_size, 16384U);
  EXPECT_EQ(lines(), (std::vector<std::string>{"Alert 1200", "Replace"}));
  ASSERT_EQ(message().commands[1].items.size(), 5U);
  EXPECT_EQ(message().commands[1].items[0].source->uri, "./DevInfo/DevId");

  Answer(FromServer(session_id_, 1,
                    Status(1, 1, "0", "SyncHdr", 407, Chal("ABEiM0RVZneImaq7zN3u/w==")) +
                        Status(2, 1, "1", "Alert", 407) + Status(3, 1, "2", "Replace", 407),
                    "<RespURI>https://dm.example.com/dm?sid=n3.k7Qp</RespURI>"));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(request_.url, "https://dm.example.com/dm?sid=n3.k7Qp");
  EXPECT_EQ(message().header.target.uri, "https://dm.example.com/dm?sid=n3.k7Qp");
  EXPECT_EQ(message().header.msg_id, "2");
  EXPECT_EQ(message().header.source.name, kDevice);
  ASSERT_TRUE(message().header.cred);
  EXPECT_EQ(message().header.cred->data.octets, "wAE7JgnQG1w22WNSm1cQig==");
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 407", "Alert 1200", "Replace"}));
  ASSERT_TRUE(message().commands[0].chal);
  EXPECT_EQ(message().commands[0].chal->next_nonce.octets, "/+7dzLuqmYh3ZlVEMyIRAA==");

  Answer(FromServer(
      session_id_, 2,
      Status(1, 2, "0", "SyncHdr", 212, Chal("oKGio6SlpqeoqaqrrK2urw==")) +
          Status(2, 2, "2", "Alert", 200) + Status(3, 2, "3", "Replace", 200) +
          "<Get><CmdID>4</CmdID><Item><Target><LocURI>./DevDetail/FwV</LocURI></Target></Item>"
          "<Item><Target><LocURI>./DevDetail/LrgObj</LocURI></Target></Item></Get>",
      Cred("qLCDW9QNdGjJGL7402Zmfw==")));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_FALSE(message().header.cred);
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 212", "Get 200",
                                      "Results ./DevDetail/FwV=6.1.0 ./DevDetail/LrgObj=true"}));
  EXPECT_EQ(message().commands[0].chal->next_nonce.octets, "sLGys7S1tre4ubq7vL2+vw==");
  EXPECT_EQ(message().commands[1].target_refs.size(), 2U);
  EXPECT_EQ(message().commands[2].msg_ref, "2");
  EXPECT_EQ(message().commands[2].items[1].meta.format, "bool");
  EXPECT_EQ(terminal_->account().client_nonce, *base::FromBase64("oKGio6SlpqeoqaqrrK2urw=="));
  EXPECT_EQ(terminal_->account().server_nonce, *base::FromBase64("sLGys7S1tre4ubq7vL2+vw=="));

  Answer(FromServer(session_id_, 3, Status(1, 3, "0", "SyncHdr", 200)));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kCompleted);
  EXPECT_FALSE(terminal_->in_session());
  EXPECT_EQ(faults(), "");
  EXPECT_EQ(terminal_->ledger().executed(), 2U);
}

TEST_F(Dialogue, AServerThatDoesNotProveItselfExecutesNothing) {
  Begin();
  const std::string body = Status(1, 1, "0", "SyncHdr", 212) + Status(2, 1, "1", "Alert", 200) +
                           Status(3, 1, "2", "Replace", 200) +
                           Replace(4, "./NAP/mms/ADDR", "evil.example");
  Answer(FromServer(session_id_, 1, body));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 407", "Replace 407"}));
  const std::string again =
      Status(1, 2, "0", "SyncHdr", 200) + Replace(2, "./NAP/mms/ADDR", "evil.example");
  Answer(FromServer(session_id_, 2, again, Cred("wAE7JgnQG1w22WNSm1cQig==")));
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 401", "Replace 401"}));
  const std::string third =
      Status(1, 3, "0", "SyncHdr", 200) + Replace(2, "./NAP/mms/ADDR", "evil.example");
  Answer(FromServer(session_id_, 3, third, Cred("wAE7JgnQG1w22WNSm1cQig==")));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kServerNotAuthenticated);
  EXPECT_EQ(terminal_->tree().Value("NAP/mms/ADDR"), "mms.example");
  EXPECT_EQ(terminal_->ledger().executed(), 0U);
}

TEST_F(Dialogue, CredentialsRefusedThreeTimesEndTheSession) {
  Begin();
  for (int i = 1; i <= 2; ++i) {
    Answer(FromServer(session_id_, i,
                      Status(1, i, "0", "SyncHdr", 401, Chal("ABEiM0RVZneImaq7zN3u/w==")) +
                          Status(2, i, i == 1 ? "1" : "2", "Alert", 401) +
                          Status(3, i, i == 1 ? "2" : "3", "Replace", 401)));
    ASSERT_TRUE(decoded_) << end_->cause;
  }
  Answer(FromServer(session_id_, 3,
                    Status(1, 3, "0", "SyncHdr", 401, Chal("ABEiM0RVZneImaq7zN3u/w=="))));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kNotAuthenticated);
}

TEST_F(Dialogue, WithAcceptanceForOneMessageTheCredIsSentAgainWithTheNewNonce) {
  Begin([] {
    ModelSpec spec = kPhone;
    spec.server_scheme = AuthScheme::kNone;
    return spec;
  }());
  ASSERT_TRUE(message().header.cred);
  Answer(FromServer(session_id_, 1,
                    Status(1, 1, "0", "SyncHdr", 200, Chal("ABEiM0RVZneImaq7zN3u/w==")) +
                        Status(2, 1, "1", "Alert", 200) + Status(3, 1, "2", "Replace", 200) +
                        Replace(4, "./NAP/mms/ADDR", "x")));
  ASSERT_TRUE(decoded_) << end_->cause;
  ASSERT_TRUE(message().header.cred);
  EXPECT_EQ(message().header.cred->data.octets, "wAE7JgnQG1w22WNSm1cQig==");
}

TEST_F(Dialogue, TheTreeIsReadByChildListPropertyAndStructure) {
  Begin(Trusting());
  Accept();
  Answer(FromServer(
      session_id_, 1,
      accepted_ +
          "<Get><CmdID>12</CmdID><Item><Target><LocURI>.</LocURI></Target></Item></Get>"
          "<Get><CmdID>13</CmdID><Item><Target><LocURI>./DMAcc/1?prop=ACL</LocURI></Target></Item>"
          "</Get>"
          "<Get><CmdID>14</CmdID><Item><Target><LocURI>./NAP/mms?list=StructData</LocURI></Target>"
          "</Item></Get>"
          "<Get><CmdID>15</CmdID><Item><Target><LocURI>./Inbox</LocURI></Target></Item></Get>"));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(
      lines(),
      (std::vector<std::string>{
          "SyncHdr 200", "Get 200", "Results .=DMAcc/DevDetail/DevInfo/FUMO/Inbox/NAP", "Get 200",
          "Results ./DMAcc/1?prop=ACL=Delete=com.mgmtsrv.manage&Get=com.mgmtsrv.manage&"
          "Replace=com.mgmtsrv.manage",
          "Get 200",
          "Results ./NAP/mms= ./NAP/mms/ADDR=mms.example ./NAP/mms/ADDRTYPE=APN "
          "./NAP/mms/NAME=mms ./NAP/mms/NAPID=mms",
          "Get 405"}));
  EXPECT_EQ(message().commands[2].items[0].meta.format, "node");
  EXPECT_EQ(faults(), "");
}

TEST_F(Dialogue, AnAtomicThatFailsIsRolledBack) {
  Begin(Trusting());
  Accept();
  Answer(FromServer(session_id_, 1,
                    accepted_ + "<Atomic><CmdID>12</CmdID>" +
                        Replace(13, "./NAP/internet/ADDR", "iot.example") +
                        Replace(14, "./DevInfo/Man", "Other") +
                        Replace(15, "./NAP/internet/NAME", "IoT") + "</Atomic>"));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Atomic 507", "Replace 216",
                                               "Replace 405", "Replace 215"}));
  EXPECT_EQ(message().commands[2].target_refs[0], "./NAP/internet/ADDR");
  EXPECT_EQ(terminal_->tree().Value("NAP/internet/ADDR"), "internet.example");
  EXPECT_EQ(terminal_->ledger().executed(), 0U);
  EXPECT_EQ(terminal_->ledger().refused(), 2U);
}

TEST_F(Dialogue, AnAtomicThatSucceedsAnswers200ForEach) {
  Begin(Trusting());
  Accept();
  Answer(FromServer(session_id_, 1,
                    accepted_ + "<Atomic><CmdID>12</CmdID>" +
                        Replace(13, "./NAP/internet/ADDR", "iot.example") +
                        Replace(14, "./NAP/internet/NAME", "IoT") + "</Atomic>"));
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Atomic 200", "Replace 200", "Replace 200"}));
  EXPECT_EQ(terminal_->tree().Value("NAP/internet/ADDR"), "iot.example");
}

TEST_F(Dialogue, AFirmwareUpdateIsAcceptedAndReportedUntilItIsAcknowledged) {
  Begin(Trusting());
  Accept();
  Answer(FromServer(
      session_id_, 1,
      accepted_ + "<Sequence><CmdID>12</CmdID>" +
          Replace(13, "./FUMO/P1/DownloadAndUpdate/PkgURL", "https://dl.example.com/fw/pkg-7.dd") +
          "<Exec><CmdID>14</CmdID><Correlator>job-8841</Correlator><Item><Target><LocURI>"
          "./FUMO/P1/DownloadAndUpdate</LocURI></Target></Item></Exec></Sequence>"));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Sequence 200", "Replace 200", "Exec 202"}));
  Answer(FromServer(session_id_, 2, Status(1, 2, "0", "SyncHdr", 200)));
  ASSERT_TRUE(end_);
  ASSERT_TRUE(terminal_->next_due());
  EXPECT_FALSE(terminal_->has_reports());
  while (terminal_->next_due()) terminal_->Tick(*terminal_->next_due());
  EXPECT_TRUE(terminal_->has_reports());
  EXPECT_EQ(terminal_->tree().Value("DevDetail/FwV"), "7");

  // The first report is lost with its connection.
  Start(SessionReason::kClientInitiated);
  EXPECT_EQ(lines(), (std::vector<std::string>{"Alert 1201", "Alert 1226", "Replace"}));
  terminal_->AbandonSession();
  Start(SessionReason::kClientInitiated);
  ASSERT_EQ(lines(), (std::vector<std::string>{"Alert 1201", "Alert 1226", "Replace"}));
  const Command& alert = message().commands[1];
  EXPECT_EQ(alert.correlator, "job-8841");
  ASSERT_EQ(alert.items.size(), 1U);
  EXPECT_EQ(alert.items[0].source->uri, "./FUMO/P1");
  EXPECT_EQ(alert.items[0].meta.format, "int");
  EXPECT_EQ(alert.items[0].meta.type,
            "Reversed-Domain-Name: org.openmobilealliance.dm.firmwareupdate.downloadandupdate");
  EXPECT_EQ(alert.items[0].data->octets, "200");
  Answer(FromServer(session_id_, 1,
                    Status(1, 1, "0", "SyncHdr", 200) + Status(2, 1, "1", "Alert", 200) +
                        Status(3, 1, "2", "Alert", 200) + Status(4, 1, "3", "Replace", 200)));
  ASSERT_TRUE(end_);
  EXPECT_FALSE(terminal_->has_reports());
  EXPECT_EQ(terminal_->alerts_acknowledged(), 1U);
  EXPECT_EQ(faults(), "");
}

TEST_F(Dialogue, ALargeObjectIsPutTogetherBeforeItIsExecuted) {
  Begin(Trusting());
  Accept();
  const auto chunk = [](std::string_view size, std::string_view data, bool more) {
    return "<Replace><CmdID>20</CmdID><Item><Target><LocURI>./NAP/mms/ADDR</LocURI></"
           "Target><Meta>" +
           (size.empty() ? "" : "<Size xmlns=\"syncml:metinf\">" + std::string(size) + "</Size>") +
           "</Meta><Data>" + std::string(data) + "</Data>" + (more ? "<MoreData/>" : "") +
           "</Item></Replace>";
  };
  Answer(FromServer(session_id_, 1, accepted_ + chunk("11", "mms.", true), "", false));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 213", "Alert 1222"}));
  EXPECT_FALSE(message().final);
  Answer(
      FromServer(session_id_, 2, Status(1, 2, "0", "SyncHdr", 200) + chunk("", "carrier", false)));
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 200"}));
  EXPECT_EQ(terminal_->tree().Value("NAP/mms/ADDR"), "mms.carrier");
  EXPECT_EQ(terminal_->ledger().executed(), 1U);
}

TEST_F(Dialogue, WhatDoesNotFitGoesWithTheNextMessage) {
  Begin(Trusting());
  Accept();
  std::string gets;
  for (int i = 20; i < 30; ++i) {
    gets += "<Get><CmdID>" + std::to_string(i) +
            "</CmdID><Item><Target><LocURI>./DevDetail?list=StructData</LocURI></Target></Item>"
            "</Get>";
  }
  Answer(FromServer(session_id_, 1, accepted_ + gets,
                    "<Meta><MaxMsgSize xmlns=\"syncml:metinf\">6000</MaxMsgSize></Meta>"));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_LE(request_.body.size(), 6000U);
  EXPECT_FALSE(message().final);
  size_t answered = message().commands.size() - 1;
  for (int msg_id = 2; !message().final; ++msg_id) {
    ASSERT_LT(msg_id, 12);
    Answer(FromServer(
        session_id_, msg_id,
        Status(1, msg_id, "0", "SyncHdr", 200) + "<Alert><CmdID>2</CmdID><Data>1222</Data></Alert>",
        "", false));
    ASSERT_TRUE(decoded_) << end_->cause;
    EXPECT_EQ(lines()[1], "Alert 200");
    answered += message().commands.size() - 2;
  }
  EXPECT_EQ(answered, 20U);
  EXPECT_EQ(faults(), "");
}

TEST_F(Dialogue, UnknownAndForbiddenCommandsGetTheirCodes) {
  Begin(Trusting());
  Accept();
  Answer(FromServer(session_id_, 1,
                    accepted_ + "<Put><CmdID>12</CmdID><Item><Data>x</Data></Item></Put>"
                                "<Alert><CmdID>13</CmdID><Data>1199</Data></Alert>"
                                "<Get><CmdID>14</CmdID></Get>"));
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Put 406", "Alert 406", "Get 412"}));
}

TEST_F(Dialogue, WhatTheServerDoesWrongIsKept) {
  Begin(Trusting());
  Answer(FromServer(session_id_, 1,
                    Status(1, 1, "1", "Alert", 200) + Status(2, 1, "0", "SyncHdr", 200) +
                        Status(3, 1, "9", "Results", 200)));
  EXPECT_EQ(faults(),
            "Status of SyncHdr is not the first of the body; Status for CmdRef 9, which asked for "
            "none; no Status for Replace, CmdID 2; ");
}

TEST_F(Dialogue, AnotherSessionIdOrARepeatedMsgIdEndsTheSession) {
  Begin(Trusting());
  Answer(FromServer("FFFF", 1, Status(1, 1, "0", "SyncHdr", 200)));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kProtocolError);
}

TEST_F(Dialogue, AnHttpErrorEndsTheSession) {
  Begin(Trusting());
  const Next next = terminal_->OnResponse({503, "", ""});
  ASSERT_TRUE(std::holds_alternative<SessionEnd>(next));
  EXPECT_EQ(std::get<SessionEnd>(next).outcome, SessionEnd::Outcome::kRefused);
}

TEST_F(Dialogue, QuirksShapeWhatIsSent) {
  ModelSpec spec = With({Quirk::kResultsBeforeStatus, Quirk::kNoStatusTargetRef,
                         Quirk::kFirstCmdId2, Quirk::kDevInfoReversed, Quirk::kSessionIdZero,
                         Quirk::kXmlDoctype, Quirk::kUppercaseMediaType, Quirk::kNoResultsMsgRef});
  spec.client_scheme = AuthScheme::kNone;
  spec.server_scheme = AuthScheme::kNone;
  Begin(spec);
  EXPECT_EQ(session_id_, "0");
  EXPECT_EQ(request_.media_type, "application/vnd.syncml.dm+XML");
  EXPECT_TRUE(request_.body.starts_with("<?xml"));
  EXPECT_EQ(message().commands[0].cmd_id, "2");
  EXPECT_EQ(message().commands[1].items[0].source->uri, "./DevInfo/Mod");
  Accept();
  Answer(FromServer(session_id_, 1,
                    accepted_ + "<Get><CmdID>12</CmdID><Item><Target><LocURI>./DevInfo/Man"
                                "</LocURI></Target></Item></Get>"));
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Results ./DevInfo/Man=Acme", "Get 200"}));
  EXPECT_TRUE(message().commands[1].msg_ref.empty());
  EXPECT_TRUE(message().commands[2].target_refs.empty());
}

TEST_F(Dialogue, WbxmlQuirksChangeTheHeaderOnly) {
  const auto first = [this](Quirks quirks) {
    ModelSpec spec = With(quirks);
    spec.encoding = syncml::Encoding::kWbxml;
    const Model model(spec, surroundings_.server);
    Account account;
    account.device_id = kDevice;
    Terminal terminal(model, surroundings_, std::move(account));
    return terminal.StartSession(SessionReason::kServerInitiated).body;
  };
  EXPECT_TRUE(first({}).starts_with(std::string("\x02\xA4\x01\x6A\x00", 5)));
  const std::string version3 = first({Quirk::kWbxmlVersion03});
  EXPECT_TRUE(version3.starts_with(std::string("\x03\xA4\x01\x6A\x00", 5)));
  const std::string textual = first({Quirk::kWbxmlTextualPublicId});
  EXPECT_EQ(textual.substr(5, 29), "-//SYNCML//DTD SyncML 1.2//EN");
  EXPECT_TRUE(syncml::DecodeWbxml(textual));
}

TEST_F(Dialogue, ATerminalOfDm11IsDoneWhenItAnswers) {
  ModelSpec spec = Trusting();
  spec.version = DmVersion::k11;
  Begin(spec);
  EXPECT_EQ(message().header.ver_proto, "DM/1.1");
  EXPECT_EQ(message().version, syncml::Version::k11);
}

TEST_F(Dialogue, AnIdleTerminalIsSmall) {
  Begin();
  terminal_->AbandonSession();
  EXPECT_LT(terminal_->size_octets(), 1024U);
}

}  // namespace
}  // namespace drover::terminal

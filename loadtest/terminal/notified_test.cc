// Notifications, nonces out of step, credentials that a server replaces, and power losses.
#include "libs/dmauth/credentials.h"
#include "libs/notification/package0.h"
#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

constexpr std::string_view kServer = "com.mgmtsrv.manage";
constexpr std::string_view kZero = notification::kResyncNonce;
constexpr std::string_view kZeroText = notification::kResyncNonceText;

class Notified : public Dialogue {
 protected:
  // A terminal that has the server nonce "server nonce".
  void Idle(const ModelSpec& spec = kPhone) {
    model_.emplace(spec, surroundings_.server);
    Account account;
    account.device_id = kDevice;
    account.password = "clientpw";
    account.server_password = "srvpw";
    account.client_nonce = "client nonce";
    account.server_nonce = "server nonce";
    terminal_.emplace(*model_, surroundings_, std::move(account));
  }
  // SessionID of the session that the notification began, or why there is none.
  std::string Notify(std::string_view nonce, notification::Trigger trigger = {}) {
    trigger.session_id = 0x00A7;
    if (trigger.server_id.empty()) trigger.server_id = kServer;
    const std::string a1 = dmauth::A1(trigger.server_id, "srvpw");
    const auto octets = notification::EncodePackage0(trigger, a1, nonce);
    Result<Request> request = terminal_->OnNotification(*octets);
    if (!request) return request.error().message;
    Sent(std::move(*request));
    session_id_ = message().header.session_id;
    served_ = 0;
    return session_id_;
  }
  bool CredIsFor(std::string_view password, std::string_view nonce) const {
    return message().header.cred && dmauth::VerifyMd5(message().header.cred->data.octets,
                                                      dmauth::A1(kDevice, password), nonce);
  }
  static std::string ServerCred(std::string_view nonce, std::string_view password = "srvpw") {
    return Cred(dmauth::Md5Credential(dmauth::A1(kServer, password), nonce));
  }
};

TEST_F(Notified, ANotificationOfItsServerBeginsTheSessionItNames) {
  Idle();
  EXPECT_EQ(Notify("server nonce"), "A7");
  EXPECT_EQ(lines()[0], "Alert 1200");
  EXPECT_TRUE(CredIsFor("clientpw", "client nonce"));
  EXPECT_EQ(Notify("server nonce"), "that session is open");
}

TEST_F(Notified, OthersAreDroppedWithoutAWord) {
  Idle();
  EXPECT_EQ(Notify("another nonce"), "the digest is wrong");
  EXPECT_EQ(Notify("server nonce", {.server_id = "com.other"}), "no account for this server");
  EXPECT_FALSE(terminal_->OnNotification("short"));
  EXPECT_FALSE(terminal_->in_session());
}

TEST_F(Notified, ACopyOfWhatItHasFollowedIsDropped) {
  Idle();
  ASSERT_EQ(Notify("server nonce"), "A7");
  Serve(Get(1, "./DevInfo/Man"), true, ServerCred("server nonce"));
  Serve("");
  EXPECT_FALSE(terminal_->in_session());
  EXPECT_EQ(Notify("server nonce"), "that session has been") << "the nonce before is still taken";
  EXPECT_EQ(Notify(std::string(16, 'r')), "A7") << "the same id by chance, and the new nonce";
  ASSERT_EQ(Notify(kZero), "that session is open");
}

TEST_F(Notified, ACopyIsKnownByItsSessionIdWhereTheNonceStays) {
  ModelSpec spec = kPhone;
  spec.server_scheme = AuthScheme::kNone;
  Idle(spec);
  ASSERT_EQ(Notify("server nonce"), "A7");
  Serve("");
  EXPECT_FALSE(terminal_->in_session());
  EXPECT_EQ(Notify("server nonce"), "that session has been");
}

TEST_F(Notified, TheUserIsAskedIfTheNotificationSaysSo) {
  Idle();
  surroundings_.user = [](std::string_view, const Dialog&) {
    return terminal::Answer{.kind = terminal::Answer::Kind::kRejected};
  };
  EXPECT_EQ(Notify("server nonce", {.ui_mode = notification::UiMode::kUserInteraction}),
            "the user does not want it");
  EXPECT_EQ(terminal_->ledger().dialogs().size(), 1U);
  EXPECT_EQ(Notify("server nonce", {.ui_mode = notification::UiMode::kBackground}), "A7");
}

TEST_F(Notified, TheZeroNonceResynchronisesBothSides) {
  Idle();
  EXPECT_EQ(Notify(kZero), "A7");
  EXPECT_TRUE(CredIsFor("clientpw", kZero));
  Serve(Get(1, "./DevInfo/Man"), true, ServerCred(kZero));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 212", "Get 200", "Results ./DevInfo/Man=Acme"}));
  EXPECT_EQ(terminal_->account().server_nonce, std::string(16, 'r'));
  EXPECT_EQ(faults(), "");
}

TEST_F(Notified, TheZeroNonceIsWorthNothingInOtherSessions) {
  Idle();
  Start(SessionReason::kClientInitiated);
  Serve(Get(1, "./DevInfo/Man"), true, ServerCred(kZero));
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 401", "Get 401"}));
}

TEST_F(Notified, SomeReadTheZeroNonceAsTextAndSomeNotAtAll) {
  Idle(With({Quirk::kResyncNonceText}));
  EXPECT_EQ(Notify(kZero), "the digest is wrong");
  EXPECT_EQ(Notify(kZeroText), "A7");
  EXPECT_TRUE(CredIsFor("clientpw", kZeroText));
  Idle(With({Quirk::kNoResync}));
  EXPECT_EQ(Notify(kZero), "the digest is wrong");
}

TEST_F(Notified, SessionIdsAndAlertsDifferByMaker) {
  Idle(With({Quirk::kSessionIdDecimal}));
  EXPECT_EQ(Notify("server nonce"), "167");
  Idle(With({Quirk::kSessionIdSwapped}));
  EXPECT_EQ(Notify("server nonce"), "A700");
  Idle(With({Quirk::kOwnSessionId, Quirk::kAlways1201}));
  EXPECT_NE(Notify("server nonce"), "A7");
  EXPECT_EQ(lines()[0], "Alert 1201");
}

TEST_F(Notified, AShortServerIdIsAllThatSomeTake) {
  surroundings_.server.id = "com.example.management.x";  // 24 characters
  Idle(With({Quirk::kShortServerId}));
  EXPECT_EQ(Notify("server nonce", {.server_id = "com.example.management.x"}),
            "the server id has more than 23 characters");
}

TEST_F(Notified, CredentialsReplacedInASessionAreUsedFromTheNextOn) {
  Idle();
  Start(SessionReason::kClientInitiated);
  const std::string auth = "./DMAcc/1/AppAuth/";
  Serve(Replace(1, auth + "1/AAuthSecret", "new client") +
            Replace(2, auth + "2/AAuthSecret", "new server") +
            "<Replace><CmdID>3</CmdID><Item><Target><LocURI>" + auth +
            "1/AAuthData</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">b64</Format></Meta>"
            "<Data>Tm9uY2U=</Data></Item></Replace>",
        true, ServerCred("server nonce"));
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 212", "Replace 200", "Replace 200", "Replace 200"}));
  EXPECT_EQ(terminal_->account().password, "clientpw");
  Serve(Get(1, auth + "1/AAuthSecret"));
  EXPECT_EQ(lines()[1], "Get 405");
  Serve("");
  Start(SessionReason::kClientInitiated);
  EXPECT_TRUE(CredIsFor("new client", "Nonce"));
  EXPECT_EQ(terminal_->account().server_password, "new server");
  // Taken over once: the nonces that follow are not overwritten.
  Answer(FromServer(session_id_, 1,
                    Status(1, 1, "0", "SyncHdr", 212, Chal("AAAAAA==")) +
                        Status(2, 1, "1", "Alert", 200) + Status(3, 1, "2", "Replace", 200) +
                        Get(4, "./DevInfo/Man"),
                    ServerCred(std::string(16, 'r'), "new server")));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines()[0], "SyncHdr 212");
  terminal_->AbandonSession();
  Start(SessionReason::kClientInitiated);
  EXPECT_TRUE(CredIsFor("new client", std::string(4, '\0')));
}

TEST_F(Notified, CredentialsThatAnAtomicRolledBackNeverCount) {
  Idle();
  Start(SessionReason::kClientInitiated);
  Serve("<Atomic><CmdID>1</CmdID>" + Replace(2, "./DMAcc/1/AppAuth/1/AAuthSecret", "new") +
            Replace(3, "./DevInfo/Man", "x") + "</Atomic>",
        true, ServerCred("server nonce"));
  EXPECT_EQ(lines()[1], "Atomic 507");
  terminal_->AbandonSession();
  Start(SessionReason::kClientInitiated);
  EXPECT_TRUE(CredIsFor("clientpw", "client nonce"));
}

TEST_F(Notified, ASchemeReplacedInTheAccountIsUsedFromTheNextSessionOn) {
  Idle();
  Start(SessionReason::kClientInitiated);
  Serve(Replace(1, "./DMAcc/1/AppAuth/1/AAuthType", "HMAC"), true, ServerCred("server nonce"));
  Serve("");
  Start(SessionReason::kClientInitiated);
  EXPECT_FALSE(message().header.cred);
  EXPECT_NE(request_.mac_header, "");
}

TEST_F(Notified, ANameAndAPreferenceReplacedInTheAccountStayReadable) {
  Idle();
  Start(SessionReason::kClientInitiated);
  Serve(Replace(1, "./DMAcc/1/AppAuth/1/AAuthName", "someone") +
            Replace(2, "./DMAcc/1/AAuthPref", "BASIC"),
        true, ServerCred("server nonce"));
  Serve("");
  Start(SessionReason::kClientInitiated);
  EXPECT_EQ(message().header.source.name, "someone");
  EXPECT_EQ(message().header.cred->data.octets, dmauth::BasicCredential("someone", "clientpw"));
  EXPECT_EQ(terminal_->tree().Value("DMAcc/1/AppAuth/1/AAuthName"), "someone");
}

TEST_F(Notified, BeforeDm12CredentialsAreElsewhere) {
  ModelSpec spec = kPhone;
  spec.version = DmVersion::k11;
  spec.server_scheme = AuthScheme::kNone;
  Idle(spec);
  Start(SessionReason::kClientInitiated);
  std::string xml =
      FromServer(session_id_, 1, Serving(Replace(1, "./SyncML/DMAcc/1/ClientPW", "new client")));
  for (const auto& [from, to] :
       {std::pair{"SYNCML1.2", "SYNCML1.1"}, std::pair{"<VerDTD>1.2", "<VerDTD>1.1"},
        std::pair{"DM/1.2", "DM/1.1"}}) {
    xml.replace(xml.find(from), std::string_view(from).size(), to);
  }
  Answer(xml);
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines()[1], "Replace 200");
  terminal_->PowerLoss();
  Start(SessionReason::kClientInitiated);
  EXPECT_TRUE(CredIsFor("new client", "client nonce"));
}

TEST_F(Notified, APowerLossTakesTheSessionAndNothingThatWasWrittenDown) {
  Idle();
  Start(SessionReason::kClientInitiated);
  Serve(Replace(1, "./DMAcc/1/AppAuth/1/AAuthSecret", "new client") +
            Replace(2, "./NAP/mms/ADDR", "kept"),
        true, ServerCred("server nonce"));
  // The Status for the change never arrives.
  terminal_->PowerLoss();
  EXPECT_FALSE(terminal_->in_session());
  EXPECT_EQ(terminal_->tree().Value("NAP/mms/ADDR"), "kept");
  Start(SessionReason::kClientInitiated);
  EXPECT_TRUE(CredIsFor("new client", "client nonce"));
  terminal_->PowerLoss();
  Start(SessionReason::kClientInitiated);
  EXPECT_TRUE(CredIsFor("new client", "client nonce"));
}

TEST_F(Notified, APowerLossKeepsReportsAndFirmwareAndDropsAHalfLargeObject) {
  Idle();
  Start(SessionReason::kClientInitiated);
  Serve(
      "<Exec><CmdID>1</CmdID><Correlator>c1</Correlator><Item><Target><LocURI>"
      "./FUMO/P1/DownloadAndUpdate</LocURI></Target></Item></Exec>" +
          Chunk(2, "./NAP/mms/ADDR", "half", true, 8),
      false, ServerCred("server nonce"));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines()[1], "Exec 202");
  EXPECT_EQ(lines()[2], "Replace 213");
  terminal_->PowerLoss();
  EXPECT_EQ(terminal_->tree().Value("NAP/mms/ADDR"), "mms.example");
  ASSERT_TRUE(terminal_->next_due());
  while (terminal_->next_due()) terminal_->Tick(*terminal_->next_due());
  EXPECT_TRUE(terminal_->has_reports());
  terminal_->PowerLoss();
  EXPECT_TRUE(terminal_->has_reports());
  Start(SessionReason::kClientInitiated);
  EXPECT_EQ(lines()[1], "Alert 1226");
}

}  // namespace
}  // namespace drover::terminal

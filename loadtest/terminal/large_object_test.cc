// Large objects in both directions, and messages that are too large.
#include <map>
#include <random>

#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

constexpr std::string_view kNode = "./NAP/mms/ADDR";

class LargeObject : public Dialogue {
 protected:
  // A terminal whose MMS address is this long, and a server that takes messages of 2000 octets.
  void BeginWithLongValue(size_t octets, Quirks quirks = {}) {
    Begin(Trusting(quirks));
    Serve(Replace(1, kNode, std::string(octets, 'x')), true, MaxMsgSize(2000));
    ASSERT_TRUE(decoded_) << end_->cause;
  }
  std::string Read(std::string_view path) const { return terminal_->tree().Value(path); }
};

TEST_F(LargeObject, TheTerminalAnnouncesItsSizesInPackage1) {
  Begin(Trusting());
  EXPECT_EQ(message().header.meta.max_msg_size, 16384U);
  EXPECT_EQ(message().header.meta.max_obj_size, 262'080U);
  Begin(Trusting({Quirk::kTinyMaxMsgSize}));
  EXPECT_EQ(message().header.meta.max_msg_size, 2048U);
}

TEST_F(LargeObject, OfTheServerIsBufferedChunkByChunkAndExecutedWithTheLast) {
  Begin(Trusting());
  Serve(Chunk(1, kNode, "one.", true, 13), false);
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 213", "Alert 1222"}));
  EXPECT_EQ(message().commands[1].target_refs[0], kNode);
  EXPECT_FALSE(message().final);
  Serve(Chunk(1, kNode, "two.", true), false);
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 213", "Alert 1222"}));
  EXPECT_EQ(terminal_->ledger().executed(), 0U);
  Serve(Chunk(1, kNode, "three", false));
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 200"}));
  EXPECT_TRUE(message().final);
  EXPECT_EQ(Read("NAP/mms/ADDR"), "one.two.three");
  EXPECT_EQ(faults(), "");
}

TEST_F(LargeObject, WithAnotherTotalThanAnnouncedIsRefusedWith424) {
  Begin(Trusting());
  Serve(Chunk(1, kNode, "one.", true, 13), false);
  Serve(Chunk(1, kNode, "two", false));
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 424"}));
  EXPECT_EQ(Read("NAP/mms/ADDR"), "mms.example");
}

TEST_F(LargeObject, LongerThanAnnouncedIsRefusedWithoutWaitingForItsEnd) {
  Begin(Trusting());
  Serve(Chunk(1, kNode, "one.", true, 5), false);
  Serve(Chunk(1, kNode, "two.", true), false);
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 424"}));
}

TEST_F(LargeObject, WithoutSizeIs411) {
  Begin(Trusting());
  Serve(Chunk(1, kNode, "one.", true), false);
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 411"}));
  EXPECT_EQ(faults(), "a first chunk without Size; ");
}

TEST_F(LargeObject, AboveTheTerminalsMaxObjSizeIs416OrAsAWhole413) {
  ModelSpec spec = Trusting();
  spec.max_obj_size = 100;
  Begin(spec);
  Serve(Chunk(1, kNode, "one.", true, 101) + Replace(2, kNode, std::string(101, 'x')), false);
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 416", "Replace 413"}));
  EXPECT_EQ(Read("NAP/mms/ADDR"), "mms.example");
}

TEST_F(LargeObject, AnotherCommandInTheMiddleGets1225AndNothingIsCommitted) {
  Begin(Trusting());
  Serve(Chunk(1, kNode, "one.", true, 13), false);
  Serve(Get(1, "./DevInfo/Man") + Chunk(2, kNode, "two", false));
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Alert 1225", "Get 200",
                                               "Results ./DevInfo/Man=Acme", "Replace 424"}));
  EXPECT_EQ(message().commands[1].items[0].target->uri, kNode);
  EXPECT_EQ(Read("NAP/mms/ADDR"), "mms.example");
  // From the beginning again.
  Serve(Chunk(1, kNode, "one.", true, 7), false);
  Serve(Chunk(1, kNode, "two", false));
  EXPECT_EQ(Read("NAP/mms/ADDR"), "one.two");
}

TEST_F(LargeObject, AnotherItemOrFinalInTheMiddleGets1225Too) {
  Begin(Trusting());
  Serve(Chunk(1, kNode, "one.", true, 13), false);
  Serve(Chunk(1, "./NAP/internet/ADDR", "two.", true, 13), false);
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Alert 1225", "Replace 213", "Alert 1222"}));
  Serve(Chunk(1, "./NAP/internet/ADDR", "three", true), true);
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 213", "Alert 1225"}));
  Begin(Trusting());
  Serve(Chunk(1, kNode, "one.", true, 13), false);
  Serve("");
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Alert 1225"}));
}

// Whoever aborts, or has lost the session and asks for a proof anew, breaks no rule by that.
TEST_F(LargeObject, ThatTheServerAbortsOrForgetsWithItsSessionIsNoFault) {
  Begin(Trusting());
  Serve(Chunk(1, kNode, "one.", true, 13), false);
  Serve(Alert(1, 1223), true);
  EXPECT_EQ(faults(), "");
  ModelSpec proving = With({});
  proving.server_scheme = AuthScheme::kNone;
  Begin(proving);
  Serve(Chunk(1, kNode, "one.", true, 13), false);
  const std::string more(message().commands.back().cmd_id);
  const int msg_ref = std::stoi(std::string(message().header.msg_id));
  Answer(FromServer(session_id_, ++served_,
                    Status(1, msg_ref, "0", "SyncHdr", 401, Chal("ABEiM0RVZneImaq7zN3u/w==")) +
                        Status(2, msg_ref, more, "Alert", 401)));
  EXPECT_EQ(message().commands.back().kind, syncml::CommandKind::kReplace) << "package 1 again";
  EXPECT_EQ(faults(), "");
}

TEST_F(LargeObject, InsideASequenceOrAtomicFails) {
  Begin(Trusting());
  Serve("<Sequence><CmdID>1</CmdID>" + Chunk(2, kNode, "one.", true, 13) + "</Sequence>");
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Sequence 200", "Replace 500"}));
}

TEST_F(LargeObject, IsNothingForATerminalWhoseLrgObjIsFalse) {
  BeginWithLongValue(3000, {Quirk::kNoLargeObjects});
  EXPECT_EQ(Read("DevDetail/LrgObj"), "false");
  Serve(Chunk(1, kNode, "one.", true, 13) + Get(2, kNode) + Get(3, "./DevInfo/Man"), false);
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 413", "Get 413", "Get 200",
                                               "Results ./DevInfo/Man=Acme"}));
}

TEST_F(LargeObject, OfTheTerminalLeavesInChunksThatReferToTheGet) {
  BeginWithLongValue(3000);
  Serve(Get(7, kNode) + Get(8, "./DevInfo/Man"));
  const std::string get_msg_id = std::to_string(served_);
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_LE(request_.body.size(), 2000U);
  EXPECT_FALSE(message().final);
  EXPECT_EQ(lines()[1], "Get 200");
  const Command& first = message().commands.back();
  EXPECT_EQ(first.items[0].meta.size, 3000U);
  EXPECT_TRUE(first.items[0].more_data);
  std::string value(first.items[0].data->octets);
  int messages = 1;
  while (!message().final) {
    ASSERT_LT(++messages, 6);
    ServeMore();
    ASSERT_TRUE(decoded_) << end_->cause;
    EXPECT_LE(request_.body.size(), 2000U);
    EXPECT_EQ(lines()[1], "Alert 200");
    const Command& next = message().commands[2];
    EXPECT_EQ(next.kind, CommandKind::kResults);
    EXPECT_EQ(next.msg_ref, get_msg_id);
    EXPECT_EQ(next.cmd_ref, "7");
    EXPECT_EQ(next.items[0].meta.format, "chr");
    EXPECT_FALSE(next.items[0].meta.size);
    value += next.items[0].data->octets;
  }
  EXPECT_EQ(value, std::string(3000, 'x'));
  EXPECT_EQ(lines().back(), "Results ./DevInfo/Man=Acme");
  Serve("");
  ASSERT_TRUE(end_);
  EXPECT_EQ(faults(), "");
}

TEST_F(LargeObject, OfTheTerminalIsGivenUpWhenTheServerRefusesAChunk) {
  BeginWithLongValue(3000);
  Serve(Get(7, kNode));
  const std::string cmd_ref(message().commands.back().cmd_id);
  const int msg_ref = std::stoi(std::string(message().header.msg_id));
  Answer(FromServer(session_id_, ++served_,
                    Status(1, msg_ref, "0", "SyncHdr", 200) +
                        Status(2, msg_ref, cmd_ref, "Results", 413) + Get(3, "./DevInfo/Man")));
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Get 200", "Results ./DevInfo/Man=Acme"}));
  EXPECT_TRUE(message().final);
}

TEST_F(LargeObject, FaultsNameAServerThatForgetsTheRest) {
  BeginWithLongValue(3000);
  Serve(Get(7, kNode));
  const int msg_ref = std::stoi(std::string(message().header.msg_id));
  Answer(FromServer(session_id_, ++served_, Status(1, msg_ref, "0", "SyncHdr", 200)));
  EXPECT_EQ(faults(),
            "no Status for Results, CmdID 3; the terminal's package is not complete, and no alert "
            "1222; ");
}

TEST_F(LargeObject, ChunksNeverSplitACharacter) {
  Begin(Trusting());
  std::string value;
  for (int i = 0; i < 900; ++i) value += "€";
  Serve(Replace(1, kNode, value), true, MaxMsgSize(2000));
  Serve(Get(7, kNode));
  std::string read;
  while (true) {
    const std::string_view chunk = message().commands.back().items[0].data->octets;
    EXPECT_TRUE(base::IsUtf8(chunk));
    read += chunk;
    if (message().final) break;
    ServeMore();
    ASSERT_TRUE(decoded_) << end_->cause;
  }
  EXPECT_EQ(read, value);
}

TEST_F(LargeObject, OfAnAlertGoesTheSameWayAndBehindDevInfo) {
  Begin(Trusting());
  terminal_->AbandonSession();
  ClientAlert alert;
  alert.type = "Reversed-Domain-Name: com.example.log";
  alert.format = "chr";
  alert.data = std::string(20'000, 'y');
  Sent(terminal_->StartSession(SessionReason::kClientInitiated, {alert}));
  session_id_ = message().header.session_id;
  served_ = 0;
  EXPECT_EQ(lines(), (std::vector<std::string>{"Alert 1201", "Replace", "Alert 1226"}));
  EXPECT_EQ(message().commands[2].items[0].meta.size, 20'000U);
  EXPECT_FALSE(message().final);
  size_t octets = message().commands[2].items[0].data->octets.size();
  ServeMore();
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Alert 200", "Alert 1226"}));
  EXPECT_EQ(message().commands[2].items[0].meta.type, alert.type);
  octets += message().commands[2].items[0].data->octets.size();
  EXPECT_EQ(octets, 20'000U);
  EXPECT_TRUE(message().final);
  Serve("");
  EXPECT_TRUE(end_);
  EXPECT_EQ(faults(), "");
}

TEST_F(LargeObject, ReportsAreAcknowledgedEachWithItsOwnLastPart) {
  Begin(Trusting());
  const auto update = [](int cmd_id, std::string_view correlator) {
    return "<Exec><CmdID>" + std::to_string(cmd_id) + "</CmdID><Correlator>" +
           std::string(correlator) +
           "</Correlator><Item><Target><LocURI>./FUMO/P1/DownloadAndUpdate</LocURI></Target>"
           "</Item></Exec>";
  };
  Serve(update(1, "c1"), true, MaxMsgSize(1600));
  terminal_->AbandonSession();
  while (terminal_->next_due()) terminal_->Tick(*terminal_->next_due());
  ASSERT_TRUE(terminal_->has_reports());
  ClientAlert log;
  log.type = "Reversed-Domain-Name: com.example.log";
  log.format = "chr";
  log.data = std::string(20'000, 'y');
  Sent(terminal_->StartSession(SessionReason::kClientInitiated, {log}));
  session_id_ = message().header.session_id;
  served_ = 0;
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"Alert 1201", "Alert 1226", "Replace", "Alert 1226"}));
  ServeMore();
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(terminal_->alerts_acknowledged(), 1U);
  EXPECT_FALSE(terminal_->has_reports());
  Serve("");
  EXPECT_TRUE(end_);
  EXPECT_EQ(faults(), "");
}

TEST_F(LargeObject, AboveTheServersMaxObjSizeIs413ForTheGet) {
  Begin(Trusting());
  Serve(Replace(1, kNode, std::string(300, 'x')) + Get(2, kNode), true,
        "<Meta><MaxObjSize xmlns=\"syncml:metinf\">200</MaxObjSize></Meta>");
  EXPECT_EQ(lines(), (std::vector<std::string>{"SyncHdr 200", "Replace 200", "Get 413"}));
}

TEST_F(LargeObject, WhoIgnoresMaxMsgSizeSendsItInOne) {
  BeginWithLongValue(3000, {Quirk::kIgnoresMaxMsgSize});
  Serve(Get(7, kNode));
  EXPECT_GT(request_.body.size(), 3000U);
  EXPECT_TRUE(message().final);
}

TEST_F(LargeObject, SilenceInTheMiddleEndsTheSessionEitherWay) {
  Begin(Trusting({Quirk::kSilentInLargeObject}));
  Serve(Chunk(1, kNode, "one.", true, 13), false);
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kSilent);
  EXPECT_EQ(Read("NAP/mms/ADDR"), "mms.example");
  BeginWithLongValue(3000, {Quirk::kSilentInLargeObject});
  Serve(Get(7, kNode));
  ASSERT_TRUE(decoded_);
  ServeMore();
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, SessionEnd::Outcome::kSilent);
}

TEST_F(LargeObject, AMessageAboveTheTerminalsMaxMsgSizeIsAFault) {
  Begin(Trusting({Quirk::kTinyMaxMsgSize}));
  Serve(Replace(1, kNode, std::string(3000, 'x')));
  EXPECT_TRUE(faults().find("MaxMsgSize is 2048") != std::string::npos) << faults();
}

// Whatever is read and however small the messages: each fits, each command is answered once, and
// what arrives is what the tree holds.
TEST_F(LargeObject, AnyMixOfValuesAndLimitsArrivesWhole) {
  std::mt19937 random(7);
  const auto below = [&random](uint32_t bound) { return random() % bound; };
  for (int round = 0; round < 60; ++round) {
    ModelSpec spec = Trusting();
    spec.max_msg_size = 200'000;
    Begin(spec);
    const std::vector<std::string> nodes{"./NAP/mms/ADDR", "./NAP/mms/NAME", "./NAP/internet/ADDR",
                                         "./NAP/internet/NAME"};
    std::map<std::string, std::string> values;
    std::string replaces;
    for (size_t i = 0; i < nodes.size(); ++i) {
      const std::string value(below(3) == 0 ? below(9000) : below(300), "x&y"[below(3)]);
      values[nodes[i]] = value;
      std::string escaped;
      for (const char c : value) escaped += c == '&' ? "&amp;" : std::string(1, c);
      replaces += Replace(static_cast<int>(i) + 1, nodes[i], escaped);
    }
    const int limit = 1200 + static_cast<int>(below(3000));
    Serve(replaces, true, MaxMsgSize(limit));
    ASSERT_TRUE(decoded_) << end_->cause;
    std::string gets;
    const uint32_t commands = 1 + below(4);
    for (uint32_t i = 0; i < commands; ++i) {
      gets += "<Get><CmdID>" + std::to_string(i + 1) + "</CmdID>";
      for (const std::string& node : nodes) {
        gets += "<Item><Target><LocURI>" + node + "</LocURI></Target></Item>";
      }
      gets += "</Get>";
    }
    for (int more = 0; !message().final; ++more) {
      ASSERT_LT(more, 50);
      ServeMore();
      ASSERT_TRUE(decoded_) << end_->cause;
    }
    Serve(gets);
    uint32_t answered = 0;
    std::map<std::string, std::string> read;
    for (int messages = 0;; ++messages) {
      ASSERT_LT(messages, 400) << "limit " << limit << ", round " << round;
      ASSERT_TRUE(decoded_) << end_->cause;
      EXPECT_LE(request_.body.size(), static_cast<size_t>(limit));
      for (const Command& command : message().commands) {
        if (command.kind == CommandKind::kStatus && command.cmd == "Get") ++answered;
        if (command.kind != CommandKind::kResults) continue;
        for (const syncml::Item& item : command.items) {
          read[std::string(item.source->uri)] += item.data->octets;
        }
      }
      if (message().final) break;
      ServeMore();
    }
    EXPECT_EQ(answered, commands);
    for (const auto& [node, value] : values) {
      std::string all;
      for (uint32_t i = 0; i < commands; ++i) all += value;
      EXPECT_TRUE(read[node] == all) << node << " in round " << round;
    }
    Serve("");
    EXPECT_TRUE(end_);
    EXPECT_EQ(faults(), "") << "in round " << round;
  }
}

TEST_F(LargeObject, AHundredKibibytesInBinaryCrossInWbxml) {
  ModelSpec spec = Trusting();
  spec.encoding = syncml::Encoding::kWbxml;
  const Model model(spec, surroundings_.server);
  Account account;
  account.device_id = kDevice;
  Terminal terminal(model, surroundings_, std::move(account));
  Request request = terminal.StartSession(SessionReason::kServerInitiated);
  std::string package;
  for (int i = 0; i < 100 * 1024; ++i) package += static_cast<char>(i * 7 + i / 256);
  const std::string node = "./FUMO/P1/Update/PkgData";
  size_t at = 0;
  for (int message = 1; at < package.size(); ++message) {
    ASSERT_LT(message, 20);
    const std::string_view chunk = std::string_view(package).substr(at, 12'000);
    at += chunk.size();
    std::string xml = FromServer(
        std::string(syncml::DecodeWbxml(request.body).document.message().header.session_id),
        message,
        Status(1, message, "0", "SyncHdr", 200) +
            Status(2, message, message == 1 ? "1" : "3", "Alert", 200) +
            (message == 1 ? Status(3, 1, "2", "Replace", 200) : "") +
            Chunk(5, node, "@", at < package.size(), message == 1 ? 100 * 1024 : 0),
        "", at == package.size());
    syncml::Decoded decoded = syncml::DecodeXml(xml);
    syncml::Item& item = decoded.document.message().commands.back().items[0];
    item.meta.format = "bin";
    item.data = syncml::Data{chunk, syncml::DataForm::kOpaque};
    std::string octets;
    syncml::EncodeWbxml(decoded.document.message(), octets);
    Next next = terminal.OnResponse({200, "application/vnd.syncml.dm+wbxml", octets, ""});
    ASSERT_TRUE(std::holds_alternative<Request>(next));
    request = std::get<Request>(std::move(next));
  }
  EXPECT_TRUE(terminal.tree().Value("FUMO/P1/Update/PkgData") == package);
  EXPECT_EQ(terminal.fault_count(), 0U) << terminal.faults()[0];
}

}  // namespace
}  // namespace drover::terminal

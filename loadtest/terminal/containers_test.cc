// Atomic and Sequence: order, status codes, roll-back.
#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

constexpr std::string_view kAddress = "./NAP/internet/ADDR";
constexpr std::string_view kName = "./NAP/internet/NAME";

std::string Atomic(const std::string& children) {
  return "<Atomic><CmdID>1</CmdID>" + children + "</Atomic>";
}
std::string Sequence(const std::string& children) {
  return "<Sequence><CmdID>1</CmdID>" + children + "</Sequence>";
}
std::string Copy(int cmd_id, std::string_view from, std::string_view to) {
  return "<Copy><CmdID>" + std::to_string(cmd_id) + "</CmdID><Item><Target><LocURI>" +
         std::string(to) + "</LocURI></Target><Source><LocURI>" + std::string(from) +
         "</LocURI></Source></Item></Copy>";
}
std::string Add(int cmd_id, std::string_view uri, std::string_view format, std::string_view data) {
  return "<Add><CmdID>" + std::to_string(cmd_id) + "</CmdID><Item><Target><LocURI>" +
         std::string(uri) + "</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">" +
         std::string(format) + "</Format></Meta>" +
         (format == "node" ? "" : "<Data>" + std::string(data) + "</Data>") + "</Item></Add>";
}

class Containers : public Dialogue {
 protected:
  std::vector<std::string> After(const std::string& commands, Quirks quirks = {}) {
    Begin(Trusting(quirks));
    Serve(commands);
    return decoded_ ? lines() : std::vector<std::string>{end_->cause};
  }
  std::string Read(std::string_view path) const { return terminal_->tree().Value(path); }
};

using Lines = std::vector<std::string>;

TEST_F(Containers, AnAtomicThatSucceedsAnswersForItselfAndThenForEachChild) {
  EXPECT_EQ(
      After(Atomic(Replace(2, kAddress, "iot.example") + Copy(3, kAddress, kName) +
                   Add(4, "./NAP/iot", "node", "") +
                   "<Delete><CmdID>5</CmdID><Item><Target>"
                   "<LocURI>./NAP/mms</LocURI></Target></Item></Delete>")),
      (Lines{"SyncHdr 200", "Atomic 200", "Replace 200", "Copy 200", "Add 200", "Delete 200"}));
  EXPECT_EQ(Read("NAP/internet/NAME"), "iot.example");
  EXPECT_EQ(faults(), "");
}

TEST_F(Containers, AnAtomicThatFailsRollsBackWhatCameBeforeAndSkipsWhatComesAfter) {
  EXPECT_EQ(After(Atomic(Replace(2, kAddress, "iot.example") + Replace(3, "./DevInfo/Man", "x") +
                         Replace(4, kName, "IoT"))),
            (Lines{"SyncHdr 200", "Atomic 507", "Replace 216", "Replace 405", "Replace 215"}));
  EXPECT_EQ(Read("NAP/internet/ADDR"), "internet.example");
  EXPECT_EQ(terminal_->ledger().executed(), 0U);
}

TEST_F(Containers, WhereRollBackFailsTheChildrenSay516AndStand) {
  EXPECT_EQ(After(Atomic(Replace(2, kAddress, "iot.example") + Replace(3, "./DevInfo/Man", "x")),
                  {Quirk::kRollbackFails}),
            (Lines{"SyncHdr 200", "Atomic 507", "Replace 516", "Replace 405"}));
  EXPECT_EQ(Read("NAP/internet/ADDR"), "iot.example");
}

TEST_F(Containers, WhereThereIsNoRollBackTheChildrenKeepTheirOwnStatus) {
  EXPECT_EQ(After(Atomic(Replace(2, kAddress, "iot.example") + Replace(3, "./DevInfo/Man", "x") +
                         Replace(4, kName, "IoT")),
                  {Quirk::kNoRollback, Quirk::kNoAtomicStatus}),
            (Lines{"SyncHdr 200", "Replace 200", "Replace 405", "Replace 215"}));
  EXPECT_EQ(Read("NAP/internet/ADDR"), "iot.example");
  EXPECT_EQ(terminal_->ledger().executed(), 1U);
}

TEST_F(Containers, AtomicsInsideAndGetsInsideFailWith500) {
  EXPECT_EQ(After(Atomic(Replace(2, kAddress, "iot.example") + "<Atomic><CmdID>3</CmdID>" +
                         Replace(4, kName, "IoT") + "</Atomic>")),
            (Lines{"SyncHdr 200", "Atomic 507", "Replace 216", "Atomic 500", "Replace 215"}));
  EXPECT_EQ(faults(), "Atomic inside an Atomic; ");
  EXPECT_EQ(After(Atomic(Get(2, kAddress) + Replace(3, kName, "IoT"))),
            (Lines{"SyncHdr 200", "Atomic 507", "Get 500", "Replace 215"}));
  EXPECT_EQ(faults(), "Get inside an Atomic; ");
}

TEST_F(Containers, NoAtomicAnswers406ToAllOfIt) {
  EXPECT_EQ(After(Atomic(Replace(2, kAddress, "iot.example")), {Quirk::kNoAtomic}),
            (Lines{"SyncHdr 200", "Atomic 406", "Replace 406"}));
  EXPECT_EQ(Read("NAP/internet/ADDR"), "internet.example");
}

TEST_F(Containers, AnAtomicWhoseStatusesFitNoMessageIs517AndRolledBack) {
  Begin(Trusting());
  std::string children;
  for (int i = 2; i < 12; ++i) children += Replace(i, kAddress, "iot.example");
  Serve(Atomic(children), true, MaxMsgSize(1500));
  ASSERT_TRUE(decoded_) << end_->cause;
  EXPECT_EQ(lines()[1], "Atomic 517");
  EXPECT_EQ(lines()[2], "Replace 216");
  EXPECT_FALSE(message().final);
  size_t rolled_back = lines().size() - 2;
  while (!message().final) {
    ServeMore();
    ASSERT_TRUE(decoded_) << end_->cause;
    rolled_back += lines().size() - 2;
  }
  EXPECT_EQ(rolled_back, 10U);
  EXPECT_EQ(Read("NAP/internet/ADDR"), "internet.example");
}

TEST_F(Containers, AddAndReplaceOfOneNodeInAnAtomicIsTooMuchForSome) {
  const std::string both =
      Atomic(Add(2, "./NAP/internet/PROXY", "chr", "a") + Replace(3, "./NAP/internet/PROXY", "b"));
  EXPECT_EQ(After(both), (Lines{"SyncHdr 200", "Atomic 200", "Add 200", "Replace 200"}));
  EXPECT_EQ(After(both, {Quirk::kNoAddReplaceInAtomic}),
            (Lines{"SyncHdr 200", "Atomic 507", "Add 216", "Replace 500"}));
}

TEST_F(Containers, ASequenceRunsInOrderAndGoesOnAfterAFailure) {
  EXPECT_EQ(After(Sequence(Replace(2, "./DevInfo/Man", "x") + Replace(3, kAddress, "iot.example") +
                           Get(4, kAddress))),
            (Lines{"SyncHdr 200", "Sequence 200", "Replace 405", "Replace 200", "Get 200",
                   "Results ./NAP/internet/ADDR=iot.example"}));
}

TEST_F(Containers, ARefusedAlertSkipsTheRestOfASequenceOnly) {
  surroundings_.user = [](std::string_view, const Dialog&) {
    return terminal::Answer{.kind = terminal::Answer::Kind::kRejected};
  };
  const std::string commands = Sequence(Replace(2, kName, "IoT") + Alert(3, 1101, {"", "Sure?"}) +
                                        Replace(4, kAddress, "iot.example")) +
                               Get(5, kAddress);
  EXPECT_EQ(After(commands),
            (Lines{"SyncHdr 200", "Sequence 200", "Replace 200", "Alert 304", "Replace 215",
                   "Get 200", "Results ./NAP/internet/ADDR=internet.example"}));
}

TEST_F(Containers, ARefusedAlertRollsAnAtomicBack) {
  surroundings_.user = [](std::string_view, const Dialog&) {
    return terminal::Answer{.kind = terminal::Answer::Kind::kRejected};
  };
  EXPECT_EQ(After(Atomic(Replace(2, kName, "IoT") + Alert(3, 1101, {"", "Sure?"}) +
                         Replace(4, kAddress, "iot.example"))),
            (Lines{"SyncHdr 200", "Atomic 507", "Replace 216", "Alert 304", "Replace 215"}));
  EXPECT_EQ(Read("NAP/internet/NAME"), "internet");
}

TEST_F(Containers, ACancelledAlertStopsAnAtomicASequenceAndTheRestOfAMessage) {
  surroundings_.user = [](std::string_view, const Dialog&) {
    return terminal::Answer{.kind = terminal::Answer::Kind::kCancelled};
  };
  const std::string sure = Alert(2, 1101, {"", "Sure?"});
  EXPECT_EQ(After(Atomic(sure + Replace(3, kName, "IoT"))),
            (Lines{"SyncHdr 200", "Atomic 507", "Alert 214", "Replace 215"}));
  EXPECT_EQ(After(Sequence(sure + Replace(3, kName, "IoT")) + Replace(4, kAddress, "x")),
            (Lines{"SyncHdr 200", "Sequence 200", "Alert 214", "Replace 215", "Replace 200"}));
  EXPECT_EQ(After(sure + Replace(3, kName, "IoT") + Atomic(Replace(4, kAddress, "x"))),
            (Lines{"SyncHdr 200", "Alert 214", "Replace 215", "Atomic 215", "Replace 215"}));
  EXPECT_EQ(After(sure + Replace(3, kName, "IoT"), {Quirk::kCancelAs215}),
            (Lines{"SyncHdr 200", "Alert 215", "Replace 215"}));
}

TEST_F(Containers, ForSomeACancelledAlertEndsAllWorkOfTheSession) {
  surroundings_.user = [](std::string_view, const Dialog&) {
    return terminal::Answer{.kind = terminal::Answer::Kind::kCancelled};
  };
  EXPECT_EQ(
      After(Sequence(Alert(2, 1101, {"", "Sure?"})) + Get(3, kName), {Quirk::kCancelEndsSession}),
      (Lines{"SyncHdr 200", "Sequence 200", "Alert 214", "Get 215"}));
  Serve(Get(1, kName));
  EXPECT_EQ(lines(), (Lines{"SyncHdr 200", "Get 215"}));
}

TEST_F(Containers, CopyIs501ForThoseWhoCannot) {
  EXPECT_EQ(After(Copy(2, kAddress, kName), {Quirk::kNoCopy}), (Lines{"SyncHdr 200", "Copy 501"}));
}

}  // namespace
}  // namespace drover::terminal

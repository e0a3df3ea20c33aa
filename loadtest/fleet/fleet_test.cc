#include "loadtest/fleet/fleet.h"

#include <random>

#include "libs/base/bytes.h"

namespace drover::fleet {
namespace {

using terminal::AuthScheme;
using terminal::Terminal;

// A server of a few lines: takes any proof, gives a nonce, sends commands with its first answer.
std::string AnswerTo(const terminal::Request& request, const std::string& nonce,
                     const std::string& commands) {
  const syncml::Decoded decoded = syncml::DecodeXml(request.body);
  const syncml::Header& header = decoded.document.message().header;
  const std::string msg_id(header.msg_id);
  const auto status = [&msg_id](int id, std::string_view ref, std::string_view cmd, int code,
                                const std::string& chal) {
    return "<Status><CmdID>" + std::to_string(id) + "</CmdID><MsgRef>" + msg_id +
           "</MsgRef><CmdRef>" + std::string(ref) + "</CmdRef><Cmd>" + std::string(cmd) + "</Cmd>" +
           chal + "<Data>" + std::to_string(code) + "</Data></Status>";
  };
  std::string body = status(1, "0", "SyncHdr", 212,
                            "<Chal><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type "
                            "xmlns=\"syncml:metinf\">syncml:auth-md5</Type><NextNonce "
                            "xmlns=\"syncml:metinf\">" +
                                base::Base64(nonce) + "</NextNonce></Meta></Chal>");
  int id = 2;
  for (const syncml::Command& command : decoded.document.message().commands) {
    if (command.kind == syncml::CommandKind::kStatus ||
        command.kind == syncml::CommandKind::kResults) {
      continue;
    }
    body += status(id++, command.cmd_id, syncml::Name(command.kind), 200, "");
  }
  if (msg_id == "1") body += commands;
  return "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2"
         "</VerProto><SessionID>" +
         std::string(header.session_id) + "</SessionID><MsgID>" + msg_id +
         "</MsgID><Target><LocURI>" + std::string(header.source.uri) +
         "</LocURI></Target><Source><LocURI>s</LocURI></Source></SyncHdr><SyncBody>" + body +
         "<Final/></SyncBody></SyncML>";
}

std::string CommandOf(int id, const PlannedCommand& command) {
  const std::string name(syncml::Name(command.kind));
  const std::string data = command.data.empty() ? "" : "<Data>" + command.data + "</Data>";
  return "<" + name + "><CmdID>" + std::to_string(id) + "</CmdID><Item><Target><LocURI>" +
         command.uri + "</LocURI></Target>" + data + "</Item></" + name + ">";
}

std::string CommandsOf(const Plan& plan) {
  std::string commands;
  int id = 100;
  for (const PlannedOperation& operation : plan) {
    for (const PlannedCommand& command : operation.commands) commands += CommandOf(id++, command);
  }
  return commands;
}

struct Remembered {
  explicit Remembered(const Terminal& device)
      : user(device.account().user),
        password(device.account().password),
        server_password(device.account().server_password),
        client_nonce(device.account().client_nonce),
        server_nonce(device.account().server_nonce),
        memory(device.memory()),
        tree(device.tree()) {}
  std::string user, password, server_password, client_nonce, server_nonce;
  terminal::Memory memory;
  terminal::ManagementTree tree;
};

class Fleets : public testing::Test {
 protected:
  std::unique_ptr<Fleet> Make(Shares<Work> work, uint64_t terminals = 1000) {
    FleetConfig config;
    config.population.encodings = syncml::Encoding::kXml;
    config.population.server_schemes = AuthScheme::kNone;
    config.population.work = std::move(work);
    config.terminals = terminals;
    config.seed = 11;
    config.server = {"srv", "http://127.0.0.1/dm"};
    config.clock = [this] { return now_; };
    return Fleet::Make(std::move(config)).value();
  }
  // One session with these commands, broken off after so many messages.
  void Session(Terminal& device, const std::string& commands, int messages = 10) {
    terminal::Next next = device.StartSession(terminal::SessionReason::kClientInitiated);
    for (int i = 0; i < messages; ++i) {
      auto* const request = std::get_if<terminal::Request>(&next);
      if (request == nullptr) return;
      const std::string nonce = "nonce " + std::to_string(random_() % 1'000'000'000);
      const std::string answer = AnswerTo(*request, nonce, commands);
      next = device.OnResponse({200, "application/vnd.syncml.dm+xml", answer, ""});
    }
    device.AbandonSession();
  }

  TimePoint now_{std::chrono::seconds(1'800'000'000)};
  std::mt19937_64 random_{5};
};

void ExpectSame(const Terminal& device, const Remembered& before) {
  EXPECT_EQ(device.account().user, before.user);
  EXPECT_EQ(device.account().password, before.password);
  EXPECT_EQ(device.account().server_password, before.server_password);
  EXPECT_EQ(device.account().client_nonce, before.client_nonce);
  EXPECT_EQ(device.account().server_nonce, before.server_nonce);
  EXPECT_EQ(device.memory(), before.memory);
  EXPECT_TRUE(device.tree().DiffersLike(before.tree));
}

TEST_F(Fleets, ATerminalThatIsFoldedAndUnfoldedIsTheSame) {
  const auto fleet = Make(Shares<Work>({{Work::kPoll, 0.2},
                                        {Work::kGetReplace, 0.3},
                                        {Work::kExec, 0.2},
                                        {Work::kLargeObject, 0.1},
                                        {Work::kFirmwareUpdate, 0.2}}));
  for (int round = 0; round < 800; ++round) {
    const uint64_t index = random_() % 100;
    std::unique_ptr<Terminal> device = fleet->Unfold(index);
    switch (random_() % 6) {
      case 0:
        break;
      case 1:
        Session(*device, "");
        break;
      case 2:
        Session(*device, CommandsOf(fleet->PlanAt(index)), 1);
        break;
      case 3:
        Session(*device, CommandsOf(fleet->PlanAt(index)));
        break;
      case 4:
        Session(*device, CommandsOf(fleet->PlanAt(index)), 2);
        device->PowerLoss();
        break;
      default:
        Session(*device,
                "<Replace><CmdID>9</CmdID><Item><Target><LocURI>./NAP/mms/ADDR</LocURI></Target>"
                "<Data>stray</Data></Item></Replace>");
    }
    now_ += std::chrono::seconds(1);
    const Remembered before(*device);
    fleet->Fold(index, std::move(device));
    device = fleet->Unfold(index);
    ExpectSame(*device, before);
    fleet->Fold(index, std::move(device));
  }
  EXPECT_GT(fleet->aside(), 0U);
}

TEST_F(Fleets, TheLedgerSaysWhatWasDoneAndHowOften) {
  const auto fleet = Make(Work::kGetReplace);
  for (int i = 0; i < 2; ++i) {
    std::unique_ptr<Terminal> device = fleet->Unfold(7);
    Session(*device, CommandsOf(fleet->PlanAt(7)));
    fleet->Fold(7, std::move(device));
  }
  EXPECT_EQ(fleet->Done(7).Of(0), 2U);
  EXPECT_EQ(fleet->Done(7).Of(1), 2U);
  EXPECT_EQ(fleet->Foreign(7), 0U);
  EXPECT_EQ(fleet->Done(8).bits(), 0U);
  EXPECT_EQ(fleet->touched(), 1U);
  EXPECT_EQ(fleet->aside(), 0U);
}

TEST_F(Fleets, WhatBelongsToNoOperationIsNoted) {
  const auto fleet = Make(Work::kReplace);
  std::unique_ptr<Terminal> device = fleet->Unfold(3);
  Session(*device, CommandsOf(fleet->PlanAt(4)));
  fleet->Fold(3, std::move(device));
  EXPECT_EQ(fleet->Done(3).bits(), 0U);
  EXPECT_EQ(fleet->Foreign(3), 1U);
  ASSERT_EQ(fleet->foreign().size(), 1U);
  EXPECT_EQ(fleet->aside(), 1U);
}

TEST_F(Fleets, AnUpdateGoesOnAsideUntilItIsReported) {
  const auto fleet = Make(Work::kFirmwareUpdate);
  std::unique_ptr<Terminal> device = fleet->Unfold(3);
  Session(*device, CommandsOf(fleet->PlanAt(3)));
  Fleet::Outlook outlook = fleet->Fold(3, std::move(device));
  ASSERT_TRUE(outlook.next_due);
  while (outlook.next_due) {
    now_ = std::max(now_, *outlook.next_due);
    outlook = fleet->Tick(3, now_);
  }
  EXPECT_TRUE(outlook.has_reports);
  device = fleet->Unfold(3);
  Session(*device, "");
  outlook = fleet->Fold(3, std::move(device));
  EXPECT_FALSE(outlook.has_reports);
  EXPECT_EQ(fleet->AlertsAcknowledged(3), 1U);
}

TEST_F(Fleets, ATerminalAtRestTakesFewOctets) {
  const auto fleet = Make(Work::kGetReplace, 2000);
  for (uint64_t i = 0; i < fleet->size(); ++i) {
    std::unique_ptr<Terminal> device = fleet->Unfold(i);
    Session(*device, CommandsOf(fleet->PlanAt(i)));
    fleet->Fold(i, std::move(device));
  }
  EXPECT_EQ(fleet->aside(), 0U);
  EXPECT_LE(fleet->size_octets(), fleet->size() * 64);
}

TEST_F(Fleets, TenMillionAreThereAtOnce) {
  const auto fleet = Make(Work::kPoll, 10'000'000);
  std::unique_ptr<Terminal> last = fleet->Unfold(9'999'999);
  EXPECT_EQ(fleet->IndexOf(last->device_id()), 9'999'999U);
  fleet->Fold(9'999'999, std::move(last));
  EXPECT_EQ(fleet->touched(), 1U);
}

TEST_F(Fleets, AreRefusedIfTheirTerminalsLackTheNode) {
  FleetConfig config;
  config.population.work = Work::kGet;
  config.population.read_uri = "./Nowhere/At/All";
  const auto fleet = Fleet::Make(config);
  ASSERT_FALSE(fleet);
  EXPECT_THAT(fleet.error().message, testing::HasSubstr("./Nowhere/At/All"));
}

TEST_F(Fleets, WhoRegistersItselfIsNotEnrolled) {
  FleetConfig config;
  config.population.work = Work::kRegistration;
  config.population.enrolment_password = "the enrolment password";
  const auto fleet = Fleet::Make(config).value();
  EXPECT_FALSE(fleet->Enrolment(0));
  EXPECT_EQ(fleet->Unfold(0)->account().password, "the enrolment password");
}

}  // namespace
}  // namespace drover::fleet

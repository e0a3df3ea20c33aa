// Exchanges with the client families of the field, octet for octet: N.request.* is what the
// terminal posts (with N.x-syncml-hmac where it sends one), N.answer what must hold of the answer.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "libs/dmauth/digest.h"
#include "services/session/core/testing/world.h"

#ifndef DROVER_RECORDED
#error "DROVER_RECORDED is the folder of the recordings"
#endif

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void DescribeStatus(const Command& status, std::ostream& out) {
  out << "Status of " << status.cmd << ' ' << status.cmd_ref << ": " << status.data->octets;
  if (status.chal) out << ", challenge " << status.chal->type;
  out << '\n';
}

void DescribeCommand(const Command& command, const std::string& indent, std::ostream& out) {
  out << indent << command.name << ' ' << command.cmd_id;
  if (command.data) out << ' ' << command.data->octets;
  if (!command.correlator.empty()) out << " correlator " << command.correlator;
  for (const syncml::Item& item : command.items) {
    if (item.target) out << ' ' << item.target->uri;
    if (item.source) out << " from " << item.source->uri;
    if (item.data) out << " '" << item.data->octets << "'";
  }
  out << '\n';
  for (const Command& child : command.children) DescribeCommand(child, indent + "  ", out);
}

void DescribeReports(const World& world, std::ostream& out) {
  static constexpr std::array<const char*, 4> kNames = {"done", "returned", "lost", "refused"};
  for (const OperationReport& report : world.Reports()) {
    out << "operation " << report.operation << ' '
        << kNames[static_cast<size_t>(report.disposition)] << ':';
    for (const CommandResult& result : report.results) {
      out << ' ' << result.status;
      for (const Value& value : result.values) out << " '" << value.data << "'";
    }
    out << '\n';
  }
  for (const Effects& effects : world.effects) {
    for (const Alert& alert : effects.alerts) {
      out << "alert " << alert.code << ' ' << alert.type << ' ' << alert.source << " '"
          << alert.data << "'\n";
    }
  }
}

// Who we say that we are, and whether the terminal can believe it.
void DescribeProof(const World& world, std::string_view nonce, std::ostream& out) {
  const syncml::Header& header = world.message().header;
  if (header.cred) {
    const bool right =
        header.cred->data.octets == dmauth::Md5Credential(world.account.server_a1, nonce);
    out << "our credential: " << (right ? "right" : "wrong") << '\n';
  }
  if (world.answer.mac_header.empty()) return;
  const Result<dmauth::MacHeader> mac = dmauth::ParseMacHeader(world.answer.mac_header);
  const bool right =
      mac && dmauth::VerifyMac(mac->mac, world.account.server_a1, nonce, world.answer.body);
  out << "our MAC: " << (right ? "right" : "wrong") << '\n';
}

std::string Describe(const World& world) {
  std::ostringstream out;
  out << "MsgID " << world.message().header.msg_id << '\n';
  DescribeProof(world, world.nonces.known ? world.nonces.server_nonce : "", out);
  for (const Command& command : world.message().commands) {
    if (command.kind == CommandKind::kStatus) {
      DescribeStatus(command, out);
    } else {
      DescribeCommand(command, "", out);
    }
  }
  out << (world.message().final ? "Final\n" : "no Final\n");
  DescribeReports(world, out);
  if (world.answer.session && world.answer.session->ended) out << "the session is over\n";
  return out.str();
}

void Replay(World& world, const std::string& family) {
  const std::filesystem::path folder = std::filesystem::path(DROVER_RECORDED) / family;
  int replayed = 0;
  for (int n = 1;; ++n) {
    const std::string name = std::to_string(n);
    // The nonces that the recordings answer: one letter a message.
    world.random = [n](size_t octets) {
      return std::string(octets, static_cast<char>('a' + n - 1));
    };
    const bool wbxml = std::filesystem::exists(folder / (name + ".request.wbxml"));
    const std::filesystem::path request =
        folder / (name + (wbxml ? ".request.wbxml" : ".request.xml"));
    if (!std::filesystem::exists(request)) break;
    world.encoding = wbxml ? syncml::Encoding::kWbxml : syncml::Encoding::kXml;
    std::string mac = Contents(folder / (name + ".x-syncml-hmac"));
    mac.resize(mac.find_last_not_of('\n') + 1);
    world.refusal.reset();
    world.PostOctets(Contents(request), mac);
    ASSERT_FALSE(world.refusal) << request << ": " << world.refusal->message;
    EXPECT_EQ(Describe(world), Contents(folder / (name + ".answer"))) << request;
    ++replayed;
  }
  EXPECT_GT(replayed, 2) << folder;
}

std::vector<CommandSpec> TwoInAtomic() {
  return {InAtomic(Replace("./NAP/1/A", "a")), InAtomic(Replace("./NAP/1/B", "b"))};
}

// WBXML with a textual public id that no NUL ends; MAC always; all of package 1 again after 401.
TEST(Recorded, AnAospLikeClient) {
  World world;
  world.account.server_scheme.reset();
  world.work.push_back(Work("op", {Get("./DevDetail/FwV"), Replace("./NAP/1/ADDR", "apn")}));
  std::vector<CommandSpec> commands = TwoInAtomic();
  commands.push_back(Replace("./NAP/1/C", "behind"));
  world.work.push_back(Work("atomic", commands));
  Replay(world, "aosp");
}

// Final everywhere, no Status for Atomic, Copy 501, ?list= 406, OPAQUE values, a NUL behind Format.
TEST(Recorded, ALibdmclientLikeClient) {
  World world;
  world.work.push_back(Work("atomic", TwoInAtomic()));
  world.work.push_back(Work("reads", {Get("./A?list=StructData"), Get("./A?prop=Format"),
                                      Copy("./A/X", "./A/Y"), Get("./A/Log")}));
  Replay(world, "libdmclient");
}

// XML, decimal SessionID, CmdIDs from 2, LoginStatus, alert types without prefix, 214 ends it all.
TEST(Recorded, AWindowsLikeClient) {
  World world;
  world.account.traits.cancel_ends_session = true;
  world.work.push_back(Work("op", {Add("./Vendor/MSFT/A", "1"), Replace("./Vendor/MSFT/B", "2")}));
  world.work.push_back(Work("ask", {Ask(Prompt::Kind::kConfirm, "Now?"), Exec("./Vendor/Go")}));
  world.work.push_back(Work("later", {Get("./DevInfo/Mod")}));
  Replay(world, "windows");
}

// A literal xmlns attribute beside an empty string table; nonces of five digits; MD5 demanded of
// us.
TEST(Recorded, AnS60LikeClient) {
  World world;
  world.account.client_nonce = "12345";
  world.work.push_back(
      Work("lock", {Replace("./LAWMO/Ext", "x"), Exec("./LAWMO/Operations/FullyLock")}));
  Replay(world, "s60");
}

}  // namespace
}  // namespace drover::session

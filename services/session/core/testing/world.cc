#include "services/session/core/testing/world.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::session {

using syncml::Command;
using syncml::CommandKind;

World::World() {
  config.server_id = "com.mgmtsrv.manage";
  account.user = kDevice;
  account.client_a1 = dmauth::A1(kDevice, "clientpw");
  account.server_scheme = dmauth::Scheme::kMd5;
  account.server_a1 = dmauth::A1("com.mgmtsrv.manage", "srvpw");
  account.client_nonce = base::FromHex("00112233445566778899aabbccddeeff").value();
  account.server_nonce = base::FromHex("ffeeddccbbaa99887766554433221100").value();
}

std::string World::Post(const std::string& xml, const std::string& mac_header) {
  if (encoding == syncml::Encoding::kXml) return PostOctets(xml, mac_header);
  const syncml::Decoded decoded = syncml::DecodeXml(xml);
  EXPECT_TRUE(decoded) << decoded.error.message << " in " << xml;
  std::string octets;
  syncml::Encode(encoding, decoded.document.message(), octets);
  return PostOctets(octets, mac_header);
}

std::string World::PostOctets(const std::string& octets, const std::string& mac_header) {
  const syncml::Decoded decoded = syncml::Decode(encoding, octets);
  EXPECT_TRUE(decoded) << decoded.error.message << " in " << octets;
  const Request request{DeviceId(std::string(kDevice)), encoding, octets, mac_header,
                        decoded.document.message(),     now};
  Stored stored{session, nonces, known ? std::optional(account) : std::nullopt, enrolling, marked};
  Exchange exchange(config, random, request, std::move(stored));
  effects.clear();
  while (const Effects* wanted = exchange.Next()) {
    effects.push_back(*wanted);
    EffectsResult result;
    if (wanted->take > 0) result.assignments.swap(work);
    exchange.Done(std::move(result));
  }
  oddities = exchange.oddities();
  if (const Refusal* refused = std::get_if<Refusal>(&exchange.answer())) {
    refusal = *refused;
    return {};
  }
  answer = std::get<drover::session::Answer>(exchange.answer());
  if (answer.session) {
    EXPECT_EQ(answer.expected_version, session ? session->version : 0);
    session = answer.session;
  }
  if (answer.nonces_changed) nonces = answer.nonces;
  reply = syncml::Decode(encoding, answer.body);
  EXPECT_TRUE(reply) << reply.error.message << " in " << answer.body;
  return answer.body;
}

std::string World::Say(const std::string& body, bool final) {
  const int last = static_cast<int>(session->server_msg_id);
  const std::string accepted = Status(1, last, 0, "SyncHdr", session->server_accepted ? 200 : 212);
  return Post(drover::session::Message(session->session_id,
                                       static_cast<int>(session->client_msg_id) + 1,
                                       accepted + body, "", final));
}

std::string World::Answer(const std::vector<int>& codes, const std::string& more, bool final) {
  // A Get that was done has a value; "more" has those that matter.
  const std::vector<const Command*> commands = Commands();
  std::string values;
  for (size_t i = 0; i < std::min(commands.size(), codes.size()) && more.empty(); ++i) {
    if (commands[i]->kind != CommandKind::kGet || codes[i] != 200) continue;
    values += Results(900 + static_cast<int>(i), static_cast<int>(session->server_msg_id),
                      IdOf(*commands[i]), commands[i]->items[0].target->uri, "");
  }
  return Say(StatusesOf(codes, 2) + values + more, final);
}

std::string World::StatusesOf(const std::vector<int>& codes, int first_id) const {
  const std::vector<const Command*> commands = Commands();
  EXPECT_EQ(commands.size(), codes.size()) << answer.body;
  std::string statuses;
  for (size_t i = 0; i < std::min(commands.size(), codes.size()); ++i) {
    if (codes[i] == 0) continue;
    statuses += Status(first_id++, static_cast<int>(session->server_msg_id), IdOf(*commands[i]),
                       commands[i]->name, codes[i]);
  }
  return statuses;
}

std::vector<const Command*> World::All(CommandKind kind) const {
  std::vector<const Command*> found;
  for (const Command& command : message().commands) {
    if (command.kind == kind) found.push_back(&command);
    for (const Command& child : command.children) {
      if (child.kind == kind) found.push_back(&child);
    }
  }
  return found;
}

std::vector<const Command*> World::Commands() const {
  std::vector<const Command*> found;
  for (const Command& command : message().commands) {
    if (command.kind == CommandKind::kStatus) continue;
    found.push_back(&command);
    for (const Command& child : command.children) found.push_back(&child);
  }
  return found;
}

std::vector<std::string> World::Statuses() const {
  std::vector<std::string> all;
  for (const Command* status : All(CommandKind::kStatus)) {
    all.push_back(std::string(status->cmd) + ":" + std::string(status->data->octets));
  }
  return all;
}

std::vector<std::string> World::Alerts() const {
  std::vector<std::string> all;
  for (const Command* alert : All(CommandKind::kAlert)) all.emplace_back(alert->data->octets);
  return all;
}

std::vector<OperationReport> World::Reports() const {
  std::vector<OperationReport> all;
  for (const Effects& one : effects) all.insert(all.end(), one.reports.begin(), one.reports.end());
  return all;
}

std::vector<NodeReport> World::Nodes() const {
  std::vector<NodeReport> all;
  for (const Effects& one : effects) all.insert(all.end(), one.nodes.begin(), one.nodes.end());
  return all;
}

std::string Message(std::string_view session, int msg_id, const std::string& body,
                    const std::string& header, bool final) {
  return "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>"
         "<VerProto>DM/1.2</VerProto><SessionID>" +
         std::string(session) + "</SessionID><MsgID>" + std::to_string(msg_id) +
         "</MsgID><Target><LocURI>" + std::string(kUrl) + "</LocURI></Target><Source><LocURI>" +
         std::string(kDevice) + "</LocURI></Source>" + header + "</SyncHdr><SyncBody>" + body +
         (final ? "<Final/>" : "") + "</SyncBody></SyncML>";
}

std::string Md5Cred(std::string_view nonce, std::string_view password) {
  return "<Cred><Meta><Format xmlns=\"syncml:metinf\">b64</Format>"
         "<Type xmlns=\"syncml:metinf\">syncml:auth-md5</Type></Meta><Data>" +
         dmauth::Md5Credential(dmauth::A1(kDevice, password), nonce) + "</Data></Cred>";
}

std::string MaxMsgSize(int octets) {
  return "<Meta><MaxMsgSize xmlns=\"syncml:metinf\">" + std::to_string(octets) +
         "</MaxMsgSize></Meta>";
}

const std::string kPackage1 =
    "<Alert><CmdID>1</CmdID><Data>1201</Data></Alert><Replace><CmdID>2</CmdID>"
    "<Item><Source><LocURI>./DevInfo/DevId</LocURI></Source>"
    "<Data>IMEI:493005100592800</Data></Item>"
    "<Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>Acme</Data></Item></Replace>";

std::string Status(int id, int msg_ref, int cmd_ref, std::string_view cmd, int code,
                   const std::string& more) {
  return "<Status><CmdID>" + std::to_string(id) + "</CmdID><MsgRef>" + std::to_string(msg_ref) +
         "</MsgRef><CmdRef>" + std::to_string(cmd_ref) + "</CmdRef><Cmd>" + std::string(cmd) +
         "</Cmd>" + more + "<Data>" + std::to_string(code) + "</Data></Status>";
}

std::string Chal(std::string_view type, std::string_view nonce_b64) {
  return "<Chal><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type xmlns=\"syncml:metinf\">" +
         std::string(type) + "</Type><NextNonce xmlns=\"syncml:metinf\">" + std::string(nonce_b64) +
         "</NextNonce></Meta></Chal>";
}

std::string Meta(std::string_view format, std::string_view type, int size) {
  std::string meta = "<Meta>";
  const auto add = [&](std::string_view name, std::string_view value) {
    meta.append("<").append(name).append(" xmlns=\"syncml:metinf\">").append(value);
    meta.append("</").append(name).append(">");
  };
  if (!format.empty()) add("Format", format);
  if (!type.empty()) add("Type", type);
  if (size >= 0) add("Size", std::to_string(size));
  return meta + "</Meta>";
}

std::string Results(int id, int msg_ref, int cmd_ref, std::string_view uri, std::string_view value,
                    const std::string& meta, bool more_data) {
  return "<Results><CmdID>" + std::to_string(id) + "</CmdID><MsgRef>" + std::to_string(msg_ref) +
         "</MsgRef><CmdRef>" + std::to_string(cmd_ref) + "</CmdRef><Item><Source><LocURI>" +
         std::string(uri) + "</LocURI></Source>" + meta + "<Data>" + std::string(value) +
         "</Data>" + (more_data ? "<MoreData/>" : "") + "</Item></Results>";
}

std::string AlertOf(int id, int code, const std::string& items, std::string_view correlator) {
  std::string alert =
      "<Alert><CmdID>" + std::to_string(id) + "</CmdID><Data>" + std::to_string(code) + "</Data>";
  if (!correlator.empty()) {
    alert.append("<Correlator>").append(correlator).append("</Correlator>");
  }
  return alert + items + "</Alert>";
}

std::string MacHeaderOf(std::string_view nonce, std::string_view octets,
                        std::string_view password) {
  return dmauth::FormatMacHeader(
      {std::string(kDevice), dmauth::Mac(dmauth::A1(kDevice, password), nonce, octets)});
}

Assignment Work(std::string id, std::vector<CommandSpec> commands, bool uncertain) {
  Assignment assignment;
  assignment.operation = OperationId(std::move(id));
  assignment.correlator = assignment.operation.value();
  assignment.commands = std::move(commands);
  assignment.uncertain = uncertain;
  return assignment;
}

CommandSpec Get(std::string uri) { return {.verb = Verb::kGet, .target = std::move(uri)}; }

CommandSpec Replace(std::string uri, std::string value) {
  return {
      .verb = Verb::kReplace, .target = std::move(uri), .format = "chr", .data = std::move(value)};
}

CommandSpec ReplaceBinary(std::string uri, std::string value, std::string format) {
  return {.verb = Verb::kReplace,
          .target = std::move(uri),
          .format = std::move(format),
          .type = "application/octet-stream",
          .data = std::move(value)};
}

CommandSpec Add(std::string uri, std::string value) {
  CommandSpec add = Replace(std::move(uri), std::move(value));
  add.verb = Verb::kAdd;
  return add;
}

CommandSpec Delete(std::string uri) { return {.verb = Verb::kDelete, .target = std::move(uri)}; }

CommandSpec Copy(std::string source, std::string target) {
  return {.verb = Verb::kCopy, .target = std::move(target), .source = std::move(source)};
}

CommandSpec Exec(std::string uri) { return {.verb = Verb::kExec, .target = std::move(uri)}; }

CommandSpec Ask(Prompt::Kind kind, std::string text) {
  Prompt prompt;
  prompt.kind = kind;
  prompt.text = std::move(text);
  return {.verb = Verb::kPrompt, .prompt = std::move(prompt)};
}

CommandSpec InAtomic(CommandSpec command, uint32_t group) {
  command.atomic = group;
  return command;
}

void Open(World& world, std::string_view session, const std::string& header) {
  const std::string& nonce =
      world.nonces.known ? world.nonces.client_nonce : world.account.client_nonce;
  world.Post(Message(session, 1, kPackage1, Md5Cred(nonce) + header));
}

int IdOf(const Command& command) { return std::stoi(std::string(command.cmd_id)); }

}  // namespace drover::session

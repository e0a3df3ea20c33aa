// The answer: statuses, then commands as far as they fit, then the end or the next turn.
#include "libs/base/bytes.h"
#include "libs/dmauth/digest.h"
#include "services/session/core/exchange.h"
#include "services/session/core/verification.h"

namespace drover::session {
namespace {

bool Modifies(const CommandSpec& command) { return command.verb != Verb::kGet; }

}  // namespace

void Exchange::BuildAnswer() {
  Reply reply(request_.encoding, request_.message.version);
  FillHeader(reply);
  AddStatuses(reply);
  if (abort_) {
    reply.AddAlert("1223");
    reply.SetFinal();
    return Finish(reply, true, SessionEnd::kAbortedByServer);
  }
  if (aborted_by_terminal_) {
    reply.SetFinal();
    return Finish(reply, true, SessionEnd::kAbortedByTerminal);
  }
  if (!PackageComplete()) {
    reply.AddAlert(
        "1222");  // Next message, please; no Final, no new commands (PRO 2.1.1, state S1).
    return Finish(reply, false, SessionEnd::kCompleted);
  }
  const std::vector<Planned> plan = PlanCommands(reply);
  AddCommands(reply, plan);
  reply.SetFinal();
  Finish(reply, plan.empty(), SessionEnd::kCompleted);
}

void Exchange::FillHeader(Reply& reply) {
  syncml::Header& header = reply.header();
  const bool in_session = !session_.session_id.empty();
  header.ver_dtd = header_.ver_dtd;  // Terminals refuse another version than their own.
  header.ver_proto = header_.ver_proto;
  header.session_id = header_.session_id;
  header.msg_id = reply.Keep(std::to_string(in_session ? session_.server_msg_id + 1 : msg_id_));
  header.target.uri = header_.source.uri;
  header.source.uri = in_session ? std::string_view(session_.server_uri) : header_.target.uri;
  if (!config_.resp_uri.empty()) header.resp_uri = config_.resp_uri;
  if (!in_session || session_.messages == 1) {
    header.meta.max_msg_size = config_.max_msg_size;
    header.meta.max_obj_size = config_.max_obj_size;
  }
  if (in_session && !session_.mac) AddOwnCredential(reply);
}

void Exchange::AddOwnCredential(Reply& reply) {
  if (session_.server_accepted || !stored_.account) return;
  const Account& account = *stored_.account;
  const std::optional<dmauth::Scheme> scheme =
      session_.server_scheme ? session_.server_scheme : account.server_scheme;
  if (!scheme || account.server_a1.empty()) return;
  if (*scheme == dmauth::Scheme::kBasic && account.server_password.empty()) return;
  const std::string data = *scheme == dmauth::Scheme::kBasic
                               ? dmauth::BasicCredential(config_.server_id, account.server_password)
                               : dmauth::Md5Credential(account.server_a1, nonces_.server_nonce);
  reply.SetCredential(*scheme == dmauth::Scheme::kBasic ? *scheme : dmauth::Scheme::kMd5, data);
  reply.header().source.name = config_.server_id;
}

void Exchange::AddStatuses(Reply& reply) {
  const bool digest = authenticated_by_ != dmauth::Scheme::kBasic;
  const Challenge next{authenticated_by_, nonces_.client_nonce};
  const bool for_session = authenticated_now_ && !session_.mac;
  reply.AddStatus(header_.msg_id,
                  {.cmd_ref = "0",
                   .cmd = "SyncHdr",
                   .code = for_session ? 212U : 200U,
                   .target_ref = header_.target.uri,
                   .source_ref = header_.source.uri},
                  authenticated_now_ && digest ? &next : nullptr);
  for (const StatusReply& status : replies_) reply.AddStatus(header_.msg_id, status);
}

size_t Exchange::MessageLimit() const {
  const uint64_t peer = session_.peer_max_msg_size;
  return peer == 0 ? config_.max_msg_size : std::min(peer, config_.max_msg_size);
}

size_t Exchange::Measure(const CommandSpec& command) const {
  constexpr size_t kRoomy = 16'384;  // Above it a bound will do; below, every octet counts.
  const Reply scratch(request_.encoding, request_.message.version);
  const size_t bound = scratch.SizeBound(command);
  if (bound + 2048 <= MessageLimit() && MessageLimit() >= kRoomy) return bound;
  Reply one(request_.encoding, request_.message.version);
  const size_t empty = one.Encode().size();
  one.AddCommand(command, "00000000-0000-0000-0000-000000000000");
  return one.Encode().size() - empty + 4;  // CmdIDs may be longer.
}

// In the order of the operations, as many as fit into the terminal's MaxMsgSize; at least one.
std::vector<Exchange::Planned> Exchange::PlanCommands(const Reply& reply) {
  std::vector<Planned> plan;
  if (session_.operations.empty()) return plan;
  const size_t limit = MessageLimit();
  constexpr size_t kSequence = 80;
  size_t used = reply.Encode().size() + kSequence;
  const auto fits = [&](const CommandSpec& command) {
    used += Measure(command);
    return plan.empty() || used <= limit;
  };
  for (uint32_t i = 0; i < session_.operations.size(); ++i) {
    const HeldOperation& held = session_.operations[i];
    const std::vector<CommandSpec>& commands = held.assignment.commands;
    for (uint32_t k = 0; k < commands.size(); ++k) {
      bool over = false;
      for (const CommandResult& result : held.results) over = over || result.index == k;
      if (over) continue;
      if (!held.assignment.uncertain) {
        if (!fits(commands[k])) return plan;
        plan.push_back({i, k, {}});
        continue;
      }
      for (const std::string& uri : ReadBackUris(commands[k])) {
        (void)fits({.verb = Verb::kGet,
                    .target = uri,
                    .source = {},
                    .format = {},
                    .type = {},
                    .data = {}});
        plan.push_back({i, k, read_back_uris_.emplace_back(uri)});
      }
    }
    // Only Gets, or nothing that could be read back: nothing to be unsure of.
    const bool reads = !plan.empty() && plan.back().operation == i;
    if (held.assignment.uncertain && !reads) {
      session_.operations[i].assignment.uncertain = false;
      --i;
    }
  }
  return plan;
}

// Order-dependent work is wrapped in a Sequence: outside of one a terminal may reorder (REP,
// "Sequence").
void Exchange::AddCommands(Reply& reply, const std::vector<Planned>& plan) {
  bool modifies = false;
  for (const Planned& planned : plan) {
    const CommandSpec& command =
        session_.operations[planned.operation].assignment.commands[planned.command];
    modifies = modifies || (planned.read_back.empty() && Modifies(command));
  }
  const uint32_t msg_id = session_.server_msg_id + 1;
  if (modifies && plan.size() > 1) {
    session_.sent.push_back(
        {SentCommand::Role::kSequence, msg_id, reply.OpenSequence(), 0, 0, 0, {}});
  }
  for (const Planned& planned : plan) {
    const Assignment& assignment = session_.operations[planned.operation].assignment;
    const bool read = !planned.read_back.empty();
    const uint32_t cmd_id =
        read ? reply.AddGet(planned.read_back)
             : reply.AddCommand(assignment.commands[planned.command], assignment.correlator);
    session_.sent.push_back({read ? SentCommand::Role::kVerify : SentCommand::Role::kCommand,
                             msg_id,
                             cmd_id,
                             planned.operation,
                             planned.command,
                             0,
                             {}});
  }
  session_.commands += static_cast<uint32_t>(plan.size());
}

void Exchange::Finish(const Reply& reply, bool ended, SessionEnd end) {
  Answer answer;
  answer.authenticated = true;
  answer.body = reply.Encode();
  if (session_.mac && stored_.account) {
    answer.mac_header = dmauth::FormatMacHeader(
        {config_.server_id,
         dmauth::Mac(stored_.account->server_a1, nonces_.server_nonce, answer.body)});
  }
  const dmauth::Md5Octets digest = dmauth::Md5({request_.body, request_.mac_header});
  session_.request_digest.assign(digest.data(), digest.size());
  session_.client_msg_id = msg_id_;
  ++session_.server_msg_id;
  session_.response = answer.body;
  session_.response_mac = answer.mac_header;
  session_.ended = ended;
  answer.expected_version = stored_.session ? stored_.session->version : 0;
  session_.version = answer.expected_version + 1;
  if (ended) endings_.push_back({end, session_});
  answer.endings = std::move(endings_);
  answer.session = std::move(session_);
  answer.nonces_changed = nonces_changed_;
  answer.nonces = std::move(nonces_);
  answer_ = std::move(answer);
}

}  // namespace drover::session

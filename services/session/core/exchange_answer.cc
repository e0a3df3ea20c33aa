// The answer: statuses, then commands as far as they fit, then the end or the next turn.
#include "libs/base/bytes.h"
#include "libs/dmauth/digest.h"
#include "services/session/core/exchange.h"

namespace drover::session {

void Exchange::BuildAnswer() {
  session_.response_is_secret = false;
  Reply reply(request_.encoding, request_.message.version, session_.traits.binary_as_b64);
  reply.CountIdsFrom(session_.cmd_id_base);
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
  if (!broken_object_.empty()) reply.AddNoEndOfData(broken_object_);
  if (!package_complete_) {
    // Next message, please; no Final, no new commands (PRO 2.1.1, state S1).
    if (broken_object_.empty()) reply.AddAlert("1222");
    return Finish(reply, false, SessionEnd::kCompleted);
  }
  const Plan plan = PlanCommands(reply);
  if (plan.empty() && plan.full) {
    reply.AddAlert("1222");
    return Finish(reply, false, SessionEnd::kCompleted);
  }
  if (plan.empty()) {
    reply.SetFinal();
  } else {
    Send(reply, plan);
  }
  Finish(reply, plan.empty() && broken_object_.empty(), SessionEnd::kCompleted);
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
  const bool no_resp_uri = in_session && session_.traits.no_resp_uri;
  if (!config_.resp_uri.empty() && !no_resp_uri) header.resp_uri = config_.resp_uri;
  if (!in_session || session_.messages == 1) {
    header.meta.max_msg_size = config_.max_msg_size;
    header.meta.max_obj_size = config_.max_obj_size;
  }
  if (in_session) AddOwnCredential(reply);
}

std::string_view Exchange::ServerA1() const {
  if (!stored_.account) return {};
  const Account& account = *stored_.account;
  const bool next = session_.next_server_secret && !account.next_server_a1.empty();
  return next ? account.next_server_a1 : account.server_a1;
}

std::string_view Exchange::ServerPassword() const {
  if (!stored_.account) return {};
  const Account& account = *stored_.account;
  const bool next = session_.next_server_secret && !account.next_server_password.empty();
  return next ? account.next_server_password : account.server_password;
}

// Whether our messages prove who we are, as far as they have to.
std::optional<dmauth::Scheme> Exchange::OwnScheme() const {
  if (ServerA1().empty()) return std::nullopt;
  std::optional<dmauth::Scheme> scheme = stored_.account->server_scheme;
  if (session_.mac) scheme = dmauth::Scheme::kMac;              // In both directions (SEC) ..
  if (session_.server_scheme) scheme = session_.server_scheme;  // .. but the terminal's word holds.
  const bool no_password = scheme == dmauth::Scheme::kBasic && ServerPassword().empty();
  return no_password ? std::nullopt : scheme;
}

void Exchange::AddOwnCredential(Reply& reply) {
  if (session_.server_accepted) return;
  const std::optional<dmauth::Scheme> scheme = OwnScheme();
  if (!scheme || *scheme == dmauth::Scheme::kMac) return;  // A MAC stands in the HTTP header.
  const std::string data = *scheme == dmauth::Scheme::kBasic
                               ? dmauth::BasicCredential(config_.server_id, ServerPassword())
                               : dmauth::Md5Credential(ServerA1(), nonces_.server_nonce);
  reply.SetCredential(*scheme, data);
  session_.response_is_secret = *scheme == dmauth::Scheme::kBasic;
  reply.header().source.name = config_.server_id;
}

void Exchange::AddStatuses(Reply& reply) {
  const bool digest = authenticated_by_ != dmauth::Scheme::kBasic;
  const Challenge next{authenticated_by_, nonces_.client_nonce};
  const bool for_session = authenticated_now_ && authenticated_by_ != dmauth::Scheme::kMac;
  reply.AddStatus(header_.msg_id,
                  {.cmd_ref = "0",
                   .cmd = "SyncHdr",
                   .code = for_session ? 212U : 200U,
                   .target_ref = header_.target.uri,
                   .source_ref = header_.source.uri},
                  authenticated_now_ && digest ? &next : nullptr);
  for (const StatusReply& status : replies_) reply.AddStatus(header_.msg_id, status);
}

void Exchange::Finish(const Reply& reply, bool ended, SessionEnd end) {
  Answer answer;
  answer.authenticated = true;
  answer.body = reply.Encode();
  if (OwnScheme() == dmauth::Scheme::kMac) {
    answer.mac_header = dmauth::FormatMacHeader(
        {config_.server_id, dmauth::Mac(ServerA1(), nonces_.server_nonce, answer.body)});
  }
  const dmauth::Md5Octets digest = dmauth::Md5({request_.body, request_.mac_header});
  session_.request_digest.assign(digest.data(), digest.size());
  session_.client_msg_id = msg_id_;
  ++session_.server_msg_id;
  session_.response = answer.body;
  session_.response_mac = answer.mac_header;
  session_.ended = ended;
  answer.expected_version = stored_.session ? stored_.session->version : stored_.lost_version;
  session_.version = answer.expected_version + 1;
  if (ended) EndSession(end, session_);
  answer.endings = std::move(endings_);
  answer.session = std::move(session_);
  answer.nonces_changed = nonces_changed_;
  answer.nonces = std::move(nonces_);
  answer_ = std::move(answer);
}

}  // namespace drover::session

// What the terminal's message says: statuses, results, alerts, DevInfo.
#include <charconv>

#include "libs/dmauth/digest.h"
#include "services/session/core/exchange.h"
#include "services/session/core/item_data.h"

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;

uint32_t CodeOf(const Command& command) {
  if (!command.data) return 0;
  const std::string_view text = command.data->octets;
  uint32_t code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  return error == std::errc() && end == text.data() + text.size() ? code : 0;
}

Value ValueOf(const Command& command, const syncml::Item& item) {
  Value value;
  value.format =
      WithoutTrailingNul(item.meta.format.empty() ? command.meta.format : item.meta.format);
  value.type = WithoutTrailingNul(item.meta.type.empty() ? command.meta.type : item.meta.type);
  if (item.source) {
    value.uri = item.source->uri;
  } else if (!command.source_refs.empty()) {
    value.uri = command.source_refs.front();
  }
  value.data = DecodedData(item, value.format);
  return value;
}

// What keeping the item takes.
size_t OctetsOf(const Command& command, const syncml::Item& item) {
  size_t octets = kValueOctets + command.meta.format.size() + command.meta.type.size();
  octets += item.meta.format.size() + item.meta.type.size();
  if (item.source) octets += item.source->uri.size();
  return octets + (item.data ? item.data->octets.size() : 0);
}

}  // namespace

void Exchange::ReadCommands() {
  effects_.emplace();
  held_octets_ = HeldOctets();
  ++session_.messages;
  session_.updated_at = request_.now;
  if (header_.meta.max_msg_size) session_.peer_max_msg_size = *header_.meta.max_msg_size;
  if (header_.meta.max_obj_size) session_.peer_max_obj_size = *header_.meta.max_obj_size;
  for (const Command& command : request_.message.commands) ReadCommand(command);
  if (!piece_taken_) DropBrokenObject();
}

void Exchange::ReadCommand(const Command& command) {
  if (command.kind == CommandKind::kStatus) return ReadStatus(command);
  if (command.kind == CommandKind::kResults) return ReadResults(command);
  uint32_t code = 405;  // What a terminal may not send (REP, "Protocol command elements").
  if (command.cmd_id.empty()) {
    oddities_.push_back(Oddity::kMissingCmdId);
    code = 400;
  } else if (command.kind == CommandKind::kAlert) {
    code = ReadAlert(command);
  } else if (command.kind == CommandKind::kReplace) {
    code = ReadReplace(command);
  } else if (command.kind == CommandKind::kUnknown) {
    oddities_.push_back(Oddity::kUnknownCommand);
    code = 400;
  } else {
    oddities_.push_back(Oddity::kCommandNotAllowed);
    const bool not_dm = command.kind == CommandKind::kPut || command.kind == CommandKind::kMap ||
                        command.kind == CommandKind::kSync ||
                        command.kind == CommandKind::kSearch || command.kind == CommandKind::kMove;
    if (not_dm) code = 406;
  }
  StatusReply reply{.cmd_ref = command.cmd_id, .cmd = command.name, .code = code};
  const bool names_node = command.kind == CommandKind::kAlert && !command.items.empty();
  if (names_node && command.items.front().target)
    reply.target_ref = command.items.front().target->uri;
  if (names_node && command.items.front().source)
    reply.source_ref = command.items.front().source->uri;
  replies_.push_back(reply);
}

SentCommand* Exchange::FindSent(std::string_view msg_ref, std::string_view cmd_ref) {
  // A missing MsgRef means our last message with commands.
  for (auto sent = session_.sent.rbegin(); sent != session_.sent.rend(); ++sent) {
    const bool of_message = msg_ref.empty() || msg_ref == std::to_string(sent->msg_id);
    if (of_message && cmd_ref == std::to_string(sent->cmd_id)) return &*sent;
  }
  return nullptr;
}

void Exchange::ReadStatus(const Command& command) {
  const uint32_t code = CodeOf(command);
  const bool of_header =
      command.cmd_ref == "0" || (command.cmd_ref.empty() && command.cmd == "SyncHdr");
  if (of_header) return ReadHeaderStatus(command, code);
  SentCommand* sent = FindSent(command.msg_ref, command.cmd_ref);
  if (sent == nullptr) {
    // Of our 1222, or of nothing that we sent.
    if (command.cmd != "Alert") oddities_.push_back(Oddity::kStatusForUnknownCommand);
    return;
  }
  news_ = true;
  if (code == 101) return;  // In progress: another will follow.
  sent->status = code == 0 ? 500 : code;
  statuses_.emplace_back(command.cmd, sent->status);
  if (command.cmd != "Alert") return;
  for (const syncml::Item& item : command.items) {  // What the user typed or chose.
    if (item.data && Hold(OctetsOf(command, item))) {
      sent->values.push_back(ValueOf(command, item));
    }
  }
}

// What the terminal thinks of our credential (PRO, "Authentication"; 212: for the whole session).
void Exchange::ReadHeaderStatus(const Command& command, uint32_t code) {
  if (code == 212) session_.server_accepted = true;
  const bool ours_held = (code == 200 || code == 212) && session_.messages > 1;
  if (ours_held && session_.next_server_secret && OwnScheme()) promote_server_ = true;
  // At the session's start it is about our challenge, which held nothing to execute.
  if ((code == 401 || code == 407) && session_.messages > 1 && !server_rejected_) {
    server_rejected_ = true;
    ++session_.server_rejections;
    session_.server_accepted = false;
    // Of two secrets it may have either.
    const bool other = stored_.account && !stored_.account->next_server_a1.empty();
    session_.next_server_secret = other && !session_.next_server_secret;
  }
  if (!command.chal) return;
  const syncml::Meta& chal = *command.chal;
  if (const auto scheme = dmauth::SchemeOf(chal.type)) session_.server_scheme = *scheme;
  const bool opaque = chal.next_nonce.form == syncml::DataForm::kOpaque;
  Result<std::string> nonce = dmauth::DecodeNonce(chal.next_nonce.octets, opaque);
  if (!nonce) return;
  nonces_.server_nonce = *std::move(nonce);
  nonces_changed_ = true;
}

void Exchange::ReadResults(const Command& command) {
  SentCommand* sent = FindSent(command.msg_ref, command.cmd_ref);
  if (sent == nullptr) {
    oddities_.push_back(Oddity::kResultsForUnknownCommand);
    return;
  }
  news_ = true;
  for (const syncml::Item& item : command.items) {
    const bool last_piece = GoesOn(command, item, /*of_alert=*/false);
    if (item.more_data || last_piece) {
      ReadPiece(command, item, *sent);
      continue;
    }
    // The end of what was broken off, or some of it again: only from the beginning is of use.
    if (sent->broken) continue;
    if (!Hold(OctetsOf(command, item))) {
      sent->status = 413;
      replies_.push_back({.cmd_ref = command.cmd_id, .cmd = "Results", .code = 413});
      return;
    }
    sent->values.push_back(ValueOf(command, item));
  }
}

// A piece of a large value. One that is refused fails its command; nothing half is kept.
void Exchange::ReadPiece(const Command& command, const syncml::Item& item, SentCommand& sent) {
  const bool goes_on = GoesOn(command, item, /*of_alert=*/false);
  if (!goes_on) DropBrokenObject();
  uint32_t code = 413;
  // The rest of what was refused or broken off is of no use; only a new beginning is.
  if (goes_on || item.meta.size || !sent.broken) code = TakePiece(command, item, false);
  if (code == 200) {
    Incoming& incoming = *session_.incoming;
    Value value{std::move(incoming.uri), incoming.format, std::move(incoming.type), {}};
    value.data = TakeWhole();
    sent.values.push_back(std::move(value));
    sent.broken = false;
    return;  // Results that are well are not answered (REP).
  }
  if (code != 213) sent.broken = true;
  StatusReply reply{.cmd_ref = command.cmd_id, .cmd = "Results", .code = code};
  if (item.source) reply.source_ref = item.source->uri;
  replies_.push_back(reply);
}

uint32_t Exchange::ReadAlert(const Command& command) {
  const uint32_t code = CodeOf(command);
  switch (code) {
    case 1200:
    case 1201:
      news_ = true;
      return 200;
    case 1222:
      asked_next_ = true;
      return 200;
    case 1225:
      no_end_of_data_ = true;
      return 200;
    case 1223:
      aborted_by_terminal_ = true;
      return 200;
    case 1224:
    case 1226:
      return ReadGenericAlert(command, code);
    default:
      oddities_.push_back(Oddity::kUnknownAlert);
      return 406;
  }
}

uint32_t Exchange::ReadGenericAlert(const Command& command, uint32_t code) {
  if (command.items.empty()) return 412;
  for (const syncml::Item& item : command.items) {
    if (code == 1226 && (item.meta.type.empty() || !item.data)) return 412;
  }
  news_ = true;
  for (const syncml::Item& item : command.items) {
    const bool piece = item.more_data || GoesOn(command, item, /*of_alert=*/true);
    const uint32_t taken = piece ? TakePiece(command, item, /*of_alert=*/true) : 200;
    if (taken != 200) return taken;
    Alert alert;
    alert.code = code;
    alert.type = item.meta.type;
    alert.mark = item.meta.mark;
    alert.format = item.meta.format;
    if (item.source) alert.source = item.source->uri;
    alert.correlator = command.correlator;
    alert.data = piece ? TakeWhole() : DecodedData(item, alert.format);
    effects_->alerts.push_back(std::move(alert));
  }
  return 200;
}

// The object in pieces that is complete now.
std::string Exchange::TakeWhole() {
  const Incoming& incoming = *session_.incoming;
  const auto form = incoming.opaque ? syncml::DataForm::kOpaque : syncml::DataForm::kText;
  std::string data = DecodedData(incoming.data, form, incoming.format);
  session_.incoming.reset();
  return data;
}

// The only Replace that a terminal sends: its DevInfo, in package 1 (PRO, "Package 1").
uint32_t Exchange::ReadReplace(const Command& command) {
  news_ = true;
  std::string all;
  for (const syncml::Item& item : command.items) {
    if (!item.source || !item.source->uri.starts_with("./DevInfo/")) return 405;
    all.append(item.source->uri).push_back('\0');
    if (item.data) all.append(item.data->octets);
    all.push_back('\0');
  }
  const dmauth::Md5Octets octets = dmauth::Md5({all});
  const std::string digest(octets.data(), kDevInfoDigestOctets);
  if (digest == nonces_.devinfo_digest) return 200;
  for (const syncml::Item& item : command.items) {
    NodeReport node;
    node.uri = item.source->uri;
    node.format = item.meta.format;
    node.type = item.meta.type;
    node.value = DecodedData(item, item.meta.format);
    effects_->nodes.push_back(std::move(node));
  }
  nonces_.devinfo_digest = digest;
  nonces_changed_ = true;
  return 200;
}

}  // namespace drover::session

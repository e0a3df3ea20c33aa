// What the terminal's message says: statuses, results, alerts, DevInfo.
#include <charconv>

#include "libs/base/bytes.h"
#include "libs/dmauth/digest.h"
#include "services/session/core/exchange.h"

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

bool IsSuccess(uint32_t status) { return status >= 200 && status < 300; }

// One client pads ?prop=Format and ?prop=Type with a NUL.
std::string_view WithoutTrailingNul(std::string_view text) {
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return text;
}

std::string DecodedData(const syncml::Item& item, std::string_view format) {
  if (!item.data) return {};
  if (format == "b64" && item.data->form == syncml::DataForm::kText) {
    if (Result<std::string> octets = base::FromBase64(item.data->octets)) return *std::move(octets);
  }
  if (item.data->form == syncml::DataForm::kOpaque && format == "bin")
    return std::string(item.data->octets);
  return std::string(WithoutTrailingNul(item.data->octets));
}

// A secret that was written stays out of what everybody may read.
bool IsSecretNode(std::string_view uri) {
  const std::string_view last = uri.substr(uri.rfind('/') + 1);
  for (const std::string_view name : {"AAuthSecret", "AAuthData", "ClientPW", "ServerPW",
                                      "ClientNonce", "ServerNonce", "AuthSecret"}) {
    if (last == name) return true;
  }
  return false;
}

}  // namespace

void Exchange::ReadCommands() {
  effects_.emplace();
  ++session_.messages;
  session_.updated_at = request_.now;
  if (header_.meta.max_msg_size) session_.peer_max_msg_size = *header_.meta.max_msg_size;
  if (header_.meta.max_obj_size) session_.peer_max_obj_size = *header_.meta.max_obj_size;
  for (const Command& command : request_.message.commands) ReadCommand(command);
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
  for (SentCommand& sent : session_.sent) {
    // A missing MsgRef means our last message.
    const bool of_message = msg_ref.empty() ? sent.msg_id == session_.server_msg_id
                                            : msg_ref == std::to_string(sent.msg_id);
    if (of_message && cmd_ref == std::to_string(sent.cmd_id)) return &sent;
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
  sent->status = code == 0 ? 500 : code;
  statuses_.emplace_back(command.cmd, sent->status);
}

// What the terminal thinks of our credential (PRO, "Authentication"; 212: for the whole session).
void Exchange::ReadHeaderStatus(const Command& command, uint32_t code) {
  if (code == 212) session_.server_accepted = true;
  // At the session's start it is about our challenge, which held nothing to execute.
  if ((code == 401 || code == 407) && session_.messages > 1) {
    server_rejected_ = true;
    ++session_.server_rejections;
    session_.server_accepted = false;
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
    if (item.more_data) {
      // A value in pieces is not put together yet; refused as too large, so that nothing half is
      // kept.
      oddities_.push_back(Oddity::kChunkedResults);
      sent->status = 413;
      replies_.push_back({.cmd_ref = command.cmd_id, .cmd = "Results", .code = 413});
      return;
    }
    Value value;
    const std::string_view format =
        item.meta.format.empty() ? command.meta.format : item.meta.format;
    const std::string_view type = item.meta.type.empty() ? command.meta.type : item.meta.type;
    value.format = WithoutTrailingNul(format);
    value.type = WithoutTrailingNul(type);
    if (item.source) {
      value.uri = item.source->uri;
    } else if (!command.source_refs.empty()) {
      value.uri = command.source_refs.front();
    }
    value.data = DecodedData(item, value.format);
    sent->values.push_back(std::move(value));
  }
}

uint32_t Exchange::ReadAlert(const Command& command) {
  const uint32_t code = CodeOf(command);
  switch (code) {
    case 1200:
    case 1201:
      news_ = true;
      return 200;
    case 1222:
    case 1225:
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
    Alert alert;
    alert.code = code;
    alert.type = item.meta.type;
    alert.mark = item.meta.mark;
    alert.format = item.meta.format;
    if (item.source) alert.source = item.source->uri;
    alert.correlator = command.correlator;
    alert.data = DecodedData(item, alert.format);
    effects_->alerts.push_back(std::move(alert));
  }
  return 200;
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
  const std::string digest(octets.data(), octets.size());
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

void Exchange::ReportTree(const CommandSpec& command, const SentCommand& sent) {
  if (!IsSuccess(sent.status)) return;
  if (command.verb == Verb::kGet) {
    for (const Value& value : sent.values) {
      const bool node = !value.uri.empty() && value.uri.find('?') == std::string::npos;
      if (node) effects_->nodes.push_back({value.uri, value.format, value.type, value.data});
    }
  } else if (command.verb == Verb::kDelete) {
    effects_->deleted.push_back(command.target);
  } else if (command.verb == Verb::kReplace || command.verb == Verb::kAdd) {
    const bool plain =
        command.target.find('?') == std::string::npos && !IsSecretNode(command.target);
    if (plain) {
      effects_->nodes.push_back(
          {command.target, command.format, command.type, command.data.value_or("")});
    }
  }
}

}  // namespace drover::session

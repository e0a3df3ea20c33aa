#include "loadtest/terminal/message_builder.h"

#include <algorithm>

#include "libs/base/bytes.h"

namespace drover::terminal {
namespace {

using syncml::CommandKind;
using syncml::DataForm;
using syncml::Encoding;

constexpr std::string_view kDoctype =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE SyncML PUBLIC \"-//SYNCML//DTD SyncML 1.2//EN\" "
    "\"http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd\">\n";
// version, public id (two octets), charset, length of the string table
constexpr size_t kWbxmlHeaderOctets = 5;

// The public id as text in the string table, its length given without a NUL.
std::string TextualHeader(DmVersion version) {
  const std::string_view id =
      version == DmVersion::k11 ? "-//SYNCML//DTD SyncML 1.1//EN" : "-//SYNCML//DTD SyncML 1.2//EN";
  std::string header("\x02\x00\x00\x6a", 4);
  header += static_cast<char>(id.size());
  header += id;
  return header;
}

}  // namespace

std::string_view VerDtdOf(DmVersion version) { return version == DmVersion::k11 ? "1.1" : "1.2"; }

std::string_view VerProtoOf(DmVersion version) {
  switch (version) {
    case DmVersion::k11:
      return "DM/1.1";
    case DmVersion::k12:
      return "DM/1.2";
    case DmVersion::k13:
      break;
  }
  return "DM/1.3";
}

MessageBuilder::MessageBuilder(const ModelSpec& spec, const HeaderFields& fields)
    : spec_(spec), next_cmd_id_(spec.quirks.Has(Quirk::kFirstCmdId2) ? 2 : 1) {
  syncml::Message& message = document_.message();
  message.version = spec.version == DmVersion::k11 ? syncml::Version::k11 : syncml::Version::k12;
  message.final = true;
  syncml::Header& header = message.header;
  header.ver_dtd = VerDtdOf(spec.version);
  header.ver_proto = VerProtoOf(spec.version);
  header.session_id = Keep(fields.session_id);
  header.msg_id = Keep(std::to_string(fields.msg_id));
  header.target.uri = Keep(fields.target);
  header.source.uri = Keep(fields.device_id);
  header.source.name = Keep(fields.user);
  if (!fields.cred_scheme.empty()) {
    syncml::Credentials& cred = header.cred.emplace();
    cred.meta.format = "b64";
    cred.meta.type = fields.cred_scheme;
    cred.data.octets = Keep(fields.cred);
  }
  if (fields.with_sizes) header.meta.max_msg_size = spec.max_msg_size;
}

syncml::Command& MessageBuilder::Append(CommandKind kind) {
  syncml::Command& command = document_.message().commands.emplace_back();
  command.kind = kind;
  command.name = Name(kind);
  command.cmd_id = Keep(std::to_string(next_cmd_id_++));
  return command;
}

void MessageBuilder::Status(const StatusOf& of, int code,
                            const std::optional<Challenge>& challenge) {
  syncml::Command& status = Append(CommandKind::kStatus);
  status.msg_ref = Keep(of.msg_ref);
  status.cmd_ref = Keep(of.cmd_ref);
  status.cmd = Keep(of.cmd);
  if (!spec_.quirks.Has(Quirk::kNoStatusTargetRef)) {
    for (const std::string_view ref : of.target_refs) status.target_refs.push_back(Keep(ref));
  }
  for (const std::string_view ref : of.source_refs) status.source_refs.push_back(Keep(ref));
  if (challenge) {
    syncml::Meta& chal = status.chal.emplace();
    chal.format = "b64";
    chal.type = challenge->scheme;
    if (!challenge->nonce.empty()) chal.next_nonce.octets = Keep(base::Base64(challenge->nonce));
  }
  status.data.emplace().octets = Keep(std::to_string(code));
}

void MessageBuilder::SetData(syncml::Item& item, syncml::Meta& meta, const Reported& reported) {
  if (!reported.format.empty()) meta.format = Keep(reported.format);
  if (!reported.type.empty()) meta.type = Keep(reported.type);
  if (!reported.has_data) return;
  syncml::Data& data = item.data.emplace();
  const bool wbxml = spec_.encoding == Encoding::kWbxml;
  if (reported.format == "bin" && !wbxml) {
    meta.format = "b64";
    data.octets = Keep(base::Base64(reported.data));
    return;
  }
  data.octets = Keep(reported.data);
  const bool opaque = reported.format == "bin" || spec_.quirks.Has(Quirk::kOpaqueData);
  if (wbxml && opaque) data.form = DataForm::kOpaque;
}

void MessageBuilder::Results(std::string_view msg_ref, std::string_view cmd_ref,
                             const std::vector<Reported>& items) {
  syncml::Command& results = Append(CommandKind::kResults);
  if (!spec_.quirks.Has(Quirk::kNoResultsMsgRef)) results.msg_ref = Keep(msg_ref);
  results.cmd_ref = Keep(cmd_ref);
  for (const Reported& reported : items) {
    syncml::Item& item = results.items.emplace_back();
    item.source.emplace().uri = Keep(reported.uri);
    SetData(item, item.meta, reported);
  }
}

std::string MessageBuilder::Alert(int code) {
  syncml::Command& alert = Append(CommandKind::kAlert);
  alert.data.emplace().octets = Keep(std::to_string(code));
  return std::string(alert.cmd_id);
}

std::string MessageBuilder::Alert(const ClientAlert& raised) {
  syncml::Command& alert = Append(CommandKind::kAlert);
  alert.data.emplace().octets = Keep(std::to_string(raised.code));
  alert.correlator = Keep(raised.correlator);
  syncml::Item& item = alert.items.emplace_back();
  if (!raised.target.empty()) item.target.emplace().uri = Keep(raised.target);
  if (!raised.source.empty()) item.source.emplace().uri = Keep(raised.source);
  item.meta.format = Keep(raised.format);
  item.meta.type = Keep(raised.type);
  item.meta.mark = Keep(raised.mark);
  item.data.emplace().octets = Keep(raised.data);
  return std::string(alert.cmd_id);
}

void MessageBuilder::NoEndOfData(std::string_view uri) {
  syncml::Command& alert = Append(CommandKind::kAlert);
  alert.data.emplace().octets = "1225";
  alert.items.emplace_back().target.emplace().uri = Keep(uri);
}

std::string MessageBuilder::ReplaceDevInfo(const ManagementTree& tree) {
  syncml::Command& replace = Append(CommandKind::kReplace);
  for (const std::string& path : tree.Below("DevInfo")) {
    const NodeNow now = *tree.Find(path);
    if (now.interior()) continue;
    syncml::Item& item = replace.items.emplace_back();
    item.source.emplace().uri = Keep(UriOf(path));
    item.data.emplace().octets = Keep(now.value);
  }
  if (spec_.quirks.Has(Quirk::kDevInfoReversed)) {
    std::reverse(replace.items.begin(), replace.items.end());
  }
  return std::string(replace.cmd_id);
}

void MessageBuilder::TakeFrom(std::unique_ptr<MessageBuilder> other, size_t from) {
  auto& theirs = other->document_.message().commands;
  for (size_t i = from; i < theirs.size(); ++i) {
    const std::string_view cmd_id = Keep(std::to_string(next_cmd_id_++));
    document_.message().commands.emplace_back(std::move(theirs[i])).cmd_id = cmd_id;
  }
  taken_ = std::move(other);
}

std::string MessageBuilder::Encode(size_t n) {
  syncml::Message& message = document_.message();
  std::string octets;
  octets.reserve(1024);
  if (n == message.commands.size()) {
    syncml::Encode(spec_.encoding, message, octets);
  } else {
    syncml::Message head(message.commands.get_allocator());
    head.version = message.version;
    head.header = message.header;
    head.final = message.final;
    for (size_t i = 0; i < n; ++i) head.commands.push_back(std::move(message.commands[i]));
    syncml::Encode(spec_.encoding, head, octets);
    for (size_t i = 0; i < n; ++i) message.commands[i] = std::move(head.commands[i]);
  }
  ApplyQuirks(octets);
  return octets;
}

void MessageBuilder::ApplyQuirks(std::string& octets) const {
  if (spec_.encoding == Encoding::kXml) {
    if (spec_.quirks.Has(Quirk::kXmlDoctype)) octets.insert(0, kDoctype);
    return;
  }
  if (spec_.quirks.Has(Quirk::kWbxmlTextualPublicId)) {
    octets.replace(0, kWbxmlHeaderOctets, TextualHeader(spec_.version));
  }
  if (spec_.quirks.Has(Quirk::kWbxmlVersion03)) octets[0] = 0x03;
}

std::string_view MediaTypeOf(const ModelSpec& spec) {
  const bool wbxml = spec.encoding == Encoding::kWbxml;
  const Quirks& quirks = spec.quirks;
  if (quirks.Has(Quirk::kNoMediaType)) return "";
  if (quirks.Has(Quirk::kUppercaseMediaType)) {
    return wbxml ? "application/vnd.syncml.dm+WBXML" : "application/vnd.syncml.dm+XML";
  }
  if (quirks.Has(Quirk::kDsMediaType)) {
    return wbxml ? "application/vnd.syncml+wbxml" : "application/vnd.syncml+xml";
  }
  if (quirks.Has(Quirk::kCharsetParameter)) {
    return wbxml ? "application/vnd.syncml.dm+wbxml; charset=UTF-8"
                 : "application/vnd.syncml.dm+xml; charset=UTF-8";
  }
  return wbxml ? "application/vnd.syncml.dm+wbxml" : "application/vnd.syncml.dm+xml";
}

bool AcceptsMediaType(const ModelSpec& spec, std::string_view content_type) {
  const bool wbxml = spec.encoding == Encoding::kWbxml;
  std::string_view expected = MediaTypeOf(spec);
  if (expected.empty()) {
    expected = wbxml ? "application/vnd.syncml.dm+wbxml" : "application/vnd.syncml.dm+xml";
  }
  expected = expected.substr(0, expected.find(';'));
  const std::string_view actual = content_type.substr(0, content_type.find(';'));
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  return std::equal(actual.begin(), actual.end(), expected.begin(), expected.end(), same);
}

}  // namespace drover::terminal

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
constexpr char kSyncMlTag = 0x6d;
// SyncML with attributes: a literal one whose name is at index 0 of an empty string table.
constexpr std::string_view kSyncMlWithXmlns{"\xed\x04\x00\x03SYNCML:SYNCML1.2\x00\x01", 22};
// Of a message that answers a request for more: its Status for alert 1222.
constexpr size_t kStatusOctets = 200;
// Smaller first chunks wait for the next message.
constexpr size_t kLeastChunk = 64;

// The public id as text in the string table, its length given without a NUL.
std::string TextualHeader(syncml::Version version) {
  const std::string_view id = version == syncml::Version::k11 ? "-//SYNCML//DTD SyncML 1.1//EN"
                                                              : "-//SYNCML//DTD SyncML 1.2//EN";
  std::string header("\x02\x00\x00\x6a", 4);
  header += static_cast<char>(id.size());
  header += id;
  return header;
}

// An OPAQUE of these octets becomes the elements themselves, and code page 0 after them. What was
// cut into chunks stays OPAQUE.
void PutInline(const std::string& tokens, std::string& octets) {
  std::string length(1, static_cast<char>(tokens.size() & 0x7F));
  for (size_t rest = tokens.size() >> 7; rest != 0; rest >>= 7) {
    length.insert(0, 1, static_cast<char>((rest & 0x7F) | 0x80));
  }
  const std::string opaque = '\xc3' + length + tokens;
  const size_t at = octets.find(opaque);
  if (at == std::string::npos) return;
  octets.replace(at, opaque.size(), tokens + std::string(2, '\0'));
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
  message.version = fields.version == DmVersion::k11 ? syncml::Version::k11 : syncml::Version::k12;
  message.final = true;
  syncml::Header& header = message.header;
  header.ver_dtd = VerDtdOf(fields.version);
  header.ver_proto = VerProtoOf(fields.version);
  header.session_id = Keep(fields.session_id);
  header.msg_id = Keep(std::to_string(fields.msg_id));
  header.target.uri = Keep(fields.target);
  header.source.uri = Keep(fields.source);
  header.source.name = Keep(fields.user);
  if (!fields.cred_scheme.empty()) {
    syncml::Credentials& cred = header.cred.emplace();
    cred.meta.format = "b64";
    cred.meta.type = fields.cred_scheme;
    cred.data.octets = Keep(fields.cred);
  }
  if (fields.max_msg_size != 0) header.meta.max_msg_size = fields.max_msg_size;
  if (fields.max_obj_size != 0) header.meta.max_obj_size = fields.max_obj_size;
}

syncml::Command& MessageBuilder::Append(CommandKind kind) {
  syncml::Command& command = document_.message().commands.emplace_back();
  command.kind = kind;
  command.name = Name(kind);
  command.cmd_id = Keep(std::to_string(next_cmd_id_++));
  reports_.push_back(-1);
  return command;
}

void MessageBuilder::Status(const StatusOf& of, int code, const std::optional<Challenge>& challenge,
                            const std::vector<std::string>& data) {
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
    challenge_nonce_ = challenge->nonce;
  }
  status.data.emplace().octets = Keep(std::to_string(code));
  for (const std::string& text : data) {
    status.items.emplace_back().data.emplace().octets = Keep(text);
  }
}

void MessageBuilder::SetData(syncml::Item& item, syncml::Meta& meta, const Reported& reported) {
  if (!reported.format.empty()) meta.format = Keep(reported.format);
  if (!reported.type.empty()) meta.type = Keep(reported.type);
  if (!reported.has_data) return;
  syncml::Data& data = item.data.emplace();
  const bool wbxml = spec_.encoding == Encoding::kWbxml;
  if (reported.form == Reported::Form::kInlineTnds) inline_tnds_.push_back(reported.data);
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

void MessageBuilder::Alert(int code) {
  Append(CommandKind::kAlert).data.emplace().octets = Keep(std::to_string(code));
}

void MessageBuilder::Alert(const ClientAlert& raised, int report) {
  const bool generic = raised.code == 1226;
  syncml::Command& alert = Append(CommandKind::kAlert);
  alert.data.emplace().octets = Keep(std::to_string(raised.code));
  alert.correlator = Keep(raised.correlator);
  reports_.back() = report;
  syncml::Item& item = alert.items.emplace_back();
  if (!raised.target.empty()) item.target.emplace().uri = Keep(raised.target);
  if (!raised.source.empty()) item.source.emplace().uri = Keep(raised.source);
  std::string_view target = raised.target;
  if (generic && spec_.quirks.Has(Quirk::kAlertWithTarget)) target = raised.source;
  if (!target.empty()) item.target.emplace().uri = Keep(target);
  item.meta.format = Keep(raised.format);
  item.meta.type = Keep(raised.type);
  item.meta.mark = Keep(raised.mark);
  if (generic && spec_.quirks.Has(Quirk::kAlertTextPlain)) {
    item.meta.format = "text/plain";
    item.meta.mark = "warning";
  }
  item.data.emplace().octets = Keep(raised.data);
}

void MessageBuilder::ForgetReport(int report) {
  for (int& each : reports_) {
    if (each == report) {
      each = -1;
    } else if (each > report) {
      --each;
    }
  }
}

void MessageBuilder::NoEndOfData(std::string_view uri) {
  syncml::Command& alert = Append(CommandKind::kAlert);
  alert.data.emplace().octets = "1225";
  alert.items.emplace_back().target.emplace().uri = Keep(uri);
}

void MessageBuilder::ReplaceDevInfo(const ManagementTree& tree) {
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
}

void MessageBuilder::TakeFrom(std::unique_ptr<MessageBuilder> other, size_t from) {
  taken_at_ = commands();
  continues_ = other->rest_continues_;
  auto& theirs = other->document_.message().commands;
  for (size_t i = from; i < theirs.size(); ++i) {
    const std::string_view cmd_id = Keep(std::to_string(next_cmd_id_++));
    document_.message().commands.emplace_back(std::move(theirs[i])).cmd_id = cmd_id;
    reports_.push_back(other->reports_[i]);
  }
  // Of a long object only the message that it was built for is kept, not each that carried a part.
  taken_ = other->taken_ != nullptr && from >= other->taken_at_ ? std::move(other->taken_)
                                                                : std::move(other);
}

std::string MessageBuilder::Encode(const Part& part) {
  syncml::Message& message = document_.message();
  const size_t n = part.commands;
  std::string octets;
  octets.reserve(1024);
  if (n == message.commands.size()) {
    syncml::Encode(spec_.encoding, message, octets);
  } else {
    syncml::Message head(message.commands.get_allocator());
    head.version = message.version;
    head.header = message.header;
    head.final = message.final;
    head.commands.reserve(n + 1);
    for (size_t i = 0; i < n; ++i) head.commands.push_back(std::move(message.commands[i]));
    if (part.cuts()) AddCut(part, head.commands.emplace_back());
    syncml::Encode(spec_.encoding, head, octets);
    for (size_t i = 0; i < n; ++i) message.commands[i] = std::move(head.commands[i]);
  }
  ApplyQuirks(octets);
  return octets;
}

void MessageBuilder::AddCut(const Part& part, syncml::Command& into) const {
  const syncml::Command& whole = command(part.commands);
  into.kind = whole.kind;
  into.name = whole.name;
  into.cmd_id = whole.cmd_id;
  into.msg_ref = whole.msg_ref;
  into.cmd_ref = whole.cmd_ref;
  into.data = whole.data;
  into.correlator = whole.correlator;
  for (size_t i = 0; i < part.items; ++i) into.items.push_back(whole.items[i]);
  if (part.octets == 0) return;
  syncml::Item& chunk = into.items.emplace_back(whole.items[part.items]);
  if (!Continues(part.commands, part.items)) chunk.meta.size = chunk.data->octets.size();
  chunk.data->octets = chunk.data->octets.substr(0, part.octets);
  chunk.more_data = true;
}

bool MessageBuilder::Continues(size_t command, size_t item) const {
  return continues_ && command == taken_at_ && item == 0;
}

MessageBuilder::Part MessageBuilder::Fit(size_t limit, size_t at_once) {
  const size_t all = commands();
  if (at_once >= all || SizeOf({all}) <= limit) return {all};
  Part part = WholeCommands(limit, at_once);
  // Only the answer to a request for more goes with it: waiting would not help.
  const size_t idle = taken_at_ <= 2 ? taken_at_ : 1;
  const bool now = part.commands <= idle;
  Cut(part, limit, now);
  if (!now || part.cuts()) return part;
  // What cannot be cut and fits no message: without what it can do without, or else as it is.
  syncml::Command& next = document_.message().commands[part.commands];
  next.target_refs.clear();
  next.source_refs.clear();
  const Part shortened = WholeCommands(limit, part.commands);
  return shortened.commands > part.commands ? shortened : Part{part.commands + 1};
}

MessageBuilder::Part MessageBuilder::WholeCommands(size_t limit, size_t at_least) {
  Part part{at_least};
  for (size_t above = commands() + 1; above - part.commands > 1;) {
    const size_t middle = (part.commands + above) / 2;
    (SizeOf({middle}) <= limit ? part.commands : above) = middle;
  }
  return part;
}

void MessageBuilder::Cut(Part& part, size_t limit, bool now) {
  const syncml::Command& next = command(part.commands);
  const bool can = next.kind == CommandKind::kResults || next.kind == CommandKind::kAlert;
  if (!can || next.items.empty()) return;
  const size_t before = SizeOf(part);
  const size_t room = limit - std::min(limit, SizeOf({1}) + kStatusOctets);
  if (!now && SizeOf({part.commands + 1}) - before <= room) return;
  for (size_t above = next.items.size(); above - part.items > 1;) {
    const size_t middle = (part.items + above) / 2;
    (SizeOf({part.commands, middle, 0}) <= limit ? part.items : above) = middle;
  }
  const size_t with_items = SizeOf(part);
  const size_t of_item = SizeOf({part.commands, part.items + 1, 0}) - with_items;
  const bool stuck = now && part.items == 0;
  if (!Continues(part.commands, part.items) && !stuck && of_item <= room) return;
  part.octets = ChunkThatFits(part, limit);
  if (!now && part.octets < kLeastChunk) part.octets = 0;
}

size_t MessageBuilder::ChunkThatFits(Part part, size_t limit) {
  const syncml::Item& item = command(part.commands).items[part.items];
  if (!item.data || item.data->octets.empty()) return 0;
  const std::string_view octets = item.data->octets;
  size_t fits = 0;
  for (size_t above = octets.size(); above - fits > 1;) {
    part.octets = (fits + above) / 2;
    (SizeOf(part) <= limit ? fits : above) = part.octets;
  }
  if (item.data->form == DataForm::kOpaque) return fits;
  if (item.meta.format == "b64") return fits / 4 * 4;
  while (fits > 0 && (static_cast<unsigned char>(octets[fits]) & 0xC0) == 0x80) --fits;
  return fits;
}

void MessageBuilder::Sent(const Part& part) {
  rest_continues_ = part.octets > 0;
  if (!part.cuts()) return;
  auto& items = document_.message().commands[part.commands].items;
  items.erase(items.begin(), items.begin() + static_cast<ptrdiff_t>(part.items));
  if (part.octets > 0) items.front().data->octets.remove_prefix(part.octets);
}

void MessageBuilder::ApplyQuirks(std::string& octets) const {
  const Quirks& quirks = spec_.quirks;
  if (spec_.encoding == Encoding::kXml) {
    if (quirks.Has(Quirk::kXmlDoctype)) octets.insert(0, kDoctype);
    return;
  }
  if (quirks.Has(Quirk::kOpaqueNonce) && !challenge_nonce_.empty()) {
    const std::string inline_text = "\x50\x03" + base::Base64(challenge_nonce_) + '\0';
    const size_t at = octets.find(inline_text);
    if (at != std::string::npos) {
      const std::string opaque = "\x50\xc3" +
                                 std::string(1, static_cast<char>(challenge_nonce_.size())) +
                                 challenge_nonce_;
      octets.replace(at, inline_text.size(), opaque);
    }
  }
  for (const std::string& tokens : inline_tnds_) PutInline(tokens, octets);
  if (quirks.Has(Quirk::kWbxmlLiteralXmlns) && octets[kWbxmlHeaderOctets] == kSyncMlTag) {
    octets.replace(kWbxmlHeaderOctets, 1, kSyncMlWithXmlns);
  }
  if (quirks.Has(Quirk::kWbxmlTextualPublicId)) {
    octets.replace(0, kWbxmlHeaderOctets, TextualHeader(document_.message().version));
  }
  if (quirks.Has(Quirk::kWbxmlVersion03)) octets[0] = 0x03;
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

bool IsExactMediaType(const ModelSpec& spec, std::string_view content_type) {
  const auto as_registered = [](char c) { return c != ';' && (c < 'A' || c > 'Z'); };
  return AcceptsMediaType(spec, content_type) && std::ranges::all_of(content_type, as_registered);
}

}  // namespace drover::terminal

#include "services/session/core/reply.h"

#include "libs/base/bytes.h"
#include "services/session/core/prompt.h"

namespace drover::session {
namespace {

using syncml::CommandKind;
using syncml::DataForm;

CommandKind KindOf(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return CommandKind::kGet;
    case Verb::kReplace:
      return CommandKind::kReplace;
    case Verb::kAdd:
      return CommandKind::kAdd;
    case Verb::kDelete:
      return CommandKind::kDelete;
    case Verb::kCopy:
      return CommandKind::kCopy;
    case Verb::kExec:
      return CommandKind::kExec;
    case Verb::kPrompt:
      return CommandKind::kAlert;
  }
  return CommandKind::kGet;
}

bool HasNul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

// Of its texts, with what the elements around them take.
size_t PromptSize(const CommandSpec& command) {
  if (!command.prompt) return 0;
  size_t size = 3 * command.prompt->default_response.size() + 64 + command.prompt->text.size();
  for (const std::string& choice : command.prompt->choices) size += choice.size() + 32;
  return size;
}

}  // namespace

Reply::Reply(syncml::Encoding encoding, syncml::Version version, bool binary_as_b64)
    : encoding_(encoding), binary_as_b64_(binary_as_b64) {
  document_.message().version = version;
}

syncml::Command& Reply::NewCommand(CommandKind kind) {
  auto& siblings =
      in_group_ ? document_.message().commands.back().children : document_.message().commands;
  syncml::Command& command = siblings.emplace_back();
  command.kind = kind;
  command.name = syncml::Name(kind);
  return command;
}

uint32_t Reply::NextId(syncml::Command& command) {
  command.cmd_id = Keep(std::to_string(++last_id_));
  return last_id_;
}

void Reply::SetCredential(dmauth::Scheme scheme, std::string_view data) {
  syncml::Credentials cred;
  cred.meta.format = "b64";
  cred.meta.type = dmauth::TypeOf(scheme);
  cred.data.octets = Keep(data);
  header().cred = cred;
}

void Reply::AddStatus(std::string_view msg_ref, const StatusReply& status,
                      const Challenge* challenge) {
  syncml::Command& command = NewCommand(CommandKind::kStatus);
  NextId(command);
  command.msg_ref = msg_ref;
  command.cmd_ref = status.cmd_ref;
  command.cmd = status.cmd;
  if (!status.target_ref.empty()) command.target_refs.push_back(status.target_ref);
  if (!status.source_ref.empty()) command.source_refs.push_back(status.source_ref);
  if (challenge != nullptr) {
    syncml::Meta meta;
    meta.format = "b64";
    meta.type = dmauth::TypeOf(challenge->scheme);
    if (challenge->scheme != dmauth::Scheme::kBasic) {
      meta.next_nonce.octets = Keep(base::Base64(challenge->nonce));
    }
    command.chal = meta;
  }
  command.data = syncml::Data{Keep(std::to_string(status.code))};
}

void Reply::AddVersionStatus(std::string_view msg_ref, uint32_t code, std::string_view versions) {
  AddStatus(msg_ref, {.cmd_ref = "0", .cmd = "SyncHdr", .code = code});
  syncml::Item& item = document_.message().commands.back().items.emplace_back();
  item.data = syncml::Data{versions};
}

uint32_t Reply::AddAlert(std::string_view code) {
  syncml::Command& command = NewCommand(CommandKind::kAlert);
  command.data = syncml::Data{code};
  return NextId(command);
}

uint32_t Reply::AddNoEndOfData(std::string_view source) {
  const uint32_t id = AddAlert("1225");
  syncml::Item& item = document_.message().commands.back().items.emplace_back();
  item.source = syncml::Location{Keep(source), {}};
  return id;
}

uint32_t Reply::OpenGroup(CommandKind kind) {
  syncml::Command& command = NewCommand(kind);
  in_group_ = true;
  return NextId(command);
}

uint32_t Reply::AddGet(std::string_view uri) {
  syncml::Command& command = NewCommand(CommandKind::kGet);
  command.items.emplace_back().target = syncml::Location{Keep(uri), {}};
  return NextId(command);
}

uint32_t Reply::AddCommand(const CommandSpec& spec, std::string_view correlator) {
  syncml::Command& command = NewCommand(KindOf(spec.verb));
  if (spec.prompt) {
    SetPrompt(*spec.prompt, command);
    return NextId(command);
  }
  if (spec.verb == Verb::kExec) command.correlator = Keep(correlator);
  syncml::Item& item = command.items.emplace_back();
  item.target = syncml::Location{Keep(spec.target), {}};
  if (spec.verb == Verb::kCopy) item.source = syncml::Location{Keep(spec.source), {}};
  if (spec.verb == Verb::kAdd || spec.verb == Verb::kReplace || spec.data) SetData(spec, item);
  return NextId(command);
}

uint32_t Reply::AddPiece(const CommandSpec& spec, const Transfer& transfer, const Piece& piece) {
  syncml::Command& command = NewCommand(KindOf(spec.verb));
  syncml::Item& item = command.items.emplace_back();
  item.target = syncml::Location{Keep(spec.target), {}};
  item.meta.format = Keep(transfer.format);
  item.meta.type = Keep(spec.type);
  if (piece.first) item.meta.size = piece.total;
  item.data = syncml::Data{Keep(piece.octets), transfer.form};
  item.more_data = !piece.last;
  return NextId(command);
}

// Two Items at least, the options' one even if it is empty: some clients count them.
void Reply::SetPrompt(const Prompt& prompt, syncml::Command& command) {
  command.data = syncml::Data{AlertCodeOf(prompt.kind)};
  command.items.emplace_back().data = syncml::Data{Keep(OptionsOf(prompt))};
  command.items.emplace_back().data = syncml::Data{Keep(prompt.text)};
  for (const std::string& choice : prompt.choices) {
    command.items.emplace_back().data = syncml::Data{Keep(choice)};
  }
}

void Reply::SetData(const CommandSpec& spec, syncml::Item& item) {
  item.meta.format = spec.format.empty() ? "chr" : Keep(spec.format);
  item.meta.type = Keep(spec.type);
  if (!spec.data) return;
  const Transfer transfer = TransferOf(spec);
  item.meta.format = Keep(transfer.format);
  item.data = syncml::Data{Keep(transfer.octets), transfer.form};
}

// Binary travels as octets where the encoding can carry them, else as base64 that says so
// (TND 8.3.7.2).
Transfer Reply::TransferOf(const CommandSpec& spec) const {
  const std::string_view format = spec.format.empty() ? "chr" : std::string_view(spec.format);
  const bool binary = spec.format == "bin" || spec.format == "b64" || HasNul(*spec.data) ||
                      !base::IsUtf8(*spec.data);
  if (!binary) return {*spec.data, format, DataForm::kText};
  if (encoding_ == syncml::Encoding::kWbxml && spec.format != "b64" && !binary_as_b64_) {
    return {*spec.data, format, DataForm::kOpaque};
  }
  return {base::Base64(*spec.data), "b64", DataForm::kText};
}

std::string Reply::Encode() const {
  std::string out;
  out.reserve(2048);
  syncml::Encode(encoding_, document_.message(), out);
  return out;
}

size_t Reply::SizeBound(syncml::Encoding encoding, const CommandSpec& command) {
  constexpr size_t kTags = 600;    // Of a command with one item in XML, correlator and all.
  constexpr size_t kEscaping = 6;  // "&quot;" for one octet.
  const size_t text = command.target.size() + command.source.size() + command.format.size() +
                      command.type.size() + (command.data ? command.data->size() : 0) +
                      PromptSize(command);
  return encoding == syncml::Encoding::kXml ? kTags + kEscaping * text : 150 + text * 4 / 3 + 8;
}

}  // namespace drover::session

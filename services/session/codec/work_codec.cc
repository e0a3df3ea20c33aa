#include "services/session/codec/work_codec.h"

#include "libs/base/bytes.h"

namespace drover::session {
namespace {

constexpr size_t kUuidCharacters = 36;
constexpr size_t kUuidOctets = 16;

// The 16 octets; empty: not a UUID in lower case, the only form that its octets can bring back.
std::string UuidOctets(std::string_view id) {
  if (id.size() != kUuidCharacters) return {};
  std::string digits;
  for (size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = id[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !digit) return {};
    if (!dash) digits.push_back(c);
  }
  return base::FromHex(digits).value();
}

std::string UuidText(std::string_view octets) {
  std::string text = base::Hex(octets);
  for (const size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

// One number before each element says which of its fields follow; what is left out has its
// default.
enum CommandField : uint64_t {
  kVerbs = 0x07,
  kSource = 0x08,
  kFormat = 0x10,
  kType = 0x20,
  kData = 0x40,
  kInAtomic = 0x80,
  kSecret = 0x100,
  kPrompt = 0x200,
};

void Pack(const Prompt& prompt, Packer& out) {
  out.Number(static_cast<uint64_t>(prompt.kind));
  out.Text(prompt.text);
  out.Number(prompt.choices.size());
  for (const std::string& choice : prompt.choices) out.Text(choice);
  out.Number(prompt.min_display_s);
  out.Number(prompt.max_display_s);
  out.Text(prompt.default_response);
  out.Number(prompt.max_length);
  out.Number(static_cast<uint64_t>(prompt.input));
  out.Number(prompt.hide_input ? 1 : 0);
}

Prompt UnpackPrompt(Unpacker& in) {
  Prompt prompt;
  prompt.kind =
      static_cast<Prompt::Kind>(in.Number(static_cast<uint64_t>(Prompt::Kind::kMultipleChoice)));
  prompt.text = in.Text();
  prompt.choices.resize(in.Count());
  for (std::string& choice : prompt.choices) choice = in.Text();
  prompt.min_display_s = in.Number32();
  prompt.max_display_s = in.Number32();
  prompt.default_response = in.Text();
  prompt.max_length = in.Number32();
  prompt.input =
      static_cast<Prompt::Input>(in.Number(static_cast<uint64_t>(Prompt::Input::kIpAddress)));
  prompt.hide_input = in.Number(1) == 1;
  return prompt;
}

void Pack(const CommandSpec& command, Packer& out) {
  uint64_t fields = static_cast<uint64_t>(command.verb);
  if (!command.source.empty()) fields |= kSource;
  if (!command.format.empty()) fields |= kFormat;
  if (!command.type.empty()) fields |= kType;
  if (command.data) fields |= kData;
  if (command.atomic != 0) fields |= kInAtomic;
  if (command.secret != Secret::kNone) fields |= kSecret;
  if (command.prompt) fields |= kPrompt;
  out.Number(fields);
  out.Text(command.target);
  if ((fields & kSource) != 0) out.Text(command.source);
  if ((fields & kFormat) != 0) out.Text(command.format);
  if ((fields & kType) != 0) out.Text(command.type);
  if ((fields & kData) != 0) out.Text(*command.data);
  if ((fields & kInAtomic) != 0) out.Number(command.atomic);
  if ((fields & kSecret) != 0) out.Number(static_cast<uint64_t>(command.secret));
  if ((fields & kPrompt) != 0) Pack(*command.prompt, out);
}

CommandSpec UnpackCommand(Unpacker& in) {
  const uint64_t fields = in.Number();
  CommandSpec command;
  command.verb = static_cast<Verb>(fields & kVerbs);
  if (command.verb > Verb::kPrompt) command.verb = Verb::kGet;
  command.target = in.Text();
  if ((fields & kSource) != 0) command.source = in.Text();
  if ((fields & kFormat) != 0) command.format = in.Text();
  if ((fields & kType) != 0) command.type = in.Text();
  if ((fields & kData) != 0) command.data = in.Text();
  if ((fields & kInAtomic) != 0) command.atomic = in.Number32();
  if ((fields & kSecret) != 0) {
    command.secret =
        static_cast<Secret>(in.Number(static_cast<uint64_t>(Secret::kNextServerPassword)));
  }
  if ((fields & kPrompt) != 0) command.prompt = UnpackPrompt(in);
  return command;
}

void Pack(const std::vector<Value>& values, Packer& out) {
  out.Number(values.size());
  for (const Value& value : values) {
    out.Text(value.uri);
    out.Text(value.format);
    out.Text(value.type);
    out.Text(value.data);
  }
}

std::vector<Value> UnpackValues(Unpacker& in) {
  std::vector<Value> values(in.Count());
  for (Value& value : values) {
    value.uri = in.Text();
    value.format = in.Text();
    value.type = in.Text();
    value.data = in.Text();
  }
  return values;
}

enum ResultField : uint64_t { kVerified = 1, kSentIn = 2, kValues = 4, kAtomicStatus = 8 };

void Pack(const CommandResult& result, Packer& out) {
  uint64_t fields = 0;
  if (result.verified) fields |= kVerified;
  if (!result.msg_id.empty() || !result.cmd_id.empty()) fields |= kSentIn;
  if (!result.values.empty()) fields |= kValues;
  if (result.atomic_status != 0) fields |= kAtomicStatus;
  out.Number(fields);
  out.Number(result.index);
  out.Number(result.status);
  if ((fields & kSentIn) != 0) {
    out.Text(result.msg_id);
    out.Text(result.cmd_id);
  }
  if ((fields & kValues) != 0) Pack(result.values, out);
  if ((fields & kAtomicStatus) != 0) out.Number(result.atomic_status);
}

CommandResult UnpackResult(Unpacker& in) {
  const uint64_t fields = in.Number();
  CommandResult result;
  result.verified = (fields & kVerified) != 0;
  result.index = in.Number32();
  result.status = in.Number32();
  if ((fields & kSentIn) != 0) {
    result.msg_id = in.Text();
    result.cmd_id = in.Text();
  }
  if ((fields & kValues) != 0) result.values = UnpackValues(in);
  if ((fields & kAtomicStatus) != 0) result.atomic_status = in.Number32();
  return result;
}

enum OperationField : uint64_t { kUncertain = 1, kCorrelator = 2, kCorrelatorIsId = 4 };

void Pack(const HeldOperation& held, Packer& out) {
  const Assignment& assignment = held.assignment;
  const bool is_id = assignment.correlator == assignment.operation.value();
  uint64_t fields = 0;
  if (assignment.uncertain) fields |= kUncertain;
  if (is_id) fields |= kCorrelatorIsId;
  if (!is_id && !assignment.correlator.empty()) fields |= kCorrelator;
  out.Number(fields);
  PackId(assignment.operation.value(), out);
  if ((fields & kCorrelator) != 0) PackId(assignment.correlator, out);
  out.Number(assignment.commands.size());
  for (const CommandSpec& command : assignment.commands) Pack(command, out);
  out.Number(held.results.size());
  for (const CommandResult& result : held.results) Pack(result, out);
}

HeldOperation UnpackOperation(Unpacker& in) {
  const uint64_t fields = in.Number();
  HeldOperation held;
  held.assignment.uncertain = (fields & kUncertain) != 0;
  held.assignment.operation = OperationId(UnpackId(in));
  if ((fields & kCorrelatorIsId) != 0)
    held.assignment.correlator = held.assignment.operation.value();
  if ((fields & kCorrelator) != 0) held.assignment.correlator = UnpackId(in);
  for (size_t count = in.Count(); count > 0 && in.ok(); --count) {
    held.assignment.commands.push_back(UnpackCommand(in));
  }
  for (size_t count = in.Count(); count > 0 && in.ok(); --count) {
    held.results.push_back(UnpackResult(in));
  }
  return held;
}

enum SentField : uint64_t { kRoles = 0x07, kStatus = 0x08, kSentValues = 0x10, kBroken = 0x20 };

void Pack(const SentCommand& sent, Packer& out) {
  uint64_t fields = static_cast<uint64_t>(sent.role);
  if (sent.status != 0) fields |= kStatus;
  if (!sent.values.empty()) fields |= kSentValues;
  if (sent.broken) fields |= kBroken;
  out.Number(fields);
  out.Number(sent.msg_id);
  out.Number(sent.cmd_id);
  out.Number(sent.operation);
  out.Number(sent.command);
  if ((fields & kStatus) != 0) out.Number(sent.status);
  if ((fields & kSentValues) != 0) Pack(sent.values, out);
}

SentCommand UnpackSent(Unpacker& in) {
  const uint64_t fields = in.Number();
  SentCommand sent;
  sent.role = static_cast<SentCommand::Role>(fields & kRoles);
  sent.msg_id = in.Number32();
  sent.cmd_id = in.Number32();
  sent.operation = in.Number32();
  sent.command = in.Number32();
  if ((fields & kStatus) != 0) sent.status = in.Number32();
  if ((fields & kSentValues) != 0) sent.values = UnpackValues(in);
  sent.broken = (fields & kBroken) != 0;
  return sent;
}

bool PointsInside(const SentCommand& sent, const SessionState& session) {
  using Role = SentCommand::Role;
  if (sent.role > Role::kChunk) return false;
  if (sent.role == Role::kSequence || sent.role == Role::kAtomic || sent.role == Role::kProbe) {
    return true;
  }
  return sent.operation < session.operations.size() &&
         sent.command < session.operations[sent.operation].assignment.commands.size();
}

enum IncomingField : uint64_t { kOfAlert = 1, kHasSize = 2, kOpaque = 4, kRefused = 8 };

enum TraitField : uint64_t {
  kZeroNonceAscii = 1,
  kNoCorrelator = 2,
  kNoRespUri = 4,
  kBinaryAsB64 = 8,
  kNoAddReplaceInAtomic = 16,
  kCancelEndsSession = 32,
};

}  // namespace

void PackId(std::string_view id, Packer& out) {
  const std::string uuid = UuidOctets(id);
  out.Number(uuid.empty() ? id.size() + 1 : 0);
  out.Octets(uuid.empty() ? id : std::string_view(uuid));
}

std::string UnpackId(Unpacker& in) {
  const size_t length = in.Number();
  if (length > 0) return std::string(in.Octets(length - 1));
  const std::string_view uuid = in.Octets(kUuidOctets);
  return in.ok() ? UuidText(uuid) : std::string();
}

void PackWork(const SessionState& session, Packer& out) {
  out.Number(session.operations.size());
  for (const HeldOperation& held : session.operations) Pack(held, out);
  out.Number(session.sent.size());
  for (const SentCommand& sent : session.sent) Pack(sent, out);
}

bool UnpackWork(Unpacker& in, SessionState& session) {
  for (size_t count = in.Count(); count > 0 && in.ok(); --count) {
    const HeldOperation& held = session.operations.emplace_back(UnpackOperation(in));
    for (const CommandResult& result : held.results) {
      if (result.index >= held.assignment.commands.size()) return false;
    }
  }
  for (size_t count = in.Count(); count > 0 && in.ok(); --count) {
    if (!PointsInside(session.sent.emplace_back(UnpackSent(in)), session)) return false;
  }
  return in.ok();
}

void Pack(const Incoming& incoming, Packer& out) {
  uint64_t fields = 0;
  if (incoming.of_alert) fields |= kOfAlert;
  if (incoming.size) fields |= kHasSize;
  if (incoming.opaque) fields |= kOpaque;
  if (incoming.refused) fields |= kRefused;
  out.Number(fields);
  for (const std::string* text :
       {&incoming.msg_ref, &incoming.cmd_ref, &incoming.uri, &incoming.format, &incoming.type,
        &incoming.correlator, &incoming.mark, &incoming.data}) {
    out.Text(*text);
  }
  if (incoming.size) out.Number(*incoming.size);
}

Incoming UnpackIncoming(Unpacker& in) {
  const uint64_t fields = in.Number();
  Incoming incoming;
  incoming.of_alert = (fields & kOfAlert) != 0;
  incoming.opaque = (fields & kOpaque) != 0;
  incoming.refused = (fields & kRefused) != 0;
  for (std::string* text : {&incoming.msg_ref, &incoming.cmd_ref, &incoming.uri, &incoming.format,
                            &incoming.type, &incoming.correlator, &incoming.mark, &incoming.data}) {
    *text = in.Text();
  }
  if ((fields & kHasSize) != 0) incoming.size = in.Number();
  return incoming;
}

Support UnpackSupport(Unpacker& in) {
  return static_cast<Support>(in.Number(static_cast<uint64_t>(Support::kNo)));
}

void Pack(const Traits& traits, Packer& out) {
  uint64_t fields = 0;
  if (traits.zero_nonce_ascii) fields |= kZeroNonceAscii;
  if (traits.no_correlator) fields |= kNoCorrelator;
  if (traits.no_resp_uri) fields |= kNoRespUri;
  if (traits.binary_as_b64) fields |= kBinaryAsB64;
  if (traits.no_add_replace_in_atomic) fields |= kNoAddReplaceInAtomic;
  if (traits.cancel_ends_session) fields |= kCancelEndsSession;
  out.Number(fields);
  for (const Support support :
       {traits.large_objects, traits.atomic, traits.copy, traits.prompts, traits.sequence}) {
    out.Number(static_cast<uint64_t>(support));
  }
  out.Number(traits.max_msg_size);
  out.Number(traits.max_obj_size);
  out.Number(traits.prompt_text_limit);
}

Traits UnpackTraits(Unpacker& in) {
  const uint64_t fields = in.Number();
  Traits traits;
  traits.zero_nonce_ascii = (fields & kZeroNonceAscii) != 0;
  traits.no_correlator = (fields & kNoCorrelator) != 0;
  traits.no_resp_uri = (fields & kNoRespUri) != 0;
  traits.binary_as_b64 = (fields & kBinaryAsB64) != 0;
  traits.no_add_replace_in_atomic = (fields & kNoAddReplaceInAtomic) != 0;
  traits.cancel_ends_session = (fields & kCancelEndsSession) != 0;
  for (Support* support :
       {&traits.large_objects, &traits.atomic, &traits.copy, &traits.prompts, &traits.sequence}) {
    *support = UnpackSupport(in);
  }
  traits.max_msg_size = in.Number();
  traits.max_obj_size = in.Number();
  traits.prompt_text_limit = in.Number32();
  return traits;
}

}  // namespace drover::session

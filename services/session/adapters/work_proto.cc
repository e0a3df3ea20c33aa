#include "services/session/adapters/work_proto.h"

#include "services/session/adapters/times.h"

namespace drover::session {
namespace {

Verb FromProto(operations::v1::Verb verb) {
  switch (verb) {
    case operations::v1::REPLACE:
      return Verb::kReplace;
    case operations::v1::ADD:
      return Verb::kAdd;
    case operations::v1::DELETE:
      return Verb::kDelete;
    case operations::v1::COPY:
      return Verb::kCopy;
    case operations::v1::EXEC:
      return Verb::kExec;
    case operations::v1::PROMPT:
      return Verb::kPrompt;
    default:
      return Verb::kGet;
  }
}

using ProtoPrompt = operations::v1::Prompt;
static_assert(static_cast<int>(Prompt::Kind::kMultipleChoice) + 1 == ProtoPrompt::MULTIPLE_CHOICE &&
              static_cast<int>(Prompt::Input::kIpAddress) + 1 == ProtoPrompt::IP_ADDRESS &&
              static_cast<int>(Secret::kNextServerPassword) ==
                  operations::v1::NEXT_SERVER_PASSWORD);

// Values that this version does not know count as the first one.
template <typename Enum>
Enum Numbered(int number, int last) {
  return static_cast<Enum>(number < 0 || number > last ? 0 : number);
}

Prompt FromProto(const ProtoPrompt& proto) {
  Prompt prompt;
  prompt.kind = Numbered<Prompt::Kind>(proto.kind() - 1, ProtoPrompt::MULTIPLE_CHOICE - 1);
  prompt.text = proto.text();
  prompt.choices.assign(proto.choices().begin(), proto.choices().end());
  prompt.min_display_s = proto.min_display_s();
  prompt.max_display_s = proto.max_display_s();
  prompt.default_response = proto.default_response();
  prompt.max_length = proto.max_length();
  prompt.input = Numbered<Prompt::Input>(proto.input() - 1, ProtoPrompt::IP_ADDRESS - 1);
  prompt.hide_input = proto.hide_input();
  return prompt;
}

using ProtoReport = operations::v1::OperationReport;

ProtoReport::Disposition ToProto(Disposition disposition) {
  switch (disposition) {
    case Disposition::kDone:
      return ProtoReport::DONE;
    case Disposition::kReturned:
      return ProtoReport::RETURNED;
    case Disposition::kLost:
      return ProtoReport::LOST;
    case Disposition::kRefused:
      return ProtoReport::REFUSED;
  }
  return ProtoReport::LOST;
}

}  // namespace

Assignment FromProto(operations::v1::Assignment&& proto) {
  Assignment assignment;
  assignment.operation = OperationId(std::move(*proto.mutable_operation_id()));
  assignment.correlator = std::move(*proto.mutable_correlator());
  assignment.uncertain = proto.uncertain();
  assignment.commands.reserve(static_cast<size_t>(proto.commands_size()));
  for (operations::v1::Command& command : *proto.mutable_commands()) {
    CommandSpec& spec = assignment.commands.emplace_back();
    spec.verb = FromProto(command.verb());
    spec.target = std::move(*command.mutable_target());
    spec.source = std::move(*command.mutable_source());
    spec.format = std::move(*command.mutable_format());
    spec.type = std::move(*command.mutable_type());
    if (command.has_data()) spec.data = std::move(*command.mutable_data());
    spec.atomic = command.atomic();
    spec.secret = Numbered<Secret>(command.secret(), operations::v1::NEXT_SERVER_PASSWORD);
    if (command.has_prompt()) spec.prompt = FromProto(command.prompt());
  }
  return assignment;
}

void ToProto(OperationReport&& report, const std::string& session_id, TimePoint at,
             operations::v1::OperationReport& proto) {
  proto.set_operation_id(report.operation.value());
  proto.set_disposition(ToProto(report.disposition));
  proto.set_cause(std::move(report.cause));
  for (CommandResult& result : report.results) {
    operations::v1::CommandResult& out = *proto.add_results();
    out.set_index(result.index);
    out.set_status(result.status);
    out.set_session_id(session_id);
    out.set_msg_id(result.msg_id);
    out.set_cmd_id(result.cmd_id);
    out.set_verified(result.verified);
    out.set_atomic_status(result.atomic_status);
    SetTime(at, *out.mutable_at());
    for (Value& value : result.values) {
      operations::v1::Value& to = *out.add_values();
      to.set_uri(std::move(value.uri));
      to.set_format(std::move(value.format));
      to.set_type(std::move(value.type));
      to.set_data(std::move(value.data));
    }
  }
}

void ToProto(const Alert& alert, TimePoint at, operations::v1::AlertResult& proto) {
  proto.set_type(alert.type);
  proto.set_source(alert.source);
  proto.set_correlator(alert.correlator);
  proto.set_mark(alert.mark);
  proto.set_format(alert.format);
  proto.set_data(alert.data);
  SetTime(at, *proto.mutable_at());
}

}  // namespace drover::session

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
    default:
      return Verb::kGet;
  }
}

operations::v1::Verb ToProto(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return operations::v1::GET;
    case Verb::kReplace:
      return operations::v1::REPLACE;
    case Verb::kAdd:
      return operations::v1::ADD;
    case Verb::kDelete:
      return operations::v1::DELETE;
    case Verb::kCopy:
      return operations::v1::COPY;
    case Verb::kExec:
      return operations::v1::EXEC;
  }
  return operations::v1::GET;
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

Assignment FromProto(const operations::v1::Assignment& proto) {
  Assignment assignment;
  assignment.operation = OperationId(proto.operation_id());
  assignment.correlator = proto.correlator();
  assignment.uncertain = proto.uncertain();
  for (const operations::v1::Command& command : proto.commands()) {
    CommandSpec& spec = assignment.commands.emplace_back();
    spec.verb = FromProto(command.verb());
    spec.target = command.target();
    spec.source = command.source();
    spec.format = command.format();
    spec.type = command.type();
    if (command.has_data()) spec.data = command.data();
  }
  return assignment;
}

void ToProto(const Assignment& assignment, operations::v1::Assignment& proto) {
  proto.set_operation_id(assignment.operation.value());
  proto.set_correlator(assignment.correlator);
  proto.set_uncertain(assignment.uncertain);
  for (const CommandSpec& spec : assignment.commands) {
    operations::v1::Command& command = *proto.add_commands();
    command.set_verb(ToProto(spec.verb));
    command.set_target(spec.target);
    command.set_source(spec.source);
    command.set_format(spec.format);
    command.set_type(spec.type);
    command.set_has_data(spec.data.has_value());
    if (spec.data) command.set_data(*spec.data);
  }
}

void ToProto(const OperationReport& report, const std::string& session_id, TimePoint at,
             operations::v1::OperationReport& proto) {
  proto.set_operation_id(report.operation.value());
  proto.set_disposition(ToProto(report.disposition));
  proto.set_cause(report.cause);
  for (const CommandResult& result : report.results) {
    operations::v1::CommandResult& out = *proto.add_results();
    out.set_index(result.index);
    out.set_status(result.status);
    out.set_session_id(session_id);
    out.set_msg_id(result.msg_id);
    out.set_cmd_id(result.cmd_id);
    out.set_verified(result.verified);
    SetTime(at, *out.mutable_at());
    for (const Value& value : result.values) {
      operations::v1::Value& to = *out.add_values();
      to.set_uri(value.uri);
      to.set_format(value.format);
      to.set_type(value.type);
      to.set_data(value.data);
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

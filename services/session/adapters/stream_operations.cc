#include "services/session/adapters/stream_operations.h"

#include "drover/operations/v1/operations.grpc.pb.h"
#include "libs/service/stream_client.h"
#include "services/session/adapters/times.h"
#include "services/session/adapters/work_proto.h"

namespace drover::session {
namespace {

using operations::v1::AdvanceReply;
using operations::v1::AdvanceRequest;

void Write(RawMessage& message, operations::v1::RawMessage& out) {
  out.set_from_server(message.from_server);
  out.set_session_id(std::move(message.session_id));
  out.set_msg_id(std::move(message.msg_id));
  out.set_media_type(std::move(message.media_type));
  out.set_body(std::move(message.body));
  SetTime(message.at, *out.mutable_at());
}

AdvanceRequest ToRequest(OperationsPort::Request& in) {
  AdvanceRequest out;
  out.set_device_id(in.ref.device.value());
  out.set_session_key(in.ref.session_key);
  out.set_msg_id(in.ref.msg_id);
  out.set_session_started(in.session_started);
  out.set_take(in.take);
  out.set_mark(in.mark);
  for (OperationReport& report : in.reports) {
    ToProto(std::move(report), in.ref.session_id, in.now, *out.add_reports());
  }
  for (const std::string& id : in.untouched) out.add_untouched(id);
  for (const Alert& alert : in.alerts) ToProto(alert, in.now, *out.add_alerts());
  for (RawMessage& message : in.messages) Write(message, *out.add_messages());
  return out;
}

}  // namespace

struct StreamOperations::Client {
  Client(asio::io_context& loop, service::StreamClientConfig config)
      : stream(loop, std::move(config)) {}
  service::StreamClient<operations::v1::OperationStreamService, operations::v1::AdvanceRequestBatch,
                        operations::v1::AdvanceReplyBatch>
      stream;
};

StreamOperations::StreamOperations(asio::io_context& loop, service::StreamClientConfig config)
    : client_(std::make_unique<Client>(loop, std::move(config))) {}
StreamOperations::~StreamOperations() = default;

bool StreamOperations::connected() const { return client_->stream.connected(); }

Task<std::vector<Assignment>> StreamOperations::Advance(Request request, Deadline deadline) {
  AdvanceRequest message = ToRequest(request);
  DROVER_CO_TRY(AdvanceReply reply, co_await client_->stream.Call(std::move(message), deadline));
  if (reply.code() != 0) co_return Error{static_cast<Code>(reply.code()), reply.error()};
  std::vector<Assignment> assignments;
  assignments.reserve(static_cast<size_t>(reply.assignments_size()));
  for (operations::v1::Assignment& assignment : *reply.mutable_assignments()) {
    assignments.push_back(FromProto(std::move(assignment)));
  }
  co_return assignments;
}

}  // namespace drover::session

#include "services/session/adapters/stream_tree.h"

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/service/stream_client.h"
#include "services/session/adapters/account_codec.h"
#include "services/session/adapters/times.h"

namespace drover::session {

using tree::v1::TreeReply;
using tree::v1::TreeRequest;

struct StreamTree::Client {
  Client(asio::io_context& loop, service::StreamClientConfig config)
      : stream(loop, std::move(config)) {}

  // The reply's own refusal as an Error.
  Task<TreeReply> Ask(TreeRequest request, Deadline deadline) {
    DROVER_CO_TRY(TreeReply reply, co_await stream.Call(std::move(request), deadline));
    if (reply.code() != 0) co_return Error{static_cast<Code>(reply.code()), reply.error()};
    co_return reply;
  }

  service::StreamClient<tree::v1::TreeStreamService, tree::v1::TreeRequestBatch,
                        tree::v1::TreeReplyBatch>
      stream;
};

StreamTree::StreamTree(asio::io_context& loop, service::StreamClientConfig config)
    : client_(std::make_unique<Client>(loop, std::move(config))) {}
StreamTree::~StreamTree() = default;

bool StreamTree::connected() const { return client_->stream.connected(); }

Task<std::optional<Account>> StreamTree::LookupAccount(const DeviceId& device, Use use,
                                                       Deadline deadline) {
  TreeRequest request;
  request.mutable_lookup_account()->set_device_id(device.value());
  request.mutable_lookup_account()->set_once(use == Use::kOnce);
  Result<TreeReply> reply = co_await client_->Ask(std::move(request), deadline);
  if (!reply && reply.error().code == Code::kNotFound) co_return std::optional<Account>();
  if (!reply) co_return reply.error();
  co_return std::optional<Account>(FromProto(std::move(*reply->mutable_account())));
}

void StreamTree::ApplyReport(const DeviceId& device, std::vector<NodeReport> nodes,
                             std::vector<std::string> deleted, TimePoint at, Deadline deadline,
                             Done done) {
  TreeRequest request;
  tree::v1::ApplyReport& report = *request.mutable_apply_report();
  report.set_device_id(device.value());
  for (NodeReport& node : nodes) {
    tree::v1::Node& out = *report.add_nodes();
    out.set_uri(std::move(node.uri));
    out.set_format(std::move(node.format));
    out.set_type(std::move(node.type));
    out.set_value(std::move(node.value));
    out.set_without_value(node.without_value);
    out.set_only_acl(node.only_acl);
    out.set_has_acl(node.acl.has_value());
    if (node.acl) out.set_acl(*std::move(node.acl));
    SetTime(at, *out.mutable_reported_at());
  }
  for (std::string& uri : deleted) report.add_deleted(std::move(uri));
  client_->stream.Start(std::move(request), deadline,
                        [done = std::move(done)](Result<TreeReply> reply) {
                          if (!reply) return done(reply.error());
                          if (reply->code() == 0) return done({});
                          done(Error{static_cast<Code>(reply->code()), reply->error()});
                        });
}

Task<void> StreamTree::EnrolUnknown(Enrolment enrolment, Deadline deadline) {
  TreeRequest request;
  tree::v1::NewDevice& device = *request.mutable_enrol_unknown()->mutable_device();
  device.set_id(enrolment.device.value());
  device.set_user(std::move(enrolment.user));
  device.set_password(std::move(enrolment.password));
  device.set_server_password(std::move(enrolment.server_password));
  const Result<TreeReply> reply = co_await client_->Ask(std::move(request), deadline);
  if (!reply && reply.error().code != Code::kAlreadyExists) co_return reply.error();
  co_return Result<void>{};
}

Task<void> StreamTree::PromoteCredentials(const DeviceId& device, bool client, bool server,
                                          Deadline deadline) {
  TreeRequest request;
  tree::v1::PromoteCredentials& promote = *request.mutable_promote_credentials();
  promote.set_device_id(device.value());
  promote.set_client(client);
  promote.set_server(server);
  DROVER_CO_TRY(co_await client_->Ask(std::move(request), deadline));
  co_return Result<void>{};
}

}  // namespace drover::session

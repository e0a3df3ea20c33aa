#include "services/push/adapters/grpc_session.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "drover/session/v1/session.grpc.pb.h"
#include "libs/service/unary_client.h"

namespace drover::push {

using session::v1::MakeNotificationsRequest;
using session::v1::MakeNotificationsResponse;

struct GrpcSession::Stub {
  std::unique_ptr<session::v1::SessionService::Stub> session;
};

GrpcSession::GrpcSession(asio::io_context& loop, const std::string& target, std::string token)
    : loop_(loop), token_(std::move(token)), stub_(std::make_unique<Stub>()) {
  stub_->session = session::v1::SessionService::NewStub(
      grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
}

GrpcSession::~GrpcSession() = default;

Task<std::vector<Result<std::string>>> GrpcSession::Make(
    const std::vector<NotificationWish>& wishes, Deadline deadline) {
  MakeNotificationsRequest request;
  for (const NotificationWish& wish : wishes) {
    session::v1::NotificationRequest& item = *request.add_items();
    item.set_device_id(wish.device_id);
    item.set_session_id(wish.session_id);
    item.set_ui_mode(static_cast<session::v1::NotificationRequest::UiMode>(wish.style.ui_mode));
    item.set_client_initiated(wish.style.initiator == notification::Initiator::kClient);
    item.set_version(wish.style.version);
  }
  auto* const stub = stub_->session.get();
  const auto begin = [stub](auto* call, auto done) {
    stub->async()->MakeNotifications(&call->context, &call->request, &call->response,
                                     std::move(done));
  };
  auto asking = service::Ask<MakeNotificationsRequest, MakeNotificationsResponse>(
      {loop_, token_, "session"}, std::move(request), deadline, begin);
  DROVER_CO_TRY(const MakeNotificationsResponse response, co_await std::move(asking));
  if (response.items_size() != static_cast<int>(wishes.size())) {
    co_return Internal("session: as many answers as questions were expected");
  }
  std::vector<Result<std::string>> made;
  made.reserve(wishes.size());
  for (const session::v1::NotificationReply& item : response.items()) {
    if (item.code() == 0) {
      made.emplace_back(item.notification());
    } else {
      made.emplace_back(Error{static_cast<Code>(item.code()), item.error()});
    }
  }
  co_return made;
}

}  // namespace drover::push

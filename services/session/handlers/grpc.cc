#include "services/session/handlers/grpc.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "drover/session/v1/session.grpc.pb.h"
#include "libs/dmtree/device_id.h"
#include "libs/service/stream_server.h"
#include "libs/service/unary.h"
#include "services/session/adapters/times.h"

namespace drover::session {
namespace {

using Stream = service::StreamServer<v1::SessionStreamService::CallbackService,
                                     v1::ExchangeRequestBatch, v1::ExchangeReplyBatch>;

Inbound ToInbound(v1::ExchangeRequest& request) {
  Inbound inbound;
  inbound.device = DeviceId(std::move(*request.mutable_device_id()));
  inbound.encoding =
      request.encoding() == v1::WBXML ? syncml::Encoding::kWbxml : syncml::Encoding::kXml;
  inbound.body = std::move(*request.mutable_body());
  inbound.mac_header = std::move(*request.mutable_mac_header());
  inbound.media_type = std::move(*request.mutable_media_type());
  return inbound;
}

v1::ExchangeReply ToReply(std::variant<Outbound, Failure> outcome) {
  v1::ExchangeReply reply;
  if (Outbound* outbound = std::get_if<Outbound>(&outcome)) {
    reply.set_body(std::move(outbound->body));
    reply.set_mac_header(std::move(outbound->mac_header));
    return reply;
  }
  const Failure& failure = std::get<Failure>(outcome);
  reply.set_code(static_cast<uint32_t>(failure.error.code));
  reply.set_error(failure.error.message);
  reply.set_retry_after_s(static_cast<uint32_t>(failure.retry_after.count()));
  return reply;
}

v1::Session ToProto(const std::string& device, const SessionState& session) {
  v1::Session out;
  out.set_device_id(device);
  out.set_session_id(session.session_id);
  out.set_session_key(session.key);
  out.set_phase(session.ended ? "ended" : "managing");
  out.set_encoding(session.encoding == syncml::Encoding::kXml ? v1::XML : v1::WBXML);
  out.set_dm_version(session.ver_proto);
  SetTime(session.started_at, *out.mutable_started_at());
  SetTime(session.updated_at, *out.mutable_updated_at());
  out.set_messages(session.messages);
  for (const HeldOperation& held : session.operations) {
    out.add_running_operations(held.assignment.operation.value());
  }
  return out;
}

Result<std::vector<NotificationWish>> ToWishes(const v1::MakeNotificationsRequest& request) {
  constexpr int kMost = 1000;
  constexpr uint32_t kMaxVersion = 1023;
  if (request.items_size() > kMost) return InvalidArgument("at most 1000 notifications a request");
  std::vector<NotificationWish> wishes;
  for (const v1::NotificationRequest& item : request.items()) {
    if (item.session_id() == 0 || item.session_id() > UINT16_MAX) {
      return InvalidArgument("session_id: 1 to 65535");
    }
    if (item.version() > kMaxVersion) return InvalidArgument("version: ten bits");
    if (!v1::NotificationRequest::UiMode_IsValid(item.ui_mode())) {
      return InvalidArgument("ui_mode: no such mode");
    }
    NotificationWish wish;
    wish.device = DeviceId(item.device_id());
    wish.session_id = static_cast<uint16_t>(item.session_id());
    if (item.version() != 0) wish.version = static_cast<uint16_t>(item.version());
    wish.ui_mode = static_cast<notification::UiMode>(item.ui_mode());
    if (item.client_initiated()) wish.initiator = notification::Initiator::kClient;
    wishes.push_back(std::move(wish));
  }
  return wishes;
}

class SessionQueries final : public v1::SessionService::CallbackService {
 public:
  SessionQueries(service::Calls& calls, SessionStore& store, ExchangeHandler& exchange,
                 Notifier& notifier)
      : calls_(calls), store_(store), exchange_(exchange), notifier_(notifier) {}

  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* call,
                                       const v1::GetSessionRequest* request,
                                       v1::Session* reply) override {
    return service::Unary(calls_, call, request, reply, this, &SessionQueries::Get);
  }
  grpc::ServerUnaryReactor* StartNonceResync(grpc::CallbackServerContext* call,
                                             const v1::StartNonceResyncRequest* request,
                                             v1::StartNonceResyncResponse* reply) override {
    return service::Unary(calls_, call, request, reply, this, &SessionQueries::StartResync);
  }
  grpc::ServerUnaryReactor* MakeNotifications(grpc::CallbackServerContext* call,
                                              const v1::MakeNotificationsRequest* request,
                                              v1::MakeNotificationsResponse* reply) override {
    return service::Unary(calls_, call, request, reply, this, &SessionQueries::Notify);
  }

 private:
  Task<v1::MakeNotificationsResponse> Notify(v1::MakeNotificationsRequest request,
                                             Deadline deadline) {
    DROVER_CO_TRY(std::vector<NotificationWish> wishes, ToWishes(request));
    DROVER_CO_TRY(auto made, co_await notifier_.Make(std::move(wishes), deadline));
    v1::MakeNotificationsResponse reply;
    for (Result<std::string>& one : made) {
      v1::NotificationReply& item = *reply.add_items();
      if (one) {
        item.set_notification(*std::move(one));
      } else {
        item.set_code(static_cast<uint32_t>(one.error().code));
        item.set_error(one.error().message);
      }
    }
    co_return reply;
  }
  Task<v1::StartNonceResyncResponse> StartResync(v1::StartNonceResyncRequest request,
                                                 Deadline deadline) {
    DROVER_CO_TRY(const DeviceId device, dmtree::NormaliseDeviceId(request.device_id()));
    DROVER_CO_TRY(NonceResync made, co_await exchange_.StartNonceResync(device, deadline));
    v1::StartNonceResyncResponse reply;
    reply.set_session_id(made.session_id);
    reply.set_notification(std::move(made.notification));
    SetTime(made.valid_until, *reply.mutable_valid_until());
    co_return reply;
  }

  Task<v1::Session> Get(v1::GetSessionRequest request, Deadline deadline) {
    const DeviceId device(request.device_id());
    DROVER_CO_TRY(const Loaded loaded, co_await store_.Load(device, nullptr, deadline));
    if (!loaded.session) co_return NotFound("no session of " + device.value() + " is remembered");
    co_return ToProto(device.value(), *loaded.session);
  }

  service::Calls& calls_;
  SessionStore& store_;
  ExchangeHandler& exchange_;
  Notifier& notifier_;
};

}  // namespace

struct GrpcHandlers::Services {
  Services(service::Calls& calls, Stream::Handle handle, SessionStore& store,
           ExchangeHandler& exchange, Notifier& notifier)
      : stream(calls, std::move(handle)), queries(calls, store, exchange, notifier) {}
  Stream stream;
  SessionQueries queries;
};

GrpcHandlers::GrpcHandlers(service::Context& context, ExchangeHandler& exchange, Notifier& notifier,
                           SessionStore& store) {
  asio::io_context& loop = context.loop();
  const auto handle = [&loop, &exchange](v1::ExchangeRequest request, Deadline deadline,
                                         std::function<void(v1::ExchangeReply)> respond) {
    ExchangeHandler::Done done = [respond =
                                      std::move(respond)](std::variant<Outbound, Failure> outcome) {
      respond(ToReply(std::move(outcome)));
    };
    asio::co_spawn(loop.get_executor(),
                   exchange.Serve(ToInbound(request), deadline, std::move(done)), asio::detached);
  };
  services_ = std::make_unique<Services>(context.calls(), handle, store, exchange, notifier);
  context.ServeGrpc(services_->stream);
  context.ServeGrpc(services_->queries);
}

GrpcHandlers::~GrpcHandlers() = default;

}  // namespace drover::session

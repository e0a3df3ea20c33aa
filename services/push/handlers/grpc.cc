#include "services/push/handlers/grpc.h"

#include "drover/push/v1/push.grpc.pb.h"
#include "libs/service/unary.h"

namespace drover::push {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

class PushMethods final : public v1::PushService::CallbackService {
 public:
  PushMethods(service::Calls& calls, Pushes& pushes, GrpcHandlers::Smscs smscs)
      : calls_(calls), pushes_(pushes), smscs_(std::move(smscs)) {}

  ServerUnaryReactor* SendPush(CallbackServerContext* call, const v1::SendPushRequest* request,
                               v1::Push* reply) override {
    return service::Unary(calls_, call, request, reply, &pushes_, &Pushes::Send);
  }
  ServerUnaryReactor* GetPush(CallbackServerContext* call, const v1::GetPushRequest* request,
                              v1::Push* reply) override {
    return service::Unary(calls_, call, request, reply, &pushes_, &Pushes::Get);
  }
  ServerUnaryReactor* ListPushes(CallbackServerContext* call, const v1::ListPushesRequest* request,
                                 v1::ListPushesResponse* reply) override {
    return service::Unary(calls_, call, request, reply, &pushes_, &Pushes::List);
  }
  ServerUnaryReactor* CancelPush(CallbackServerContext* call, const v1::CancelPushRequest* request,
                                 v1::Push* reply) override {
    return service::Unary(calls_, call, request, reply, &pushes_, &Pushes::Cancel);
  }
  ServerUnaryReactor* ListSmscs(CallbackServerContext* call, const v1::ListSmscsRequest* request,
                                v1::ListSmscsResponse* reply) override {
    return service::Unary(calls_, call, request, reply, this, &PushMethods::Links);
  }

 private:
  Task<v1::ListSmscsResponse> Links(v1::ListSmscsRequest, Deadline) { co_return smscs_(); }

  service::Calls& calls_;
  Pushes& pushes_;
  const GrpcHandlers::Smscs smscs_;
};

class RegistrationMethods final : public v1::RegistrationService::CallbackService {
 public:
  RegistrationMethods(service::Calls& calls, Registrations& registrations)
      : calls_(calls), registrations_(registrations) {}

  ServerUnaryReactor* GetRegistration(CallbackServerContext* call,
                                      const v1::GetRegistrationRequest* request,
                                      v1::Registration* reply) override {
    return service::Unary(calls_, call, request, reply, &registrations_, &Registrations::Get);
  }
  ServerUnaryReactor* ListRegistrations(CallbackServerContext* call,
                                        const v1::ListRegistrationsRequest* request,
                                        v1::ListRegistrationsResponse* reply) override {
    return service::Unary(calls_, call, request, reply, &registrations_, &Registrations::List);
  }
  ServerUnaryReactor* RecordPairing(CallbackServerContext* call,
                                    const v1::RecordPairingRequest* request,
                                    v1::Registration* reply) override {
    return service::Unary(calls_, call, request, reply, &registrations_, &Registrations::Record);
  }

 private:
  service::Calls& calls_;
  Registrations& registrations_;
};

}  // namespace

struct GrpcHandlers::Services {
  Services(service::Calls& calls, Pushes& pushed, Registrations& registered, Smscs smscs)
      : pushes(calls, pushed, std::move(smscs)), registrations(calls, registered) {}
  PushMethods pushes;
  RegistrationMethods registrations;
};

GrpcHandlers::GrpcHandlers(service::Context& context, Pushes& pushes, Registrations& registrations,
                           Smscs smscs)
    : services_(
          std::make_unique<Services>(context.calls(), pushes, registrations, std::move(smscs))) {
  context.ServeGrpc(services_->pushes);
  context.ServeGrpc(services_->registrations);
}

GrpcHandlers::~GrpcHandlers() = default;

}  // namespace drover::push

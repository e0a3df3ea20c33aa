#include "services/sip/handlers/grpc.h"

#include "drover/sip/v1/sip.grpc.pb.h"
#include "libs/service/unary.h"

namespace drover::gateways {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

struct GrpcHandlers::Services final : v1::GatewayService::CallbackService {
  Services(service::Calls& the_calls, GatewayMethods& the_methods)
      : calls(the_calls), methods(the_methods) {}

  ServerUnaryReactor* EnrolGateways(CallbackServerContext* call,
                                    const v1::EnrolGatewaysRequest* request,
                                    v1::EnrolGatewaysResponse* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::Enrol);
  }
  ServerUnaryReactor* GetGateway(CallbackServerContext* call, const v1::GetGatewayRequest* request,
                                 v1::Gateway* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::Get);
  }
  ServerUnaryReactor* ListGateways(CallbackServerContext* call,
                                   const v1::ListGatewaysRequest* request,
                                   v1::ListGatewaysResponse* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::List);
  }
  ServerUnaryReactor* SetCredentials(CallbackServerContext* call,
                                     const v1::SetCredentialsRequest* request,
                                     v1::Gateway* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::SetCredentials);
  }
  ServerUnaryReactor* SendNotify(CallbackServerContext* call, const v1::SendNotifyRequest* request,
                                 v1::SendNotifyResponse* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::SendNotify);
  }
  ServerUnaryReactor* TriggerGateway(CallbackServerContext* call,
                                     const v1::TriggerGatewayRequest* request,
                                     v1::Gateway* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::Trigger);
  }
  ServerUnaryReactor* SetModel(CallbackServerContext* call, const v1::SetModelRequest* request,
                               v1::Model* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::SetModel);
  }
  ServerUnaryReactor* ListModels(CallbackServerContext* call, const v1::ListModelsRequest* request,
                                 v1::ListModelsResponse* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::ListModels);
  }
  ServerUnaryReactor* DeleteModel(CallbackServerContext* call,
                                  const v1::DeleteModelRequest* request,
                                  v1::DeleteModelResponse* reply) override {
    return service::Unary(calls, call, request, reply, &methods, &GatewayMethods::DeleteModel);
  }

  service::Calls& calls;
  GatewayMethods& methods;
};

GrpcHandlers::GrpcHandlers(service::Context& context, GatewayMethods& methods)
    : services_(std::make_unique<Services>(context.calls(), methods)) {
  context.ServeGrpc(*services_);
}

GrpcHandlers::~GrpcHandlers() = default;

}  // namespace drover::gateways

#include "services/operations/handlers/action_service.h"

#include "drover/operations/v1/actions.grpc.pb.h"
#include "libs/service/unary.h"

namespace drover::operations {

struct ActionServices::State final : v1::ActionService::CallbackService {
  State(service::Calls& all, ActionSubmitter& actions) : calls(all), submitter(actions) {}

  grpc::ServerUnaryReactor* SubmitAction(grpc::CallbackServerContext* call,
                                         const v1::SubmitActionRequest* request,
                                         v1::SubmitActionResponse* reply) override {
    return service::Unary(calls, call, request, reply, &submitter, &ActionSubmitter::Submit);
  }

  service::Calls& calls;
  ActionSubmitter& submitter;
};

ActionServices::ActionServices(service::Context& context, ActionSubmitter& submitter)
    : state_(std::make_unique<State>(context.calls(), submitter)) {
  context.ServeGrpc(*state_);
}
ActionServices::~ActionServices() = default;

}  // namespace drover::operations

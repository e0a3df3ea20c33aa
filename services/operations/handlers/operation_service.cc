#include "services/operations/handlers/operation_service.h"

#include "drover/operations/v1/operations.grpc.pb.h"
#include "libs/service/stream_server.h"
#include "libs/service/unary.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kPoll{1};  // For changes that other replicas made.
constexpr std::chrono::seconds kDatabaseTimeout{10};

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

class UnaryService final : public v1::OperationService::CallbackService {
 public:
  UnaryService(service::Calls& calls, OperationMethods& methods)
      : calls_(calls), methods_(methods) {}

  ServerUnaryReactor* SubmitOperations(CallbackServerContext* call,
                                       const v1::SubmitOperationsRequest* request,
                                       v1::SubmitOperationsResponse* reply) override {
    return service::Unary(calls_, call, request, reply, &methods_.ports().submitter,
                          &Submitter::Submit);
  }
  ServerUnaryReactor* GetOperation(CallbackServerContext* call,
                                   const v1::GetOperationRequest* request,
                                   v1::Operation* reply) override {
    return service::Unary(calls_, call, request, reply, &methods_, &OperationMethods::Get);
  }
  ServerUnaryReactor* ListOperations(CallbackServerContext* call,
                                     const v1::ListOperationsRequest* request,
                                     v1::ListOperationsResponse* reply) override {
    return service::Unary(calls_, call, request, reply, &methods_, &OperationMethods::List);
  }
  ServerUnaryReactor* CancelOperation(CallbackServerContext* call,
                                      const v1::CancelOperationRequest* request,
                                      v1::Operation* reply) override {
    return service::Unary(calls_, call, request, reply, &methods_, &OperationMethods::Cancel);
  }
  ServerUnaryReactor* CountOperations(CallbackServerContext* call,
                                      const v1::CountOperationsRequest* request,
                                      v1::CountOperationsResponse* reply) override {
    return service::Unary(calls_, call, request, reply, &methods_, &OperationMethods::Count);
  }
  grpc::ServerWriteReactor<v1::Operation>* WatchOperation(
      CallbackServerContext* call, const v1::WatchOperationRequest* request) override {
    return service::ServerStream(calls_, call, request, this, &UnaryService::Watch);
  }

 private:
  Task<void> Watch(v1::WatchOperationRequest request, service::StreamWriter<v1::Operation>& writer,
                   Deadline deadline) {
    Watchers::Watch watch(methods_.ports().watchers, request.id());
    int32_t told = 0;  // The version that the caller has.
    while (!writer.cancelled() && Left(deadline).count() > 0) {
      std::string id = request.id();
      const Deadline query = In(kDatabaseTimeout);
      DROVER_CO_TRY(Found found, co_await methods_.Find(std::move(id), query));
      const bool open = IsOpen(found.stored.state);
      if (found.stored.version != told) {
        told = found.stored.version;
        DROVER_CO_TRY(co_await writer.Write(std::move(found.operation)));
      }
      if (!open) co_return Result<void>();
      const Deadline poll = In(kPoll);
      DROVER_CO_TRY(co_await watch.Wait(poll));
    }
    co_return Result<void>();
  }

  service::Calls& calls_;
  OperationMethods& methods_;
};

using StreamService = service::StreamServer<v1::OperationStreamService::CallbackService,
                                            v1::AdvanceRequestBatch, v1::AdvanceReplyBatch>;

}  // namespace

struct OperationServices::State {
  State(service::Calls& calls, OperationMethods& methods)
      : unary(calls, methods),
        stream(calls, [&methods](v1::AdvanceRequest request, Deadline deadline,
                                 AdvanceQueue::Respond respond) {
          methods.ports().advances.Enqueue(std::move(request), deadline, std::move(respond));
        }) {}
  UnaryService unary;
  StreamService stream;
};

OperationServices::OperationServices(service::Context& context, OperationMethods& methods)
    : state_(std::make_unique<State>(context.calls(), methods)) {
  context.ServeGrpc(state_->unary);
  context.ServeGrpc(state_->stream);
}
OperationServices::~OperationServices() = default;

}  // namespace drover::operations

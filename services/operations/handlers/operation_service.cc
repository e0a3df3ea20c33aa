#include "services/operations/handlers/operation_service.h"

#include "drover/operations/v1/operations.grpc.pb.h"
#include "libs/service/stream_server.h"
#include "libs/service/unary.h"

namespace drover::operations {
namespace {

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
    return service::ServerStream(calls_, call, request, this, &UnaryService::WatchOne);
  }
  grpc::ServerWriteReactor<v1::Operation>* WatchOperations(
      CallbackServerContext* call, const v1::WatchOperationsRequest* request) override {
    return service::ServerStream(calls_, call, request, this, &UnaryService::WatchMany);
  }
  grpc::ServerWriteReactor<v1::SubmitProgress>* SubmitSelected(
      CallbackServerContext* call, const v1::SubmitSelectedRequest* request) override {
    return service::ServerStream(calls_, call, request, this, &UnaryService::Selected);
  }

 private:
  Task<void> WatchOne(v1::WatchOperationRequest request,
                      service::StreamWriter<v1::Operation>& writer, Deadline deadline) {
    v1::WatchOperationsRequest one;
    one.add_ids(request.id());
    co_return co_await WatchMany(std::move(one), writer, deadline);
  }
  Task<void> WatchMany(v1::WatchOperationsRequest request,
                       service::StreamWriter<v1::Operation>& writer, Deadline deadline) {
    const WatchSink sink{
        [&writer](v1::Operation operation) { return writer.Write(std::move(operation)); },
        [&writer] { return writer.cancelled(); }};
    co_return co_await methods_.ports().watches.Watch(std::move(request), sink, deadline);
  }
  Task<void> Selected(v1::SubmitSelectedRequest request,
                      service::StreamWriter<v1::SubmitProgress>& writer, Deadline deadline) {
    const SelectedSubmitter::Tell tell = [&writer](v1::SubmitProgress page) {
      return writer.Write(std::move(page));
    };
    co_return co_await methods_.ports().selected.Submit(std::move(request), tell, deadline);
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

// One unary call of another service, as a coroutine on the loop. Heavy headers: include it in the
// .cc of an adapter.
//
//   auto asking = service::Ask<Request, Response>(
//       {loop, token, "tree"}, std::move(request), deadline, [stub](auto* call, auto done) {
//         stub->async()->GetDevices(&call->context, &call->request, &call->response,
//                                   std::move(done));
//       });
//   DROVER_CO_TRY(const Response response, co_await std::move(asking));
#pragma once
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "libs/async/suspend.h"
#include "libs/async/task.h"
#include "libs/service/calls.h"

namespace drover::service {

struct Callee {
  asio::io_context& loop;
  const std::string& token;  // Bearer token; empty: none.
  const char* name;          // In front of errors: "tree".
};

// Lives until gRPC is done with it: its callback holds it.
template <typename Request, typename Response>
struct UnaryCall {
  grpc::ClientContext context;
  Request request;
  Response response;
  Resumer<void> resumer;
};

// begin(call, done): starts the call; done is what gRPC calls when it is over.
template <typename Request, typename Response, typename Begin>
Task<Response> Ask(Callee callee, Request request, Deadline deadline, Begin begin) {
  auto call = std::make_shared<UnaryCall<Request, Response>>();
  call->request = std::move(request);
  call->context.set_deadline(std::chrono::system_clock::now() + Left(deadline));
  if (!callee.token.empty()) call->context.AddMetadata("authorization", "Bearer " + callee.token);
  const std::shared_ptr<UnaryCall<Request, Response>>* const kept = &call;
  asio::io_context* const executor = &callee.loop;
  const Begin* const start = &begin;
  Task<void> answer = Suspend<void>([kept, executor, start](Resumer<void> resumer) {
    (*kept)->resumer = std::move(resumer);
    // The loop gets the last reference: gRPC's own threads may not drop a call's channel.
    (*start)(kept->get(), [held = *kept, executor](const grpc::Status& status) mutable {
      asio::post(*executor, [held = std::move(held), status] {
        held->resumer.Set(status.ok() ? Result<void>() : ToError(status));
      });
    });
  });
  const Result<void> answered = co_await std::move(answer);
  if (!answered) {
    co_return Error{answered.error().code,
                    std::string(callee.name) + ": " + answered.error().message};
  }
  co_return std::move(call->response);
}

}  // namespace drover::service

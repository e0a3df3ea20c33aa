#include "libs/service/calls.h"

#include <algorithm>
#include <vector>

#include <grpcpp/server_context.h>
#include <openssl/crypto.h>

namespace drover::service {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

}  // namespace

bool Calls::Authentic(std::string_view authorization) const {
  if (token_.empty()) return true;
  if (!authorization.starts_with(kBearer)) return false;
  authorization.remove_prefix(kBearer.size());
  return authorization.size() == token_.size() &&
         CRYPTO_memcmp(authorization.data(), token_.data(), token_.size()) == 0;
}

grpc::Status Calls::Admit(const grpc::ServerContextBase& call) const {
  if (!token_.empty()) {
    const auto& metadata = call.client_metadata();
    const auto found = metadata.find("authorization");
    if (found == metadata.end()) {
      return {grpc::StatusCode::UNAUTHENTICATED,
              "no token: send the metadata 'authorization: Bearer <token>' with the content of the "
              "server's --grpc-token-file"};
    }
    if (!Authentic(View(found->second))) {
      return {grpc::StatusCode::UNAUTHENTICATED,
              "wrong token: it differs from the content of the server's --grpc-token-file"};
    }
  }
  if (draining()) return {grpc::StatusCode::UNAVAILABLE, "draining: try another replica"};
  return grpc::Status::OK;
}

Deadline Calls::DeadlineOf(const grpc::ServerContextBase& call, std::chrono::seconds max) {
  const auto left = call.deadline() - std::chrono::system_clock::now();
  return In(std::min<std::chrono::steady_clock::duration>(left, max));
}

void Calls::Add(LiveCall& call) {
  live_.insert(&call);
  if (aborted_) {
    call.Abort();
  } else if (draining()) {
    call.Drain();
  }
}

void Calls::BeginDrain() {
  draining_.store(true);
  const std::vector<LiveCall*> live(live_.begin(), live_.end());
  for (LiveCall* call : live) {
    if (live_.contains(call)) call->Drain();
  }
}

void Calls::AbortAll() {
  draining_.store(true);
  aborted_ = true;
  const std::vector<LiveCall*> live(live_.begin(), live_.end());
  for (LiveCall* call : live) {
    if (live_.contains(call)) call->Abort();
  }
}

grpc::Status ToStatus(const Error& error) {
  return {static_cast<grpc::StatusCode>(error.code), error.message};
}

Error ToError(const grpc::Status& status) {
  return {static_cast<Code>(status.error_code()), status.error_message()};
}

}  // namespace drover::service

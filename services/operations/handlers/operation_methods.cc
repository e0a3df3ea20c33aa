#include "libs/dmtree/device_id.h"
#include "services/operations/core/conclude.h"
#include "services/operations/core/times.h"
#include "services/operations/core/uuid7.h"
#include "services/operations/handlers/operation_service.h"

namespace drover::operations {
namespace {

constexpr int kTries = 4;
constexpr int kDefaultPage = 100;
constexpr int kMaxPage = 1000;
constexpr size_t kMaxReason = 256;

}  // namespace

Task<Found> OperationMethods::Find(std::string id, Deadline deadline) {
  const Error missing = NotFound("no operation " + id.substr(0, 64));
  if (!IsUuid(id)) co_return missing;
  DROVER_CO_TRY(std::optional<Found> found, co_await ports_.queries.Get(std::move(id), deadline));
  if (!found) co_return missing;
  co_return std::move(*found);
}

Task<v1::Operation> OperationMethods::Get(v1::GetOperationRequest request, Deadline deadline) {
  std::string id = request.id();
  DROVER_CO_TRY(Found found, co_await Find(std::move(id), deadline));
  if (request.include_messages()) {
    DROVER_CO_TRY(auto messages, co_await ports_.queries.Messages(found.operation, deadline));
    found.operation.mutable_messages()->Assign(messages.begin(), messages.end());
  }
  co_return std::move(found.operation);
}

Task<v1::ListOperationsResponse> OperationMethods::List(v1::ListOperationsRequest request,
                                                        Deadline deadline) {
  const int size = request.page_size() == 0 ? kDefaultPage : request.page_size();
  if (size < 1 || size > kMaxPage) co_return InvalidArgument("page_size: is not 1..1000");
  if (!request.page_token().empty() && !IsUuid(request.page_token())) {
    co_return InvalidArgument("page_token: is not one that was handed out");
  }
  PgQueries::Filter filter{.device_id = request.device_id(),
                           .label = request.label(),
                           .states = {},
                           .before = request.page_token(),
                           .limit = size + 1};
  if (!filter.device_id.empty()) {
    DROVER_CO_TRY(const DeviceId device, dmtree::NormaliseDeviceId(filter.device_id));
    filter.device_id = device.value();
  }
  for (const int state : request.states()) filter.states.push_back(static_cast<int16_t>(state));
  DROVER_CO_TRY(auto operations, co_await ports_.queries.List(std::move(filter), deadline));
  v1::ListOperationsResponse out;
  const bool more = operations.size() > static_cast<size_t>(size);
  if (more) operations.pop_back();
  if (more) out.set_next_page_token(operations.back().id());
  for (v1::Operation& operation : operations) *out.add_operations() = std::move(operation);
  co_return out;
}

Task<v1::Operation> OperationMethods::Cancel(v1::CancelOperationRequest request,
                                             Deadline deadline) {
  if (request.reason().size() > kMaxReason) {
    co_return InvalidArgument("reason: is longer than 256 octets");
  }
  Result<void> written;
  for (int i = 0; i < kTries; ++i) {
    std::string id = request.id();
    DROVER_CO_TRY(Found found, co_await Find(std::move(id), deadline));
    DROVER_CO_TRY(auto change, operations::Cancel(found.stored, request.reason(), clock_()));
    if (!change) co_return std::move(found.operation);
    Changes changes;
    changes.changes.push_back(std::move(*change));
    written = co_await ports_.writer.Write(changes, deadline);
    if (written || written.error().code != Code::kAborted) break;
  }
  if (!written) co_return written.error();
  std::string id = request.id();
  DROVER_CO_TRY(Found found, co_await Find(std::move(id), deadline));
  co_return std::move(found.operation);
}

Task<v1::CountOperationsResponse> OperationMethods::Count(v1::CountOperationsRequest request,
                                                          Deadline deadline) {
  std::string label = request.label();
  DROVER_CO_TRY(auto counts, co_await ports_.queries.Count(std::move(label), deadline));
  v1::CountOperationsResponse out;
  for (auto& count : counts) *out.add_counts() = std::move(count);
  co_return out;
}

}  // namespace drover::operations

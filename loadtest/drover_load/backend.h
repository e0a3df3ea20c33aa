// Drover's own services as an operator's tool sees them: enrol, submit, count, list.
//
// Blocking calls, for the thread that is not the terminals' loop.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drover/operations/v1/operations.pb.h"
#include "drover/sip/v1/sip.pb.h"
#include "drover/tree/v1/tree.pb.h"
#include "libs/base/result.h"
#include "loadtest/drover_load/options.h"

namespace drover::load {

class Backend {
 public:
  static constexpr int kBatch = 1000;  // The services' bound.

  static Result<Backend> Connect(const Endpoints& endpoints);
  ~Backend();
  Backend(Backend&&) noexcept;

  // Any number of devices, and one request of at most kBatch.
  Result<void> Enrol(const std::vector<tree::v1::NewDevice>& devices);
  Result<void> EnrolOnce(const tree::v1::EnrolDevicesRequest& request,
                         std::chrono::seconds patience);
  // At most kBatch gateways.
  Result<void> EnrolGatewaysOnce(const sip::v1::EnrolGatewaysRequest& request,
                                 std::chrono::seconds patience);
  // Returned in the order given.
  Result<std::vector<operations::v1::Operation>> Submit(
      const std::vector<operations::v1::NewOperation>& operations);
  // One request of at most 1000; the same key and operations may be sent again and again. Gives up
  // after the patience, then kUnavailable, kDeadlineExceeded .. do not say whether it was stored.
  Result<std::vector<operations::v1::Operation>> SubmitOnce(
      const std::string& idempotency_key,
      const std::vector<operations::v1::NewOperation>& operations, std::chrono::seconds patience);
  Result<void> SubmitOnce(const operations::v1::SubmitOperationsRequest& request,
                          std::chrono::seconds patience);
  Result<operations::v1::ListOperationsResponse> ListOnce(
      const operations::v1::ListOperationsRequest& request, std::chrono::seconds patience);
  Result<operations::v1::Operation> Get(const std::string& id, std::chrono::seconds patience);
  Result<std::map<operations::v1::State, int64_t>> Count(const std::string& label);
  Result<std::vector<operations::v1::Operation>> List(const std::string& label);

 private:
  struct Stubs;
  explicit Backend(std::unique_ptr<Stubs> stubs);
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace drover::load

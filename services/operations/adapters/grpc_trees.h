// TreeDirectory by tree's TreeService and DeviceService.
#pragma once
#include <memory>
#include <string>

#include "services/operations/handlers/tree_directory.h"

namespace drover::operations {

class GrpcTrees final : public TreeDirectory {
 public:
  // target: host:port of tree. token: its bearer token; empty: none.
  GrpcTrees(asio::io_context& loop, const std::string& target, std::string token);
  ~GrpcTrees() override;

  Task<tree::v1::FindObjectsResponse> FindObjects(tree::v1::FindObjectsRequest request,
                                                  Deadline deadline) override;
  Task<tree::v1::GetSubtreeResponse> GetSubtree(tree::v1::GetSubtreeRequest request,
                                                Deadline deadline) override;
  Task<tree::v1::PrepareRotationResponse> PrepareRotation(tree::v1::PrepareRotationRequest request,
                                                          Deadline deadline) override;

 private:
  struct Channel;
  asio::io_context& loop_;
  std::string token_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace drover::operations

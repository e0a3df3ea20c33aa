// What planning an action asks of tree: where management objects are, what is below them, and next
// secrets. A port: adapters/grpc_tree.h in production.
#pragma once
#include <string>

#include "drover/tree/v1/tree.pb.h"
#include "libs/async/task.h"

namespace drover::operations {

class TreeDirectory {
 public:
  virtual ~TreeDirectory() = default;
  // As tree's TreeService.FindObjects. A tree that does not know the question knows of no object.
  virtual Task<tree::v1::FindObjectsResponse> FindObjects(tree::v1::FindObjectsRequest request,
                                                          Deadline deadline) = 0;
  // As tree's TreeService.GetSubtree; a node that is not there has nothing below it.
  virtual Task<tree::v1::GetSubtreeResponse> GetSubtree(tree::v1::GetSubtreeRequest request,
                                                        Deadline deadline) = 0;
  // As tree's DeviceService.PrepareRotation.
  virtual Task<tree::v1::PrepareRotationResponse> PrepareRotation(
      tree::v1::PrepareRotationRequest request, Deadline deadline) = 0;
};

}  // namespace drover::operations

// SubmitAction: from what an operator wants to stored operations. What tree knows of the terminals
// is gathered, the action is planned for each (libs/mo), and all that is planned is stored in one
// transaction.
#pragma once
#include <string>
#include <vector>

#include "drover/operations/v1/actions.pb.h"
#include "libs/mo/plan.h"
#include "services/operations/handlers/submit.h"
#include "services/operations/handlers/tree_directory.h"

namespace drover::operations {

class ActionSubmitter {
 public:
  ActionSubmitter(Submitter& submitter, DeviceDirectory& devices, TreeDirectory& trees)
      : submitter_(submitter), devices_(devices), trees_(trees) {}

  // Errors as in the contract.
  Task<v1::SubmitActionResponse> Submit(v1::SubmitActionRequest request, Deadline deadline);

 private:
  struct Work;  // One request on its way.

  Task<void> KeepThere(Work* work, Deadline deadline);
  Task<void> FindRoots(Work* work, Deadline deadline);
  Task<void> ReadTrees(Work* work, Deadline deadline);
  Task<void> ReadSubtree(mo::Place* place, std::string root, Deadline deadline);
  Task<void> CheckTrees(Work* work, Deadline deadline);
  Task<void> PrepareSecrets(const Work* work, Deadline deadline);
  Task<v1::SubmitActionResponse> Store(Work* work, Deadline deadline);

  Submitter& submitter_;
  DeviceDirectory& devices_;
  TreeDirectory& trees_;
};

}  // namespace drover::operations

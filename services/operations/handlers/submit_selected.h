// SubmitSelected: one operation for each terminal that a selector finds, a page of terminals a
// transaction. What was stored of a page, and where the next begins, is kept under the key of the
// page, so that a repeat goes on where the first one broke. Loop thread only.
#pragma once
#include <functional>

#include "services/operations/handlers/submit.h"

namespace drover::operations {

class SelectedSubmitter {
 public:
  SelectedSubmitter(Submitter& submitter, DeviceDirectory& devices)
      : submitter_(submitter), devices_(devices) {}

  // Takes a page; an error of it ends the whole.
  using Tell = std::function<Task<void>(v1::SubmitProgress page)>;
  Task<void> Submit(v1::SubmitSelectedRequest request, const Tell& tell, Deadline deadline);

 private:
  struct Submission;
  Task<v1::SubmitProgress> Page(const Submission& submission, const std::string& key,
                                const std::string& token, Deadline deadline);
  Task<void> SkipWhatCannot(v1::SubmitOperationsRequest* wanted, v1::SubmitProgress* page,
                            Deadline deadline);

  Submitter& submitter_;
  DeviceDirectory& devices_;
};

}  // namespace drover::operations

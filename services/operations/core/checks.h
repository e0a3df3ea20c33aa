// What tree is asked before operations are stored: which terminals can carry out which commands.
// Many operations alike are one question.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drover/operations/v1/operations.pb.h"
#include "drover/tree/v1/tree.pb.h"

namespace drover::operations {

struct Check {
  tree::v1::CheckCommandsRequest question;
  // Whom the answer for a device and an index of the question's commands concerns: operations of
  // the request, each with the index of its command.
  struct Place {
    int operation = 0;
    uint32_t command = 0;
  };
  std::map<std::pair<std::string, uint32_t>, std::vector<Place>> places;
  // The sizes in the question are the largest of several: who does not pass is asked about alone.
  bool largest = false;
};

// Nothing is asked of operations that are unchecked, nor of prompts.
std::vector<Check> PlanChecks(const v1::SubmitOperationsRequest& request);
// Of one operation alone.
std::optional<Check> PlanCheck(const v1::SubmitOperationsRequest& request, int operation);

struct Violation {
  int operation = 0;
  uint32_t command = 0;
  std::string node;
  std::string reason;
};
// Ascending by operation, one each.
std::vector<Violation> ViolationsIn(const Check& check,
                                    const tree::v1::CheckCommandsResponse& answer);
// "operations[3].commands[1]: ./A/B: format is int, not chr"
std::string InWords(const Violation& violation);

}  // namespace drover::operations

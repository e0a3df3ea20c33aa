// ops.yaml: operations to submit, written down. The form is in docs/cli.md, "Operations in a file".
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "drover/operations/v1/operations.pb.h"
#include "libs/base/result.h"

namespace drover::cli {

// What one mapping of the file says: an operation for each device named or selected.
struct OperationTemplate {
  std::string place;  // "ops.yaml:3", for errors.
  std::vector<std::string> devices;
  std::map<std::string, std::string> selector;  // Empty: none. Exactly one of both is there.
  operations::v1::NewOperation operation;       // Without device_id.
};

struct OperationFile {
  std::string idempotency_key;
  std::vector<OperationTemplate> templates;
};

// kInvalidArgument, "<name>:<line>: ..", for the first thing that is wrong. Reads the files that
// value_file names, relative to the folder of name.
Result<OperationFile> ParseOperationFile(std::string_view text, const std::string& name);

// "k=v,k2=v2" of -l. kInvalidArgument: not of that form, a key twice.
Result<std::map<std::string, std::string>> ParseSelector(std::string_view text);

}  // namespace drover::cli

// How the command line tells scripts what happened.
#pragma once
#include "libs/base/result.h"

namespace drover::cli {

enum class ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,  // The command line or a file is wrong, or a service says so (INVALID_ARGUMENT).
  kNotFound = 3,
  kConflict = 4,  // ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED
  kTimeout = 5,
  kNotAuthorised = 6,  // UNAUTHENTICATED, PERMISSION_DENIED
};

ExitCode ExitCodeOf(Code code);

}  // namespace drover::cli

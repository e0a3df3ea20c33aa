#include "tools/drover/exit_code.h"

namespace drover::cli {

ExitCode ExitCodeOf(Code code) {
  switch (code) {
    case Code::kOk:
      return ExitCode::kOk;
    case Code::kInvalidArgument:
    case Code::kOutOfRange:
      return ExitCode::kUsage;
    case Code::kNotFound:
      return ExitCode::kNotFound;
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kAborted:
      return ExitCode::kConflict;
    case Code::kDeadlineExceeded:
      return ExitCode::kTimeout;
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return ExitCode::kNotAuthorised;
    default:
      return ExitCode::kFailure;
  }
}

}  // namespace drover::cli

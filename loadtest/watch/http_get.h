// One plain HTTP GET with a deadline, on the calling thread: for pages of metrics.
#pragma once
#include <string>

#include "loadtest/watch/sampler.h"

namespace drover::watch {

// The body of a 200. kUnavailable, kDeadlineExceeded; kInvalidArgument: no URL
// http://host[:port]/.. At most 4 MiB.
Result<std::string> HttpGet(const std::string& url, Deadline deadline);

}  // namespace drover::watch

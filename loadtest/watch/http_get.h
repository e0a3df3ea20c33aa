// One plain HTTP request with a deadline, on the calling thread: for pages of metrics, and what a
// simulator is told.
#pragma once
#include <string>

#include "loadtest/watch/sampler.h"

namespace drover::watch {

// The body of a 200 or 202. kUnavailable, kDeadlineExceeded; kInvalidArgument: no URL
// http://host[:port]/.. At most 4 MiB.
Result<std::string> HttpGet(const std::string& url, Deadline deadline);
// The same of a POST of JSON.
Result<std::string> HttpPost(const std::string& url, const std::string& json, Deadline deadline);

}  // namespace drover::watch

// Plain HTTP requests with deadlines, on the calling thread: for pages of metrics, and what a
// simulator says and is told.
#pragma once
#include <memory>
#include <string>

#include "loadtest/watch/sampler.h"

namespace drover::watch {

// The body of a 200 or 202. kUnavailable, kDeadlineExceeded; kInvalidArgument: no URL
// http://host[:port]/.. At most 4 MiB.
Result<std::string> HttpGet(const std::string& url, Deadline deadline);
// The same of a POST.
Result<std::string> HttpPost(const std::string& url, const std::string& body, Deadline deadline,
                             const std::string& type = "application/json");

// Pages of one server, one after the other over a connection that is kept; it is opened anew when
// it was lost. Pages of at most 64 MiB, whose server says their length.
class HttpPages {
 public:
  // url: http://host[:port]
  explicit HttpPages(std::string url);
  ~HttpPages();
  HttpPages(const HttpPages&) = delete;
  HttpPages& operator=(const HttpPages&) = delete;

  // path: "/ledger", with its query. Errors as HttpGet; the request may have been carried out.
  Result<std::string> Get(const std::string& path, Deadline deadline);

 private:
  struct Line;
  Result<std::string> Ask(const std::string& request, Deadline deadline);
  const std::string url_;
  std::unique_ptr<Line> line_;  // nullptr: there is none.
};

}  // namespace drover::watch

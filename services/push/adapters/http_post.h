// One POST to a server that somebody else named: bounded in time and octets, no redirect followed.
#pragma once
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "libs/async/task.h"
#include "services/push/core/url.h"

namespace drover::push {

struct HttpReply {
  int status = 0;
  std::string body;
};

class HttpPost {
 public:
  explicit HttpPost(asio::io_context& loop);

  // A connection of its own. https: the certificate must be of that host and of an authority that
  // this system trusts. kUnavailable: it cannot be reached, or said no HTTP; kDeadlineExceeded;
  // kOutOfRange: an answer of more than 64 KiB.
  Task<HttpReply> Post(Url url, std::string content_type, std::string body, Deadline deadline);

 private:
  asio::io_context& loop_;
  asio::ssl::context tls_;
};

}  // namespace drover::push

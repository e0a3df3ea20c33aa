// What ingress needs from outside.
#pragma once
#include <cstddef>
#include <functional>

#include "drover/session/v1/session.pb.h"
#include "libs/async/task.h"

namespace drover::ingress {

// The replicas of session that --session-targets names. Loop thread only.
class SessionReplicas {
 public:
  virtual ~SessionReplicas() = default;
  virtual size_t size() const = 0;
  virtual bool connected(size_t replica) const = 0;
  // done is called once, on the loop. An Error is one of the way (kUnavailable, kDeadlineExceeded,
  // kResourceExhausted); what session itself says is in the reply's code.
  virtual void Exchange(size_t replica, session::v1::ExchangeRequest request, Deadline deadline,
                        std::function<void(Result<session::v1::ExchangeReply>)> done) = 0;
};

}  // namespace drover::ingress

// Replies of TreeStreamService. The frame fills in their ids.
#pragma once
#include <functional>
#include <utility>

#include "drover/tree/v1/tree.pb.h"
#include "libs/base/result.h"

namespace drover::tree {

using Respond = std::function<void(v1::TreeReply)>;

inline v1::TreeReply FailureReply(const Error& error) {
  v1::TreeReply reply;
  reply.set_code(static_cast<uint32_t>(error.code));
  reply.set_error(error.message);
  return reply;
}

inline v1::TreeReply AccountReply(v1::Account account) {
  v1::TreeReply reply;
  *reply.mutable_account() = std::move(account);
  return reply;
}

}  // namespace drover::tree

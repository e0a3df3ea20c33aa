// The life of an operation: which state may follow which.
//
//   PENDING -> NOTIFIED -> RUNNING -> (WAITING) -> SUCCEEDED | FAILED
//   PENDING, NOTIFIED -> EXPIRED;   all four -> CANCELLED
//   PENDING, NOTIFIED -> FAILED     what it depends on failed; nobody came to tell how far it is
//   PENDING, NOTIFIED -> WAITING    its alert came: the session that broke had delivered it
//   RUNNING -> PENDING              the session broke or gave it back; another attempt
//   WAITING -> PENDING              another attempt; or no alert came, and it is asked how far it
//   is
#pragma once
#include <string_view>

#include "drover/operations/v1/operations.pb.h"

namespace drover::operations {

bool MayBecome(v1::State from, v1::State to);
// PENDING, NOTIFIED, RUNNING, WAITING: something is still to come.
bool IsOpen(v1::State state);
// PENDING, NOTIFIED: not with the terminal; can be handed out, cancelled, expired.
bool IsQueued(v1::State state);
std::string_view Name(v1::State state);

}  // namespace drover::operations

// Bootstrap documents of a terminal's account, as pushes: client provisioning (w7) or the DM
// profile, proved by a PIN, the IMSI, or both.
#pragma once
#include <string>
#include <string_view>

#include "drover/push/v1/push.pb.h"
#include "libs/base/result.h"

namespace drover::push {

struct Recipient;

// The push PDU. server_id: this server's name. kInvalidArgument names what is wrong with the
// account or lacks; kFailedPrecondition: network_pin for a terminal whose IMSI is not known.
Result<std::string> BootstrapPush(const v1::Bootstrap& bootstrap, const Recipient& recipient,
                                  std::string_view server_id, uint8_t tid);

}  // namespace drover::push

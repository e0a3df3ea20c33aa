// What an operation must be to be stored. A refusal names the operation and the field.
//
// Spec: OMA-TS-DM_RepPro (what an Item of each command holds); OMA-TS-DM_TND, "Addressing".
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "drover/operations/v1/operations.pb.h"
#include "libs/base/clock.h"
#include "libs/base/result.h"

namespace drover::operations {

struct Limits {
  int operations = 1000;         // In one request.
  int commands = 64;             // In one operation.
  size_t target_octets = 1024;   // Of one URI.
  size_t data_octets = 1 << 20;  // Of all commands of one operation.
  size_t label_characters = 64;
  std::chrono::hours longest_ttl{24 * 366};
};

// kInvalidArgument: "operations[3].commands[0].target: ..".
Result<void> Validate(const v1::SubmitOperationsRequest& request, const Limits& limits);

// Gives every terminal the one spelling of its id (libs/dmtree/device_id.h). After Validate.
void NormaliseDevices(v1::SubmitOperationsRequest* request);

// The operation as it is stored: id, state PENDING, defaults filled in, the first of its history; a
// correlator (its id) if a command is an EXEC; blocked if it waits for its time or for depends_on
// (ids: dependencies.h).
v1::Operation Accept(const v1::NewOperation& wanted, std::string id,
                     std::vector<std::string> depends_on, std::chrono::milliseconds default_ttl,
                     TimePoint now);

}  // namespace drover::operations

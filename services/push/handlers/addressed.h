// The terminal that an address means.
#pragma once
#include <string>
#include <vector>

#include "drover/push/v1/push.pb.h"
#include "services/push/adapters/pg_registrations.h"

namespace drover::push {

struct Addressed {
  By by = By::kMsisdn;
  std::string key;  // As the registry has it.
};
// kInvalidArgument: no address, or no number.
Result<Addressed> Normalise(const v1::Address& address);

// Its registrations: none or, of a number or IMSI that moved, more than one.
Task<std::vector<registration::Pairing>> FindAddressed(PgRegistrations& table,
                                                       const Addressed& address, Deadline deadline);

}  // namespace drover::push

// Between drover/tree/v1 and the core's values.
#pragma once
#include <string>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "services/tree/core/enrolment.h"
#include "services/tree/core/report.h"

namespace drover::tree {

v1::Device ToProto(const Device& device);
v1::Node ToProto(Node node);
v1::Account ToAccount(const Device& device, const Secrets& secrets);

// kInvalidArgument: a scheme that there is not; it names the device.
Result<NewDevice> FromProto(const v1::NewDevice& given);
// kInvalidArgument: the device id.
Result<Report> FromProto(v1::ApplyReport given);

}  // namespace drover::tree

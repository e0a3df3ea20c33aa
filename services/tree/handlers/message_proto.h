// Between drover/tree/v1 and the core's values.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "services/tree/core/enrolment.h"
#include "services/tree/core/report.h"

namespace drover::tree {

void SetTime(google::protobuf::Timestamp& out, TimePoint time);
// What lies outside the years 1970..9999 is taken for "not said": TimePoint().
TimePoint TimeOf(const google::protobuf::Timestamp& time);
// nullopt: not said. kInvalidArgument: none that there is.
Result<std::optional<AuthScheme>> SchemeOf(v1::AuthScheme scheme);

v1::Device ToProto(const Device& device);
v1::Node ToProto(Node node);
// Without traits and what is next.
v1::Account ToAccount(const Device& device, const Secrets& secrets);

// kInvalidArgument: a scheme that there is not; it names the device.
Result<NewDevice> FromProto(const v1::NewDevice& given);
// kInvalidArgument: the device id, or a node that is only its ACL and has none.
Result<Report> FromProto(v1::ApplyReport given);

}  // namespace drover::tree

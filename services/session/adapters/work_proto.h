// Operations' messages (proto/drover/operations/v1) and the session's own words for them.
#pragma once
#include "drover/operations/v1/operations.pb.h"
#include "services/session/core/model.h"

namespace drover::session {

// What is given as an rvalue is moved from.
Assignment FromProto(operations::v1::Assignment&& proto);
void ToProto(OperationReport&& report, const std::string& session_id, TimePoint at,
             operations::v1::OperationReport& proto);
void ToProto(const Alert& alert, TimePoint at, operations::v1::AlertResult& proto);

}  // namespace drover::session

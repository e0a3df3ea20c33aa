// The session service as a value that libs/service can run.
#pragma once
#include "libs/service/service.h"

namespace drover::session {

service::Service Definition();

}  // namespace drover::session

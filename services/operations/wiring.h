// The operations service as a value that libs/service can run.
#pragma once
#include "libs/service/service.h"

namespace drover::operations {

service::Service Definition();

}  // namespace drover::operations

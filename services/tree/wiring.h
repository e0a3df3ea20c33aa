// The tree service as a value that libs/service can run.
#pragma once
#include "libs/service/service.h"

namespace drover::tree {

service::Service Definition();

}  // namespace drover::tree

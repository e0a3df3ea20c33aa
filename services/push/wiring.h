// The push service, for main.cc and for tests.
#pragma once
#include "libs/service/service.h"

namespace drover::push {

service::Service Definition();

}  // namespace drover::push

// The sip service, for main.cc and for tests.
#pragma once
#include "libs/service/service.h"

namespace drover::gateways {

service::Service Definition();

}  // namespace drover::gateways

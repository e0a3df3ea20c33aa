// drover-ingress: SyncML over HTTP and TLS in, session's stream out.
#pragma once
#include "libs/service/service.h"

namespace drover::ingress {

service::Service Definition();

}  // namespace drover::ingress

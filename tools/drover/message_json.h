// A SyncML message as JSON: element names as keys, in the DTD's order; what is absent is left out.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "libs/syncml/message.h"

namespace drover::cli {

nlohmann::ordered_json ToJson(const syncml::Message& message);

}  // namespace drover::cli

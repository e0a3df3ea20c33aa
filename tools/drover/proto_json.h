// Messages of the services as JSON for people and scripts.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "libs/base/result.h"

namespace google::protobuf {
class Message;
}

namespace drover::cli {

using Json = nlohmann::ordered_json;

// Field names as in the proto; enums by name; 64-bit integers as numbers; timestamps RFC 3339.
// A bytes field "data" is the text "data" if it is UTF-8 text, else "data_base64". Fields at their
// default are left out.
Json ToJson(const google::protobuf::Message& message);

}  // namespace drover::cli

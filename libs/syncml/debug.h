// A message as text for people and for tests: every field that is there, one line each, in the
// order of message.h. Two messages mean the same exactly if their texts are equal: offsets, which
// tell where a command stood, are left out.
#pragma once
#include <string>

#include "libs/syncml/message.h"

namespace drover::syncml {

std::string DebugString(const Message& message);
std::string DebugString(const Command& command);

}  // namespace drover::syncml

// A prompt as the alert that shows it: 1100 to 1104 with its options, text and choices.
//
// Spec: OMA-TS-DM_RepPro-V1_2 (alert codes); OMA-TS-DM_Protocol-V1_2, "User interaction commands"
// (options, order of the Items).
#pragma once
#include <string>
#include <string_view>

#include "services/session/core/model.h"

namespace drover::session {

// "1101"
std::string_view AlertCodeOf(Prompt::Kind kind);
// "MINDT=5&DR=John+Doe": what the first Item says; empty: nothing to say.
std::string OptionsOf(const Prompt& prompt);

}  // namespace drover::session

// The ids that an SMSC gives messages, as it writes them in responses and, often otherwise, in
// receipts.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadtest/smsc/settings.h"

namespace drover::smsc {

std::string WriteId(IdForm form, uint64_t id);
// nullopt: not of this form.
std::optional<uint64_t> ReadId(IdForm form, std::string_view text);

}  // namespace drover::smsc

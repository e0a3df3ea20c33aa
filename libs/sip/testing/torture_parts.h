// What TortureMessages is put together of.
#pragma once
#include <vector>

#include "libs/sip/testing/torture.h"

namespace drover::sip::testing {

void AddTortureTaken(std::vector<TortureMessage>& messages);    // RFC 4475, what parses.
void AddTortureRefused(std::vector<TortureMessage>& messages);  // RFC 4475, what does not.
void AddTortureIpv6(std::vector<TortureMessage>& messages);     // RFC 5118

}  // namespace drover::sip::testing

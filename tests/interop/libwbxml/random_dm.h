// Messages as a DM server or terminal may write them, at random: what two codecs have to agree on.
//
// Unlike libs/syncml/testing's RandomMessage, which holds all that a model can, these hold what DM
// uses: its commands and elements of the message's version, texts that XML can carry.
#pragma once
#include <random>

#include "libs/syncml/document.h"

namespace drover::interop {

// The same seed gives the same message.
syncml::Document RandomDmMessage(uint64_t seed);

}  // namespace drover::interop

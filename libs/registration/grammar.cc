#include "libs/registration/grammar.h"

#include "libs/registration/ct_frame.h"
#include "libs/registration/slash.h"

namespace drover::registration {

Parsed Parse(const Profile& profile, std::string_view octets) {
  switch (profile.grammar) {
    case Grammar::kSlash4:
      return ParseSlash(profile, octets, false);
    case Grammar::kSlash5:
      return ParseSlash(profile, octets, true);
    case Grammar::kCtFrame:
      return ParseCtFrame(profile, octets);
    case Grammar::kAny:
      break;
  }
  if (LooksLikeCtFrame(octets)) return ParseCtFrame(profile, octets);
  return ParseSlash(profile, octets, std::nullopt);
}

}  // namespace drover::registration

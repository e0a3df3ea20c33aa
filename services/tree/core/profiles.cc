#include "services/tree/core/profiles.h"

#include <algorithm>

#include "services/tree/core/families.h"
#include "services/tree/core/text.h"
#include "services/tree/core/uri.h"

namespace drover::tree {
namespace {

constexpr size_t kMaxNoteOctets = 4096;
constexpr int kMaxObjects = 100;
// What clients of OMA DM 1.2's first drafts call a DM account.
constexpr std::string_view kOldAccount = "org.openmobilealliance/1.0/w7";

Result<void> CheckText(std::string_view text, size_t most, const char* field) {
  if (text.size() <= most && IsPlainText(text)) return {};
  return InvalidArgument(std::string(field) + " must be at most " + std::to_string(most) +
                         " octets of UTF-8 without control characters");
}

std::string FamilyNames() {
  std::string names;
  for (const Family& family : Families()) {
    names += (names.empty() ? "" : ", ") + std::string(family.name);
  }
  return names;
}

bool KnownSupport(const v1::Traits& traits) {
  return v1::Support_IsValid(traits.large_objects()) && v1::Support_IsValid(traits.atomic()) &&
         v1::Support_IsValid(traits.copy()) && v1::Support_IsValid(traits.prompts()) &&
         v1::Support_IsValid(traits.sequence());
}

}  // namespace

Result<void> CheckProfile(const v1::Profile& profile) {
  if (profile.manufacturer().empty()) {
    return InvalidArgument("manufacturer is missing: what terminals report at ./DevInfo/Man");
  }
  DROVER_TRY(CheckText(profile.manufacturer(), kMaxFactOctets, "manufacturer"));
  DROVER_TRY(CheckText(profile.model(), kMaxFactOctets, "model"));
  if (profile.note().size() > kMaxNoteOctets) {
    return InvalidArgument("note is longer than 4096 octets");
  }
  if (!profile.family().empty() && FindFamily(profile.family()) == nullptr) {
    return InvalidArgument("no family \"" + Printable(profile.family()) + "\"; there are " +
                           FamilyNames());
  }
  if (!KnownSupport(profile.traits())) {
    return InvalidArgument("traits: expected YES, NO or nothing");
  }
  if (profile.objects_size() > kMaxObjects) return InvalidArgument("more than 100 objects");
  for (const auto& [identifier, root] : profile.objects()) {
    DROVER_TRY(CheckText(identifier, 255, "objects: an identifier"));
    const Result<void> checked = CheckUri(root);
    if (!checked) return InvalidArgument("objects: " + checked.error().message);
  }
  return {};
}

v1::Traits TraitsOf(std::string_view profile, std::optional<std::string_view> large_objects) {
  v1::Traits traits;
  v1::Profile parsed;
  if (!profile.empty() && parsed.ParseFromArray(profile.data(), static_cast<int>(profile.size()))) {
    if (const Family* family = FindFamily(parsed.family())) family->apply(traits);
    traits.MergeFrom(parsed.traits());
  }
  if (traits.large_objects() == v1::SUPPORT_UNSPECIFIED && large_objects) {
    if (*large_objects == "true") traits.set_large_objects(v1::YES);
    if (*large_objects == "false") traits.set_large_objects(v1::NO);
  }
  return traits;
}

std::vector<std::string> ObjectsIn(const v1::Profile& profile, std::string_view identifier) {
  std::vector<std::string> roots;
  for (const auto& [type, root] : profile.objects()) {
    if (IsObject(type, identifier)) roots.push_back(root);
  }
  std::ranges::sort(roots);
  return roots;
}

bool IsObject(std::string_view type, std::string_view identifier) {
  if (type == kOldAccount && IsObject("urn:oma:mo:oma-dm-dmacc:1.0", identifier)) return true;
  return type.starts_with(identifier) &&
         (type.size() == identifier.size() || type[identifier.size()] == ':');
}

}  // namespace drover::tree

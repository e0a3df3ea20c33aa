#include "libs/registration/profile.h"

#include <algorithm>

#include "libs/registration/ct_frame.h"
#include "libs/registration/slash.h"

namespace drover::registration {
namespace {

Profile ChinaMobile() {
  Profile profile;
  profile.name = "cmcc";
  profile.match = {.destinations = {"10654040", "1065840409"}, .port = 16998};
  profile.grammar = Grammar::kSlash4;
  profile.plmn_prefixes = {"46000", "46002", "46007"};
  return profile;
}

Profile ChinaUnicom() {
  Profile profile;
  profile.name = "cu";
  profile.match = {.destinations = {"10655459", "10655464"}, .port = 26680};
  profile.grammar = Grammar::kSlash5;
  profile.plmn_prefixes = {"46001", "46006", "46010"};
  return profile;
}

Profile ChinaTelecom() {
  Profile profile;
  profile.name = "ct";
  profile.match = {.destinations = {"10659401"}};
  profile.grammar = Grammar::kCtFrame;
  profile.confirm.template_fail.clear();  // No refusal is known to its terminals.
  profile.confirm.ports = Confirm::Ports::kNone;
  profile.confirm.teleservice = 65005;
  return profile;
}

Profile Generic() {
  Profile profile;
  profile.name = "generic";
  profile.match = {.by_content = true};
  profile.grammar = Grammar::kAny;
  return profile;
}

std::string_view WithoutPlus(std::string_view address) {
  if (address.starts_with('+')) address.remove_prefix(1);
  return address;
}

bool Matches(const Match& match, const MobileOriginated& message) {
  const std::string_view destination = WithoutPlus(message.destination.digits);
  const bool there = match.destinations.empty() ||
                     std::ranges::any_of(match.destinations, [&](const std::string& own) {
                       return WithoutPlus(own) == destination;
                     });
  if (!there) return false;
  if (match.port && match.port != message.destination_port) return false;
  return !match.by_content || LooksLikeCtFrame(message.octets) || LooksLikeSlash(message.octets);
}

}  // namespace

const std::vector<Profile>& BuiltInProfiles() {
  static const std::vector<Profile> kProfiles{ChinaMobile(), ChinaUnicom(), ChinaTelecom(),
                                              Generic()};
  return kProfiles;
}

const Profile* FindProfile(std::span<const Profile> profiles, std::string_view name) {
  const auto found = std::ranges::find(profiles, name, &Profile::name);
  return found == profiles.end() ? nullptr : &*found;
}

const Profile* Select(std::span<const Profile> profiles, const MobileOriginated& message) {
  const auto found = std::ranges::find_if(
      profiles, [&](const Profile& profile) { return Matches(profile.match, message); });
  return found == profiles.end() ? nullptr : &*found;
}

}  // namespace drover::registration

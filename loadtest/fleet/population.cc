#include "loadtest/fleet/population.h"

namespace drover::fleet {
namespace {

using syncml::Encoding;
using terminal::AuthScheme;
using terminal::DmVersion;
using terminal::Quirk;
using terminal::Quirks;

std::string_view ModelName(const Traits& traits) {
  const bool xml = traits.encoding == Encoding::kXml;
  switch (traits.version) {
    case DmVersion::k11:
      return xml ? "Load 1.1 XML" : "Load 1.1";
    case DmVersion::k12:
      return xml ? "Load 1.2 XML" : "Load 1.2";
    case DmVersion::k13:
      break;
  }
  return xml ? "Load 1.3 XML" : "Load 1.3";
}

// Without which its work comes to nothing.
void MakeWay(Traits& traits) {
  if (traits.work == Work::kRegistration) traits.server_scheme = AuthScheme::kNone;
  if (traits.client_scheme == AuthScheme::kNone) traits.work = Work::kPoll;
  if (traits.work == Work::kFirmwareUpdate && traits.version == DmVersion::k11) {
    traits.version = DmVersion::k12;
  }
  if (traits.work == Work::kLargeObject) {
    traits.quirks.Remove({Quirk::kNoLargeObjects, Quirk::kSilentInLargeObject});
  }
}

}  // namespace

Traits TraitsOf(const Population& population, uint64_t seed, uint64_t index) {
  Traits traits;
  const auto draw = [seed, index](Purpose purpose) { return Draw(seed, index, purpose); };
  traits.encoding = population.encodings.Pick(draw(Purpose::kEncoding));
  traits.version = population.versions.Pick(draw(Purpose::kVersion));
  traits.client_scheme = population.client_schemes.Pick(draw(Purpose::kClientScheme));
  traits.server_scheme = population.server_schemes.Pick(draw(Purpose::kServerScheme));
  traits.work = population.work.Pick(draw(Purpose::kWork));
  for (const auto& [quirk, share] : population.quirks) {
    const auto purpose =
        static_cast<Purpose>(static_cast<uint64_t>(Purpose::kQuirk) + static_cast<uint64_t>(quirk));
    if (Fraction(draw(purpose)) < share) traits.quirks.Add({quirk});
  }
  MakeWay(traits);
  return traits;
}

terminal::ModelSpec SpecOf(const Traits& traits) {
  terminal::ModelSpec spec;
  spec.manufacturer = "Acme";
  spec.model = ModelName(traits);
  spec.kind = "phone";
  spec.version = traits.version;
  spec.encoding = traits.encoding;
  spec.client_scheme = traits.client_scheme;
  spec.server_scheme = traits.server_scheme;
  spec.quirks = traits.quirks;
  spec.firmware = "1.0";
  spec.objects.dcmo = {.root = "DCMO", .answering = terminal::Answering::kAtOnce};
  return spec;
}

}  // namespace drover::fleet

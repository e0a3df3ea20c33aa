// A registration frame that is read stays within its bounds and is answered; read again with the
// right length and check it says the same.
#include "libs/base/check.h"
#include "libs/registration/confirmation.h"
#include "libs/registration/ct_frame.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::registration;

void CheckFields(const Registration& r) {
  DROVER_CHECK(r.meid.empty() || r.meid.size() == 14);
  DROVER_CHECK(r.esn.empty() || r.esn.size() == 8);
  DROVER_CHECK(r.imsi.size() <= 15 && r.frame_version >= 1 && r.frame_version <= 4);
  for (const auto* field : {&r.manufacturer, &r.model, &r.software_version}) {
    DROVER_CHECK(field->size() <= kMaxFieldOctets);
  }
  DROVER_CHECK(KeyOf(r).has_value());
}

bool Same(const Registration& a, const Registration& b) {
  return a.imeis == b.imeis && a.meid == b.meid && a.esn == b.esn && a.imsi == b.imsi &&
         a.manufacturer == b.manufacturer && a.model == b.model &&
         a.software_version == b.software_version;
}

// What stands behind the header, in a frame with the right length and check.
void CheckWritten(const Profile& profile, std::string_view octets, const Registration& r) {
  const std::string_view body = octets.substr(4);
  const size_t closed = body.find("</a1>");
  const size_t length = static_cast<uint8_t>(octets[2]);
  const bool by_length =
      length > 0 && length <= body.size() && (closed == body.npos || length >= closed + 5);
  const std::string_view xml = body.substr(0, by_length ? length : closed + 5);
  if (xml.size() > 255) return;
  const Parsed again =
      ParseCtFrame(profile, WriteCtFrame(r.frame_version, kCtRegistration, xml, CtCheck::kHex));
  DROVER_CHECK(std::holds_alternative<Registration>(again));
  const auto& same = std::get<Registration>(again);
  DROVER_CHECK(Same(r, same) && !same.flags.Has(Flag::kCheckWrong));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view octets = View(data, size);
  const Profile& profile = *FindProfile(BuiltInProfiles(), "ct");
  const Parsed parsed = ParseCtFrame(profile, octets);
  if (const auto* dead = std::get_if<DeadLetter>(&parsed)) {
    DROVER_CHECK(!Name(dead->reason).empty() && !dead->detail.empty());
    return 0;
  }
  const auto& r = std::get<Registration>(parsed);
  CheckFields(r);
  const auto answer = Confirmation(profile, {.octets = octets}, r, true);
  DROVER_CHECK(answer && answer->user_data.size() == 12);
  CheckWritten(profile, octets, r);
  return 0;
}

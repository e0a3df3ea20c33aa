// A registration text that is read stays within its bounds, and reads the same when it is written
// again from its fields.
#include "libs/base/check.h"
#include "libs/registration/confirmation.h"
#include "libs/registration/slash.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::registration;

// nullopt: the fields cannot stand beside each other as they are.
std::optional<std::string> Written(const Registration& r, bool with_imsi) {
  if ((r.manufacturer + r.model).find('/') != std::string::npos) return std::nullopt;
  std::string text = "IMEI:" + r.imei_field + '/';
  if (with_imsi) text += r.imsi + '/';
  return text + r.manufacturer + '/' + r.model + '/' + r.software_version;
}

void CheckFields(const Registration& r) {
  DROVER_CHECK(!r.imeis.empty() && r.imei_field.size() <= kMaxFieldOctets);
  for (const std::string& imei : r.imeis) DROVER_CHECK(imei.size() >= 14 && imei.size() <= 16);
  DROVER_CHECK(r.imsi.size() <= 15);
  for (const auto* field : {&r.manufacturer, &r.model, &r.software_version}) {
    DROVER_CHECK(field->size() <= kMaxFieldOctets);
  }
  DROVER_CHECK(KeyOf(r).has_value());
}

void CheckAnswer(const Profile& profile, std::string_view octets, const Registration& r) {
  const MobileOriginated message{.destination_port = 16998, .octets = octets};
  const auto answer = Confirmation(profile, message, r, true);
  DROVER_CHECK(answer && answer->user_data.size() <= 140);
}

void Try(const Profile& profile, std::string_view octets, bool with_imsi) {
  const Parsed parsed = ParseSlash(profile, octets, with_imsi);
  if (const auto* dead = std::get_if<DeadLetter>(&parsed)) {
    DROVER_CHECK(!Name(dead->reason).empty() && !dead->detail.empty());
    return;
  }
  const auto& r = std::get<Registration>(parsed);
  CheckFields(r);
  CheckAnswer(profile, octets, r);
  const std::optional<std::string> text = Written(r, with_imsi);
  if (!text) return;
  const Parsed again = ParseSlash(profile, *text, with_imsi);
  DROVER_CHECK(std::holds_alternative<Registration>(again));
  const auto& same = std::get<Registration>(again);
  DROVER_CHECK(same.imeis == r.imeis && same.imsi == r.imsi && same.model == r.model &&
               same.manufacturer == r.manufacturer && same.software_version == r.software_version);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view octets = View(data, size);
  const Profile& profile = *FindProfile(BuiltInProfiles(), "cmcc");
  Try(profile, octets, false);
  Try(profile, octets, true);
  const Parsed any = ParseSlash(profile, octets, std::nullopt);
  if (const auto* r = std::get_if<Registration>(&any)) CheckFields(*r);
  return 0;
}

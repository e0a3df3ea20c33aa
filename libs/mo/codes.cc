#include "libs/mo/codes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace drover::mo {
namespace {

struct Code {
  uint32_t code;
  std::string_view words;
};

constexpr std::array kFumoCodes{
    Code{200, "success"},
    Code{400, "management client error: what the user or the terminal did"},
    Code{401, "the user cancelled"},
    Code{402, "the package is corrupted"},
    Code{403, "the package is not for this terminal"},
    Code{404, "the package's signature is not valid"},
    Code{405, "the package is not acceptable"},
    Code{406, "the download server did not accept the terminal"},
    Code{407, "the download server did not answer in time"},
    Code{408, "the terminal does not implement it"},
    Code{409, "undefined error"},
    Code{410, "the firmware update failed"},
    Code{411, "the URL is malformed or bad"},
    Code{412, "the download server is not available"},
    Code{500, "the download server failed"},
    Code{501, "download failed: out of memory"},
    Code{502, "update failed: out of memory"},
    Code{503, "download failed: network"},
};

constexpr std::array kScomoCodes{
    Code{1200, "success"},
    Code{1400, "client error"},
    Code{1401, "the user cancelled"},
    Code{1402, "download failed"},
    Code{1403, "the download server did not accept the terminal"},
    Code{1404, "download failed: out of memory"},
    Code{1405, "install failed"},
    Code{1406, "install failed: out of memory"},
    Code{1407, "the package's signature is not valid"},
    Code{1408, "remove failed"},
    Code{1409, "activate failed"},
    Code{1410, "deactivate failed"},
    Code{1411, "the terminal does not implement it"},
    Code{1412, "undefined error"},
    Code{1413, "the terminal does not have this environment type"},
    Code{1500, "the download server failed"},
    Code{1501, "the download server is not available"},
};

constexpr std::array kLawmoCodes{
    Code{1200, "success"},
    Code{1201, "wiped"},
    Code{1202, "wiped, data and list items"},
    Code{1400, "client error"},
    Code{1401, "the user cancelled"},
    Code{1402, "fully lock failed"},
    Code{1403, "partially lock failed"},
    Code{1404, "unlock failed"},
    Code{1405, "wipe failed"},
    Code{1406, "wipe not performed"},
};

constexpr std::array kDcmoCodes{
    Code{1200, "success"},
    Code{1400, "client error"},
    Code{1401, "the user cancelled"},
    Code{1404, "enable failed"},
};

constexpr std::array kDiagMonCodes{
    Code{1200, "success"},
    Code{1400, "client error"},
    Code{1401, "the user cancelled"},
    Code{1411, "the terminal does not implement it"},
    Code{1412, "undefined error"},
};

constexpr std::array kStatuses{
    Code{200, "OK"},
    Code{202, "accepted for processing"},
    Code{214, "operation cancelled"},
    Code{215, "not executed"},
    Code{216, "rolled back"},
    Code{304, "not modified"},
    Code{401, "invalid credentials"},
    Code{403, "forbidden"},
    Code{404, "not found"},
    Code{405, "command not allowed"},
    Code{406, "optional feature not supported"},
    Code{407, "authentication required"},
    Code{408, "request timeout"},
    Code{412, "incomplete command"},
    Code{413, "request entity too large"},
    Code{415, "unsupported media type or format"},
    Code{416, "requested size too big"},
    Code{418, "already exists"},
    Code{420, "device full"},
    Code{424, "size mismatch"},
    Code{425, "permission denied"},
    Code{500, "command failed"},
    Code{501, "command not implemented"},
    Code{507, "atomic failed"},
    Code{516, "atomic rollback failed"},
};

constexpr std::array kFumoState{
    Code{10, "Idle"},
    Code{20, "Download Failed"},
    Code{30, "Download Progressing"},
    Code{40, "Download Complete"},
    Code{50, "Ready to Update"},
    Code{60, "Update Progressing"},
    Code{70, "Update Failed / Have Data"},
    Code{80, "Update Failed / No Data"},
    Code{90, "Update Successful / Have Data"},
    Code{100, "Update Successful / No Data"},
};
constexpr std::array kDownloadStatus{
    Code{10, "Idle"},
    Code{20, "Download Failed"},
    Code{30, "Download Progressing"},
    Code{40, "Download Complete"},
    Code{50, "Install Progressing"},
    Code{60, "Install Failed / Have Data"},
    Code{70, "Install Failed / No Data"},
};
// 70 is how one client profile spells 60.
constexpr std::array kDeliveredStatus{
    Code{10, "Idle"},
    Code{20, "Remove Failed"},
    Code{30, "Remove Progressing"},
    Code{40, "Install Progressing"},
    Code{50, "Install Failed / Have Data"},
    Code{60, "Install Failed / No Data"},
    Code{70, "Install Failed / No Data"},
};
constexpr std::array kDeliveredState{Code{10, "Delivered"}, Code{20, "Installed"}};
constexpr std::array kDeployedState{Code{10, "Inactive"}, Code{20, "Active"}};
constexpr std::array kDeployedStatus{
    Code{10, "Idle"},
    Code{20, "Remove Failed"},
    Code{30, "Remove Progressing"},
    Code{40, "Activate Failed"},
    Code{50, "Activate Progressing"},
    Code{60, "Deactivate Failed"},
    Code{70, "Deactivate Progressing"},
};
constexpr std::array kLawmoState{
    Code{10, "Fully Locked"},
    Code{20, "Partially Locked"},
    Code{30, "Unlocked"},
};

std::string_view Find(std::span<const Code> table, uint32_t code) {
  const auto found = std::ranges::find(table, code, &Code::code);
  return found == table.end() ? std::string_view() : found->words;
}

std::span<const Code> TableOf(Object object) {
  switch (object) {
    case Object::kFumo:
      return kFumoCodes;
    case Object::kScomo:
      return kScomoCodes;
    case Object::kLawmo:
      return kLawmoCodes;
    case Object::kDcmo:
      return kDcmoCodes;
    case Object::kDiagMon:
    case Object::kDiagMonTrap:
      return kDiagMonCodes;
    default:
      return {};
  }
}

std::span<const Code> TableOf(Enumeration enumeration) {
  switch (enumeration) {
    case Enumeration::kFumoState:
      return kFumoState;
    case Enumeration::kScomoDownloadStatus:
      return kDownloadStatus;
    case Enumeration::kScomoDeliveredStatus:
      return kDeliveredStatus;
    case Enumeration::kScomoDeliveredState:
      return kDeliveredState;
    case Enumeration::kScomoDeployedState:
      return kDeployedState;
    case Enumeration::kScomoDeployedStatus:
      return kDeployedStatus;
    case Enumeration::kLawmoState:
      return kLawmoState;
  }
  return {};
}

// A range that the maker of the terminal gives a meaning; the hundreds say the rest.
std::string_view VendorWords(uint32_t code) {
  const uint32_t within = code % 1000;
  if (within >= 250 && within <= 299) return "success, vendor specific";
  if (within >= 450 && within <= 499) return "client error, vendor specific";
  if (within >= 550 && within <= 599) return "download server error, vendor specific";
  return "";
}

bool IsSuccess(uint32_t code) {
  return (code >= 200 && code <= 299) || (code >= 1200 && code <= 1299);
}

std::optional<uint32_t> Number(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\0' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool Contains(std::string_view uri, std::string_view part) {
  return uri.find(part) != std::string_view::npos;
}

}  // namespace

v1::Outcome::Result ResultOf(Object object, uint32_t code) {
  v1::Outcome::Result result;
  result.set_code(code);
  result.set_success(IsSuccess(code));
  std::string_view words = Find(TableOf(object), code);
  if (words.empty()) {
    words = VendorWords(code);
    result.set_vendor(!words.empty());
  }
  result.set_words(std::string(words));
  return result;
}

std::optional<uint32_t> ResultCodeIn(std::string_view data) {
  constexpr std::string_view kName = "ResultCode>";
  const size_t element = data.find(kName);
  if (element == std::string_view::npos) return Number(data);
  data.remove_prefix(element + kName.size());
  return Number(data.substr(0, data.find('<')));
}

std::string_view StatusWords(uint32_t status) { return Find(kStatuses, status); }

std::string_view WordsOf(Enumeration enumeration, std::string_view number) {
  const std::optional<uint32_t> code = Number(number);
  return code ? Find(TableOf(enumeration), *code) : std::string_view();
}

std::optional<Enumeration> EnumerationAt(Object object, std::string_view uri) {
  const bool state = uri.ends_with("/State");
  if (!state && !uri.ends_with("/Status")) return std::nullopt;
  if (object == Object::kFumo && state) return Enumeration::kFumoState;
  if (object == Object::kLawmo && state) return Enumeration::kLawmoState;
  if (object != Object::kScomo) return std::nullopt;
  if (Contains(uri, "/Deployed/")) {
    return state ? Enumeration::kScomoDeployedState : Enumeration::kScomoDeployedStatus;
  }
  if (Contains(uri, "/Delivered/")) {
    return state ? Enumeration::kScomoDeliveredState : Enumeration::kScomoDeliveredStatus;
  }
  if (Contains(uri, "/Download/") && !state) return Enumeration::kScomoDownloadStatus;
  return std::nullopt;
}

}  // namespace drover::mo

// The one spelling of a terminal's name that keys everything Drover keeps about it.
//
// Terminals name themselves in SyncHdr/Source/LocURI and ./DevInfo/DevId; operators name them at
// enrolment. Spec: OMA-TS-DM_StdObj-V1_2, "DevInfo" (DevId); 3GPP TS 23.003, section 6 (IMEI,
// IMEISV); RFC 7254 (urn:gsma:imei).
//
// - "IMEI:", "urn:imei:" and "urn:gsma:imei:" in any case become "IMEI:"; hyphens of the number go.
// - 14 digits get their check digit; 16 digits (IMEISV) lose the software version and get it;
//   15 digits stay as they are, even if the check digit is wrong: two terminals that differ
//   only there (simulators, clones) must not become one. So all three forms of a right number meet:
//   "IMEI:49300510059280", "urn:imei:4930051005928012" -> "IMEI:493005100592800".
// - "MEID:" and "ESN:" in any case become upper case with their number; "urn:uuid:" lower case.
// - Everything else stays as it is, case too.
#pragma once
#include <string_view>

#include "libs/base/ids.h"
#include "libs/base/result.h"

namespace drover::dmtree {

inline constexpr size_t kMaxDeviceIdCharacters = 64;

// text: as it came; white space around it is dropped.
// kInvalidArgument: empty, more than 64 characters, a character that is not printable ASCII or a
// space, "}" first (it would break the hash tag of Redis keys).
Result<DeviceId> NormaliseDeviceId(std::string_view text);

// The check digit of 14 digits (3GPP TS 23.003, annex B: Luhn).
char ImeiCheckDigit(std::string_view digits14);

}  // namespace drover::dmtree

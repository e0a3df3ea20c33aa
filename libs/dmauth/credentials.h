// Application-layer authentication of OMA DM: basic, MD5, and the x-syncml-hmac header.
//
// Spec: OMA-TS-DM_Security-V1_2, "Authentication". All digests need only A1 =
// B64(MD5(user:password)), so that is what an account holds; basic is checked against it too.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::dmauth {

enum class Scheme : uint8_t { kBasic, kMd5, kMac };

// "syncml:auth-basic", "syncml:auth-md5", "syncml:auth-MAC": Cred and Chal Type.
std::string_view TypeOf(Scheme scheme);
// Case-insensitive; nullopt for schemes that Drover does not speak.
std::optional<Scheme> SchemeOf(std::string_view type);

// B64(MD5(user ":" password)): 24 characters.
std::string A1(std::string_view user, std::string_view password);

// B64(user ":" password), the Data of a basic Cred.
std::string BasicCredential(std::string_view user, std::string_view password);
// Whether a basic Cred's Data proves knowledge of the password behind a1. user: if not empty, the
// name in the credential must equal it. Takes the same time whether or not it matches.
bool VerifyBasic(std::string_view credential, std::string_view user, std::string_view a1);

// B64(MD5(A1 ":" nonce)), the Data of an MD5 Cred. nonce: raw octets, 0..64.
std::string Md5Credential(std::string_view a1, std::string_view nonce);
bool VerifyMd5(std::string_view credential, std::string_view a1, std::string_view nonce);

// B64(MD5(A1 ":" nonce ":" B64(MD5(body)))), the mac of the x-syncml-hmac header.
std::string Mac(std::string_view a1, std::string_view nonce, std::string_view body);
bool VerifyMac(std::string_view mac, std::string_view a1, std::string_view nonce,
               std::string_view body);

// The digest of a notification (OMA-TS-DM_Notification-V1_2): 16 raw octets.
std::string NotificationDigest(std::string_view server_a1, std::string_view nonce,
                               std::string_view trigger);

// A NextNonce as it stands on the wire to raw octets: base64 text, or (opaque) raw octets unless
// they are base64 text. kInvalidArgument: not base64, or more than 64 octets.
Result<std::string> DecodeNonce(std::string_view text, bool opaque);

// x-syncml-hmac: algorithm=MD5, username="<user>", mac=<base64>; any order, quotes optional.
struct MacHeader {
  std::string user;
  std::string mac;
};
Result<MacHeader> ParseMacHeader(std::string_view value);
std::string FormatMacHeader(const MacHeader& header);

// Equal in content; time depends on the sizes only.
bool EqualsConstantTime(std::string_view a, std::string_view b);

}  // namespace drover::dmauth

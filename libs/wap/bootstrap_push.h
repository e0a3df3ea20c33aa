// A bootstrap document as a push: authenticated by what terminal and operator both know.
//
// Spec: OMA-WAP-TS-ProvBoot-V1_1, section 4.3 "Security" (client provisioning);
// OMA-TS-DM_Bootstrap-V1_2, "Bootstrap security" (the DM profile).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/wap/wsp_push.h"

namespace drover::wap {

enum class BootstrapProfile : uint8_t {
  kClientProvisioning,  // application/vnd.wap.connectivity-wbxml
  kDeviceManagement,    // application/vnd.syncml.dm+wbxml
};

// How the DM profile has the network's secret in its key: deployments differ.
enum class NetworkIdForm : uint8_t { kSemiOctets, kDigits };

struct BootstrapSecurity {
  Sec sec = Sec::kUserPin;
  std::string_view imsi;  // kNetwPin, kUserNetwPin: 6..15 digits.
  std::string_view pin;   // kUserPin, kUserNetwPin, kUserPinMac: digits.
  NetworkIdForm network_id_form = NetworkIdForm::kSemiOctets;  // Only kDeviceManagement.
};

// The IMSI as the card holds it: the first digit above the type nibble (9 for an odd count of
// digits, 1 for an even one), then pairs, low nibble first, F as filler. kInvalidArgument:
// not 6..15 digits.
Result<std::string> ImsiOctets(std::string_view imsi);

// The key of the MAC. kInvalidArgument: IMSI or PIN that are none.
Result<std::string> BootstrapKey(BootstrapProfile profile, const BootstrapSecurity& security);

// HMAC-SHA1 over the document: 40 upper-case hex digits.
std::string BootstrapMac(std::string_view key, std::string_view document);

// kUserPinMac: what the user types, the PIN followed by as many digits drawn from the MAC of the
// document under that PIN.
std::string UserPinMac(std::string_view pin, std::string_view document);

// Whether a bootstrap push is what the holder of the key sent; for terminals.
bool VerifyBootstrap(const Push& push, std::string_view key);

// The push of a document, with SEC and MAC (none with kUserPinMac) and the application id: "any"
// for client provisioning, syncml.dm for device management. security: nullopt for a document that
// the terminal trusts without proof.
Result<std::string> EncodeBootstrapPush(uint8_t tid, BootstrapProfile profile,
                                        std::string_view document,
                                        const std::optional<BootstrapSecurity>& security);

}  // namespace drover::wap

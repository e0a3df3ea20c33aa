// Package #0: the notification that asks a terminal to open a DM session.
//
// message = digest (16 octets) | trigger; the trigger is an 8-octet header, the server identifier
// and, if wanted, vendor-specific octets; the digest covers all of the trigger.
// Spec: OMA-TS-DM_Notification-V1_2, "Structure of General Notification Initiated Session Alert".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::notification {

enum class UiMode : uint8_t { kNotSpecified, kBackground, kInformative, kUserInteraction };
enum class Initiator : uint8_t { kClient, kServer };

inline constexpr size_t kDigestOctets = 16;
inline constexpr size_t kHeaderOctets = 8;
inline constexpr uint16_t kVersion11 = 11;  // "1.1": what every DM 1.2 notification carries.

// Texts are views: of the caller's when encoding, of the octets given when decoding.
struct Trigger {
  uint16_t version = kVersion11;  // 0..1023
  UiMode ui_mode = UiMode::kNotSpecified;
  Initiator initiator = Initiator::kServer;
  uint32_t future_use = 0;     // 27 bits; 0 when sent, ignored when received.
  uint16_t session_id = 0;     // 1..0xFFFF; the terminal echoes it as SessionID (session_id.h).
  std::string_view server_id;  // 1..255 octets without NUL, as provisioned in the DMAcc object.
  std::string_view vendor;     // May be empty.
};

// kInvalidArgument if a field is outside the range given above.
Result<std::string> EncodeTrigger(const Trigger& trigger);
// kInvalidArgument: cut short, a version other than 1.1, session id 0, no server id or one with a
// NUL. any_version: for terminals that are told to accept later ones.
Result<Trigger> DecodeTrigger(std::string_view octets, bool any_version = false);

struct Package0 {
  std::string_view digest;          // 16 octets
  std::string_view trigger_octets;  // What the digest covers.
  Trigger trigger;
};

// server_a1: B64(MD5(server id ":" server password)) (dmauth::A1); nonce: the server nonce, raw.
Result<std::string> EncodePackage0(const Trigger& trigger, std::string_view server_a1,
                                   std::string_view nonce);
// As DecodeTrigger; says nothing of the digest.
Result<Package0> DecodePackage0(std::string_view octets, bool any_version = false);
// Whether the digest is that of this server, password and nonce.
bool Verify(const Package0& package, std::string_view server_a1, std::string_view nonce);

// The nonce that server and terminal fall back to when theirs have drifted apart: four zero octets,
// or, as some clients read the specification, the text "0x00000000" ("Nonce resynchronisation").
inline constexpr std::string_view kResyncNonce{"\0\0\0\0", 4};
inline constexpr std::string_view kResyncNonceText = "0x00000000";

}  // namespace drover::notification

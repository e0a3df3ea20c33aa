// Package #0 as a push: the content type first and by number, then the application id of the DM
// client, nothing else: WDP and WSP headers stay far below the 48 octets that are allowed.
//
// Spec: OMA-TS-DM_Notification-V1_2, "WAP Push" and appendix.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace drover::wap {

// Appends the push PDU of a package #0 (libs/notification).
void AppendNotificationPush(uint8_t tid, std::string_view package0, std::string& out);

// 06 | 03 | C4 | AF 87, with the TID before: what stands before the package.
inline constexpr size_t kNotificationPushHeaderOctets = 6;

}  // namespace drover::wap

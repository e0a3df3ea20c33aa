#include "libs/wap/notification_push.h"

namespace drover::wap {

void AppendNotificationPush(uint8_t tid, std::string_view package0, std::string& out) {
  const char header[kNotificationPushHeaderOctets] = {static_cast<char>(tid),
                                                      0x06,
                                                      0x03,  // Octets of headers.
                                                      static_cast<char>(0xC4),
                                                      static_cast<char>(0xAF),
                                                      static_cast<char>(0x87)};
  out.reserve(out.size() + sizeof(header) + package0.size());
  out.append(header, sizeof(header)).append(package0);
}

}  // namespace drover::wap

#include "libs/wap/bootstrap_push.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "libs/base/bytes.h"

namespace drover::wap {
namespace {

using Sha1 = std::array<char, 20>;

Sha1 HmacSha1(std::string_view key, std::string_view document) {
  Sha1 mac{};
  unsigned length = 0;
  const auto* octets = reinterpret_cast<const unsigned char*>(document.data());
  DROVER_CHECK(HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), octets, document.size(),
                    reinterpret_cast<unsigned char*>(mac.data()), &length) != nullptr);
  DROVER_CHECK(length == mac.size());
  return mac;
}

bool AreDigits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Result<void> CheckPin(std::string_view pin) {
  if (!pin.empty() && pin.size() <= 16 && AreDigits(pin)) return {};
  return InvalidArgument("a PIN has 1 to 16 digits");
}

Result<std::string> NetworkId(BootstrapProfile profile, const BootstrapSecurity& security) {
  DROVER_TRY(std::string octets, ImsiOctets(security.imsi));
  const bool digits = profile == BootstrapProfile::kDeviceManagement &&
                      security.network_id_form == NetworkIdForm::kDigits;
  return digits ? std::string(security.imsi) : octets;
}

}  // namespace

Result<std::string> ImsiOctets(std::string_view imsi) {
  if (imsi.size() < 6 || imsi.size() > 15 || !AreDigits(imsi)) {
    return InvalidArgument("an IMSI has 6 to 15 digits");
  }
  const bool odd = imsi.size() % 2 != 0;
  const auto digit = [&](size_t i) { return i < imsi.size() ? imsi[i] - '0' : 0xF; };
  std::string octets(1, static_cast<char>(digit(0) << 4 | (odd ? 9 : 1)));
  for (size_t i = 1; i < imsi.size(); i += 2) {
    octets.push_back(static_cast<char>(digit(i + 1) << 4 | digit(i)));
  }
  return octets;
}

Result<std::string> BootstrapKey(BootstrapProfile profile, const BootstrapSecurity& security) {
  if (security.sec == Sec::kNetwPin) return NetworkId(profile, security);
  DROVER_TRY(CheckPin(security.pin));
  std::string pin(security.pin);
  if (security.sec != Sec::kUserNetwPin) return pin;
  DROVER_TRY(const std::string network_id, NetworkId(profile, security));
  if (profile == BootstrapProfile::kClientProvisioning) return network_id + pin;
  return pin + ":" + network_id;
}

std::string BootstrapMac(std::string_view key, std::string_view document) {
  const Sha1 mac = HmacSha1(key, document);
  std::string hex = base::Hex({mac.data(), mac.size()});
  for (char& c : hex) {
    if (c >= 'a') c = static_cast<char>(c - ('a' - 'A'));
  }
  return hex;
}

std::string UserPinMac(std::string_view pin, std::string_view document) {
  const Sha1 mac = HmacSha1(pin, document);
  std::string typed(pin);
  for (size_t i = 0; i < std::min(pin.size(), mac.size()); ++i) {
    typed.push_back(static_cast<char>('0' + static_cast<uint8_t>(mac[i]) % 10));
  }
  return typed;
}

bool VerifyBootstrap(const Push& push, std::string_view key) {
  if (!push.content_type.mac) return false;
  const std::string expected = BootstrapMac(key, push.data);
  const std::string_view mac = *push.content_type.mac;
  if (mac.size() != expected.size()) return false;
  int difference = 0;
  for (size_t i = 0; i < mac.size(); ++i) {
    const char upper = mac[i] >= 'a' && mac[i] <= 'f' ? static_cast<char>(mac[i] - 32) : mac[i];
    difference |= upper ^ expected[i];
  }
  return difference == 0;
}

Result<std::string> EncodeBootstrapPush(uint8_t tid, BootstrapProfile profile,
                                        std::string_view document,
                                        const std::optional<BootstrapSecurity>& security) {
  const bool provisioning = profile == BootstrapProfile::kClientProvisioning;
  Push push{.tid = tid, .data = document};
  push.content_type.media.code = provisioning ? kMediaConnectivityWbxml : kMediaSyncmlDmWbxml;
  push.application_id = Name{provisioning ? kApplicationAny : kApplicationSyncmlDm, {}};
  std::string mac;
  if (security) {
    DROVER_TRY(const std::string key, BootstrapKey(profile, *security));
    push.content_type.sec = security->sec;
    mac = BootstrapMac(key, document);
    if (security->sec != Sec::kUserPinMac) push.content_type.mac = mac;
  }
  std::string out;
  DROVER_TRY(AppendPush(push, out));
  return out;
}

}  // namespace drover::wap

#include "libs/registration/confirmation.h"

#include "libs/registration/ct_frame.h"

namespace drover::registration {
namespace {

constexpr uint8_t kUserDataHeader = 0x40;

void Fill(std::string& text, std::string_view name, std::string_view value) {
  if (const size_t at = text.find(name); at != text.npos) text.replace(at, name.size(), value);
}

std::string_view Echo(const Confirm& confirm, const Registration& registration) {
  const bool digits = confirm.imei_echo == Confirm::Echo::kDigits && !registration.imeis.empty();
  return digits ? std::string_view(registration.imeis.front()) : registration.imei_field;
}

std::string TextOf(const Profile& profile, const Registration& registration, bool accepted) {
  const Confirm& confirm = profile.confirm;
  std::string text = accepted ? confirm.template_ok : confirm.template_fail;
  Fill(text, "{imei}", Echo(confirm, registration));
  Fill(text, "{imsi}", registration.imsi);
  return text;
}

// A frame answers a frame, also where the profile takes any grammar.
std::string PayloadOf(const Profile& profile, const Registration& registration, bool accepted) {
  if (registration.frame_version == 0) return TextOf(profile, registration, accepted);
  if (!accepted) return {};
  return WriteCtFrame(registration.frame_version, kCtAcknowledgement, "", CtCheck::kHex);
}

// dst = src = the port of the registration.
std::optional<uint16_t> PortOf(const Confirm& confirm, const MobileOriginated& message) {
  switch (confirm.ports) {
    case Confirm::Ports::kNone:
      return std::nullopt;
    case Confirm::Ports::kFixed:
      return confirm.fixed_port;
    case Confirm::Ports::kAsReceived:
      break;
  }
  return message.destination_port;
}

}  // namespace

std::optional<ShortMessage> Confirmation(const Profile& profile, const MobileOriginated& message,
                                         const Registration& registration, bool accepted) {
  const Confirm& confirm = profile.confirm;
  const std::string payload =
      confirm.enabled ? PayloadOf(profile, registration, accepted) : std::string();
  if (payload.empty()) return std::nullopt;
  ShortMessage answer;
  answer.source = message.destination;
  if (!confirm.source.empty()) answer.source.digits = confirm.source;
  answer.destination = message.source;
  if (const std::optional<uint16_t> port = PortOf(confirm, message)) {
    answer.user_data = PortHeader(*port, *port);
    answer.esm_class = kUserDataHeader;
  }
  answer.user_data += payload;
  answer.data_coding = confirm.data_coding;
  answer.validity = confirm.validity;
  answer.teleservice = confirm.teleservice;
  return answer;
}

std::string PortHeader(uint16_t destination_port, uint16_t source_port) {
  std::string header{6, 5, 4};
  for (const uint16_t port : {destination_port, source_port}) {
    header += static_cast<char>(port >> 8);
    header += static_cast<char>(port & 0xFF);
  }
  return header;
}

}  // namespace drover::registration

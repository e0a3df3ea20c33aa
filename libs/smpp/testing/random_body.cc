#include "libs/smpp/testing/random_body.h"

#include <array>
#include <utility>

namespace drover::smpp::testing {
namespace {

constexpr std::array kModes = {BindMode::kReceiver, BindMode::kTransmitter, BindMode::kTransceiver};

// Those that mean something.
constexpr std::array<uint8_t, 10> kNpis = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};

template <size_t... kinds>
Body MakeAlternative(size_t kind, std::index_sequence<kinds...>) {
  Body body;
  ((kind == kinds ? static_cast<void>(body.emplace<kinds>()) : static_cast<void>(0)), ...);
  return body;
}

}  // namespace

std::string_view RandomBody::Text(size_t most) {
  std::string text(Below(static_cast<uint32_t>(most) + 1), ' ');
  for (char& c : text) c = static_cast<char>('!' + Below('~' - '!'));
  return Keep(std::move(text));
}

std::string_view RandomBody::Octets(size_t most) {
  std::string octets(Below(static_cast<uint32_t>(most) + 1), ' ');
  for (char& c : octets) c = static_cast<char>(Octet());
  return Keep(std::move(octets));
}

Address RandomBody::Addr(size_t most) {
  return {.ton = static_cast<uint8_t>(Below(7)),
          .npi = kNpis.at(Below(kNpis.size())),
          .digits = Text(most)};
}

Tlvs RandomBody::MakeTlvs() {
  std::string octets;
  TlvWriter writer(octets);
  for (uint32_t i = Below(4); i > 0; --i) {
    writer.Octets(static_cast<Tag>(Below(0x4000)), Octets(Below(10) == 0 ? 2000 : 20));
  }
  return Tlvs(Keep(std::move(octets)));
}

template <typename T>
void RandomBody::Fill(T& body) {
  // Each field that the body has.
  if constexpr (requires { body.mode; }) body.mode = kModes.at(Below(3));
  if constexpr (requires { body.system_id; }) body.system_id = Text(15);
  if constexpr (requires { body.password; }) body.password = Text(8);
  if constexpr (requires { body.system_type; }) body.system_type = Text(12);
  if constexpr (requires { body.interface_version; }) body.interface_version = Octet();
  if constexpr (requires { body.addr_ton; }) body.addr_ton = Octet();
  if constexpr (requires { body.addr_npi; }) body.addr_npi = Octet();
  if constexpr (requires { body.address_range; }) body.address_range = Text(40);
  if constexpr (requires { body.service_type; }) body.service_type = Text(5);
  if constexpr (requires { body.message_id; }) body.message_id = Text(64);
  constexpr bool kLong = std::is_same_v<T, DataSm> || std::is_same_v<T, AlertNotification>;
  if constexpr (requires { body.source; }) body.source = Addr(kLong ? 64 : 20);
  if constexpr (requires { body.destination; }) body.destination = Addr(kLong ? 64 : 20);
  if constexpr (requires { body.esme; }) body.esme = Addr(64);
  if constexpr (requires { body.esm_class; }) body.esm_class = Octet();
  if constexpr (requires { body.protocol_id; }) body.protocol_id = Octet();
  if constexpr (requires { body.priority_flag; }) body.priority_flag = Octet();
  if constexpr (requires { body.schedule_delivery_time; }) body.schedule_delivery_time = Text(16);
  if constexpr (requires { body.validity_period; }) body.validity_period = Text(16);
  if constexpr (requires { body.registered_delivery; }) body.registered_delivery = Octet();
  if constexpr (requires { body.replace_if_present_flag; }) body.replace_if_present_flag = Octet();
  if constexpr (requires { body.data_coding; }) body.data_coding = Octet();
  if constexpr (requires { body.sm_default_msg_id; }) body.sm_default_msg_id = Octet();
  if constexpr (requires { body.short_message; }) body.short_message = Octets(254);
  if constexpr (requires { body.final_date; }) body.final_date = Text(16);
  if constexpr (requires { body.message_state; }) body.message_state = Octet();
  if constexpr (requires { body.error_code; }) body.error_code = Octet();
  if constexpr (requires { body.destinations; }) {
    const auto count = static_cast<uint8_t>(1 + Below(Below(10) == 0 ? 254 : 4));
    std::string octets;
    for (int i = 0; i < count; ++i) {
      Destination destination;
      if (Below(2) == 0) {
        destination.list_name = "list";
      } else {
        destination.address = Addr(20);
      }
      AppendDestination(destination, octets);
    }
    body.destinations = Destinations(count, Keep(std::move(octets)));
  }
  if constexpr (requires { body.unsuccess; }) {
    const auto count = static_cast<uint8_t>(Below(4));
    std::string octets;
    for (int i = 0; i < count; ++i) {
      AppendUnsuccessSme({Addr(20), static_cast<CommandStatus>(Below(0x500))}, octets);
    }
    body.unsuccess = UnsuccessSmes(count, Keep(std::move(octets)));
  }
  body.tlvs = MakeTlvs();
}

Body RandomBody::Make(size_t kind) {
  Body body = MakeAlternative(kind, std::make_index_sequence<std::variant_size_v<Body>>());
  std::visit([this](auto& b) { Fill(b); }, body);
  return body;
}

}  // namespace drover::smpp::testing

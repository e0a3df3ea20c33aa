#include "loadtest/smsc/documents.h"

#include <nlohmann/json.hpp>

#include "libs/base/bytes.h"
#include "libs/sms/alphabet.h"
#include "loadtest/smsc/packed.h"

namespace drover::smsc {
namespace {

using nlohmann::json;

constexpr uint8_t kOctets = 4;
constexpr uint8_t kUcs2 = 8;

json ToJson(const Delivered& message) {
  json out = {{"number", message.number},     {"terminal", message.terminal},
              {"source", message.source},     {"data_coding", message.data_coding},
              {"segments", message.segments}, {"octets", base::Hex(message.content)},
              {"at", Rfc3339(message.at)}};
  if (message.ports) {
    out["destination_port"] = message.ports->destination;
    out["source_port"] = message.ports->source;
  }
  return out;
}

template <typename T>
Result<void> Read(const json& object, const char* key, T& out) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  const bool right = std::is_same_v<T, std::string>
                         ? found->is_string()
                         : found->is_number_unsigned() && found->template get<uint64_t>() <= 65535;
  if (!right) return InvalidArgument(std::string(key) + " is not what it should be");
  out = found->template get<T>();
  return {};
}

Result<void> ReadPorts(const json& object, MobileMessage& message) {
  if (!object.contains("destination_port") && !object.contains("source_port")) return {};
  uint16_t destination = 0;
  DROVER_TRY(Read(object, "source_port", destination));
  uint16_t source = 0;
  DROVER_TRY(Read(object, "destination_port", source));
  std::swap(destination, source);
  if (!object.contains("destination_port")) destination = source;
  if (!object.contains("source_port")) source = destination;
  message.ports = sms::Ports{destination, source, true};
  return {};
}

// In the coding that it takes.
Result<void> Code(std::string_view text, MobileMessage& message) {
  const sms::Coding coding = sms::CodingFor(text);
  message.data_coding = coding == sms::Coding::kGsm7 ? uint8_t{0} : kUcs2;
  DROVER_TRY(message.octets, sms::EncodeText(text, coding));
  return {};
}

Result<void> ReadContent(const json& object, MobileMessage& message) {
  if (object.contains("octets")) {
    std::string hex;
    DROVER_TRY(Read(object, "octets", hex));
    DROVER_TRY(message.octets, base::FromHex(hex));
    message.data_coding = kOctets;
    return Read(object, "data_coding", message.data_coding);
  }
  std::string text;
  DROVER_TRY(Read(object, "text", text));
  if (!object.contains("data_coding")) return Code(text, message);
  DROVER_TRY(Read(object, "data_coding", message.data_coding));
  if (message.data_coding == kOctets) {
    message.octets = text;
    return {};
  }
  const auto coding = message.data_coding == kUcs2 ? sms::Coding::kUcs2 : sms::Coding::kGsm7;
  DROVER_TRY(message.octets, sms::EncodeText(text, coding));
  return {};
}

Result<MobileMessage> FromJson(const json& object) {
  if (!object.is_object()) return InvalidArgument("expected an object");
  MobileMessage message;
  message.terminal = {.ton = 1, .npi = 1};
  DROVER_TRY(Read(object, "source", message.terminal.digits));
  DROVER_TRY(Read(object, "source_ton", message.terminal.ton));
  DROVER_TRY(Read(object, "source_npi", message.terminal.npi));
  DROVER_TRY(Read(object, "destination", message.destination.digits));
  DROVER_TRY(Read(object, "destination_ton", message.destination.ton));
  DROVER_TRY(Read(object, "destination_npi", message.destination.npi));
  if (message.terminal.digits.empty() || message.destination.digits.empty()) {
    return InvalidArgument("source and destination are needed");
  }
  const auto reversed = object.find("reversed");
  message.reversed = reversed != object.end() && reversed->is_boolean() && reversed->get<bool>();
  DROVER_TRY(ReadPorts(object, message));
  DROVER_TRY(ReadContent(object, message));
  return message;
}

Result<MobileMessage> FromPacked(const PackedMessage& packed) {
  if (packed.terminal.empty() || packed.other.empty()) {
    return InvalidArgument("both numbers are needed");
  }
  MobileMessage message;
  message.terminal = {.digits = std::string(packed.terminal), .ton = 1, .npi = 1};
  message.destination.digits = packed.other;
  if (packed.port != 0) message.ports = sms::Ports{packed.port, packed.port, true};
  if (packed.is_text) {
    DROVER_TRY(Code(packed.content, message));
  } else {
    message.octets = packed.content;
  }
  return message;
}

Error OfMessage(size_t number, const Error& error) {
  return InvalidArgument("message " + std::to_string(number) + ": " + error.message);
}

}  // namespace

std::string MessageJson(const Delivered& message) { return ToJson(message).dump(); }

std::string MessagesJson(const std::vector<const Delivered*>& messages) {
  json array = json::array();
  for (const Delivered* message : messages) array.push_back(ToJson(*message));
  return array.dump();
}

std::string MessageLines(const std::vector<const Delivered*>& messages) {
  std::string lines;
  for (const Delivered* message : messages) lines.append(MessageJson(*message)).append("\n");
  return lines;
}

Result<std::vector<MobileMessage>> ReadMobileMessages(std::string_view text) {
  const json read = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (read.is_discarded()) return InvalidArgument("the body is no JSON");
  const json array = read.is_array() ? read : json::array({read});
  std::vector<MobileMessage> messages;
  for (const json& object : array) {
    auto message = FromJson(object);
    if (!message) return OfMessage(messages.size() + 1, message.error());
    messages.push_back(*std::move(message));
  }
  return messages;
}

std::string PackedMessages(const std::vector<const Delivered*>& messages) {
  std::string octets;
  for (const Delivered* message : messages) {
    AppendPacked({.number = message->number,
                  .terminal = message->terminal,
                  .other = message->source,
                  .port = message->ports ? message->ports->destination : uint16_t{0},
                  .content = message->content},
                 octets);
  }
  return octets;
}

Result<std::vector<MobileMessage>> ReadPackedMobileMessages(std::string_view octets) {
  std::vector<MobileMessage> messages;
  while (const auto packed = NextPacked(octets)) {
    auto message = FromPacked(*packed);
    if (!message) return OfMessage(messages.size() + 1, message.error());
    messages.push_back(*std::move(message));
  }
  if (!octets.empty()) return InvalidArgument("the last message is cut off");
  return messages;
}

void MetricsText::Add(std::string_view name, std::string_view help, std::string_view type,
                      uint64_t value) {
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  text_.append(name).append(" ").append(std::to_string(value)).append("\n");
}

}  // namespace drover::smsc

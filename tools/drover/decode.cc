#include "tools/drover/decode.h"

#include <algorithm>
#include <sstream>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "libs/base/bytes.h"
#include "libs/notification/package0.h"
#include "libs/notification/session_id.h"
#include "libs/syncml/document.h"
#include "libs/wbxml/xml_text.h"
#include "tools/drover/message_json.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"xml", Kind::kXml}, {"wbxml", Kind::kWbxml}, {"package0", Kind::kPackage0}};

Decoding Refused(Kind kind, size_t offset, std::string message, std::string partial = {}) {
  return {.readable = std::nullopt,
          .refusal = {kind, offset, std::move(message), std::move(partial)}};
}

// Indents what the decoder has already found well formed.
std::string Indented(std::string_view xml) {
  pugi::xml_document document;
  document.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_comments);
  std::ostringstream out;
  document.save(out, "  ", pugi::format_indent | pugi::format_no_declaration);
  return out.str();
}

Decoding Failed(Kind kind, const syncml::DecodeError& error, std::string partial = {}) {
  return Refused(kind, error.offset, std::string(syncml::Name(error.cause)) + ": " + error.message,
                 std::move(partial));
}

Decoding DecodeXmlText(std::string_view octets) {
  const syncml::Decoded decoded = syncml::DecodeXml(octets);
  if (!decoded) return Failed(Kind::kXml, decoded.error);
  return {.readable = Readable{Kind::kXml, Indented(octets), ToJson(decoded.document.message())},
          .refusal = {}};
}

// Also shows documents of other vocabularies (provisioning, DDF): as XML, in JSON as one text.
Decoding DecodeWbxmlDocument(std::string_view octets) {
  const wbxml::XmlText xml = wbxml::ToXml(octets, {.indent = true});
  const syncml::Decoded decoded = syncml::DecodeWbxml(octets);
  const bool other =
      xml.ok && !decoded && decoded.error.cause == syncml::DecodeError::Cause::kNotSyncml;
  if (!decoded && !other) return Failed(Kind::kWbxml, decoded.error, xml.xml);
  Json json = other ? Json{{"document", xml.xml}} : ToJson(decoded.document.message());
  std::string text = xml.xml;
  if (!text.ends_with('\n')) text.push_back('\n');
  return {.readable = Readable{Kind::kWbxml, std::move(text), std::move(json)}, .refusal = {}};
}

std::string_view NameOf(notification::UiMode mode) {
  constexpr std::string_view kNames[] = {"not-specified", "background", "informative",
                                         "user-interaction"};
  return kNames[static_cast<size_t>(mode)];
}

Json ToJson(const notification::Package0& package) {
  const notification::Trigger& t = package.trigger;
  Json json = {{"digest", base::Hex(package.digest)},
               {"version", std::to_string(t.version / 10) + "." + std::to_string(t.version % 10)},
               {"ui_mode", NameOf(t.ui_mode)},
               {"initiator", t.initiator == notification::Initiator::kServer ? "server" : "client"},
               {"session_id", notification::SessionIdText(t.session_id)},
               {"server_id", t.server_id}};
  if (t.future_use != 0) json["future_use"] = t.future_use;
  if (!t.vendor.empty()) json["vendor_hex"] = base::Hex(t.vendor);
  return json;
}

// How many octets of SMS and WAP push headers stand before a package #0: UDH with port 2948, WSP
// push with content type 0x44 and X-Wap-Application-Id 7 (OMA-TS-DM_Notification-V1_2, 6.3.1).
size_t PushHeaders(std::string_view octets) {
  constexpr std::string_view kPort("\x05\x04\x0B\x84", 4);
  constexpr std::string_view kPush("\x06\x03\xC4\xAF\x87", 5);
  size_t size = 0;
  if (octets.size() > 5 && octets.substr(1, 4) == kPort) size = 1 + static_cast<uint8_t>(octets[0]);
  if (octets.size() < size + 6 || octets.substr(size + 1, 5) != kPush) return 0;
  return size + 6;
}

Decoding DecodeNotification(std::string_view octets) {
  const size_t headers = PushHeaders(octets);
  const Result<notification::Package0> package =
      notification::DecodePackage0(octets.substr(headers), /*any_version=*/true);
  if (!package) {
    const size_t digest = headers + notification::kDigestOctets;
    return Refused(Kind::kPackage0, std::min(digest, octets.size()), package.error().message);
  }
  Json json = ToJson(*package);
  return {.readable = Readable{Kind::kPackage0, ToYaml(json), std::move(json)}, .refusal = {}};
}

// Whether a package #0 may stand here: rare by chance, since its version and length must fit.
bool LooksLikePackage0(std::string_view octets) {
  return notification::DecodePackage0(octets.substr(PushHeaders(octets))).has_value();
}

Kind Guess(std::string_view octets) {
  const size_t start = octets.find_first_not_of(" \t\r\n");
  if (octets.starts_with("\xEF\xBB\xBF")) return Kind::kXml;
  if (start != std::string_view::npos && octets[start] == '<') return Kind::kXml;
  const bool wbxml = !octets.empty() && static_cast<uint8_t>(octets[0]) <= 3;
  if (wbxml && syncml::DecodeWbxml(octets)) return Kind::kWbxml;
  if (LooksLikePackage0(octets) || !wbxml) return Kind::kPackage0;
  return Kind::kWbxml;
}

std::string Unhexed(std::string_view input) {
  Result<std::string> octets = base::FromHex(input);
  if (!octets || octets->empty()) return std::string(input);
  return *std::move(octets);
}

}  // namespace

std::optional<Kind> KindOf(std::string_view name) {
  for (const auto& [known, kind] : kKinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

std::string_view Name(Kind kind) { return kKinds[static_cast<size_t>(kind)].first; }

Decoding Decode(std::string_view input, std::optional<Kind> kind) {
  const std::string octets = Unhexed(input);
  switch (kind.value_or(Guess(octets))) {
    case Kind::kXml:
      return DecodeXmlText(octets);
    case Kind::kWbxml:
      return DecodeWbxmlDocument(octets);
    case Kind::kPackage0:
      return DecodeNotification(octets);
  }
  return {};
}

}  // namespace drover::cli

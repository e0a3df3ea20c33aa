#include "tools/drover/device_file.h"

#include <array>

#include "libs/base/bytes.h"
#include "libs/dmtree/device_id.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

using tree::v1::NewDevice;

// As plain functions: the generated setters are templates.
struct TextKey {
  std::string_view key;
  std::string* (*field)(NewDevice&);
};
constexpr std::array kTexts = {
    TextKey{"user", [](NewDevice& d) { return d.mutable_user(); }},
    TextKey{"password", [](NewDevice& d) { return d.mutable_password(); }},
    TextKey{"server_password", [](NewDevice& d) { return d.mutable_server_password(); }},
    TextKey{"manufacturer", [](NewDevice& d) { return d.mutable_manufacturer(); }},
    TextKey{"model", [](NewDevice& d) { return d.mutable_model(); }},
};

Result<std::string> Nonce(const YamlValue& value) {
  DROVER_TRY(const std::string text, value.Text());
  Result<std::string> nonce = base::FromBase64(text);
  if (!nonce) return value.Bad("a nonce is written in base64");
  return nonce;
}

Result<tree::v1::AuthScheme> Scheme(const YamlValue& value) {
  DROVER_TRY(const std::string text, value.Text());
  const Result<tree::v1::AuthScheme> scheme = ParseScheme(text);
  if (!scheme) return value.Bad(scheme.error().message);
  return scheme;
}

Result<void> SetKey(const std::string& key, const YamlValue& value, NewDevice& device) {
  for (const TextKey& text : kTexts) {
    if (key != text.key) continue;
    DROVER_TRY(*text.field(device), value.Text());
    return {};
  }
  if (key == "id") {
    DROVER_TRY(const std::string text, value.Text());
    const Result<DeviceId> id = dmtree::NormaliseDeviceId(text);
    if (!id) return value.Bad(id.error().message);
    device.set_id(id->value());
  } else if (key == "client_nonce") {
    DROVER_TRY(*device.mutable_client_nonce(), Nonce(value));
  } else if (key == "server_nonce") {
    DROVER_TRY(*device.mutable_server_nonce(), Nonce(value));
  } else if (key == "client_scheme") {
    DROVER_TRY(const tree::v1::AuthScheme scheme, Scheme(value));
    device.set_client_scheme(scheme);
  } else if (key == "server_scheme") {
    DROVER_TRY(const tree::v1::AuthScheme scheme, Scheme(value));
    device.set_server_scheme(scheme);
  } else {
    return value.Bad("unknown key \"" + key + "\" of a device");
  }
  return {};
}

}  // namespace

Result<tree::v1::AuthScheme> ParseScheme(std::string_view name) {
  if (name == "basic") return tree::v1::BASIC;
  if (name == "md5") return tree::v1::MD5;
  if (name == "mac") return tree::v1::MAC;
  return InvalidArgument("an authentication scheme is basic, md5 or mac");
}

Result<std::vector<NewDevice>> ParseDeviceFile(std::string_view text, const std::string& name) {
  DROVER_TRY(const std::vector<YamlMap> maps, ParseYamlMaps(text, name));
  std::vector<NewDevice> devices;
  for (const YamlMap& map : maps) {
    NewDevice& device = devices.emplace_back();
    for (const auto& [key, value] : map.entries) DROVER_TRY(SetKey(key, value, device));
    if (device.id().empty()) return InvalidArgument(map.place + ": a device without id");
    if (device.password().empty())
      return InvalidArgument(map.place + ": a device without password");
  }
  if (devices.empty()) return InvalidArgument(name + ": no device in it");
  return devices;
}

}  // namespace drover::cli

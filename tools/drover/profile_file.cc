#include "tools/drover/profile_file.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

using google::protobuf::FieldDescriptor;
using tree::v1::Profile;
using tree::v1::Traits;

// nullopt: neither.
std::optional<bool> YesOrNo(std::string_view text) {
  for (const char* yes : {"yes", "YES", "true"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"no", "NO", "false"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

// Traits by the names and types of their fields.
Result<void> SetTrait(const std::string& key, const YamlValue& value, Traits& traits) {
  const FieldDescriptor* field = Traits::descriptor()->FindFieldByName(key);
  if (field == nullptr) return value.Bad("there is no trait \"" + key + "\"");
  const google::protobuf::Reflection& reflection = *traits.GetReflection();
  const bool is_enum = field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
  if (is_enum || field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    DROVER_TRY(const std::string text, value.Text());
    const std::optional<bool> yes = YesOrNo(text);
    if (!yes) return value.Bad(key + ": expected yes or no");
    if (is_enum) {
      reflection.SetEnumValue(&traits, field, *yes ? tree::v1::YES : tree::v1::NO);
    } else {
      reflection.SetBool(&traits, field, *yes);
    }
    return {};
  }
  DROVER_TRY(const int64_t number, value.Integer());
  if (number < 0 || number > UINT32_MAX) return value.Bad(key + ": a number that cannot be");
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    reflection.SetUInt32(&traits, field, static_cast<uint32_t>(number));
  } else {
    reflection.SetUInt64(&traits, field, static_cast<uint64_t>(number));
  }
  return {};
}

Result<void> SetKey(const std::string& key, const YamlValue& value, Profile& profile) {
  if (key == "manufacturer") {
    DROVER_TRY(*profile.mutable_manufacturer(), value.Text());
  } else if (key == "model") {
    DROVER_TRY(*profile.mutable_model(), value.Text());
  } else if (key == "family") {
    DROVER_TRY(*profile.mutable_family(), value.Text());
  } else if (key == "note") {
    DROVER_TRY(*profile.mutable_note(), value.Text());
  } else if (key == "traits" || key == "objects") {
    if (value.kind != YamlValue::Kind::kMap) return value.Bad(key + ": expected \"name: value\"");
    for (const auto& [name, inner] : value.entries) {
      if (key == "traits") {
        DROVER_TRY(SetTrait(name, inner, *profile.mutable_traits()));
      } else {
        DROVER_TRY((*profile.mutable_objects())[name], inner.Text());
      }
    }
  } else {
    return value.Bad("unknown key \"" + key + "\" of a profile");
  }
  return {};
}

}  // namespace

Result<std::vector<Profile>> ParseProfileFile(std::string_view text, const std::string& name) {
  DROVER_TRY(const std::vector<YamlMap> maps, ParseYamlMaps(text, name));
  std::vector<Profile> profiles;
  for (const YamlMap& map : maps) {
    Profile& profile = profiles.emplace_back();
    for (const auto& [key, value] : map.entries) DROVER_TRY(SetKey(key, value, profile));
    if (profile.manufacturer().empty()) {
      return InvalidArgument(map.place + ": a profile without manufacturer");
    }
  }
  if (profiles.empty()) return InvalidArgument(name + ": no profile in it");
  return profiles;
}

}  // namespace drover::cli

#include "tools/drover/proto_json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include "libs/base/bytes.h"
#include "libs/wbxml/xml_text.h"

namespace drover::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

void Refine(Json& json, const Descriptor& type);

// base64 as protobuf writes it, to text where it is text.
Json RefineBytes(const std::string& name, const Json& value) {
  std::string octets = base::FromBase64(value.get<std::string>()).value_or({});
  if (wbxml::IsXmlText(octets)) return {{name, std::move(octets)}};
  return {{name + "_base64", value}};
}

Json RefineValue(const FieldDescriptor& field, const Json& value) {
  const bool wide = field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
                    field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
  if (wide && value.is_string()) return Json::parse(value.get<std::string>());
  Json refined = value;
  const bool nested = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                      !field.message_type()->full_name().starts_with("google.protobuf.");
  if (nested) Refine(refined, *field.message_type());
  return refined;
}

Json RefineField(const FieldDescriptor& field, const Json& value) {
  if (field.is_map() || !value.is_array()) return RefineValue(field, value);
  Json list = Json::array();
  for (const Json& item : value) list.push_back(RefineValue(field, item));
  return list;
}

void Refine(Json& json, const Descriptor& type) {
  if (!json.is_object()) return;
  Json refined = Json::object();
  for (const auto& [name, value] : json.items()) {
    const FieldDescriptor* field = type.FindFieldByName(name);
    if (field == nullptr) {
      refined[name] = value;
    } else if (field->type() == FieldDescriptor::TYPE_BYTES && !field->is_repeated()) {
      refined.update(RefineBytes(name, value));
    } else {
      refined[name] = RefineField(*field, value);
    }
  }
  json = std::move(refined);
}

}  // namespace

Json ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  DROVER_CHECK(status.ok());
  Json json = Json::parse(text);
  Refine(json, *message.GetDescriptor());
  return json;
}

}  // namespace drover::cli

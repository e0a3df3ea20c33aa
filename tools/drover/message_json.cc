#include "tools/drover/message_json.h"

#include <nlohmann/json.hpp>

#include "libs/base/bytes.h"
#include "libs/wbxml/xml_text.h"

namespace drover::cli {
namespace {

using Json = nlohmann::ordered_json;
using namespace syncml;

void Set(Json& json, const char* key, std::string_view text) {
  if (!text.empty()) json[key] = text;
}

void SetNumber(Json& json, const char* key, const std::optional<uint64_t>& number) {
  if (number) json[key] = *number;
}

void SetData(Json& json, const char* key, const Data& data) {
  if (wbxml::IsXmlText(data.octets)) {
    json[key] = data.octets;
  } else {
    json[std::string(key) + "_base64"] = base::Base64(data.octets);
  }
}

Json Of(const Meta& meta) {
  Json json = Json::object();
  Set(json, "Format", meta.format);
  Set(json, "Type", meta.type);
  Set(json, "Mark", meta.mark);
  SetNumber(json, "Size", meta.size);
  if (!meta.next_nonce.octets.empty()) SetData(json, "NextNonce", meta.next_nonce);
  SetNumber(json, "MaxMsgSize", meta.max_msg_size);
  SetNumber(json, "MaxObjSize", meta.max_obj_size);
  Set(json, "EMI", meta.emi);
  Set(json, "Version", meta.version);
  return json;
}

void SetMeta(Json& json, const Meta& meta) {
  if (!meta.empty()) json["Meta"] = Of(meta);
}

Json Of(const Location& location) {
  Json json = {{"LocURI", location.uri}};
  Set(json, "LocName", location.name);
  return json;
}

Json Of(const Credentials& cred) {
  Json json = Json::object();
  SetMeta(json, cred.meta);
  SetData(json, "Data", cred.data);
  return json;
}

Json Of(const Item& item) {
  Json json = Json::object();
  if (item.target) json["Target"] = Of(*item.target);
  if (item.source) json["Source"] = Of(*item.source);
  SetMeta(json, item.meta);
  if (item.data) SetData(json, "Data", *item.data);
  if (item.more_data) json["MoreData"] = true;
  return json;
}

void SetRefs(Json& json, const char* key, const std::pmr::vector<std::string_view>& refs) {
  if (!refs.empty()) json[key] = std::vector<std::string_view>(refs.begin(), refs.end());
}

Json Of(const Command& command) {
  Json json = {{"Command", command.name}};
  Set(json, "CmdID", command.cmd_id);
  if (command.no_resp) json["NoResp"] = true;
  if (command.no_results) json["NoResults"] = true;
  Set(json, "MsgRef", command.msg_ref);
  Set(json, "CmdRef", command.cmd_ref);
  Set(json, "Cmd", command.cmd);
  SetRefs(json, "TargetRef", command.target_refs);
  SetRefs(json, "SourceRef", command.source_refs);
  Set(json, "Lang", command.lang);
  if (command.cred) json["Cred"] = Of(*command.cred);
  if (command.chal) json["Chal"] = Of(*command.chal);
  SetMeta(json, command.meta);
  if (command.data) SetData(json, "Data", *command.data);
  Set(json, "Correlator", command.correlator);
  for (const Item& item : command.items) json["Item"].push_back(Of(item));
  for (const Command& child : command.children) json["Commands"].push_back(Of(child));
  return json;
}

Json Of(const Header& header) {
  Json json = Json::object();
  Set(json, "VerDTD", header.ver_dtd);
  Set(json, "VerProto", header.ver_proto);
  Set(json, "SessionID", header.session_id);
  Set(json, "MsgID", header.msg_id);
  json["Target"] = Of(header.target);
  json["Source"] = Of(header.source);
  Set(json, "RespURI", header.resp_uri);
  if (header.no_resp) json["NoResp"] = true;
  if (header.cred) json["Cred"] = Of(*header.cred);
  SetMeta(json, header.meta);
  return json;
}

}  // namespace

Json ToJson(const Message& message) {
  Json body = Json::array();
  for (const Command& command : message.commands) body.push_back(Of(command));
  return {{"SyncHdr", Of(message.header)}, {"SyncBody", body}, {"Final", message.final}};
}

}  // namespace drover::cli

#include "services/session/core/tree_report.h"

#include <array>

#include "libs/dmtree/loc_uri.h"
#include "libs/dmtree/tnds.h"

namespace drover::session {
namespace {

// A secret that was written stays out of what everybody may read.
bool IsSecretNode(std::string_view uri) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "AAuthSecret", "AAuthData",   "ClientPW",  "ServerPW",
      "ClientNonce", "ServerNonce", "AuthSecret"};
  const std::string_view last = uri.substr(uri.rfind('/') + 1);
  for (const std::string_view name : kNames) {
    if (last == name) return true;
  }
  return false;
}

void ReportProperty(const dmtree::LocUri& uri, const Value& value, std::vector<NodeReport>& nodes) {
  NodeReport node;
  node.uri = uri.path();
  if (uri.query_value() == "ACL") {
    node.acl = value.data;
    node.only_acl = true;
  } else if (uri.query_value() == "Type") {
    node.type = value.data;
    node.without_value = true;
  } else if (uri.query_value() == "Format") {
    node.format = value.data;
    node.without_value = true;
  } else {
    return;
  }
  nodes.push_back(std::move(node));
}

// ?list=Struct and StructData: an item a node.
void ReportListed(const Value& value, bool with_data, std::vector<NodeReport>& nodes) {
  const Result<dmtree::LocUri> uri = dmtree::LocUri::Parse(value.uri);
  if (!uri) return;
  const bool interior = value.format == "node";
  NodeReport node{uri->path(), value.format, value.type, value.data};
  node.without_value = interior || !with_data || IsSecretNode(node.uri);
  if (node.without_value) node.value.clear();
  nodes.push_back(std::move(node));
}

// ?list=TNDS: the subtree in one value. One that cannot be read says nothing.
void ReportSubtree(const dmtree::LocUri& asked, const Value& value,
                   std::vector<NodeReport>& nodes) {
  Result<dmtree::Tnds> tnds = dmtree::DecodeTnds(value.data);
  if (!tnds || !dmtree::PlaceAt(*tnds, asked.path())) return;
  dmtree::FillFormats(*tnds);
  for (dmtree::TndsNode& from : tnds->nodes) {
    NodeReport node;
    node.uri = std::move(from.uri);
    node.format = from.properties.format.value_or("");
    if (from.properties.type) node.type = std::move(from.properties.type->text);
    node.acl = std::move(from.properties.acl);
    node.without_value = !from.value || IsSecretNode(node.uri);
    if (!node.without_value) node.value = *std::move(from.value);
    nodes.push_back(std::move(node));
  }
}

bool HasQuery(std::string_view uri) { return uri.find('?') != std::string_view::npos; }

void ReportQueried(const dmtree::LocUri& asked, const Value& value,
                   std::vector<NodeReport>& nodes) {
  if (asked.query() == dmtree::Query::kProp) return ReportProperty(asked, value, nodes);
  if (asked.query_value().starts_with("TNDS")) return ReportSubtree(asked, value, nodes);
  ReportListed(value, asked.query_value() == "StructData", nodes);
}

void ReportRead(const CommandSpec& command, const std::vector<Value>& values,
                std::vector<NodeReport>& nodes) {
  if (HasQuery(command.target)) {
    const Result<dmtree::LocUri> asked = dmtree::LocUri::Parse(command.target);
    if (!asked) return;
    for (const Value& value : values) ReportQueried(*asked, value, nodes);
    return;
  }
  for (const Value& value : values) {
    if (value.uri.empty() || HasQuery(value.uri) || IsSecretNode(value.uri)) continue;
    nodes.push_back({value.uri, value.format, value.type, value.data});
  }
}

void ReportWritten(const CommandSpec& command, std::vector<NodeReport>& nodes) {
  if (command.secret != Secret::kNone || IsSecretNode(command.target)) return;
  if (!HasQuery(command.target)) {
    nodes.push_back({command.target, command.format, command.type, command.data.value_or("")});
    return;
  }
  const Result<dmtree::LocUri> uri = dmtree::LocUri::Parse(command.target);
  if (!uri || uri->query() != dmtree::Query::kProp) return;
  ReportProperty(*uri, {command.target, {}, {}, command.data.value_or("")}, nodes);
}

}  // namespace

void ReportToTree(const CommandSpec& command, const std::vector<Value>& values,
                  std::vector<NodeReport>& nodes, std::vector<std::string>& deleted) {
  switch (command.verb) {
    case Verb::kGet:
      return ReportRead(command, values, nodes);
    case Verb::kDelete:
      deleted.push_back(command.target);
      return;
    case Verb::kReplace:
    case Verb::kAdd:
      return ReportWritten(command, nodes);
    default:
      return;
  }
}

}  // namespace drover::session

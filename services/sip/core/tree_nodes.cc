#include "services/sip/core/tree_nodes.h"

#include <functional>

#include "libs/base/bytes.h"
#include "libs/base/timestamp.h"
#include "services/sip/core/plan.h"

namespace drover::gateways {
namespace {

constexpr char kFumo[] = "urn:oma:mo:oma-fumo:1.0";
constexpr char kOwnObject[] = "urn:drover:mo:voice-gateway:1.0";

struct Leaf {
  const char* uri;
  const std::string& value;
};

template <typename Each>
void ForEachLeaf(const Gateway& gateway, const Each& each) {
  const v1::Record& record = gateway.record;
  const Leaf leaves[] = {
      {"./DevInfo/DevId", gateway.id},
      {"./DevInfo/Man", record.vendor()},
      {"./DevInfo/Mod", record.model()},
      {"./DevDetail/FwV", record.file_version()},
      {"./Gateway/Ip", record.ip()},
      {"./Gateway/SipUri", record.sip_uri()},
      {"./Gateway/FileName", record.file_name()},
      {"./Gateway/UpgradeServer", record.upgrade_server()},
      {"./Gateway/Protocol", record.protocol()},
  };
  for (const Leaf& leaf : leaves) {
    if (!leaf.value.empty()) each(leaf);
  }
}

void SetTime(TimePoint time, tree::v1::Node& node) {
  base::SetTimestamp(time, *node.mutable_reported_at());
}

void AddLeaf(std::string uri, const std::string& value, TimePoint now,
             tree::v1::ApplyReport& report) {
  tree::v1::Node& node = *report.add_nodes();
  node.set_uri(std::move(uri));
  node.set_format("chr");
  node.set_type("text/plain");
  node.set_value(value);
  SetTime(now, node);
}

void AddObject(const char* uri, const char* type, TimePoint now, tree::v1::ApplyReport& report) {
  tree::v1::Node& node = *report.add_nodes();
  node.set_uri(uri);
  node.set_format("node");
  node.set_type(type);
  SetTime(now, node);
}

}  // namespace

tree::v1::ApplyReport ReportOf(const Gateway& gateway, TimePoint now) {
  tree::v1::ApplyReport report;
  report.set_device_id(gateway.id);
  AddObject("./FUMO", kFumo, now, report);
  AddObject("./Gateway", kOwnObject, now, report);
  ForEachLeaf(gateway, [&](const Leaf& leaf) { AddLeaf(leaf.uri, leaf.value, now, report); });
  return report;
}

void AddParams(const std::vector<gateway::Param>& params, TimePoint now,
               tree::v1::ApplyReport& report) {
  for (const gateway::Param& param : params) {
    AddLeaf(kConfigRoot + param.name, param.value, now, report);
  }
}

std::string DigestOf(const Gateway& gateway) {
  std::string all;
  ForEachLeaf(gateway, [&all](const Leaf& leaf) {
    all.append(leaf.uri).append(1, '\0').append(leaf.value).append(1, '\0');
  });
  return base::BigEndian64(std::hash<std::string>{}(all));
}

}  // namespace drover::gateways

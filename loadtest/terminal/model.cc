#include "loadtest/terminal/model.h"

#include <array>

namespace drover::terminal {
namespace {

using syncml::Encoding;

// Makers are invented; habits are not.
constexpr std::array kCatalogue{
    ModelSpec{.manufacturer = "Acme",
              .model = "Phone 9",
              .kind = "phone",
              .encoding = Encoding::kXml,
              .firmware = "6.1.0",
              .language = "en-GB"},
    ModelSpec{.manufacturer = "Acme",
              .model = "Phone 11",
              .kind = "phone",
              .quirks = {Quirk::kBareAlertType},
              .firmware = "8.0.2",
              .language = "en-GB"},
    ModelSpec{.manufacturer = "Kestrel",
              .model = "K500",
              .kind = "phone",
              .quirks = {Quirk::kNoCredFirst, Quirk::kFirstCmdId2},
              .firmware = "K500-2.4",
              .language = "de-DE"},
    ModelSpec{.manufacturer = "Kestrel",
              .model = "Modem 4G",
              .kind = "modem",
              .client_scheme = AuthScheme::kBasic,
              .server_scheme = AuthScheme::kNone,
              .quirks = {Quirk::kWbxmlVersion03, Quirk::kDsMediaType, Quirk::kFinalInEveryMessage,
                         Quirk::kNoAtomicStatus, Quirk::kNoList, Quirk::kStatusPerItem,
                         Quirk::kOpaqueData, Quirk::kDevInfoReversed},
              .firmware = "11.3",
              .language = "de"},
    ModelSpec{.manufacturer = "Hanabi",
              .model = "SH-21",
              .kind = "phone",
              .encoding = Encoding::kXml,
              .quirks = {Quirk::kXmlDoctype, Quirk::kLowercaseMediaType, Quirk::kSessionIdZero},
              .firmware = "01.00.07",
              .language = "ja-JP"},
    ModelSpec{.manufacturer = "Hanabi",
              .model = "SH-T3",
              .kind = "tablet",
              .version = DmVersion::k13,
              .quirks = {Quirk::kUppercaseMediaType, Quirk::kNoStatusTargetRef},
              .firmware = "03.12",
              .language = "ja-JP"},
    ModelSpec{.manufacturer = "Norrland",
              .model = "Router 7",
              .kind = "modem",
              .encoding = Encoding::kXml,
              .client_scheme = AuthScheme::kBasic,
              .quirks = {Quirk::kCharsetParameter, Quirk::kSlow},
              .firmware = "7.7.1",
              .language = "sv-SE",
              .max_msg_size = 5120},
    ModelSpec{.manufacturer = "Norrland",
              .model = "Tracker M1",
              .kind = "tracker",
              .quirks = {Quirk::kNonceOutOfStep, Quirk::kLongSessionId},
              .firmware = "1.0.19",
              .language = "sv-SE",
              .max_msg_size = 4096},
    ModelSpec{.manufacturer = "Tamarack",
              .model = "T8",
              .kind = "phone",
              .quirks = {Quirk::kDropAfterSend, Quirk::kServerNonceOutOfStep},
              .firmware = "T8.2020",
              .language = "fr-CA"},
    ModelSpec{.manufacturer = "Tamarack",
              .model = "T8 Pro",
              .kind = "phone",
              .encoding = Encoding::kXml,
              .quirks = {Quirk::kDropBeforeSend, Quirk::kResultsBeforeStatus,
                         Quirk::kAlertFromOperationNode},
              .firmware = "T8P.2021",
              .language = "fr-CA"},
    ModelSpec{.manufacturer = "Meridian",
              .model = "M2M-1",
              .kind = "modem",
              .version = DmVersion::k11,
              .quirks = {Quirk::kWbxmlTextualPublicId, Quirk::kNoResultsMsgRef, Quirk::kNoLocName},
              .firmware = "R5",
              .language = "en-US",
              .max_msg_size = 8192},
    ModelSpec{.manufacturer = "Meridian",
              .model = "Pad 10",
              .kind = "tablet",
              .version = DmVersion::k13,
              .encoding = Encoding::kXml,
              .quirks = {Quirk::kNoMediaType},
              .firmware = "10.4.4",
              .language = "en-US"},
};

std::string_view DmVText(DmVersion version) {
  switch (version) {
    case DmVersion::k11:
      return "1.1";
    case DmVersion::k12:
      return "1.2";
    case DmVersion::k13:
      break;
  }
  return "1.3";
}

class Nodes {
 public:
  void Interior(std::string_view path, std::string_view type = "", uint8_t access = kAccessGet) {
    Node& node = nodes_.emplace_back();
    node.path = path;
    node.format = "node";
    node.type = type;
    node.access = access;
  }
  Node& Leaf(std::string_view path, std::string_view value, uint8_t access = kAccessGet) {
    Node& node = nodes_.emplace_back();
    node.path = path;
    node.value = value;
    node.access = access;
    return node;
  }
  Node& Last() { return nodes_.back(); }
  std::vector<Node> Take() { return std::move(nodes_); }

 private:
  std::vector<Node> nodes_;
};

void DevInfo(Nodes& nodes, const ModelSpec& spec) {
  nodes.Interior("DevInfo", "urn:oma:mo:oma-dm-devinfo:1.0");
  nodes.Leaf("DevInfo/DevId", "").is_device_id = true;
  nodes.Leaf("DevInfo/Man", spec.manufacturer);
  nodes.Leaf("DevInfo/Mod", spec.model);
  nodes.Leaf("DevInfo/DmV", DmVText(spec.version));
  nodes.Leaf("DevInfo/Lang", spec.language);
}

void DevDetail(Nodes& nodes, const ModelSpec& spec) {
  nodes.Interior("DevDetail", "urn:oma:mo:oma-dm-devdetail:1.0");
  nodes.Leaf("DevDetail/DevTyp", spec.kind);
  nodes.Leaf("DevDetail/OEM", spec.manufacturer);
  nodes.Leaf("DevDetail/FwV", spec.firmware);
  nodes.Leaf("DevDetail/SwV", "3.1");
  nodes.Leaf("DevDetail/HwV", "A2");
  nodes.Leaf("DevDetail/LrgObj", "true").format = "bool";
  nodes.Interior("DevDetail/URI");
  nodes.Leaf("DevDetail/URI/MaxDepth", "20");
  nodes.Leaf("DevDetail/URI/MaxTotLen", "255");
  nodes.Leaf("DevDetail/URI/MaxSegLen", "120");
}

void DmAcc(Nodes& nodes, const ServerAddress& server) {
  constexpr uint8_t kGetReplace = kAccessGet | kAccessReplace;
  nodes.Interior("DMAcc");
  nodes.Interior("DMAcc/1", "urn:oma:mo:oma-dm-dmacc:1.0");
  nodes.Last().acl = "Delete=" + server.id + "&Get=" + server.id + "&Replace=" + server.id;
  nodes.Leaf("DMAcc/1/AppID", "w7");
  nodes.Leaf("DMAcc/1/ServerID", server.id);
  nodes.Leaf("DMAcc/1/Name", "Operator", kGetReplace);
  nodes.Interior("DMAcc/1/AppAddr");
  nodes.Interior("DMAcc/1/AppAddr/1");
  nodes.Leaf("DMAcc/1/AppAddr/1/Addr", server.url, kGetReplace);
  nodes.Leaf("DMAcc/1/AppAddr/1/AddrType", "URI", kGetReplace);
  nodes.Interior("DMAcc/1/AppAuth");
  for (const std::string number : {"1", "2"}) {
    const std::string auth = "DMAcc/1/AppAuth/" + number;
    nodes.Interior(auth);
    nodes.Leaf(auth + "/AAuthLevel", number == "1" ? "CLCRED" : "SRVCRED");
    nodes.Leaf(auth + "/AAuthType", "DIGEST", kGetReplace);
    nodes.Leaf(auth + "/AAuthSecret", "", kAccessReplace);
    nodes.Leaf(auth + "/AAuthData", "", kAccessReplace).format = "bin";
  }
}

// Connectivity management object: network access points.
void Nap(Nodes& nodes, const ServerAddress& server) {
  constexpr uint8_t kAll = kAccessAdd | kAccessCopy | kAccessDelete | kAccessGet | kAccessReplace;
  constexpr uint8_t kLeaf = kAccessCopy | kAccessDelete | kAccessGet | kAccessReplace;
  const std::string all =
      "Add=" + server.id + "&Delete=" + server.id + "&Get=*&Replace=" + server.id;
  nodes.Interior("NAP", "", kAll);
  nodes.Last().acl = all;
  for (const std::string_view name : {"internet", "mms"}) {
    const std::string nap = "NAP/" + std::string(name);
    nodes.Interior(nap, "urn:oma:mo:oma-connmo-nap:1.0", kAll);
    nodes.Last().permanent = false;
    nodes.Leaf(nap + "/NAPID", name, kLeaf).permanent = false;
    nodes.Leaf(nap + "/NAME", name, kLeaf).permanent = false;
    nodes.Leaf(nap + "/ADDR", std::string(name) + ".example", kLeaf).permanent = false;
    nodes.Leaf(nap + "/ADDRTYPE", "APN", kLeaf).permanent = false;
  }
}

void Fumo(Nodes& nodes, const ServerAddress& server) {
  constexpr uint8_t kExecGet = kAccessExec | kAccessGet;
  constexpr uint8_t kGetReplace = kAccessGet | kAccessReplace;
  nodes.Interior("FUMO");
  nodes.Last().acl = "Exec=" + server.id + "&Get=*&Replace=" + server.id;
  nodes.Interior("FUMO/P1", "urn:oma:mo:oma-fumo:1.0");
  nodes.Leaf("FUMO/P1/PkgName", "", kGetReplace);
  nodes.Leaf("FUMO/P1/PkgVersion", "", kGetReplace);
  nodes.Interior("FUMO/P1/Download", "", kExecGet);
  nodes.Leaf("FUMO/P1/Download/PkgURL", "", kGetReplace);
  nodes.Interior("FUMO/P1/DownloadAndUpdate", "", kExecGet);
  nodes.Leaf("FUMO/P1/DownloadAndUpdate/PkgURL", "", kGetReplace);
  nodes.Interior("FUMO/P1/Update", "", kExecGet);
  Node& data = nodes.Leaf("FUMO/P1/Update/PkgData", "", kAccessReplace);
  data.format = "bin";
  data.type = "application/octet-stream";
  nodes.Leaf("FUMO/P1/State", "10").format = "int";
}

Blueprint TreeOf(const ModelSpec& spec, const ServerAddress& server) {
  Nodes nodes;
  nodes.Interior(".", "", kAccessAdd | kAccessGet);
  nodes.Last().acl = "Add=*&Get=*";
  DevInfo(nodes, spec);
  DevDetail(nodes, spec);
  DmAcc(nodes, server);
  Nap(nodes, server);
  Fumo(nodes, server);
  nodes.Interior("Inbox", "urn:oma:mo:oma-dm-inbox:1.0", kAccessAdd);
  return Blueprint(nodes.Take());
}

}  // namespace

std::span<const ModelSpec> Catalogue() { return kCatalogue; }

Model::Model(const ModelSpec& spec, const ServerAddress& server)
    : spec_(spec), blueprint_(TreeOf(spec, server)) {}

}  // namespace drover::terminal

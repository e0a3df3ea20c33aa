#include "loadtest/terminal/model.h"

#include <array>

#include "loadtest/terminal/mo_tree.h"

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
    ModelSpec{.manufacturer = "Orrery",
              .model = "One",
              .kind = "phone",
              .client_scheme = AuthScheme::kMac,
              .server_scheme = AuthScheme::kMac,
              .quirks = {Quirk::kNonceOutOfStep, Quirk::kEndsOn407, Quirk::kStrictHeaderStatus,
                         Quirk::kExactMediaType, Quirk::kUiTwoItems, Quirk::kShortServerId,
                         Quirk::kConnectionClose, Quirk::kOldMoIds},
              .firmware = "QP1A.191",
              .language = "en-US"},
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

void DevInfo(Nodes& nodes, const ModelSpec& spec) {
  nodes.Interior("DevInfo", "urn:oma:mo:oma-dm-devinfo:1.0");
  nodes.Leaf("DevInfo/DevId", "").is_device_id = true;
  nodes.Leaf("DevInfo/Man", spec.manufacturer);
  nodes.Leaf("DevInfo/Mod", spec.model);
  nodes.Leaf("DevInfo/DmV", DmVText(spec.version));
  nodes.Leaf("DevInfo/Lang", spec.language);
  const bool filled = spec.quirks.Has(Quirk::kDevInfoExt);
  if (!spec.objects.ext && !filled) return;
  nodes.Interior("DevInfo/Ext");
  nodes.Interior("DevInfo/Bearer");
  if (!filled) return;
  nodes.Leaf("DevInfo/Bearer/GPRS", "yes");
  nodes.Leaf("DevInfo/Ext/Maker", spec.manufacturer);
}

void DevDetail(Nodes& nodes, const ModelSpec& spec) {
  nodes.Interior("DevDetail", "urn:oma:mo:oma-dm-devdetail:1.0");
  nodes.Leaf("DevDetail/DevTyp", spec.kind);
  nodes.Leaf("DevDetail/OEM", spec.manufacturer);
  nodes.Leaf("DevDetail/FwV", spec.firmware);
  nodes.Leaf("DevDetail/SwV", "3.1");
  nodes.Leaf("DevDetail/HwV", "A2");
  const bool large_objects = !spec.quirks.Has(Quirk::kNoLargeObjects);
  nodes.Leaf("DevDetail/LrgObj", large_objects ? "true" : "false").format = "bool";
  nodes.Interior("DevDetail/URI");
  nodes.Leaf("DevDetail/URI/MaxDepth", "20");
  nodes.Leaf("DevDetail/URI/MaxTotLen", "255");
  nodes.Leaf("DevDetail/URI/MaxSegLen", "120");
  if (!spec.objects.ext) return;
  nodes.Interior("DevDetail/Bearer");
  nodes.Interior("DevDetail/Bearer/Cellular");
  nodes.Leaf("DevDetail/Bearer/Cellular/Technology", "LTE");
  nodes.Interior("DevDetail/Ext");
  nodes.Leaf("DevDetail/Ext/TotalRAM", "2048", kAccessGet, "int");
  nodes.Leaf("DevDetail/Ext/TotalStorage", "32768", kAccessGet, "int");
  nodes.Leaf("DevDetail/Ext/DisplayResolution", "1080x1920");
  nodes.Leaf("DevDetail/Ext/Commercialized", "true", kAccessGet, "bool");
}

std::string_view AuthTypeOf(AuthScheme scheme) {
  if (scheme == AuthScheme::kBasic) return "BASIC";
  return scheme == AuthScheme::kMac ? "HMAC" : "DIGEST";
}

Blueprint TreeOf(const ModelSpec& spec, const ServerAddress& server) {
  Nodes nodes;
  nodes.Interior(".", "", kAddGet).acl = "Add=*&Get=*";
  DevInfo(nodes, spec);
  DevDetail(nodes, spec);
  AddDmAcc(nodes, {.before_dm12 = spec.version == DmVersion::k11,
                   .id = spec.quirks.Has(Quirk::kOldMoIds) ? "org.openmobilealliance/1.0/w7"
                                                           : "urn:oma:mo:oma-dm-dmacc:1.0",
                   .client_type = AuthTypeOf(spec.client_scheme),
                   .server_type = AuthTypeOf(spec.server_scheme),
                   .server_id = server.id,
                   .server_url = server.url});
  AddAccounts(nodes, spec.objects.accounts, server.id);
  AddFumo(nodes, spec.objects.fumo, server.id);
  AddScomo(nodes, spec.objects.scomo, server.id);
  AddLawmo(nodes, spec.objects.lawmo, server.id);
  AddDcmo(nodes, spec.objects.dcmo, server.id);
  AddDiagMon(nodes, spec.objects.diagmon, server.id);
  if (spec.version != DmVersion::k11) {
    nodes.Interior("Inbox", "urn:oma:mo:oma-dm-inbox:1.0", kAccessAdd);
  }
  return Blueprint(nodes.Take());
}

}  // namespace

std::span<const ModelSpec> Catalogue() { return kCatalogue; }

Model::Model(const ModelSpec& spec, const ServerAddress& server)
    : spec_(spec), blueprint_(TreeOf(spec, server)) {}

}  // namespace drover::terminal

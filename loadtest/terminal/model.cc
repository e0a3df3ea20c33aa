#include "loadtest/terminal/model.h"

#include <array>

#include "loadtest/terminal/mo_tree.h"

namespace drover::terminal {
namespace {

using syncml::Encoding;

// Everything, at the usual places; reports come later.
constexpr ObjectHabits kPhoneObjects{
    .scomo = {.root = "SCM"},
    .lawmo = {.root = "LAWMO"},
    .dcmo = {.root = "DCMO"},
    .diagmon = {.root = "DiagMon", .traps = "DiagMonTraps"},
    .accounts = {.proxy = "PROXY", .mms = "MMS", .browser = "Browser", .mail = "EMAIL"},
    .ext = true};
// A fixed number of packages at a time; locks answer at once.
constexpr ObjectHabits kSlotObjects{
    .scomo = {.root = "SCOMO", .slots = true, .failed_without_data = 70},
    .lawmo = {.root = "Kestrel/LAWMO", .answering = Answering::kAtOnce, .removes_items = true},
    .accounts = {.proxy = "PROXY", .mms = "MMS", .browser = "Browser"}};
// Results as bare integers, and Deactivate by another name.
constexpr ObjectHabits kBareObjects{
    .scomo = {.root = "SCOMO", .deactive = true, .bare_result = true},
    .lawmo = {.root = "LAWMO"},
    .dcmo = {.root = "Capabilities", .answering = Answering::kAtOnce},
    .accounts = {.mms = "MMS", .mail = "EMAIL"}};
constexpr ObjectHabits kModemObjects{.fumo = {.max_package_octets = 1'048'576},
                                     .diagmon = {.root = "Diag", .id = "urn:oma:mo:oma-diag:1.0"},
                                     .accounts = {.proxy = "PROXY"}};
constexpr ObjectHabits kTrackerObjects{.diagmon = {.root = "DiagMon", .traps = "Traps"}};
constexpr ObjectHabits kTabletObjects{
    .scomo = {.root = "SCM"},
    .lawmo = {.root = "Security/LAWMO"},
    .dcmo = {.root = "Security/DCMO", .answering = Answering::kAtOnce},
    .diagmon = {.root = "DiagMon", .traps = "DiagMonTraps"},
    .accounts = {.proxy = "PROXY", .browser = "Browser", .mail = "EMAIL"},
    .ext = true};
constexpr ObjectHabits kVendorObjects{
    .scomo = {.root = "Vendor/Tamarack/Apps", .bare_result = true},
    .lawmo = {.root = "Vendor/Tamarack/Lock"},
    .dcmo = {.root = "Vendor/Tamarack/Capabilities"},
    .diagmon = {.root = "Vendor/Tamarack/Diag", .traps = "Vendor/Tamarack/Traps"},
    .accounts = {.mms = "MMS", .browser = "Vendor/Tamarack/WAP"}};

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
              .language = "en-GB",
              .objects = kPhoneObjects},
    ModelSpec{.manufacturer = "Kestrel",
              .model = "K500",
              .kind = "phone",
              .quirks = {Quirk::kNoCredFirst, Quirk::kFirstCmdId2},
              .firmware = "K500-2.4",
              .language = "de-DE",
              .objects = kSlotObjects},
    ModelSpec{.manufacturer = "Kestrel",
              .model = "Modem 4G",
              .kind = "modem",
              .client_scheme = AuthScheme::kBasic,
              .server_scheme = AuthScheme::kNone,
              .quirks = {Quirk::kWbxmlVersion03, Quirk::kDsMediaType, Quirk::kFinalInEveryMessage,
                         Quirk::kNoAtomicStatus, Quirk::kNoList, Quirk::kStatusPerItem,
                         Quirk::kOpaqueData, Quirk::kDevInfoReversed},
              .firmware = "11.3",
              .language = "de",
              .objects = kModemObjects},
    ModelSpec{.manufacturer = "Hanabi",
              .model = "SH-21",
              .kind = "phone",
              .encoding = Encoding::kXml,
              .quirks = {Quirk::kXmlDoctype, Quirk::kLowercaseMediaType, Quirk::kSessionIdZero},
              .firmware = "01.00.07",
              .language = "ja-JP",
              .objects = kBareObjects},
    ModelSpec{.manufacturer = "Hanabi",
              .model = "SH-T3",
              .kind = "tablet",
              .version = DmVersion::k13,
              .quirks = {Quirk::kUppercaseMediaType, Quirk::kNoStatusTargetRef},
              .firmware = "03.12",
              .language = "ja-JP",
              .objects = kTabletObjects},
    ModelSpec{.manufacturer = "Norrland",
              .model = "Router 7",
              .kind = "modem",
              .encoding = Encoding::kXml,
              .client_scheme = AuthScheme::kBasic,
              .quirks = {Quirk::kCharsetParameter, Quirk::kSlow},
              .firmware = "7.7.1",
              .language = "sv-SE",
              .max_msg_size = 5120,
              .objects = kModemObjects},
    ModelSpec{.manufacturer = "Norrland",
              .model = "Tracker M1",
              .kind = "tracker",
              .quirks = {Quirk::kNonceOutOfStep, Quirk::kLongSessionId},
              .firmware = "1.0.19",
              .language = "sv-SE",
              .max_msg_size = 4096,
              .objects = kTrackerObjects},
    ModelSpec{.manufacturer = "Tamarack",
              .model = "T8",
              .kind = "phone",
              .quirks = {Quirk::kDropAfterSend, Quirk::kServerNonceOutOfStep},
              .firmware = "T8.2020",
              .language = "fr-CA",
              .objects = kPhoneObjects},
    ModelSpec{.manufacturer = "Tamarack",
              .model = "T8 Pro",
              .kind = "phone",
              .encoding = Encoding::kXml,
              .quirks = {Quirk::kDropBeforeSend, Quirk::kResultsBeforeStatus,
                         Quirk::kAlertFromOperationNode},
              .firmware = "T8P.2021",
              .language = "fr-CA",
              .objects = kVendorObjects},
    ModelSpec{.manufacturer = "Orrery",
              .model = "One",
              .kind = "phone",
              .client_scheme = AuthScheme::kMac,
              .server_scheme = AuthScheme::kMac,
              .quirks = {Quirk::kNonceOutOfStep, Quirk::kEndsOn407, Quirk::kStrictHeaderStatus,
                         Quirk::kExactMediaType, Quirk::kUiTwoItems, Quirk::kShortServerId,
                         Quirk::kConnectionClose, Quirk::kOldMoIds},
              .firmware = "QP1A.191",
              .language = "en-US",
              .objects = kBareObjects},
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
              .language = "en-US",
              .objects = kTabletObjects},
    // What follows has its objects elsewhere: see WholeCatalogue.
    ModelSpec{.manufacturer = "Baltica",
              .model = "B1",
              .kind = "phone",
              .firmware = "B1-0.9",
              .language = "lt-LT",
              .objects = {.fumo = {.root = "FwUpdate/Main", .answering = Answering::kAtOnce},
                          .scomo = {.root = "Apps"},
                          .lawmo = {.root = "Lock", .answering = Answering::kAtOnce},
                          .accounts = {.nap = "Connections/NAP", .mms = "Accounts/MMS"}}},
    ModelSpec{.manufacturer = "Baltica",
              .model = "B2",
              .kind = "modem",
              .encoding = Encoding::kXml,
              .firmware = "B2-4",
              .language = "lt-LT",
              .objects = {.fumo = {.root = "FwUpdate", .push = false, .download_and_update = false},
                          .diagmon = {.root = "Diagnostics", .traps = "Diagnostics/Traps"}}},
    ModelSpec{.manufacturer = "Sable",
              .model = "S2",
              .kind = "phone",
              .firmware = "S2.11",
              .language = "es-ES",
              .objects = {.fumo = {.root = "Vendor/Sable/Fota",
                                   .download = false,
                                   .keeps_package = true,
                                   .max_package_octets = 262'144},
                          .scomo = {.root = "Vendor/Sable/Scomo", .slots = true},
                          .lawmo = {.root = "Vendor/Sable/Lock", .removes_items = true},
                          .dcmo = {.root = "Vendor/Sable/Dcmo"},
                          .accounts = {.nap = "Vendor/Sable/APN", .proxy = "Vendor/Sable/PROXY"}}},
    ModelSpec{.manufacturer = "Sable",
              .model = "Meter",
              .kind = "modem",
              .version = DmVersion::k13,
              .firmware = "M1.0",
              .language = "es-ES",
              .max_msg_size = 4096,
              .objects = {.fumo = {.root = "Fw/1",
                                   .download = false,
                                   .download_and_update = false,
                                   .max_package_octets = 65'536},
                          .diagmon = {.root = "DiagMon", .traps = "DiagMonTraps"}}},
};
constexpr size_t kElsewhere = 4;  // Of kCatalogue, the last.

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

std::span<const ModelSpec> Catalogue() {
  return WholeCatalogue().first(kCatalogue.size() - kElsewhere);
}

std::span<const ModelSpec> WholeCatalogue() { return kCatalogue; }

std::vector<std::pair<std::string_view, std::string_view>> PlacesOf(const ObjectHabits& habits) {
  std::vector<std::pair<std::string_view, std::string_view>> places{
      {"fumo", habits.fumo.root},       {"scomo", habits.scomo.root},
      {"lawmo", habits.lawmo.root},     {"dcmo", habits.dcmo.root},
      {"diagmon", habits.diagmon.root}, {"traps", habits.diagmon.traps},
      {"nap", habits.accounts.nap},     {"proxy", habits.accounts.proxy},
      {"mms", habits.accounts.mms},     {"browser", habits.accounts.browser},
      {"mail", habits.accounts.mail}};
  std::erase_if(places, [](const auto& place) { return place.second.empty(); });
  return places;
}

Model::Model(const ModelSpec& spec, const ServerAddress& server)
    : spec_(spec), blueprint_(TreeOf(spec, server)) {}

}  // namespace drover::terminal

#include "libs/wbxml/vocabulary.h"

#include "libs/wbxml/provisioning_tokens.h"
#include "libs/wbxml/syncml_tags.h"

namespace drover::wbxml {
namespace {

constexpr std::string_view kDmddfTags[] = {
    "AccessType",   "ACL",          "Add",     "b64",         "bin",       "bool",
    "chr",          "CaseSense",    "CIS",     "Copy",        "CS",        "date",
    "DDFName",      "DefaultValue", "Delete",  "Description", "DFFormat",  "DFProperties",
    "DFTitle",      "DFType",       "Dynamic", "Exec",        "float",     "Format",
    "Get",          "int",          "Man",     "MgmtTree",    "MIME",      "Mod",
    "Name",         "Node",         "node",    "NodeName",    "null",      "Occurrence",
    "One",          "OneOrMore",    "OneOrN",  "Path",        "Permanent", "Replace",
    "RTProperties", "Scope",        "Size",    "time",        "Title",     "TStamp",
    "Type",         "Value",        "VerDTD",  "VerNo",       "xml",       "ZeroOrMore",
    "ZeroOrN",      "ZeroOrOne",
};
constexpr std::string_view kDevInf12Tags[] = {
    "CTCap",
    "CTType",
    "DataStore",
    "DataType",
    "DevID",
    "DevInf",
    "DevTyp",
    "DisplayName",
    "DSMem",
    "Ext",
    "FwV",
    "HwV",
    "Man",
    "MaxGUIDSize",
    "MaxID",
    "MaxMem",
    "Mod",
    "OEM",
    "ParamName",
    "PropName",
    "Rx",
    "Rx-Pref",
    "SharedMem",
    "MaxSize",
    "SourceRef",
    "SwV",
    "SyncCap",
    "SyncType",
    "Tx",
    "Tx-Pref",
    "ValEnum",
    "VerCT",
    "VerDTD",
    "XNam",
    "XVal",
    "UTC",
    "SupportNumberOfChanges",
    "SupportLargeObjs",
    "Property",
    "PropParam",
    "MaxOccur",
    "NoTruncate",
    "",
    "Filter-Rx",
    "FilterCap",
    "FilterKeyword",
    "FieldLevel",
    "SupportHierarchicalSync",
};
// 1.1 stops at 2A and calls 1C Size; 1.0 is its prefix.
constexpr std::string_view kDevInf11Tags[] = {
    "CTCap",
    "CTType",
    "DataStore",
    "DataType",
    "DevID",
    "DevInf",
    "DevTyp",
    "DisplayName",
    "DSMem",
    "Ext",
    "FwV",
    "HwV",
    "Man",
    "MaxGUIDSize",
    "MaxID",
    "MaxMem",
    "Mod",
    "OEM",
    "ParamName",
    "PropName",
    "Rx",
    "Rx-Pref",
    "SharedMem",
    "Size",
    "SourceRef",
    "SwV",
    "SyncCap",
    "SyncType",
    "Tx",
    "Tx-Pref",
    "ValEnum",
    "VerCT",
    "VerDTD",
    "XNam",
    "XVal",
    "UTC",
    "SupportNumberOfChanges",
    "SupportLargeObjs",
};

constexpr CodePage kSyncml10Pages[] = {{"SYNCML:SYNCML1.0", kSyncmlTags},
                                       {"syncml:metinf", kMetInfTags}};
constexpr CodePage kSyncml11Pages[] = {{"SYNCML:SYNCML1.1", kSyncmlTags},
                                       {"syncml:metinf", kMetInfTags},
                                       {"syncml:dmddf1.2", kDmddfTags}};
constexpr CodePage kSyncml12Pages[] = {{"SYNCML:SYNCML1.2", kSyncmlTags},
                                       {"syncml:metinf", kMetInfTags},
                                       {"syncml:dmddf1.2", kDmddfTags}};
// MetInf and DDF documents of their own keep the page they have inside SyncML; some encoders leave
// the switch to it out.
constexpr CodePage kMetInfPages[] = {{"syncml:metinf", kMetInfTags},
                                     {"syncml:metinf", kMetInfTags}};
constexpr CodePage kDmddfPages[] = {{"syncml:dmddf1.2", kDmddfTags},
                                    {"syncml:metinf", kMetInfTags},
                                    {"syncml:dmddf1.2", kDmddfTags}};
constexpr CodePage kDevInf11Pages[] = {{"syncml:devinf", kDevInf11Tags}};
constexpr CodePage kDevInf12Pages[] = {{"syncml:devinf", kDevInf12Tags}};
constexpr CodePage kProvisioningPages[] = {{"", kProvisioningTags}, {"", kProvisioningTags}};

constexpr Vocabulary kVocabularies[] = {
    {kSyncml12, "-//SYNCML//DTD SyncML 1.2//EN", kSyncml12Pages, {}, {}},
    {kSyncml11, "-//SYNCML//DTD SyncML 1.1//EN", kSyncml11Pages, {}, {}},
    {kSyncml10, "-//SYNCML//DTD SyncML 1.0//EN", kSyncml10Pages, {}, {}},
    {kDevInf12, "-//SYNCML//DTD DevInf 1.2//EN", kDevInf12Pages, {}, {}},
    {kDevInf11, "-//SYNCML//DTD DevInf 1.1//EN", kDevInf11Pages, {}, {}},
    {kDevInf10, "-//SYNCML//DTD DevInf 1.0//EN", kDevInf11Pages, {}, {}},
    {kMetInf12, "-//SYNCML//DTD MetInf 1.2//EN", kMetInfPages, {}, {}},
    {0, "-//SYNCML//DTD MetInf 1.1//EN", kMetInfPages, {}, {}},
    {0, "-//SYNCML//DTD MetInf 1.0//EN", kMetInfPages, {}, {}},
    {0, kDmddfPublicText, kDmddfPages, {}, {}},
    {kProvisioning, "-//WAPFORUM//DTD PROV 1.0//EN", kProvisioningPages,
     kProvisioningAttributeStarts, kProvisioningAttributeValues},
};

}  // namespace

std::string_view Vocabulary::TagName(uint8_t page, uint8_t tag) const {
  if (page >= pages.size() || tag < kFirstTag) return {};
  const TagNames names = pages[page].tags;
  const size_t index = tag - kFirstTag;
  return index < names.size() ? names[index] : std::string_view();
}

std::string_view Vocabulary::Xmlns(uint8_t page) const {
  return page < pages.size() ? pages[page].xmlns : std::string_view();
}

const Vocabulary* FindVocabulary(const Header& header) {
  if (header.public_id != 0) return FindVocabulary(header.public_id);
  for (const Vocabulary& vocabulary : kVocabularies) {
    if (vocabulary.public_text == header.public_text) return &vocabulary;
  }
  return nullptr;
}

const Vocabulary* FindVocabulary(uint32_t public_id) {
  for (const Vocabulary& vocabulary : kVocabularies) {
    if (vocabulary.public_id == public_id && public_id != 0) return &vocabulary;
  }
  return nullptr;
}

}  // namespace drover::wbxml

// Names of the tags on code pages 0 and 1 of SyncML, from tag 05 on. An empty name: not assigned.
// Spec: OMA-TS-SyncML_RepPro-V1_2, "WBXML Definition" (the 1.2 table, of which 1.0 and 1.1 are
// prefixes); OMA-TS-SyncML_MetaInfo-V1_2.
#pragma once
#include <string_view>

namespace drover::wbxml {

inline constexpr std::string_view kSyncmlTags[] = {
    "Add",
    "Alert",
    "Archive",
    "Atomic",
    "Chal",
    "Cmd",
    "CmdID",
    "CmdRef",
    "Copy",
    "Cred",
    "Data",
    "Delete",
    "Exec",
    "Final",
    "Get",
    "Item",
    "Lang",
    "LocName",
    "LocURI",
    "Map",
    "MapItem",
    "Meta",
    "MsgID",
    "MsgRef",
    "NoResp",
    "NoResults",
    "Put",
    "Replace",
    "RespURI",
    "Results",
    "Search",
    "Sequence",
    "SessionID",
    "SftDel",
    "Source",
    "SourceRef",
    "Status",
    "Sync",
    "SyncBody",
    "SyncHdr",
    "SyncML",
    "Target",
    "TargetRef",
    "",
    "VerDTD",
    "VerProto",
    "NumberOfChanges",
    "MoreData",
    "Field",
    "Filter",
    "Record",
    "FilterType",
    "SourceParent",
    "TargetParent",
    "Move",
    "Correlator",
};

inline constexpr std::string_view kMetInfTags[] = {
    "Anchor",    "EMI",        "Format", "FreeID",  "FreeMem",    "Last",
    "Mark",      "MaxMsgSize", "Mem",    "MetInf",  "Next",       "NextNonce",
    "SharedMem", "Size",       "Type",   "Version", "MaxObjSize", "FieldLevel",
};

}  // namespace drover::wbxml

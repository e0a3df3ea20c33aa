#include "loadtest/terminal/quirks.h"

#include <array>
#include <string>

namespace drover::terminal {
namespace {

constexpr std::array kQuirks{
    QuirkInfo{Quirk::kLowercaseMediaType, "lowercase-media-type",
              "header names and media type all in lower case"},
    QuirkInfo{Quirk::kUppercaseMediaType, "uppercase-media-type",
              "subtype in capitals: application/vnd.syncml.dm+WBXML"},
    QuirkInfo{Quirk::kDsMediaType, "ds-media-type",
              "posts with data synchronisation's type: application/vnd.syncml+wbxml"},
    QuirkInfo{Quirk::kCharsetParameter, "charset-parameter", "adds ; charset=UTF-8 to the type"},
    QuirkInfo{Quirk::kNoMediaType, "no-media-type", "sends no Content-Type"},
    QuirkInfo{Quirk::kWbxmlVersion03, "wbxml-version-03-header",
              "WBXML 1.3 (first octet 03), as libwbxml's users send"},
    QuirkInfo{Quirk::kWbxmlTextualPublicId, "wbxml-textual-public-id",
              "public id as text in a string table without NUL, as old toolkits send"},
    QuirkInfo{Quirk::kXmlDoctype, "xml-doctype", "an XML declaration and a DOCTYPE before SyncML"},
    QuirkInfo{Quirk::kOpaqueData, "opaque-data", "Data of Results as OPAQUE (WBXML)"},
    QuirkInfo{Quirk::kNoCredFirst, "no-cred-first", "sends Cred only after a challenge"},
    QuirkInfo{Quirk::kNonceOutOfStep, "nonce-out-of-step",
              "has lost the client nonce: the first Cred of each session is wrong"},
    QuirkInfo{Quirk::kServerNonceOutOfStep, "server-nonce-out-of-step",
              "has lost the server nonce: challenges the server's first Cred of each session"},
    QuirkInfo{Quirk::kNoLocName, "no-locname", "leaves the user name out of Source/LocName"},
    QuirkInfo{Quirk::kFinalInEveryMessage, "final-in-every-message",
              "Final in every message, whatever the server's package does"},
    QuirkInfo{Quirk::kResultsBeforeStatus, "results-before-status",
              "Results stand before the Status of their Get"},
    QuirkInfo{Quirk::kNoStatusTargetRef, "no-status-target-ref", "Status without TargetRef"},
    QuirkInfo{Quirk::kStatusPerItem, "status-per-item", "one Status for each Item of a command"},
    QuirkInfo{Quirk::kNoResultsMsgRef, "no-results-msgref", "Results without MsgRef"},
    QuirkInfo{Quirk::kFirstCmdId2, "first-cmdid-2", "CmdIDs of a message begin at 2"},
    QuirkInfo{Quirk::kDevInfoReversed, "devinfo-reversed",
              "DevInfo items of package 1 in reverse order"},
    QuirkInfo{Quirk::kBareAlertType, "bare-alert-type",
              "type of generic alerts without Reversed-Domain-Name:"},
    QuirkInfo{Quirk::kAlertFromOperationNode, "alert-from-operation-node",
              "source of a FUMO alert is the executed node, not the FUMO node"},
    QuirkInfo{Quirk::kNoAtomicStatus, "no-atomic-status", "no Status for the Atomic itself"},
    QuirkInfo{Quirk::kNoList, "no-list", "answers 406 to ?list="},
    QuirkInfo{Quirk::kSessionIdZero, "sessionid-zero", "SessionIDs count up from 0"},
    QuirkInfo{Quirk::kLongSessionId, "long-session-id", "SessionIDs of 16 characters"},
    QuirkInfo{
        Quirk::kDropBeforeSend, "drop-before-send",
        "once a session: opens a connection, drops it before its answer is sent, sends on another"},
    QuirkInfo{
        Quirk::kDropAfterSend, "drop-after-send",
        "once a session: drops the connection after its answer is sent, repeats the same octets"},
    QuirkInfo{Quirk::kSlow, "slow", "sends each message in pieces, with pauses"},
};

}  // namespace

std::span<const QuirkInfo> AllQuirks() { return kQuirks; }

std::string_view Name(Quirk quirk) {
  for (const QuirkInfo& info : kQuirks) {
    if (info.quirk == quirk) return info.name;
  }
  return "";
}

Result<Quirks> Quirks::Parse(std::string_view names) {
  Quirks quirks;
  while (!names.empty()) {
    const size_t comma = names.find(',');
    const std::string_view name = names.substr(0, comma);
    names = comma == std::string_view::npos ? "" : names.substr(comma + 1);
    bool known = name.empty();
    for (const QuirkInfo& info : kQuirks) {
      if (info.name != name) continue;
      quirks.Add({info.quirk});
      known = true;
    }
    if (!known) return InvalidArgument("no such quirk: " + std::string(name));
  }
  return quirks;
}

}  // namespace drover::terminal

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
    QuirkInfo{Quirk::kExactMediaType, "exact-media-type",
              "ends the session unless the answer's type is in lower case and has no parameters"},
    QuirkInfo{Quirk::kWbxmlVersion03, "wbxml-version-03-header",
              "WBXML 1.3 (first octet 03), as libwbxml's users send"},
    QuirkInfo{Quirk::kWbxmlTextualPublicId, "wbxml-textual-public-id",
              "public id as text in a string table without NUL, as old toolkits send"},
    QuirkInfo{Quirk::kWbxmlLiteralXmlns, "wbxml-literal-xmlns",
              "WBXML with xmlns as a literal attribute and an empty string table"},
    QuirkInfo{Quirk::kXmlDoctype, "xml-doctype", "an XML declaration and a DOCTYPE before SyncML"},
    QuirkInfo{Quirk::kOpaqueData, "opaque-data", "Data of Results as OPAQUE (WBXML)"},
    QuirkInfo{Quirk::kOpaqueNonce, "opaque-nonce",
              "NextNonce of its challenges as raw octets in an OPAQUE (WBXML)"},
    QuirkInfo{Quirk::kNoCredFirst, "no-cred-first", "sends Cred only after a challenge"},
    QuirkInfo{Quirk::kNonceOutOfStep, "nonce-out-of-step",
              "has lost the client nonce: the first Cred of each session is wrong"},
    QuirkInfo{Quirk::kServerNonceOutOfStep, "server-nonce-out-of-step",
              "has lost the server nonce: challenges the server's first Cred of each session"},
    QuirkInfo{Quirk::kNoLocName, "no-locname", "leaves the user name out of Source/LocName"},
    QuirkInfo{Quirk::kNoMac, "no-mac",
              "does not know x-syncml-hmac: ends the session when challenged for it"},
    QuirkInfo{Quirk::kDigitNonces, "digit-nonces", "its nonces are 5 ASCII digits"},
    QuirkInfo{Quirk::kEndsOn407, "ends-on-407",
              "ends the session on 407 for its header; only 401 makes it try again"},
    QuirkInfo{Quirk::kResendsOnlyRefused, "resends-only-refused",
              "after a challenge repeats only those commands of package 1 that got 401 or 407"},
    QuirkInfo{Quirk::kStrictHeaderStatus, "strict-header-status",
              "ends the session unless Status of SyncHdr is first and has CmdRef 0"},
    QuirkInfo{Quirk::kVersionFallBack, "version-fall-back",
              "begins again in DM 1.1.2 after 505, 513 or an HTTP error to package 1"},
    QuirkInfo{Quirk::kLowercaseImei, "lowercase-imei", "Source is imei: in lower case"},
    QuirkInfo{Quirk::kImeiWithoutCheckDigit, "imei-without-check-digit",
              "Source is the IMEI without its 15th digit"},
    QuirkInfo{Quirk::kFinalInEveryMessage, "final-in-every-message",
              "Final in every message, whatever the server's package does"},
    QuirkInfo{Quirk::kNeverFinal, "never-final", "never sends Final"},
    QuirkInfo{Quirk::kRejectsNextMessage, "rejects-1222", "answers 406 to alert 1222, and goes on"},
    QuirkInfo{Quirk::kResultsBeforeStatus, "results-before-status",
              "Results stand before the Status of their Get"},
    QuirkInfo{Quirk::kNoStatusTargetRef, "no-status-target-ref", "Status without TargetRef"},
    QuirkInfo{Quirk::kStatusPerItem, "status-per-item", "one Status for each Item of a command"},
    QuirkInfo{Quirk::kStatusPerCommand, "status-per-command",
              "one Status for all Items of a command, whatever became of each"},
    QuirkInfo{Quirk::kNoResultsMsgRef, "no-results-msgref", "Results without MsgRef"},
    QuirkInfo{Quirk::kFirstCmdId2, "first-cmdid-2", "CmdIDs of a message begin at 2"},
    QuirkInfo{Quirk::kDevInfoReversed, "devinfo-reversed",
              "DevInfo items of package 1 in reverse order"},
    QuirkInfo{Quirk::kDevInfoExt, "devinfo-ext",
              "DevInfo of package 1 has Ext and Bearer with leaves below"},
    QuirkInfo{Quirk::kPropTrailingNul, "prop-trailing-nul",
              "values of ?prop=Format and ?prop=Type end in a NUL (WBXML)"},
    QuirkInfo{Quirk::kBareAlertType, "bare-alert-type",
              "type of generic alerts without Reversed-Domain-Name:"},
    QuirkInfo{Quirk::kAlertFromOperationNode, "alert-from-operation-node",
              "source of a FUMO alert is the executed node, not the FUMO node"},
    QuirkInfo{Quirk::kAlertTextPlain, "alert-text-plain",
              "generic alerts with Format text/plain and Mark warning"},
    QuirkInfo{Quirk::kAlertWithTarget, "alert-with-target",
              "generic alerts have a Target beside their Source"},
    QuirkInfo{Quirk::kLoginStatusAlert, "login-status-alert",
              "package 1 has a 1224 with com.microsoft/MDM/LoginStatus"},
    QuirkInfo{Quirk::kNoAtomic, "no-atomic", "answers 406 to Atomic and its children"},
    QuirkInfo{Quirk::kNoAtomicStatus, "no-atomic-status", "no Status for the Atomic itself"},
    QuirkInfo{Quirk::kNoRollback, "no-rollback",
              "leaves standing what an Atomic did before it failed"},
    QuirkInfo{Quirk::kRollbackFails, "rollback-fails",
              "cannot roll back: 516, and what an Atomic did stands"},
    QuirkInfo{Quirk::kNoAddReplaceInAtomic, "no-add-replace-in-atomic",
              "an Atomic that adds a node and replaces it fails with 500"},
    QuirkInfo{Quirk::kNoCopy, "copy-501", "answers 501 to Copy"},
    QuirkInfo{Quirk::kNoList, "no-list", "answers 406 to ?list="},
    QuirkInfo{Quirk::kNoTnds, "no-tnds", "does not know TNDS: 406 to ?list=TNDS, 415 to TNDS data"},
    QuirkInfo{Quirk::kTndsRefused406, "tnds-406",
              "does not know TNDS, and says so with 406 in either case"},
    QuirkInfo{Quirk::kTndsEmbedded, "tnds-embedded",
              "reports TNDS as a WBXML document in an OPAQUE (WBXML)"},
    QuirkInfo{Quirk::kTndsInline, "tnds-inline", "reports TNDS as tokens of code page 2 (WBXML)"},
    QuirkInfo{Quirk::kImplicitParents, "implicit-parents",
              "Add makes the interior nodes that are missing above"},
    QuirkInfo{Quirk::kReplaceCreates, "replace-creates", "Replace of a missing leaf adds it"},
    QuirkInfo{Quirk::kOldMoIds, "old-mo-ids", "DMAcc has the type org.openmobilealliance/1.0/w7"},
    QuirkInfo{Quirk::kNoLargeObjects, "no-large-objects",
              "LrgObj is false: 413 to chunks and to what does not fit one message"},
    QuirkInfo{Quirk::kIgnoresMaxMsgSize, "ignores-max-msg-size",
              "sends messages larger than the server's MaxMsgSize"},
    QuirkInfo{Quirk::kTinyMaxMsgSize, "tiny-max-msg-size", "announces a MaxMsgSize of 2048 octets"},
    QuirkInfo{Quirk::kNoUi, "no-ui", "has no screen: 406 to alerts 1100 to 1104"},
    QuirkInfo{Quirk::kUiTwoItems, "ui-two-items",
              "412 to alerts 1100 to 1102 unless they have exactly two Items"},
    QuirkInfo{Quirk::kUiFewAlerts, "ui-few-alerts",
              "knows alerts 1100, 1101 and 1103 only, and texts up to 1000 characters (400)"},
    QuirkInfo{Quirk::kCancelAs215, "cancel-as-215", "a cancelled dialog is 215, not 214"},
    QuirkInfo{Quirk::kCancelEndsSession, "cancel-ends-session",
              "after a cancelled dialog executes nothing more in this session"},
    QuirkInfo{Quirk::kSessionIdZero, "sessionid-zero", "SessionIDs count up from 0"},
    QuirkInfo{Quirk::kLongSessionId, "long-session-id", "SessionIDs of 16 characters"},
    QuirkInfo{Quirk::kSessionIdDecimal, "session-id-decimal",
              "SessionIDs are decimal numbers, that of a notification too"},
    QuirkInfo{Quirk::kSessionIdSwapped, "session-id-swapped",
              "the octets of a notification's session id change places"},
    QuirkInfo{Quirk::kOwnSessionId, "own-session-id",
              "a notified session has a SessionID of its own"},
    QuirkInfo{Quirk::kAlways1201, "always-1201",
              "alert 1201 even when a notification asked for the session"},
    QuirkInfo{Quirk::kShortServerId, "short-server-id",
              "drops notifications whose server id has more than 23 characters"},
    QuirkInfo{Quirk::kNoResync, "no-resync", "drops notifications with the zero nonce"},
    QuirkInfo{Quirk::kResyncNonceText, "resync-nonce-text",
              "the zero nonce is the text 0x00000000"},
    QuirkInfo{Quirk::kAbortsSession, "aborts-session",
              "aborts (1223) with its answer to the first commands"},
    QuirkInfo{Quirk::kNeverEnds, "never-ends", "answers 1222 where it should stay silent"},
    QuirkInfo{Quirk::kSilentInLargeObject, "silent-in-large-object",
              "falls silent after the first chunk of a large object, either way"},
    QuirkInfo{
        Quirk::kSecondSession, "second-session",
        "opens a second session instead of answering the first commands, and forgets the first"},
    QuirkInfo{
        Quirk::kDropBeforeSend, "drop-before-send",
        "once a session: opens a connection, drops it before its answer is sent, sends on another"},
    QuirkInfo{
        Quirk::kDropAfterSend, "drop-after-send",
        "once a session: drops the connection after its answer is sent, repeats the same octets"},
    QuirkInfo{Quirk::kConnectionClose, "connection-close", "a connection for each message"},
    QuirkInfo{Quirk::kChunkedRequest, "chunked-request",
              "sends bodies chunked, without Content-Length"},
    QuirkInfo{Quirk::kExpectContinue, "expect-continue",
              "sends Expect: 100-continue and waits for it"},
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

#include "libs/smpp/command.h"

#include <algorithm>
#include <array>

#include "libs/smpp/codec.h"

namespace drover::smpp {
namespace {

struct NamedStatus {
  CommandStatus status;
  std::string_view name;
};

// By number.
constexpr std::array kStatuses = {
    NamedStatus{CommandStatus::kRok, "ESME_ROK"},
    NamedStatus{CommandStatus::kRinvMsgLen, "ESME_RINVMSGLEN"},
    NamedStatus{CommandStatus::kRinvCmdLen, "ESME_RINVCMDLEN"},
    NamedStatus{CommandStatus::kRinvCmdId, "ESME_RINVCMDID"},
    NamedStatus{CommandStatus::kRinvBndSts, "ESME_RINVBNDSTS"},
    NamedStatus{CommandStatus::kRalyBnd, "ESME_RALYBND"},
    NamedStatus{CommandStatus::kRinvPrtFlg, "ESME_RINVPRTFLG"},
    NamedStatus{CommandStatus::kRinvRegDlvFlg, "ESME_RINVREGDLVFLG"},
    NamedStatus{CommandStatus::kRsysErr, "ESME_RSYSERR"},
    NamedStatus{CommandStatus::kRinvSrcAdr, "ESME_RINVSRCADR"},
    NamedStatus{CommandStatus::kRinvDstAdr, "ESME_RINVDSTADR"},
    NamedStatus{CommandStatus::kRinvMsgId, "ESME_RINVMSGID"},
    NamedStatus{CommandStatus::kRbindFail, "ESME_RBINDFAIL"},
    NamedStatus{CommandStatus::kRinvPaswd, "ESME_RINVPASWD"},
    NamedStatus{CommandStatus::kRinvSysId, "ESME_RINVSYSID"},
    NamedStatus{CommandStatus::kRcancelFail, "ESME_RCANCELFAIL"},
    NamedStatus{CommandStatus::kRreplaceFail, "ESME_RREPLACEFAIL"},
    NamedStatus{CommandStatus::kRmsgQful, "ESME_RMSGQFUL"},
    NamedStatus{CommandStatus::kRinvSerTyp, "ESME_RINVSERTYP"},
    NamedStatus{CommandStatus::kRinvNumDests, "ESME_RINVNUMDESTS"},
    NamedStatus{CommandStatus::kRinvDlName, "ESME_RINVDLNAME"},
    NamedStatus{CommandStatus::kRinvDestFlag, "ESME_RINVDESTFLAG"},
    NamedStatus{CommandStatus::kRinvSubRep, "ESME_RINVSUBREP"},
    NamedStatus{CommandStatus::kRinvEsmClass, "ESME_RINVESMCLASS"},
    NamedStatus{CommandStatus::kRcntSubDl, "ESME_RCNTSUBDL"},
    NamedStatus{CommandStatus::kRsubmitFail, "ESME_RSUBMITFAIL"},
    NamedStatus{CommandStatus::kRinvSrcTon, "ESME_RINVSRCTON"},
    NamedStatus{CommandStatus::kRinvSrcNpi, "ESME_RINVSRCNPI"},
    NamedStatus{CommandStatus::kRinvDstTon, "ESME_RINVDSTTON"},
    NamedStatus{CommandStatus::kRinvDstNpi, "ESME_RINVDSTNPI"},
    NamedStatus{CommandStatus::kRinvSysTyp, "ESME_RINVSYSTYP"},
    NamedStatus{CommandStatus::kRinvRepFlag, "ESME_RINVREPFLAG"},
    NamedStatus{CommandStatus::kRinvNumMsgs, "ESME_RINVNUMMSGS"},
    NamedStatus{CommandStatus::kRthrottled, "ESME_RTHROTTLED"},
    NamedStatus{CommandStatus::kRinvSched, "ESME_RINVSCHED"},
    NamedStatus{CommandStatus::kRinvExpiry, "ESME_RINVEXPIRY"},
    NamedStatus{CommandStatus::kRinvDftMsgId, "ESME_RINVDFTMSGID"},
    NamedStatus{CommandStatus::kRxTAppn, "ESME_RX_T_APPN"},
    NamedStatus{CommandStatus::kRxPAppn, "ESME_RX_P_APPN"},
    NamedStatus{CommandStatus::kRxRAppn, "ESME_RX_R_APPN"},
    NamedStatus{CommandStatus::kRqueryFail, "ESME_RQUERYFAIL"},
    NamedStatus{CommandStatus::kRinvTlvStream, "ESME_RINVTLVSTREAM"},
    NamedStatus{CommandStatus::kRtlvNotAllwd, "ESME_RTLVNOTALLWD"},
    NamedStatus{CommandStatus::kRinvTlvLen, "ESME_RINVTLVLEN"},
    NamedStatus{CommandStatus::kRmissingTlv, "ESME_RMISSINGTLV"},
    NamedStatus{CommandStatus::kRinvTlvVal, "ESME_RINVTLVVAL"},
    NamedStatus{CommandStatus::kRdeliveryFailure, "ESME_RDELIVERYFAILURE"},
    NamedStatus{CommandStatus::kRunknownErr, "ESME_RUNKNOWNERR"},
    NamedStatus{CommandStatus::kRserTypUnauth, "ESME_RSERTYPUNAUTH"},
    NamedStatus{CommandStatus::kRprohibited, "ESME_RPROHIBITED"},
    NamedStatus{CommandStatus::kRserTypUnavail, "ESME_RSERTYPUNAVAIL"},
    NamedStatus{CommandStatus::kRserTypDenied, "ESME_RSERTYPDENIED"},
    NamedStatus{CommandStatus::kRinvDcs, "ESME_RINVDCS"},
    NamedStatus{CommandStatus::kRinvSrcAddrSubunit, "ESME_RINVSRCADDRSUBUNIT"},
    NamedStatus{CommandStatus::kRinvDstAddrSubunit, "ESME_RINVDSTADDRSUBUNIT"},
    NamedStatus{CommandStatus::kRinvBcastFreqInt, "ESME_RINVBCASTFREQINT"},
    NamedStatus{CommandStatus::kRinvBcastAliasName, "ESME_RINVBCASTALIAS_NAME"},
    NamedStatus{CommandStatus::kRinvBcastAreaFmt, "ESME_RINVBCASTAREAFMT"},
    NamedStatus{CommandStatus::kRinvNumBcastAreas, "ESME_RINVNUMBCAST_AREAS"},
    NamedStatus{CommandStatus::kRinvBcastCntType, "ESME_RINVBCASTCNTTYPE"},
    NamedStatus{CommandStatus::kRinvBcastMsgClass, "ESME_RINVBCASTMSGCLASS"},
    NamedStatus{CommandStatus::kRbcastFail, "ESME_RBCASTFAIL"},
    NamedStatus{CommandStatus::kRbcastQueryFail, "ESME_RBCASTQUERYFAIL"},
    NamedStatus{CommandStatus::kRbcastCancelFail, "ESME_RBCASTCANCELFAIL"},
    NamedStatus{CommandStatus::kRinvBcastRep, "ESME_RINVBCAST_REP"},
    NamedStatus{CommandStatus::kRinvBcastSrvGrp, "ESME_RINVBCASTSRVGRP"},
    NamedStatus{CommandStatus::kRinvBcastChanInd, "ESME_RINVBCASTCHANIND"},
};

struct NamedCommand {
  CommandId request;
  std::string_view name;
  std::string_view response;
};
constexpr std::array kCommands = {
    NamedCommand{CommandId::kBindReceiver, "bind_receiver", "bind_receiver_resp"},
    NamedCommand{CommandId::kBindTransmitter, "bind_transmitter", "bind_transmitter_resp"},
    NamedCommand{CommandId::kQuerySm, "query_sm", "query_sm_resp"},
    NamedCommand{CommandId::kSubmitSm, "submit_sm", "submit_sm_resp"},
    NamedCommand{CommandId::kDeliverSm, "deliver_sm", "deliver_sm_resp"},
    NamedCommand{CommandId::kUnbind, "unbind", "unbind_resp"},
    NamedCommand{CommandId::kReplaceSm, "replace_sm", "replace_sm_resp"},
    NamedCommand{CommandId::kCancelSm, "cancel_sm", "cancel_sm_resp"},
    NamedCommand{CommandId::kBindTransceiver, "bind_transceiver", "bind_transceiver_resp"},
    NamedCommand{CommandId::kOutbind, "outbind", "unknown"},
    NamedCommand{CommandId::kEnquireLink, "enquire_link", "enquire_link_resp"},
    NamedCommand{CommandId::kSubmitMulti, "submit_multi", "submit_multi_resp"},
    NamedCommand{CommandId::kAlertNotification, "alert_notification", "unknown"},
    NamedCommand{CommandId::kDataSm, "data_sm", "data_sm_resp"},
    NamedCommand{CommandId::kBroadcastSm, "broadcast_sm", "broadcast_sm_resp"},
    NamedCommand{CommandId::kQueryBroadcastSm, "query_broadcast_sm", "query_broadcast_sm_resp"},
    NamedCommand{CommandId::kCancelBroadcastSm, "cancel_broadcast_sm", "cancel_broadcast_sm_resp"},
};

}  // namespace

std::string_view Name(CommandId id) {
  if (id == CommandId::kGenericNack) return "generic_nack";
  for (const NamedCommand& command : kCommands) {
    if (command.request == id) return command.name;
    if (ResponseTo(command.request) == id) return command.response;
  }
  return "unknown";
}

std::string_view Name(CommandStatus status) {
  const auto* const found =
      std::lower_bound(kStatuses.begin(), kStatuses.end(), status,
                       [](const NamedStatus& named, CommandStatus s) { return named.status < s; });
  if (found != kStatuses.end() && found->status == status) return found->name;
  const auto number = static_cast<uint32_t>(status);
  return number >= 0x400 && number <= 0x4FF ? "vendor" : "reserved";
}

std::string_view Name(FaultKind kind) {
  switch (kind) {
    case FaultKind::kNone:
      return "none";
    case FaultKind::kCommandLength:
      return "command_length";
    case FaultKind::kCommandId:
      return "command_id";
    case FaultKind::kCutShort:
      return "cut short";
    case FaultKind::kUnterminated:
      return "unterminated";
    case FaultKind::kTooLong:
      return "too long";
    case FaultKind::kMessageLength:
      return "sm_length";
    case FaultKind::kCount:
      return "count";
    case FaultKind::kDestFlag:
      return "dest_flag";
    case FaultKind::kTlv:
      return "TLV";
    case FaultKind::kNulInside:
      return "NUL inside";
  }
  return "unknown";
}

}  // namespace drover::smpp

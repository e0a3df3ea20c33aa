// The operations of SMPP by number and by name.
//
// Spec: SMPP Protocol Specification v3.4, sections 5.1.2.1 and 5.1.3; v5.0, sections 4.7.5, 4.7.6.
#pragma once
#include <cstdint>
#include <string_view>

namespace drover::smpp {

enum class CommandId : uint32_t {
  kBindReceiver = 0x00000001,
  kBindTransmitter = 0x00000002,
  kQuerySm = 0x00000003,
  kSubmitSm = 0x00000004,
  kDeliverSm = 0x00000005,
  kUnbind = 0x00000006,
  kReplaceSm = 0x00000007,
  kCancelSm = 0x00000008,
  kBindTransceiver = 0x00000009,
  kOutbind = 0x0000000B,
  kEnquireLink = 0x00000015,
  kSubmitMulti = 0x00000021,
  kAlertNotification = 0x00000102,
  kDataSm = 0x00000103,
  kBroadcastSm = 0x00000111,        // 5.0
  kQueryBroadcastSm = 0x00000112,   // 5.0
  kCancelBroadcastSm = 0x00000113,  // 5.0
  kGenericNack = 0x80000000,
  kBindReceiverResp = 0x80000001,
  kBindTransmitterResp = 0x80000002,
  kQuerySmResp = 0x80000003,
  kSubmitSmResp = 0x80000004,
  kDeliverSmResp = 0x80000005,
  kUnbindResp = 0x80000006,
  kReplaceSmResp = 0x80000007,
  kCancelSmResp = 0x80000008,
  kBindTransceiverResp = 0x80000009,
  kEnquireLinkResp = 0x80000015,
  kSubmitMultiResp = 0x80000021,
  kDataSmResp = 0x80000103,
  kBroadcastSmResp = 0x80000111,
  kQueryBroadcastSmResp = 0x80000112,
  kCancelBroadcastSmResp = 0x80000113,
};

constexpr bool IsResponse(CommandId id) { return (static_cast<uint32_t>(id) & 0x80000000) != 0; }
// Of a request that has one: not outbind, not alert_notification.
constexpr CommandId ResponseTo(CommandId request) {
  return static_cast<CommandId>(static_cast<uint32_t>(request) | 0x80000000);
}
constexpr bool HasResponse(CommandId request) {
  return !IsResponse(request) && request != CommandId::kOutbind &&
         request != CommandId::kAlertNotification;
}

// "submit_sm_resp"; "unknown" for a number that is not above.
std::string_view Name(CommandId id);

// A wire value each, of the error_code of a response. 0x400 to 0x4FF are the vendors' own.
enum class CommandStatus : uint32_t {
  kRok = 0x00,
  kRinvMsgLen = 0x01,
  kRinvCmdLen = 0x02,
  kRinvCmdId = 0x03,
  kRinvBndSts = 0x04,
  kRalyBnd = 0x05,
  kRinvPrtFlg = 0x06,
  kRinvRegDlvFlg = 0x07,
  kRsysErr = 0x08,
  kRinvSrcAdr = 0x0A,
  kRinvDstAdr = 0x0B,
  kRinvMsgId = 0x0C,
  kRbindFail = 0x0D,
  kRinvPaswd = 0x0E,
  kRinvSysId = 0x0F,
  kRcancelFail = 0x11,
  kRreplaceFail = 0x13,
  kRmsgQful = 0x14,
  kRinvSerTyp = 0x15,
  kRinvNumDests = 0x33,
  kRinvDlName = 0x34,
  kRinvDestFlag = 0x40,
  kRinvSubRep = 0x42,
  kRinvEsmClass = 0x43,
  kRcntSubDl = 0x44,
  kRsubmitFail = 0x45,
  kRinvSrcTon = 0x48,
  kRinvSrcNpi = 0x49,
  kRinvDstTon = 0x50,
  kRinvDstNpi = 0x51,
  kRinvSysTyp = 0x53,
  kRinvRepFlag = 0x54,
  kRinvNumMsgs = 0x55,
  kRthrottled = 0x58,
  kRinvSched = 0x61,
  kRinvExpiry = 0x62,
  kRinvDftMsgId = 0x63,
  kRxTAppn = 0x64,
  kRxPAppn = 0x65,
  kRxRAppn = 0x66,
  kRqueryFail = 0x67,
  kRinvTlvStream = 0xC0,
  kRtlvNotAllwd = 0xC1,
  kRinvTlvLen = 0xC2,
  kRmissingTlv = 0xC3,
  kRinvTlvVal = 0xC4,
  kRdeliveryFailure = 0xFE,
  kRunknownErr = 0xFF,
  kRserTypUnauth = 0x100,
  kRprohibited = 0x101,
  kRserTypUnavail = 0x102,
  kRserTypDenied = 0x103,
  kRinvDcs = 0x104,
  kRinvSrcAddrSubunit = 0x105,
  kRinvDstAddrSubunit = 0x106,
  kRinvBcastFreqInt = 0x107,
  kRinvBcastAliasName = 0x108,
  kRinvBcastAreaFmt = 0x109,
  kRinvNumBcastAreas = 0x10A,
  kRinvBcastCntType = 0x10B,
  kRinvBcastMsgClass = 0x10C,
  kRbcastFail = 0x10D,
  kRbcastQueryFail = 0x10E,
  kRbcastCancelFail = 0x10F,
  kRinvBcastRep = 0x110,
  kRinvBcastSrvGrp = 0x111,
  kRinvBcastChanInd = 0x112,
};

// "ESME_RTHROTTLED"; "vendor" for 0x400 to 0x4FF, "reserved" for any other without a name.
std::string_view Name(CommandStatus status);

}  // namespace drover::smpp

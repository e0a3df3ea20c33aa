// Optional parameters of a PDU: tag:16, length:16, value, one after the other.
//
// A list is a view of its octets: what was received keeps its order and its unknown and vendors'
// tags, and goes out again as it came. Nothing is allocated.
// Spec: SMPP v3.4, section 5.3; v5.0, section 4.8.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::smpp {

enum class Tag : uint16_t {
  kDestAddrSubunit = 0x0005,
  kDestNetworkType = 0x0006,
  kDestBearerType = 0x0007,
  kDestTelematicsId = 0x0008,
  kSourceAddrSubunit = 0x000D,
  kSourceNetworkType = 0x000E,
  kSourceBearerType = 0x000F,
  kSourceTelematicsId = 0x0010,
  kQosTimeToLive = 0x0017,  // Seconds.
  kPayloadType = 0x0019,    // 0 as the application likes it, 1 WCMP (used for WDP datagrams).
  kAdditionalStatusInfoText = 0x001D,
  kReceiptedMessageId = 0x001E,
  kMsMsgWaitFacilities = 0x0030,
  kPrivacyIndicator = 0x0201,
  kSourceSubaddress = 0x0202,
  kDestSubaddress = 0x0203,
  kUserMessageReference = 0x0204,
  kUserResponseCode = 0x0205,
  kSourcePort = 0x020A,
  kDestinationPort = 0x020B,
  kSarMsgRefNum = 0x020C,
  kLanguageIndicator = 0x020D,
  kSarTotalSegments = 0x020E,
  kSarSegmentSeqnum = 0x020F,
  kScInterfaceVersion = 0x0210,
  kCallbackNumPresInd = 0x0302,
  kCallbackNumAtag = 0x0303,
  kNumberOfMessages = 0x0304,
  kCallbackNum = 0x0381,
  kDpfResult = 0x0420,             // 1: the delivery pending flag was set.
  kSetDpf = 0x0421,                // 1: please set it if the delivery fails.
  kMsAvailabilityStatus = 0x0422,  // 0 available, 1 denied, 2 unavailable.
  kNetworkErrorCode = 0x0423,
  kMessagePayload = 0x0424,         // In the place of short_message.
  kDeliveryFailureReason = 0x0425,  // 0 destination unavailable, 1 address invalid, 2 permanent,
                                    // 3 temporary network error.
  kMoreMessagesToSend = 0x0426,     // 1 more follow, 0 none.
  kMessageState = 0x0427,
  kCongestionState = 0x0428,  // 5.0: 0 idle .. 100 congested.
  kUssdServiceOp = 0x0501,
  kBroadcastChannelIndicator = 0x0600,  // 5.0, and on to 0x0613.
  kBroadcastContentType = 0x0601,
  kBroadcastContentTypeInfo = 0x0602,
  kBroadcastMessageClass = 0x0603,
  kBroadcastRepNum = 0x0604,
  kBroadcastFrequencyInterval = 0x0605,
  kBroadcastAreaIdentifier = 0x0606,
  kBroadcastErrorStatus = 0x0607,
  kBroadcastAreaSuccess = 0x0608,
  kBroadcastEndTime = 0x0609,
  kBroadcastServiceGroup = 0x060A,
  kBillingIdentification = 0x060B,
  kSourceNetworkId = 0x060D,
  kDestNetworkId = 0x060E,
  kSourceNodeId = 0x060F,
  kDestNodeId = 0x0610,
  kDestAddrNpResolution = 0x0611,
  kDestAddrNpInformation = 0x0612,
  kDestAddrNpCountry = 0x0613,
  kDisplayTime = 0x1201,
  kSmsSignal = 0x1203,
  kMsValidity = 0x1204,
  kAlertOnMessageDelivery = 0x130C,
  kItsReplyType = 0x1380,
  kItsSessionInfo = 0x1383,
};
// The vendors' own.
constexpr bool IsVendor(Tag tag) {
  return static_cast<uint16_t>(tag) >= 0x1400 && static_cast<uint16_t>(tag) <= 0x3FFF;
}

// What the value of a tag is.
enum class TlvForm : uint8_t {
  kOctets,  // Any octets; also every tag that has no name here.
  kNumber1,
  kNumber2,
  kNumber4,
  kText,  // A C-octet string, its NUL included in the length.
  kFlag,  // No octets: being there is all it says.
};
TlvForm FormOf(Tag tag);
// "message_payload"; "vendor" or "unknown" for what has no name.
std::string_view Name(Tag tag);

struct Tlv {
  Tag tag = {};
  std::string_view value;
};

// network_error_code: where the code comes from, and the code.
struct NetworkErrorCode {
  enum class Network : uint8_t {
    kAnsi136AccessDenied = 1,
    kIs95AccessDenied = 2,
    kGsm = 3,
    kAnsi136Cause = 4,
    kIs95Cause = 5,
    kAnsi41 = 6,
    kSmpp = 7,
    kMessageCentre = 8,
  };
  Network network = Network::kGsm;
  uint16_t code = 0;
  bool operator==(const NetworkErrorCode&) const = default;
};

class Tlvs {
 public:
  Tlvs() = default;
  // Of whole TLVs; walking stops before one that is cut short.
  explicit Tlvs(std::string_view octets) : octets_(octets) {}

  bool empty() const { return octets_.empty(); }
  std::string_view octets() const { return octets_; }
  bool well_formed() const;  // No TLV is cut short.

  class Iterator {
   public:
    explicit Iterator(std::string_view rest) : rest_(rest) { Read(); }
    const Tlv& operator*() const { return now_; }
    const Tlv* operator->() const { return &now_; }
    Iterator& operator++() {
      rest_.remove_prefix(4 + now_.value.size());
      Read();
      return *this;
    }
    bool operator==(const Iterator& other) const { return rest_.size() == other.rest_.size(); }
    size_t unread() const { return unread_; }  // At the end: octets that were no whole TLV.

   private:
    void Read();
    std::string_view rest_;
    Tlv now_;
    size_t unread_ = 0;
  };
  Iterator begin() const { return Iterator(octets_); }
  Iterator end() const { return Iterator(octets_.substr(octets_.size())); }

  // The first with this tag, as it came.
  std::optional<std::string_view> Find(Tag tag) const;
  bool Has(Tag tag) const { return Find(tag).has_value(); }
  // Of a tag whose form is a number. nullopt: absent, or not of its length.
  std::optional<uint32_t> Number(Tag tag) const;
  // Of a tag whose form is a text, up to its NUL. nullopt: absent. A NUL that lacks is forgiven.
  std::optional<std::string_view> Text(Tag tag) const;
  std::optional<NetworkErrorCode> network_error_code() const;

 private:
  std::string_view octets_;
};

// Appends TLVs to octets that a PDU's Tlvs can then view.
class TlvWriter {
 public:
  explicit TlvWriter(std::string& out) : out_(out) {}

  // value: up to 65,535 octets; what is longer is not written, and ok() says so.
  TlvWriter& Octets(Tag tag, std::string_view value);
  // In as many octets as the tag's form wants; 1, if that is no number.
  TlvWriter& Number(Tag tag, uint32_t value);
  TlvWriter& Text(Tag tag, std::string_view value);  // And its NUL.
  TlvWriter& Flag(Tag tag) { return Octets(tag, {}); }
  TlvWriter& Network(const NetworkErrorCode& value);
  bool ok() const { return ok_; }

 private:
  std::string& out_;
  bool ok_ = true;
};

}  // namespace drover::smpp

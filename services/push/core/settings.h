// What --push-file says (settings_file.h): SMSCs, the schedule, accounts, registration profiles.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "libs/dispatch/job.h"
#include "libs/notification/package0.h"
#include "libs/registration/msisdn.h"
#include "libs/registration/pairing.h"
#include "libs/registration/profile.h"
#include "libs/smpp/message_id.h"
#include "libs/smpp/pdu.h"
#include "libs/smpp/status_class.h"

namespace drover::push {

struct SmscLink {
  std::string host;
  uint16_t port = 2775;
  bool tls = false;
  std::string ca_file;                     // PEM; empty: the system's.
  std::string certificate_file, key_file;  // Ours, PEM.
  std::string server_name;                 // That its certificate must name; empty: host.
  smpp::BindMode mode = smpp::BindMode::kTransceiver;  // kTransmitter: a receiver goes with each.
  uint8_t version = smpp::kVersion34;
  std::string system_id, password, system_type;
  size_t binds = 1;
  uint32_t window = 10;  // Requests without an answer, of a bind.
  std::chrono::seconds enquire{30};
  std::chrono::seconds response{10};
};

enum class Validity : uint8_t { kRelative, kAbsolute, kNone };

// Who cuts long content, and where segments say that they belong together. Ports go the same way.
enum class Segmentation : uint8_t {
  kUdh,      // In the header of the user data.
  kSar,      // In TLVs: sar_msg_ref_num, sar_total_segments, sar_segment_seqnum.
  kPayload,  // The SMSC cuts: all content is in message_payload.
};

struct Smsc {
  dispatch::SmscOptions rules;  // And the name.
  SmscLink link;
  smpp::IdMap id_map = smpp::IdMap::kExact;
  smpp::StatusTable statuses;
  std::string source;  // What terminals see as the sender.
  uint8_t source_ton = 0, source_npi = 1;
  uint8_t destination_ton = 1, destination_npi = 1;
  uint8_t data_coding = 0xF5;  // Of octets: 8-bit, class 1; some want 0x04.
  uint8_t protocol_id = 0;
  bool more_messages = true;  // more_messages_to_send
  bool text_packed = false;   // GSM 7-bit text goes packed.
  Segmentation segmentation = Segmentation::kUdh;
  std::string tlvs;  // That every submit_sm carries besides: whole TLVs, as they are on the wire.
  Validity validity = Validity::kRelative;
  std::vector<std::string> prefixes;  // Of the numbers that it serves; empty: all.
};

// What the terminal is to make of a notification that does not say.
struct NotificationStyle {
  notification::UiMode ui_mode = notification::UiMode::kNotSpecified;
  notification::Initiator initiator = notification::Initiator::kServer;
  uint16_t version = notification::kVersion11;  // 11: "1.1" ..
};

struct RegistrationSettings {
  std::vector<registration::Profile> profiles;
  registration::NumberingRules numbering;
  registration::PairingRules rules;
  double confirmations_per_second = 50;
};

// A push initiator: who may use the Push Proxy Gateway, and for what.
struct Account {
  std::string name;
  std::string password;               // Empty: by certificate only.
  std::string certificate_name;       // Common name of its client certificate; empty: by password.
  std::vector<std::string> prefixes;  // Of the numbers that it may push to; empty: all.
  double rate = 0;                    // Addresses a second; 0: as many as it likes.
  dispatch::Priority max_priority = dispatch::Priority::kHigh;
  std::vector<std::string> notify_hosts;  // That results may be posted to; empty: any.
};

struct GatewaySettings {
  bool lenient_address = true;                  // A bare number is an address, too.
  size_t max_addresses = 1000;                  // Of a push: past it 3005.
  std::vector<std::string> networks = {"GSM"};  // That the SMSCs serve: else 3009.
};

struct Settings {
  std::vector<Smsc> smscs;
  std::vector<Account> accounts;
  GatewaySettings gateway;
  uint8_t ref_bits = 16;
  uint8_t most_segments = 8;
  dispatch::Options schedule;  // With the SMSCs' rules.
  NotificationStyle notification;
  RegistrationSettings registration;
};

}  // namespace drover::push

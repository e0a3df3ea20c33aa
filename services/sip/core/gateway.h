// A gateway as a value: its row, what happens to it, and what others are told of that.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "drover/sip/v1/record.pb.h"
#include "drover/sip/v1/sip.pb.h"
#include "libs/base/clock.h"
#include "libs/gateway/message.h"
#include "libs/gateway/profile.h"
#include "libs/gateway/trigger.h"

// The service's own namespace: drover::sip is the protocol's (libs/sip).
namespace drover::gateways {

namespace v1 = sip::v1;

inline constexpr char kWakeupsTopic[] = "drover.wakeups";
inline constexpr char kWakeupResultsTopic[] = "drover.wakeup-results";
inline constexpr char kRegistrationsTopic[] = "drover.registrations";
inline constexpr char kBearer[] = "sip";
inline constexpr size_t kMostUserAgent = 256;

// A gateway as it is stored, taken apart for use.
struct Gateway {
  std::string id;
  int64_t version = 0;  // Of the row; 0: not there yet.
  v1::Record record;
  gateway::Trigger trigger;
};

// What a change has to tell; written in its transaction.
struct Telling {
  events::v1::OutboxBatch outbox;
  void Add(const char* topic, const std::string& key, const std::string& payload);
};

// A gateway that is not there yet. random: 8 octets, cryptographic.
Gateway NewGateway(std::string id, std::string_view random, TimePoint now);

// As a record can hold it: what is no UTF-8 in it becomes "?", and it ends, between characters,
// after `most` octets. Whatever others wrote and no parser has judged goes through here.
std::string TextOf(std::string_view octets, size_t most);

// Appends a step; of steps alike that follow each other (registered) the last one stays, and no
// more than kMostSteps.
inline constexpr int kMostSteps = 24;
void Note(Gateway& gateway, TimePoint now, const char* what, std::string detail = {});

// What happened to the trigger: its next value is the gateway's, and what is to be told (reports to
// operations) is in `telling`. The caller carries out send, queue and drop_contact.
gateway::Actions Happen(Gateway& gateway, const gateway::TriggerRules& rules,
                        const gateway::Event& event, TimePoint now, Telling& telling);

// A wake-up of operations. False: it is known already.
bool AddWakeup(Gateway& gateway, const std::string& event_id);
events::v1::WakeupResult ResultOf(const std::string& event_id, const std::string& device_id,
                                  events::v1::WakeupResult::Outcome outcome, std::string cause,
                                  TimePoint now);
// Why, for operators.
std::string InWords(gateway::Cause cause);

// What the gateway told of itself replaces what was known. True: something that
// drover.registrations or tree should hear of has changed.
bool Learn(Gateway& gateway, const gateway::BasicInformation& told);
// DeviceRegistered, reason: registered, facts-changed.
void TellRegistered(const Gateway& gateway, const char* reason, TimePoint now, Telling& telling);

// As people see it. target: of its model. call_host: of Call-IDs.
v1::Gateway Shown(const Gateway& gateway, const std::string& profile, const std::string& target,
                  bool steps, const std::string& call_host);

// "host:port" of the contact as a NOTIFY would take it: "udp:192.0.2.7:40000".
std::string ContactInWords(const v1::Contact& contact);

}  // namespace drover::gateways

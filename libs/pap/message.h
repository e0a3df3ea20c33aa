// The operations of PAP as values; the same for 1.0 and 2.0.
//
// Texts that are empty are attributes that are not there. Addresses are as they stand
// (libs/pap/address.h takes them apart).
// Spec: WAP-247-PAP, 9 "PAP Element Definitions"; WAP-164-PAP for 1.0.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/clock.h"
#include "libs/pap/status.h"

namespace drover::pap {

enum class Version : uint8_t { k10, k20 };
enum class Priority : uint8_t { kLow, kMedium, kHigh };
enum class DeliveryMethod : uint8_t { kConfirmed, kPreferConfirmed, kUnconfirmed, kNotSpecified };
enum class ReplaceMethod : uint8_t { kAll, kPendingOnly };

std::string_view Name(Priority priority);              // "medium"
std::string_view Name(DeliveryMethod method);          // "notspecified"
std::string_view Name(ReplaceMethod method);           // "pending-only"
std::optional<Priority> PriorityOf(std::string_view);  // In any case of letters, as the two below.
std::optional<DeliveryMethod> DeliveryMethodOf(std::string_view);
std::optional<ReplaceMethod> ReplaceMethodOf(std::string_view);

struct QualityOfService {
  Priority priority = Priority::kMedium;
  DeliveryMethod delivery_method = DeliveryMethod::kNotSpecified;
  std::string network;
  bool network_required = false;
  std::string bearer;
  bool bearer_required = false;
  bool operator==(const QualityOfService&) const = default;
};

using Addresses = std::vector<std::string>;
using Time = std::optional<TimePoint>;

struct PushMessage {
  std::string push_id;
  std::string replace_push_id;
  ReplaceMethod replace_method = ReplaceMethod::kAll;
  Time deliver_before;
  Time deliver_after;
  std::string source_reference;
  bool progress_notes_requested = false;
  std::string ppg_notify_requested_to;
  Addresses addresses;  // One at least.
  std::optional<QualityOfService> quality_of_service;
  bool operator==(const PushMessage&) const = default;
};

struct ProgressNote {
  std::string stage;
  std::string note;
  Time time;
  bool operator==(const ProgressNote&) const = default;
};

struct PushResponse {
  std::string push_id;
  std::string sender_address;
  std::string sender_name;
  Time reply_time;
  std::vector<ProgressNote> progress_notes;
  StatusCode code = StatusCode::kOk;
  std::string desc;
  bool operator==(const PushResponse&) const = default;
};

struct CancelMessage {
  std::string push_id;
  Addresses addresses;  // None: all recipients.
  bool operator==(const CancelMessage&) const = default;
};

struct CancelResult {
  StatusCode code = StatusCode::kOk;
  std::string desc;
  Addresses addresses;
  bool operator==(const CancelResult&) const = default;
};
struct CancelResponse {
  std::string push_id;
  std::vector<CancelResult> results;  // One at least.
  bool operator==(const CancelResponse&) const = default;
};

struct ResultNotificationMessage {
  std::string push_id;
  std::string sender_address;
  std::string sender_name;
  Time received_time;
  Time event_time;
  MessageState message_state = MessageState::kUnknown;
  StatusCode code = StatusCode::kOk;
  std::string desc;
  std::string address;
  std::optional<QualityOfService> quality_of_service;
  bool operator==(const ResultNotificationMessage&) const = default;
};

struct ResultNotificationResponse {
  std::string push_id;
  StatusCode code = StatusCode::kOk;
  std::string desc;
  std::string address;
  bool operator==(const ResultNotificationResponse&) const = default;
};

struct StatusQueryMessage {
  std::string push_id;
  Addresses addresses;  // None: all recipients.
  bool operator==(const StatusQueryMessage&) const = default;
};

struct StatusQueryResult {
  Time event_time;
  MessageState message_state = MessageState::kUnknown;
  StatusCode code = StatusCode::kOk;
  std::string desc;
  Addresses addresses;
  std::optional<QualityOfService> quality_of_service;
  bool operator==(const StatusQueryResult&) const = default;
};
struct StatusQueryResponse {
  std::string push_id;
  std::vector<StatusQueryResult> results;  // One at least.
  bool operator==(const StatusQueryResponse&) const = default;
};

struct CcqMessage {
  std::string query_id;
  std::string app_id;
  Addresses addresses;  // One at least.
  bool operator==(const CcqMessage&) const = default;
};

struct CcqResponse {
  std::string query_id;
  StatusCode code = StatusCode::kOk;
  std::string desc;
  Addresses addresses;
  bool operator==(const CcqResponse&) const = default;
};

struct BadMessageResponse {
  StatusCode code = StatusCode::kBadRequest;
  std::string desc;
  std::string bad_message_fragment;
  bool operator==(const BadMessageResponse&) const = default;
};

using Message =
    std::variant<PushMessage, PushResponse, CancelMessage, CancelResponse,
                 ResultNotificationMessage, ResultNotificationResponse, StatusQueryMessage,
                 StatusQueryResponse, CcqMessage, CcqResponse, BadMessageResponse>;

struct Document {
  Version version = Version::k20;
  std::string product_name;
  Message message;
  bool operator==(const Document&) const = default;
};

}  // namespace drover::pap

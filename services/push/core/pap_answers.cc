#include "services/push/core/pap_answers.h"

#include <algorithm>
#include <map>
#include <set>

#include "drover/push/v1/push.pb.h"
#include "services/push/core/pap_push.h"

namespace drover::push {
namespace {

using pap::StatusCode;

StatusCode CodeOf(const StoredPush& push) { return static_cast<StatusCode>(push.code); }

std::string DescOf(const StoredPush& push) {
  return push.cause.empty() ? std::string(pap::Text(CodeOf(push))) : push.cause;
}

TimePoint TimeOf(const StoredPush& push) { return push.ended_at.value_or(push.accepted_at); }

// Of the addresses those that no recipient has.
pap::Addresses Strangers(const pap::Addresses& addresses, const std::vector<StoredPush>& rows) {
  std::set<std::string> known;
  for (const StoredPush& push : rows) known.insert(AddressKey(push.address));
  pap::Addresses out;
  std::ranges::copy_if(addresses, std::back_inserter(out), [&known](const std::string& address) {
    return !known.contains(AddressKey(address));
  });
  return out;
}

StatusCode CancelCode(const StoredPush& push) {
  const bool cancelled = !push.ended_at || push.state == v1::CANCELLED;
  return cancelled ? StatusCode::kOk : StatusCode::kCancellationNotPossible;
}

constexpr int kPriorities = 3;
constexpr char kBearer[] = "SMS";

}  // namespace

int PackQuality(const std::optional<pap::QualityOfService>& asked) {
  if (!asked) return 0;
  return 1 + static_cast<int>(asked->priority) +
         kPriorities * static_cast<int>(asked->delivery_method);
}

std::optional<pap::QualityOfService> QualityOf(const StoredPush& push) {
  if (push.quality == 0) return std::nullopt;
  pap::QualityOfService out;
  out.priority = static_cast<pap::Priority>((push.quality - 1) % kPriorities);
  out.delivery_method = static_cast<pap::DeliveryMethod>((push.quality - 1) / kPriorities);
  out.bearer = kBearer;
  return out;
}

pap::MessageState MessageStateOf(int state) {
  switch (state) {
    case v1::PENDING:
      return pap::MessageState::kPending;
    case v1::DELIVERED:
      return pap::MessageState::kDelivered;
    case v1::UNDELIVERABLE:
      return pap::MessageState::kUndeliverable;
    case v1::EXPIRED:
      return pap::MessageState::kExpired;
    case v1::CANCELLED:
      return pap::MessageState::kCancelled;
    case v1::ABORTED:
      return pap::MessageState::kAborted;
    case v1::REJECTED:
      return pap::MessageState::kRejected;
    default:
      return pap::MessageState::kUnknown;
  }
}

std::vector<StoredPush> Meant(const pap::Addresses& addresses,
                              const std::vector<StoredPush>& rows) {
  if (addresses.empty()) return rows;
  std::set<std::string> asked;
  for (const std::string& address : addresses) asked.insert(AddressKey(address));
  std::vector<StoredPush> out;
  std::ranges::copy_if(rows, std::back_inserter(out), [&asked](const StoredPush& push) {
    return asked.contains(AddressKey(push.address));
  });
  return out;
}

pap::CancelResponse CancelAnswer(const pap::CancelMessage& message,
                                 const std::vector<StoredPush>& rows) {
  pap::CancelResponse response;
  response.push_id = message.push_id;
  std::map<StatusCode, pap::Addresses> by_code;
  for (const StoredPush& push : Meant(message.addresses, rows)) {
    by_code[CancelCode(push)].push_back(push.address);
  }
  const pap::Addresses strangers = Strangers(message.addresses, rows);
  if (!strangers.empty()) by_code[StatusCode::kPushIdNotFound] = strangers;
  if (by_code.empty()) by_code[StatusCode::kPushIdNotFound] = {};
  for (auto& [code, addresses] : by_code) {
    response.results.push_back({code, std::string(pap::Text(code)), std::move(addresses)});
  }
  return response;
}

pap::StatusQueryResponse StatusAnswer(const pap::StatusQueryMessage& message,
                                      const std::vector<StoredPush>& rows) {
  pap::StatusQueryResponse response;
  response.push_id = message.push_id;
  std::map<std::tuple<int, int, std::string>, pap::StatusQueryResult> groups;
  for (const StoredPush& push : Meant(message.addresses, rows)) {
    pap::StatusQueryResult& result = groups[{push.state, push.code, push.cause}];
    result.message_state = MessageStateOf(push.state);
    result.quality_of_service = QualityOf(push);
    result.code = CodeOf(push);
    result.desc = DescOf(push);
    result.event_time = std::max(result.event_time.value_or(TimeOf(push)), TimeOf(push));
    result.addresses.push_back(push.address);
  }
  for (auto& [key, result] : groups) response.results.push_back(std::move(result));
  pap::Addresses strangers = Strangers(message.addresses, rows);
  if (!strangers.empty() || response.results.empty()) {
    pap::StatusQueryResult& unknown = response.results.emplace_back();
    unknown.code = StatusCode::kPushIdNotFound;
    unknown.desc = pap::Text(unknown.code);
    unknown.addresses = std::move(strangers);
  }
  return response;
}

pap::ResultNotificationMessage NotificationOf(const StoredPush& push, std::string_view sender) {
  pap::ResultNotificationMessage out;
  out.push_id = push.push_id;
  out.sender_name = sender;
  out.received_time = push.accepted_at;
  out.event_time = TimeOf(push);
  out.message_state = MessageStateOf(push.state);
  out.code = CodeOf(push);
  out.desc = DescOf(push);
  out.address = push.address;
  out.quality_of_service = QualityOf(push);
  return out;
}

}  // namespace drover::push

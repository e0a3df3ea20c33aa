// What is known of a push, as PAP tells it: cancel-response, statusquery-response,
// resultnotification-message.
// Spec: WAP-247-PAP, 9.6 "cancel-response", 9.9 "statusquery-response", 9.4.
#pragma once
#include <optional>
#include <vector>

#include "libs/pap/message.h"
#include "services/push/core/stored_push.h"

namespace drover::push {

// Priority and delivery method that a push asked for, in one number; 0: it asked for nothing.
int PackQuality(const std::optional<pap::QualityOfService>& asked);
// What an initiator is told again; nullopt: nothing.
std::optional<pap::QualityOfService> QualityOf(const StoredPush& push);

// Of push.v1.PushState.
pap::MessageState MessageStateOf(int state);

// Those of rows that the addresses mean (none: all), in the order of rows.
std::vector<StoredPush> Meant(const pap::Addresses& addresses, const std::vector<StoredPush>& rows);

// rows: of that push, after its cancellation was asked for. Per recipient 1000 (it is cancelled, or
// asked to be), 2008 (too late), 2004; results of one code are one.
pap::CancelResponse CancelAnswer(const pap::CancelMessage& message,
                                 const std::vector<StoredPush>& rows);

// Recipients in one state are one result, at the time of the newest of them, with the quality of
// service that they have.
pap::StatusQueryResponse StatusAnswer(const pap::StatusQueryMessage& message,
                                      const std::vector<StoredPush>& rows);

// push: has ended.
pap::ResultNotificationMessage NotificationOf(const StoredPush& push, std::string_view sender);

}  // namespace drover::push

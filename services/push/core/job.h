// Jobs (push.v1.Job) out of what is to be pushed, and what their segments are made of.
#pragma once
#include <string>
#include <string_view>

#include "drover/events/v1/events.pb.h"
#include "drover/push/v1/push.pb.h"
#include "drover/push/v1/work.pb.h"
#include "libs/base/clock.h"
#include "libs/base/result.h"
#include "libs/registration/message.h"
#include "libs/sms/segments.h"

namespace drover::push {

inline constexpr char kWorkTopic[] = "drover.push-work";

// Who a push is for, as far as it is known.
struct Recipient {
  std::string device_id;
  std::string msisdn;      // E.164 without +.
  std::string imsi;        // For NETWPIN.
  std::string package0{};  // Of a notification, as session made it.
};

// The terminal's notification in a WAP push. kInvalidArgument: the wake-up has no id of a UUID.
Result<v1::Job> NotificationJob(const events::v1::WakeupRequested& wakeup, std::string msisdn,
                                std::string_view package0, TimePoint now);
// job_id: 16 octets. server_id: for bootstrap documents. kInvalidArgument names what is wrong with
// the content; kFailedPrecondition: NETWPIN for a terminal whose IMSI is not known.
Result<v1::Job> RequestedJob(const v1::SendPushRequest& request, const Recipient& recipient,
                             std::string_view server_id, std::string_view job_id, TimePoint now);
// The answer to a registration. job_id: 16 octets, the same for the same message.
Result<v1::Job> ConfirmationJob(const registration::ShortMessage& message, std::string msisdn,
                                std::string_view job_id, std::string_view smsc, TimePoint now);

// How the content is cut. packed: GSM 7-bit text goes packed. kResourceExhausted: more segments
// than that.
Result<sms::Plan> PlanOf(const v1::Job& job, uint8_t ref_bits, size_t most_segments,
                         bool packed = false);

// Told by an address: digits without + or 00. kInvalidArgument.
Result<std::string> Msisdn(std::string_view text);

}  // namespace drover::push

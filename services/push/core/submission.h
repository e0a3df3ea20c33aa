// The PDU of one segment: what a job's content, the scheduler's wish and an SMSC's habits make.
#pragma once
#include <string>
#include <string_view>

#include "drover/push/v1/work.pb.h"
#include "libs/base/clock.h"
#include "libs/base/result.h"
#include "libs/dispatch/effects.h"
#include "libs/smpp/pdu.h"
#include "services/push/core/settings.h"

namespace drover::push {

class Submission {
 public:
  // msisdn: E.164 without +. kInvalidArgument: the content cannot be cut into send.total segments
  // (it was planned with other settings).
  static Result<Submission> Make(const v1::Job& job, std::string_view msisdn,
                                 const dispatch::Send& send, const Smsc& smsc, TimePoint now);

  // Views this object.
  smpp::SubmitSm pdu() const;

 private:
  std::string source_, destination_, validity_, user_data_, tlvs_;
  uint8_t source_ton_ = 0, source_npi_ = 0, destination_ton_ = 0, destination_npi_ = 0;
  uint8_t esm_class_ = 0, protocol_id_ = 0, data_coding_ = 0, registered_delivery_ = 0;
};

// What terminals see as the sender.
std::string_view OriginatorOf(const v1::Job& job, const Smsc& smsc);

}  // namespace drover::push

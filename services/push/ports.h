// What the dispatcher needs of the links to SMSCs; handlers/smsc_links.h has the real ones.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/dispatch/job.h"
#include "libs/smpp/session.h"
#include "services/push/core/submission.h"

namespace drover::push {

class SubmissionPort {
 public:
  virtual ~SubmissionPort() = default;
  // False: this bind cannot take it any more; nothing will be told of the token. Else OnAnswer is
  // told of it once. patience: how long the response may take; 0: as the SMSC's settings say.
  virtual bool Submit(dispatch::BindId bind, Submission submission,
                      std::chrono::milliseconds patience, uint64_t token) = 0;
  // Over any bind of the SMSC.
  virtual bool Cancel(dispatch::SmscId smsc, const smpp::CancelSm& pdu, uint64_t token) = 0;
  virtual bool Query(dispatch::SmscId smsc, const smpp::QuerySm& pdu, uint64_t token) = 0;
};

class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  virtual void OnUp(dispatch::BindId bind, dispatch::SmscId smsc, uint32_t window) = 0;
  virtual void OnDown(dispatch::BindId bind) = 0;
  virtual void OnAnswer(uint64_t token, const smpp::Answer& answer) = 0;
};

}  // namespace drover::push

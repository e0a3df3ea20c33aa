// The binds of all SMSCs: submissions out, what SMSCs send into drover.push-work.
//
// A deliver_sm is answered when Kafka has it: 0, or 0x64 if it was not taken in time, so that the
// SMSC sends it again. Loop thread only.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drover/push/v1/push.pb.h"
#include "libs/base/clock.h"
#include "libs/kafka/producer.h"
#include "libs/smpp/link/link.h"
#include "services/push/core/settings.h"
#include "services/push/metrics.h"
#include "services/push/ports.h"

namespace drover::push {

class SmscLinks final : public SubmissionPort {
 public:
  SmscLinks(asio::io_context& loop, const Settings& settings, LinkEvents& events,
            kafka::Producer& producer, Clock clock, Metrics& metrics);
  ~SmscLinks() override;

  // kInvalidArgument: a setting or a file that cannot be used.
  Result<void> Open();
  // Unbinds, once what is outstanding was answered.
  Task<void> Drain(Deadline deadline);
  v1::ListSmscsResponse Look() const;

  bool Submit(dispatch::BindId bind, Submission submission, std::chrono::milliseconds patience,
              uint64_t token) override;
  bool Cancel(dispatch::SmscId smsc, const smpp::CancelSm& pdu, uint64_t token) override;
  bool Query(dispatch::SmscId smsc, const smpp::QuerySm& pdu, uint64_t token) override;

 private:
  class Bind;
  template <typename Pdu>
  bool SendAny(dispatch::SmscId smsc, const Pdu& pdu, uint64_t token);
  void Make(dispatch::SmscId smsc, smpp::BindMode mode, size_t number);
  static Process Keep(std::shared_ptr<Bind> bind, smpp::RequestId request, bool wants_answer,
                      kafka::Record record, uint64_t epoch);

  asio::io_context& loop_;
  const Settings& settings_;
  LinkEvents& events_;
  kafka::Producer& producer_;
  const Clock clock_;
  Metrics& metrics_;
  dispatch::BindId last_bind_ = 0;
  std::vector<std::shared_ptr<Bind>> binds_;
  std::map<dispatch::BindId, Bind*> up_;  // Those that may submit.
};

}  // namespace drover::push

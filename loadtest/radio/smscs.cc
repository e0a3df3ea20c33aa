#include "loadtest/radio/smscs.h"

#include <cmath>

#include "libs/dispatch/slot_index.h"

namespace drover::radio {
namespace {

constexpr uint32_t kDeliveryFailure = 0xFE;  // ESME_RDELIVERYFAILURE

dispatch::RefusedBy RefusalOf(Outcome outcome) {
  using dispatch::Refusal;
  switch (outcome) {  // network_error_code: the MAP numbers.
    case Outcome::kAbsent:
      return {Refusal::kAbsent, kDeliveryFailure, 27};
    case Outcome::kBusy:
      return {Refusal::kTemporary, kDeliveryFailure, 31};
    default:
      return {Refusal::kTemporary, kDeliveryFailure, 34};
  }
}

}  // namespace

Answer RadioSmsc::Serve(const dispatch::Send& send, Mobile mobile, Us now) {
  const Attempt attempt = radio_.Try(mobile, send.more_messages, now);
  Answer answer;
  answer.at = attempt.done_at;
  answer.accepted = answer.reached_terminal = attempt.outcome == Outcome::kDelivered;
  if (!answer.accepted) answer.by = RefusalOf(attempt.outcome);
  if (alerts_ && attempt.outcome == Outcome::kAbsent) {
    answer.alert_at = radio_.ReturnsAt(mobile, attempt.done_at);
  }
  return answer;
}

double QuickSmsc::Fraction() {
  return static_cast<double>(dispatch::Mixed(state_++) >> 11) * 0x1.0p-53;
}

Us QuickSmsc::Exponential(double mean_s) {
  return static_cast<Us>(-mean_s * std::log(1 - Fraction()) * static_cast<double>(kSecond));
}

Answer QuickSmsc::Serve(const dispatch::Send&, Mobile, Us now) {
  Answer answer;
  answer.at = now + Exponential(profile_.answer_s);
  const double fate = Fraction();
  answer.accepted = fate >= profile_.temporary + profile_.permanent;
  answer.reached_terminal = answer.accepted;
  const bool temporary = fate < profile_.temporary;
  answer.by.refusal = temporary ? dispatch::Refusal::kTemporary : dispatch::Refusal::kPermanent;
  answer.by.status = temporary ? 0x08 : 0x0B;
  if (profile_.receipt_s >= 0) answer.receipt_at = answer.at + Exponential(profile_.receipt_s);
  return answer;
}

}  // namespace drover::radio

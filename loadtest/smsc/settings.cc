#include "loadtest/smsc/settings.h"

namespace drover::smsc {

RadioSettings InstantRadio() {
  RadioSettings radio;
  radio.paged = radio.followed = radio.queue_mean = Span{0};
  radio.busy_refusal = 0;
  return radio;
}

std::vector<Span> DefaultRetries() {
  std::vector<Span> retries;
  for (const int seconds : {60, 120, 300, 600, 900, 1800, 3600}) {
    retries.emplace_back(std::chrono::seconds(seconds));
  }
  return retries;
}

}  // namespace drover::smsc

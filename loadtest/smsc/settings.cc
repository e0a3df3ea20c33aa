#include "loadtest/smsc/settings.h"

namespace drover::smsc {

RadioSettings InstantRadio() {
  RadioSettings instant;
  instant.profile.busy = 0;
  instant.timing = {.paging = 0,
                    .kept_link = 0,
                    .loss_detected = 0,
                    .absence_detected = 0,
                    .busy_detected = 0,
                    .queue_s = 0};
  return instant;
}

std::vector<Span> DefaultRetries() {
  std::vector<Span> retries;
  for (const int seconds : {60, 120, 300, 600, 900, 1800, 3600}) {
    retries.emplace_back(std::chrono::seconds(seconds));
  }
  return retries;
}

}  // namespace drover::smsc

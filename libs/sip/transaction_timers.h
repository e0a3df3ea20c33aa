// The times that transactions keep.
// Spec: RFC 3261, sections 17.1.1.1, 17.1.2.2 and 17.2.2, table 4; RFC 4320, section 4.1.
#pragma once
#include <chrono>

namespace drover::sip {

using Time = std::chrono::steady_clock::time_point;

struct TransactionTimers {
  std::chrono::milliseconds t1{500};   // Round trip; the first interval of timer E.
  std::chrono::milliseconds t2{4000};  // The longest interval of timer E.
  std::chrono::milliseconds t4{5000};  // How long a message stays in the network: timer K.
  // How long an answer is kept for requests that come again: timer J. 0: 64 * t1.
  std::chrono::milliseconds keep_answers{0};

  std::chrono::milliseconds timer_f() const { return 64 * t1; }
  std::chrono::milliseconds timer_j() const {
    return keep_answers.count() == 0 ? 64 * t1 : keep_answers;
  }
  // When a client's timer E has come to T2: from then on a request without an answer gets a 100.
  std::chrono::milliseconds provisional_after() const {
    std::chrono::milliseconds at = t1;
    for (std::chrono::milliseconds e = 2 * t1; e < t2; e *= 2) at += e;
    return at;
  }
};

}  // namespace drover::sip

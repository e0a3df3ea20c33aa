// Submissions that wait for room in a bind's window.
//
// The scheduler is told a wider window than the bind has: what it decides has to be in the journal
// before it leaves, which takes a transaction, and in that time a narrow window would run empty.
// After a crash those that waited here count as maybe sent, like the others.
#pragma once
#include <deque>
#include <utility>

#include "libs/smpp/link/link.h"
#include "services/push/core/submission.h"

namespace drover::push {

class SubmitQueue {
 public:
  // How wide a window the scheduler is told of for a bind of `window`.
  static constexpr uint32_t Ahead(uint32_t window) { return 3 * window; }

  // False: the link cannot take it, now or later.
  bool Submit(smpp::Link& link, Submission submission, std::chrono::milliseconds patience,
              uint64_t token) {
    if (waiting_.empty()) {
      const smpp::Sent sent = Send(link, submission, patience, token);
      if (sent != smpp::Sent::kWindowFull) return sent == smpp::Sent::kSent;
    }
    waiting_.push_back({std::move(submission), patience, token});
    return true;
  }
  // There may be room. dropped: told the token of each that the link cannot take any more.
  template <typename Dropped>
  void Fill(smpp::Link& link, Dropped dropped) {
    while (!waiting_.empty()) {
      const Waiting& next = waiting_.front();
      const smpp::Sent sent = Send(link, next.submission, next.patience, next.token);
      if (sent == smpp::Sent::kWindowFull) return;
      const uint64_t token = next.token;
      waiting_.pop_front();
      if (sent != smpp::Sent::kSent) dropped(token);
    }
  }
  // The link has ended.
  template <typename Dropped>
  void Clear(Dropped dropped) {
    for (const Waiting& left : std::exchange(waiting_, {})) dropped(left.token);
  }

 private:
  struct Waiting {
    Submission submission;
    std::chrono::milliseconds patience;
    uint64_t token;
  };
  static smpp::Sent Send(smpp::Link& link, const Submission& submission,
                         std::chrono::milliseconds patience, uint64_t token) {
    smpp::SendOptions options;
    options.response_time = patience;
    return link.Send(submission.pdu(), token, options);
  }
  std::deque<Waiting> waiting_;
};

}  // namespace drover::push

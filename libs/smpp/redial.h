// When to connect again after a session has ended: neither in a storm, nor before the peer has
// forgotten the old bind, nor again and again with a password that is wrong.
#pragma once
#include <chrono>
#include <cstdint>
#include <random>

#include "libs/smpp/session.h"

namespace drover::smpp {

struct RedialSettings {
  std::chrono::milliseconds first{1'000};  // Then twice as long each time ..
  std::chrono::milliseconds longest{60'000};
  double jitter = 0.2;                              // .. and up to such a part longer.
  std::chrono::milliseconds stable{10'000};         // Bound so long: begins with `first` again.
  std::chrono::milliseconds already_bound{60'000};  // After ESME_RALYBND: many hold a dead bind on
                                                    // until their own enquire_link fails.
  std::chrono::milliseconds refused{60'000};      // At least, after a refusal that only an operator
                                                  // can mend: password, system_id, settings.
  std::chrono::milliseconds bind_failed{10'000};  // At least, after ESME_RBINDFAIL.
  std::chrono::milliseconds peer_unbound{5'000};
};

class Redial {
 public:
  Redial(const RedialSettings& settings, uint64_t seed) : settings_(settings), random_(seed) {}

  // How long to wait after a session ended that was bound for so long (0: never).
  std::chrono::milliseconds After(const End& end, std::chrono::milliseconds bound_for);
  // Whether someone has to act: the refusal will not go away by itself.
  static bool NeedsOperator(const End& end);

 private:
  std::chrono::milliseconds Doubling();

  const RedialSettings settings_;
  std::minstd_rand random_;
  int attempts_ = 0;
};

}  // namespace drover::smpp

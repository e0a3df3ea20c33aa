// Effects that wait for the journal: those whose position is durable come out, in order.
#pragma once
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "libs/dispatch/effects.h"

namespace drover::dispatch {

class HeldEffects {
 public:
  // Takes the effects of `out` and leaves them empty; out.journal is the caller's.
  void Take(Effects& out) {
    for (Effect& effect : out.effects) held_.push_back(std::move(effect));
    out.effects.clear();
  }
  // Appends to `due` what may be carried out now that `upto` octets are durable.
  void Durable(uint64_t upto, std::vector<Effect>& due) {
    while (!held_.empty() && held_.front().after <= upto) {
      due.push_back(std::move(held_.front()));
      held_.pop_front();
    }
  }
  size_t size() const { return held_.size(); }

 private:
  std::deque<Effect> held_;
};

}  // namespace drover::dispatch

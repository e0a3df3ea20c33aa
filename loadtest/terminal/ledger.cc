#include "loadtest/terminal/ledger.h"

namespace drover::terminal {

uint64_t DigestOf(std::string_view data) {
  uint64_t digest = 0xcbf29ce484222325;
  for (const char c : data) {
    digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return digest;
}

void Ledger::Record(Execution execution) {
  execution.order = executed_ + refused_;
  ++(TookEffect(execution.status) ? executed_ : refused_);
  if (executions_.size() < capacity_) executions_.push_back(std::move(execution));
}

void Ledger::Record(ShownDialog shown) {
  if (dialogs_.size() < capacity_) dialogs_.push_back(std::move(shown));
}

}  // namespace drover::terminal

// What sessions of this process hold, as it stands in PostgreSQL: spares a session's next step the
// read of what its last step wrote.
//
// Never more than a guess that saves a read: every write names the versions that it was decided on,
// and one that does not find them is decided again on what is read. What a guess cannot know is
// work that was made meanwhile: that raises the terminal's work mark, so what is remembered holds
// for one value of the mark only. Loop thread only.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/operations/core/advance.h"

namespace drover::operations {

class HeldWork {
 public:
  explicit HeldWork(size_t most) : most_(most) {}

  // All open operations of the terminal, if this session's last step left them here; they are
  // forgotten. nullopt: they must be read.
  std::optional<std::vector<Stored>> Take(const v1::AdvanceRequest& request);
  // After the step's commit. open: all that the terminal had; changes: those of the step. Not
  // remembered: what is large, and sessions that have nothing left.
  void Keep(const v1::AdvanceRequest& request, std::vector<Stored> open,
            std::span<const Change> changes);

 private:
  struct Held {
    std::string session_key;
    int64_t mark = 0;
    std::vector<Stored> open;
    uint64_t number = 0;
  };
  void Forget();  // The oldest, when there are too many.

  const size_t most_;
  uint64_t last_ = 0;
  std::unordered_map<std::string, Held> held_;  // By terminal.
  std::deque<std::pair<std::string, uint64_t>> order_;
};

// The operation as it stands after the change was written.
void Apply(const Change& change, Stored* stored);

}  // namespace drover::operations

// What a terminal really executed, in order: the other side of every claim that the server makes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/syncml/message.h"
#include "loadtest/terminal/dialog.h"

namespace drover::terminal {

struct Execution {
  uint32_t order = 0;  // 0 for the first of this terminal.
  syncml::CommandKind kind = syncml::CommandKind::kUnknown;
  uint16_t status = 0;
  uint64_t digest = 0;     // DigestOf the data: written by Add and Replace, read by Get.
  std::string uri;         // As the server wrote it.
  std::string correlator;  // Of an Exec.
  TimePoint at;
};

// A dialog that the user saw, and the status that said what came of it.
struct ShownDialog {
  Dialog dialog;
  uint16_t status = 0;
  TimePoint at;
};

// Whether a status says that the command took effect: 2xx, but not 213 to 216 (a chunk buffered,
// cancelled, not executed, rolled back).
constexpr bool TookEffect(int status) {
  return status >= 200 && status < 300 && (status < 213 || status > 216);
}

// FNV-1a over the octets.
uint64_t DigestOf(std::string_view data);

class Ledger {
 public:
  // Entries are kept only up to this many; counts always.
  explicit Ledger(uint32_t capacity = UINT32_MAX) : capacity_(capacity) {}

  void Record(Execution execution);
  void Record(ShownDialog shown);
  const std::vector<Execution>& executions() const { return executions_; }
  // Hands the entries over and forgets them; counts go on.
  std::vector<Execution> Take() { return std::exchange(executions_, {}); }
  const std::vector<ShownDialog>& dialogs() const { return dialogs_; }
  uint32_t executed() const { return executed_; }  // With a status of success.
  uint32_t refused() const { return refused_; }    // With any other.

 private:
  uint32_t capacity_;
  uint32_t executed_ = 0;
  uint32_t refused_ = 0;
  std::vector<Execution> executions_;
  std::vector<ShownDialog> dialogs_;
};

}  // namespace drover::terminal

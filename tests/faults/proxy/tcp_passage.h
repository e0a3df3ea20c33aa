// A connection of any protocol through a link.
#pragma once
#include <memory>

#include "tests/faults/proxy/link.h"

namespace drover::faults {

class TcpPassage : public Passage, public std::enable_shared_from_this<TcpPassage> {
 public:
  TcpPassage(Link& link, Socket client);
  ~TcpPassage() override;
  static Process Run(Link& link, Socket client);
  void CutBoth(bool reset) override;

 private:
  static Process Pump(std::shared_ptr<TcpPassage> self, Way way);
  // Does what is armed to these octets; how many of them still pass. 0 and a cut connection: none.
  Task<size_t> Suffer(Way way, size_t octets);
  Process Swallow(std::chrono::milliseconds time);

  Link& link_;
  Socket client_;
  Socket server_;
  bool swallowing_ = false;
  std::chrono::steady_clock::time_point held_until_{};
};

}  // namespace drover::faults

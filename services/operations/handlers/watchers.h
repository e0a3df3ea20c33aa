// Who waits, in this process, for an operation to change. Loop thread only.
#pragma once
#include <string>
#include <unordered_map>

#include "libs/async/task.h"

namespace drover::operations {

class Watchers {
 public:
  explicit Watchers(asio::io_context& loop) : loop_(loop) {}

  // Make it before reading the operation: what changes after the reading is not missed.
  class Watch {
   public:
    Watch(Watchers& watchers, std::string id);
    ~Watch();
    Watch(const Watch&) = delete;
    // Until the operation has changed since the last Wait, or until the deadline.
    Task<void> Wait(Deadline deadline);

   private:
    friend class Watchers;
    Watchers& watchers_;
    const std::string id_;
    Timer timer_;
    bool changed_ = false;
  };

  void Changed(const std::string& id);

 private:
  asio::io_context& loop_;
  std::unordered_multimap<std::string, Watch*> watches_;
};

}  // namespace drover::operations

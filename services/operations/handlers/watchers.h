// Who waits, in this process, for operations to change. Loop thread only.
#pragma once
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/async/task.h"

namespace drover::operations {

class Watchers {
 public:
  explicit Watchers(asio::io_context& loop) : loop_(loop) {}

  // Make it before reading the operations: what changes after the reading is not missed.
  class Watch {
   public:
    Watch(Watchers& watchers, std::vector<std::string> ids);
    ~Watch();
    Watch(const Watch&) = delete;
    // Until one of the operations has changed since the last Wait, or until the deadline. Which of
    // them have.
    Task<std::set<std::string>> Wait(Deadline deadline);

   private:
    friend class Watchers;
    Watchers& watchers_;
    const std::vector<std::string> ids_;
    Timer timer_;
    std::set<std::string> changed_;
  };

  void Changed(const std::string& id);

 private:
  asio::io_context& loop_;
  std::unordered_multimap<std::string, Watch*> watches_;
};

}  // namespace drover::operations

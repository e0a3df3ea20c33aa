// Work marks in Redis: which terminals have open operations, so that a session of one that has none
// need not ask.
//
// drover:operations:mark:{<device>}  a counter, raised after the commit that made work
// drover:operations:marks            the marks' witness (libs/redis/witness.h): stands while they
// are complete on every server
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "libs/redis/client.h"
#include "libs/redis/witness.h"

namespace drover::operations {

class RedisMarks {
 public:
  RedisMarks(asio::io_context& loop, redis::Client& redis)
      : loop_(loop), redis_(redis), witness_(redis, "drover:operations:marks") {}

  // All of them, pipelined; the first error if any failed.
  Task<void> Raise(std::vector<std::string> devices, Deadline deadline);
  // Removes the mark if it still has this value.
  Task<void> Clear(std::string device, int64_t value, Deadline deadline);
  redis::Witness& witness() { return witness_; }

 private:
  struct Raising;
  Task<void> RaiseOne(std::string device, Deadline deadline);
  Process RaiseInto(std::shared_ptr<Raising> raising, std::string device, Deadline deadline);
  asio::io_context& loop_;
  redis::Client& redis_;
  redis::Witness witness_;
};

}  // namespace drover::operations

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
  // Removes marks that still have the value that is given with their device.
  struct Seen {
    std::string device;
    int64_t value = 0;
  };
  Task<void> Clear(std::vector<Seen> marks, Deadline deadline);
  redis::Witness& witness() { return witness_; }

 private:
  struct Slice {
    std::vector<std::string> keys, values;
  };
  struct Running;
  // In one script if one server holds all keys, else one for each of them.
  Task<void> ForEach(const redis::Client::Script& script, Slice all, Deadline deadline);
  Process RunInto(std::shared_ptr<Running> running, const redis::Client::Script& script,
                  Slice slice, Deadline deadline);
  asio::io_context& loop_;
  redis::Client& redis_;
  redis::Witness witness_;
};

}  // namespace drover::operations

// Bindings of addresses of record in Redis: drover:sip:bindings:{<address>}, gone with the last of
// them.
#pragma once
#include <string>
#include <vector>

#include "libs/redis/client.h"
#include "libs/sip/registrar.h"

namespace drover::gateways {

class RedisBindings {
 public:
  explicit RedisBindings(redis::Client& client) : client_(client) {}

  struct Read {
    std::vector<sip::Binding> bindings;
    std::string as_read;  // For Write.
  };
  Task<Read> Load(std::string aor, Deadline deadline);
  // kAborted: they are no longer as they were read.
  Task<void> Store(std::string aor, const std::vector<sip::Binding>& bindings, std::string as_read,
                   TimePoint now, Deadline deadline);

 private:
  redis::Client& client_;
};

}  // namespace drover::gateways

// Looks at processes and stores once a second while a run goes on, and keeps what it saw.
//
// Each sampler has a thread of its own, which sleeps but for its call: a store that hangs costs its
// own series points and nothing else, and a run never waits for one.
#pragma once
#include <chrono>
#include <memory>
#include <vector>

#include "loadtest/watch/processes.h"
#include "loadtest/watch/stores.h"

namespace drover::watch {

struct Targets {
  std::vector<ProcessTarget> processes;
  std::vector<RedisTarget> redis;
  std::vector<PostgresTarget> postgres;
  std::vector<KafkaTarget> kafka;
  bool own = true;  // This process too, as "generator".
};

// Everything of a cluster of scripts/cluster: what its cluster.json says. kNotFound: there is none
// in the folder; kInvalidArgument: it is damaged.
Result<Targets> TargetsOfCluster(const std::string& folder);

struct Timing {
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds patience{800};  // For each look; below the interval.
};

class Watch {
 public:
  // Begins at once. Points' times count from start.
  Watch(Targets targets, std::chrono::steady_clock::time_point start, Timing timing = {});
  Watch(std::vector<std::unique_ptr<Sampler>> samplers, std::chrono::steady_clock::time_point start,
        Timing timing = {});
  ~Watch();
  Watch(const Watch&) = delete;

  // Ends it, within patience, and gives what was seen; called again: nothing. Takes a last look.
  std::vector<report::Series> Stop();

 private:
  class Looker;
  std::vector<std::unique_ptr<Looker>> lookers_;
};

}  // namespace drover::watch

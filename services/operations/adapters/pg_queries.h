// Questions of people and tools about operations, in PostgreSQL.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/operations/core/stored.h"

namespace drover::operations {

struct Found {
  Stored stored;
  v1::Operation operation;  // Whole, but for messages.
};

class PgQueries {
 public:
  explicit PgQueries(postgres::Pool& pool) : pool_(pool) {}

  // nullopt: there is none. id must be a UUID.
  Task<std::optional<Found>> Get(std::string id, Deadline deadline);
  // The messages that the operation travelled in, oldest first; those that are still kept.
  // operation: with its history.
  Task<std::vector<v1::RawMessage>> Messages(v1::Operation operation, Deadline deadline);
  struct Filter {
    std::string device_id;        // Empty: all.
    std::string label;            // Empty: all.
    std::vector<int16_t> states;  // Empty: all.
    std::string before;           // Only ids below; a UUID or empty.
    int limit = 100;
  };
  // Newest first.
  Task<std::vector<v1::Operation>> List(Filter filter, Deadline deadline);
  // An operation and the version of it that somebody has; 0: none.
  struct Known {
    std::string device_id;
    std::string id;
    int32_t version = 0;
  };
  // Those that have another version now.
  Task<std::vector<Found>> ReadChanged(std::vector<Known> known, Deadline deadline);
  // All that is given must hold. Ascending by id, after `after`.
  struct Selection {
    std::vector<std::string> ids;
    std::string label;
    std::vector<std::string> device_ids;
    std::string after = "00000000-0000-0000-0000-000000000000";
    int limit = 1000;
  };
  Task<std::vector<Known>> Select(Selection selection, Deadline deadline);
  // label: empty for all.
  Task<std::vector<v1::CountOperationsResponse::Count>> Count(std::string label, Deadline deadline);
  // How many open operations are in each state, and how many rows wait in the outbox.
  struct Gauges {
    std::vector<std::pair<v1::State, int64_t>> open;
    int64_t outbox = 0;
    std::optional<TimePoint> outbox_oldest;
  };
  Task<Gauges> Measure(Deadline deadline);
  // Devices with queued or running operations, ascending, after `after`; at most limit.
  Task<std::vector<std::string>> DevicesWithWork(std::string after, int limit, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

}  // namespace drover::operations

// tree.nodes: the trees of terminals, a row a node.
#pragma once
#include <string>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/tree/core/report.h"

namespace drover::tree {

struct FactTime {
  std::string device;
  Fact fact;
  TimePoint reported_at{};
};

class PgNodes {
 public:
  explicit PgNodes(postgres::Pool& pool) : pool_(pool) {}

  // The node and what is below it, by URI; empty if there is neither.
  Task<std::vector<Node>> Subtree(const DeviceId& device, std::string_view uri, Deadline deadline);
  // When the fact nodes of these devices were reported, as far as they are there.
  Task<std::vector<FactTime>> FactTimes(const std::vector<std::string>& devices,
                                        const std::vector<Fact>& facts, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

// Writes the nodes of normalised reports, no device twice, ordered by device. Changed and new nodes
// are written; one read again unchanged only to move its time, at most once an hour; one that is
// stored with the same or a later time is left alone.
postgres::Statement UpsertNodes(const std::vector<const Report*>& reports);
postgres::Statement DeleteSubtree(const DeviceId& device, std::string_view uri);

}  // namespace drover::tree

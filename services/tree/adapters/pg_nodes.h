// tree.nodes: the trees of terminals, a row a node; tree.node_history: the values that they had.
#pragma once
#include <optional>
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

// A value that a node had or has.
struct NodeVersion {
  Node node;                       // reported_at: when it was first reported.
  std::optional<TimePoint> until;  // nullopt: it is the present one.
};

// What is stored of a node of one of many devices.
struct StoredNode {
  std::string device;
  Node node;
};

struct DeviceCount {
  std::string device;
  int64_t count = 0;
};

class PgNodes {
 public:
  explicit PgNodes(postgres::Pool& pool) : pool_(pool) {}

  // The node and what is below it, by URI, now or as of a time; empty if there is neither.
  Task<std::vector<Node>> Subtree(const DeviceId& device, std::string_view uri,
                                  std::optional<TimePoint> as_of, Deadline deadline);
  // The newest first, at most `limit`.
  Task<std::vector<NodeVersion>> History(const DeviceId& device, std::string_view uri,
                                         int32_t limit, Deadline deadline);
  // When the fact nodes of these devices were reported, as far as they are there.
  Task<std::vector<FactTime>> FactTimes(const std::vector<std::string>& devices,
                                        const std::vector<Fact>& facts, Deadline deadline);

  // These nodes of these devices, as far as they are stored; values only of with_value's.
  Task<std::vector<StoredNode>> NodesAt(const std::vector<std::string>& devices,
                                        const std::vector<std::string>& uris,
                                        const std::vector<std::string>& with_value,
                                        Deadline deadline);
  // How many nodes each device has right below parent, without `but`.
  Task<std::vector<DeviceCount>> CountChildren(const std::vector<std::string>& devices,
                                               std::string_view parent, std::string_view but,
                                               Deadline deadline);
  // Interior nodes whose Type is the identifier, which may lack its version.
  Task<std::vector<StoredNode>> Objects(const std::vector<std::string>& devices,
                                        std::string_view identifier, Deadline deadline);

  // Removes history from before `before`, at most `most` rows of one partition; how many.
  Task<int64_t> ForgetHistory(int partition, TimePoint before, int32_t most, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

// Writes the nodes of normalised reports, no device twice, ordered by device. Changed and new nodes
// are written; one read again unchanged only to move its time, at most once an hour; one that is
// stored with the same or a later time is left alone. A value that another one takes the place of
// goes to the history. Its rows: (device_id) of those whose ./DevDetail/LrgObj was written.
postgres::Statement UpsertNodes(const std::vector<const Report*>& reports);
// What was there goes to the history.
postgres::Statement DeleteSubtree(const DeviceId& device, std::string_view uri, TimePoint now);

}  // namespace drover::tree

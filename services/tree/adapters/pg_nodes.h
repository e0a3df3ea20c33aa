// The trees of terminals: tree.pages (core/page.h, core/open_tree.h) with tree.large_values, and
// tree.node_history, the values that nodes had.
//
// Trees are read and written optimistically: LoadTrees, what OpenTree::Apply makes of it,
// WriteTrees. Who comes second of two writers gets kAborted, and nothing of his transaction is
// kept.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/tree/core/open_tree.h"

namespace drover::tree {

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

// A device, and what of its tree is to be read.
struct TreeWanted {
  std::string device;
  std::vector<UriRange> ranges;  // Not empty.
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

  // These nodes of these devices, as far as they are stored; of values that stand apart none.
  Task<std::vector<StoredNode>> NodesAt(const std::vector<std::string>& devices,
                                        const std::vector<std::string>& uris, Deadline deadline);
  // How many nodes each device has right below parent, without `but`.
  Task<std::vector<DeviceCount>> CountChildren(const std::vector<std::string>& devices,
                                               std::string_view parent, std::string_view but,
                                               Deadline deadline);
  // Interior nodes whose Type is the identifier, which may lack its version.
  Task<std::vector<StoredNode>> Objects(const std::vector<std::string>& devices,
                                        std::string_view identifier, Deadline deadline);

  // Removes history from before `before`, at most `most` rows of one partition; how many.
  Task<int64_t> ForgetHistory(int partition, TimePoint before, int32_t most, Deadline deadline);

  // What was read of each tree, in the order of wanted, from the rows of LoadTrees; large trees are
  // read once more, as far as they are wanted.
  Task<std::vector<LoadedTree>> Complete(const std::vector<TreeWanted>& wanted,
                                         const postgres::Rows& rows, Deadline deadline);

 private:
  Task<std::vector<LoadedTree>> Load(const std::vector<TreeWanted>& wanted, Deadline deadline);

  postgres::Pool& pool_;
};

// The first pages of these trees: all of nearly every tree. For PgNodes::Complete.
postgres::Statement LoadTrees(const std::vector<TreeWanted>& wanted);

// A device and what a report makes of its tree.
struct TreeWrite {
  const DeviceId* device;
  TreeChange change;
};
// What is to be written, in one transaction; ordered by device, no device twice. now: the versions
// of new pages, so that a page that was gone does not come back as it was. kAborted: somebody else
// has written one of these pages since it was read.
std::vector<postgres::Statement> WriteTrees(const std::vector<TreeWrite>& writes, TimePoint now);

}  // namespace drover::tree

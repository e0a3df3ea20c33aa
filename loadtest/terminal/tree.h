// A terminal's management tree: what all terminals of a model share, and what this one has changed.
//
// A fleet of a million trees fits in memory because a node costs a terminal nothing until it
// differs from the model's. Spec: OMA-TS-DM_TND-V1_2, "Nodes" and "Properties".
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drover::terminal {

// AccessType: what a node's description allows at all (a violation is status 405).
enum Access : uint8_t {
  kAccessAdd = 1,
  kAccessCopy = 2,
  kAccessDelete = 4,
  kAccessExec = 8,
  kAccessGet = 16,
  kAccessReplace = 32,
};

struct Node {
  std::string path;            // From the root, without "./": "DevInfo/Man". The root: ".".
  std::string format = "chr";  // "node": interior.
  std::string type = "text/plain";
  std::string value;  // Decoded.
  uint8_t access = kAccessGet;
  bool permanent = true;
  bool is_device_id = false;  // Its value is the terminal's own id.
  std::string acl;            // Empty: the parent's.
  std::string title;
  friend bool operator==(const Node&, const Node&) = default;
};

// The tree that every terminal of one model leaves the factory with.
class Blueprint {
 public:
  explicit Blueprint(std::vector<Node> nodes);
  const Node* Find(std::string_view path) const;
  const std::vector<Node>& nodes() const { return nodes_; }  // By path.

 private:
  std::vector<Node> nodes_;
};

// A node as it is now. Views last until the tree changes.
struct NodeNow {
  const Node* node = nullptr;
  std::string_view value;
  uint16_t version = 0;  // VerNo: changes since the factory.
  bool interior() const { return node->format == "node"; }
};

// Storage only: it asks nobody's permission (loadtest/terminal/commands.h does).
class ManagementTree {
 public:
  // The blueprint must outlive the tree.
  ManagementTree(const Blueprint& blueprint, std::string device_id);
  ManagementTree(const ManagementTree& other);
  ManagementTree& operator=(ManagementTree other);
  ManagementTree(ManagementTree&&) = default;

  const std::string& device_id() const { return device_id_; }
  std::optional<NodeNow> Find(std::string_view path) const;
  // The value of a leaf; empty if there is none.
  std::string Value(std::string_view path) const;
  // Names of the children, ascending.
  std::vector<std::string> Children(std::string_view path) const;
  // Paths of everything below, ascending.
  std::vector<std::string> Below(std::string_view path) const;

  void SetValue(std::string_view path, std::string value);  // The node must be there.
  // Whether a value at this path or below has been set, and nobody has taken or noted it since.
  bool HasSetValues(std::string_view path) const;
  // Whether this one has; notes it.
  bool WasSet(std::string_view path);
  // Moves the value out if it has been set since the last time; the leaf is then empty.
  std::optional<std::string> TakeValue(std::string_view path);
  void SetAcl(std::string_view path, std::string_view acl);      // The node must be there.
  void SetTitle(std::string_view path, std::string_view title);  // The node must be there.
  void Add(Node node);                                           // It must not be there.
  void Remove(std::string_view path);                            // With everything below.
  // Back to the blueprint, but for what is at or below these paths.
  void ResetBut(std::initializer_list<std::string_view> kept);

  // Whether both differ in the same way from their blueprints, in what nodes are and in their
  // history (VerNo, values that nobody has taken).
  bool DiffersLike(const ManagementTree& other) const;
  // Heap octets of what differs from the blueprint, estimated.
  size_t size_octets() const;

 private:
  struct Change {
    std::string_view path;      // Of the blueprint's node or of `own`.
    std::unique_ptr<Node> own;  // If it was added, or a property other than the value changed.
    std::string value;
    uint16_t version = 0;
    bool gone = false;
    bool set = false;  // The value, and nobody has taken it.
  };
  Node& OwnNode(std::string_view path);
  Change* ChangeOf(std::string_view path);
  const Change* ChangeOf(std::string_view path) const;
  Change& MakeChange(std::string_view path);

  const Blueprint* blueprint_;
  std::string device_id_;
  std::vector<Change> changes_;  // By path.
};

// "DevInfo" of "DevInfo/Man"; "." of "DevInfo"; empty for the root.
std::string_view ParentOf(std::string_view path);
// "Man" of "DevInfo/Man".
std::string_view NameOf(std::string_view path);

}  // namespace drover::terminal

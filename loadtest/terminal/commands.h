// The commands of DM on a terminal's tree: access types, ACLs and status codes.
//
// Spec: OMA-TS-DM_TND-V1_2 ("Properties of nodes", "ACL", "?list="), OMA-TS-DM_RepPro-V1_2
// (commands and their status codes).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/terminal/acl.h"
#include "loadtest/terminal/quirks.h"
#include "loadtest/terminal/tree.h"

namespace drover::dmtree {
struct Tnds;
struct TndsNode;
}  // namespace drover::dmtree

namespace drover::terminal {

// A LocURI taken apart: "./DevInfo/Man?prop=ACL".
struct NodeUri {
  std::string path;      // "DevInfo/Man"; "." for the root.
  std::string property;  // "ACL"
  std::string list;      // "Struct"
};

// What a Get reports of one node or property.
struct Reported {
  std::string uri;
  std::string format;  // Empty: left out.
  std::string type;
  std::string data;
  bool has_data = true;
  enum class Form : uint8_t { kValue, kTnds, kInlineTnds } form = Form::kValue;
};

class TreeCommands {
 public:
  // server_id: of the server that authenticated itself; rights are asked in its name.
  TreeCommands(ManagementTree& tree, std::string_view server_id, const Quirks& quirks = {})
      : tree_(tree), server_id_(server_id), quirks_(quirks) {}

  // Each returns the status code of the command for this item.
  int Get(std::string_view uri, std::vector<Reported>& reported) const;
  // format: "node" makes an interior node; empty: chr.
  int Add(std::string_view uri, std::string_view format, std::string_view type,
          std::string_view data);
  int Replace(std::string_view uri, std::string_view format, std::string_view type,
              std::string_view data);
  int Delete(std::string_view uri);
  int Copy(std::string_view source, std::string_view target);
  // 200: the node may be executed; what that does is its management object's matter.
  int CheckExec(std::string_view uri, std::string& path) const;

 private:
  int Parse(std::string_view uri, NodeUri& out) const;
  // 200, 404, 405 (access type) or 425 (ACL).
  int Permitted(const std::string& path, Access access, Right right) const;
  bool Allowed(std::string_view path, Right right) const;
  int GetProperty(const NodeUri& uri, std::vector<Reported>& reported) const;
  int GetList(const NodeUri& uri, std::vector<Reported>& reported) const;
  int ReplaceProperty(const NodeUri& uri, std::string_view data);
  int AddLeafOrNode(const NodeUri& uri, std::string_view format, std::string_view type,
                    std::string_view data);
  int AddParents(std::string_view path);
  int SetTitle(const NodeUri& uri, std::string_view title);
  // subtree.cc
  int RefusesTnds(bool in_list) const;
  int GetTnds(const NodeUri& uri, std::vector<Reported>& reported) const;
  int AddTnds(const NodeUri& uri, std::string_view data);
  int ReplaceTnds(const NodeUri& uri, std::string_view data);
  // Decoded, with absolute URIs below where it belongs.
  int ReadTnds(const NodeUri& uri, std::string_view data, dmtree::Tnds& tnds) const;
  // Where objects of its kind stand, for what was sent to ./Inbox; empty: nowhere.
  std::string PlaceFor(const dmtree::Tnds& tnds) const;
  int AddNode(const dmtree::TndsNode& node);
  int RemoveUnlisted(const NodeUri& uri, const dmtree::Tnds& tnds);
  int SetAcls(const dmtree::Tnds& tnds);
  int Rename(const std::string& path, std::string_view name);

  ManagementTree& tree_;
  std::string_view server_id_;
  Quirks quirks_;
};

// "./DevInfo" of "DevInfo"; "." stays.
std::string UriOf(std::string_view path);

}  // namespace drover::terminal

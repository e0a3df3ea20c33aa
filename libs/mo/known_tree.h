// What is known of one terminal's management tree, as far as a plan has to know it.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace drover::mo {

class KnownTree {
 public:
  // uri: "./DevInfo/Man". value: of a leaf; of an interior node the names of its children, with "/"
  // between.
  void Add(std::string uri, bool interior, std::string value);

  bool empty() const { return nodes_.empty(); }
  // Whether the node is there: itself reported, or a node below it, or named by its parent.
  bool Has(std::string_view uri) const;
  // Of a leaf; empty if it is not known.
  std::string_view Value(std::string_view uri) const;
  // URIs of the children that are known.
  std::vector<std::string> Children(std::string_view uri) const;

 private:
  struct Node {
    bool interior;
    std::string value;
  };
  std::map<std::string, Node, std::less<>> nodes_;
};

}  // namespace drover::mo

// A terminal's tree, as far as its pages were read, and what a report makes of it.
//
// A page holds the nodes from its first_uri up to the next page's, as the leaves of a B-tree do;
// the first page's is empty. Each change of a page changes its version, and whoever writes a page
// gives the version that he read: of two who change the same nodes at once, one has to begin again.
// A page that is split changes, too; one that is gone leaves its range to the page before it.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/tree/core/page.h"
#include "services/tree/core/report.h"

namespace drover::tree {

struct StoredPage {
  std::string first_uri;
  int64_t version = 0;
  std::string content;
};

// By first_uri. Of every URI that is asked for, the page that covers it is among them.
struct LoadedTree {
  std::vector<StoredPage> pages;
  bool whole = false;  // All pages that there are.
};

struct PageWrite {
  std::string first_uri;
  int64_t version = 0;  // That was read; 0: the page is new.
  std::string content;
  bool objects = false;  // One of its nodes MayBeObject.
};

struct PageGone {
  std::string first_uri;
  int64_t version = 0;
};

// A value that a node had; one that stands apart is where it was until it is written over.
struct PastNode {
  std::string uri;
  Coded format;
  Coded type;
  std::optional<std::string_view> value;  // nullopt: not known, or apart.
  bool large = false;
  TimePoint since{};
  TimePoint until{};
};

// What there is to write. Views the tree and the report.
struct TreeChange {
  std::vector<PageWrite> pages;
  std::vector<PageGone> pages_gone;
  std::vector<PastNode> past;
  std::vector<std::string> large_gone;                          // Before large:
  std::vector<std::pair<std::string, std::string_view>> large;  // URI and value.
  bool large_objects = false;  // ./DevDetail/LrgObj was written or is gone.
  bool empty() const { return pages.empty() && pages_gone.empty(); }
};

class OpenTree {
 public:
  // kInternal: a page is damaged.
  static Result<OpenTree> Open(LoadedTree loaded);
  OpenTree() = default;
  OpenTree(OpenTree&&) = default;
  OpenTree& operator=(OpenTree&&) = default;

  // nullptr: not stored.
  const PageNode* Find(std::string_view uri) const;

  // Applies a normalised report; once. Deletions first: what was there is past at `now`. Of nodes,
  // changed and new ones are written; one read again unchanged only to move its time, at most once
  // an hour; one that is stored with the same or a later time is left alone.
  TreeChange Apply(const Report& report, TimePoint now);

  struct OpenPage {
    std::string first_uri;
    int64_t version = 0;
    size_t octets = 0;  // As it was read.
    Page page;
    bool changed = false;
  };
  // By first_uri, each with nodes in their order.
  const std::vector<OpenPage>& pages() const { return pages_; }

 private:
  size_t Covering(std::string_view uri) const;
  void Begin(std::string_view uri);
  void Delete(std::string_view root, TimePoint now, TreeChange& change);
  static void Remove(OpenPage& page, std::string_view from, std::string_view end, TimePoint now,
                     TreeChange& change);
  void Write(std::span<const Node> nodes, TreeChange& change);
  void JoinSmall(TreeChange& change);
  void Collect(TreeChange& change) const;

  std::vector<StoredPage> stored_;  // What the nodes view: never changed.
  std::vector<OpenPage> pages_;
  bool whole_ = false;
};

// What of the tree a report is about: first..last of each, both included.
struct UriRange {
  std::string first;
  std::string last;
};
std::vector<UriRange> RangesOf(const Report& report);

// Of a page, as it is shown; the value of one that stands apart is left empty.
Node ToNode(const PageNode& node);

}  // namespace drover::tree

// The clients that are out there and how each differs from the specification: data, to be extended.
//
// A profile names a family; its traits hold where the profile's own are unset. Most differences
// need no trait because the session copes with them always: docs/protocol.md, "Models that differ".
#pragma once
#include <span>
#include <string_view>

namespace drover::tree {

namespace v1 {
class Traits;
}

struct Family {
  std::string_view name;
  std::string_view description;
  void (*apply)(v1::Traits&);  // Sets what differs.
};

std::span<const Family> Families();
// nullptr: there is none of that name.
const Family* FindFamily(std::string_view name);

}  // namespace drover::tree

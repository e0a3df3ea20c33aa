// URIs of a management tree, as they are stored: "." or "./" and segments separated by "/".
//
// Spec: OMA-TS-DM_TND-V1_2, "Addressing object nodes". Stored URIs have octets as their order
// (COLLATE "C"), so a subtree is one range.
#pragma once
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::tree {

constexpr size_t kMaxUriOctets = 1024;  // Fits the index next to the device id.

// "." or "./a/b": no query, no empty segment, no NUL, UTF-8, at most kMaxUriOctets.
Result<void> CheckUri(std::string_view uri);

// A node and all below it: at == uri, or from <= uri < end.
struct SubtreeBounds {
  std::string at;    // "./A"
  std::string from;  // "./A/"
  std::string end;   // "./A0", the first string after everything that starts with "./A/"
};
SubtreeBounds SubtreeOf(std::string_view uri);

}  // namespace drover::tree

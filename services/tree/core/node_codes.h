// Formats and media types of nodes as the small numbers that stand in their rows.
//
// Two octets in place of up to forty. What the table does not know is kept as text beside the
// number 0. The numbers are in databases: add at the end, never renumber.
//
// Spec: OMA-TS-DM_TND-V1_2, "Format"; SyncML Meta-Information DTD.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::tree {

constexpr int16_t kInText = 0;  // Not in the table: see the text column.

struct Coded {
  int16_t code = kInText;
  std::optional<std::string> text;  // Only with kInText, and only if not empty.
};

constexpr int16_t kAsStored = -1;  // Of a report: it says nothing of it.

Coded CodeOfFormat(std::string_view format);
Coded CodeOfType(std::string_view type);
// What stands for the code; empty for kInText and for numbers of a newer release.
std::string_view FormatOf(int16_t code);
std::string_view TypeOf(int16_t code);

}  // namespace drover::tree

// The schema "tree", step by step. A step that was released is never edited; the next one is added.
#pragma once
#include <string>
#include <vector>

#include "libs/postgres/migrations.h"

namespace drover::tree {

constexpr const char* kSchema = "tree";
constexpr const char* kOutboxTable = "tree.outbox";

// Each table is hash-partitioned by device into that many: tree.node_history_0 ..
constexpr int kPartitions = 8;

// Which rows of tree.nodes an index of its own has: interior nodes (0: of a format that was not
// said) with a type that may name a management object (core/node_codes.cc: media types stand before
// 10).
std::string ObjectCondition();

std::vector<postgres::Migration> Migrations();

}  // namespace drover::tree

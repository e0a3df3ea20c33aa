// The schema "tree", step by step. A step that was released is never edited; the next one is added.
#pragma once
#include <string>
#include <vector>

#include "libs/postgres/migrations.h"

namespace drover::tree {

constexpr const char* kSchema = "tree";
constexpr const char* kOutboxTable = "tree.outbox";

// The history is hash-partitioned by device into that many: tree.node_history_0 ..
constexpr int kPartitions = 8;

std::vector<postgres::Migration> Migrations();

}  // namespace drover::tree

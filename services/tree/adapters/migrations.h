// The schema "tree", step by step. A step that was released is never edited; the next one is added.
#pragma once
#include <vector>

#include "libs/postgres/migrations.h"

namespace drover::tree {

constexpr const char* kSchema = "tree";
constexpr const char* kOutboxTable = "tree.outbox";

std::vector<postgres::Migration> Migrations();

}  // namespace drover::tree

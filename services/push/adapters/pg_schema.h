// The PostgreSQL schema `push`, as migrations (docs/services/push.md, "Tables").
#pragma once
#include <vector>

#include "libs/postgres/migrations.h"

namespace drover::push {

inline constexpr char kSchema[] = "push";
inline constexpr char kOutboxTable[] = "push.outbox";

std::vector<postgres::Migration> Migrations();

}  // namespace drover::push

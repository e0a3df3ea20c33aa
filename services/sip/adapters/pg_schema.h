// The PostgreSQL schema `sip`, as migrations (docs/services/sip.md, "Tables").
#pragma once
#include <vector>

#include "libs/postgres/migrations.h"

namespace drover::gateways {

inline constexpr char kSchema[] = "sip";
inline constexpr char kOutboxTable[] = "sip.outbox";

std::vector<postgres::Migration> Migrations();

}  // namespace drover::gateways

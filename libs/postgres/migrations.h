// Schema migrations: numbered steps, forward and one version back, under an advisory lock.
//
// Each step is one transaction. The version is kept in <schema>.schema_version; one schema a
// service.
#pragma once
#include <string>
#include <vector>

#include "libs/postgres/pool.h"

namespace drover::postgres {

struct Migration {
  int version;          // 1, 2, 3 ..
  std::string name;     // "create operations"
  std::string forward;  // SQL
  std::string back;     // SQL that undoes it
};

// Brings the schema to `to` (-1: the newest). Going back: at most one version below the newest, so
// that the release before still runs. Returns the version reached. Several replicas may call it at
// once.
Task<int> Migrate(Pool& pool, std::string schema, std::vector<Migration> migrations, int to);
// 0 when there is none yet.
Task<int> SchemaVersion(Pool& pool, std::string schema);

}  // namespace drover::postgres

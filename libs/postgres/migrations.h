// Schema migrations: numbered steps, forward and one version back, under an advisory lock.
//
// Each step is one implicit transaction in the simple protocol, so its SQL must not hold BEGIN or
// COMMIT. <schema>.schema_version (version, name, at) is the history, one row a step in either
// direction; the last row is where the schema stands. One schema a service.
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
// that the release before still runs. A schema one ahead of the newest is left as it is (the next
// release has been here); further ahead is kFailedPrecondition. Returns the version reached.
// Several replicas may call it at once.
Task<int> Migrate(Pool& pool, std::string schema, std::vector<Migration> migrations, int to);
// 0 when there is none yet.
Task<int> SchemaVersion(Pool& pool, std::string schema);

}  // namespace drover::postgres

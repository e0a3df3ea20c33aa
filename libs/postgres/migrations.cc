#include "libs/postgres/migrations.h"

#include <algorithm>

namespace drover::postgres {
namespace {

// Long enough for a step on a large table, and for other replicas' steps before ours.
constexpr std::chrono::minutes kStepTimeout{30};

bool IsIdentifier(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 63 && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string Literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

// The lock that makes replicas take turns, held to the end of the transaction.
std::string Lock(const std::string& schema) {
  return "SELECT pg_advisory_xact_lock(hashtextextended(" + Literal("drover schema " + schema) +
         ", 0));\n";
}

std::string CreateHistory(const std::string& schema) {
  return Lock(schema) + "CREATE SCHEMA IF NOT EXISTS " + schema + ";\nCREATE TABLE IF NOT EXISTS " +
         schema +
         ".schema_version (step bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version int NOT "
         "NULL, name text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());\n";
}

std::string SelectVersion(const std::string& schema) {
  return "SELECT version FROM " + schema + ".schema_version ORDER BY step DESC LIMIT 1";
}

// Nothing is done (40001) when another replica was here first.
std::string Step(const std::string& schema, int from, int to, const std::string& name,
                 const std::string& sql) {
  return Lock(schema) + "DO $drover$ BEGIN IF coalesce((" + SelectVersion(schema) + "), 0) <> " +
         std::to_string(from) +
         " THEN RAISE EXCEPTION 'the schema has moved on' USING ERRCODE = '40001'; END IF; END "
         "$drover$;\n" +
         sql + "\n;INSERT INTO " + schema + ".schema_version (version, name) VALUES (" +
         std::to_string(to) + ", " + Literal(name) + ");";
}

Result<void> Check(const std::string& schema, const std::vector<Migration>& migrations, int to) {
  if (!IsIdentifier(schema)) return InvalidArgument("a schema's name is a-z, 0-9 and _");
  for (size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<int>(i) + 1) {
      return InvalidArgument("migrations must be numbered 1, 2, 3 ..");
    }
  }
  const int newest = static_cast<int>(migrations.size());
  if (to > newest || to < std::max(newest - 1, 0)) {
    return FailedPrecondition("schema " + schema + ": version " + std::to_string(to) +
                              " is neither the newest, " + std::to_string(newest) +
                              ", nor the one before");
  }
  return {};
}

}  // namespace

Task<int> SchemaVersion(Pool& pool, std::string schema) {
  if (!IsIdentifier(schema)) co_return InvalidArgument("a schema's name is a-z, 0-9 and _");
  const Deadline deadline = In(std::chrono::seconds(30));
  Statement exists;
  exists.sql = "SELECT to_regclass($1) IS NOT NULL";
  exists.params.push_back(Param::Text(schema + ".schema_version"));
  DROVER_CO_TRY(const Rows found, co_await pool.Execute(std::move(exists), deadline));
  if (!found.Bool(0, 0)) co_return 0;
  Statement select;
  select.sql = SelectVersion(schema);
  DROVER_CO_TRY(const Rows rows, co_await pool.Execute(std::move(select), deadline));
  co_return rows.size() == 0 ? 0 : rows.Int4(0, 0);
}

Task<int> Migrate(Pool& pool, std::string schema, std::vector<Migration> migrations, int to) {
  const int newest = static_cast<int>(migrations.size());
  const int target = to < 0 ? newest : to;
  DROVER_CO_TRY(Check(schema, migrations, target));
  std::string create = CreateHistory(schema);
  DROVER_CO_TRY(co_await pool.Script(std::move(create), In(kStepTimeout)));
  for (;;) {
    DROVER_CO_TRY(const int version, co_await SchemaVersion(pool, schema));
    if (version == target) co_return version;
    if (version > newest + 1) {
      co_return FailedPrecondition("schema " + schema + " is at version " +
                                   std::to_string(version) + ", and this release knows " +
                                   std::to_string(newest) + ": run a newer one");
    }
    if (version > newest) co_return version;  // The next release has been here; we run on it.
    const bool forward = version < target;
    const Migration& migration = migrations[static_cast<size_t>(forward ? version : version - 1)];
    std::string script =
        forward ? Step(schema, version, version + 1, migration.name, migration.forward)
                : Step(schema, version, version - 1, "back: " + migration.name, migration.back);
    const Result<void> done = co_await pool.Script(std::move(script), In(kStepTimeout));
    if (!done && done.error().code != Code::kAborted) {
      co_return Error{done.error().code, "schema " + schema + ", migration " +
                                             std::to_string(migration.version) + " (" +
                                             migration.name + "): " + done.error().message};
    }
  }
}

}  // namespace drover::postgres

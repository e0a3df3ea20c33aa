#include "services/tree/adapters/pg_models.h"

#include <utility>

namespace drover::tree {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

std::vector<Param> Key(const ModelName& name) {
  return {Param::Text(name.manufacturer), Param::Text(name.model)};
}

// manufacturer, model, nodes, imported_at, document
std::vector<StoredDdf> ReadDdfs(const Rows& rows) {
  std::vector<StoredDdf> ddfs;
  for (size_t i = 0; i < rows.size(); ++i) {
    StoredDdf& ddf = ddfs.emplace_back();
    ddf.name = {std::string(rows.Text(i, 0)), std::string(rows.Text(i, 1))};
    ddf.nodes = rows.Int4(i, 2);
    ddf.imported_at = rows.Timestamptz(i, 3);
    if (!rows.null(i, 4)) ddf.document = rows.Bytea(i, 4);
  }
  return ddfs;
}

}  // namespace

Task<void> PgModels::PutProfile(const ModelName& name, const std::string& profile,
                                Deadline deadline) {
  Statement statement{
      "INSERT INTO tree.profiles (manufacturer, model, profile) VALUES ($1, $2, $3)"
      " ON CONFLICT (manufacturer, model) DO UPDATE SET profile = EXCLUDED.profile",
      Key(name)};
  statement.params.push_back(Param::Bytea(profile));
  DROVER_CO_TRY(co_await pool_.Execute(std::move(statement), deadline));
  co_return Result<void>();
}

Task<std::optional<std::string>> PgModels::FindProfile(const ModelName& name, Deadline deadline) {
  Statement statement{"SELECT profile FROM tree.profiles WHERE manufacturer = $1 AND model = $2",
                      Key(name)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  if (rows.size() == 0) co_return std::optional<std::string>();
  co_return std::optional<std::string>(rows.Bytea(0, 0));
}

Task<std::vector<std::string>> PgModels::ListProfiles(Deadline deadline) {
  Statement statement{"SELECT profile FROM tree.profiles ORDER BY manufacturer, model", {}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::vector<std::string> profiles;
  for (size_t i = 0; i < rows.size(); ++i) profiles.emplace_back(rows.Bytea(i, 0));
  co_return profiles;
}

Task<bool> PgModels::DeleteProfile(const ModelName& name, Deadline deadline) {
  Statement statement{"DELETE FROM tree.profiles WHERE manufacturer = $1 AND model = $2",
                      Key(name)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return rows.affected() == 1;
}

Task<void> PgModels::PutDdf(const StoredDdf& ddf, Deadline deadline) {
  Statement statement{
      "INSERT INTO tree.ddfs (manufacturer, model, nodes, imported_at, document)"
      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (manufacturer, model) DO UPDATE SET"
      " nodes = EXCLUDED.nodes, imported_at = EXCLUDED.imported_at, document = EXCLUDED.document",
      Key(ddf.name)};
  statement.params.push_back(Param::Int4(ddf.nodes));
  statement.params.push_back(Param::Timestamptz(ddf.imported_at));
  statement.params.push_back(Param::Bytea(ddf.document));
  DROVER_CO_TRY(co_await pool_.Execute(std::move(statement), deadline));
  co_return Result<void>();
}

Task<std::vector<StoredDdf>> PgModels::FindDdfs(const std::vector<ModelName>& names, bool documents,
                                                Deadline deadline) {
  std::vector<std::string> manufacturers, models;
  for (const ModelName& name : names) {
    manufacturers.push_back(name.manufacturer);
    models.push_back(name.model);
  }
  Statement statement{
      "SELECT d.* FROM unnest($1, $2) AS r(manufacturer, model) CROSS JOIN LATERAL"
      " (SELECT manufacturer, model, nodes, imported_at, CASE WHEN $3 THEN document END"
      " FROM tree.ddfs WHERE manufacturer = r.manufacturer AND model = r.model LIMIT 1) AS d",
      {Param::TextArray(manufacturers), Param::TextArray(models), Param::Bool(documents)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return ReadDdfs(rows);
}

Task<std::vector<StoredDdf>> PgModels::ListDdfs(Deadline deadline) {
  Statement statement{
      "SELECT manufacturer, model, nodes, imported_at, NULL::bytea FROM tree.ddfs"
      " ORDER BY manufacturer, model",
      {}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return ReadDdfs(rows);
}

Task<bool> PgModels::DeleteDdf(const ModelName& name, Deadline deadline) {
  Statement statement{"DELETE FROM tree.ddfs WHERE manufacturer = $1 AND model = $2", Key(name)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return rows.affected() == 1;
}

}  // namespace drover::tree

// tree.profiles and tree.ddfs: what is known of models.
#pragma once
#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/tree/core/model.h"

namespace drover::tree {

struct ModelName {
  std::string manufacturer;
  std::string model;
  auto operator<=>(const ModelName&) const = default;
};

struct StoredDdf {
  ModelName name;
  int32_t nodes = 0;
  TimePoint imported_at{};
  std::string document;  // WBXML; empty where it was not asked for.
};

class PgModels {
 public:
  explicit PgModels(postgres::Pool& pool) : pool_(pool) {}

  // profile: serialised v1::Profile.
  Task<void> PutProfile(const ModelName& name, const std::string& profile, Deadline deadline);
  // Of that very name; nullopt: none.
  Task<std::optional<std::string>> FindProfile(const ModelName& name, Deadline deadline);
  Task<std::vector<std::string>> ListProfiles(Deadline deadline);
  // False: there was none.
  Task<bool> DeleteProfile(const ModelName& name, Deadline deadline);

  Task<void> PutDdf(const StoredDdf& ddf, Deadline deadline);
  // Those that are there; with their documents if wanted.
  Task<std::vector<StoredDdf>> FindDdfs(const std::vector<ModelName>& names, bool documents,
                                        Deadline deadline);
  // By name, without documents.
  Task<std::vector<StoredDdf>> ListDdfs(Deadline deadline);
  Task<bool> DeleteDdf(const ModelName& name, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

}  // namespace drover::tree

// The device descriptions of models, decoded, those used last kept in memory.
//
// Each question looks into the database whether they are still those: another replica may have
// imported one. Loop thread only.
#pragma once
#include <map>
#include <memory>
#include <vector>

#include "libs/dmtree/ddf.h"
#include "services/tree/adapters/pg_models.h"

namespace drover::tree {

class DdfCatalogue {
 public:
  using Descriptions = std::map<ModelName, std::shared_ptr<const dmtree::Ddf>>;

  explicit DdfCatalogue(PgModels& models) : models_(models) {}
  DdfCatalogue(const DdfCatalogue&) = delete;

  // Those of the models that have one.
  Task<Descriptions> Find(const std::vector<ModelName>& models, Deadline deadline);

 private:
  struct Entry {
    TimePoint imported_at{};
    std::shared_ptr<const dmtree::Ddf> ddf;
  };
  void Keep(const StoredDdf& stored, std::shared_ptr<const dmtree::Ddf> ddf);

  PgModels& models_;
  std::map<ModelName, Entry> entries_;
};

}  // namespace drover::tree

#include "services/tree/handlers/ddf_catalogue.h"

#include <utility>

namespace drover::tree {
namespace {

constexpr size_t kKept = 64;

}  // namespace

Task<DdfCatalogue::Descriptions> DdfCatalogue::Find(const std::vector<ModelName>& models,
                                                    Deadline deadline) {
  DROVER_CO_TRY(const std::vector<StoredDdf> there,
                co_await models_.FindDdfs(models, false, deadline));
  Descriptions found;
  std::vector<ModelName> missing;
  for (const StoredDdf& stored : there) {
    const auto entry = entries_.find(stored.name);
    if (entry != entries_.end() && entry->second.imported_at == stored.imported_at) {
      found[stored.name] = entry->second.ddf;
    } else {
      missing.push_back(stored.name);
    }
  }
  if (missing.empty()) co_return found;
  DROVER_CO_TRY(const std::vector<StoredDdf> fresh,
                co_await models_.FindDdfs(missing, true, deadline));
  for (const StoredDdf& stored : fresh) {
    DROVER_CO_TRY(dmtree::Ddf decoded, dmtree::DecodeDdf(stored.document));
    auto ddf = std::make_shared<const dmtree::Ddf>(std::move(decoded));
    Keep(stored, ddf);
    found[stored.name] = std::move(ddf);
  }
  co_return found;
}

void DdfCatalogue::Keep(const StoredDdf& stored, std::shared_ptr<const dmtree::Ddf> ddf) {
  if (entries_.size() >= kKept) entries_.clear();
  entries_[stored.name] = {stored.imported_at, std::move(ddf)};
}

}  // namespace drover::tree

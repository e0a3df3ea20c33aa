#include "services/operations/handlers/watchers.h"

#include <boost/asio/redirect_error.hpp>

namespace drover::operations {

Watchers::Watch::Watch(Watchers& watchers, std::vector<std::string> ids)
    : watchers_(watchers), ids_(std::move(ids)), timer_(watchers.loop_.get_executor()) {
  for (const std::string& id : ids_) watchers_.watches_.emplace(id, this);
}

Watchers::Watch::~Watch() {
  for (const std::string& id : ids_) {
    const auto [begin, end] = watchers_.watches_.equal_range(id);
    for (auto it = begin; it != end; ++it) {
      if (it->second != this) continue;
      watchers_.watches_.erase(it);
      break;
    }
  }
}

Task<std::set<std::string>> Watchers::Watch::Wait(Deadline deadline) {
  if (changed_.empty()) {
    timer_.expires_at(deadline);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
  std::set<std::string> changed;
  changed.swap(changed_);
  co_return changed;
}

void Watchers::Changed(const std::string& id) {
  const auto [begin, end] = watches_.equal_range(id);
  for (auto it = begin; it != end; ++it) {
    it->second->changed_.insert(id);
    it->second->timer_.cancel();
  }
}

}  // namespace drover::operations

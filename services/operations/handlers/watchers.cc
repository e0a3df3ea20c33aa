#include "services/operations/handlers/watchers.h"

#include <boost/asio/redirect_error.hpp>

namespace drover::operations {

Watchers::Watch::Watch(Watchers& watchers, std::string id)
    : watchers_(watchers), id_(std::move(id)), timer_(watchers.loop_.get_executor()) {
  watchers_.watches_.emplace(id_, this);
}

Watchers::Watch::~Watch() {
  const auto [begin, end] = watchers_.watches_.equal_range(id_);
  for (auto it = begin; it != end; ++it) {
    if (it->second != this) continue;
    watchers_.watches_.erase(it);
    return;
  }
}

Task<void> Watchers::Watch::Wait(Deadline deadline) {
  if (!changed_) {
    timer_.expires_at(deadline);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
  changed_ = false;
  co_return Result<void>();
}

void Watchers::Changed(const std::string& id) {
  const auto [begin, end] = watches_.equal_range(id);
  for (auto it = begin; it != end; ++it) {
    it->second->changed_ = true;
    it->second->timer_.cancel();
  }
}

}  // namespace drover::operations

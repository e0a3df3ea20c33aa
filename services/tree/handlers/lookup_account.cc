#include "services/tree/handlers/lookup_account.h"

#include <algorithm>
#include <utility>

#include "libs/dmtree/device_id.h"
#include "services/tree/core/text.h"

namespace drover::tree {

LookupAccounts::LookupAccounts(asio::io_context& loop, BatchLimits limits, PgDevices& devices,
                               Accounts& accounts, Metrics& metrics)
    : devices_(devices),
      accounts_(accounts),
      metrics_(metrics),
      batcher_(loop, limits,
               [this](std::vector<Item> items) { return RunBatch(std::move(items)); }) {}

void LookupAccounts::Submit(v1::LookupAccount request, Deadline deadline, Respond respond) {
  Result<DeviceId> device = dmtree::NormaliseDeviceId(request.device_id());
  if (!device) return Answer(respond, FailureReply(device.error()));
  if (batcher_.full()) {
    return Answer(respond, FailureReply(ResourceExhausted("too many lookups are waiting")));
  }
  Item item{device->value(), deadline, std::move(respond), request.once()};
  batcher_.Add(std::move(item), 1);
}

Process LookupAccounts::RunBatch(std::vector<Item> items) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::string> ids;
  Deadline deadline = start + kLeastTimeout;
  for (const Item& item : items) {
    ids.push_back(item.device);
    deadline = std::max(deadline, item.deadline);
  }
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());

  Result<std::vector<StoredDevice>> found = co_await devices_.FindAccounts(ids, deadline);
  metrics_.Batched(Batch::kLookup, items.size(), std::chrono::steady_clock::now() - start);
  if (found) std::ranges::sort(*found, {}, [](const StoredDevice& s) { return s.device.id; });
  for (const Item& item : items) Answer(item.respond, ReplyTo(item, found));
}

v1::TreeReply LookupAccounts::ReplyTo(const Item& item,
                                      const Result<std::vector<StoredDevice>>& found) {
  const std::string& device = item.device;
  if (!found) return FailureReply(found.error());
  const auto row = std::ranges::lower_bound(
      *found, device, {},
      [](const StoredDevice& s) -> const std::string& { return s.device.id.value(); });
  if (row == found->end() || row->device.id.value() != device) {
    return FailureReply(NotFound("no device \"" + Printable(device) + "\" is enrolled"));
  }
  Result<v1::Account> account = accounts_.Serve(*row, item.once);
  return account ? AccountReply(std::move(*account)) : FailureReply(account.error());
}

void LookupAccounts::Answer(const Respond& respond, v1::TreeReply reply) {
  metrics_.Answered(Request::kLookupAccount, static_cast<Code>(reply.code()));
  respond(std::move(reply));
}

}  // namespace drover::tree

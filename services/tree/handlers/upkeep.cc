#include "services/tree/handlers/upkeep.h"

#include <utility>

#include <boost/asio/redirect_error.hpp>

#include "libs/service/log.h"
#include "services/tree/adapters/migrations.h"

namespace drover::tree {
namespace {

constexpr std::chrono::seconds kTimeout{30};
constexpr std::chrono::minutes kEvery{1};
constexpr std::chrono::milliseconds kBetweenSlices{100};
constexpr int32_t kHistorySlice = 500;  // Rows of a partition.
constexpr int32_t kResealPage = 200;

void Complain(const char* what, const Error& error) {
  service::Log(service::Level::kWarn, "tree.upkeep.failed", "it is tried again",
               {{"what", what}, {"cause", error.message}});
}

}  // namespace

Upkeep::Upkeep(asio::io_context& loop, PgDevices& devices, PgNodes& nodes, const AccountSeal& seal,
               Clock clock, std::chrono::milliseconds retention, Metrics& metrics)
    : timer_(loop.get_executor()),
      devices_(devices),
      nodes_(nodes),
      seal_(seal),
      clock_(std::move(clock)),
      retention_(retention),
      metrics_(metrics) {}

Process Upkeep::Run() {
  bool resealed = false;
  while (!stopping_) {
    if (!resealed) {
      const Result<int64_t> left = co_await ResealAccounts();
      if (!left) Complain("reseal", left.error());
      resealed = left.has_value();
    }
    const Result<bool> more = co_await SweepHistory();
    if (!more) Complain("history", more.error());
    if (stopping_) co_return;
    const std::chrono::milliseconds pause = more && *more ? kBetweenSlices : kEvery;
    timer_.expires_after(pause);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

void Upkeep::Stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<bool> Upkeep::SweepHistory() {
  const TimePoint before = clock_() - retention_;
  bool more = false;
  for (int partition = 0; partition < kPartitions && !stopping_; ++partition) {
    const Deadline deadline = In(kTimeout);
    DROVER_CO_TRY(const int64_t gone,
                  co_await nodes_.ForgetHistory(partition, before, kHistorySlice, deadline));
    metrics_.HistoryForgotten(gone);
    more = more || gone == kHistorySlice;
  }
  co_return more;
}

Task<int64_t> Upkeep::ResealAccounts() {
  if (seal_.keys().count() == 1) {
    metrics_.SealedOtherwise(0);
    co_return int64_t{0};
  }
  int64_t left = 0;
  int64_t seen = 0;
  DeviceId after;
  while (!stopping_) {
    const Deadline deadline = In(kTimeout);
    DROVER_CO_TRY(
        const std::vector<StoredDevice> page,
        co_await devices_.SealedOtherwise(seal_.keys().current(), after, kResealPage, deadline));
    if (page.empty()) break;
    DROVER_CO_TRY(const int64_t failed, co_await ResealPage(page));
    left += failed;
    seen += static_cast<int64_t>(page.size());
    after = page.back().device.id;
  }
  metrics_.SealedOtherwise(left);
  service::Log(left == 0 ? service::Level::kInfo : service::Level::kWarn, "tree.resealed",
               left == 0 ? "every account is sealed with the last key of --seal-key-file; the "
                           "others may go from it"
                         : "some accounts are sealed with a key that is not in --seal-key-file: "
                           "put it back, or rotate their credentials",
               {{"resealed", seen - left}, {"left", left}});
  co_return left;
}

Task<int64_t> Upkeep::ResealPage(const std::vector<StoredDevice>& page) {
  int64_t failed = 0;
  for (const StoredDevice& stored : page) {
    const Result<std::string> sealed = seal_.Reseal(stored.device.id, stored.sealed);
    if (!sealed) {
      ++failed;
      continue;
    }
    const Deadline deadline = In(kTimeout);
    DROVER_CO_TRY(const bool replaced, co_await devices_.ReplaceSeal(stored, *sealed, deadline));
    if (replaced) metrics_.Resealed();
  }
  co_return failed;
}

}  // namespace drover::tree

#include "services/operations/handlers/marks_keeper.h"

#include <boost/asio/redirect_error.hpp>

#include "libs/service/log.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kEvery{1};
constexpr std::chrono::seconds kRedisTimeout{2};
constexpr std::chrono::seconds kDatabaseTimeout{30};
constexpr int kPage = 1000;

}  // namespace

MarksKeeper::MarksKeeper(asio::io_context& loop, RedisMarks& marks, PgQueries& queries,
                         Metrics& metrics)
    : timer_(loop.get_executor()), marks_(marks), queries_(queries), metrics_(metrics) {}

Process MarksKeeper::Run() {
  while (!stopping_) {
    const Result<void> checked = co_await Check();
    if (!checked) metrics_.Failed("marks");
    if (stopping_) break;
    timer_.expires_after(kEvery);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

void MarksKeeper::Stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<void> MarksKeeper::Check() {
  const Deadline deadline = In(kRedisTimeout);
  DROVER_CO_TRY(const bool complete, co_await marks_.witness().Check(deadline));
  if (complete) co_return Result<void>();
  co_return co_await Rebuild();
}

// A server that is emptied or replaced meanwhile may have lost what was raised: then the witness is
// not completed, and the next look begins anew.
Task<void> MarksKeeper::Rebuild() {
  const Deadline begin = In(kRedisTimeout);
  DROVER_CO_TRY(co_await marks_.witness().Begin(begin));
  size_t count = 0;
  std::string after;
  while (true) {
    const Deadline database = In(kDatabaseTimeout);
    DROVER_CO_TRY(std::vector<std::string> devices,
                  co_await queries_.DevicesWithWork(after, kPage, database));
    if (devices.empty()) break;
    after = devices.back();
    count += devices.size();
    const Deadline redis = In(kRedisTimeout);
    DROVER_CO_TRY(co_await marks_.Raise(std::move(devices), redis));
  }
  const Deadline redis = In(kRedisTimeout);
  DROVER_CO_TRY(co_await marks_.witness().Complete(redis));
  service::Log(service::Level::kInfo, "operations.marks_rebuilt",
               "Redis was emptied, restarted or failed over; the work marks are complete again",
               {{"devices", count}});
  co_return Result<void>();
}

}  // namespace drover::operations

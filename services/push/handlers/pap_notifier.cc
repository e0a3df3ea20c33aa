#include "services/push/handlers/pap_notifier.h"

#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "libs/pap/reader.h"
#include "libs/pap/writer.h"
#include "libs/service/log.h"
#include "services/push/core/pap_answers.h"

namespace drover::push {
namespace {

constexpr size_t kMostInFlight = 64;
constexpr size_t kMostToOneHost = 16;  // So that one that is slow does not hold up the others.
constexpr std::chrono::seconds kLook{1};
constexpr std::chrono::seconds kPostTimeout{10};
constexpr std::chrono::seconds kDatabaseTimeout{10};
constexpr std::chrono::seconds kLease{60};  // Far longer than a try takes.

// The initiator's own word on it, if it says one.
Result<void> Understood(const HttpReply& reply) {
  constexpr int kSuccess = 2;
  if (reply.status / 100 != kSuccess) {
    return Unavailable("the initiator answered HTTP " + std::to_string(reply.status));
  }
  const pap::Reading reading = pap::Read(reply.body);
  if (!reading) return {};
  const auto* answer = std::get_if<pap::ResultNotificationResponse>(&reading.document->message);
  if (answer == nullptr || pap::IsSuccess(answer->code)) return {};
  const std::string why = "the initiator answered PAP " + std::to_string(pap::Number(answer->code));
  if (pap::IsTransient(answer->code)) return Unavailable(why);
  return FailedPrecondition(why);
}

std::string HostOf(const StoredPush& push) {
  Result<Url> url = ParseUrl(push.notify_to);
  return url ? std::move(url->authority) : std::string();
}

}  // namespace

std::chrono::seconds NotifyAgainAfter(int tries) {
  constexpr std::array<std::chrono::seconds, 4> kWaits = {
      std::chrono::seconds(1), std::chrono::seconds(15), std::chrono::seconds(120),
      std::chrono::seconds(600)};
  const auto last = static_cast<int>(kWaits.size()) - 1;
  return kWaits[static_cast<size_t>(std::clamp(tries - 1, 0, last))];
}

PapNotifier::PapNotifier(asio::io_context& loop, PgPushes& pushes, HttpPost& http,
                         std::string sender, Clock clock, PapMetrics& metrics)
    : loop_(loop),
      pushes_(pushes),
      http_(http),
      sender_(std::move(sender)),
      clock_(std::move(clock)),
      metrics_(metrics),
      timer_(loop.get_executor()) {}

Process PapNotifier::Run() {
  while (!stopping_) {
    const Result<size_t> round = co_await Round();
    if (!round) {
      service::Log(service::Level::kWarn, "push.notify_failed",
                   "results of pushes were not told; it is tried again",
                   {{"cause", round.error().message}});
    }
    // A try that ends wakes it up.
    timer_.expires_after(kLook);
    boost::system::error_code ignored;
    if (!stopping_ && told_.empty())
      co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

void PapNotifier::Stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<size_t> PapNotifier::Round() {
  DROVER_CO_TRY(co_await Settle());
  const size_t room = kMostInFlight - in_flight_;
  if (room == 0) co_return size_t{0};
  const TimePoint now = clock_();
  const Deadline deadline = In(kDatabaseTimeout);
  DROVER_CO_TRY(
      std::vector<StoredPush> due,
      co_await pushes_.TakeNotifications(now, now + kLease, static_cast<int>(room), deadline));
  for (StoredPush& push : due) Begin(std::move(push), now);
  co_return due.size();
}

void PapNotifier::Begin(StoredPush push, TimePoint now) {
  std::string host = HostOf(push);
  size_t& busy = in_flight_to_[host];
  if (busy >= kMostToOneHost) {
    told_.push_back({.account = push.account,
                     .push_id = push.push_id,
                     .recipient = push.recipient,
                     .notify = Notify::kDue,
                     .again_at = now + kLook,
                     .tried = false});
    return;
  }
  ++busy;
  ++in_flight_;
  asio::co_spawn(loop_.get_executor(), Tell(std::move(push), std::move(host)), asio::detached);
}

Task<void> PapNotifier::Settle() {
  if (told_.empty()) co_return Result<void>();
  const std::vector<Told> told = std::exchange(told_, {});
  const Deadline deadline = In(kDatabaseTimeout);
  // If it fails they are told again after their lease.
  co_return co_await pushes_.SettleNotifications(told, deadline);
}

Process PapNotifier::Tell(StoredPush push, std::string host) {
  const Result<void> posted = co_await Post(push);
  told_.push_back(Outcome(push, posted));
  --in_flight_;
  if (--in_flight_to_[host] == 0) in_flight_to_.erase(host);
  timer_.cancel();
}

Task<void> PapNotifier::Post(const StoredPush& push) {
  DROVER_CO_TRY(Url url, ParseUrl(push.notify_to));
  pap::Document document;
  document.product_name = sender_;
  document.message = NotificationOf(push, sender_);
  std::string body, type = "application/xml";
  pap::Write(document, body);
  const Deadline deadline = In(kPostTimeout);
  DROVER_CO_TRY(const HttpReply reply,
                co_await http_.Post(std::move(url), std::move(type), std::move(body), deadline));
  co_return Understood(reply);
}

Told PapNotifier::Outcome(const StoredPush& push, const Result<void>& posted) {
  Told told{.account = push.account, .push_id = push.push_id, .recipient = push.recipient};
  if (posted) {
    metrics_.Notified("told");
    return told;
  }
  const bool hopeless = posted.error().code == Code::kFailedPrecondition ||
                        posted.error().code == Code::kInvalidArgument;
  if (!hopeless && push.notify_tries < kNotifyTries) {
    metrics_.Notified("again");
    told.notify = Notify::kDue;
    told.again_at = clock_() + NotifyAgainAfter(push.notify_tries);
    return told;
  }
  metrics_.Notified("parked");
  service::Log(service::Level::kWarn, "push.notification_parked",
               "the initiator was not told how its push ended; it can ask by statusquery",
               {{"account", push.account},
                {"push_id", push.push_id},
                {"tries", push.notify_tries},
                {"cause", posted.error().message}});
  told.notify = Notify::kParked;
  return told;
}

}  // namespace drover::push

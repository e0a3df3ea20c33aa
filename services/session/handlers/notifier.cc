#include "services/session/handlers/notifier.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/async/promise.h"

namespace drover::session {
namespace {

// Each waits for Redis and for tree, whose streams carry so many together.
constexpr size_t kAtATime = 64;

}  // namespace

struct Notifier::Work {
  Work(asio::io_context& loop, std::vector<NotificationWish> asked, Deadline until)
      : wishes(std::move(asked)),
        made(wishes.size(), Result<std::string>(Unavailable("not asked yet"))),
        deadline(until),
        done(loop) {}
  std::vector<NotificationWish> wishes;
  std::vector<Result<std::string>> made;
  Deadline deadline;
  Promise<void> done;
  size_t next = 0;
  size_t finished = 0;
};

Notifier::Notifier(asio::io_context& loop, SessionStore& store, TreePort& tree,
                   std::string server_id)
    : loop_(loop), store_(store), tree_(tree), server_id_(std::move(server_id)) {}

Task<std::vector<Result<std::string>>> Notifier::Make(std::vector<NotificationWish> wishes,
                                                      Deadline deadline) {
  if (wishes.empty()) co_return std::vector<Result<std::string>>();
  const auto work = std::make_shared<Work>(loop_, std::move(wishes), deadline);
  const size_t takers = std::min(kAtATime, work->wishes.size());
  for (size_t i = 0; i < takers; ++i) {
    asio::co_spawn(loop_.get_executor(), Take(work), asio::detached);
  }
  DROVER_CO_TRY(co_await work->done.Wait(deadline, "notifications"));
  co_return std::move(work->made);
}

Process Notifier::Take(std::shared_ptr<Work> work) {
  while (work->next < work->wishes.size()) {
    const size_t mine = work->next++;
    Result<std::string> made = co_await MakeOne(work->wishes[mine], work->deadline);
    work->made[mine] = std::move(made);
    if (++work->finished == work->wishes.size()) work->done.Set({});
  }
}

// A terminal that never had a session keeps to the enrolment's nonce.
Task<std::string> Notifier::MakeOne(const NotificationWish& wish, Deadline deadline) {
  DROVER_CO_TRY(const std::optional<Account> account,
                co_await tree_.LookupAccount(wish.device, TreePort::Use::kAgain, deadline));
  if (!account) co_return NotFound("no terminal " + wish.device.value() + " is enrolled");
  if (!account->enabled) {
    co_return FailedPrecondition("the terminal is disabled: drover enable device");
  }
  if (account->server_a1.empty()) {
    co_return FailedPrecondition(
        "this terminal has no server password: its notifications cannot be proved; enrol it with "
        "one");
  }
  DROVER_CO_TRY(const Loaded loaded, co_await store_.Load(wish.device, nullptr, deadline));
  notification::Trigger trigger;
  trigger.version = wish.version;
  trigger.ui_mode = wish.ui_mode;
  trigger.initiator = wish.initiator;
  trigger.session_id = wish.session_id;
  trigger.server_id = server_id_;
  const std::string& nonce =
      loaded.nonces.known ? loaded.nonces.server_nonce : account->server_nonce;
  co_return notification::EncodePackage0(trigger, account->server_a1, nonce);
}

}  // namespace drover::session

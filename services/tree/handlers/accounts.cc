#include "services/tree/handlers/accounts.h"

#include <unordered_map>
#include <unordered_set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "services/tree/core/text.h"
#include "services/tree/handlers/message_proto.h"

namespace drover::tree {
namespace {

constexpr int kAttempts = 4;  // Against others who change the same rows.
constexpr std::chrono::seconds kCacheTimeout{1};

Error Gone(const DeviceId& device) {
  return NotFound("no device \"" + Printable(device.value()) + "\" is enrolled");
}

Error Busy() { return Aborted("the device is being changed by others; try again"); }

Result<std::vector<Enrolment>> EnrolAll(const std::vector<NewDevice>& given,
                                        std::string_view server_id, TimePoint now) {
  std::vector<Enrolment> wanted;
  std::unordered_set<DeviceId> ids;
  for (const NewDevice& device : given) {
    DROVER_TRY(Enrolment enrolment, Enrol(device, server_id, now));
    if (!ids.insert(enrolment.device.id).second) {
      return InvalidArgument("device \"" + Printable(device.id) + "\" is in the request twice");
    }
    wanted.push_back(std::move(enrolment));
  }
  return wanted;
}

}  // namespace

Accounts::Accounts(asio::io_context& loop, PgDevices& devices, RedisAccountCache& cache,
                   AccountSeal& seal, outbox::Relay& relay, Clock clock, RandomOctets random,
                   std::string server_id, Metrics& metrics)
    : loop_(loop),
      devices_(devices),
      cache_(cache),
      seal_(seal),
      relay_(relay),
      clock_(std::move(clock)),
      random_(std::move(random)),
      server_id_(std::move(server_id)),
      metrics_(metrics) {}

Task<std::vector<Device>> Accounts::Enrol(std::vector<NewDevice> given, Deadline deadline) {
  const TimePoint now = clock_();
  DROVER_CO_TRY(const std::vector<Enrolment> wanted, EnrolAll(given, server_id_, now));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Result<std::vector<Device>> enrolled = co_await EnrolOnce(wanted, deadline);
    // Somebody enrolled one of them between our look and our insert: look again.
    const bool raced = !enrolled && enrolled.error().code == Code::kAborted;
    if (!raced) co_return enrolled;
  }
  co_return Busy();
}

Task<std::vector<Device>> Accounts::EnrolOnce(const std::vector<Enrolment>& wanted,
                                              Deadline deadline) {
  std::vector<std::string> ids;
  for (const Enrolment& enrolment : wanted) ids.push_back(enrolment.device.id.value());
  DROVER_CO_TRY(const std::vector<StoredDevice> found, co_await devices_.Find(ids, deadline));
  std::unordered_map<DeviceId, const StoredDevice*> there;
  for (const StoredDevice& stored : found) there[stored.device.id] = &stored;

  std::vector<Device> enrolled;
  std::vector<StoredDevice> fresh;
  events::v1::OutboxBatch events;
  for (const Enrolment& enrolment : wanted) {
    const Device& device = enrolment.device;
    if (const auto known = there.find(device.id); known != there.end()) {
      const StoredDevice& stored = *known->second;
      DROVER_CO_TRY(const Secrets secrets, seal_.OpenSecrets(device.id, stored.sealed));
      if (!SameAccount(enrolment, stored.device, secrets)) {
        co_return AlreadyExists("device \"" + Printable(device.id.value()) +
                                "\" is enrolled with another account; rotate its credentials");
      }
      enrolled.push_back(stored.device);
      continue;
    }
    fresh.push_back({device, seal_.SealSecrets(device.id, enrolment.secrets)});
    AddRegistration(events, device, Registration::kEnrolled, device.enrolled_at);
    enrolled.push_back(device);
  }
  if (fresh.empty()) co_return enrolled;
  const Result<void> inserted = co_await devices_.Insert(std::move(fresh), events, deadline);
  if (!inserted && inserted.error().code == Code::kAlreadyExists) co_return Busy();
  if (!inserted) co_return inserted.error();
  relay_.Wake();
  co_return enrolled;
}

Task<v1::Account> Accounts::EnrolUnknown(NewDevice given, Deadline deadline) {
  std::vector<NewDevice> one;
  one.push_back(std::move(given));
  DROVER_CO_TRY(const std::vector<Device> enrolled, co_await Enrol(std::move(one), deadline));
  const DeviceId& id = enrolled.front().id;
  DROVER_CO_TRY(const StoredDevice stored, co_await FindOne(id, deadline));
  co_return Serve(stored);
}

Task<StoredDevice> Accounts::FindOne(const DeviceId& device, Deadline deadline) {
  const std::vector<std::string> ids = {device.value()};
  DROVER_CO_TRY(std::vector<StoredDevice> found, co_await devices_.Find(ids, deadline));
  if (found.empty()) co_return Gone(device);
  co_return std::move(found.front());
}

Task<Device> Accounts::SetStatus(DeviceId device, DeviceStatus status, Deadline deadline) {
  const Registration reason =
      status == DeviceStatus::kDisabled ? Registration::kDisabled : Registration::kEnabled;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    DROVER_CO_TRY(StoredDevice stored, co_await FindOne(device, deadline));
    if (stored.device.status == status) co_return std::move(stored.device);
    stored.device.status = status;
    DROVER_CO_TRY(const bool replaced, co_await Replace(stored, reason, deadline));
    if (replaced) co_return std::move(stored.device);
  }
  co_return Busy();
}

Task<Rotated> Accounts::Rotate(DeviceId device, NewSecrets given, Deadline deadline) {
  DROVER_CO_TRY(CheckNewSecrets(given));
  if (given.password.empty()) given.password = MakeSecret(random_);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    DROVER_CO_TRY(StoredDevice stored, co_await FindOne(device, deadline));
    DROVER_CO_TRY(Secrets old, seal_.OpenSecrets(device, stored.sealed));
    NewSecrets fresh = given;
    const bool server_too = stored.device.server_scheme != AuthScheme::kNone;
    if (fresh.server_password.empty() && server_too) fresh.server_password = MakeSecret(random_);
    const Secrets secrets = tree::Rotate(stored.device, std::move(old), fresh, server_id_);
    stored.sealed = seal_.SealSecrets(device, secrets);
    DROVER_CO_TRY(const bool replaced,
                  co_await Replace(stored, Registration::kCredentialsRotated, deadline));
    if (replaced) co_return Rotated{std::move(stored.device), std::move(fresh)};
  }
  co_return Busy();
}

// Commits the change over the version that was read; then the cache.
Task<bool> Accounts::Replace(StoredDevice& changed, Registration reason, Deadline deadline) {
  Device& device = changed.device;
  const uint64_t expected = device.account_version++;
  // A cache that cannot be reached must not keep an operator from disabling a terminal.
  const Result<void> removed = co_await cache_.Remove(device.id, In(kCacheTimeout));
  if (!removed) metrics_.CacheFailed();
  events::v1::OutboxBatch events;
  AddRegistration(events, device, reason, clock_());
  Result<bool> replaced = co_await devices_.ReplaceAccount(changed, expected, events, deadline);
  if (!replaced || !*replaced) co_return replaced;
  relay_.Wake();
  DROVER_CO_TRY(const Secrets secrets, seal_.OpenSecrets(device.id, changed.sealed));
  std::string sealed = Sealed(ToAccount(device, secrets));
  const Result<void> put = co_await cache_.Put(device.id, std::move(sealed), In(kCacheTimeout));
  if (!put) metrics_.CacheFailed();
  co_return true;
}

Result<v1::Account> Accounts::Serve(const StoredDevice& stored) {
  DROVER_TRY(const Secrets secrets, seal_.OpenSecrets(stored.device.id, stored.sealed));
  v1::Account account = ToAccount(stored.device, secrets);
  asio::co_spawn(loop_.get_executor(), Offer(stored.device.id, Sealed(account)), asio::detached);
  return account;
}

Process Accounts::Offer(DeviceId device, std::string sealed) {
  const Result<void> put =
      co_await cache_.PutIfAbsent(device, std::move(sealed), In(kCacheTimeout));
  if (!put) metrics_.CacheFailed();
}

std::string Accounts::Sealed(const v1::Account& account) const {
  const std::string key = AccountCacheKey(DeviceId(account.device_id()));
  return seal_.SealForCache(key, account.SerializeAsString());
}

}  // namespace drover::tree

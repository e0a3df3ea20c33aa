#include "services/tree/handlers/accounts.h"

#include <unordered_map>
#include <unordered_set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/dmauth/credentials.h"
#include "services/tree/core/profiles.h"
#include "services/tree/core/text.h"
#include "services/tree/handlers/message_proto.h"

namespace drover::tree {
namespace {

constexpr int kAttempts = 4;  // Against others who change the same rows.
constexpr std::chrono::seconds kCacheTimeout{1};
constexpr std::chrono::seconds kPageTimeout{10};
constexpr int32_t kPage = 500;  // Of terminals whose cached accounts are dropped.

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
  DROVER_CO_TRY(std::vector<StoredDevice> found, co_await devices_.FindAccounts(ids, deadline));
  if (found.empty()) co_return Gone(device);
  co_return std::move(found.front());
}

Task<StoredDevice> Accounts::Apply(DeviceId device, Registration reason, Change change,
                                   Deadline deadline) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    DROVER_CO_TRY(StoredDevice stored, co_await FindOne(device, deadline));
    DROVER_CO_TRY(Secrets secrets, seal_.OpenSecrets(device, stored.sealed));
    DROVER_CO_TRY(const bool changed, change(stored, secrets));
    if (!changed) co_return std::move(stored);
    stored.sealed = seal_.SealSecrets(device, secrets);
    DROVER_CO_TRY(const bool replaced, co_await Replace(stored, reason, deadline));
    if (replaced) co_return std::move(stored);
  }
  co_return Busy();
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
  NewSecrets fresh;
  Change change = [this, &given, &fresh](StoredDevice& stored, Secrets& secrets) -> Result<bool> {
    fresh = given;
    const bool server_too = stored.device.server_scheme != AuthScheme::kNone;
    if (fresh.server_password.empty() && server_too) fresh.server_password = MakeSecret(random_);
    secrets = tree::Rotate(stored.device, std::move(secrets), fresh, server_id_);
    return true;
  };
  DROVER_CO_TRY(StoredDevice stored,
                co_await Apply(std::move(device), Registration::kCredentialsRotated,
                               std::move(change), deadline));
  co_return Rotated{std::move(stored.device), std::move(fresh)};
}

Task<Device> Accounts::PrepareRotation(DeviceId device, WhichSecrets which, Deadline deadline) {
  Change change = [this, which](StoredDevice& stored, Secrets& secrets) -> Result<bool> {
    DROVER_TRY(Secrets prepared, tree::PrepareRotation(stored.device, secrets, which, random_));
    const bool differ = prepared != secrets;
    secrets = std::move(prepared);
    return differ;
  };
  DROVER_CO_TRY(StoredDevice stored,
                co_await Apply(std::move(device), Registration::kRotationPrepared,
                               std::move(change), deadline));
  co_return std::move(stored.device);
}

Task<v1::Account> Accounts::Promote(DeviceId device, WhichSecrets which, Deadline deadline) {
  Change change = [this, which](StoredDevice& stored, Secrets& secrets) -> Result<bool> {
    Secrets promoted = tree::Promote(stored.device, secrets, which, server_id_);
    const bool differ = promoted != secrets;
    secrets = std::move(promoted);
    return differ;
  };
  DROVER_CO_TRY(StoredDevice stored,
                co_await Apply(std::move(device), Registration::kCredentialsRotated,
                               std::move(change), deadline));
  co_return Serve(stored);
}

Task<Device> Accounts::SetSchemes(DeviceId device, std::optional<AuthScheme> client,
                                  std::optional<AuthScheme> server, Deadline deadline) {
  Change change = [client, server](StoredDevice& stored, Secrets& secrets) -> Result<bool> {
    const Device before = stored.device;
    DROVER_TRY(secrets, tree::SetSchemes(stored.device, std::move(secrets), client, server));
    return before.client_scheme != stored.device.client_scheme ||
           before.server_scheme != stored.device.server_scheme;
  };
  DROVER_CO_TRY(StoredDevice stored,
                co_await Apply(std::move(device), Registration::kAuthenticationChanged,
                               std::move(change), deadline));
  co_return std::move(stored.device);
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
  std::string sealed = Sealed(ToAccount(changed, secrets));
  const Result<void> put = co_await cache_.Put(device.id, std::move(sealed), In(kCacheTimeout));
  if (!put) metrics_.CacheFailed();
  co_return true;
}

Result<v1::Account> Accounts::Serve(const StoredDevice& stored, bool once) {
  DROVER_TRY(const Secrets secrets, seal_.OpenSecrets(stored.device.id, stored.sealed));
  v1::Account account = ToAccount(stored, secrets);
  if (once) return account;
  asio::co_spawn(loop_.get_executor(), Offer(stored.device.id, Sealed(account)), asio::detached);
  return account;
}

Process Accounts::Offer(DeviceId device, std::string sealed) {
  const Result<void> put =
      co_await cache_.PutIfAbsent(device, std::move(sealed), In(kCacheTimeout));
  if (!put) metrics_.CacheFailed();
}

void Accounts::Forget(const DeviceId& device) {
  asio::co_spawn(loop_.get_executor(), Drop(device), asio::detached);
}

Process Accounts::Drop(DeviceId device) {
  const Result<void> removed = co_await cache_.Remove(device, In(kCacheTimeout));
  if (!removed) metrics_.CacheFailed();
}

void Accounts::ForgetModel(std::string manufacturer, std::string model) {
  Process drop = DropModel(std::move(manufacturer), std::move(model));
  asio::co_spawn(loop_.get_executor(), std::move(drop), asio::detached);
}

// What cannot be dropped goes when its time to live ends.
Process Accounts::DropModel(std::string manufacturer, std::string model) {
  Selector selector;
  selector.facts.emplace_back(Fact::kManufacturer, manufacturer);
  if (!model.empty()) selector.facts.emplace_back(Fact::kModel, model);
  DeviceId after;
  for (;;) {
    Result<std::vector<StoredDevice>> page =
        co_await devices_.List(selector, after, kPage, In(kPageTimeout));
    if (!page || page->empty()) co_return;
    for (const StoredDevice& stored : *page) {
      Process drop = Drop(stored.device.id);
      co_await std::move(drop);
    }
    after = page->back().device.id;
  }
}

v1::Account Accounts::ToAccount(const StoredDevice& stored, const Secrets& secrets) const {
  v1::Account account = tree::ToAccount(stored.device, secrets);
  std::optional<std::string_view> large_objects;
  if (stored.large_objects) large_objects = *stored.large_objects;
  v1::Traits traits = TraitsOf(stored.profile, large_objects);
  if (traits.ByteSizeLong() > 0) *account.mutable_traits() = std::move(traits);
  if (!secrets.next_password.empty()) {
    account.set_next_password(secrets.next_password);
    account.set_next_client_a1(dmauth::A1(stored.device.user, secrets.next_password));
  }
  if (!secrets.next_server_password.empty()) {
    account.set_next_server_password(secrets.next_server_password);
    account.set_next_server_a1(dmauth::A1(server_id_, secrets.next_server_password));
  }
  return account;
}

std::string Accounts::Sealed(const v1::Account& account) const {
  const std::string key = AccountCacheKey(DeviceId(account.device_id()));
  return seal_.SealForCache(key, account.SerializeAsString());
}

}  // namespace drover::tree

// DM accounts: enrolment, looking up, status, schemes, rotation; in the database, then in the
// cache.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "libs/outbox/relay.h"
#include "services/tree/adapters/account_seal.h"
#include "services/tree/adapters/pg_devices.h"
#include "services/tree/adapters/redis_account_cache.h"
#include "services/tree/adapters/registration_events.h"
#include "services/tree/core/enrolment.h"
#include "services/tree/metrics.h"

namespace drover::tree {

struct Rotated {
  Device device;
  NewSecrets secrets;
};

class Accounts {
 public:
  // server_id: the ServerID that terminals know this server by; part of server_a1.
  Accounts(asio::io_context& loop, PgDevices& devices, RedisAccountCache& cache, AccountSeal& seal,
           outbox::Relay& relay, Clock clock, RandomOctets random, std::string server_id,
           Metrics& metrics);
  Accounts(const Accounts&) = delete;

  // In the order given. All or none; those that are there with the same account are left as they
  // are. Errors: kInvalidArgument (names the device), kAlreadyExists (likewise).
  Task<std::vector<Device>> Enrol(std::vector<NewDevice> given, Deadline deadline);
  // The same for one, with its account written to the cache: its session goes on at once.
  Task<v1::Account> EnrolUnknown(NewDevice given, Deadline deadline);

  // Errors: kNotFound, kAborted (somebody else was quicker each time; try again).
  Task<Device> SetStatus(DeviceId device, DeviceStatus status, Deadline deadline);
  Task<Rotated> Rotate(DeviceId device, NewSecrets given, Deadline deadline);
  // kFailedPrecondition: the server does not authenticate itself to it.
  Task<Device> PrepareRotation(DeviceId device, WhichSecrets which, Deadline deadline);
  Task<v1::Account> Promote(DeviceId device, WhichSecrets which, Deadline deadline);
  // kFailedPrecondition: the server has no secret for the scheme.
  Task<Device> SetSchemes(DeviceId device, std::optional<AuthScheme> client,
                          std::optional<AuthScheme> server, Deadline deadline);

  // Opens a row, and puts the account into the cache without waiting for that. once: it does not.
  Result<v1::Account> Serve(const StoredDevice& stored, bool once = false);
  // Takes it out of the cache, without waiting for that: its traits have changed.
  void Forget(const DeviceId& device);
  // The same for all terminals of a model, "" for those of every model of the manufacturer.
  void ForgetModel(std::string manufacturer, std::string model);

  const std::string& server_id() const { return server_id_; }

 private:
  Task<std::vector<Device>> EnrolOnce(const std::vector<Enrolment>& wanted, Deadline deadline);
  Task<StoredDevice> FindOne(const DeviceId& device, Deadline deadline);
  Task<bool> Replace(StoredDevice& changed, Registration reason, Deadline deadline);
  // Commits what change makes of the account, again if somebody was quicker; the row after it.
  // change: changes the row and its secrets; false: there is nothing to do.
  using Change = std::function<Result<bool>(StoredDevice&, Secrets&)>;
  Task<StoredDevice> Apply(DeviceId device, Registration reason, Change change, Deadline deadline);
  Process Offer(DeviceId device, std::string sealed);
  Process Drop(DeviceId device);
  Process DropModel(std::string manufacturer, std::string model);
  v1::Account ToAccount(const StoredDevice& stored, const Secrets& secrets) const;
  std::string Sealed(const v1::Account& account) const;

  asio::io_context& loop_;
  PgDevices& devices_;
  RedisAccountCache& cache_;
  AccountSeal& seal_;
  outbox::Relay& relay_;
  const Clock clock_;
  const RandomOctets random_;
  const std::string server_id_;
  Metrics& metrics_;
};

}  // namespace drover::tree

// Accounts at rest: their secret part sealed in the database, the whole sealed in the cache.
//
// In the database the context of the seal is the device id, in the cache the cache's key. Each is
// the serialised drover.tree.v1.Account, in the database with its secret fields only.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/dmauth/seal.h"
#include "services/tree/core/model.h"

namespace drover::tree {

// A row of tree.devices.
struct StoredDevice {
  Device device;
  std::string sealed;
  // Of PgDevices::FindAccounts, what traits come from.
  std::string profile;  // Of its model or manufacturer, a serialised v1::Profile; empty: none.
  std::optional<std::string> large_objects;  // ./DevDetail/LrgObj
};

class AccountSeal {
 public:
  AccountSeal(dmauth::SealKeys keys, RandomOctets random)
      : keys_(std::move(keys)), random_(std::move(random)) {}

  std::string SealSecrets(const DeviceId& device, const Secrets& secrets) const;
  // kFailedPrecondition: sealed with a key that is not in --seal-key-file. kInternal: damaged.
  Result<Secrets> OpenSecrets(const DeviceId& device, std::string_view sealed) const;

  // Sealed anew with the key that seals now. Errors as OpenSecrets.
  Result<std::string> Reseal(const DeviceId& device, std::string_view sealed) const;
  const dmauth::SealKeys& keys() const { return keys_; }

  // account: serialised drover.tree.v1.Account.
  std::string SealForCache(std::string_view key, std::string_view account) const {
    return keys_.Seal(account, key, random_);
  }

 private:
  const dmauth::SealKeys keys_;
  const RandomOctets random_;
};

}  // namespace drover::tree

#include "services/tree/adapters/account_seal.h"

#include <utility>

#include "drover/tree/v1/tree.pb.h"

namespace drover::tree {

std::string AccountSeal::SealSecrets(const DeviceId& device, const Secrets& secrets) const {
  v1::Account account;
  account.set_client_a1(secrets.client_a1);
  account.set_server_a1(secrets.server_a1);
  account.set_server_password(secrets.server_password);
  account.set_client_nonce(secrets.client_nonce);
  account.set_server_nonce(secrets.server_nonce);
  account.set_next_password(secrets.next_password);
  account.set_next_server_password(secrets.next_server_password);
  return keys_.Seal(account.SerializeAsString(), device.value(), random_);
}

Result<Secrets> AccountSeal::OpenSecrets(const DeviceId& device, std::string_view sealed) const {
  Result<std::string> octets = keys_.Open(sealed, device.value());
  if (!octets && octets.error().code == Code::kFailedPrecondition) {
    return FailedPrecondition("the account is sealed with a key that is not in --seal-key-file");
  }
  v1::Account account;
  if (!octets || !account.ParseFromString(*octets)) {
    return Internal("the stored account is damaged; enrol the terminal again");
  }
  Secrets secrets;
  secrets.client_a1 = std::move(*account.mutable_client_a1());
  secrets.server_a1 = std::move(*account.mutable_server_a1());
  secrets.server_password = std::move(*account.mutable_server_password());
  secrets.client_nonce = std::move(*account.mutable_client_nonce());
  secrets.server_nonce = std::move(*account.mutable_server_nonce());
  secrets.next_password = std::move(*account.mutable_next_password());
  secrets.next_server_password = std::move(*account.mutable_next_server_password());
  return secrets;
}

Result<std::string> AccountSeal::Reseal(const DeviceId& device, std::string_view sealed) const {
  DROVER_TRY(const Secrets secrets, OpenSecrets(device, sealed));
  return SealSecrets(device, secrets);
}

}  // namespace drover::tree

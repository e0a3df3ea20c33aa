#include "services/session/adapters/account_codec.h"

namespace drover::session {
namespace {

dmauth::Scheme FromProto(tree::v1::AuthScheme scheme) {
  switch (scheme) {
    case tree::v1::BASIC:
      return dmauth::Scheme::kBasic;
    case tree::v1::MAC:
      return dmauth::Scheme::kMac;
    default:
      return dmauth::Scheme::kMd5;
  }
}

}  // namespace

Account FromProto(const tree::v1::Account& proto) {
  Account account;
  account.enabled = proto.status() == tree::v1::ENABLED;
  account.version = proto.version();
  account.user = proto.user();
  account.client_a1 = proto.client_a1();
  account.client_scheme = FromProto(proto.client_scheme());
  if (proto.server_scheme() != tree::v1::AUTH_SCHEME_UNSPECIFIED) {
    account.server_scheme = FromProto(proto.server_scheme());
  }
  account.server_a1 = proto.server_a1();
  account.server_password = proto.server_password();
  account.client_nonce = proto.client_nonce();
  account.server_nonce = proto.server_nonce();
  return account;
}

std::optional<Account> OpenAccount(std::string_view sealed, const DeviceId& device,
                                   const dmauth::SealKeys& keys) {
  const Result<std::string> opened =
      keys.Open(sealed, "drover:tree:account:{" + device.value() + "}");
  tree::v1::Account proto;
  if (!opened || !proto.ParseFromString(*opened)) return std::nullopt;
  return FromProto(proto);
}

}  // namespace drover::session

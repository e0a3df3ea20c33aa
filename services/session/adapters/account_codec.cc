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

static_assert(static_cast<int>(Support::kYes) == tree::v1::YES &&
              static_cast<int>(Support::kNo) == tree::v1::NO);

Support FromProto(tree::v1::Support support) {
  return tree::v1::Support_IsValid(support) ? static_cast<Support>(support) : Support::kUnknown;
}

}  // namespace

Traits FromProto(const tree::v1::Traits& proto) {
  Traits traits;
  traits.large_objects = FromProto(proto.large_objects());
  traits.atomic = FromProto(proto.atomic());
  traits.copy = FromProto(proto.copy());
  traits.prompts = FromProto(proto.prompts());
  traits.sequence = FromProto(proto.sequence());
  traits.max_msg_size = proto.max_msg_size();
  traits.max_obj_size = proto.max_obj_size();
  traits.prompt_text_limit = proto.prompt_text_limit();
  traits.zero_nonce_ascii = proto.zero_nonce_ascii();
  traits.no_correlator = proto.no_correlator();
  traits.no_resp_uri = proto.no_resp_uri();
  traits.binary_as_b64 = proto.binary_as_b64();
  traits.no_add_replace_in_atomic = proto.no_add_replace_in_atomic();
  traits.cancel_ends_session = proto.cancel_ends_session();
  return traits;
}

Account FromProto(tree::v1::Account&& proto) {
  Account account;
  account.enabled = proto.status() == tree::v1::ENABLED;
  account.version = proto.version();
  account.user = std::move(*proto.mutable_user());
  account.client_a1 = std::move(*proto.mutable_client_a1());
  account.client_scheme = FromProto(proto.client_scheme());
  if (proto.server_scheme() != tree::v1::AUTH_SCHEME_UNSPECIFIED) {
    account.server_scheme = FromProto(proto.server_scheme());
  }
  account.server_a1 = std::move(*proto.mutable_server_a1());
  account.server_password = std::move(*proto.mutable_server_password());
  account.client_nonce = std::move(*proto.mutable_client_nonce());
  account.server_nonce = std::move(*proto.mutable_server_nonce());
  account.traits = FromProto(proto.traits());
  account.next_client_a1 = proto.next_client_a1();
  account.next_server_a1 = proto.next_server_a1();
  account.next_password = proto.next_password();
  account.next_server_password = proto.next_server_password();
  return account;
}

std::optional<Account> OpenAccount(std::string_view sealed, const DeviceId& device,
                                   const dmauth::SealKeys& keys) {
  const Result<std::string> opened =
      keys.Open(sealed, "drover:tree:account:{" + device.value() + "}");
  tree::v1::Account proto;
  if (!opened || !proto.ParseFromString(*opened)) return std::nullopt;
  return FromProto(std::move(proto));
}

}  // namespace drover::session

#include "services/push/core/bootstrap.h"

#include "libs/base/bytes.h"
#include "libs/wap/bootstrap_push.h"
#include "libs/wap/dm_bootstrap.h"
#include "services/push/core/job.h"

namespace drover::push {
namespace {

Result<wap::BootstrapSecurity> SecurityOf(const v1::Bootstrap& bootstrap,
                                          const Recipient& recipient) {
  wap::BootstrapSecurity security;
  security.pin = bootstrap.pin();
  if (!bootstrap.network_pin()) {
    if (bootstrap.pin().empty()) {
      return InvalidArgument("a bootstrap needs a pin, network_pin, or both");
    }
    security.sec = wap::Sec::kUserPin;
    return security;
  }
  if (recipient.imsi.empty()) {
    return FailedPrecondition(
        "the terminal's IMSI is not known, which network_pin needs: use a pin, or wait until it "
        "has registered");
  }
  security.imsi = recipient.imsi;
  security.sec = bootstrap.pin().empty() ? wap::Sec::kNetwPin : wap::Sec::kUserNetwPin;
  security.network_id_form =
      bootstrap.network_id_digits() ? wap::NetworkIdForm::kDigits : wap::NetworkIdForm::kSemiOctets;
  return security;
}

// As AAuthType has it.
Result<std::string_view> TypeOf(v1::Bootstrap::Scheme scheme) {
  switch (scheme) {
    case v1::Bootstrap::MD5:
      return std::string_view("DIGEST");
    case v1::Bootstrap::BASIC:
      return std::string_view("BASIC");
    case v1::Bootstrap::MAC:
      return std::string_view("HMAC");
    default:
      return InvalidArgument("a bootstrap's scheme is MD5, BASIC or MAC");
  }
}

// Base64 that the account views.
struct Nonces {
  std::string client, server;
};

Result<wap::DmApplication> ApplicationOf(const v1::Bootstrap& bootstrap, std::string_view server_id,
                                         const Nonces& nonces) {
  wap::DmApplication application;
  application.provider_id = server_id;
  application.name = bootstrap.server_name();
  application.address = bootstrap.server_address();
  wap::AppAuth client{.level = wap::AppAuth::Level::kAppSrv,
                      .name = bootstrap.client_user(),
                      .secret = bootstrap.client_password(),
                      .data = nonces.client};
  DROVER_TRY(client.type, TypeOf(bootstrap.client_scheme()));
  application.auths.push_back(client);
  if (bootstrap.server_password().empty()) return application;
  wap::AppAuth server{.level = wap::AppAuth::Level::kClient,
                      .name = server_id,
                      .secret = bootstrap.server_password(),
                      .data = nonces.server};
  DROVER_TRY(server.type, TypeOf(bootstrap.server_scheme()));
  application.auths.push_back(server);
  return application;
}

}  // namespace

Result<std::string> BootstrapPush(const v1::Bootstrap& bootstrap, const Recipient& recipient,
                                  std::string_view server_id, uint8_t tid) {
  DROVER_TRY(const wap::BootstrapSecurity security, SecurityOf(bootstrap, recipient));
  const Nonces nonces{base::Base64(bootstrap.client_nonce()),
                      base::Base64(bootstrap.server_nonce())};
  DROVER_TRY(wap::DmApplication application, ApplicationOf(bootstrap, server_id, nonces));
  if (bootstrap.profile() == v1::Bootstrap::DEVICE_MANAGEMENT) {
    DROVER_TRY(const std::string message, wap::EncodeDmBootstrap(recipient.device_id, application));
    return wap::EncodeBootstrapPush(tid, wap::BootstrapProfile::kDeviceManagement, message,
                                    security);
  }
  wap::ProvisioningDocument document;
  document.applications.push_back(std::move(application));
  DROVER_TRY(const std::string octets, wap::EncodeProvisioning(document));
  return wap::EncodeBootstrapPush(tid, wap::BootstrapProfile::kClientProvisioning, octets,
                                  security);
}

}  // namespace drover::push

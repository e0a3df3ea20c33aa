#include "services/tree/core/enrolment.h"

#include <algorithm>
#include <utility>

#include "libs/base/bytes.h"
#include "libs/dmauth/credentials.h"
#include "libs/dmtree/device_id.h"
#include "services/tree/core/text.h"

namespace drover::tree {
namespace {

constexpr size_t kSecretOctets = 24;

Result<void> CheckField(std::string_view value, size_t least, size_t most, const char* name) {
  if (value.size() < least || value.size() > most) {
    return InvalidArgument(std::string(name) + " must be " + std::to_string(least) + ".." +
                           std::to_string(most) + " octets");
  }
  if (!IsPlainText(value)) {
    return InvalidArgument(std::string(name) + " must be UTF-8 without control characters");
  }
  return {};
}

Result<void> CheckNonce(std::string_view nonce, const char* name) {
  if (nonce.size() <= kMaxNonceOctets) return {};
  return InvalidArgument(std::string(name) + " must be at most 64 octets");
}

Result<void> CheckFields(const NewDevice& given) {
  DROVER_TRY(CheckField(given.user, 0, kMaxNameOctets, "user"));
  DROVER_TRY(CheckField(given.password, 1, kMaxNameOctets, "password"));
  DROVER_TRY(CheckField(given.server_password, 0, kMaxNameOctets, "server_password"));
  DROVER_TRY(CheckNonce(given.client_nonce, "client_nonce"));
  DROVER_TRY(CheckNonce(given.server_nonce, "server_nonce"));
  DROVER_TRY(CheckField(given.manufacturer, 0, kMaxFactOctets, "manufacturer"));
  DROVER_TRY(CheckField(given.model, 0, kMaxFactOctets, "model"));
  if (!given.bearer.empty() && given.bearer != "sms" && given.bearer != "sip") {
    return InvalidArgument("bearer must be sms or sip");
  }
  return {};
}

void SetServerSecrets(Secrets& secrets, AuthScheme scheme, std::string_view server_id,
                      const std::string& password) {
  secrets.server_a1 = dmauth::A1(server_id, password);
  secrets.server_password = scheme == AuthScheme::kBasic ? password : std::string();
}

}  // namespace

Result<Enrolment> Enrol(const NewDevice& given, std::string_view server_id, TimePoint now) {
  Result<DeviceId> id = dmtree::NormaliseDeviceId(given.id);
  const Result<void> checked = id ? CheckFields(given) : Result<void>(id.error());
  if (!checked) {
    return InvalidArgument("device \"" + Printable(given.id) + "\": " + checked.error().message);
  }
  Enrolment out;
  Device& device = out.device;
  device.id = std::move(*id);
  device.user = given.user.empty() ? device.id.value() : given.user;
  device.enrolled_at = now;
  device.client_scheme = given.client_scheme.value_or(AuthScheme::kMd5);
  At(device.facts, Fact::kManufacturer) = given.manufacturer;
  At(device.facts, Fact::kModel) = given.model;
  if (given.bearer != "sms") device.bearer = given.bearer;
  out.secrets.client_a1 = dmauth::A1(device.user, given.password);
  out.secrets.client_nonce = given.client_nonce;
  out.secrets.server_nonce = given.server_nonce;
  if (given.server_password.empty()) return out;
  device.server_scheme = given.server_scheme.value_or(AuthScheme::kMd5);
  SetServerSecrets(out.secrets, device.server_scheme, server_id, given.server_password);
  return out;
}

bool SameAccount(const Enrolment& given, const Device& device, Secrets secrets) {
  secrets.next_password.clear();
  secrets.next_server_password.clear();
  return given.device.user == device.user && given.device.client_scheme == device.client_scheme &&
         given.device.server_scheme == device.server_scheme && given.secrets == secrets;
}

Result<void> CheckNewSecrets(const NewSecrets& given) {
  DROVER_TRY(CheckField(given.password, 0, kMaxNameOctets, "password"));
  DROVER_TRY(CheckField(given.server_password, 0, kMaxNameOctets, "server_password"));
  return {};
}

Secrets Rotate(Device& device, Secrets secrets, const NewSecrets& given,
               std::string_view server_id) {
  secrets.client_a1 = dmauth::A1(device.user, given.password);
  secrets.next_password.clear();
  if (given.server_password.empty()) return secrets;
  secrets.next_server_password.clear();
  if (device.server_scheme == AuthScheme::kNone) device.server_scheme = AuthScheme::kMd5;
  SetServerSecrets(secrets, device.server_scheme, server_id, given.server_password);
  return secrets;
}

Result<Secrets> PrepareRotation(const Device& device, Secrets secrets, WhichSecrets which,
                                const RandomOctets& random) {
  const bool server_too = device.server_scheme != AuthScheme::kNone;
  if (which == WhichSecrets{}) which = {true, server_too};
  if (which.server && !server_too) {
    return FailedPrecondition("the server does not authenticate itself to this terminal");
  }
  if (which.client && secrets.next_password.empty()) secrets.next_password = MakeSecret(random);
  if (which.server && secrets.next_server_password.empty()) {
    secrets.next_server_password = MakeSecret(random);
  }
  return secrets;
}

Secrets Promote(const Device& device, Secrets secrets, WhichSecrets which,
                std::string_view server_id) {
  if (which.client && !secrets.next_password.empty()) {
    secrets.client_a1 = dmauth::A1(device.user, secrets.next_password);
    secrets.next_password.clear();
  }
  if (which.server && !secrets.next_server_password.empty()) {
    SetServerSecrets(secrets, device.server_scheme, server_id, secrets.next_server_password);
    secrets.next_server_password.clear();
  }
  return secrets;
}

Result<Secrets> SetSchemes(Device& device, Secrets secrets, std::optional<AuthScheme> client,
                           std::optional<AuthScheme> server) {
  if (client) device.client_scheme = *client;
  if (!server) return secrets;
  if (secrets.server_a1.empty()) {
    return FailedPrecondition(
        "the server has no password for this terminal; give it one by rotating its credentials");
  }
  if (*server == AuthScheme::kBasic && secrets.server_password.empty()) {
    return FailedPrecondition(
        "of the server's password only a digest is kept, and basic needs it; rotate its "
        "credentials, then set the scheme");
  }
  if (*server != AuthScheme::kBasic) secrets.server_password.clear();
  device.server_scheme = *server;
  return secrets;
}

std::string MakeSecret(const RandomOctets& random) {
  std::string text = base::Base64(random(kSecretOctets));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

}  // namespace drover::tree

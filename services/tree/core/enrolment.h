// From the account that an operator hands in to the one that is kept: secrets become digests.
//
// Spec: OMA-TS-DM_Security-V1_2, "Credentials"; OMA-TS-DM_StdObj-V1_2, DMAcc (AAuthName,
// AAuthSecret, AAuthData).
#pragma once
#include <optional>
#include <string>

#include "libs/base/result.h"
#include "services/tree/core/model.h"

namespace drover::tree {

constexpr size_t kMaxNameOctets = 255;
constexpr size_t kMaxNonceOctets = 64;

// As handed in. Schemes that are nullopt take their default.
struct NewDevice {
  std::string id;
  std::string user;
  std::string password;
  std::string server_password;
  std::optional<AuthScheme> client_scheme;
  std::optional<AuthScheme> server_scheme;
  std::string client_nonce;
  std::string server_nonce;
  std::string manufacturer;
  std::string model;
  std::string bearer;
};

struct Enrolment {
  Device device;
  Secrets secrets;
};

// The id is normalised (libs/dmtree/device_id.h). Errors: kInvalidArgument; it names the device and
// the field.
Result<Enrolment> Enrol(const NewDevice& given, std::string_view server_id, TimePoint now);

// Whether enrolling `given` over what is there would change nothing about the account. Facts,
// status and times do not count, nor does a rotation that is pending.
bool SameAccount(const Enrolment& given, const Device& device, Secrets secrets);

// The secrets after a rotation. An empty server_password leaves a terminal that the server does not
// authenticate itself to as it is.
struct NewSecrets {
  std::string password;
  std::string server_password;
};
Result<void> CheckNewSecrets(const NewSecrets& given);
// Changes device.server_scheme when the server begins to authenticate itself; the version is
// counted up by the database.
Secrets Rotate(Device& device, Secrets secrets, const NewSecrets& given,
               std::string_view server_id);

// Which secrets a rotation in a session is of.
struct WhichSecrets {
  bool client = false;
  bool server = false;
  bool operator==(const WhichSecrets&) const = default;
};
// Makes next secrets where none is pending. Neither client nor server means both, as far as the
// server authenticates itself. kFailedPrecondition: the server's, of one that does not.
Result<Secrets> PrepareRotation(const Device& device, Secrets secrets, WhichSecrets which,
                                const RandomOctets& random);
// The next secrets that are named become the present ones. Unchanged if none of them is pending.
Secrets Promote(const Device& device, Secrets secrets, WhichSecrets which,
                std::string_view server_id);
// Changes the schemes that are given. kFailedPrecondition: the server has no secret for the scheme.
Result<Secrets> SetSchemes(Device& device, Secrets secrets, std::optional<AuthScheme> client,
                           std::optional<AuthScheme> server);

// 32 characters of base64url (192 bits).
std::string MakeSecret(const RandomOctets& random);

}  // namespace drover::tree

// Bootstrap by OMA client provisioning: the document that gives a terminal its DM account.
//
// Written as WBXML from the values of an account: APPLICATION w7 and, if wanted, the access point
// that it goes through and who may provision later.
// Spec: OMA-WAP-TS-ProvCont-V1_1 (characteristics, section 7 "WBXML encoding"); OMA-TS-DM-FUNC w7
// registration document.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"

namespace drover::wap {

// APPAUTH. Level APPSRV: what the terminal proves itself to the server with; CLIENT: what the
// server proves itself to the terminal with. Most terminals want both.
struct AppAuth {
  enum class Level : uint8_t { kAppSrv, kClient };
  Level level = Level::kAppSrv;
  std::string_view type = "DIGEST";  // "BASIC", "DIGEST" (MD5), "HMAC"; "" leaves it out.
  std::string_view name;
  std::string_view secret;
  std::string_view data;  // The first nonce, base64; "" leaves it out.
};

struct Parm {
  std::string_view name;
  std::string_view value;
};

// An application characteristic w7. Empty texts are left out, but those that say so.
struct DmApplication {
  std::string_view provider_id;  // The server identifier; not empty.
  std::string_view name;
  std::string_view address;  // URL of the server; not empty.
  std::optional<uint16_t> port;
  std::string_view to_napid;
  std::vector<AppAuth> auths;
  bool init = false;         // INIT, without a value: begin a session at once.
  std::vector<Parm> others;  // As a vendor wants them: "DEFAULTENCODING", "PROTOVER" ..
};

// An access point.
struct NapDef {
  std::string_view napid;  // Not empty.
  std::string_view name;
  std::string_view bearer = "GSM-GPRS";
  std::string_view address;  // The APN.
  std::string_view address_type = "APN";
  std::string_view auth_type;  // "PAP", "CHAP"; "" for no NAPAUTHINFO.
  std::string_view auth_name;
  std::string_view auth_secret;
};

// Who may provision from now on.
struct BootstrapContext {
  std::string_view name;
  std::string_view prov_url;
  std::string_view proxy_id;
  bool context_allow = true;
};

struct ProvisioningDocument {
  std::vector<NapDef> access_points;
  std::optional<BootstrapContext> bootstrap;
  std::vector<DmApplication> applications;
};

// How the octets are chosen where several say the same.
struct ProvisioningStyle {
  std::string_view version = "1.0";  // Of wap-provisioningdoc; 1.0 has a token, others go as text.
  // Stay on an attribute code page while it has what is needed; else take page 0 wherever it has
  // it, which is longer and what some encoders do.
  bool stay_on_page = true;
  // AAUTHTYPE as text: its tokens moved between versions of the table.
  bool auth_type_as_text = true;
};

// kInvalidArgument: a value that has to be there is empty, or a value with control characters or
// not UTF-8.
Result<std::string> EncodeProvisioning(const ProvisioningDocument& document,
                                       const ProvisioningStyle& style = {});

}  // namespace drover::wap

// What a server changed of the terminal's DM account, taken into use when a session begins.
//
// Spec: OMA-TS-DM_StdObj-V1_2 (DMAcc), OMA-TS-DM_Security-V1_2: a secret that is replaced in a
// session takes effect with the next. The tree keeps it until then, so a power loss takes nothing.
#include "libs/dmauth/credentials.h"
#include "loadtest/terminal/terminal.h"

namespace drover::terminal {
namespace {

constexpr std::string_view kRoot12 = "DMAcc";
constexpr std::string_view kRoot11 = "SyncML/DMAcc";

// As AAuthType names them (1.2), or AuthPref as a scheme (1.1.2).
std::optional<AuthScheme> SchemeNamed(std::string_view name) {
  if (name == "BASIC") return AuthScheme::kBasic;
  if (name == "DIGEST") return AuthScheme::kMd5;
  if (name == "HMAC") return AuthScheme::kMac;
  const std::optional<dmauth::Scheme> scheme = dmauth::SchemeOf(name);
  if (!scheme) return std::nullopt;
  if (*scheme == dmauth::Scheme::kBasic) return AuthScheme::kBasic;
  return *scheme == dmauth::Scheme::kMd5 ? AuthScheme::kMd5 : AuthScheme::kMac;
}

void Take(ManagementTree& tree, const std::string& path, std::string& into) {
  if (std::optional<std::string> value = tree.TakeValue(path)) into = std::move(*value);
}

}  // namespace

void Terminal::AdoptCredentials() {
  if (tree_.HasSetValues(kRoot12)) AdoptCredentials12();
  if (tree_.HasSetValues(kRoot11)) AdoptCredentials11();
}

void Terminal::AdoptCredentials12() {
  for (const std::string& path : tree_.Below(kRoot12)) {
    if (NameOf(path) != "AAuthLevel") continue;
    const std::string auth(ParentOf(path));
    const std::string account(ParentOf(ParentOf(auth)));  // DMAcc/1 of DMAcc/1/AppAuth/2
    if (tree_.Value(account + "/ServerID") != surroundings_->server.id) continue;
    const std::string level = tree_.Value(path);
    if (level == "CLCRED") AdoptClient12(account, auth);
    if (level == "SRVCRED") AdoptServer(auth + "/AAuthSecret", auth + "/AAuthData");
    const std::string type = auth + "/AAuthType";
    const std::optional<AuthScheme> scheme = SchemeNamed(tree_.Value(type));
    if (!tree_.WasSet(type) || !scheme) continue;
    (level == "CLCRED" ? client_scheme_ : server_scheme_) = *scheme;
  }
}

void Terminal::AdoptClient12(const std::string& account, const std::string& auth) {
  if (tree_.WasSet(auth + "/AAuthName")) account_.user = tree_.Value(auth + "/AAuthName");
  Take(tree_, auth + "/AAuthSecret", account_.password);
  Take(tree_, auth + "/AAuthData", account_.client_nonce);
  const std::string preferred = account + "/AAuthPref";
  const std::optional<AuthScheme> scheme = SchemeNamed(tree_.Value(preferred));
  if (tree_.WasSet(preferred) && scheme) client_scheme_ = *scheme;
}

void Terminal::AdoptServer(const std::string& secret, const std::string& nonce) {
  Take(tree_, secret, account_.server_password);
  std::optional<std::string> value = tree_.TakeValue(nonce);
  if (value) account_.server_nonce = previous_server_nonce_ = std::move(*value);
}

void Terminal::AdoptCredentials11() {
  for (const std::string& name : tree_.Children(kRoot11)) {
    const std::string account = std::string(kRoot11) + "/" + name;
    if (tree_.Value(account + "/ServerId") != surroundings_->server.id) continue;
    if (tree_.WasSet(account + "/UserName")) account_.user = tree_.Value(account + "/UserName");
    Take(tree_, account + "/ClientPW", account_.password);
    Take(tree_, account + "/ClientNonce", account_.client_nonce);
    AdoptServer(account + "/ServerPW", account + "/ServerNonce");
    const std::optional<AuthScheme> scheme = SchemeNamed(tree_.Value(account + "/AuthPref"));
    if (tree_.WasSet(account + "/AuthPref") && scheme) client_scheme_ = *scheme;
  }
}

}  // namespace drover::terminal

// Who is who: the terminal's credentials, the server's, and the challenges of both.
//
// Spec: OMA-TS-DM_Security-V1_2, "Authentication", "Integrity" (x-syncml-hmac).
#include <utility>

#include "libs/dmauth/credentials.h"
#include "loadtest/terminal/exchange.h"

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kAuthenticationAccepted = 212;
constexpr int kInvalidCredentials = 401;
constexpr int kAuthenticationRequired = 407;
constexpr int kMaxChallenges = 2;  // That a terminal answers, or puts to the server.

AuthScheme SchemeOf(dmauth::Scheme scheme) {
  switch (scheme) {
    case dmauth::Scheme::kBasic:
      return AuthScheme::kBasic;
    case dmauth::Scheme::kMd5:
      return AuthScheme::kMd5;
    case dmauth::Scheme::kMac:
      break;
  }
  return AuthScheme::kMac;
}

}  // namespace

Terminal::Exchange::Verdict Terminal::Exchange::Challenged(const syncml::Command& status,
                                                           int code) {
  if (!status.chal) {
    terminal_.Fault("401 or 407 for SyncHdr without Chal");
    return Verdict::kRefused;
  }
  const bool sent = session_.send_cred;
  if (sent && code == kAuthenticationRequired) terminal_.Fault("407 though credentials were sent");
  if (!sent && code == kInvalidCredentials) terminal_.Fault("401 though no credentials were sent");
  if (code == kAuthenticationRequired && spec_.quirks.Has(Quirk::kEndsOn407)) {
    return Verdict::kRefused;
  }
  if (++session_.client_challenges > kMaxChallenges) return Verdict::kRefused;
  const std::optional<dmauth::Scheme> scheme = dmauth::SchemeOf(status.chal->type);
  if (!scheme || terminal_.client_scheme_ == AuthScheme::kNone) return Verdict::kRefused;
  const bool knows_mac =
      !spec_.quirks.Has(Quirk::kNoMac) || spec_.client_scheme == AuthScheme::kMac;
  if (*scheme == dmauth::Scheme::kMac && !knows_mac) return Verdict::kRefused;
  session_.scheme = SchemeOf(*scheme);
  session_.send_cred = true;
  session_.client_accepted = false;
  if (session_.scheme == AuthScheme::kBasic) return Verdict::kChallenged;
  if (!ReadNextNonce(*status.chal) || session_.client_nonce.empty()) {
    terminal_.Fault("Chal for a digest without a nonce");
    return Verdict::kRefused;
  }
  return Verdict::kChallenged;
}

bool Terminal::Exchange::ReadNextNonce(const syncml::Meta& challenge) {
  const syncml::Data& next = challenge.next_nonce;
  Result<std::string> nonce =
      dmauth::DecodeNonce(next.octets, next.form == syncml::DataForm::kOpaque);
  if (!nonce) {
    terminal_.Fault("NextNonce is not base64");
    return false;
  }
  session_.client_nonce = *nonce;
  session_.nonce_to_store = std::move(*nonce);
  return true;
}

bool Terminal::Exchange::ServerCredIsRight() const {
  const syncml::Credentials& cred = *message_->header.cred;
  const std::optional<dmauth::Scheme> scheme = dmauth::SchemeOf(cred.meta.type);
  const Account& account = terminal_.account_;
  const std::string a1 = dmauth::A1(terminal_.surroundings_->server.id, account.server_password);
  if (terminal_.server_scheme_ == AuthScheme::kBasic) {
    return scheme == dmauth::Scheme::kBasic &&
           dmauth::VerifyBasic(cred.data.octets, terminal_.surroundings_->server.id, a1);
  }
  if (scheme != dmauth::Scheme::kMd5) return false;
  // The message that carried a new nonce may have been lost: the one before it counts too.
  return dmauth::VerifyMd5(cred.data.octets, a1, account.server_nonce) ||
         dmauth::VerifyMd5(cred.data.octets, a1, terminal_.previous_server_nonce_) ||
         (!session_.resync_nonce.empty() &&
          dmauth::VerifyMd5(cred.data.octets, a1, session_.resync_nonce));
}

bool Terminal::Exchange::ServerMacIsRight() const {
  const Result<dmauth::MacHeader> header = dmauth::ParseMacHeader(response_->mac_header);
  if (!header) {
    terminal_.Fault(header.error().message);
    return false;
  }
  const std::string& id = terminal_.surroundings_->server.id;
  if (header->user != id) {
    terminal_.Fault("x-syncml-hmac names " + header->user + ", not the server");
    return false;
  }
  const std::string a1 = dmauth::A1(id, terminal_.account_.server_password);
  const auto right = [&](std::string_view nonce) {
    return dmauth::VerifyMac(header->mac, a1, nonce, response_->body);
  };
  return right(terminal_.account_.server_nonce) || right(terminal_.previous_server_nonce_) ||
         (!session_.resync_nonce.empty() && right(session_.resync_nonce));
}

Terminal::Exchange::Verdict Terminal::Exchange::JudgeServer(Verdict client) {
  const bool has_cred = message_->header.cred.has_value();
  const bool has_mac = !response_->mac_header.empty();
  const AuthScheme scheme = terminal_.server_scheme_;
  if (has_cred && has_mac) terminal_.Fault("Cred beside x-syncml-hmac");
  if (scheme == AuthScheme::kNone) {
    server_status_ = has_cred && !session_.server_accepted ? kAuthenticationAccepted : kOk;
    session_.server_accepted = true;
  } else if (scheme == AuthScheme::kMac || !session_.server_accepted) {
    const bool shown = has_cred || has_mac;
    const bool right = scheme == AuthScheme::kMac ? has_mac && ServerMacIsRight()
                                                  : has_cred && ServerCredIsRight();
    if (right) {
      server_status_ = scheme == AuthScheme::kMac ? kOk : kAuthenticationAccepted;
      issue_challenge_ = scheme != AuthScheme::kBasic;
      session_.server_accepted = true;
    } else if (session_.server_accepted) {
      // A server that asks for the client's proof anew has lost its state, its nonce included.
      if (client != Verdict::kChallenged) {
        terminal_.Fault(
            "a message without the right x-syncml-hmac in a session that has begun with it");
      }
      return Verdict::kRefused;
    } else {
      server_status_ = shown ? kInvalidCredentials : kAuthenticationRequired;
      issue_challenge_ = true;
    }
  }
  if (session_.server_accepted) {
    StoreNonce();
    return Verdict::kAccepted;
  }
  const bool matters = HasCommands() || client == Verdict::kChallenged;
  if (matters && ++session_.server_challenges > kMaxChallenges) return Verdict::kRefused;
  return Verdict::kChallenged;
}

// What an unknown server says is not worth storing.
void Terminal::Exchange::StoreNonce() {
  if (session_.nonce_to_store) terminal_.account_.client_nonce = *session_.nonce_to_store;
  session_.nonce_to_store.reset();
  if (session_.client_accepted) terminal_.client_scheme_ = session_.scheme;
}

std::optional<Challenge> Terminal::Exchange::IssueChallenge() {
  if (!issue_challenge_) return std::nullopt;
  if (terminal_.server_scheme_ == AuthScheme::kBasic) {
    return Challenge{dmauth::TypeOf(dmauth::Scheme::kBasic), ""};
  }
  challenge_nonce_ = terminal_.NewNonce();
  terminal_.previous_server_nonce_ = std::move(terminal_.account_.server_nonce);
  terminal_.account_.server_nonce = challenge_nonce_;
  const bool mac = terminal_.server_scheme_ == AuthScheme::kMac;
  return Challenge{dmauth::TypeOf(mac ? dmauth::Scheme::kMac : dmauth::Scheme::kMd5),
                   challenge_nonce_};
}

std::string Terminal::Exchange::CredData() const {
  const std::string user = terminal_.UserName();
  const std::string& password = terminal_.account_.password;
  if (session_.scheme == AuthScheme::kBasic) return dmauth::BasicCredential(user, password);
  return dmauth::Md5Credential(dmauth::A1(user, password), session_.client_nonce);
}

std::string Terminal::Exchange::MacHeader(std::string_view body) const {
  if (session_.scheme != AuthScheme::kMac || !session_.send_cred) return "";
  const std::string user = terminal_.UserName();
  const std::string a1 = dmauth::A1(user, terminal_.account_.password);
  return dmauth::FormatMacHeader({user, dmauth::Mac(a1, session_.client_nonce, body)});
}

}  // namespace drover::terminal

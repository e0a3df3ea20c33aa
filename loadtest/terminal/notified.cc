// What a terminal does when a notification (package #0) arrives.
//
// Spec: OMA-TS-DM_Notification-V1_2, "Notification processing", "Nonce resynchronisation".
#include "libs/dmauth/credentials.h"
#include "libs/notification/package0.h"
#include "libs/notification/session_id.h"
#include "loadtest/terminal/session.h"

namespace drover::terminal {
namespace {

constexpr size_t kShortServerIdOctets = 23;

}  // namespace

std::string Terminal::NotifiedSessionId(uint16_t session_id) {
  const Quirks& quirks = model_->spec().quirks;
  if (quirks.Has(Quirk::kOwnSessionId)) return NewSessionId();
  if (quirks.Has(Quirk::kSessionIdDecimal)) return std::to_string(session_id);
  if (quirks.Has(Quirk::kSessionIdSwapped)) {
    session_id = static_cast<uint16_t>(session_id << 8 | session_id >> 8);
  }
  return notification::SessionIdText(session_id);
}

// Whether the server nonce is another one behind each session, so that the current one proves a
// notification to be new.
bool Terminal::NonceMoves() const {
  return server_scheme_ == AuthScheme::kMd5 || server_scheme_ == AuthScheme::kMac;
}

Result<Request> Terminal::OnNotification(std::string_view octets) {
  const Quirks& quirks = model_->spec().quirks;
  DROVER_TRY(const notification::Package0 package, notification::DecodePackage0(octets));
  const notification::Trigger& trigger = package.trigger;
  const std::string& server_id = surroundings_->server.id;
  if (quirks.Has(Quirk::kShortServerId) && trigger.server_id.size() > kShortServerIdOctets) {
    return InvalidArgument("the server id has more than 23 characters");
  }
  if (trigger.server_id != server_id) return NotFound("no account for this server");

  AdoptCredentials();
  const std::string a1 = dmauth::A1(server_id, account_.server_password);
  std::string_view resync_nonce;
  const bool current = notification::Verify(package, a1, account_.server_nonce);
  if (!current && !notification::Verify(package, a1, previous_server_nonce_)) {
    resync_nonce = quirks.Has(Quirk::kResyncNonceText) ? notification::kResyncNonceText
                                                       : notification::kResyncNonce;
    if (quirks.Has(Quirk::kNoResync) || !notification::Verify(package, a1, resync_nonce)) {
      return Unauthenticated("the digest is wrong");
    }
  }
  std::string id = NotifiedSessionId(trigger.session_id);
  if (session_ != nullptr && session_->id == id) return AlreadyExists("that session is open");
  if (trigger.session_id == notified_ && !(current && NonceMoves())) {
    return AlreadyExists("that session has been");
  }
  if (trigger.ui_mode == notification::UiMode::kUserInteraction) {
    Dialog dialog;
    dialog.kind = DialogKind::kConfirm;
    dialog.text = "The operator wants to manage this terminal. Agree?";
    const Answer answer = surroundings_->user(device_id(), dialog);
    const DialogOutcome outcome = OutcomeOf(dialog, answer, quirks);
    const auto status = static_cast<uint16_t>(outcome.status);
    ledger_.Record(ShownDialog{std::move(dialog), status, surroundings_->clock()});
    if (outcome.status != 200) return Aborted("the user does not want it");
  }
  notified_ = trigger.session_id;
  return StartSession(SessionReason::kServerInitiated, {}, std::move(id), resync_nonce);
}

}  // namespace drover::terminal

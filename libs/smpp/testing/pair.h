// An ESME's session and an SMSC's, joined by a wire of strings, and a clock moved by hand.
#pragma once
#include <algorithm>
#include <string>

#include "libs/smpp/session.h"
#include "libs/smpp/testing/recorder.h"

namespace drover::smpp::testing {

class Pair {
 public:
  explicit Pair(SessionSettings settings = {}, SessionSettings smsc_settings = {})
      : esme(Named(std::move(settings)), at_esme), smsc(Smsc(std::move(smsc_settings)), at_smsc) {
    at_smsc.on_bind = [this] { smsc.AcceptBind(now); };
  }

  void Connect() {
    esme.Connected(now);
    smsc.Connected(now);
    Run();
  }
  // Carries octets both ways until none are left.
  void Run() {
    while (esme.has_output() || smsc.has_output()) {
      std::string octets;
      esme.TakeOutput(octets);
      if (!octets.empty()) smsc.Octets(octets, now);
      octets.clear();
      smsc.TakeOutput(octets);
      if (!octets.empty()) esme.Octets(octets, now);
    }
  }
  // Moves the clock, stopping at every deadline, with the wire in order.
  void Pass(std::chrono::milliseconds time) {
    const Time until = now + time;
    for (;;) {
      const Time next = std::min(esme.next_deadline(), smsc.next_deadline());
      if (next > until) break;
      now = std::max(now, next);
      esme.Tick(now);
      smsc.Tick(now);
      Run();
    }
    now = until;
  }
  // The same of a session whose peer says nothing.
  void PassAlone(Session& session, std::chrono::milliseconds time) {
    const Time until = now + time;
    for (Time next; (next = session.next_deadline()) <= until;) {
      now = std::max(now, next);
      session.Tick(now);
    }
    now = until;
  }
  // Answers every submit_sm with a message_id of its own.
  void Accept() {
    at_smsc.on_request = [this](const Recorder::Request& request) {
      const std::string id = "id" + std::to_string(request.id.sequence);
      smsc.Respond(request.id, SubmitSmResp{.message_id = id}, now);
    };
  }
  Sent Submit(uint64_t token, const SendOptions& options = {}) {
    return esme.Send(SubmitSm{.destination = {1, 1, "8613800138000"}, .short_message = "hello"},
                     token, now, options);
  }

  Time now{std::chrono::hours(1)};
  Recorder at_esme;
  Recorder at_smsc;
  Session esme;
  Session smsc;

 private:
  static SessionSettings Named(SessionSettings settings) {
    settings.system_id = "esme";
    settings.password = "secret";
    return settings;
  }
  static SessionSettings Smsc(SessionSettings settings) {
    settings.role = Role::kSmsc;
    settings.system_id = "smsc";
    return settings;
  }
};

}  // namespace drover::smpp::testing

// The SIP side of a simulated gateway: what it answers to a request, and whether it has to ask.
//
// One channel carries both kinds of signalling; the Event alone tells them apart: an event of the
// gateway's own makes it ask the request server, a voice event is counted by the voice module and
// nothing follows. Strict beyond that, as a judge: a CSeq that does not rise is refused and
// counted. Pure.
// Spec: RFC 3261, sections 8.2, 12.2.2, 17.2; RFC 6665, sections 4.1.3, 8.2.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/clock.h"
#include "libs/sip/digest_server.h"
#include "libs/sip/message.h"
#include "loadtest/gateway/habits.h"

namespace drover::gwsim {

// What the SIP side of one gateway remembers.
struct VoiceState {
  uint64_t last_branch = 0;  // Hash of the request that was answered last.
  uint32_t call = 0;         // Hash of the Call-ID that was seen last.
  uint32_t cseq = 0;
  uint16_t last_status = 0;
  bool stale_told = false;
  bool last_stale = false;  // Of a last_status 401.
  uint16_t voice = 0;       // Voice NOTIFYs.
  uint16_t told = 0;        // NOTIFYs that made it ask.
};

// Of all gateways.
struct VoiceCounts {
  uint64_t requests = 0;  // Of any method, without retransmissions.
  uint64_t retransmissions = 0;
  uint64_t told = 0;
  uint64_t voice = 0;
  uint64_t challenges = 0;
  uint64_t wrong_credentials = 0;
  uint64_t bad_events = 0;   // 489, 481
  uint64_t cseq_faults = 0;  // 500, 482: a CSeq that did not rise, or came again.
  uint64_t malformed = 0;
};

// Nonces, shared: a gateway's own would only take room.
struct VoiceGuard {
  explicit VoiceGuard(std::string key) : mint(std::move(key)) {}
  sip::NonceMint mint;
  sip::ReplayGuard guard{100'000};
  uint64_t nonces = 0;
};

struct VoiceAnswer {
  uint16_t status = 200;
  bool asks = false;              // It will ask the request server.
  std::string challenge;          // Of a 401: the value of WWW-Authenticate.
  std::string_view allow_events;  // Of a 489.
};

constexpr std::string_view kRealm = "gateway.home";

// login: user and password of the line.
struct VoiceLogin {
  std::string user;
  std::string password;
};

class VoiceModule {
 public:
  VoiceModule(const Habits& habits, VoiceGuard& guard, VoiceCounts& counts)
      : habits_(habits), guard_(guard), counts_(counts) {}

  // message: a request that is no ACK. login is asked for only if there are credentials to judge.
  template <typename Login>
  VoiceAnswer Take(const sip::Message& message, const Login& login, TimePoint now,
                   VoiceState& state) {
    if (IsRetransmission(message, state)) return Again(now, state);
    VoiceAnswer answer = Judge(message, state);
    if (answer.asks && habits_.challenge) {
      const auto value = message.Find(sip::HeaderId::kAuthorization);
      Authenticate(message, value.value_or(""), value ? login() : VoiceLogin{}, now, state, answer);
    }
    Count(answer, state);
    return answer;
  }

 private:
  bool IsRetransmission(const sip::Message& message, VoiceState& state);
  VoiceAnswer Again(TimePoint now, const VoiceState& state);
  VoiceAnswer Judge(const sip::Message& message, VoiceState& state);
  VoiceAnswer JudgeNotify(const sip::Message& message, VoiceState& state);
  void Authenticate(const sip::Message& message, std::string_view authorization,
                    const VoiceLogin& login, TimePoint now, VoiceState& state, VoiceAnswer& answer);
  void Challenge(TimePoint now, bool stale, VoiceAnswer& answer);
  void Count(const VoiceAnswer& answer, VoiceState& state);

  const Habits& habits_;
  VoiceGuard& guard_;
  VoiceCounts& counts_;
};

// A request as a page prints it, made clean: blanks behind "sip:" go, those around ";" and "=" and
// in front of ":" as well as comments behind "//" at the end of a line. For firmware that takes it.
std::string CleanedOfPrint(std::string_view datagram);

}  // namespace drover::gwsim

// One SMPP session over one connection, for either side, without IO: octets and time in, octets,
// calls of a handler and the next deadline out.
//
// ESME: Connected -> bind -> bound -> unbind. SMSC: Connected -> waits for a bind, which its caller
// judges. Both then send requests in a window and answer those of the peer, ask for a sign of life
// when nothing comes, and give every request back that has no response when the link is lost.
// Spec: SMPP v3.4, sections 2.2 to 2.9 and 7.2; v5.0, section 2.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "libs/smpp/codec.h"
#include "libs/smpp/framer.h"
#include "libs/smpp/outstanding.h"
#include "libs/smpp/rate_control.h"

namespace drover::smpp {

enum class Role : uint8_t { kEsme, kSmsc };

struct SessionSettings {
  Role role = Role::kEsme;
  // What an ESME binds with; of an SMSC, system_id is what its answers to binds carry.
  BindMode mode = BindMode::kTransceiver;
  std::string system_id;    // Up to 15 octets.
  std::string password;     // Up to 8.
  std::string system_type;  // Up to 12.
  uint8_t interface_version = kVersion34;
  uint8_t addr_ton = 0;
  uint8_t addr_npi = 0;
  std::string address_range;  // Up to 40.
  // What a peer speaks that does not tell (sc_interface_version of a bind's answer): by the
  // specification 3.3, which knows no TLVs: none are sent then, and no data_sm. Many SMSCs of 3.4
  // forget to tell: 0x34 says so.
  uint8_t untold_version = kVersion33;

  size_t window = 10;         // Requests of ours that wait for their response.
  size_t peer_window = 1000;  // The peer's that wait for ours; more are refused as a full queue.
  RateSettings rate;

  std::chrono::milliseconds init_time{5'000};       // From connected to bound.
  std::chrono::milliseconds response_time{10'000};  // Of a request, and of enquire_link.
  std::chrono::milliseconds enquire_after{30'000};  // Of silence. Below half the peer's patience.
  std::chrono::milliseconds unbind_time{10'000};    // For what is outstanding, when we unbind ..
  std::chrono::milliseconds finish_time{2'000};     // .. and when the peer does.
  size_t max_pdu = kDefaultMaxPdu;
  size_t unsent_octets = 1024 * 1024;  // More of them: nothing new is sent, the peer does not read.
};

// kInvalidArgument names the setting that no bind could carry.
Result<void> Validate(const SessionSettings& settings);

// Why a session ended.
enum class EndCause : uint8_t {
  kLinkLost,     // The connection broke, or never came about.
  kBindRefused,  // With End::status.
  kNoBind,       // Not in init_time.
  kSilent,       // Two enquire_links were not answered.
  kGarbage,      // A command_length that cannot be: what comes is no SMPP.
  kPeerUnbound,
  kUnbound,  // By Unbind.
  kAborted,  // By Abort.
};
std::string_view Name(EndCause cause);  // "peer unbound"
struct End {
  EndCause cause = EndCause::kLinkLost;
  CommandStatus status = CommandStatus::kRok;
  std::string text;  // For people.
};

// What became of a request.
enum class Outcome : uint8_t {
  kAnswered,
  kTimedOut,   // No response in its time: whether it was taken is not known.
  kMaybeSent,  // The link was lost first: not known either.
  kNotSent,    // The link was lost, and the request had certainly not left this process.
  kLate,       // The response came after all, once it had been given back as kTimedOut.
};
std::string_view Name(Outcome outcome);
struct Answer {
  Outcome outcome = Outcome::kAnswered;
  CommandId command = {};                      // Of the request.
  CommandStatus status = CommandStatus::kRok;  // Of the response, if there was one.
  std::string_view message_id;                 // If the response has one.
  Tlvs tlvs;
  const Pdu* pdu = nullptr;  // The response; nullptr: none, or its body cannot be read.
  Time sent;
};

// A request of the peer's, to be answered with Respond.
struct RequestId {
  CommandId command = {};
  uint32_t sequence = 0;
  uint64_t epoch = 0;  // Of the session that it came in.
};

// What the peer said when binding.
struct Bound {
  BindMode mode = BindMode::kTransceiver;
  std::string_view system_id;
  uint8_t version = kVersion34;  // The lower of both sides'.
};

// All are called from inside the Session's own calls. They may call Send, Respond, AcceptBind,
// RefuseBind, Unbind and Abort, but no input, and may not destroy the session. Views are valid
// during the call.
class SessionHandler {
 public:
  virtual ~SessionHandler() = default;
  virtual void OnBound(const Bound& bound) = 0;
  // SMSC: an ESME asks to be bound. Call AcceptBind or RefuseBind, now or in init_time.
  virtual void OnBind(const Bind& bind) { static_cast<void>(bind); }
  // Once for each request that Send took; once more with kLate.
  virtual void OnAnswer(uint64_t token, const Answer& answer) = 0;
  // Respond to it, now or later.
  virtual void OnRequest(const RequestId& id, const Pdu& pdu) = 0;
  // What wants no response: alert_notification, outbind.
  virtual void OnNotice(const Pdu& pdu) { static_cast<void>(pdu); }
  // Send refused for lack of window or rate, and may be tried again.
  virtual void OnReady() {}
  // Last, once; every request has been given back.
  virtual void OnEnd(const End& end) = 0;
};

enum class Sent : uint8_t {
  kSent,
  kNotBound,  // Not bound yet or any more, or not allowed in this bind's mode.
  kWindowFull,
  kThrottled,    // No tokens, or the SMSC wants a pause.
  kBacklog,      // The peer does not read what was sent.
  kUnsupported,  // The peer speaks a version that does not know this.
  kInvalid,      // A field is beyond its limits: last_fault().
};
std::string_view Name(Sent sent);

struct SendOptions {
  uint32_t segments = 1;  // Tokens to take: those of a whole group with its first, 0 with the rest.
  std::chrono::milliseconds response_time{0};  // 0: as in the settings.
};

struct SessionCounters {
  uint64_t octets_in = 0, octets_out = 0;
  uint64_t pdus_in = 0;
  uint64_t requests_out = 0;  // By Send.
  uint64_t answers_in = 0;
  uint64_t requests_in = 0;  // Handed to OnRequest.
  uint64_t responses_out = 0;
  uint64_t notices_in = 0;
  uint64_t throttled = 0;   // ESME_RTHROTTLED that came,
  uint64_t queue_full = 0;  // ESME_RMSGQFUL that came.
  uint64_t timed_out = 0, late = 0, maybe_sent = 0, not_sent = 0;
  uint64_t enquiries_out = 0, enquiries_in = 0;
  uint64_t malformed = 0;     // PDUs that could not be read.
  uint64_t wrong_state = 0;   // Requests that do not belong into this state.
  uint64_t refused_full = 0;  // Requests beyond peer_window.
  uint64_t unexpected = 0;    // Responses to nothing.
  uint64_t nacks_in = 0, nacks_out = 0;

  SessionCounters& operator+=(const SessionCounters& other);
};

class Session {
 public:
  // handler outlives the session. epoch: tells it from others of the same peer.
  Session(SessionSettings settings, SessionHandler& handler, uint64_t epoch = 0);

  // Inputs.
  void Connected(Time now);
  void Octets(std::string_view octets, Time now);
  // The connection is gone. unsent: how many of the last octets taken from the session did not
  // leave the process.
  void Closed(std::string_view why, size_t unsent, Time now);
  // To be called at next_deadline(); more often does no harm.
  void Tick(Time now);

  // T: a request of pdu.h. token: what OnAnswer gives back.
  template <typename T>
  Sent Send(const T& body, uint64_t token, Time now, const SendOptions& options = {}) {
    const Sent refused = Check(body.id(), options, now);
    if (refused != Sent::kSent) return refused;
    if (takes_tlvs() || body.tlvs.empty()) return Dispatch(body, token, now, options);
    if (body.tlvs.Has(Tag::kMessagePayload)) return Sent::kUnsupported;
    T bare = body;
    bare.tlvs = {};
    return Dispatch(bare, token, now, options);
  }
  // What wants no response: alert_notification.
  template <typename T>
  Sent Notify(const T& body) {
    if (!MayRequest(body.id())) return Sent::kNotBound;
    if (!takes_tlvs()) return Sent::kUnsupported;
    last_fault_ = EncodeBody(NextSequence(), body, out_);
    return last_fault_ ? Sent::kInvalid : Sent::kSent;
  }
  // T: the response to id. False: it could not be sent any more, or a field is beyond its limits
  // (last_fault(); a response without a body is sent then, with ESME_RSYSERR).
  template <typename T>
  bool Respond(const RequestId& id, const T& body, Time now,
               CommandStatus status = CommandStatus::kRok) {
    if (!MayRespond(id)) return false;
    last_fault_ = EncodeBody(id.sequence, body, out_, status);
    if (last_fault_) RespondBare(id, CommandStatus::kRsysErr, now);
    if (!last_fault_) Responded(now);
    return !last_fault_;
  }
  // Without a body: what a deliver_sm, or any refusal, is content with.
  bool RespondBare(const RequestId& id, CommandStatus status, Time now);
  // SMSC: after OnBind.
  void AcceptBind(Time now);
  void RefuseBind(CommandStatus status, Time now);
  // No new requests; waits for what is outstanding, unbinds, ends.
  void Unbind(Time now);
  // Ends at once.
  void Abort(std::string_view why, Time now);

  // How many octets that were taken have not left yet.
  void Backlog(size_t octets) { backlog_ = octets; }

  // Outputs.
  bool has_output() const { return !out_.empty(); }
  // Moves the octets to be written behind those in `into`.
  void TakeOutput(std::string& into);
  Time next_deadline();  // Time::max(): none.
  // Write what there is to write, then close the connection.
  bool ended() const { return ended_; }

  bool bound() const { return state_ == State::kBound; }
  BindMode mode() const { return mode_; }
  uint8_t version() const { return version_; }
  bool takes_tlvs() const { return version_ >= kVersion34; }
  uint64_t epoch() const { return epoch_; }
  size_t outstanding() const { return table_.size(); }
  size_t unanswered() const { return unanswered_; }  // The peer's requests.
  size_t window(Time now) { return rate_.window(now); }
  // Whether Send would take a request of so many segments, and if not for want of rate, when.
  bool ready(uint32_t segments, Time now);
  RateControl& rate() { return rate_; }
  const Fault& last_fault() const { return last_fault_; }
  const SessionCounters& counters() const { return counters_; }
  const SessionSettings& settings() const { return settings_; }

 private:
  enum class State : uint8_t {
    kIdle,
    kOpen,       // SMSC: no bind yet.
    kBindAsked,  // SMSC: our caller is to judge.
    kBinding,    // ESME: bind sent.
    kBound,
    kFinishing,    // Unbind: waits for what is outstanding.
    kUnbinding,    // unbind sent.
    kPeerUnbound,  // Answers what is to be answered, then unbind_resp.
    kLeaving,      // unbind_resp sent: what is outstanding may still be answered.
    kEnded,
  };
  struct Late {
    uint32_t sequence = 0;
    CommandId command = {};
    uint64_t token = 0;
    Time sent;
  };

  Sent Check(CommandId command, const SendOptions& options, Time now);
  template <typename T>
  Sent Dispatch(const T& body, uint64_t token, Time now, const SendOptions& options) {
    const uint64_t offset = taken_ + out_.size();
    const uint32_t sequence = NextSequence();
    last_fault_ = EncodeBody(sequence, body, out_);
    if (last_fault_) return Sent::kInvalid;
    Track({.sequence = sequence,
           .command = body.id(),
           .token = token,
           .offset = offset,
           .sent = now,
           .deadline = now},
          options);
    return Sent::kSent;
  }
  void Track(Outstanding request, const SendOptions& options);
  bool MayRespond(const RequestId& id) const { return !ended_ && id.epoch == epoch_; }
  uint32_t NextSequence() { return table_.NextSequence(); }
  bool MayRequest(CommandId command) const;
  bool PeerMayRequest(CommandId command) const;
  bool backed_up() const;

  void HandlePdu(std::string_view octets, Time now);
  void HandleFault(const Fault& fault, const Pdu& pdu);
  void HandleResponse(const Pdu& pdu, bool readable, Time now);
  void HandleBindResp(const Pdu& pdu, bool readable, Time now);
  void HandleRequest(const Pdu& pdu, Time now);
  void HandleBind(const Pdu& pdu);
  void HandleUnbind(const Pdu& pdu, Time now);
  void PassOn(const Pdu& pdu);
  CommandStatus Unwanted(CommandId command) const;
  void Resolve(const Outstanding& request, const Pdu& pdu, bool readable, Time now);
  void ResolveLate(const Pdu& pdu, bool readable);
  void Heed(const Answer& answer, Time now);
  void Nack(uint32_t sequence, CommandStatus status);
  void Responded(Time now);

  void SendBind();
  void BecomeBound(const Bound& bound, Time now);
  void Proceed(Time now);
  void SendUnbind(Time now);
  void SendUnbindResp();
  void Enquire(Time now);
  void StateExpired(Time now);
  void ExpireRequests(Time now);
  void Remember(const Outstanding& request);
  void TellReady(Time now);
  void GiveBack(uint64_t written);
  void Finish(EndCause cause, CommandStatus status, std::string_view text,
              uint64_t written = UINT64_MAX);

  const SessionSettings settings_;
  SessionHandler& handler_;
  const uint64_t epoch_;
  Framer framer_;
  RateControl rate_;
  OutstandingTable table_;
  std::vector<Late> late_;  // A ring of requests that were given back as timed out.
  size_t next_late_ = 0;
  std::string out_;
  uint64_t taken_ = 0;  // Octets that have gone before out_.
  size_t backlog_ = 0;
  State state_ = State::kIdle;
  BindMode mode_;
  uint8_t version_;
  uint32_t control_sequence_ =
      0;  // Of our bind or unbind; of the peer's, when it is to be answered.
  uint32_t enquiry_sequence_ = 0;
  int enquiries_ = 0;  // That nothing came after.
  size_t unanswered_ = 0;
  std::string peer_system_id_;
  Time last_received_{};
  Time enquire_at_ = Time::max();
  Time state_until_ = Time::max();  // When the state has taken too long.
  Time expire_at_ = Time::max();    // No request runs out before.
  uint32_t blocked_segments_ = 0;
  bool blocked_ = false;  // A Send was refused for window or rate.
  bool ended_ = false;
  Fault last_fault_;
  SessionCounters counters_;
};

}  // namespace drover::smpp

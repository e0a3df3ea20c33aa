#include "libs/smpp/session.h"

#include <algorithm>
#include <array>
#include <utility>

namespace drover::smpp {
namespace {

constexpr int kEnquiries = 2;  // Unanswered ones that end a session.

Bind BindOf(const SessionSettings& settings) {
  return {.mode = settings.mode,
          .system_id = settings.system_id,
          .password = settings.password,
          .system_type = settings.system_type,
          .interface_version = settings.interface_version,
          .addr_ton = settings.addr_ton,
          .addr_npi = settings.addr_npi,
          .address_range = settings.address_range};
}

// SMPP v3.4, table 2-1: who may ask for what in a bind of this mode.
bool Allowed(Role sender, BindMode mode, CommandId command) {
  const bool transmits = mode != BindMode::kReceiver;
  const bool receives = mode != BindMode::kTransmitter;
  switch (command) {
    case CommandId::kSubmitSm:
    case CommandId::kSubmitMulti:
    case CommandId::kQuerySm:
    case CommandId::kCancelSm:
    case CommandId::kReplaceSm:
    case CommandId::kBroadcastSm:
    case CommandId::kQueryBroadcastSm:
    case CommandId::kCancelBroadcastSm:
      return sender == Role::kEsme && transmits;
    case CommandId::kDeliverSm:
    case CommandId::kAlertNotification:
      return sender == Role::kSmsc && receives;
    case CommandId::kDataSm:
      return sender == Role::kEsme ? transmits : receives;
    default:
      return false;
  }
}

bool SinceVersion34(CommandId command) {
  switch (command) {
    case CommandId::kDataSm:
    case CommandId::kBroadcastSm:
    case CommandId::kQueryBroadcastSm:
    case CommandId::kCancelBroadcastSm:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<void> Validate(const SessionSettings& settings) {
  std::string octets;
  const Fault fault = EncodeBody(1, BindOf(settings), octets);
  if (fault) {
    return InvalidArgument(std::string(fault.field) +
                           " does not fit into a bind: " + std::string(Name(fault.kind)));
  }
  if (settings.window == 0) return InvalidArgument("window must be at least 1");
  return {};
}

std::string_view Name(EndCause cause) {
  constexpr std::array<std::string_view, 8> kNames = {"link lost", "bind refused", "no bind",
                                                      "silent",    "garbage",      "peer unbound",
                                                      "unbound",   "aborted"};
  return kNames.at(static_cast<size_t>(cause));
}

std::string_view Name(Outcome outcome) {
  constexpr std::array<std::string_view, 5> kNames = {"answered", "timed out", "maybe sent",
                                                      "not sent", "late"};
  return kNames.at(static_cast<size_t>(outcome));
}

std::string_view Name(Sent sent) {
  constexpr std::array<std::string_view, 7> kNames = {
      "sent", "not bound", "window full", "throttled", "backlog", "unsupported", "invalid"};
  return kNames.at(static_cast<size_t>(sent));
}

SessionCounters& SessionCounters::operator+=(const SessionCounters& other) {
  constexpr std::array kAll = {&SessionCounters::octets_in,     &SessionCounters::octets_out,
                               &SessionCounters::pdus_in,       &SessionCounters::requests_out,
                               &SessionCounters::answers_in,    &SessionCounters::requests_in,
                               &SessionCounters::responses_out, &SessionCounters::notices_in,
                               &SessionCounters::throttled,     &SessionCounters::queue_full,
                               &SessionCounters::timed_out,     &SessionCounters::late,
                               &SessionCounters::maybe_sent,    &SessionCounters::not_sent,
                               &SessionCounters::enquiries_out, &SessionCounters::enquiries_in,
                               &SessionCounters::malformed,     &SessionCounters::wrong_state,
                               &SessionCounters::refused_full,  &SessionCounters::unexpected,
                               &SessionCounters::nacks_in,      &SessionCounters::nacks_out};
  static_assert(sizeof(SessionCounters) == kAll.size() * sizeof(uint64_t));
  for (const auto counter : kAll) this->*counter += other.*counter;
  return *this;
}

Session::Session(SessionSettings settings, SessionHandler& handler, uint64_t epoch)
    : settings_(std::move(settings)),
      handler_(handler),
      epoch_(epoch),
      framer_(settings_.max_pdu),
      rate_(settings_.rate, settings_.window),
      table_(std::max<size_t>(1, settings_.window)),
      mode_(settings_.mode),
      version_(settings_.interface_version) {}

// --- Inputs.

void Session::Connected(Time now) {
  last_received_ = now;
  state_until_ = now + settings_.init_time;
  state_ = State::kOpen;
  if (settings_.role == Role::kEsme) SendBind();
}

void Session::Octets(std::string_view octets, Time now) {
  if (ended_) return;
  counters_.octets_in += octets.size();
  framer_.Feed(octets);
  std::string_view pdu;
  Framer::State state = Framer::State::kNeedMore;
  while (!ended_ && (state = framer_.Next(pdu)) == Framer::State::kPdu) HandlePdu(pdu, now);
  if (ended_) return;
  if (state == Framer::State::kBroken) {
    ++counters_.malformed;
    Nack(0, CommandStatus::kRinvCmdLen);
    return Finish(EndCause::kGarbage, CommandStatus::kRinvCmdLen,
                  "a command_length of " + std::to_string(framer_.broken_length()) + " came");
  }
  TellReady(now);
}

void Session::Closed(std::string_view why, size_t unsent, Time now) {
  static_cast<void>(now);
  const uint64_t written = taken_ - std::min<uint64_t>(unsent, taken_);
  EndCause cause = EndCause::kLinkLost;
  if (state_ == State::kPeerUnbound || state_ == State::kLeaving) cause = EndCause::kPeerUnbound;
  if (state_ == State::kFinishing || state_ == State::kUnbinding) cause = EndCause::kUnbound;
  out_.clear();
  Finish(cause, CommandStatus::kRok, why, written);
}

void Session::Tick(Time now) {
  if (ended_) return;
  if (now >= state_until_) StateExpired(now);
  if (!ended_) ExpireRequests(now);
  if (!ended_) Enquire(now);
  if (!ended_) TellReady(now);
}

void Session::StateExpired(Time now) {
  state_until_ = Time::max();
  switch (state_) {
    case State::kBindAsked:
      EncodeBare(control_sequence_, ResponseTo(static_cast<CommandId>(mode_)),
                 CommandStatus::kRbindFail, out_);
      [[fallthrough]];
    case State::kOpen:
    case State::kBinding:
      return Finish(EndCause::kNoBind, CommandStatus::kRok, "no bind in time");
    case State::kFinishing:
      return SendUnbind(now);
    case State::kUnbinding:
      return Finish(EndCause::kUnbound, CommandStatus::kRok, "unbind was not answered");
    case State::kPeerUnbound:
      SendUnbindResp();
      [[fallthrough]];
    case State::kLeaving:
      return Finish(EndCause::kPeerUnbound, CommandStatus::kRok, "the peer unbound");
    default:
      return;
  }
}

// --- Binding.

void Session::SendBind() {
  state_ = State::kBinding;
  control_sequence_ = NextSequence();
  last_fault_ = EncodeBody(control_sequence_, BindOf(settings_), out_);
  if (!last_fault_) return;
  Finish(EndCause::kAborted, last_fault_.status,
         std::string(last_fault_.field) + " does not fit into a bind");
}

void Session::BecomeBound(const Bound& bound, Time now) {
  state_ = State::kBound;
  state_until_ = Time::max();
  version_ = bound.version;
  enquire_at_ = now + settings_.enquire_after;
  handler_.OnBound(bound);
}

void Session::AcceptBind(Time now) {
  if (state_ != State::kBindAsked) return;
  std::string octets;
  if (takes_tlvs()) {
    TlvWriter(octets).Number(Tag::kScInterfaceVersion, settings_.interface_version);
  }
  last_fault_ = EncodeBody(
      control_sequence_,
      BindResp{.mode = mode_, .system_id = settings_.system_id, .tlvs = Tlvs(octets)}, out_);
  if (last_fault_) return RefuseBind(CommandStatus::kRsysErr, now);
  BecomeBound({.mode = mode_, .system_id = peer_system_id_, .version = version_}, now);
}

void Session::RefuseBind(CommandStatus status, Time now) {
  static_cast<void>(now);
  if (state_ != State::kBindAsked) return;
  EncodeBare(control_sequence_, ResponseTo(static_cast<CommandId>(mode_)), status, out_);
  Finish(EndCause::kBindRefused, status, "refused " + std::string(Name(status)));
}

// --- Unbinding.

void Session::Unbind(Time now) {
  switch (state_) {
    case State::kBound:
      state_ = State::kFinishing;
      state_until_ = now + settings_.unbind_time;
      return Proceed(now);
    case State::kIdle:
    case State::kOpen:
    case State::kBindAsked:
    case State::kBinding:
      return Finish(EndCause::kUnbound, CommandStatus::kRok, "ended before it was bound");
    default:
      return;  // On its way already.
  }
}

void Session::Abort(std::string_view why, Time now) {
  static_cast<void>(now);
  Finish(EndCause::kAborted, CommandStatus::kRok, why);
}

// Takes the next step of an end under way, once what it waits for is done.
void Session::Proceed(Time now) {
  if (state_ == State::kFinishing && table_.size() == 0 && unanswered_ == 0) SendUnbind(now);
  if (state_ == State::kPeerUnbound && unanswered_ == 0) SendUnbindResp();
  if (state_ == State::kLeaving && table_.size() == 0) {
    Finish(EndCause::kPeerUnbound, CommandStatus::kRok, "the peer unbound");
  }
}

void Session::SendUnbind(Time now) {
  state_ = State::kUnbinding;
  state_until_ = now + settings_.response_time;
  control_sequence_ = NextSequence();
  EncodeBare(control_sequence_, CommandId::kUnbind, CommandStatus::kRok, out_);
}

void Session::SendUnbindResp() {
  state_ = State::kLeaving;
  EncodeBare(control_sequence_, CommandId::kUnbindResp, CommandStatus::kRok, out_);
}

// --- Requests and responses of ours.

bool Session::MayRequest(CommandId command) const {
  return state_ == State::kBound && Allowed(settings_.role, mode_, command);
}

bool Session::PeerMayRequest(CommandId command) const {
  const Role peer = settings_.role == Role::kEsme ? Role::kSmsc : Role::kEsme;
  return Allowed(peer, mode_, command);
}

bool Session::backed_up() const { return out_.size() + backlog_ > settings_.unsent_octets; }

bool Session::ready(uint32_t segments, Time now) {
  return state_ == State::kBound && !backed_up() && table_.size() < rate_.window(now) &&
         rate_.ReadyAt(segments, now) <= now;
}

Sent Session::Check(CommandId command, const SendOptions& options, Time now) {
  if (!MayRequest(command)) return Sent::kNotBound;
  if (!takes_tlvs() && SinceVersion34(command)) return Sent::kUnsupported;
  const bool backlog = backed_up();
  const bool full = table_.size() >= rate_.window(now);
  if (!backlog && !full && rate_.Take(options.segments, now)) return Sent::kSent;
  blocked_ = true;
  blocked_segments_ = options.segments;
  return backlog ? Sent::kBacklog : full ? Sent::kWindowFull : Sent::kThrottled;
}

void Session::Track(Outstanding request, const SendOptions& options) {
  const bool own = options.response_time.count() != 0;
  request.deadline = request.sent + (own ? options.response_time : settings_.response_time);
  expire_at_ = std::min(expire_at_, request.deadline);
  table_.Add(request);
  ++counters_.requests_out;
}

bool Session::RespondBare(const RequestId& id, CommandStatus status, Time now) {
  if (!MayRespond(id)) return false;
  if (status == CommandStatus::kRok && ResponseTo(id.command) == CommandId::kDeliverSmResp) {
    last_fault_ = EncodeBody(id.sequence, DeliverSmResp{}, out_);  // Its message_id: one NUL.
  } else {
    EncodeBare(id.sequence, ResponseTo(id.command), status, out_);
  }
  Responded(now);
  return true;
}

void Session::Responded(Time now) {
  ++counters_.responses_out;
  if (unanswered_ > 0) --unanswered_;
  Proceed(now);
}

void Session::Nack(uint32_t sequence, CommandStatus status) {
  ++counters_.nacks_out;
  EncodeBare(sequence, CommandId::kGenericNack, status, out_);
}

// --- Time.

void Session::ExpireRequests(Time now) {
  if (now < expire_at_) return;
  std::vector<Outstanding> expired;
  expire_at_ = Time::max();
  table_.Each([&](const Outstanding& request) {
    if (request.deadline <= now) {
      expired.push_back(request);
    } else {
      expire_at_ = std::min(expire_at_, request.deadline);
    }
  });
  std::sort(expired.begin(), expired.end(),
            [](const Outstanding& a, const Outstanding& b) { return a.offset < b.offset; });
  for (const Outstanding& request : expired) {
    if (table_.Find(request.sequence) == nullptr) continue;  // Given back by what came between.
    table_.Remove(request.sequence);
    Remember(request);
    ++counters_.timed_out;
    handler_.OnAnswer(
        request.token,
        {.outcome = Outcome::kTimedOut, .command = request.command, .sent = request.sent});
  }
  if (!ended_) Proceed(now);
}

void Session::Remember(const Outstanding& request) {
  if (late_.empty()) late_.resize(std::max<size_t>(1, settings_.window));
  late_[next_late_] = {request.sequence, request.command, request.token, request.sent};
  next_late_ = (next_late_ + 1) % late_.size();
}

void Session::Enquire(Time now) {
  if (now < enquire_at_) return;
  const Time due = last_received_ + settings_.enquire_after;
  if (enquiries_ == 0 && now < due) {
    enquire_at_ = due;
    return;
  }
  if (enquiries_ == kEnquiries) {
    return Finish(EndCause::kSilent, CommandStatus::kRok, "enquire_link was not answered");
  }
  ++enquiries_;
  ++counters_.enquiries_out;
  enquiry_sequence_ = NextSequence();
  EncodeBare(enquiry_sequence_, CommandId::kEnquireLink, CommandStatus::kRok, out_);
  enquire_at_ = now + settings_.response_time;
}

void Session::TellReady(Time now) {
  if (!blocked_ || !ready(blocked_segments_, now)) return;
  blocked_ = false;
  handler_.OnReady();
}

Time Session::next_deadline() {
  if (ended_) return Time::max();
  Time next = std::min({state_until_, expire_at_, enquire_at_});
  // A full window opens with an answer; tokens come with time.
  const bool room =
      state_ == State::kBound && !backed_up() && table_.size() < rate_.window(last_received_);
  if (blocked_ && room) next = std::min(next, rate_.ReadyAt(blocked_segments_, last_received_));
  return next;
}

// --- The end.

void Session::GiveBack(uint64_t written) {
  std::vector<Outstanding> requests;
  table_.Each([&](const Outstanding& request) { requests.push_back(request); });
  std::sort(requests.begin(), requests.end(),
            [](const Outstanding& a, const Outstanding& b) { return a.offset < b.offset; });
  for (const Outstanding& request : requests) {
    const bool left = request.offset < written;
    table_.Remove(request.sequence);
    ++(left ? counters_.maybe_sent : counters_.not_sent);
    handler_.OnAnswer(request.token, {.outcome = left ? Outcome::kMaybeSent : Outcome::kNotSent,
                                      .command = request.command,
                                      .sent = request.sent});
  }
}

void Session::Finish(EndCause cause, CommandStatus status, std::string_view text,
                     uint64_t written) {
  if (ended_) return;
  ended_ = true;
  state_ = State::kEnded;
  GiveBack(written);
  handler_.OnEnd({.cause = cause, .status = status, .text = std::string(text)});
}

void Session::TakeOutput(std::string& into) {
  taken_ += out_.size();
  counters_.octets_out += out_.size();
  if (into.empty()) {
    std::swap(into, out_);
  } else {
    into.append(out_);
  }
  out_.clear();
}

}  // namespace drover::smpp

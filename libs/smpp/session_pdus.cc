// What a session makes of the PDUs that come.
#include <algorithm>

#include "libs/smpp/session.h"

namespace drover::smpp {
namespace {

// The part of an Answer that is in the response.
void Read(const Pdu& pdu, Answer& answer) {
  answer.pdu = &pdu;
  std::visit(
      [&answer](const auto& body) {
        if constexpr (requires { body.message_id; }) answer.message_id = body.message_id;
        answer.tlvs = body.tlvs;
      },
      pdu.body);
}

}  // namespace

void Session::HandlePdu(std::string_view octets, Time now) {
  ++counters_.pdus_in;
  last_received_ = now;
  if (enquiries_ != 0) {
    enquiries_ = 0;
    enquire_at_ = now + settings_.enquire_after;
  }
  Pdu pdu;
  const Fault fault = Decode(octets, pdu, settings_.max_pdu);
  if (IsResponse(pdu.header.id)) {
    if (fault) ++counters_.malformed;
    return HandleResponse(pdu, !fault, now);
  }
  if (fault) return HandleFault(fault, pdu);
  HandleRequest(pdu, now);
}

void Session::HandleFault(const Fault& fault, const Pdu& pdu) {
  ++counters_.malformed;
  const CommandId id = pdu.header.id;
  if (fault.kind == FaultKind::kCommandId || !HasResponse(id)) {
    return Nack(pdu.header.sequence, fault.status);
  }
  EncodeBare(pdu.header.sequence, ResponseTo(id), fault.status, out_);
}

// --- Responses.

void Session::HandleResponse(const Pdu& pdu, bool readable, Time now) {
  const Header& header = pdu.header;
  const bool nack = header.id == CommandId::kGenericNack;
  if (nack) ++counters_.nacks_in;
  const bool to_control = header.sequence == control_sequence_;
  if (state_ == State::kBinding && to_control &&
      (nack || header.id == ResponseTo(static_cast<CommandId>(mode_)))) {
    return HandleBindResp(pdu, readable, now);
  }
  if (state_ == State::kUnbinding && to_control && (nack || header.id == CommandId::kUnbindResp)) {
    return Finish(EndCause::kUnbound, CommandStatus::kRok, "unbound");
  }
  if (header.id == CommandId::kEnquireLinkResp) return;
  const Outstanding* const request = table_.Find(header.sequence);
  if (request != nullptr && (nack || header.id == ResponseTo(request->command))) {
    return Resolve(*request, pdu, readable, now);
  }
  if (nack && header.sequence == enquiry_sequence_) return;
  ResolveLate(pdu, readable);
}

void Session::HandleBindResp(const Pdu& pdu, bool readable, Time now) {
  const CommandStatus status = pdu.header.status;
  if (status != CommandStatus::kRok || pdu.header.id == CommandId::kGenericNack) {
    return Finish(EndCause::kBindRefused, status,
                  "the bind was refused: " + std::string(Name(status)));
  }
  Bound bound{.mode = mode_, .version = settings_.untold_version};
  const auto* const resp = std::get_if<BindResp>(&pdu.body);
  if (readable && resp != nullptr) {
    bound.system_id = resp->system_id;
    const auto told = resp->tlvs.Number(Tag::kScInterfaceVersion);
    if (told) bound.version = static_cast<uint8_t>(*told);
  }
  bound.version = std::min(bound.version, settings_.interface_version);
  BecomeBound(bound, now);
}

void Session::Resolve(const Outstanding& request, const Pdu& pdu, bool readable, Time now) {
  ++counters_.answers_in;
  const uint64_t token = request.token;
  Answer answer{.command = request.command, .status = pdu.header.status, .sent = request.sent};
  table_.Remove(request.sequence);
  if (readable) Read(pdu, answer);
  Heed(answer, now);
  handler_.OnAnswer(token, answer);
  if (!ended_) Proceed(now);
}

void Session::ResolveLate(const Pdu& pdu, bool readable) {
  const auto found = std::find_if(late_.begin(), late_.end(), [&pdu](const Late& late) {
    return late.sequence == pdu.header.sequence && ResponseTo(late.command) == pdu.header.id;
  });
  if (found == late_.end() || pdu.header.sequence == 0) {
    ++counters_.unexpected;
    return;
  }
  ++counters_.late;
  const Late late = *found;
  found->sequence = 0;
  Answer answer{.outcome = Outcome::kLate,
                .command = late.command,
                .status = pdu.header.status,
                .sent = late.sent};
  if (readable) Read(pdu, answer);
  handler_.OnAnswer(late.token, answer);
}

// What an answer says of how fast we may go on.
void Session::Heed(const Answer& answer, Time now) {
  if (answer.status == CommandStatus::kRthrottled) {
    ++counters_.throttled;
    rate_.Throttled(answer.sent, now);
  } else if (answer.status == CommandStatus::kRmsgQful) {
    ++counters_.queue_full;
    rate_.QueueFull(answer.sent, now);
  }
  if (answer.tlvs.empty()) return;
  if (const auto state = answer.tlvs.Number(Tag::kCongestionState)) {
    rate_.Congested(*state, answer.sent, now);
  }
}

// --- Requests.

void Session::HandleRequest(const Pdu& pdu, Time now) {
  switch (pdu.header.id) {
    case CommandId::kEnquireLink:
      ++counters_.enquiries_in;
      return EncodeBare(pdu.header.sequence, CommandId::kEnquireLinkResp, CommandStatus::kRok,
                        out_);
    case CommandId::kBindReceiver:
    case CommandId::kBindTransmitter:
    case CommandId::kBindTransceiver:
      return HandleBind(pdu);
    case CommandId::kUnbind:
      return HandleUnbind(pdu, now);
    case CommandId::kOutbind:
      ++counters_.notices_in;
      return handler_.OnNotice(pdu);
    case CommandId::kAlertNotification:
      if (Unwanted(pdu.header.id) != CommandStatus::kRok) {
        ++counters_.wrong_state;
        return;
      }
      ++counters_.notices_in;
      return handler_.OnNotice(pdu);
    default:
      return PassOn(pdu);
  }
}

void Session::HandleBind(const Pdu& pdu) {
  const bool open = settings_.role == Role::kSmsc && state_ == State::kOpen;
  if (!open) {
    ++counters_.wrong_state;
    const bool smsc = settings_.role == Role::kSmsc;
    return EncodeBare(pdu.header.sequence, ResponseTo(pdu.header.id),
                      smsc ? CommandStatus::kRalyBnd : CommandStatus::kRinvBndSts, out_);
  }
  const Bind& bind = std::get<Bind>(pdu.body);
  state_ = State::kBindAsked;
  control_sequence_ = pdu.header.sequence;
  mode_ = bind.mode;
  version_ = std::min(bind.interface_version, settings_.interface_version);
  peer_system_id_ = bind.system_id;
  handler_.OnBind(bind);
}

void Session::HandleUnbind(const Pdu& pdu, Time now) {
  switch (state_) {
    case State::kBound:
    case State::kFinishing:
      control_sequence_ = pdu.header.sequence;
      state_ = State::kPeerUnbound;
      state_until_ = now + settings_.finish_time;
      return Proceed(now);
    case State::kUnbinding:  // Both at once.
      return EncodeBare(pdu.header.sequence, CommandId::kUnbindResp, CommandStatus::kRok, out_);
    default:
      ++counters_.wrong_state;
      return EncodeBare(pdu.header.sequence, CommandId::kUnbindResp, CommandStatus::kRinvBndSts,
                        out_);
  }
}

// ESME_ROK, or why a request of this kind is not taken now.
CommandStatus Session::Unwanted(CommandId command) const {
  if (!PeerMayRequest(command)) return CommandStatus::kRinvBndSts;
  if (state_ == State::kBound || state_ == State::kFinishing) return CommandStatus::kRok;
  // We are leaving: the SMSC is to bring it again when we are back.
  const bool again = settings_.role == Role::kEsme && state_ == State::kUnbinding;
  return again ? CommandStatus::kRxTAppn : CommandStatus::kRinvBndSts;
}

void Session::PassOn(const Pdu& pdu) {
  const RequestId id{.command = pdu.header.id, .sequence = pdu.header.sequence, .epoch = epoch_};
  const CommandStatus unwanted = Unwanted(id.command);
  if (unwanted != CommandStatus::kRok) {
    ++counters_.wrong_state;
    return EncodeBare(id.sequence, ResponseTo(id.command), unwanted, out_);
  }
  if (unanswered_ >= settings_.peer_window) {
    ++counters_.refused_full;
    const bool esme = settings_.role == Role::kEsme;
    return EncodeBare(id.sequence, ResponseTo(id.command),
                      esme ? CommandStatus::kRmsgQful : CommandStatus::kRthrottled, out_);
  }
  ++unanswered_;
  ++counters_.requests_in;
  handler_.OnRequest(id, pdu);
}

}  // namespace drover::smpp

// Large objects: a value in pieces, one a message, in either direction.
//
// Spec: OMA-TS-DM_Protocol-V1_2 and OMA-TS-DM_RepPro-V1_2, "Large object handling": status 213 for
// each piece but the last, 424 when the sizes do not add up, alert 1225 when a piece is missing.
#include <algorithm>

#include "services/session/core/exchange.h"
#include "services/session/core/item_data.h"

namespace drover::session {
namespace {

constexpr uint32_t kBuffered = 213;
constexpr uint32_t kTooLarge = 413;
constexpr uint32_t kSizeMismatch = 424;
constexpr uint32_t kRestarts = 2;
constexpr size_t kSmallestPiece = 64;  // Octets: a terminal that takes less takes nothing.

std::string_view SourceOf(const syncml::Command& command, const syncml::Item& item) {
  if (item.source) return item.source->uri;
  return command.source_refs.empty() ? std::string_view() : command.source_refs.front();
}

// At most size octets, without cutting a UTF-8 sequence or a group of four base64 characters.
size_t Aligned(const Transfer& transfer, size_t offset, size_t size) {
  const size_t left = transfer.octets.size() - offset;
  if (size >= left) return left;
  if (transfer.form == syncml::DataForm::kOpaque) return size;
  if (transfer.format == "b64") return std::max<size_t>(size / 4 * 4, 4);
  const auto continues = [&](size_t at) {
    return (static_cast<unsigned char>(transfer.octets[at]) & 0xC0) == 0x80;
  };
  while (size > 1 && continues(offset + size)) --size;
  return size;
}

size_t OctetsOf(const std::vector<Value>& values) {
  size_t octets = 0;
  for (const Value& value : values) {
    octets += kValueOctets + value.uri.size() + value.format.size() + value.type.size() +
              value.data.size();
  }
  return octets;
}

}  // namespace

size_t Exchange::HeldOctets() const {
  size_t octets = session_.incoming ? session_.incoming->data.size() : 0;
  for (const SentCommand& sent : session_.sent) octets += OctetsOf(sent.values);
  for (const HeldOperation& held : session_.operations) {
    for (const CommandResult& result : held.results) octets += OctetsOf(result.values);
  }
  return octets;
}

// False: the session holds as much of what the terminal said as it may.
bool Exchange::Hold(size_t octets) {
  if (held_octets_ + octets > 2 * config_.max_obj_size) {
    oddities_.push_back(Oddity::kObjectTooLarge);
    return false;
  }
  held_octets_ += octets;
  return true;
}

bool Exchange::GoesOn(const syncml::Command& command, const syncml::Item& item,
                      bool of_alert) const {
  if (!session_.incoming || piece_taken_) return false;
  const Incoming& incoming = *session_.incoming;
  // Size stands in the first piece; a client that repeats it says the same.
  if (item.meta.size && item.meta.size != incoming.size) return false;
  if (incoming.of_alert != of_alert || incoming.uri != SourceOf(command, item)) return false;
  return of_alert ? incoming.correlator == command.correlator
                  : incoming.msg_ref == command.msg_ref && incoming.cmd_ref == command.cmd_ref;
}

// One piece; the status that it is answered with. 200: the object is whole, in session_.incoming.
uint32_t Exchange::TakePiece(const syncml::Command& command, const syncml::Item& item,
                             bool of_alert) {
  if (!GoesOn(command, item, of_alert)) {
    DropBrokenObject();
    Incoming first;
    first.of_alert = of_alert;
    first.msg_ref = command.msg_ref;
    first.cmd_ref = command.cmd_ref;
    first.uri = SourceOf(command, item);
    first.format = item.meta.format.empty() ? command.meta.format : item.meta.format;
    first.type = item.meta.type.empty() ? command.meta.type : item.meta.type;
    first.correlator = command.correlator;
    first.mark = item.meta.mark;
    first.size = item.meta.size;
    first.opaque = item.data && item.data->form == syncml::DataForm::kOpaque;
    session_.incoming = std::move(first);
  }
  piece_taken_ = true;
  Incoming& incoming = *session_.incoming;
  const std::string_view octets = item.data ? item.data->octets : std::string_view();
  if (!incoming.refused && !MayTake(incoming, octets.size())) {
    incoming.refused = true;
    incoming.data.clear();
  }
  if (incoming.refused) return RefusePiece(item);
  if (!incoming.data.empty() && !octets.empty()) ++session_.pieces;
  incoming.data.append(octets);
  if (item.more_data) return kBuffered;
  if (incoming.size && *incoming.size != incoming.data.size()) {
    oddities_.push_back(Oddity::kObjectBroken);
    session_.incoming.reset();
    return kSizeMismatch;
  }
  return 200;
}

bool Exchange::MayTake(const Incoming& incoming, size_t octets) {
  const uint64_t most =
      std::max<uint64_t>(incoming.size.value_or(0), incoming.data.size() + octets);
  if (most <= config_.max_obj_size) return Hold(octets);
  oddities_.push_back(Oddity::kObjectTooLarge);
  return false;
}

// The terminal may go on with what was refused: all of it is refused, to the end.
uint32_t Exchange::RefusePiece(const syncml::Item& item) {
  if (!item.more_data) session_.incoming.reset();
  return kTooLarge;
}

// What was begun and does not go on: the terminal is told, and may begin again.
void Exchange::DropBrokenObject() {
  if (!session_.incoming) return;
  if (!session_.incoming->refused) {
    oddities_.push_back(Oddity::kObjectBroken);
    broken_object_ = session_.incoming->uri;
  }
  if (!session_.incoming->of_alert) {
    SentCommand* sent = FindSent(session_.incoming->msg_ref, session_.incoming->cmd_ref);
    if (sent != nullptr) sent->broken = true;
  }
  session_.incoming.reset();
}

// What the terminal says of a piece that was not the last.
void Exchange::SettlePiece(const SentCommand& sent) {
  const bool accepted = sent.status == kBuffered || (sent.status == 0 && asked_next_);
  if (no_end_of_data_ && RestartObject()) return;
  if (accepted && !no_end_of_data_ && session_.outgoing) {
    session_.outgoing->offset += session_.outgoing->sent;
    session_.outgoing->sent = 0;
    ++session_.pieces;
    return;
  }
  session_.outgoing.reset();
  HeldOperation& held = session_.operations[sent.operation];
  CommandResult result;
  result.index = sent.command;
  // Done before the end, or broken off too often: what the terminal has is not what was meant.
  const bool wrong = IsDone(sent.status) || no_end_of_data_ || sent.status == kBuffered;
  result.status = wrong ? kSizeMismatch : sent.status;
  result.msg_id = std::to_string(sent.msg_id);
  result.cmd_id = std::to_string(sent.cmd_id);
  held.results.push_back(std::move(result));
}

// False: it has begun anew often enough.
bool Exchange::RestartObject() {
  if (!session_.outgoing || session_.outgoing->restarts >= kRestarts) return false;
  session_.outgoing->offset = 0;
  session_.outgoing->sent = 0;
  ++session_.outgoing->restarts;
  return true;
}

// Fills the message up to the terminal's limit.
size_t Exchange::FitPiece(const Reply& reply, const CommandSpec& spec, const Transfer& transfer,
                          Piece& piece) const {
  const size_t offset = session_.outgoing->offset;
  const size_t limit = MessageLimit();
  const size_t base = reply.Encode().size();
  const size_t room = limit > base ? limit - base : 0;
  size_t size = Aligned(transfer, offset, std::max(room, kSmallestPiece));
  while (true) {
    piece.octets = std::string_view(transfer.octets).substr(offset, size);
    piece.last = offset + size == transfer.octets.size();
    Reply scratch(request_.encoding, request_.message.version);
    const size_t empty = scratch.Encode().size();
    scratch.AddPiece(spec, transfer, piece);
    const size_t used = base + scratch.Encode().size() - empty + 12;  // Final; longer CmdIDs.
    if (used <= limit || size <= kSmallestPiece) return size;
    const size_t over = used - limit;
    const size_t smaller =
        std::max(size - std::min(size, std::max<size_t>(over / 6, 4)), kSmallestPiece);
    size = Aligned(transfer, offset,
                   over < size / 8 ? std::max(size - over, kSmallestPiece) : smaller);
  }
}

// There is one: an object is on its way to it.
uint32_t Exchange::FirstUnfinished() const {
  uint32_t first = 0;
  while (!NextCommand(session_.operations[first])) ++first;
  return first;
}

void Exchange::SendPiece(Reply& reply) {
  const uint32_t operation = FirstUnfinished();
  HeldOperation& held = session_.operations[operation];
  const uint32_t index = NextCommand(held).value();
  const CommandSpec spec = Filled(held.assignment.commands[index]);
  const Transfer transfer = reply.TransferOf(spec);
  if (!session_.outgoing) session_.outgoing.emplace();
  // A secret that became another one in between.
  if (session_.outgoing->offset >= transfer.octets.size()) session_.outgoing->offset = 0;
  session_.response_is_secret =
      session_.response_is_secret || held.assignment.commands[index].secret != Secret::kNone;
  Piece piece;
  piece.first = session_.outgoing->offset == 0;
  piece.total = transfer.octets.size();
  session_.outgoing->sent = FitPiece(reply, spec, transfer, piece);
  const uint32_t cmd_id = reply.AddPiece(spec, transfer, piece);
  SentCommand sent;
  sent.role = piece.last ? SentCommand::Role::kCommand : SentCommand::Role::kChunk;
  sent.msg_id = session_.server_msg_id + 1;
  sent.cmd_id = cmd_id;
  sent.operation = operation;
  sent.command = index;
  session_.sent.push_back(std::move(sent));
  ++session_.commands;
  if (piece.last) reply.SetFinal();
}

}  // namespace drover::session

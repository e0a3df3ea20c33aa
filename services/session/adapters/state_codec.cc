#include "services/session/adapters/state_codec.h"

#include "drover/session/v1/state.pb.h"
#include "libs/base/bytes.h"
#include "services/session/adapters/account_codec.h"
#include "services/session/adapters/work_proto.h"

namespace drover::session {
namespace {

constexpr size_t kVersionOctets = 8;

TimePoint FromMicros(int64_t micros) { return TimePoint(std::chrono::microseconds(micros)); }
int64_t ToMicros(TimePoint time) { return time.time_since_epoch().count(); }

void Write(const Value& value, v1::StoredValue& out) {
  out.set_uri(value.uri);
  out.set_format(value.format);
  out.set_type(value.type);
  out.set_data(value.data);
}

Value Read(const v1::StoredValue& in) { return {in.uri(), in.format(), in.type(), in.data()}; }

void Write(const CommandResult& result, v1::StoredResult& out) {
  out.set_index(result.index);
  out.set_status(result.status);
  out.set_msg_id(result.msg_id);
  out.set_cmd_id(result.cmd_id);
  out.set_verified(result.verified);
  out.set_atomic_status(result.atomic_status);
  for (const Value& value : result.values) Write(value, *out.add_values());
}

CommandResult Read(const v1::StoredResult& in) {
  CommandResult result{.index = in.index(),
                       .status = in.status(),
                       .msg_id = in.msg_id(),
                       .cmd_id = in.cmd_id(),
                       .verified = in.verified(),
                       .atomic_status = in.atomic_status()};
  for (const v1::StoredValue& value : in.values()) result.values.push_back(Read(value));
  return result;
}

void Write(const SentCommand& sent, v1::StoredCommand& out) {
  out.set_role(static_cast<uint32_t>(sent.role));
  out.set_msg_id(sent.msg_id);
  out.set_cmd_id(sent.cmd_id);
  out.set_operation(sent.operation);
  out.set_command(sent.command);
  out.set_status(sent.status);
  for (const Value& value : sent.values) Write(value, *out.add_values());
  out.set_broken(sent.broken);
}

SentCommand Read(const v1::StoredCommand& in) {
  SentCommand sent;
  sent.role = static_cast<SentCommand::Role>(in.role());
  sent.msg_id = in.msg_id();
  sent.cmd_id = in.cmd_id();
  sent.operation = in.operation();
  sent.command = in.command();
  sent.status = in.status();
  for (const v1::StoredValue& value : in.values()) sent.values.push_back(Read(value));
  sent.broken = in.broken();
  return sent;
}

void Write(const Incoming& incoming, v1::StoredIncoming& out) {
  out.set_of_alert(incoming.of_alert);
  out.set_msg_ref(incoming.msg_ref);
  out.set_cmd_ref(incoming.cmd_ref);
  out.set_uri(incoming.uri);
  out.set_format(incoming.format);
  out.set_type(incoming.type);
  out.set_correlator(incoming.correlator);
  out.set_mark(incoming.mark);
  out.set_has_size(incoming.size.has_value());
  out.set_size(incoming.size.value_or(0));
  out.set_opaque(incoming.opaque);
  out.set_refused(incoming.refused);
  out.set_data(incoming.data);
}

Incoming Read(const v1::StoredIncoming& in) {
  Incoming incoming;
  incoming.of_alert = in.of_alert();
  incoming.msg_ref = in.msg_ref();
  incoming.cmd_ref = in.cmd_ref();
  incoming.uri = in.uri();
  incoming.format = in.format();
  incoming.type = in.type();
  incoming.correlator = in.correlator();
  incoming.mark = in.mark();
  if (in.has_size()) incoming.size = in.size();
  incoming.opaque = in.opaque();
  incoming.refused = in.refused();
  incoming.data = in.data();
  return incoming;
}

void WriteObjects(const SessionState& session, v1::StoredSession& out) {
  if (session.traits != Traits()) ToProto(session.traits, *out.mutable_traits());
  out.set_large_objects(static_cast<uint32_t>(session.large_objects));
  out.set_next_server_secret(session.next_server_secret);
  out.set_pieces(session.pieces);
  out.set_no_more_commands(session.no_more_commands);
  out.set_response_is_secret(session.response_is_secret);
  out.set_patience_s(static_cast<uint32_t>(session.patience.count()));
  if (session.incoming) Write(*session.incoming, *out.mutable_incoming());
  if (session.outgoing) {
    out.mutable_outgoing()->set_offset(session.outgoing->offset);
    out.mutable_outgoing()->set_sent(session.outgoing->sent);
    out.mutable_outgoing()->set_restarts(session.outgoing->restarts);
  }
  for (const std::string& id : session.untouched) out.add_untouched(id);
}

void ReadObjects(const v1::StoredSession& in, SessionState& session) {
  if (in.has_traits()) session.traits = FromProto(in.traits());
  session.large_objects = static_cast<Support>(in.large_objects());
  session.next_server_secret = in.next_server_secret();
  session.pieces = in.pieces();
  session.no_more_commands = in.no_more_commands();
  session.patience = std::chrono::seconds(in.patience_s());
  if (in.has_incoming()) session.incoming = Read(in.incoming());
  if (in.has_outgoing()) {
    session.outgoing =
        Outgoing{in.outgoing().offset(), in.outgoing().sent(), in.outgoing().restarts()};
  }
  session.response_is_secret = in.response_is_secret();
  session.untouched.assign(in.untouched().begin(), in.untouched().end());
}

void WriteWork(const SessionState& session, v1::StoredSession& out) {
  for (const HeldOperation& held : session.operations) {
    v1::StoredOperation& operation = *out.add_operations();
    ToProto(held.assignment, *operation.mutable_assignment());
    for (const CommandResult& result : held.results) Write(result, *operation.add_results());
  }
  for (const SentCommand& sent : session.sent) Write(sent, *out.add_sent());
  for (const std::string& id : session.finished) out.add_finished(id);
}

// False if an index points outside: then the record is not ours.
bool ReadWork(const v1::StoredSession& in, SessionState& session) {
  for (const v1::StoredOperation& operation : in.operations()) {
    HeldOperation& held = session.operations.emplace_back();
    held.assignment = FromProto(operation.assignment());
    for (const v1::StoredResult& result : operation.results()) held.results.push_back(Read(result));
  }
  for (const v1::StoredCommand& stored : in.sent()) {
    SentCommand sent = Read(stored);
    const bool of_none = sent.role == SentCommand::Role::kSequence ||
                         sent.role == SentCommand::Role::kAtomic ||
                         sent.role == SentCommand::Role::kProbe;
    const bool points =
        of_none || (sent.operation < session.operations.size() &&
                    sent.command < session.operations[sent.operation].assignment.commands.size());
    if (!points) return false;
    session.sent.push_back(std::move(sent));
  }
  session.finished.assign(in.finished().begin(), in.finished().end());
  for (const HeldOperation& held : session.operations) {
    for (const CommandResult& result : held.results) {
      if (result.index >= held.assignment.commands.size()) return false;
    }
  }
  return true;
}

}  // namespace

std::string EncodeSession(const SessionState& session) {
  v1::StoredSession out;
  out.set_session_id(session.session_id);
  out.set_key(session.key);
  out.set_ended(session.ended);
  out.set_encoding(static_cast<uint32_t>(session.encoding));
  out.set_ver_dtd(session.ver_dtd);
  out.set_ver_proto(session.ver_proto);
  out.set_server_uri(session.server_uri);
  out.set_started_at_us(ToMicros(session.started_at));
  out.set_updated_at_us(ToMicros(session.updated_at));
  out.set_client_msg_id(session.client_msg_id);
  out.set_server_msg_id(session.server_msg_id);
  out.set_first_msg_id(session.first_msg_id);
  out.set_cmd_id_base(session.cmd_id_base);
  out.set_request_digest(session.request_digest);
  out.set_response(session.response);
  out.set_response_mac(session.response_mac);
  out.set_messages(session.messages);
  out.set_commands(session.commands);
  out.set_advanced(session.advanced);
  out.set_mac(session.mac);
  out.set_server_accepted(session.server_accepted);
  out.set_server_rejections(session.server_rejections);
  out.set_server_scheme(session.server_scheme ? static_cast<uint32_t>(*session.server_scheme) + 1
                                              : 0);
  out.set_peer_max_msg_size(session.peer_max_msg_size);
  out.set_peer_max_obj_size(session.peer_max_obj_size);
  WriteWork(session, out);
  WriteObjects(session, out);
  std::string octets = base::BigEndian64(session.version);
  out.AppendToString(&octets);
  return octets;
}

std::optional<SessionState> DecodeSession(std::string_view octets) {
  v1::StoredSession in;
  if (octets.size() < kVersionOctets) return std::nullopt;
  const std::string_view rest = octets.substr(kVersionOctets);
  if (!in.ParseFromArray(rest.data(), static_cast<int>(rest.size()))) return std::nullopt;
  SessionState session;
  session.version = base::ReadBigEndian64(octets);
  session.session_id = in.session_id();
  session.key = in.key();
  session.ended = in.ended();
  session.encoding = in.encoding() == 0 ? syncml::Encoding::kXml : syncml::Encoding::kWbxml;
  session.ver_dtd = in.ver_dtd();
  session.ver_proto = in.ver_proto();
  session.server_uri = in.server_uri();
  session.started_at = FromMicros(in.started_at_us());
  session.updated_at = FromMicros(in.updated_at_us());
  session.client_msg_id = in.client_msg_id();
  session.server_msg_id = in.server_msg_id();
  session.first_msg_id = in.first_msg_id();
  session.cmd_id_base = in.cmd_id_base();
  session.request_digest = in.request_digest();
  session.response = in.response();
  session.response_mac = in.response_mac();
  session.messages = in.messages();
  session.commands = in.commands();
  session.advanced = in.advanced();
  session.mac = in.mac();
  session.server_accepted = in.server_accepted();
  session.server_rejections = in.server_rejections();
  if (in.server_scheme() != 0)
    session.server_scheme = static_cast<dmauth::Scheme>(in.server_scheme() - 1);
  session.peer_max_msg_size = in.peer_max_msg_size();
  session.peer_max_obj_size = in.peer_max_obj_size();
  if (!ReadWork(in, session)) return std::nullopt;
  ReadObjects(in, session);
  return session;
}

std::string EncodeNonces(const NonceState& nonces) {
  v1::StoredNonces out;
  out.set_client_nonce(nonces.client_nonce);
  out.set_previous_nonce(nonces.previous_nonce);
  out.set_challenge_nonce(nonces.challenge_nonce);
  out.set_server_nonce(nonces.server_nonce);
  out.set_known(nonces.known);
  out.set_failures(nonces.failures);
  out.set_failed_at_us(ToMicros(nonces.failed_at));
  out.set_devinfo_digest(nonces.devinfo_digest);
  out.set_resync_session(nonces.resync_session);
  if (nonces.resync_session != 0) out.set_resync_until_us(ToMicros(nonces.resync_until));
  return out.SerializeAsString();
}

NonceState DecodeNonces(std::string_view octets) {
  v1::StoredNonces in;
  NonceState nonces;
  if (!in.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return nonces;
  nonces.client_nonce = in.client_nonce();
  nonces.previous_nonce = in.previous_nonce();
  nonces.challenge_nonce = in.challenge_nonce();
  nonces.server_nonce = in.server_nonce();
  nonces.known = in.known();
  nonces.failures = in.failures();
  nonces.failed_at = FromMicros(in.failed_at_us());
  nonces.devinfo_digest = in.devinfo_digest();
  nonces.resync_session = static_cast<uint16_t>(in.resync_session());
  nonces.resync_until = FromMicros(in.resync_until_us());
  return nonces;
}

}  // namespace drover::session

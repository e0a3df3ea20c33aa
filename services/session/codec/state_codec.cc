#include "services/session/codec/state_codec.h"

#include "libs/base/bytes.h"
#include "libs/base/packed.h"
#include "services/session/codec/compression.h"
#include "services/session/codec/work_codec.h"

namespace drover::session {
namespace {

constexpr size_t kVersionOctets = 8;
constexpr char kCompressed = 0x0F;
constexpr char kPlain = 0x17;
constexpr size_t kFollowerOctets = 8;  // Of a random nonce: enough to tell it.
constexpr size_t kSmallest = 64;       // What is smaller is not worth compressing.

// Which fields follow; a truth value is in its bit alone.
enum Field : uint64_t {
  kEnded = 1 << 0,
  kWbxml = 1 << 1,
  kAdvanced = 1 << 2,
  kMac = 1 << 3,
  kServerAccepted = 1 << 4,
  kResponseIsSecret = 1 << 5,
  kWork = 1 << 6,
  kPrevious = 1 << 7,
  kKeyIsNamed = 1 << 8,  // It begins with the session id and '@': not said again.
  kPeerSizes = 1 << 9,
  kServerScheme = 1 << 10,
  kFinished = 1 << 11,
  kResponseMac = 1 << 12,
  kFirstMsgId = 1 << 13,
  kCmdIdBase = 1 << 14,
  kLargeObjects = 1 << 15,
  kPieces = 1 << 16,
  kPatience = 1 << 17,
  kIncoming = 1 << 18,
  kOutgoing = 1 << 19,
  kUntouched = 1 << 20,
  kTraits = 1 << 21,
  kServerRejections = 1 << 22,
  kNextServerSecret = 1 << 23,
  kNoMoreCommands = 1 << 24,
};

uint64_t ToMicros(TimePoint time) { return static_cast<uint64_t>(time.time_since_epoch().count()); }
TimePoint FromMicros(uint64_t micros) {
  return TimePoint(std::chrono::microseconds(static_cast<int64_t>(micros)));
}

bool KeyIsNamed(const SessionState& session) {
  return session.key.size() > session.session_id.size() &&
         session.key.starts_with(session.session_id) &&
         session.key[session.session_id.size()] == '@';
}

uint64_t FieldsOf(const SessionState& session, const NonceState& nonces) {
  uint64_t fields = 0;
  const auto has = [&](Field field, bool there) {
    if (there) fields |= field;
  };
  has(kEnded, session.ended);
  has(kWbxml, session.encoding == syncml::Encoding::kWbxml);
  has(kAdvanced, session.advanced);
  has(kMac, session.mac);
  has(kServerAccepted, session.server_accepted);
  has(kResponseIsSecret, session.response_is_secret);
  has(kWork, !session.operations.empty() || !session.sent.empty());
  has(kPrevious, !nonces.previous_nonce.empty());
  has(kKeyIsNamed, KeyIsNamed(session));
  has(kPeerSizes, session.peer_max_msg_size != 0 || session.peer_max_obj_size != 0);
  has(kServerScheme, session.server_scheme.has_value());
  has(kFinished, !session.finished.empty());
  has(kResponseMac, !session.response_mac.empty());
  has(kFirstMsgId, session.first_msg_id != 0);
  has(kCmdIdBase, session.cmd_id_base != 0);
  has(kLargeObjects, session.large_objects != Support::kUnknown);
  has(kPieces, session.pieces != 0);
  has(kPatience, session.patience.count() != 0);
  has(kIncoming, session.incoming.has_value());
  has(kOutgoing, session.outgoing.has_value());
  has(kUntouched, !session.untouched.empty());
  has(kTraits, session.traits != Traits());
  has(kServerRejections, session.server_rejections != 0);
  has(kNextServerSecret, session.next_server_secret);
  has(kNoMoreCommands, session.no_more_commands);
  return fields;
}

void PackIds(const std::vector<std::string>& ids, Packer& out) {
  out.Number(ids.size());
  for (const std::string& id : ids) PackId(id, out);
}

std::vector<std::string> UnpackIds(Unpacker& in) {
  std::vector<std::string> ids(in.Count());
  for (std::string& id : ids) id = UnpackId(in);
  return ids;
}

// What a session of a few messages has.
void PackCore(const SessionState& session, uint64_t fields, Packer& out) {
  out.Text(session.session_id);
  const size_t named = (fields & kKeyIsNamed) != 0 ? session.session_id.size() + 1 : 0;
  out.Text(std::string_view(session.key).substr(named));
  out.Text(session.ver_proto);
  out.Text(session.server_uri);
  out.Number(ToMicros(session.started_at));
  out.Number(ToMicros(session.updated_at) - ToMicros(session.started_at));
  out.Number(session.client_msg_id);
  out.Number(session.server_msg_id);
  out.Number(session.messages);
  out.Number(session.commands);
  out.Text(session.request_digest);
}

void UnpackCore(uint64_t fields, Unpacker& in, SessionState& session) {
  session.ended = (fields & kEnded) != 0;
  session.encoding = (fields & kWbxml) != 0 ? syncml::Encoding::kWbxml : syncml::Encoding::kXml;
  session.advanced = (fields & kAdvanced) != 0;
  session.mac = (fields & kMac) != 0;
  session.server_accepted = (fields & kServerAccepted) != 0;
  session.response_is_secret = (fields & kResponseIsSecret) != 0;
  session.next_server_secret = (fields & kNextServerSecret) != 0;
  session.no_more_commands = (fields & kNoMoreCommands) != 0;
  session.session_id = in.Text();
  if ((fields & kKeyIsNamed) != 0) session.key = session.session_id + "@";
  session.key.append(in.View());
  session.ver_proto = in.Text();
  session.server_uri = in.Text();
  const uint64_t started = in.Number();
  session.started_at = FromMicros(started);
  session.updated_at = FromMicros(started + in.Number());
  session.client_msg_id = in.Number32();
  session.server_msg_id = in.Number32();
  session.messages = in.Number32();
  session.commands = in.Number32();
  session.request_digest = in.Text();
}

// What few sessions have.
void PackRest(const SessionState& session, uint64_t fields, Packer& out) {
  if ((fields & kPeerSizes) != 0) {
    out.Number(session.peer_max_msg_size);
    out.Number(session.peer_max_obj_size);
  }
  if ((fields & kServerScheme) != 0) out.Number(static_cast<uint64_t>(*session.server_scheme));
  if ((fields & kFinished) != 0) PackIds(session.finished, out);
  if ((fields & kFirstMsgId) != 0) out.Number(session.first_msg_id);
  if ((fields & kCmdIdBase) != 0) out.Number(session.cmd_id_base);
  if ((fields & kLargeObjects) != 0) out.Number(static_cast<uint64_t>(session.large_objects));
  if ((fields & kPieces) != 0) out.Number(session.pieces);
  if ((fields & kPatience) != 0) out.Number(static_cast<uint64_t>(session.patience.count()));
  if ((fields & kIncoming) != 0) Pack(*session.incoming, out);
  if ((fields & kOutgoing) != 0) {
    out.Number(session.outgoing->offset);
    out.Number(session.outgoing->sent);
    out.Number(session.outgoing->restarts);
  }
  if ((fields & kUntouched) != 0) PackIds(session.untouched, out);
  if ((fields & kTraits) != 0) Pack(session.traits, out);
  if ((fields & kServerRejections) != 0) out.Number(session.server_rejections);
}

void UnpackRest(uint64_t fields, Unpacker& in, SessionState& session) {
  if ((fields & kPeerSizes) != 0) {
    session.peer_max_msg_size = in.Number();
    session.peer_max_obj_size = in.Number();
  }
  if ((fields & kServerScheme) != 0) {
    session.server_scheme =
        static_cast<dmauth::Scheme>(in.Number(static_cast<uint64_t>(dmauth::Scheme::kMac)));
  }
  if ((fields & kFinished) != 0) session.finished = UnpackIds(in);
  if ((fields & kFirstMsgId) != 0) session.first_msg_id = in.Number32();
  if ((fields & kCmdIdBase) != 0) session.cmd_id_base = in.Number32();
  if ((fields & kLargeObjects) != 0) session.large_objects = UnpackSupport(in);
  if ((fields & kPieces) != 0) session.pieces = in.Number32();
  if ((fields & kPatience) != 0) session.patience = std::chrono::seconds(in.Number32());
  if ((fields & kIncoming) != 0) session.incoming = UnpackIncoming(in);
  if ((fields & kOutgoing) != 0) {
    Outgoing& outgoing = session.outgoing.emplace();
    outgoing.offset = in.Number();
    outgoing.sent = in.Number();
    outgoing.restarts = in.Number32();
  }
  if ((fields & kUntouched) != 0) session.untouched = UnpackIds(in);
  if ((fields & kTraits) != 0) session.traits = UnpackTraits(in);
  if ((fields & kServerRejections) != 0) session.server_rejections = in.Number32();
}

// The response behind the work: what it says of commands is found there again, and compressed.
Packer Packed(const SessionState& session, const NonceState& nonces) {
  const uint64_t fields = FieldsOf(session, nonces);
  Packer out;
  out.out().reserve(session.response.size() + 512);
  out.Number(fields);
  PackCore(session, fields, out);
  if ((fields & kPrevious) != 0) {
    out.Text(nonces.previous_nonce);
    out.Text(std::string_view(nonces.client_nonce).substr(0, kFollowerOctets));
  }
  PackRest(session, fields, out);
  if ((fields & kWork) != 0) PackWork(session, out);
  if ((fields & kResponseMac) != 0) out.Text(session.response_mac);
  out.Text(session.response);
  return out;
}

std::optional<StoredSession> Unpacked(std::string_view octets) {
  Unpacker in(octets);
  StoredSession stored;
  SessionState& session = stored.session;
  const uint64_t fields = in.Number();
  UnpackCore(fields, in, session);
  if ((fields & kPrevious) != 0) {
    stored.previous_nonce = in.Text();
    stored.follower = in.Text();
  }
  UnpackRest(fields, in, session);
  if ((fields & kWork) != 0 && !UnpackWork(in, session)) return std::nullopt;
  if ((fields & kResponseMac) != 0) session.response_mac = in.Text();
  session.response = in.Text();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return stored;
}

}  // namespace

std::string EncodeSession(const SessionState& session, const NonceState& nonces) {
  const std::string plain = std::move(Packed(session, nonces).out());
  Packer out;
  out.out() = base::BigEndian64(session.version);
  out.out().reserve(plain.size() + 16);
  const size_t head = out.out().size();
  out.out().push_back(kCompressed);
  out.Number(plain.size());
  if (plain.size() >= kSmallest && Compress(plain, out.out())) return std::move(out.out());
  out.out().resize(head);
  out.out().push_back(kPlain);
  out.Octets(plain);
  return std::move(out.out());
}

std::optional<StoredSession> DecodeSession(std::string_view octets) {
  if (octets.size() <= kVersionOctets) return std::nullopt;
  const char format = octets[kVersionOctets];
  std::string_view rest = octets.substr(kVersionOctets + 1);
  std::optional<std::string> plain;
  if (format == kCompressed) {
    Unpacker in(rest);
    const size_t size = in.Number();
    plain = Decompress(in.Rest(), size);
    if (!plain) return std::nullopt;
    rest = *plain;
  } else if (format != kPlain) {
    return std::nullopt;
  }
  std::optional<StoredSession> stored = Unpacked(rest);
  if (stored) stored->session.version = VersionOf(octets);
  return stored;
}

uint64_t VersionOf(std::string_view octets) {
  return octets.size() < kVersionOctets ? 0 : base::ReadBigEndian64(octets);
}

void RestorePrevious(const StoredSession& stored, NonceState& nonces) {
  const bool theirs = !stored.follower.empty() && nonces.known &&
                      stored.follower == nonces.client_nonce.substr(0, kFollowerOctets);
  if (theirs) nonces.previous_nonce = stored.previous_nonce;
}

}  // namespace drover::session

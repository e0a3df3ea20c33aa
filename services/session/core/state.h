// What a session remembers between two messages, and a terminal between two sessions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/syncml/document.h"
#include "services/session/core/model.h"

namespace drover::session {

// A command that was sent, with what has been answered so far. `sequence`: the element around the
// others.
struct SentCommand {
  enum class Role : uint8_t {
    kCommand,
    kVerify,    // A Get that reads back what an uncertain operation would have changed.
    kSequence,  // The element around the others of its message.
    kAtomic,    // Likewise.
    kProbe,     // A Get of ./DevDetail/LrgObj.
    kChunk,     // A piece of a large object but the last.
  };
  Role role = Role::kCommand;
  uint32_t msg_id = 0;  // Of our message.
  uint32_t cmd_id = 0;
  uint32_t operation = 0;  // Index into SessionState::operations; of kSequence: unused.
  uint32_t command = 0;    // Index into its commands.
  uint32_t status = 0;     // 0: not answered.
  std::vector<Value> values;
  bool broken = false;  // A large value of its Results was broken off.
};

// A large object on its way from the terminal: the pieces so far (REP, "Large object handling").
struct Incoming {
  bool of_alert = false;  // Of a generic alert; else of Results.
  std::string msg_ref;    // Results: the command that they answer.
  std::string cmd_ref;
  std::string uri;  // Source of the item.
  std::string format;
  std::string type;
  std::string correlator;  // of_alert
  std::string mark;
  std::optional<uint64_t> size;  // Octets as transferred, as the first piece announced.
  bool opaque = false;
  bool refused = false;  // Too large: what still comes of it is refused as well.
  std::string data;      // As transferred.
};

// A large object on its way to the terminal: of the first unfinished command of the first held
// operation.
struct Outgoing {
  uint64_t offset = 0;    // Octets, as transferred, that the terminal has accepted,
  uint64_t sent = 0;      // and what was sent with them.
  uint32_t restarts = 0;  // How often it began anew.
};

// An operation that this session holds.
struct HeldOperation {
  Assignment assignment;               // uncertain is cleared once it was read back.
  std::vector<CommandResult> results;  // Of the commands that are over, in the order they ended.
};

// Exists from the message that proved who the terminal is. Nothing unauthenticated ever changes it.
struct SessionState {
  uint64_t version = 0;  // +1 at each write; what compare-and-set compares.
  std::string session_id;
  std::string key;  // session_id "@" and what tells it from all others: see Exchange::SessionKey.
  bool ended = false;
  syncml::Encoding encoding = syncml::Encoding::kXml;
  std::string ver_proto;
  std::string server_uri;  // Target LocURI of the first message: our name in every header.
  TimePoint started_at;
  TimePoint updated_at;

  uint32_t client_msg_id = 0;  // Of the last message that was answered.
  uint32_t server_msg_id = 0;  // Of that answer.
  // Our first MsgID, if this SessionID was used before: ours go on from there, so that what answers
  // the older session is told apart. 0: it was not.
  uint32_t first_msg_id = 0;
  // Our CmdIDs count from here. Not 0 where nothing is known of the terminal and its proof may be
  // an old one (basic, Redis emptied): what answers a session that was lost must not seem to answer
  // this one.
  uint32_t cmd_id_base = 0;
  std::string request_digest;       // MD5 of that message and its MAC header,
  std::string response;             // and the answer, octet for octet,
  std::string response_mac;         // with its MAC header.
  bool response_is_secret = false;  // A password stands in it in the clear.
  uint32_t messages = 0;            // Of the terminal.
  uint32_t commands = 0;            // Sent.

  bool advanced = false;           // operations was told that this session started.
  bool mac = false;                // Authenticated by x-syncml-hmac: every message has to be.
  bool server_accepted = false;    // The terminal said 212: no more Cred from us.
  uint32_t server_rejections = 0;  // 401 or 407 to our Cred.
  std::optional<dmauth::Scheme> server_scheme;  // As the terminal challenged; else the account's.

  uint64_t peer_max_msg_size = 0;  // 0: not said.
  uint64_t peer_max_obj_size = 0;

  Traits traits;                              // As they were when it began.
  Support large_objects = Support::kUnknown;  // What the terminal itself said.
  bool next_server_secret = false;            // Ours is of the rotation that is pending.
  bool no_more_commands = false;              // The user cancelled, and that ends it.
  uint32_t pieces = 0;                        // Messages that only moved a large object on.
  std::chrono::seconds patience{0};           // What a prompt may take; 0: none is shown.
  std::optional<Incoming> incoming;
  std::optional<Outgoing> outgoing;

  std::vector<HeldOperation> operations;
  std::vector<SentCommand> sent;
  std::vector<std::string> untouched;  // Ids of what the session before held and never sent.
  std::vector<std::string> finished;   // Ids of the operations that this session ended.
};

// Terminals are compared with themselves only: so many tell.
inline constexpr size_t kDevInfoDigestOctets = 8;

// What outlives a session in Redis. All of it may be lost: it costs one challenge. previous_nonce
// does so only as long as the session's state stands.
struct NonceState {
  std::string client_nonce;     // The terminal's next digest uses this
  std::string previous_nonce;   // or, if it missed our answer, this: accepted once more.
  std::string challenge_nonce;  // Offered with a 401 or 407; stays until it was used.
  std::string server_nonce;     // Ours to use next; the terminal issued it.
  bool known = false;           // False: nothing stored; the account's enrolment nonces hold.
  uint32_t failures = 0;        // Wrong credentials since the last right ones,
  TimePoint failed_at;          // the last of them.
  // Of the DevInfo that tree has: an equal one is not sent again. kDevInfoDigestOctets of its MD5.
  std::string devinfo_digest;
  uint16_t resync_session = 0;  // The session that may prove itself by the zero nonce; 0: none.
  TimePoint resync_until;
};

}  // namespace drover::session

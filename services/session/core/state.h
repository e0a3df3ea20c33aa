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
  enum class Role : uint8_t { kCommand, kVerify, kSequence };
  Role role = Role::kCommand;
  uint32_t msg_id = 0;  // Of our message.
  uint32_t cmd_id = 0;
  uint32_t operation = 0;  // Index into SessionState::operations; of kSequence: unused.
  uint32_t command = 0;    // Index into its commands.
  uint32_t status = 0;     // 0: not answered.
  std::vector<Value> values;
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
  std::string ver_dtd;
  std::string ver_proto;
  std::string server_uri;  // Target LocURI of the first message: our name in every header.
  TimePoint started_at;
  TimePoint updated_at;

  uint32_t client_msg_id = 0;  // Of the last message that was answered.
  uint32_t server_msg_id = 0;  // Of that answer.
  std::string request_digest;  // MD5 of that message and its MAC header,
  std::string response;        // and the answer, octet for octet,
  std::string response_mac;    // with its MAC header.
  uint32_t messages = 0;       // Of the terminal.
  uint32_t commands = 0;       // Sent.

  bool advanced = false;           // operations was told that this session started.
  bool mac = false;                // Authenticated by x-syncml-hmac: every message has to be.
  bool server_accepted = false;    // The terminal said 212: no more Cred from us.
  uint32_t server_rejections = 0;  // 401 or 407 to our Cred.
  std::optional<dmauth::Scheme> server_scheme;  // As the terminal challenged; else the account's.

  uint64_t peer_max_msg_size = 0;  // 0: not said.
  uint64_t peer_max_obj_size = 0;

  std::vector<HeldOperation> operations;
  std::vector<SentCommand> sent;
  std::vector<std::string> finished;  // Ids of the operations that this session ended.
};

// What outlives a session in Redis. All of it may be lost: it costs one challenge.
struct NonceState {
  std::string client_nonce;     // The terminal's next digest uses this
  std::string previous_nonce;   // or, if it missed our answer, this: accepted once more.
  std::string challenge_nonce;  // Offered with a 401 or 407; stays until it was used.
  std::string server_nonce;     // Ours to use next; the terminal issued it.
  bool known = false;           // False: nothing stored; the account's enrolment nonces hold.
  uint32_t failures = 0;        // Wrong credentials since the last right ones,
  TimePoint failed_at;          // the last of them.
  std::string devinfo_digest;   // MD5 of the DevInfo that tree has: an equal one is not sent again.
};

}  // namespace drover::session

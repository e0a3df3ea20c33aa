// The values that a DM session deals in: work, what became of it, what a terminal reported.
//
// The session's own words for what travels to and from operations and tree; the adapters translate.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/dmauth/credentials.h"

namespace drover::session {

enum class Verb : uint8_t { kGet, kReplace, kAdd, kDelete, kCopy, kExec, kPrompt };

// What the terminal's user is shown (PRO, "User interaction").
struct Prompt {
  enum class Kind : uint8_t { kDisplay, kConfirm, kTextInput, kSingleChoice, kMultipleChoice };
  enum class Input : uint8_t { kAlphanumeric, kNumeric, kDate, kTime, kPhoneNumber, kIpAddress };
  Kind kind = Kind::kDisplay;
  std::string text;
  std::vector<std::string> choices;
  uint32_t min_display_s = 0;  // 0: the terminal's.
  uint32_t max_display_s = 0;
  std::string default_response;
  uint32_t max_length = 0;  // Characters; 0: none.
  Input input = Input::kAlphanumeric;
  bool hide_input = false;
};

// A secret of the terminal's account that a command writes; filled in where it is sent.
enum class Secret : uint8_t { kNone, kNextPassword, kNextServerPassword };

// One DM command of an operation.
struct CommandSpec {
  Verb verb = Verb::kGet;
  std::string target;
  std::string source;  // kCopy only.
  std::string format;
  std::string type;
  std::optional<std::string> data;  // Decoded octets.
  uint32_t atomic = 0;              // Neighbours with the same number, not 0, are one Atomic.
  Secret secret = Secret::kNone;    // Instead of data.
  std::optional<Prompt> prompt;     // kPrompt only.
};

// An operation as it was handed to this session.
struct Assignment {
  OperationId operation;
  std::vector<CommandSpec> commands;
  std::string correlator;
  bool uncertain = false;  // It may have been carried out already: read back first.
};

struct Value {
  std::string uri;
  std::string format;
  std::string type;
  std::string data;  // Decoded: base64 of Format b64 is undone.
};

struct CommandResult {
  uint32_t index = 0;   // Of the command in its operation.
  uint32_t status = 0;  // 0: the terminal gave none.
  std::vector<Value> values;
  std::string msg_id;  // Of the server's message that carried the command,
  std::string cmd_id;  // and its CmdID there.
  bool verified = false;
  uint32_t atomic_status = 0;  // Of the Atomic that it was in; 0: in none, or it got none.
};

enum class Disposition : uint8_t { kDone, kReturned, kLost, kRefused };

struct OperationReport {
  OperationId operation;
  Disposition disposition = Disposition::kDone;
  std::vector<CommandResult> results;
  std::string cause;
};

struct Alert {  // 1224 or 1226, one item.
  uint32_t code = 0;
  std::string type;
  std::string source;
  std::string correlator;
  std::string mark;
  std::string format;
  std::string data;
};

// A node of the terminal's tree, as it reported it.
struct NodeReport {
  std::string uri;
  std::string format;
  std::string type;
  std::string value;
  bool without_value = false;      // That it is there, and of what kind, is all that was said.
  std::optional<std::string> acl;  // Its own; empty: it inherits.
  bool only_acl = false;           // Nothing but the ACL was said.
};

enum class Support : uint8_t { kUnknown, kYes, kNo };

// How a terminal differs from the specification, as its model's profile has it. Default: not at
// all.
struct Traits {
  Support large_objects = Support::kUnknown;
  Support atomic = Support::kUnknown;
  Support copy = Support::kUnknown;
  Support prompts = Support::kUnknown;
  Support sequence = Support::kUnknown;
  uint64_t max_msg_size = 0;  // Octets; 0: as announced. The smaller holds.
  uint64_t max_obj_size = 0;
  uint32_t prompt_text_limit = 0;  // Characters; 0: none.
  bool zero_nonce_ascii = false;   // Nonce resynchronisation with the characters 0x00000000.
  bool no_correlator = false;
  bool no_resp_uri = false;
  bool binary_as_b64 = false;
  bool no_add_replace_in_atomic = false;
  bool cancel_ends_session = false;
  bool operator==(const Traits&) const = default;
};

// What authenticating a terminal takes: its DM account.
struct Account {
  bool enabled = true;
  uint64_t version = 0;
  std::string user;
  std::string client_a1;
  dmauth::Scheme client_scheme = dmauth::Scheme::kMd5;  // The weakest that is accepted.
  std::optional<dmauth::Scheme> server_scheme;          // What the server sends of its own accord.
  std::string server_a1;
  std::string server_password;  // For kBasic.
  std::string client_nonce;     // Of the enrolment.
  std::string server_nonce;
  Traits traits;
  // Of a rotation that is pending; empty: none. They hold beside the present ones.
  std::string next_client_a1;
  std::string next_server_a1;
  std::string next_password;
  std::string next_server_password;
};

enum class SessionEnd : uint8_t { kCompleted, kAbortedByTerminal, kAbortedByServer, kReplaced };

}  // namespace drover::session

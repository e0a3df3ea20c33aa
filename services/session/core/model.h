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

enum class Verb : uint8_t { kGet, kReplace, kAdd, kDelete, kCopy, kExec };

// One DM command of an operation.
struct CommandSpec {
  Verb verb = Verb::kGet;
  std::string target;
  std::string source;  // kCopy only.
  std::string format;
  std::string type;
  std::optional<std::string> data;  // Decoded octets.
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
};

enum class SessionEnd : uint8_t { kCompleted, kAbortedByTerminal, kAbortedByServer, kReplaced };

}  // namespace drover::session

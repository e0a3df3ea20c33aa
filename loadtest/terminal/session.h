// What a terminal's session remembers between two messages. Internal to loadtest/terminal.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/terminal/terminal.h"

namespace drover::terminal {

struct Terminal::Session {
  SessionReason reason;
  std::vector<ClientAlert> alerts;
  std::string id;
  DmVersion version = DmVersion::k12;
  uint32_t msg_id = 0;               // Of the terminal's last message.
  std::string last_server_msg_id;    // Empty: none yet.
  std::string target;                // Where the next message goes: server URL or RespURI.
  uint64_t server_max_msg_size = 0;  // 0: not announced.
  uint64_t server_max_obj_size = 0;

  AuthScheme scheme = AuthScheme::kNone;
  std::string client_nonce;                   // For the next Cred or MAC.
  std::string resync_nonce;                   // Of a session that a zero-nonce notification began.
  std::optional<std::string> nonce_to_store;  // Once the server has proved itself.
  bool send_cred = false;
  bool client_accepted = false;
  bool server_accepted = false;
  int client_challenges = 0;
  int server_challenges = 0;

  // Commands of the last message.
  struct Sent {
    std::string cmd_id;
    syncml::CommandKind kind;
    int report = -1;          // Index in reports_, if the alert carried one.
    bool chunk = false;       // With MoreData: the server owes 213.
    bool owes_status = true;  // Not of Results: only an error is said of them.
    int status = 0;           // 0: none yet.
  };
  std::vector<Sent> sent;
  // Which commands of package 1 are to be said again after a challenge.
  bool repeat_alert = true;
  bool repeat_replace = true;

  // A large object on its way in.
  struct Chunked {
    syncml::CommandKind kind;
    std::string uri;
    std::string format;
    std::string type;
    uint64_t size = 0;  // As the first chunk announced it.
    std::string octets;
  };
  std::optional<Chunked> chunked;
  bool chunk_arrived = false;  // In the message at hand.

  // The server's package is complete: the terminal may complete its own (Final).
  bool server_package_closed = true;
  bool commands_came = false;
  bool is_second = false;  // Of quirk second-session.
  bool cancelled = false;  // The user wants nothing more (quirk cancel-ends-session).
  bool abort_due = false;  // 1223 goes with the next message.
  bool abort_sent = false;

  // Of the quirks that drop connections: on the first message that answers what was executed.
  bool mishap_due = false;
  bool mishap_done = false;

  // The message whose commands from rest_from on did not fit and go with the next.
  std::unique_ptr<MessageBuilder> rest;
  size_t rest_from = 0;
  bool rest_is_chunk = false;  // What comes next is the rest of a large object.
};

}  // namespace drover::terminal

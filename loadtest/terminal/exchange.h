// One message of the server on its way through a terminal. Internal to loadtest/terminal.
//
// Spec: OMA-TS-DM_Protocol-V1_2, "Packages" and "Session"; order of work as its client rules say:
// header, statuses, the server's credentials, commands, answer.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/terminal/commands.h"
#include "loadtest/terminal/terminal.h"

namespace drover::terminal {

// What a session remembers between two messages.
struct Terminal::Session {
  SessionReason reason;
  std::vector<ClientAlert> alerts;
  std::string id;
  uint32_t msg_id = 0;               // Of the terminal's last message.
  std::string last_server_msg_id;    // Empty: none yet.
  std::string target;                // Where the next message goes: server URL or RespURI.
  uint64_t server_max_msg_size = 0;  // 0: not announced.

  AuthScheme scheme = AuthScheme::kNone;
  std::string client_nonce;                   // For the next Cred.
  std::optional<std::string> nonce_to_store;  // Once the server has proved itself.
  bool send_cred = false;
  bool server_accepted = false;
  int client_challenges = 0;
  int server_challenges = 0;

  // Commands of the last message that the server owes a Status for.
  struct Sent {
    std::string cmd_id;
    syncml::CommandKind kind;
    int report = -1;  // Index in reports_, if the alert carried one.
    bool answered = false;
  };
  std::vector<Sent> sent;

  // A large object on its way in.
  struct Chunked {
    std::string uri;
    uint64_t size = 0;  // As the first chunk announced it.
    std::string octets;
  };
  std::optional<Chunked> chunked;
  bool chunk_arrived = false;  // In the message at hand.

  // Of the quirks that drop connections: on the first message that answers what was executed.
  bool mishap_due = false;
  bool mishap_done = false;

  // The message whose commands from rest_from on did not fit and go with the next.
  std::unique_ptr<MessageBuilder> rest;
  size_t rest_from = 0;
};

class Terminal::Exchange {
 public:
  // message: the server's; nullptr when a session begins.
  Exchange(Terminal& terminal, const syncml::Message* message);
  Request Package1(bool with_status);
  Next Run();

 private:
  struct ItemOutcome {
    std::string_view target;
    std::string_view source;
    int code = 0;
  };
  enum class Verdict : uint8_t { kAccepted, kChallenged, kRefused };

  // exchange.cc
  std::optional<SessionEnd> CheckHeader();
  Verdict ReadStatuses();
  Verdict ReadHeaderStatus(const syncml::Command& status, int code);
  Verdict Challenged(const syncml::Command& status);
  void ReadCommandStatus(const syncml::Command& status, int code);
  void CheckAllAnswered();
  Verdict JudgeServer(Verdict client);
  bool ServerCredIsRight() const;
  bool HasCommands() const;
  Next Answer(Verdict server);
  void AddHeaderStatus(MessageBuilder& builder);
  std::optional<Challenge> IssueChallenge();
  void RefuseAll(const std::pmr::vector<syncml::Command>& commands, int code);
  std::unique_ptr<MessageBuilder> Begin(bool with_sizes);
  std::string CredData() const;
  Request Send(std::unique_ptr<MessageBuilder> builder);
  SessionEnd End(SessionEnd::Outcome outcome, std::string cause = "");

  // execution.cc
  void Execute(const syncml::Command& command);
  void ExecuteAlert(const syncml::Command& alert);
  void ExecuteGet(const syncml::Command& get);
  void ExecuteAtomic(const syncml::Command& atomic);
  std::vector<ItemOutcome> RunItems(const syncml::Command& command,
                                    std::vector<Execution>& executions);
  int RunItem(const syncml::Command& command, const syncml::Item& item, std::string& data);
  int RunExec(const syncml::Command& exec, std::string_view uri);
  // 200 with all the octets of the item's Data, 213 for one more chunk, or a refusal.
  int Assemble(const syncml::Item& item, const syncml::Meta& meta, std::string_view uri,
               std::string& data);
  void EmitStatus(const syncml::Command& command, const std::vector<ItemOutcome>& outcomes);
  void EmitStatus(const syncml::Command& command, int code);
  Execution Record(const syncml::Command& command, const ItemOutcome& outcome,
                   std::string_view data) const;

  Terminal& terminal_;
  Session& session_;
  const ModelSpec& spec_;
  const syncml::Message* message_;
  TreeCommands tree_;
  std::unique_ptr<MessageBuilder> builder_;
  int server_status_ = 200;
  bool issue_challenge_ = false;
  bool aborted_ = false;
  std::string challenge_nonce_;
};

}  // namespace drover::terminal

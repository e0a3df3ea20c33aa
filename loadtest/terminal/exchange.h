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
#include "loadtest/terminal/session.h"
#include "loadtest/terminal/terminal.h"

namespace drover::terminal {

// An item's Meta over its command's, field by field.
struct EffectiveMeta {
  std::string_view format;
  std::string_view type;
};
EffectiveMeta MetaOf(const syncml::Command& command, const syncml::Item& item);
std::string_view UriIn(const std::optional<syncml::Location>& location);

class Terminal::Exchange {
 public:
  // When a session begins.
  explicit Exchange(Terminal& terminal);
  Exchange(Terminal& terminal, const syncml::Message& message, const Response& response);
  Request Package1(bool with_status);
  Next Run();

 private:
  struct ItemOutcome {
    std::string_view target;
    std::string_view source;
    int code = 0;
  };
  enum class Verdict : uint8_t { kAccepted, kChallenged, kRefused };
  // What a command does to those behind it.
  enum class Flow : uint8_t {
    kGoOn,
    kRefused,    // The user said no, or nothing: the rest of a Sequence is not executed.
    kCancelled,  // So is the rest of a message.
  };

  // exchange.cc: what came
  std::optional<SessionEnd> CheckHeader();
  Verdict ReadStatuses();
  Verdict ReadHeaderStatus(const syncml::Command& status, int code);
  void ReadCommandStatus(const syncml::Command& status, int code);
  void ReadChunkStatus(const Session::Sent& sent, int code);
  void CheckAllAnswered(bool challenged);
  bool HasCommands() const;
  bool AsksForMore() const;
  Next NotAuthenticated();
  SessionEnd End(SessionEnd::Outcome outcome, std::string cause = "");

  // authentication.cc
  Verdict Challenged(const syncml::Command& status, int code);
  bool ReadNextNonce(const syncml::Meta& challenge);
  Verdict JudgeServer(Verdict client);
  Verdict JudgeMac();
  bool ServerProvesItself() const;
  bool ServerCredIsRight() const;
  bool ServerMacIsRight() const;
  void StoreNonce();
  std::optional<Challenge> IssueChallenge();
  std::string CredData() const;
  std::string MacHeader(std::string_view body) const;

  // answer.cc: what goes
  Next Answer(Verdict server);
  void AnswerCommands();
  void AddRest();
  void AddHeaderStatus(MessageBuilder& builder);
  Request SecondSession();
  std::unique_ptr<MessageBuilder> NewMessage(bool with_sizes) const;
  std::unique_ptr<MessageBuilder> Begin(bool with_sizes);
  size_t OwnMaxMsgSize() const;
  size_t SendLimit() const;  // 0: none.
  Request Send(std::unique_ptr<MessageBuilder> builder, size_t at_once = 1);
  void RememberSent(const MessageBuilder& builder, const MessageBuilder::Part& part);
  Request RequestOf(std::string body);
  // With every command inside it.
  void Refuse(const syncml::Command& command, int code);
  void EmitStatus(const syncml::Command& command, const std::vector<ItemOutcome>& outcomes,
                  const std::vector<std::string>& data = {});
  void EmitStatus(const syncml::Command& command, int code,
                  const std::vector<std::string>& data = {});

  // execution.cc
  Flow Execute(const syncml::Command& command);
  Flow ExecuteAlert(const syncml::Command& alert);
  int ShowDialog(const syncml::Command& alert, std::vector<std::string>& data);
  static Flow FlowAfter(int dialog_status);
  void ExecuteGet(const syncml::Command& get);
  bool EndsInNul(std::string_view uri) const;
  int CheckSizes(const std::vector<Reported>& reported, size_t from) const;
  std::vector<ItemOutcome> RunItems(const syncml::Command& command,
                                    std::vector<Execution>& executions);
  int RunItem(const syncml::Command& command, const syncml::Item& item, std::string& data);
  int Write(const syncml::Command& command, std::string_view uri, const EffectiveMeta& meta,
            const std::string& data);
  int RunExec(const syncml::Command& exec, std::string_view uri);
  Execution Record(const syncml::Command& command, const ItemOutcome& outcome,
                   std::string_view data) const;

  // containers.cc
  Flow ExecuteSequence(const syncml::Command& sequence);
  struct Step;  // Of an Atomic.
  void ExecuteAtomic(const syncml::Command& atomic);
  Step RunStep(const syncml::Command& child, const std::vector<Step>& before);
  void RollBack(ManagementTree before, std::vector<Step>& steps);
  void EmitAtomic(const syncml::Command& atomic, int code, const std::vector<Step>& steps);
  bool FitsOneMessage(const syncml::Command& atomic, const std::vector<Step>& steps);

  // large_object.cc
  // 200 with all the octets of the item's Data, 213 for one more chunk, or a refusal.
  int Assemble(const syncml::Command& command, const syncml::Item& item, std::string& octets);
  int BeginChunked(const syncml::Command& command, const syncml::Item& item);
  bool IsNextChunk(const syncml::Command& command) const;
  void NoEndOfData();

  Terminal& terminal_;
  Session& session_;
  const ModelSpec& spec_;
  const syncml::Message* message_ = nullptr;
  const Response* response_ = nullptr;
  TreeCommands tree_;
  std::unique_ptr<MessageBuilder> builder_;
  int header_code_ = 0;  // The server's Status for the terminal's header.
  int server_status_ = 200;
  bool issue_challenge_ = false;
  bool aborted_ = false;
  bool unreadable_ = false;  // The server's answer is nothing that this terminal understands.
  int depth_ = 0;            // Inside Sequence and Atomic.
  std::string challenge_nonce_;
  std::string interrupted_;  // URI of the large object that this message broke off.
};

}  // namespace drover::terminal

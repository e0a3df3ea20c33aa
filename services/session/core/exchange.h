// One message of a terminal and its answer: the DM session state machine, pure.
//
//   Exchange exchange(config, random, request, stored);
//   while (const Effects* effects = exchange.Next()) exchange.Done(perform(*effects));
//   exchange.answer() ..
//
// Next says what has to be carried out (durably) before the machine can go on; Done hands in what
// came of it. When Next returns nullptr the answer stands. A repeated message is answered without
// any effect.
//
// Spec: OMA-TS-DM_Protocol-V1_2 (packages 1 to 4); docs/protocol.md.
#pragma once
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/syncml/document.h"
#include "services/session/core/authentication.h"
#include "services/session/core/reply.h"
#include "services/session/core/state.h"
#include "services/session/core/steps.h"

namespace drover::session {

struct ExchangeConfig {
  std::string server_id = "drover";  // Our name: LocName, and the user of our credentials.
  std::string resp_uri;  // Where terminals are to post from the second message on; empty: unsaid.
  uint64_t max_msg_size = 65'536;     // Octets; announced, and our own bound.
  uint64_t max_obj_size = 1'048'576;  // Octets; announced, and what is put together at most.
  uint32_t operations_at_once = 16;   // Held by one session.
  uint32_t max_messages = 200;        // Of one session, those that only move a large object on not
                                      // counted; then it is aborted (alert 1223).
  std::chrono::seconds max_duration{3600};  // Of one session; likewise.
  bool refuse_unknown = false;  // HTTP 403 for terminals without account, instead of a challenge.
  Throttle throttle;
};

struct Request {
  const DeviceId& device;  // Normalised Source LocURI.
  syncml::Encoding encoding = syncml::Encoding::kXml;
  std::string_view body;
  std::string_view mac_header;
  const syncml::Message& message;  // body, decoded.
  TimePoint now;
};

// What was stored about the terminal when the message came.
struct Stored {
  std::optional<SessionState> session;
  NonceState nonces;
  std::optional<Account> account;  // Absent: unknown terminal.
  bool enrolling = false;          // The account is the policy's offer to an unknown terminal.
  bool work_marked = true;         // There may be work.
  // Of a session that stands there and cannot be read (another version wrote it, its key is gone):
  // it counts as lost, and what replaces it has to name its version. 0: none.
  uint64_t lost_version = 0;
};

// To be carried out before the machine goes on; all of it at the same time.
struct Effects {
  bool enrol = false;  // Register the terminal with the account it has proved.
  bool session_started = false;
  bool promote_client = false;  // The terminal has shown that it has the next secret: for tree.
  bool promote_server = false;  // It has accepted ours of the rotation.
  bool advance = false;         // Ask operations: reports, alerts and take are meant for it.
  std::vector<std::string> untouched;  // With session_started: what the older session never sent.
  std::vector<OperationReport> reports;
  std::vector<Alert> alerts;
  uint32_t take = 0;
  std::vector<NodeReport> nodes;  // For tree.
  std::vector<std::string> deleted;
};

struct EffectsResult {
  std::vector<Assignment> assignments;
  std::optional<Account> account;  // If an assignment writes secrets and Stored had none.
};

// Not answered in SyncML at all: HTTP tells.
struct Refusal {
  Code code;
  std::string message;
  std::chrono::seconds retry_after{0};
};

// What there is to tell of a session that ended.
struct Ending {
  SessionEnd end = SessionEnd::kCompleted;
  std::string session_id;
  std::string session_key;
  TimePoint started_at;
  uint32_t messages = 0;
  uint32_t commands = 0;
  std::vector<std::string> finished;  // Ids of the operations that it ended.
  std::string ver_proto;
  syncml::Encoding encoding = syncml::Encoding::kXml;
};

struct Answer {
  std::string body;
  std::string mac_header;
  bool repeated = false;  // The stored octets of a message seen before; nothing to write.
  bool authenticated = false;
  std::optional<SessionState>
      session;  // To be written, if the stored version is still expected_version.
  uint64_t expected_version = 0;
  bool nonces_changed = false;
  NonceState nonces;
  std::vector<Ending> endings;  // Sessions that ended with this message.
};

// What a message held that it should not have; counted by the service.
enum class Oddity : uint8_t {
  kStatusForUnknownCommand,
  kResultsForUnknownCommand,
  kCommandNotAllowed,
  kUnknownCommand,
  kUnknownAlert,
  kMissingCmdId,
  kObjectTooLarge,
  kObjectBroken,
  kWrongCredentials,
  kMissingCredentials,
  kUnknownTerminal,
  kOldMessage,
  kVersion,
};
std::string_view Name(Oddity oddity);

// Whether a message cannot be answered without the terminal's account. session: what is stored.
bool NeedsAccount(const std::optional<SessionState>& session, const syncml::Message& message);
bool WritesSecrets(const Assignment& assignment);
// Whether it is the message that was answered last, octet for octet.
bool IsRepeat(const std::optional<SessionState>& session, const syncml::Header& header,
              std::string_view body, std::string_view mac_header);

class Exchange {
 public:
  Exchange(const ExchangeConfig& config, const RandomOctets& random, const Request& request,
           Stored stored);

  Effects* Next();  // What it holds may be moved from.
  void Done(EffectsResult result);

  // Once Next has returned nullptr.
  const std::variant<Answer, Refusal>& answer() const { return *answer_; }
  std::variant<Answer, Refusal>& answer() { return *answer_; }
  // While effects are carried out: the session that they belong to, and our last message in it.
  const SessionState& session() const { return session_; }
  const std::optional<Account>& account() const { return stored_.account; }
  uint32_t msg_id() const { return msg_id_; }  // Of the terminal's message.
  const std::vector<Oddity>& oddities() const { return oddities_; }
  // The status codes that the terminal gave to our commands, with the command's name.
  const std::vector<std::pair<std::string_view, uint32_t>>& statuses() const { return statuses_; }

 private:
  void Start();
  bool Repeated() const;
  std::optional<Refusal> CheckHeader();
  bool AnswerVersionMismatch();
  void AnswerUnauthenticated(const Verdict& verdict);
  void AnswerAbort();
  bool IsOver() const;
  std::string MacOfRefusal(std::string_view body) const;
  bool Continues() const;
  bool BeginsAnew(const SessionState& known) const;
  bool AnswersOlderSession() const;
  void GoOnWithSession();
  void OpenSession(const Verdict& verdict);
  void EndSession(SessionEnd end, SessionState& session);
  std::string SessionKey() const;

  void ReadCommands();
  void ReadCommand(const syncml::Command& command);
  void ReadStatus(const syncml::Command& command);
  void ReadHeaderStatus(const syncml::Command& command, uint32_t code);
  void ReadResults(const syncml::Command& command);
  uint32_t ReadAlert(const syncml::Command& command);
  uint32_t ReadGenericAlert(const syncml::Command& command, uint32_t code);
  uint32_t ReadReplace(const syncml::Command& command);
  SentCommand* FindSent(std::string_view msg_ref, std::string_view cmd_ref);

  // Large objects.
  void ReadPiece(const syncml::Command& command, const syncml::Item& item, SentCommand& sent);
  uint32_t TakePiece(const syncml::Command& command, const syncml::Item& item, bool of_alert);
  bool GoesOn(const syncml::Command& command, const syncml::Item& item, bool of_alert) const;
  bool MayTake(const Incoming& incoming, size_t octets);
  uint32_t RefusePiece(const syncml::Item& item);
  std::string TakeWhole();
  void DropBrokenObject();
  size_t HeldOctets() const;
  bool Hold(size_t octets);
  void SettlePiece(const SentCommand& sent);
  bool RestartObject();
  uint32_t FirstUnfinished() const;
  void SendPiece(Reply& reply);
  size_t FitPiece(const Reply& reply, const CommandSpec& spec, const Transfer& transfer,
                  Piece& piece) const;

  bool AwaitsResults() const;
  bool PackageComplete() const;
  void Settle();
  struct Group {  // The element around the commands of a message.
    bool atomic = false;
    uint32_t status = 0;
  };
  void SettleCommand(const SentCommand& sent, const Group& group);
  bool IsStillRead(SentCommand& sent) const;
  void JudgeReadBacks();
  void JudgeReadBack(uint32_t operation, std::set<std::string_view>& written);
  void ReportFinished();
  void EndWhatIsTooLarge();
  void ReleaseAll(Disposition of_sent, std::string_view cause);
  void RefuseWhatCannotBe(bool given);
  void DropOperations(const std::vector<bool>& drop);
  bool WasSent(uint32_t operation) const;
  std::string WhyImpossible(const Assignment& assignment) const;
  std::string WhyNotSecret(const CommandSpec& command) const;
  std::string WhyNotAtomic(const Assignment& assignment, const Step& step) const;
  std::string WhyTooLarge(const CommandSpec& command) const;
  void PlanEffects();
  void PlanPromotions();

  void BuildAnswer();
  void FillHeader(Reply& reply);
  void AddOwnCredential(Reply& reply);
  void AddStatuses(Reply& reply);
  struct Planned {
    uint32_t operation;
    uint32_t command;
    std::string_view read_back;  // Not empty: a Get of this URI instead of the command.
  };
  struct Plan {
    enum class Kind : uint8_t { kPlain, kAtomic, kPrompt, kProbe, kPiece };
    Kind kind = Kind::kPlain;
    std::vector<Planned> commands;
    size_t used = 0;    // Octets of the message, with all that is planned.
    bool full = false;  // Reading back goes on in the next one.
    bool empty() const { return commands.empty() && kind != Kind::kProbe && kind != Kind::kPiece; }
  };
  Plan PlanCommands(const Reply& reply);
  bool PlanReadBack(uint32_t operation, Plan& plan);
  bool PlanStep(uint32_t operation, const Step& step, Plan& plan);
  bool PlanPlain(uint32_t operation, const Step& step, Plan& plan);
  void Send(Reply& reply, const Plan& plan);
  void SendCommands(Reply& reply, const Plan& plan);
  void SendProbe(Reply& reply);
  CommandSpec Filled(const CommandSpec& command) const;
  std::string_view CorrelatorOf(const Assignment& assignment) const;
  std::optional<dmauth::Scheme> OwnScheme() const;
  std::string_view ServerA1() const;
  std::string_view ServerPassword() const;
  Support LargeObjects() const;
  bool MayBeSplit(const CommandSpec& command) const;
  size_t MessageLimit() const;
  size_t Measure(const CommandSpec& command) const;
  void Finish(const Reply& reply, bool ended, SessionEnd end);

  const ExchangeConfig& config_;
  const RandomOctets& random_;
  Request request_;
  const syncml::Header& header_;
  Stored stored_;

  bool started_ = false;
  bool authenticated_now_ = false;  // By this very message: its SyncHdr gets 212 or a new nonce.
  dmauth::Scheme authenticated_by_ = dmauth::Scheme::kMd5;
  uint32_t msg_id_ = 0;
  SessionState session_;
  NonceState nonces_;
  bool nonces_changed_ = false;
  bool aborted_by_terminal_ = false;
  bool package_complete_ = false;  // As it was before what it settled was forgotten.
  bool asked_next_ = false;        // Alert 1222
  bool no_end_of_data_ = false;    // Alert 1225
  bool piece_taken_ = false;       // A piece of a large object came with this message.
  bool replaced_work_ = false;     // The session that this one replaces held operations.
  size_t held_octets_ = 0;         // Of what the terminal said: HeldOctets, and what came since.
  std::string broken_object_;      // URI of one that was broken off: alert 1225 is due.
  bool promote_client_ = false;
  bool promote_server_ = false;
  bool abort_ = false;                     // We give up: alert 1223.
  bool server_rejected_ = false;           // The terminal refused our credential: send all again.
  bool news_ = false;                      // The message answered or reported something.
  std::list<std::string> read_back_uris_;  // Owns what Planned::read_back views.
  std::vector<StatusReply> replies_;       // In the order of the terminal's commands.
  std::optional<Effects> effects_;
  std::vector<Ending> endings_;
  std::optional<std::variant<Answer, Refusal>> answer_;
  std::vector<Oddity> oddities_;
  std::vector<std::pair<std::string_view, uint32_t>> statuses_;
};

}  // namespace drover::session

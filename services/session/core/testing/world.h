// A terminal's account, what is stored of it and the work that waits for it, around the exchange:
// for tests of the core that speak the terminal's part line by line.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "services/session/core/exchange.h"

namespace drover::session {

inline constexpr std::string_view kDevice = "IMEI:493005100592800";
inline constexpr std::string_view kUrl = "https://dm.example.com/dm";

class World {
 public:
  World();

  // One message of the terminal, written in XML and sent in `encoding`. Returns the answer's
  // octets; empty after a refusal.
  std::string Post(const std::string& xml, const std::string& mac_header = "");
  // The same with the octets as they travel.
  std::string PostOctets(const std::string& octets, const std::string& mac_header = "");
  // The next message of the open session: the SyncHdr accepted, then body.
  std::string Say(const std::string& body, bool final = true);
  // Says a Status for each of our commands, in order, those in a group included; 0: none for it.
  std::string Answer(const std::vector<int>& codes, const std::string& more = "",
                     bool final = true);
  std::string StatusesOf(const std::vector<int>& codes, int first_id) const;

  const syncml::Message& message() const { return reply.document.message(); }
  // Commands of a kind in the answer, those in a group included.
  std::vector<const syncml::Command*> All(syncml::CommandKind kind) const;
  // Commands but Status, in order, the group before its children.
  std::vector<const syncml::Command*> Commands() const;
  // "cmd:code" of each Status.
  std::vector<std::string> Statuses() const;
  // The codes of the alerts in the answer.
  std::vector<std::string> Alerts() const;
  std::vector<OperationReport> Reports() const;
  // Of the effects of the last message.
  std::vector<NodeReport> Nodes() const;

  ExchangeConfig config;
  Account account;
  bool known = true;
  bool enrolling = false;
  bool marked = true;
  syncml::Encoding encoding = syncml::Encoding::kXml;
  std::optional<SessionState> session;
  NonceState nonces;
  std::vector<Assignment> work;
  TimePoint now{std::chrono::seconds(1'700'000'000)};
  RandomOctets random = [this](size_t n) {
    return std::string(n, static_cast<char>('a' + next_random_++ % 26));
  };

  std::vector<Effects> effects;
  std::vector<Oddity> oddities;
  drover::session::Answer answer;
  syncml::Decoded reply;
  std::optional<Refusal> refusal;

 private:
  int next_random_ = 0;
};

// The terminal's messages.
std::string Message(std::string_view session, int msg_id, const std::string& body,
                    const std::string& header = "", bool final = true);
std::string Md5Cred(std::string_view nonce, std::string_view password = "clientpw");
std::string MaxMsgSize(int octets);
// Alert 1201 and a DevInfo of two nodes; CmdIDs 1 and 2.
extern const std::string kPackage1;
std::string Status(int id, int msg_ref, int cmd_ref, std::string_view cmd, int code,
                   const std::string& more = "");
std::string Chal(std::string_view type, std::string_view nonce_b64);
std::string Meta(std::string_view format, std::string_view type = "", int size = -1);
std::string Results(int id, int msg_ref, int cmd_ref, std::string_view uri, std::string_view value,
                    const std::string& meta = "", bool more_data = false);
std::string AlertOf(int id, int code, const std::string& items = "",
                    std::string_view correlator = "");
// The value of x-syncml-hmac of the terminal.
std::string MacHeaderOf(std::string_view nonce, std::string_view octets,
                        std::string_view password = "clientpw");

// The operator's work.
Assignment Work(std::string id, std::vector<CommandSpec> commands, bool uncertain = false);
CommandSpec Get(std::string uri);
CommandSpec Replace(std::string uri, std::string value);
CommandSpec ReplaceBinary(std::string uri, std::string value, std::string format);
CommandSpec Add(std::string uri, std::string value);
CommandSpec Delete(std::string uri);
CommandSpec Copy(std::string source, std::string target);
CommandSpec Exec(std::string uri);
CommandSpec Ask(Prompt::Kind kind, std::string text);
CommandSpec InAtomic(CommandSpec command, uint32_t group = 1);

// Opens a session with the nonce that holds; what is in `work` goes out with the answer.
void Open(World& world, std::string_view session = "1", const std::string& header = "");

int IdOf(const syncml::Command& command);

}  // namespace drover::session

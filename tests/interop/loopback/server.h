// The session engine with a queue of operations, in memory: what stands behind ingress, without the
// network, the stores and the clock.
//
// It keeps operations as services/operations does: handed out once, back and uncertain when their
// session broke, ended once.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/terminal/terminal.h"
#include "services/session/core/exchange.h"

namespace drover::interop {

class Server {
 public:
  // The account that fits the terminal's.
  Server(const terminal::ModelSpec& spec, const terminal::Account& account, std::string server_id);

  void Submit(std::string id, std::vector<session::CommandSpec> commands);

  struct Answered {
    int http_status = 200;
    std::string media_type;
    std::string body;
    std::string mac_header;
  };
  // crash: the process ends when the effects are out and before the state is written.
  Answered Answer(const terminal::Request& request, bool crash = false);
  // Redis is emptied: sessions and nonces are gone, operations are not.
  void LoseSessions();

  struct Ended {
    bool done = false;        // Every command was carried out, or accepted for later (202).
    std::string session_key;  // The session that reported it.
    std::string cause;
    std::vector<session::CommandResult> results;
  };
  // Ids of operations that have an end.
  const std::map<std::string, Ended>& ended() const { return ended_; }
  size_t open() const { return pending_.size() + running_.size(); }
  const std::vector<session::Alert>& alerts() const { return alerts_; }
  const std::vector<session::NodeReport>& nodes() const { return nodes_; }
  // What must never happen: an operation that ended twice, a report on what was not handed out.
  const std::vector<std::string>& errors() const { return errors_; }

  session::Account& account() { return account_; }
  session::NonceState& nonces() { return nonces_; }
  session::ExchangeConfig config;
  TimePoint now{std::chrono::seconds(1'700'000'000)};

 private:
  struct Running {
    session::Assignment assignment;
    std::string session_key;
    uint32_t msg_id = 0;  // Of the terminal's message that it was handed out on.
  };
  session::EffectsResult Perform(const session::Effects& effects, const session::Exchange& of);
  void HandOut(const session::Effects& effects, const session::Exchange& of,
               session::EffectsResult& result);
  void Release(const session::Effects& effects, const std::string& session_key);
  void Apply(const session::OperationReport& report, const std::string& session_key);
  void End(const session::OperationReport& report, const std::string& session_key);
  void Return(session::Assignment assignment);

  session::Account account_;
  std::optional<session::SessionState> session_;
  session::NonceState nonces_;
  std::vector<session::Assignment> pending_;
  std::map<std::string, size_t> order_;
  std::map<std::string, Running> running_;
  std::map<std::string, Ended> ended_;
  std::vector<session::Alert> alerts_;
  std::vector<session::NodeReport> nodes_;
  std::vector<std::string> errors_;
  uint8_t next_random_ = 1;
};

}  // namespace drover::interop

// A simulated terminal and the session engine that know each other, and what a test has them do.
#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "loadtest/terminal/terminal.h"
#include "tests/interop/loopback/server.h"

namespace drover::interop {

using session::CommandSpec;
using session::Prompt;
using session::Verb;
using terminal::ModelSpec;
using terminal::SessionEnd;
using terminal::Terminal;

inline constexpr char kServerId[] = "com.mgmtsrv.manage";
inline constexpr char kUrl[] = "https://dm.example.com/dm";
inline constexpr char kApn[] = "./NAP/internet/ADDR";
inline constexpr char kUpdate[] = "./FUMO/P1/DownloadAndUpdate";

inline CommandSpec Get(std::string uri) { return {.verb = Verb::kGet, .target = std::move(uri)}; }
inline CommandSpec Replace(std::string uri, std::string data, uint32_t atomic = 0) {
  return {.verb = Verb::kReplace,
          .target = std::move(uri),
          .format = "chr",
          .type = "text/plain",
          .data = std::move(data),
          .atomic = atomic};
}
inline CommandSpec Add(std::string uri, std::string format, std::optional<std::string> data) {
  return {.verb = Verb::kAdd,
          .target = std::move(uri),
          .format = std::move(format),
          .type = "text/plain",
          .data = std::move(data)};
}
inline CommandSpec Exec(std::string uri) { return {.verb = Verb::kExec, .target = std::move(uri)}; }
inline CommandSpec Confirm(std::string text, uint32_t atomic = 0) {
  CommandSpec command{.verb = Verb::kPrompt, .atomic = atomic};
  command.prompt = Prompt{.kind = Prompt::Kind::kConfirm, .text = std::move(text)};
  return command;
}

// A terminal and a server that know each other.
class Pair {
 public:
  explicit Pair(const ModelSpec& spec)
      : spec_(spec), model_(spec_, {kServerId, kUrl}), server_(spec_, Account(), kServerId) {
    surroundings_.server = {kServerId, kUrl};
    surroundings_.clock = [this] { return server_.now; };
    surroundings_.random = [this](size_t n) {
      return std::string(n, static_cast<char>('A' + random_++ % 26));
    };
    terminal_.emplace(model_, surroundings_, Account());
  }
  Pair(const Pair&) = delete;

  // Sessions until nothing is open, as a terminal that is woken would; the last one's end.
  SessionEnd Manage(int sessions = 8) {
    SessionEnd end;
    for (int i = 0; i < sessions; ++i) {
      end = Session();
      if (server_.open() == 0 && end.outcome == SessionEnd::Outcome::kCompleted) break;
      server_.now += std::chrono::minutes(2);
    }
    return end;
  }

  SessionEnd Session() {
    return Run(terminal_->StartSession(terminal::SessionReason::kServerInitiated));
  }

  SessionEnd Run(terminal::Request request) {
    for (int messages = 0; messages < 600; ++messages) {
      const Server::Answered answer = Answered(request);
      server_.now += std::chrono::milliseconds(100);
      terminal::Next next = terminal_->OnResponse(
          {answer.http_status, answer.media_type, answer.body, answer.mac_header});
      if (const SessionEnd* end = std::get_if<SessionEnd>(&next)) return *end;
      request = std::get<terminal::Request>(std::move(next));
    }
    terminal_->AbandonSession();
    return {SessionEnd::Outcome::kProtocolError, "the session does not end"};
  }

  // What the connection does to the message is done here.
  Server::Answered Answered(const terminal::Request& request) {
    Server::Answered first = server_.Answer(request);
    if (request.mishap != terminal::Mishap::kDropAfterSend) return first;
    Server::Answered second = server_.Answer(request);
    EXPECT_EQ(second.body, first.body) << "a repeat gets the same octets";
    return second;
  }

  // The update that was started ends, and is reported.
  void FinishUpdates() {
    while (const auto due = terminal_->next_due()) {
      server_.now = std::max(server_.now, *due);
      terminal_->Tick(server_.now);
    }
    if (terminal_->has_reports()) {
      Run(terminal_->StartSession(terminal::SessionReason::kClientInitiated));
    }
  }

  Server& server() { return server_; }
  Terminal& terminal() { return *terminal_; }
  terminal::Surroundings& surroundings() { return surroundings_; }
  std::string Failures() const {
    std::string all;
    for (const auto& [id, ended] : server_.ended()) {
      if (!ended.done) all += id + ":" + ended.cause + "; ";
    }
    return all;
  }

  static terminal::Account Account() {
    return {.device_id = "IMEI:493005100592800",
            .user = "user-1",
            .password = "clientpw",
            .server_password = "srvpw",
            .client_nonce = "0123456789abcdef",
            .server_nonce = "fedcba9876543210"};
  }

 private:
  ModelSpec spec_;
  terminal::Surroundings surroundings_;
  terminal::Model model_;
  Server server_;
  std::optional<Terminal> terminal_;
  int random_ = 0;
};

}  // namespace drover::interop

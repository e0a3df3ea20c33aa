// The HTTP port of the simulated gateways: what each did, counts, and what may be done to them.
//
//   GET  /gateways/<serial>              one, as JSON: version, logins, parameters, what it did
//   GET  /gateways?after=N&limit=N       a JSON line each: serial, model, logins, habits
//   GET  /executions?after=N&wait=MS&limit=N   a JSON line each; with none waits up to MS
//   GET  /ledger                         counts
//   GET  /report                         the same for people
//   POST /gateways/<serial>/register|ask|restart|call|hangup
//   GET  /livez /readyz /metrics
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "libs/http/server.h"
#include "loadtest/gateway/simulator.h"

namespace drover::gwsim {

class Admin {
 public:
  // simulator: outlives it, and tells it of executions from now on.
  Admin(asio::io_context& loop, std::string listen, Simulator& simulator);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;
  Result<void> Listen() { return server_.Listen(); }
  std::string address() const { return server_.address(); }
  // Answers who waits with what there is.
  void Stop();

 private:
  struct Wish {
    uint64_t after = 0;
    size_t limit = 0;
  };
  struct Wait {
    Wish wish;
    http::Responder responder;
    std::shared_ptr<Timer> timer;
  };

  void Handle(const http::Request& request, http::Responder responder);
  http::Response Get(const http::Request& request) const;
  http::Response Post(const http::Request& request);
  http::Response List(std::string_view query) const;
  void Executions(const http::Request& request, http::Responder responder);
  http::Response Page(const Wish& wish) const;
  void Wake();

  asio::io_context& loop_;
  Simulator& simulator_;
  std::vector<std::shared_ptr<Wait>> waits_;
  bool waking_ = false;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
  http::Server server_;
};

}  // namespace drover::gwsim

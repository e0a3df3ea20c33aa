// The HTTP port of the simulated SMSC: what terminals received, messages from terminals, counts.
//
//   GET  /terminals/<msisdn>/messages      a JSON array, the oldest first
//   GET  /deliveries?after=N&wait=MS&limit=N   a JSON line each; with none waits up to MS;
//                                          &form=octets: as packed.h has them
//   GET  /ledger                           counts
//   POST /mo                               a message from a terminal, or an array (documents.h);
//   octets as packed.h
//                                          has them
//   POST /answer?mode=NAME                 how submissions are answered from now on
//   GET  /livez /readyz /metrics
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "libs/http/server.h"
#include "loadtest/smsc/simulator.h"

namespace drover::smsc {

class Admin {
 public:
  // simulator: outlives it, and tells it of deliveries from now on.
  Admin(asio::io_context& loop, std::string listen, Simulator& simulator);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;
  Result<void> Listen() { return server_.Listen(); }
  std::string address() const { return server_.address(); }
  // Answers who waits for deliveries with what there is.
  void Stop();

 private:
  // Which deliveries somebody wants.
  struct Wish {
    uint64_t after = 0;
    size_t limit = 0;
    bool packed = false;
  };
  struct Wait {
    Wish wish;
    http::Responder responder;
    std::shared_ptr<Timer> timer;
  };

  void Handle(const http::Request& request, http::Responder responder);
  http::Response Get(const http::Request& request) const;
  http::Response Post(const http::Request& request);
  http::Response Messages(std::string_view path) const;
  http::Response Originate(const http::Request& request);
  http::Response SetAnswer(std::string_view query);
  http::Response Summary() const;
  http::Response Metrics() const;
  void Deliveries(const http::Request& request, http::Responder responder);
  void WaitFor(const Wish& wish, std::chrono::milliseconds most, http::Responder responder);
  void Wake(bool everyone);
  http::Response Page(const Wish& wish) const;

  asio::io_context& loop_;
  Simulator& simulator_;
  std::vector<std::shared_ptr<Wait>> waits_;
  http::Server server_;
};

}  // namespace drover::smsc

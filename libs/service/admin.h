// The admin port: /metrics, /livez, /readyz (?verbose) and its alias /healthz. Plain HTTP, for the
// cluster's inside only.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/collectable.h>

#include "libs/http/server.h"

namespace drover::service {

// Named questions; ready while every one is answered with yes. Loop thread only.
class Readiness {
 public:
  void Add(std::string name, std::function<bool()> check) {
    checks_.emplace_back(std::move(name), std::move(check));
  }
  bool ready() const;
  // A line a check: "[+]redis ok", "[-]kafka not ready".
  std::string Verbose() const;

 private:
  std::vector<std::pair<std::string, std::function<bool()>>> checks_;
};

class AdminServer {
 public:
  AdminServer(asio::io_context& loop, std::string listen, const Readiness& readiness,
              std::vector<std::shared_ptr<prometheus::Collectable>> metrics);
  Result<void> Listen() { return server_.Listen(); }
  std::string address() const { return server_.address(); }

 private:
  http::Response Answer(const http::Request& request) const;
  http::Response Ready(const http::Request& request) const;
  http::Response Metrics() const;

  const Readiness& readiness_;
  const std::vector<std::shared_ptr<prometheus::Collectable>> metrics_;
  http::Server server_;
};

}  // namespace drover::service

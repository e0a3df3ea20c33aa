// drover-load floor: what the connection pattern of a session costs any server.
//
// New connection, POSTs of the given sizes, close; C at any time, as in drover-load sessions.
#include <cstdio>
#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "loadtest/client/connection.h"
#include "loadtest/client/latency.h"
#include "loadtest/drover_load/options.h"
#include "loadtest/drover_load/report.h"

namespace drover::load {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Floor {
 public:
  Floor(const FloorOptions& options, terminal::Url url, terminal::Connection::Tcp::endpoint peer)
      : options_(options), tls_({.resume = options.resumption}), peer_{std::move(peer)} {
    if (url.tls) peer_.tls = &tls_;
    for (const uint32_t octets : options.request_octets) {
      std::string request = terminal::PostHead(
          url, {.media_type = "application/vnd.syncml.dm+wbxml", .content_length = octets});
      requests_.push_back(request.append(octets, 'x'));
    }
  }

  int Run() {
    const double cpu = OwnCpuUs();
    const auto begun = SteadyClock::now();
    for (uint32_t i = 0; i < options_.concurrency; ++i) {
      asio::co_spawn(loop_, Worker(), asio::detached);
    }
    loop_.run();
    const double wall_s = std::chrono::duration<double>(SteadyClock::now() - begun).count();
    const double sessions = std::max<uint32_t>(options_.sessions, 1);
    const nlohmann::json json = {{"sessions", session_.count()},
                                 {"sessions_per_s", sessions / wall_s},
                                 {"exchanges", exchange_.count()},
                                 {"errors", errors_},
                                 {"exchange_ms", LatencyJson(exchange_)},
                                 {"session_ms", LatencyJson(session_)},
                                 {"handshakes_full", tls_.counts().full},
                                 {"handshakes_resumed", tls_.counts().resumed},
                                 {"own_cpu_us_per_session", (OwnCpuUs() - cpu) / sessions},
                                 {"request_octets", options_.request_octets},
                                 {"wall_s", wall_s}};
    std::cout << json.dump() << std::endl;
    return errors_ == 0 ? 0 : 1;
  }

 private:
  Process Worker() {
    while (next_ < options_.sessions) {
      const uint32_t index = next_++;
      const auto begun = SteadyClock::now();
      auto done = co_await Session(index);
      if (done) {
        session_.Add(SteadyClock::now() - begun);
      } else if (++errors_ <= 10) {
        std::fprintf(stderr, "%s\n", done.error().message.c_str());
      }
    }
  }

  Task<void> Session(uint32_t index) {
    terminal::Connection connection(loop_, watch_);
    const Deadline deadline = In(std::chrono::seconds(30));
    DROVER_CO_TRY(co_await connection.Open(peer_, index, deadline));
    for (const std::string& request : requests_) {
      const auto sent = SteadyClock::now();
      if (!connection.is_open()) DROVER_CO_TRY(co_await connection.Open(peer_, index, deadline));
      DROVER_CO_TRY(co_await connection.Send(request, deadline));
      DROVER_CO_TRY(const terminal::ResponseHead head, co_await connection.Receive(deadline));
      if (head.status != 200) {
        co_return Unavailable("HTTP status " + std::to_string(head.status));
      }
      exchange_.Add(SteadyClock::now() - sent);
    }
    connection.Close();
    co_return Result<void>();
  }

  const FloorOptions& options_;
  terminal::TlsClient tls_;
  terminal::Connection::Peer peer_;
  std::vector<std::string> requests_;
  asio::io_context loop_{1};
  terminal::DeadlineWatch watch_{loop_};
  terminal::Latency exchange_;
  terminal::Latency session_;
  uint32_t next_ = 0;
  uint64_t errors_ = 0;
};

}  // namespace

int RunFloor(const FloorOptions& options) {
  const Result<terminal::Url> url = terminal::ParseUrl(options.url);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(url ? url->host : "", error);
  if (!url || error) {
    std::fprintf(stderr, "drover-load: --url must be http:// or https:// with an address: %s\n",
                 options.url.c_str());
    return 2;
  }
  Floor floor(options, *url, {address, url->port});
  return floor.Run();
}

}  // namespace drover::load

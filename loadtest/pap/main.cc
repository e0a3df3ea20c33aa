// pap_load: posts PAP submissions to a Push Proxy Gateway over some connections, one request at a
// time each, and says how many were accepted a second and how long that took. Ours or another's.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "libs/async/task.h"
#include "libs/base/bytes.h"
#include "libs/pap/multipart.h"
#include "libs/pap/writer.h"

namespace drover {
namespace {

using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Ec = boost::system::error_code;
using Time = std::chrono::steady_clock;

struct Plan {
  std::string host, port, target, credentials, run;
  int connections = 8;
  std::chrono::seconds time{10};
};

struct Tally {
  size_t accepted = 0, refused = 0, broken = 0;
  std::vector<double> milliseconds;
  std::string odd;  // An answer that was not 1001.
};

// A notification of 32 octets for a number of its own.
std::string RequestOf(const Plan& plan, uint64_t number) {
  std::string control, body;
  pap::PushMessage message;
  message.push_id = plan.run + "-" + std::to_string(number) + "@load";
  message.addresses = {"WAPPUSH=+861" + std::to_string(3'000'000'000 + number % 1'000'000'000) +
                       "/TYPE=PLMN@ppg"};
  pap::Write({.message = std::move(message)}, control);
  pap::WriteSubmission("xyz", control,
                       {{"Content-Type", "application/vnd.syncml.notification"},
                        {"X-Wap-Application-Id", "x-wap-application:push.syncml.dm"}},
                       std::string(32, 'n'), body);
  std::string request = "POST " + plan.target + " HTTP/1.1\r\nHost: " + plan.host +
                        "\r\nContent-Type: multipart/related; boundary=xyz; "
                        "type=\"application/xml\"\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n";
  if (!plan.credentials.empty()) {
    request += "Authorization: Basic " + base::Base64(plan.credentials) + "\r\n";
  }
  return request + "\r\n" + body;
}

size_t ContentLength(const std::string& head) {
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const size_t at = lower.find("content-length:");
  return at == std::string::npos ? 0 : std::strtoul(lower.c_str() + at + 15, nullptr, 10);
}

// The body of the answer; empty: the connection broke.
asio::awaitable<std::string, Executor> Exchange(Socket& socket, std::string request,
                                                std::string& buffer) {
  Ec error;
  co_await asio::async_write(socket, asio::buffer(request), asio::redirect_error(kAwait, error));
  if (error) co_return std::string();
  const size_t head = co_await asio::async_read_until(
      socket, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::redirect_error(kAwait, error));
  if (error) co_return std::string();
  const size_t whole = head + ContentLength(buffer.substr(0, head));
  if (buffer.size() < whole) {
    co_await asio::async_read(socket, asio::dynamic_buffer(buffer),
                              asio::transfer_exactly(whole - buffer.size()),
                              asio::redirect_error(kAwait, error));
  }
  if (error) co_return std::string();
  std::string answer = buffer.substr(0, whole);
  buffer.erase(0, whole);
  co_return answer;
}

Process Drive(asio::io_context& loop, const Plan& plan, uint64_t& next, Time::time_point end,
              Tally& tally) {
  while (Time::now() < end) {
    Ec error;
    Socket socket(loop.get_executor());
    Tcp::resolver resolver(loop);
    co_await socket.async_connect(*resolver.resolve(plan.host, plan.port).begin(),
                                  asio::redirect_error(kAwait, error));
    socket.set_option(Tcp::no_delay(true), error);
    std::string buffer;
    while (!error && Time::now() < end) {
      std::string request = RequestOf(plan, ++next);
      const auto begin = Time::now();
      const std::string answer = co_await Exchange(socket, std::move(request), buffer);
      const std::chrono::duration<double, std::milli> took = Time::now() - begin;
      if (answer.empty()) {
        ++tally.broken;
        break;
      }
      if (answer.find("\"1001\"") == std::string::npos) {
        ++tally.refused;
        tally.odd = answer;
        continue;
      }
      ++tally.accepted;
      tally.milliseconds.push_back(took.count());
    }
    if (error) break;
  }
}

double Quantile(std::vector<double>& sorted, double q) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(q * static_cast<double>(sorted.size())))];
}

int Run(const Plan& plan) {
  asio::io_context loop{1};
  Tally tally;
  uint64_t next = 0;
  const auto begin = Time::now();
  for (int i = 0; i < plan.connections; ++i) {
    asio::co_spawn(loop, Drive(loop, plan, next, begin + plan.time, tally), asio::detached);
  }
  loop.run();
  const std::chrono::duration<double> took = Time::now() - begin;
  std::ranges::sort(tally.milliseconds);
  std::printf(
      "{\"accepted_per_second\": %.0f, \"accepted\": %zu, \"refused\": %zu, \"broken\": %zu, "
      "\"p50_ms\": %.2f, \"p99_ms\": %.2f}\n",
      static_cast<double>(tally.accepted) / took.count(), tally.accepted, tally.refused,
      tally.broken, Quantile(tally.milliseconds, 0.5), Quantile(tally.milliseconds, 0.99));
  if (!tally.odd.empty()) std::fprintf(stderr, "one refusal:\n%s\n", tally.odd.c_str());
  return tally.accepted > 0 ? 0 : 1;
}

}  // namespace
}  // namespace drover

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: pap_load HOST PORT TARGET [CONNECTIONS SECONDS NAME:PASSWORD]\n");
    return 2;
  }
  drover::Plan plan;
  plan.host = argv[1];
  plan.port = argv[2];
  plan.target = argv[3];
  if (argc > 4) plan.connections = std::atoi(argv[4]);
  if (argc > 5) plan.time = std::chrono::seconds(std::atoi(argv[5]));
  if (argc > 6) plan.credentials = argv[6];
  plan.run = std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  return drover::Run(plan);
}

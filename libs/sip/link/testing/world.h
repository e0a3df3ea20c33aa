// Endpoints and raw sockets on one loop that a test runs by hand.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include "libs/dmauth/random.h"
#include "libs/sip/link/address.h"
#include "libs/sip/link/endpoint.h"

namespace drover::sip::testing {

// What an endpoint's callbacks told.
struct Told {
  struct Ended {
    Reply::Kind kind;
    uint16_t status;
    Hop hop;
    uint32_t attempts;
    std::chrono::milliseconds hold;
    std::string why;
    std::string response;
  };
  OnReply Callback() {
    return [this](const Reply& reply) {
      replies.push_back({reply.kind, reply.response ? reply.response->status() : uint16_t{0},
                         reply.hop, reply.attempts, reply.hold, std::string(reply.why),
                         reply.response ? std::string(reply.response->octets()) : ""});
    };
  }
  std::vector<Ended> replies;
};

class World {
 public:
  World() : work_(asio::make_work_guard(loop)) {}

  // Runs the loop until it is so; false when patience is at an end.
  bool Until(const std::function<bool()>& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_so()) {
      if (loop.run_one_until(deadline) == 0) return false;
    }
    return true;
  }
  // Runs the loop until nothing has happened for so long.
  void Settle(std::chrono::milliseconds quiet = std::chrono::milliseconds(50)) {
    while (loop.run_one_for(quiet) != 0) {
    }
  }

  static Endpoint::Config Local() {
    Endpoint::Config config;
    config.udp_listen = "127.0.0.1:0";
    config.tcp_listen = "127.0.0.1:0";
    config.tls_client.reset();
    config.connect_time = std::chrono::milliseconds(2000);
    return config;
  }
  std::unique_ptr<Endpoint> Make(const Endpoint::Config& config = Local()) {
    auto endpoint = std::make_unique<Endpoint>(loop, config, dmauth::SystemRandom);
    const Result<void> open = endpoint->Open();
    EXPECT_TRUE(open) << open.error();
    return endpoint;
  }

  asio::io_context loop{1};
  std::chrono::seconds patience{10};

 private:
  asio::executor_work_guard<Executor> work_;
};

inline Hop HopTo(const std::string& address, uint16_t port, Transport transport = Transport::kUdp) {
  return {.address = *ParseAddress(address), .port = port, .transport = transport};
}

// uri must live as long as the request.
inline RequestOut Notify(std::string_view uri) {
  return {.uri = uri,
          .from = "<sip:dm@127.0.0.1>",
          .from_tag = "6a073cca",
          .to = "<sip:69600@127.0.0.1;user=phone>",
          .call_id = "720910328@127.0.0.1",
          .cseq = 14872,
          .contact = "<sip:dm@127.0.0.1>",
          .event = "resync",
          .subscription_state = "active;expires=1000"};
}

// A bare UDP socket, read without waiting in between.
class RawUdp {
 public:
  explicit RawUdp(World& world)
      : world_(world),
        socket_(world.loop, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    Receive();
  }
  uint16_t port() const { return socket_.local_endpoint().port(); }
  Hop hop() const { return HopTo("127.0.0.1", port()); }
  std::string uri() const { return "sip:69600@127.0.0.1:" + std::to_string(port()); }
  void Send(uint16_t to, std::string_view octets) {
    socket_.send_to(asio::buffer(octets),
                    asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), to));
  }
  void Reply(std::string_view octets) { Send(last_from, octets); }
  // The next datagram that comes.
  std::string Next() {
    EXPECT_TRUE(world_.Until([this] { return taken_ < datagrams.size(); })) << "nothing came";
    return taken_ < datagrams.size() ? datagrams[taken_++] : std::string();
  }

  std::vector<std::string> datagrams;
  uint16_t last_from = 0;

 private:
  void Receive() {
    socket_.async_receive_from(asio::buffer(in_), from_,
                               [this](boost::system::error_code error, size_t octets) {
                                 if (error == asio::error::operation_aborted) return;
                                 if (!error) {
                                   datagrams.emplace_back(in_.data(), octets);
                                   last_from = from_.port();
                                 }
                                 Receive();
                               });
  }
  World& world_;
  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint from_;
  std::array<char, 65536> in_;
  size_t taken_ = 0;
};

// A response to a request as it came, by a peer that only copies.
inline std::string Respond(const std::string& request, const std::string& status,
                           const std::string& fields = "") {
  Message message;
  EXPECT_FALSE(Parse(request, Arrival::kDatagram, message)) << request;
  std::string out = "SIP/2.0 " + status + "\r\n";
  for (size_t i = 0; i < message.field_count(); ++i) {
    const Field field = message.field(i);
    const bool copied = field.id == HeaderId::kVia || field.id == HeaderId::kFrom ||
                        field.id == HeaderId::kCallId || field.id == HeaderId::kCSeq;
    if (copied) out.append(field.name).append(": ").append(field.value).append("\r\n");
    if (field.id == HeaderId::kTo) out.append("To: ").append(field.value).append(";tag=peer\r\n");
  }
  return out + fields + "Content-Length: 0\r\n\r\n";
}

inline std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what << " in " << text;
  return text.replace(at, what.size(), with);
}

}  // namespace drover::sip::testing

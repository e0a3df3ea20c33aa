// A server, a link to it and a raw socket, on one loop that a test runs by hand.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/smpp/link/link.h"
#include "libs/smpp/link/server.h"
#include "libs/smpp/testing/recorder.h"

namespace drover::smpp::testing {

// What an ESME's link tells.
class LinkRecorder final : public LinkHandler {
 public:
  void OnBound(const Bound& bound) override { told.OnBound(bound); }
  void OnAnswer(uint64_t token, const Answer& answer) override { told.OnAnswer(token, answer); }
  void OnRequest(const RequestId& id, const Pdu& pdu) override { told.OnRequest(id, pdu); }
  void OnNotice(const Pdu& pdu) override { told.OnNotice(pdu); }
  void OnReady() override { told.OnReady(); }
  void OnEnd(const End& end) override { told.OnEnd(end); }
  void OnWait(const End&, std::chrono::milliseconds time, bool needs_operator) override {
    waits.push_back(time);
    operator_needed = needs_operator;
  }

  Recorder told;
  std::vector<std::chrono::milliseconds> waits;
  bool operator_needed = false;
};

// The server's side of one connection.
struct ServedBind {
  std::shared_ptr<Recorder> told;
  std::weak_ptr<Channel> channel;
};

class Loopback {
 public:
  Loopback() : work_(asio::make_work_guard(loop)) {}

  // Runs the loop until it is so; false when patience is at an end.
  bool Until(const std::function<bool()>& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_so()) {
      if (loop.run_one_until(deadline) == 0) return false;
    }
    return true;
  }
  // Runs what is ready now.
  void Poll() { loop.poll(); }

  // Every bind is taken, every submit_sm answered, until a test changes it.
  Server& Serve(Server::Config config = {}) {
    if (config.listen.empty()) config.listen = address.empty() ? "127.0.0.1:0" : address;
    config.session.system_id = "smsc";
    server.emplace(loop, std::move(config), [this](const std::shared_ptr<Channel>& channel) {
      auto told = std::make_shared<Recorder>();
      const std::weak_ptr<Channel> weak = channel;
      told->on_bind = [weak] { weak.lock()->AcceptBind(); };
      told->on_request = [weak](const Recorder::Request& request) {
        const std::string id = "id" + std::to_string(request.id.sequence);
        if (request.id.command != CommandId::kSubmitSm) return;
        weak.lock()->Respond(request.id, SubmitSmResp{.message_id = id});
      };
      if (on_accept) on_accept(*told, channel);
      peers.push_back({told, channel});
      return told;
    });
    const Result<void> listening = server->Listen();
    EXPECT_TRUE(listening);
    address = server->address();
    return *server;
  }
  Link::Config ToServer() const {
    Link::Config config{.host = "127.0.0.1", .port = address.substr(address.rfind(':') + 1)};
    config.session.system_id = "esme";
    config.session.password = "secret";
    config.redial.first = std::chrono::milliseconds(10);
    return config;
  }
  Link& Dial(Link::Config config) {
    link.emplace(loop, std::move(config), esme);
    const Result<void> open = link->Open();
    EXPECT_TRUE(open);
    return *link;
  }
  Link& Dial() { return Dial(ToServer()); }
  bool Bound() {
    return Until([this] { return link->bound(); });
  }
  Sent Submit(uint64_t token, const SendOptions& options = {}) {
    return link->Send(SubmitSm{.destination = {1, 1, "8613800138000"}, .short_message = "hello"},
                      token, options);
  }

  asio::io_context loop{1};
  std::chrono::seconds patience{10};
  std::string address;
  std::function<void(Recorder&, const std::shared_ptr<Channel>&)> on_accept;
  std::vector<ServedBind> peers;
  LinkRecorder esme;
  std::optional<Server> server;
  std::optional<Link> link;

 private:
  asio::executor_work_guard<Executor> work_;
};

// An SMSC or an ESME that says exactly the octets it is told to.
class RawPeer {
 public:
  explicit RawPeer(Loopback& world)
      : world_(world),
        acceptor_(world.loop, {asio::ip::address_v4::loopback(), 0}),
        socket_(world.loop.get_executor()) {}

  Link::Config Here() {
    world_.address = "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    return world_.ToServer();
  }
  bool Accept() {
    bool accepted = false;
    socket_ = Socket(world_.loop.get_executor());
    acceptor_.async_accept(socket_, [&](boost::system::error_code error) { accepted = !error; });
    return world_.Until([&] { return accepted; });
  }
  void Connect(const std::string& address) {
    const auto port = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }
  void Send(std::string_view octets) { asio::write(socket_, asio::buffer(octets)); }
  void SendHex(std::string_view hex) { Send(*base::FromHex(hex)); }
  // So many octets; fewer if the other side closed.
  std::string Receive(size_t octets) {
    while (received_.size() < octets && ReadMore()) {
    }
    const std::string taken = received_.substr(0, octets);
    received_.erase(0, taken.size());
    return taken;
  }
  std::string ReceiveAll() {
    while (ReadMore()) {
    }
    return std::exchange(received_, {});
  }
  // Takes the bind of the link and answers it.
  bool TakeBind() {
    if (!Accept()) return false;
    const std::string head = Receive(kHeaderOctets);
    const auto header = ReadHeader(head);
    if (!header || header->id != CommandId::kBindTransceiver) return false;
    Receive(header->length - kHeaderOctets);
    std::string octets, tlvs;
    TlvWriter(tlvs).Number(Tag::kScInterfaceVersion, kVersion34);
    EXPECT_FALSE(
        EncodeBody(header->sequence, BindResp{.system_id = "raw", .tlvs = Tlvs(tlvs)}, octets));
    Send(octets);
    return world_.Bound();
  }
  void Close() { socket_.close(); }
  Socket& socket() { return socket_; }

 private:
  bool ReadMore() {
    bool done = false;
    bool more = false;
    std::string piece(65536, '\0');
    socket_.async_read_some(asio::buffer(piece),
                            [&](boost::system::error_code error, size_t octets) {
                              done = true;
                              more = !error;
                              received_.append(piece, 0, octets);
                            });
    if (world_.Until([&] { return done; })) return more;
    ADD_FAILURE() << "nothing came, nor was the connection closed";
    socket_.cancel();
    world_.Until([&] { return done; });
    return false;
  }

  Loopback& world_;
  asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
  Socket socket_;
  std::string received_;
};

}  // namespace drover::smpp::testing

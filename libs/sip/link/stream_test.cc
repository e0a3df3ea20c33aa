// TCP and TLS: connections, reuse, framing, keep-alives, bounds.
#include <filesystem>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/sip/link/testing/world.h"
#include "libs/smpp/testing/certificates.h"

namespace drover::sip {
namespace {

using namespace std::chrono_literals;
using smpp::testing::Certificate;
using smpp::testing::MakeCertificate;
using ::testing::HasSubstr;
using testing::HopTo;
using testing::Notify;
using testing::RawUdp;
using ::testing::StartsWith;
using testing::Told;
using testing::World;

constexpr std::string_view kRequest =
    "NOTIFY sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKa;rport\r\n"
    "Max-Forwards: 70\r\nTo: <sip:a@127.0.0.1>\r\nFrom: <sip:b@127.0.0.1>;tag=1\r\n"
    "Call-ID: x\r\nCSeq: 1 NOTIFY\r\nEvent: resync\r\nContent-Length: 0\r\n\r\n";

// A bare TCP connection to a port.
class RawTcp {
 public:
  RawTcp(World& world, uint16_t port) : world_(world), socket_(world.loop) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    Read();
  }
  void Send(std::string_view octets) { asio::write(socket_, asio::buffer(octets)); }
  bool Gets(const std::string& text) {
    return world_.Until([&] { return got.find(text) != std::string::npos; });
  }
  bool IsClosed() {
    return world_.Until([&] { return closed; });
  }
  void Close() { socket_.close(); }

  std::string got;
  bool closed = false;

 private:
  void Read() {
    socket_.async_read_some(asio::buffer(in_),
                            [this](boost::system::error_code error, size_t octets) {
                              if (error == asio::error::operation_aborted) return;
                              got.append(in_.data(), octets);
                              closed = error.failed();
                              if (!closed) Read();
                            });
  }
  World& world_;
  asio::ip::tcp::socket socket_;
  std::array<char, 4096> in_;
};

class Streams : public ::testing::Test {
 protected:
  Streams() {
    std::string pattern = std::filesystem::temp_directory_path() / "drover-sip-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    server_id_ = MakeCertificate(folder_, "gw", "DNS:gw.example,IP:127.0.0.1");
    domain_id_ = MakeCertificate(folder_, "domain", "URI:sip:127.0.0.1,DNS:other.example");
    client_id_ = MakeCertificate(folder_, "dm", "DNS:dm.example");
  }
  ~Streams() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Endpoint> Serve(Endpoint::Config config = World::Local()) {
    auto server = world_.Make(config);
    server->SetOnRequest([this](Incoming& request) {
      sources.push_back(request.source());
      request.Respond({.status = 200});
    });
    return server;
  }
  Endpoint::Config TlsConfig(const Certificate& id, const std::string& client_ca = "") const {
    Endpoint::Config config = World::Local();
    config.tls_listen = "127.0.0.1:0";
    config.tls_server = TlsServer{id.certificate_file, id.key_file, client_ca};
    return config;
  }
  static Endpoint::Config Trusting(const TlsClient& tls) {
    Endpoint::Config config = World::Local();
    config.tls_client = tls;
    return config;
  }
  static std::string UriOf(const Endpoint& endpoint, Transport transport) {
    return "sip:69600@127.0.0.1:" + std::to_string(endpoint.port(transport)) +
           (transport == Transport::kTls ? ";transport=tls" : ";transport=tcp");
  }
  Told::Ended Ask(Endpoint& endpoint, const std::string& uri,
                  const Endpoint::SendOptions& options = {}) {
    const size_t before = told.replies.size();
    endpoint.Send(Notify(uri), options, told.Callback());
    EXPECT_TRUE(world_.Until([&] { return told.replies.size() > before; }));
    return told.replies.back();
  }

  World world_;
  std::filesystem::path folder_;
  Certificate server_id_, domain_id_, client_id_;
  Told told;
  std::vector<Hop> sources;
};

TEST_F(Streams, CarryAllRequestsToAPeerOverOneConnection) {
  const auto server = Serve();
  const auto client = world_.Make();
  const std::string uri = UriOf(*server, Transport::kTcp);
  for (int i = 0; i < 500; ++i) client->Send(Notify(uri), {}, told.Callback());
  ASSERT_TRUE(world_.Until([&] { return told.replies.size() == 500; }));
  for (const Told::Ended& end : told.replies) ASSERT_EQ(end.status, 200);
  EXPECT_EQ(client->counters().connections_opened, 1U);
  EXPECT_EQ(server->counters().connections_accepted, 1U);
  EXPECT_EQ(client->counters().client.sent_again, 0U);
  EXPECT_THAT(told.replies[0].response, HasSubstr("Via: SIP/2.0/TCP "));
}

TEST_F(Streams, TakeRequestsBackOverTheFlowThatAPeerOpened) {
  const auto server = Serve();
  const auto gateway = world_.Make();
  int notified = 0;
  gateway->SetOnRequest([&](Incoming& request) {
    ++notified;
    request.Respond({.status = 200});
  });
  ASSERT_EQ(Ask(*gateway, UriOf(*server, Transport::kTcp)).status, 200);
  const Hop flow = sources.at(0);
  EXPECT_NE(flow.flow, 0U);
  EXPECT_TRUE(server->FlowOpen(flow));
  const Told::Ended end = Ask(*server, "sip:69600@10.0.0.9", {.hop = flow});
  EXPECT_EQ(end.status, 200);
  EXPECT_EQ(notified, 1);
  EXPECT_EQ(server->counters().connections_opened, 0U);
}

TEST_F(Streams, SayWhenAFlowIsGone) {
  const auto server = Serve();
  auto gateway = world_.Make();
  gateway->SetOnRequest([](Incoming& request) { request.Respond({.status = 200}); });
  ASSERT_EQ(Ask(*gateway, UriOf(*server, Transport::kTcp)).status, 200);
  const Hop flow = sources.at(0);
  std::vector<Hop> closed;
  server->SetOnFlowClosed([&](const Hop& hop) { closed.push_back(hop); });
  gateway.reset();
  ASSERT_TRUE(world_.Until([&] { return !closed.empty(); }));
  EXPECT_EQ(closed[0], flow);
  EXPECT_FALSE(server->FlowOpen(flow));
  EXPECT_EQ(Ask(*server, "sip:69600@10.0.0.9", {.hop = flow}).kind, Reply::Kind::kUnreachable);
}

TEST_F(Streams, FailWhatWaitsWhenTheConnectionBreaks) {
  auto server = world_.Make();
  server->SetOnRequest([this](Incoming& request) { sources.push_back(request.source()); });
  std::shared_ptr<Incoming> kept;
  server->SetOnRequest([&](Incoming& request) { kept = request.Keep(); });
  const auto client = world_.Make();
  const std::string uri = UriOf(*server, Transport::kTcp);
  client->Send(Notify(uri), {}, told.Callback());
  ASSERT_TRUE(world_.Until([&] { return kept != nullptr; }));
  server.reset();
  ASSERT_TRUE(world_.Until([&] { return !told.replies.empty(); }));
  EXPECT_EQ(told.replies[0].kind, Reply::Kind::kUnreachable);
  EXPECT_THAT(told.replies[0].why, HasSubstr("closed the connection"));
}

TEST_F(Streams, FailAtOnceWhereNobodyListens) {
  uint16_t dead = 0;
  {
    const auto gone = world_.Make();
    dead = gone->port(Transport::kTcp);
  }
  const auto client = world_.Make();
  const Told::Ended end =
      Ask(*client, "sip:a@127.0.0.1:" + std::to_string(dead) + ";transport=tcp");
  EXPECT_EQ(end.kind, Reply::Kind::kUnreachable);
  EXPECT_THAT(end.why, HasSubstr("cannot connect"));
  EXPECT_EQ(client->counters().connections_failed, 1U);
  EXPECT_EQ(client->connections(), 0U);
}

TEST_F(Streams, CutMessagesWhereverTheyAreBroken) {
  const auto server = Serve();
  RawTcp peer(world_, server->port(Transport::kTcp));
  std::string two(kRequest);
  two += two;
  two[two.rfind("z9hG4bKa") + 7] = 'b';
  for (size_t at = 0; at < two.size(); at += 7) {
    peer.Send(std::string_view(two).substr(at, 7));
    world_.loop.poll();
  }
  ASSERT_TRUE(peer.Gets("z9hG4bKb"));
  EXPECT_EQ(sources.size(), 2U);
}

TEST_F(Streams, AnswerKeepAlives) {
  const auto server = Serve();
  RawTcp peer(world_, server->port(Transport::kTcp));
  peer.Send("\r\n\r\n");
  ASSERT_TRUE(world_.Until([&] { return peer.got == "\r\n"; }));
  peer.Send(std::string("\r\n\r\n") + std::string(kRequest));
  ASSERT_TRUE(peer.Gets("200 OK"));
  EXPECT_EQ(server->counters().pings, 2U);
}

TEST_F(Streams, CloseWhatIsNoSip) {
  const auto server = Serve();
  RawTcp peer(world_, server->port(Transport::kTcp));
  peer.Send(std::string(70'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(peer.IsClosed());
  RawTcp other(world_, server->port(Transport::kTcp));
  other.Send(testing::Replaced(std::string(kRequest), "Content-Length: 0", "Content-Length: y"));
  EXPECT_TRUE(other.IsClosed());
  EXPECT_THAT(other.got, StartsWith("SIP/2.0 400 "));
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(Streams, CloseWhoSaysNothing) {
  Endpoint::Config config = World::Local();
  config.idle_time = 0s;
  const auto server = Serve(config);
  RawTcp silent(world_, server->port(Transport::kTcp));
  EXPECT_TRUE(silent.IsClosed());
}

TEST_F(Streams, AreBounded) {
  Endpoint::Config config = World::Local();
  config.connections = 1;
  const auto server = Serve(config);
  RawTcp first(world_, server->port(Transport::kTcp));
  first.Send("\r\n\r\n");
  ASSERT_TRUE(first.Gets("\r\n"));
  RawTcp second(world_, server->port(Transport::kTcp));
  EXPECT_TRUE(second.IsClosed());
  EXPECT_EQ(server->counters().connections_refused, 1U);
  EXPECT_EQ(Ask(*server, "sip:a@127.0.0.1:9;transport=tcp").kind, Reply::Kind::kRefused);
}

TEST_F(Streams, TakeNoMoreThanTheirQueueHolds) {
  Endpoint::Config config = World::Local();
  config.connection_queue_octets = 2000;
  const auto client = world_.Make(config);
  const auto server = Serve();
  const std::string uri = UriOf(*server, Transport::kTcp);
  for (int i = 0; i < 10; ++i) client->Send(Notify(uri), {}, told.Callback());
  ASSERT_TRUE(world_.Until([&] { return told.replies.size() == 10; }));
  const auto refused = std::count_if(told.replies.begin(), told.replies.end(), [](const auto& end) {
    return end.kind == Reply::Kind::kRefused;
  });
  EXPECT_GT(refused, 0);
  EXPECT_EQ(client->counters().queue_full, static_cast<uint64_t>(refused));
  EXPECT_EQ(Ask(*client, uri).status, 200);
}

TEST_F(Streams, CarryWhatIsTooLargeForADatagram) {
  const auto server = Serve();
  const auto client = world_.Make();
  const std::string body(1400, 'x');
  RequestOut request = Notify("");
  const std::string both = "sip:69600@127.0.0.1:" + std::to_string(server->port(Transport::kTcp));
  request.uri = both;
  request.content_type = "text/plain";
  request.body = body;
  client->Send(request, {}, told.Callback());
  ASSERT_TRUE(world_.Until([&] { return !told.replies.empty(); }));
  EXPECT_EQ(told.replies[0].status, 200);
  EXPECT_EQ(told.replies[0].hop.transport, Transport::kTcp);

  const std::string udp = "sip:69600@127.0.0.1:" + std::to_string(server->port(Transport::kUdp));
  request.uri = udp;
  client->Send(request, {}, told.Callback());
  ASSERT_TRUE(world_.Until([&] { return told.replies.size() == 2; }));
  EXPECT_EQ(told.replies[1].status, 200) << "by UDP where there is no TCP";
  EXPECT_EQ(told.replies[1].attempts, 2U);
}

// --- TLS.

TEST_F(Streams, AreEncryptedAndReused) {
  const auto server = Serve(TlsConfig(server_id_));
  const auto client = world_.Make(Trusting({.ca_file = server_id_.certificate_file}));
  const std::string uri = UriOf(*server, Transport::kTls);
  for (int i = 0; i < 100; ++i) client->Send(Notify(uri), {}, told.Callback());
  ASSERT_TRUE(world_.Until([&] { return told.replies.size() == 100; }));
  for (const Told::Ended& end : told.replies) ASSERT_EQ(end.status, 200) << end.why;
  EXPECT_EQ(client->counters().connections_opened, 1U);
  EXPECT_THAT(told.replies[0].response, HasSubstr("Via: SIP/2.0/TLS "));
}

TEST_F(Streams, TrustNoCertificateOfAnother) {
  const auto server = Serve(TlsConfig(server_id_));
  const auto client = world_.Make(Trusting({.ca_file = client_id_.certificate_file}));
  const Told::Ended end = Ask(*client, UriOf(*server, Transport::kTls));
  EXPECT_EQ(end.kind, Reply::Kind::kUnreachable);
  EXPECT_THAT(end.why, HasSubstr("the TLS handshake failed"));
  EXPECT_EQ(client->counters().connections_failed, 1U);
}

TEST_F(Streams, TrustNoCertificateForAnotherDomain) {
  const auto server = Serve(TlsConfig(client_id_));
  const TlsClient tls{.ca_file = client_id_.certificate_file};
  const auto client = world_.Make(Trusting(tls));
  const Told::Ended end = Ask(*client, UriOf(*server, Transport::kTls));
  EXPECT_EQ(end.kind, Reply::Kind::kUnreachable);
  EXPECT_THAT(end.why, HasSubstr("does not name 127.0.0.1"));
  TlsClient careless = tls;
  careless.check_name = false;
  const auto other = world_.Make(Trusting(careless));
  EXPECT_EQ(Ask(*other, UriOf(*server, Transport::kTls)).status, 200);
}

TEST_F(Streams, ShowACertificateWhereOneIsWanted) {
  const auto server = Serve(TlsConfig(server_id_, client_id_.certificate_file));
  const auto nobody = world_.Make(Trusting({.ca_file = server_id_.certificate_file}));
  EXPECT_EQ(Ask(*nobody, UriOf(*server, Transport::kTls)).kind, Reply::Kind::kUnreachable);
  const auto client = world_.Make(Trusting({.ca_file = server_id_.certificate_file,
                                            .certificate_file = client_id_.certificate_file,
                                            .key_file = client_id_.key_file}));
  EXPECT_EQ(Ask(*client, UriOf(*server, Transport::kTls)).status, 200);
}

TEST_F(Streams, CloseWhoShakesNoHands) {
  Endpoint::Config config = TlsConfig(server_id_);
  config.connect_time = 30ms;
  const auto server = Serve(config);
  RawTcp silent(world_, server->port(Transport::kTls));
  EXPECT_TRUE(silent.IsClosed());
  RawTcp plain(world_, server->port(Transport::kTls));
  plain.Send(kRequest);
  EXPECT_TRUE(plain.IsClosed());
  EXPECT_TRUE(sources.empty());
}

TEST_F(Streams, AreNotOpenedWithoutTlsSettings) {
  const auto client = world_.Make();
  EXPECT_EQ(Ask(*client, "sips:a@127.0.0.1").kind, Reply::Kind::kNoAddress);
}

X509* Load(const Certificate& id) {
  std::FILE* const file = std::fopen(id.certificate_file.c_str(), "r");
  X509* const certificate = PEM_read_X509(file, nullptr, nullptr, nullptr);
  std::fclose(file);
  return certificate;
}

TEST_F(Streams, NameTheirDomainByUriFirst) {
  X509* const by_uri = Load(domain_id_);
  EXPECT_FALSE(CertificateNames(by_uri, "other.example")) << "its URI names another";
  X509_free(by_uri);
  const Certificate sip =
      MakeCertificate(folder_, "sip", "URI:sip:example.com,URI:sip:a@b.example");
  X509* const certificate = Load(sip);
  EXPECT_TRUE(CertificateNames(certificate, "Example.com"));
  EXPECT_FALSE(CertificateNames(certificate, "b.example")) << "a user is no domain";
  X509_free(certificate);
  X509* const by_name = Load(server_id_);
  EXPECT_TRUE(CertificateNames(by_name, "gw.example"));
  EXPECT_TRUE(CertificateNames(by_name, "127.0.0.1"));
  EXPECT_FALSE(CertificateNames(by_name, "127.0.0.2"));
  X509_free(by_name);
}

TEST_F(Streams, NeedFilesThatCanBeUsed) {
  EXPECT_THAT(MakeTlsContext(TlsServer{"/nowhere/c.pem", "/nowhere/k", ""}).error().message,
              HasSubstr("/nowhere/c.pem"));
  EXPECT_THAT(MakeTlsContext(TlsClient{.ca_file = "/nowhere/ca.pem"}).error().message,
              HasSubstr("/nowhere/ca.pem"));
}

}  // namespace
}  // namespace drover::sip

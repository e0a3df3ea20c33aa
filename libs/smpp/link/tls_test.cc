#include "libs/smpp/link/tls.h"

#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "libs/smpp/testing/certificates.h"
#include "libs/smpp/testing/loopback.h"

namespace drover::smpp {
namespace {

using namespace std::chrono_literals;
using testing::Certificate;
using testing::Loopback;
using testing::MakeCertificate;
using testing::RawPeer;

class Tls : public ::testing::Test {
 protected:
  Tls() {
    std::string pattern = std::filesystem::temp_directory_path() / "drover-smpp-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    smsc_ = MakeCertificate(folder_, "smsc", "DNS:smsc.example,IP:127.0.0.1");
    esme_ = MakeCertificate(folder_, "esme", "DNS:esme.example");
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }

  void Serve(const std::string& client_ca = "") {
    Server::Config config;
    config.tls = TlsServer{smsc_.certificate_file, smsc_.key_file, client_ca};
    config.session.init_time = 500ms;
    world_.Serve(config);
  }
  // What the link's first end says; "bound" if it was bound instead.
  std::string Dial(const TlsClient& tls) {
    Link::Config config = world_.ToServer();
    config.tls = tls;
    world_.esme.told.ends.clear();
    world_.Dial(config);
    EXPECT_TRUE(
        world_.Until([&] { return world_.link->bound() || !world_.esme.told.ends.empty(); }));
    return world_.link->bound() ? "bound" : world_.esme.told.ends.at(0).text;
  }

  std::filesystem::path folder_;
  Certificate smsc_;
  Certificate esme_;
  Loopback world_;
};

TEST_F(Tls, BindsAndSubmits) {
  Serve();
  ASSERT_EQ(Dial({.ca_file = smsc_.certificate_file}), "bound");
  uint64_t next = 0;
  const auto fill = [&] {
    while (next < 1000 && world_.Submit(next + 1) == Sent::kSent) ++next;
  };
  world_.esme.told.on_ready = fill;
  fill();
  EXPECT_TRUE(world_.Until([&] { return world_.esme.told.answers.size() == 1000; }));
}

TEST_F(Tls, LooksForTheNameInTheCertificate) {
  Serve();
  EXPECT_EQ(Dial({.ca_file = smsc_.certificate_file, .server_name = "smsc.example"}), "bound");
  EXPECT_NE(Dial({.ca_file = smsc_.certificate_file, .server_name = "other.example"})
                .find("TLS handshake"),
            std::string::npos);
  EXPECT_EQ(
      Dial(
          {.ca_file = smsc_.certificate_file, .server_name = "other.example", .check_name = false}),
      "bound");
}

TEST_F(Tls, TrustsNoCertificateOfAnother) {
  Serve();
  EXPECT_NE(Dial({.ca_file = esme_.certificate_file}).find("TLS handshake"), std::string::npos);
}

TEST_F(Tls, ShowsItsOwnCertificateWhereItIsWanted) {
  Serve(esme_.certificate_file);
  EXPECT_EQ(Dial({.ca_file = smsc_.certificate_file,
                  .certificate_file = esme_.certificate_file,
                  .key_file = esme_.key_file}),
            "bound");
  EXPECT_NE(Dial({.ca_file = smsc_.certificate_file}), "bound");
}

TEST_F(Tls, ClosesWhoShakesNoHands) {
  Serve();
  RawPeer plain(world_);
  plain.Connect(world_.address);
  std::string octets;
  ASSERT_FALSE(EncodeBody(1, Bind{.system_id = "x"}, octets));
  plain.Send(octets);
  plain.ReceiveAll();
  EXPECT_EQ(world_.peers.at(0).told->ends.at(0).cause, EndCause::kLinkLost);
  RawPeer silent(world_);
  silent.Connect(world_.address);
  EXPECT_EQ(silent.ReceiveAll(), "");
}

TEST_F(Tls, UnbindsInOrder) {
  Serve();
  ASSERT_EQ(Dial({.ca_file = smsc_.certificate_file}), "bound");
  world_.peers.at(0).channel.lock()->Unbind();
  ASSERT_TRUE(world_.Until([&] { return !world_.esme.told.ends.empty(); }));
  EXPECT_EQ(world_.esme.told.ends[0].cause, EndCause::kPeerUnbound);
  ASSERT_TRUE(world_.Until([&] { return !world_.peers[0].told->ends.empty(); }));
  EXPECT_EQ(world_.peers[0].told->ends.at(0).cause, EndCause::kUnbound);
  EXPECT_TRUE(world_.Until([&] { return world_.server->connections() == 0; }));
}

TEST_F(Tls, NamesTheFileThatCannotBeUsed) {
  EXPECT_NE(MakeTlsContext(TlsServer{"/nowhere/c.pem", "/nowhere/k", ""})
                .error()
                .message.find("/nowhere/c.pem"),
            std::string::npos);
  EXPECT_NE(MakeTlsContext(TlsServer{smsc_.certificate_file, smsc_.key_file, "/nowhere/ca.pem"})
                .error()
                .message.find("/nowhere/ca.pem"),
            std::string::npos);
}

}  // namespace
}  // namespace drover::smpp

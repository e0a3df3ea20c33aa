// Our link binds to SMSCs by npm's smpp and by jSMPP; ESMEs by npm's smpp, by jSMPP and by Perl's
// Net::SMPP bind to our server.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "libs/smpp/receipt.h"
#include "libs/smpp/testing/loopback.h"

namespace drover::smpp {
namespace {

using namespace std::chrono_literals;
using testing::Recorder;

const std::string kPeers = DROVER_PEERS;

// Other programs take their time to start on a busy machine.
class Loopback : public testing::Loopback {
 public:
  Loopback() { patience = 60s; }
};

bool Succeeds(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

std::filesystem::path Cache() {
  if (const char* const cache = std::getenv("DROVER_CACHE")) return cache;
  const char* const home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : "/tmp") / ".cache" / "drover";
}

// The environment in which node finds the module, fetched once with npm; "": there is none.
std::string NodeEnvironment() {
  const std::string folder = Cache() / "smpp_peers";
  const bool have = std::filesystem::exists(folder + "/node_modules/smpp");
  const std::string fetch = "mkdir -p '" + folder + "' && cd '" + folder +
                            "' && npm install --no-audit --no-fund smpp@0.5.1";
  if (!Succeeds("node --version") || (!have && !Succeeds(fetch))) return "";
  return "env NODE_PATH='" + folder + "/node_modules' ";
}

// The command that runs a program of java/ with jSMPP, fetched once with Maven; "": there is none.
std::string JavaCommand(const std::string& program) {
  const std::string folder = Cache() / "smpp_peers" / "java";
  const bool have = std::filesystem::exists(folder + "/jsmpp-3.0.0.jar");
  const std::string fetch = "mvn -q -B -f " + kPeers +
                            "/java/pom.xml dependency:copy-dependencies -DoutputDirectory='" +
                            folder + "'";
  if (!Succeeds("javac -version") || (!have && !Succeeds(fetch))) return "";
  return "java -cp '" + folder + "/*' " + kPeers + "/java/" + program;
}

std::string Port(const std::string& address) { return address.substr(address.rfind(':') + 1); }

// Runs a command while the loop goes on; what it printed.
std::string RunBeside(Loopback& world, const std::string& command) {
  const auto done = std::make_shared<bool>(false);  // Set on the loop.
  auto output = std::async(std::launch::async, [&world, done, command] {
    std::string text;
    FILE* const pipe = popen(("timeout 50 " + command + " 2>&1").c_str(), "r");
    std::array<char, 4096> piece;
    for (size_t n; (n = fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
      text.append(piece.data(), n);
    }
    pclose(pipe);
    asio::post(world.loop, [done] { *done = true; });
    return text;
  });
  EXPECT_TRUE(world.Until([&] { return *done; }));
  return output.get();
}

// An SMSC that prints its port and runs until it is destroyed.
class PeerSmsc {
 public:
  explicit PeerSmsc(const std::string& command) {
    // Its input ends with us: "w" gives it a pipe; its port comes through a file.
    std::string pattern = std::filesystem::temp_directory_path() / "drover-smsc-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    fifo_ = folder_ / "port";
    EXPECT_TRUE(Succeeds("mkfifo '" + fifo_.string() + "'"));
    process_ = popen(("timeout 50 " + command + " > " + fifo_.string()).c_str(), "w");
    FILE* const port = std::fopen(fifo_.c_str(), "r");
    std::array<char, 16> line{};
    if (std::fgets(line.data(), line.size(), port) != nullptr) port_ = std::atoi(line.data());
    std::fclose(port);
  }
  ~PeerSmsc() {
    pclose(process_);
    std::filesystem::remove_all(folder_);
  }
  PeerSmsc(const PeerSmsc&) = delete;
  int port() const { return port_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path fifo_;
  FILE* process_ = nullptr;
  int port_ = 0;
};

class NodePeer : public ::testing::Test {
 protected:
  void SetUp() override {
    environment_ = NodeEnvironment();
    if (environment_.empty()) GTEST_SKIP() << "no node, or npm could not fetch smpp";
  }
  std::string environment_;
  Loopback world_;
};

Process AwaitDrain(Link& link, bool& done) {
  const Result<void> drained = co_await link.Drain(In(5s));
  done = drained.has_value();
}

TEST_F(NodePeer, AsSmscTakesOurMessagesAndThrottles) {
  PeerSmsc smsc(environment_ + "node " + kPeers + "/smsc.js");
  ASSERT_NE(smsc.port(), 0);
  world_.address = "127.0.0.1:" + std::to_string(smsc.port());
  world_.esme.told.on_request = [&](const Recorder::Request& request) {
    EXPECT_TRUE(world_.link->RespondBare(request.id, CommandStatus::kRok));
  };
  Link::Config config = world_.ToServer();
  config.session.rate.hold = 1ms;
  world_.Dial(config);
  ASSERT_TRUE(world_.Bound());
  EXPECT_EQ(world_.esme.told.system_id, "node");
  std::string tlvs;
  TlvWriter(tlvs).Number(Tag::kMoreMessagesToSend, 1);
  const std::string ud("\x06\x05\x04\x0b\x84\x23\xf0hello", 12);
  const SubmitSm submit{.source = {0, 1, "10654040"},
                        .destination = {1, 1, "8613800138000"},
                        .esm_class = esm::kUdhi,
                        .data_coding = 4,
                        .short_message = ud,
                        .tlvs = Tlvs(tlvs)};
  for (uint64_t token = 1; token <= 10; ++token) {
    ASSERT_TRUE(world_.Until([&] { return world_.link->ready(1); }));
    ASSERT_EQ(world_.link->Send(submit, token), Sent::kSent);
    ASSERT_TRUE(world_.Until([&] { return world_.esme.told.answers.size() == token; }));
    const auto& answer = world_.esme.told.answers.back();
    EXPECT_EQ(answer.token, token);
    const bool throttled = token % 5 == 0;
    EXPECT_EQ(answer.status, throttled ? CommandStatus::kRthrottled : CommandStatus::kRok);
    EXPECT_EQ(answer.message_id, throttled ? "" : "node" + std::to_string(token));
    if (throttled) {
      EXPECT_EQ(world_.link->Send(submit, 0), Sent::kThrottled);
      const int readies = world_.esme.told.readies;
      ASSERT_TRUE(world_.Until([&] { return world_.esme.told.readies > readies; }));
    }
  }
  ASSERT_TRUE(world_.Until([&] { return world_.esme.told.requests.size() == 8; }));
  EXPECT_EQ(world_.esme.told.requests[0].short_message, "05040b8423f0/68656c6c6f/1");
  bool drained = false;
  asio::co_spawn(world_.loop, AwaitDrain(*world_.link, drained), asio::detached);
  ASSERT_TRUE(world_.Until([&] { return drained; }));
  EXPECT_EQ(world_.esme.told.ends.at(0).cause, EndCause::kUnbound);
}

TEST_F(NodePeer, AsSmscRefusesAWrongPassword) {
  PeerSmsc smsc(environment_ + "node " + kPeers + "/smsc.js");
  world_.address = "127.0.0.1:" + std::to_string(smsc.port());
  Link::Config config = world_.ToServer();
  config.session.password = "wrong";
  world_.Dial(config);
  ASSERT_TRUE(world_.Until([&] { return !world_.esme.waits.empty(); }));
  EXPECT_EQ(world_.esme.told.ends[0].status, CommandStatus::kRinvPaswd);
  EXPECT_TRUE(world_.esme.operator_needed);
}

template <typename T>
constexpr bool IsRequest =
    std::is_same_v<T, SubmitSm> || std::is_same_v<T, SubmitMulti> || std::is_same_v<T, DataSm> ||
    std::is_same_v<T, QuerySm> || std::is_same_v<T, ReplaceSm> || std::is_same_v<T, CancelSm> ||
    std::is_same_v<T, BroadcastSm> || std::is_same_v<T, QueryBroadcastSm> ||
    std::is_same_v<T, CancelBroadcastSm>;

// Sends one receipt after the first submit_sm.
void DeliverAfterTheFirst(Loopback& world) {
  world.on_accept = [](Recorder& told, const std::shared_ptr<Channel>& channel) {
    const auto answer = told.on_request;
    told.on_request = [answer, weak = std::weak_ptr(channel),
                       first = true](const Recorder::Request& request) mutable {
      answer(request);
      if (!std::exchange(first, false)) return;
      std::string tlvs;
      TlvWriter(tlvs).Text(Tag::kReceiptedMessageId, "id1").Number(Tag::kMessageState, 2);
      const DeliverSm receipt{.source = {1, 1, "8613800138000"},
                              .esm_class = esm::kReceipt,
                              .short_message = "id:id1 stat:DELIVRD",
                              .tlvs = Tlvs(tlvs)};
      EXPECT_EQ(weak.lock()->Send(receipt, 1), Sent::kSent);
    };
  };
}

TEST_F(NodePeer, AsEsmeBindsSubmitsAndTakesAReceipt) {
  DeliverAfterTheFirst(world_);
  world_.Serve();
  const std::string seen =
      RunBeside(world_, environment_ + "node " + kPeers + "/esme.js " + Port(world_.address));
  for (const char* part : {"\"bind\":0", "\"version\":52", "\"refused\":0", "id:id1 stat:DELIVRD/",
                           "\"enquired\":true", "\"unbound\":true"}) {
    EXPECT_NE(seen.find(part), std::string::npos) << part << " in " << seen;
  }
  const Recorder& told = *world_.peers.at(0).told;
  EXPECT_EQ(told.bound_as, "node:secret");
  ASSERT_EQ(told.requests.size(), 10u);
  EXPECT_EQ(told.requests[3].short_message, std::string("\x05\x00\x03\x07\x02\x01part 3", 12));
  EXPECT_EQ(told.answers.at(0).outcome, Outcome::kAnswered);
  ASSERT_TRUE(world_.Until([&] { return !told.ends.empty(); }));
  EXPECT_EQ(told.ends[0].cause, EndCause::kPeerUnbound);
}

TEST(JavaPeer, AsEsmeBindsSubmitsAndTakesAReceipt) {
  const std::string command = JavaCommand("Esme.java");
  if (command.empty()) GTEST_SKIP() << "no JDK, or Maven could not fetch jSMPP";
  Loopback world;
  world.on_accept = [](Recorder& told, const std::shared_ptr<Channel>& channel) {
    const auto answer = told.on_request;
    told.on_request = [answer, weak = std::weak_ptr(channel)](const Recorder::Request& request) {
      answer(request);
      if (!request.short_message.ends_with("2")) return;
      const Receipt receipt{.id = "id1",
                            .state = MessageState::kDelivered,
                            .submit_date = std::chrono::local_days(std::chrono::days(20'000)),
                            .done_date = std::chrono::local_days(std::chrono::days(20'000))};
      const std::string text = ReceiptText(receipt);
      EXPECT_EQ(weak.lock()->Send(DeliverSm{.source = {1, 1, "8613800138000"},
                                            .esm_class = esm::kReceipt,
                                            .short_message = text},
                                  1),
                Sent::kSent);
    };
  };
  world.Serve();
  const std::string seen = RunBeside(world, command + " " + Port(world.address));
  for (const char* part :
       {"bound to smsc\n", "submitted id2\n", "receipt id1 DELIVRD\n", "delivered true\n"}) {
    EXPECT_NE(seen.find(part), std::string::npos) << part << " in " << seen;
  }
  const Recorder& told = *world.peers.at(0).told;
  EXPECT_EQ(told.bound_as, "java:secret");
  EXPECT_EQ(told.requests.size(), 3u);
  ASSERT_TRUE(world.Until([&] { return !told.ends.empty(); }));
  EXPECT_EQ(told.ends[0].cause, EndCause::kPeerUnbound);
}

TEST(JavaPeer, AsSmscTakesEveryOperation) {
  const std::string command = JavaCommand("Smsc.java");
  if (command.empty()) GTEST_SKIP() << "no JDK, or Maven could not fetch jSMPP";
  PeerSmsc smsc(command);
  Loopback world;
  world.address = "127.0.0.1:" + std::to_string(smsc.port());
  Link::Config config = world.ToServer();
  config.session.interface_version = kVersion50;
  world.Dial(config);
  ASSERT_TRUE(world.Bound());
  EXPECT_EQ(world.esme.told.version, kVersion50);
  constexpr Address kFrom{0, 1, "10654040"};
  constexpr Address kTo{1, 1, "8613800138000"};
  std::string dests, payload, area;
  AppendDestination({.address = kTo}, dests);
  AppendDestination({.list_name = "friends"}, dests);
  TlvWriter(payload).Octets(Tag::kMessagePayload, "hello");
  TlvWriter(area)
      .Octets(Tag::kBroadcastAreaIdentifier, std::string_view("\0area", 5))
      .Octets(Tag::kBroadcastContentType, std::string_view("\0\0\0", 3))
      .Number(Tag::kBroadcastRepNum, 1)
      .Octets(Tag::kBroadcastFrequencyInterval, std::string_view("\x8\0\1", 3));
  const std::pair<Body, const char*> operations[] = {
      {SubmitSm{.source = kFrom, .destination = kTo, .short_message = "hi"}, "java-hi"},
      {SubmitMulti{.source = kFrom, .destinations = {2, dests}, .short_message = "hi"}, "multi-2"},
      {DataSm{.source = kFrom, .destination = kTo, .tlvs = Tlvs(payload)}, "data-hello"},
      {QuerySm{.message_id = "java-hi", .source = kFrom}, "java-hi"},
      {ReplaceSm{.message_id = "java-hi", .source = kFrom, .short_message = "ho"}, ""},
      {CancelSm{.message_id = "java-hi", .source = kFrom, .destination = kTo}, ""},
      {BroadcastSm{.source = kFrom, .tlvs = Tlvs(area)}, "broadcast"},
      {QueryBroadcastSm{.message_id = "broadcast", .source = kFrom}, "broadcast"},
      {CancelBroadcastSm{.message_id = "broadcast", .source = kFrom}, ""},
  };
  size_t sent = 0;
  for (const auto& [body, id] : operations) {
    const bool request = std::visit(
        [&](const auto& b) {
          if constexpr (IsRequest<std::decay_t<decltype(b)>>) {
            EXPECT_EQ(world.link->Send(b, ++sent), Sent::kSent);
            return true;
          }
          return false;
        },
        body);
    ASSERT_TRUE(request);
    ASSERT_TRUE(world.Until([&] { return world.esme.told.answers.size() == sent; }));
    const Recorder::Answered& answer = world.esme.told.answers.back();
    EXPECT_EQ(answer.outcome, Outcome::kAnswered);
    EXPECT_EQ(answer.status, CommandStatus::kRok) << body.index() << Name(answer.status);
    EXPECT_TRUE(answer.readable) << body.index();
    EXPECT_EQ(answer.message_id, id);
  }
  bool drained = false;
  asio::co_spawn(world.loop, AwaitDrain(*world.link, drained), asio::detached);
  ASSERT_TRUE(world.Until([&] { return drained; }));
}

TEST(PerlPeer, AsEsmeBindsSubmitsAndTakesAReceipt) {
  if (!Succeeds("perl -MNet::SMPP -e 1")) GTEST_SKIP() << "no Net::SMPP (libnet-smpp-perl)";
  Loopback world;
  DeliverAfterTheFirst(world);
  world.Serve();
  const std::string seen = RunBeside(world, "perl " + kPeers + "/esme.pl " + Port(world.address));
  for (const char* part :
       {"bind 0 smsc\n", "submit 0 id", "deliver id:id1 stat:DELIVRD\n", "unbind 0\n"}) {
    EXPECT_NE(seen.find(part), std::string::npos) << part << " in " << seen;
  }
  const Recorder& told = *world.peers.at(0).told;
  EXPECT_EQ(told.bound_as, "perl:secret");
  EXPECT_EQ(told.requests.at(0).short_message, "from perl");
  ASSERT_TRUE(world.Until([&] { return !told.ends.empty(); }));
  EXPECT_EQ(told.ends[0].cause, EndCause::kPeerUnbound);
}

}  // namespace
}  // namespace drover::smpp

// Work while everything breaks: messages and answers lost, sent twice, a server that dies between
// its effects and its state, sessions lost, power lost. At the end both sides' books agree: each
// command of each operation was carried out once.
#include <cstdlib>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/interop/loopback/pair.h"

namespace drover::interop {
namespace {

using ::testing::IsEmpty;

constexpr int kRuns = 400;
constexpr int kOperations = 28;
constexpr int kSessions = 400;

class FaultyRun {
 public:
  explicit FaultyRun(uint64_t seed) : random_(seed), pair_(Spec()) {}

  void Run() {
    pair_.Manage(1);  // Its first contact: what is enrolled is believed once, whoever repeats it.
    for (int i = 0; i < kOperations; ++i) Submit(i);
    for (int i = 0; i < kSessions && pair_.server().open() > 0; ++i) {
      Session();
      pair_.server().now += std::chrono::minutes(2);
      if (Chance(8)) pair_.FinishUpdates();
    }
    pair_.FinishUpdates();
  }

  void Check() {
    EXPECT_EQ(pair_.server().open(), 0U) << "everything has an end";
    EXPECT_THAT(pair_.server().errors(), IsEmpty());
    // Whoever lost the server nonce cannot prove itself by a MAC, and what refuses an old message
    // has none: such a session ends.
    for (const std::string& fault : pair_.terminal().faults()) {
      EXPECT_NE(fault.find("x-syncml-hmac"), std::string::npos) << fault;
    }
    for (const auto& [id, ended] : pair_.server().ended()) CheckOperation(id, ended);
    int last = kOperations - 1;  // That writes the APN: nothing older is written over it.
    while (KindOf(last) != 0 && KindOf(last) != 2 && KindOf(last) != 3) --last;
    EXPECT_EQ(pair_.terminal().tree().Value("NAP/internet/ADDR"), "op" + std::to_string(last));
  }

  int faults() const { return faults_; }

 private:
  ModelSpec Spec() {
    ModelSpec spec = terminal::Catalogue()[0];
    spec.encoding = Chance(2) ? syncml::Encoding::kXml : syncml::Encoding::kWbxml;
    if (Chance(3)) spec.client_scheme = spec.server_scheme = terminal::AuthScheme::kMac;
    if (Chance(3)) spec.client_scheme = terminal::AuthScheme::kBasic;
    if (Chance(4)) spec.quirks = terminal::Quirks{terminal::Quirk::kSessionIdZero};
    return spec;
  }
  bool Chance(uint64_t of) { return random_() % of == 0; }

  // Every value and every new node is one operation's own, so that what happened can be told.
  void Submit(int i) {
    const std::string name = "op" + std::to_string(i);
    const std::string node = "./NAP/" + name;
    Server& server = pair_.server();
    switch (KindOf(i)) {
      case 0:
        return server.Submit(name, {Get("./DevInfo/Man"), Replace(kApn, name)});
      case 1:
        return server.Submit(name,
                             {Add(node, "node", std::nullopt), Add(node + "/NAME", "chr", name)});
      case 2:
        return server.Submit(name, {Replace(kApn, name, 1), Add(node, "node", std::nullopt)});
      case 3:
        return server.Submit(name, {Confirm(name), Replace(kApn, name)});
      case 4:
        return server.Submit(name, {Add(node, "node", std::nullopt),
                                    Add(node + "/NAME", "chr", std::string(9'000, 'x') + name)});
      case 5:
        return server.Submit(
            name, {Replace(std::string(kUpdate) + "/PkgURL", "http://x/p-" + name), Exec(kUpdate)});
      default:
        return server.Submit(
            name, {Add(node, "node", std::nullopt), {.verb = Verb::kDelete, .target = node}});
    }
  }

  // One update: a terminal refuses a second one while the first runs.
  static int KindOf(int i) { return i % 7 == 5 && i != 5 ? 0 : i % 7; }

  void Session() {
    terminal::Request request =
        pair_.terminal().StartSession(terminal::SessionReason::kServerInitiated);
    for (int messages = 0; messages < 200; ++messages) {
      const std::optional<Server::Answered> answer = Post(request);
      if (!answer) return GiveUp();
      terminal::Next next = pair_.terminal().OnResponse(
          {answer->http_status, answer->media_type, answer->body, answer->mac_header});
      if (std::holds_alternative<SessionEnd>(next)) return;
      request = std::get<terminal::Request>(std::move(next));
    }
    pair_.terminal().AbandonSession();
  }

  void GiveUp() {
    if (Chance(2)) return pair_.terminal().PowerLoss();
    pair_.terminal().AbandonSession();
  }

  // What the connection and the machines do to one message; the terminal repeats it a few times.
  std::optional<Server::Answered> Post(const terminal::Request& request) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      pair_.server().now += std::chrono::milliseconds(300);
      if (Fault(8)) continue;  // Lost on the way.
      if (Fault(40)) pair_.server().LoseSessions();
      // An older message comes late, or again.
      if (!sent_.empty() && Fault(12)) {
        (void)pair_.server().Answer(sent_[random_() % sent_.size()]);
      }
      sent_.push_back(request);
      if (sent_.size() > 8) sent_.erase(sent_.begin());
      const bool crash = Fault(10);
      const Server::Answered answer = pair_.server().Answer(request, crash);
      if (crash || Fault(8)) continue;                      // Its answer is lost.
      if (Fault(10)) (void)pair_.server().Answer(request);  // It came twice.
      if (answer.http_status != 503) return answer;
    }
    return std::nullopt;
  }
  bool Fault(uint64_t of) {
    const bool happens = Chance(of);
    faults_ += happens ? 1 : 0;
    return happens;
  }

  void CheckOperation(const std::string& id, const Server::Ended& ended) {
    EXPECT_TRUE(ended.done) << id << ":" << ended.cause;
    const std::string node = "./NAP/" + id;
    int adds = 0;
    int deletes = 0;
    int updates = 0;
    for (const terminal::Execution& one : pair_.terminal().ledger().executions()) {
      if (!terminal::TookEffect(one.status)) continue;
      if (one.kind == syncml::CommandKind::kAdd && one.uri == node) ++adds;
      if (one.kind == syncml::CommandKind::kDelete && one.uri == node) ++deletes;
      if (one.kind == syncml::CommandKind::kExec && one.correlator == id) ++updates;
    }
    const int kind = KindOf(std::stoi(id.substr(2)));
    const bool makes = kind == 1 || kind == 2 || kind == 4;
    // A node that is made and deleted is not there either way: reading back cannot tell.
    if (kind == 6) {
      EXPECT_LE(adds, 1) << id;
      EXPECT_EQ(deletes, adds) << id;
    } else {
      EXPECT_EQ(adds, makes ? 1 : 0) << id;
      EXPECT_EQ(deletes, 0) << id;
    }
    EXPECT_EQ(updates, kind == 5 ? 1 : 0) << id;
  }

  std::mt19937_64 random_;
  Pair pair_;
  std::vector<terminal::Request> sent_;
  int faults_ = 0;
};

// DROVER_LOOPBACK_RUNS=20000 for a long run.
int Runs() {
  const char* runs = std::getenv("DROVER_LOOPBACK_RUNS");
  return runs == nullptr ? kRuns : std::atoi(runs);
}

TEST(Faults, LoseNothingAndDoNothingTwice) {
  int faults = 0;
  const int runs = Runs();
  for (int seed = 1; seed <= runs && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FaultyRun run(static_cast<uint64_t>(seed));
    run.Run();
    run.Check();
    faults += run.faults();
  }
  RecordProperty("faults", faults);
  std::printf("%d faults in %d runs\n", faults, runs);
}

}  // namespace
}  // namespace drover::interop

// Targets, locator and failover, with a DNS server of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/sip/link/locator.h"
#include "libs/sip/link/testing/dns.h"
#include "libs/sip/link/testing/world.h"

namespace drover::sip {
namespace {

using namespace std::chrono_literals;
using testing::DnsServer;
using ::testing::ElementsAre;
using testing::Notify;
using testing::RawUdp;
using testing::Respond;
using testing::Told;
using ::testing::UnorderedElementsAre;
using testing::World;

// --- Targets.

std::string PlanText(const std::string& text) {
  Uri uri;
  EXPECT_TRUE(ParseUri(text, uri)) << text;
  const Result<LookupPlan> plan = PlanLookup(uri);
  if (!plan) return "none";
  std::string out;
  for (const auto& each : plan->services) out += each.name + " ";
  return out + std::string(Name(plan->transport)) + " " + plan->host + " " +
         std::to_string(plan->port);
}

TEST(PlanLookup, GoesByTheUri) {
  EXPECT_EQ(PlanText("sip:a@192.0.2.1"), "UDP 192.0.2.1 5060");
  EXPECT_EQ(PlanText("sip:a@192.0.2.1:5070;transport=TCP"), "TCP 192.0.2.1 5070");
  EXPECT_EQ(PlanText("sip:a@[2001:db8::1]"), "UDP 2001:db8::1 5060");
  EXPECT_EQ(PlanText("sips:a@192.0.2.1"), "TLS 192.0.2.1 5061");
  EXPECT_EQ(PlanText("sip:a@192.0.2.1;transport=tls"), "TLS 192.0.2.1 5061");
  EXPECT_EQ(PlanText("sip:a@example.com:5062"), "UDP example.com 5062");
  EXPECT_EQ(PlanText("sip:a@example.com"),
            "_sip._udp.example.com _sip._tcp.example.com UDP example.com 5060");
  EXPECT_EQ(PlanText("sip:a@example.com;transport=tcp"),
            "_sip._tcp.example.com TCP example.com 5060");
  EXPECT_EQ(PlanText("sips:a@example.com"), "_sips._tcp.example.com TLS example.com 5061");
  EXPECT_EQ(PlanText("sip:a@example.com;maddr=192.0.2.7"), "UDP 192.0.2.7 5060");
  EXPECT_EQ(PlanText("sip:a@example.com;transport=sctp"), "none");
  EXPECT_EQ(PlanText("sips:a@example.com;transport=udp"), "none");
  EXPECT_EQ(PlanText("tel:+123"), "none");
}

TEST(OrderRecords, PutsPrioritiesFirstAndDrawsByWeight) {
  std::map<std::string, int> first;
  for (uint32_t draw = 0; draw <= 100; ++draw) {
    std::vector<SrvRecord> records{
        {20, 0, 5060, "last"}, {10, 70, 5060, "heavy"}, {10, 30, 5060, "light"}};
    OrderRecords(records, [&](uint32_t n) { return draw % n; });
    EXPECT_EQ(records[2].target, "last");
    ++first[records[0].target];
  }
  EXPECT_GT(first["heavy"], 60);
  EXPECT_GT(first["light"], 20);
}

// --- Names.

class Lookup : public ::testing::Test {
 protected:
  Lookup() : dns_(world_.loop) {
    settings_.servers = dns_.address();
    settings_.try_time = 100ms;
    settings_.tries = 1;
  }
  std::string Locate(const std::string& uri) {
    if (!locator_) {
      locator_.emplace(world_.loop, settings_, [](uint32_t) { return 0U; });
      EXPECT_TRUE(locator_->Open());
    }
    std::optional<std::string> text;
    locator_->Locate(uri, [&](const Result<std::vector<Candidate>>& found) {
      text.emplace();
      if (!found) text = Name(found.error().code);
      if (!found) return;
      for (const Candidate& each : *found) *text += Text(each.hop) + " ";
    });
    EXPECT_TRUE(world_.Until([&] { return text.has_value(); }));
    return text.value_or("");
  }

  World world_;
  DnsServer dns_;
  DnsSettings settings_;
  std::optional<Locator> locator_;
};

TEST_F(Lookup, AsksNobodyForAnAddress) {
  EXPECT_EQ(Locate("sip:a@192.0.2.1"), "udp:192.0.2.1:5060 ");
  EXPECT_TRUE(dns_.asked.empty());
}

TEST_F(Lookup, FindsTargetsInTheOrderOfTheirPriority) {
  dns_.records["_sip._udp.example.com"] = {{20, 0, 5061, "b.example.com"},
                                           {10, 0, 5070, "a.example.com"}};
  dns_.addresses["a.example.com"] = {"192.0.2.1"};
  dns_.addresses["b.example.com"] = {"192.0.2.2"};
  EXPECT_EQ(Locate("sip:x@example.com"), "udp:192.0.2.1:5070 udp:192.0.2.2:5061 ");
}

TEST_F(Lookup, TakesTcpWhereThereIsNoUdpAndTheHostWhereThereIsNeither) {
  dns_.records["_sip._tcp.example.com"] = {{10, 0, 5060, "a.example.com"}};
  dns_.addresses["a.example.com"] = {"192.0.2.1"};
  dns_.addresses["plain.example.com"] = {"192.0.2.3"};
  EXPECT_EQ(Locate("sip:x@example.com"), "tcp:192.0.2.1:5060 ");
  EXPECT_EQ(Locate("sip:x@plain.example.com"), "udp:192.0.2.3:5060 ");
  EXPECT_EQ(Locate("sips:x@plain.example.com"), "tls:192.0.2.3:5061 ");
}

TEST_F(Lookup, FindsAddressesOfBothFamilies) {
  dns_.addresses["a.example.com"] = {"192.0.2.1", "2001:db8::1"};
  const std::string found = Locate("sip:x@a.example.com:5062");
  EXPECT_NE(found.find("udp:192.0.2.1:5062 "), std::string::npos) << found;
  EXPECT_NE(found.find("udp:[2001:db8::1]:5062 "), std::string::npos) << found;
}

TEST_F(Lookup, RemembersForTheTimeToLive) {
  dns_.addresses["a.example.com"] = {"192.0.2.1"};
  Locate("sip:x@a.example.com:5062");
  const size_t asked = dns_.asked.size();
  EXPECT_EQ(Locate("sip:y@a.example.com:5063"), "udp:192.0.2.1:5063 ");
  EXPECT_EQ(dns_.asked.size(), asked);
  EXPECT_EQ(locator_->lookups(), 1U);
  Locate("sip:x@nowhere.example.com:5062");
  const size_t then = dns_.asked.size();
  EXPECT_EQ(Locate("sip:x@nowhere.example.com:5062"), "NOT_FOUND");
  EXPECT_EQ(dns_.asked.size(), then) << "that there is none too";
}

TEST_F(Lookup, AsksAgainAfterIt) {
  settings_.longest = 1s;
  dns_.addresses["a.example.com"] = {"192.0.2.1"};
  Locate("sip:x@a.example.com:5062");
  dns_.addresses["a.example.com"] = {"192.0.2.2"};
  const auto patience = std::chrono::steady_clock::now() + world_.patience;
  std::string found;
  while (found != "udp:192.0.2.2:5062 " && std::chrono::steady_clock::now() < patience) {
    world_.loop.run_for(20ms);
    found = Locate("sip:x@a.example.com:5062");
  }
  EXPECT_EQ(found, "udp:192.0.2.2:5062 ");
}

TEST_F(Lookup, SaysWhenNoServerAnswers) {
  dns_.silent = true;
  EXPECT_EQ(Locate("sip:x@a.example.com:5062"), "UNAVAILABLE");
}

TEST_F(Lookup, TakesADotForNoSuchService) {
  dns_.records["_sip._udp.example.com"] = {{0, 0, 0, ""}};
  EXPECT_EQ(Locate("sip:x@example.com"), "NOT_FOUND");
}

// --- Requests by name.

class ByName : public Lookup {
 protected:
  ByName() {
    Endpoint::Config config = World::Local();
    config.dns = settings_;
    config.timers = {.t1 = 4ms, .t2 = 16ms};
    client_ = world_.Make(config);
    dns_.addresses["gw.example.com"] = {"127.0.0.1"};
  }
  void Serve(std::vector<uint16_t> ports) {
    uint16_t priority = 0;
    for (const uint16_t port : ports) {
      dns_.records["_sip._udp.example.com"].push_back({++priority, 0, port, "gw.example.com"});
    }
  }
  Told::Ended Ask(const Endpoint::SendOptions& options = {}) {
    const size_t before = told_.replies.size();
    client_->Send(Notify("sip:69600@example.com"), options, told_.Callback());
    EXPECT_TRUE(world_.Until([&] { return told_.replies.size() > before; }));
    return told_.replies.back();
  }
  std::unique_ptr<Endpoint> client_;
  Told told_;
};

TEST_F(ByName, GoToTheNextTargetWhenOneIsDeadSilentOrOverloaded) {
  uint16_t dead = 0;
  {
    RawUdp gone(world_);
    dead = gone.port();
  }
  RawUdp silent(world_);
  RawUdp busy(world_);
  RawUdp alive(world_);
  Serve({dead, silent.port(), busy.port(), alive.port()});
  client_->Send(Notify("sip:69600@example.com"), {}, told_.Callback());
  const std::string first = busy.Next();
  busy.Reply(Respond(first, "503 Busy", "Retry-After: 60\r\n"));
  const std::string second = alive.Next();
  alive.Reply(Respond(second, "200 OK"));
  ASSERT_TRUE(world_.Until([&] { return !told_.replies.empty(); }));
  EXPECT_EQ(told_.replies[0].status, 200);
  EXPECT_EQ(told_.replies[0].attempts, 4U);
  EXPECT_EQ(told_.replies[0].hop.port, alive.port());
  EXPECT_NE(first.substr(first.find("z9hG4bK"), 23), second.substr(second.find("z9hG4bK"), 23));
  EXPECT_EQ(client_->counters().failed_over, 3U);
}

TEST_F(ByName, PassOverATargetThatAskedForSilence) {
  RawUdp busy(world_);
  RawUdp alive(world_);
  Serve({busy.port(), alive.port()});
  for (int i = 0; i < 2; ++i) {
    client_->Send(Notify("sip:69600@example.com"), {}, told_.Callback());
    if (i == 0) busy.Reply(Respond(busy.Next(), "503 Busy", "Retry-After: 60\r\n"));
    alive.Reply(Respond(alive.Next(), "200 OK"));
    ASSERT_TRUE(world_.Until([&] { return told_.replies.size() > static_cast<size_t>(i); }));
  }
  EXPECT_EQ(busy.datagrams.size(), 1U);
  EXPECT_EQ(told_.replies[1].attempts, 1U);
}

TEST_F(ByName, SayWhyWhenThereIsNoAddress) {
  const Told::Ended end = Ask();
  EXPECT_EQ(end.kind, Reply::Kind::kNoAddress);
  EXPECT_NE(end.why.find("example.com"), std::string::npos);
}

TEST_F(ByName, EndAtTheDeadlineWhateverDnsDoes) {
  dns_.silent = true;
  const Told::Ended end = Ask({.deadline = In(30ms)});
  EXPECT_EQ(end.kind, Reply::Kind::kTimeout);
  EXPECT_EQ(client_->waiting(), 0U);
}

}  // namespace
}  // namespace drover::sip

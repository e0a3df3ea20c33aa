// Gateways, models and what rows tell, in a real PostgreSQL.
#include <algorithm>

#include <gtest/gtest.h>

#include "drover/events/v1/events.pb.h"
#include "services/sip/adapters/pg_gateways.h"
#include "services/sip/adapters/pg_schema.h"
#include "services/sip/handlers/store.h"
#include "tests/component/clients/loop.h"

namespace drover::gateways {
namespace {

using std::chrono::seconds;
using Strings = std::vector<std::string>;

const TimePoint kNow{seconds(1'760'000'000)};

postgres::Config Database() {
  postgres::Config config;
  config.url = ServerOf("DROVER_TEST_POSTGRES_URL");
  return config;
}

Gateway Fresh(const std::string& id) { return NewGateway(id, "12345678", kNow); }

// It is to be looked at then.
Gateway DueAt(const std::string& id, TimePoint at, const std::string& owner = {}) {
  Gateway gateway = Fresh(id);
  gateway.trigger.queued = true;
  gateway.trigger.since = at;
  if (!owner.empty()) gateway.record.mutable_contact()->set_owner(owner);
  return gateway;
}

Strings IdsOf(const std::vector<Gateway>& gateways) {
  Strings ids;
  for (const Gateway& gateway : gateways) ids.push_back(gateway.id);
  return ids;
}

class GatewayStoreTest : public ::testing::Test {
 protected:
  GatewayStoreTest() : pool_(loop_, Database()) {
    const Result<int> migrated = Await(loop_, postgres::Migrate(pool_, kSchema, Migrations(), -1));
    EXPECT_TRUE(migrated) << migrated.error();
    const Result<void> empty = Await(
        loop_,
        pool_.Script("TRUNCATE sip.gateways, sip.models, sip.processes, sip.outbox", In(kSoon)));
    EXPECT_TRUE(empty) << empty.error();
  }
  std::vector<bool> Write(std::vector<Gateway> gateways, const Strings& tell = {}) {
    std::vector<gateways::Write> writes;
    for (Gateway& gateway : gateways) {
      gateways::Write& write = writes.emplace_back();
      if (std::count(tell.begin(), tell.end(), gateway.id) > 0) {
        write.telling.Add(kWakeupResultsTopic, gateway.id, "told by " + gateway.record.model());
      }
      write.gateway = std::move(gateway);
    }
    const auto written = Await(loop_, table_.Write(writes, In(kSoon)));
    EXPECT_TRUE(written) << written.error();
    return written ? *written : std::vector<bool>();
  }
  std::optional<Gateway> Read(const std::string& id) {
    std::vector<Gateway> found = Await(loop_, table_.Read({id}, In(kSoon))).value();
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }
  Strings Due(TimePoint now, const std::string& owner = "me", int most = 100) {
    const auto due = Await(loop_, table_.Due(now, owner, now - seconds(20), most, In(kSoon)));
    EXPECT_TRUE(due) << due.error();
    return due ? IdsOf(*due) : Strings();
  }
  // What is to be told, row by row.
  Strings Told() {
    postgres::Statement read{"SELECT batch FROM sip.outbox ORDER BY id", {}};
    const auto rows = Await(loop_, pool_.Execute(std::move(read), In(kSoon))).value();
    Strings told;
    for (size_t i = 0; i < rows.size(); ++i) {
      events::v1::OutboxBatch batch;
      EXPECT_TRUE(batch.ParseFromString(std::string(rows.Bytea(i, 0))));
      for (const auto& record : batch.records()) told.push_back(record.payload());
    }
    return told;
  }
  void Script(const std::string& sql) {
    const Result<void> done = Await(loop_, pool_.Script(sql, In(kSoon)));
    ASSERT_TRUE(done) << done.error();
  }

  asio::io_context loop_{1};
  postgres::Pool pool_;
  PgGateways table_{pool_};
};

using Flags = std::vector<bool>;

// --- Rows ----------------------------------------------------------------------------------------

TEST_F(GatewayStoreTest, AGatewayIsReadAsItWasWritten) {
  Gateway gateway = Fresh("gw-1");
  gateway.record.set_vendor("Acme");
  gateway.record.set_secrets(std::string("\x00\xFF", 2));
  gateway.record.mutable_session()->set_answer("<r/>\r\n\xFF");
  gateway.trigger.cseq = 7;
  gateway.trigger.state = gateway::State::kAcked;
  gateway.trigger.due = kNow + seconds(5);
  EXPECT_EQ(Write({gateway}), Flags{true});
  const std::optional<Gateway> read = Read("gw-1");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->version, 1);
  EXPECT_EQ(read->trigger, gateway.trigger);
  EXPECT_EQ(read->record.secrets(), gateway.record.secrets());
  EXPECT_EQ(read->record.session().answer(), gateway.record.session().answer());
  EXPECT_FALSE(Read("gw-2"));
}

TEST_F(GatewayStoreTest, OnlyWhoHasReadTheLastVersionWrites) {
  Write({Fresh("gw-1")});
  Gateway first = *Read("gw-1"), second = *Read("gw-1");
  first.record.set_model("first");
  second.record.set_model("second");
  EXPECT_EQ(Write({first}), Flags{true});
  EXPECT_EQ(Write({second}), Flags{false});
  EXPECT_EQ(Read("gw-1")->record.model(), "first");
  EXPECT_EQ(Read("gw-1")->version, 2);
  EXPECT_EQ(Write({Fresh("gw-1")}), Flags{false}) << "it is there already";
  Gateway gone = Fresh("gw-9");
  gone.version = 3;
  EXPECT_EQ(Write({gone}), Flags{false}) << "it never was";
}

TEST_F(GatewayStoreTest, ABatchWritesWhatItCanAndTellsOnlyOfThat) {
  Write({Fresh("a"), Fresh("b")});
  Gateway a = *Read("a"), stale = *Read("b");
  Gateway fresh = Fresh("c");
  a.record.set_model("a");
  stale.record.set_model("b");
  fresh.record.set_model("c");
  Write({*Read("b")});
  EXPECT_EQ(Write({stale, fresh, a, Fresh("d")}, {"a", "b", "c"}),
            (Flags{false, true, true, true}));
  Strings told = Told();
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (Strings{"told by a", "told by c"}));
}

TEST_F(GatewayStoreTest, NothingToWriteIsNothing) { EXPECT_EQ(Write({}), Flags()); }

// Each adds one to a number, from two connections, in batches whose ids overlap.
TEST_F(GatewayStoreTest, OfTwoWritersAtOnceNoneLosesAChange) {
  constexpr int kGateways = 20, kRounds = 15;
  std::vector<Gateway> all;
  for (int i = 0; i < kGateways; ++i) all.push_back(Fresh("gw-" + std::to_string(100 + i)));
  const Strings ids = IdsOf(all);
  Write(std::move(all));
  const auto add = [](PgGateways& table, Strings of, int* added) -> Task<void> {
    for (int round = 0; round < kRounds; ++round) {
      Strings wanted = of;
      DROVER_CO_TRY(std::vector<Gateway> read, co_await table.Read(std::move(wanted), In(kSoon)));
      std::vector<gateways::Write> writes;
      for (Gateway& gateway : read) {
        gateway.record.set_registrations(gateway.record.registrations() + 1);
        writes.push_back({std::move(gateway), {}});
      }
      DROVER_CO_TRY(const std::vector<bool> written, co_await table.Write(writes, In(kSoon)));
      *added += static_cast<int>(std::count(written.begin(), written.end(), true));
    }
    co_return Result<void>();
  };
  Strings backwards(ids.rbegin(), ids.rend());
  int first_added = 0, second_added = 0;
  Started<void> first(loop_, add(table_, ids, &first_added));
  Started<void> second(loop_, add(table_, backwards, &second_added));
  ASSERT_TRUE(first.Get());
  ASSERT_TRUE(second.Get());
  uint64_t sum = 0;
  for (const std::string& id : ids) sum += Read(id)->record.registrations();
  EXPECT_EQ(sum, static_cast<uint64_t>(first_added + second_added));
  EXPECT_GE(first_added + second_added, kGateways * kRounds) << "one of two always wins";
}

// --- Due -----------------------------------------------------------------------------------------

TEST_F(GatewayStoreTest, TheLongestDueComeFirstAndNoMoreThanAsked) {
  Gateway later = Fresh("later"), never = Fresh("never");
  later.trigger.state = gateway::State::kSent;
  later.trigger.due = kNow + seconds(1);
  Write({DueAt("b", kNow - seconds(1)), DueAt("a", kNow), DueAt("c", kNow - seconds(2)), later,
         never});
  EXPECT_EQ(Due(kNow), (Strings{"c", "b", "a"}));
  EXPECT_EQ(Due(kNow, "me", 2), (Strings{"c", "b"}));
  EXPECT_EQ(Due(kNow + seconds(2)), (Strings{"c", "b", "a", "later"}));
}

TEST_F(GatewayStoreTest, WhoHasAFlowKeepsItsGatewaysAsLongAsItLives) {
  Write({DueAt("free", kNow), DueAt("mine", kNow, "me"), DueAt("theirs", kNow, "other"),
         DueAt("nobodys", kNow, "never seen")});
  const auto beat = [this](const char* owner, TimePoint at) {
    ASSERT_TRUE(Await(loop_, table_.Beat(owner, at, In(kSoon))));
  };
  beat("me", kNow);
  beat("other", kNow - seconds(10));
  const auto sorted = [](Strings ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  EXPECT_EQ(sorted(Due(kNow)), (Strings{"free", "mine", "nobodys"}));
  EXPECT_EQ(sorted(Due(kNow + seconds(11))), (Strings{"free", "mine", "nobodys", "theirs"}))
      << "seen too long ago";
  beat("other", kNow + seconds(11));
  EXPECT_EQ(sorted(Due(kNow + seconds(11))), (Strings{"free", "mine", "nobodys"}));
  EXPECT_EQ(sorted(Due(kNow + seconds(11), "other")), (Strings{"free", "nobodys", "theirs"}));
}

TEST_F(GatewayStoreTest, ProcessesOfFormerDaysAreForgotten) {
  ASSERT_TRUE(Await(loop_, table_.Beat("old", kNow - std::chrono::hours(25), In(kSoon))));
  ASSERT_TRUE(Await(loop_, table_.Beat("me", kNow, In(kSoon))));
  postgres::Statement names{"SELECT name FROM sip.processes", {}};
  const auto rows = Await(loop_, pool_.Execute(std::move(names), In(kSoon))).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.Text(0, 0), "me");
}

// What is stored of one gateway must not keep all others from being told.
TEST_F(GatewayStoreTest, ADamagedRowIsNamedAndHoldsUpNobodyElse) {
  Write({DueAt("damaged", kNow - seconds(9)), DueAt("sound", kNow)});
  Script("UPDATE sip.gateways SET record = '\\xff' WHERE gateway_id = 'damaged'");
  EXPECT_EQ(Due(kNow), Strings{"sound"});
  const auto read = Await(loop_, table_.Read({"damaged"}, In(kSoon)));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kDataLoss);
  EXPECT_NE(read.error().message.find("damaged"), std::string::npos);
}

// --- Looking for them ----------------------------------------------------------------------------

TEST_F(GatewayStoreTest, AreFoundByTheUserOfTheirSipSide) {
  Gateway named = Fresh("gw-1"), plain = Fresh("gw-2"), twin = Fresh("gw-3");
  named.record.set_sip_user("line1");
  twin.record.set_sip_user("gw-2");
  Write({named, plain});
  const auto find = [this](const char* user) {
    const auto found = Await(loop_, table_.FindBySipUser(user, In(kSoon))).value();
    return found ? found->id : "";
  };
  EXPECT_EQ(find("line1"), "gw-1");
  EXPECT_EQ(find("gw-2"), "gw-2") << "its id, if it has none";
  EXPECT_EQ(find("gw-1"), "") << "it has another";
  EXPECT_EQ(find("nobody"), "");
  Write({twin});
  EXPECT_EQ(find("gw-2"), "") << "two of that name are none";
}

TEST_F(GatewayStoreTest, AreListedInPagesByStateVendorAndModel) {
  std::vector<Gateway> all;
  for (const char* id : {"a", "b", "c", "d"}) {
    Gateway& gateway = all.emplace_back(Fresh(id));
    gateway.record.set_vendor(id < std::string("c") ? "Acme" : "Other");
    gateway.record.set_model(id == std::string("a") ? "One" : "Two");
    gateway.trigger.state =
        id == std::string("d") ? gateway::State::kFailed : gateway::State::kIdle;
  }
  Write(all);
  const auto list = [this](PgGateways::Filter filter) {
    return IdsOf(Await(loop_, table_.List(filter, In(kSoon))).value());
  };
  EXPECT_EQ(list({}), (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(list({.most = 2}), (Strings{"a", "b"}));
  EXPECT_EQ(list({.after = "b", .most = 2}), (Strings{"c", "d"}));
  EXPECT_EQ(list({.vendor = "Acme"}), (Strings{"a", "b"}));
  EXPECT_EQ(list({.vendor = "Acme", .model = "Two"}), Strings{"b"});
  EXPECT_EQ(list({.states = {static_cast<int16_t>(gateway::State::kFailed)}}), Strings{"d"});
  const auto counted = Await(loop_, table_.Count(In(kSoon))).value();
  int64_t sum = 0;
  for (const auto& [state, count] : counted) sum += count;
  EXPECT_EQ(counted.size(), 2U);
  EXPECT_EQ(sum, 4);
}

TEST_F(GatewayStoreTest, ModelsAreSetReplacedAndDeleted) {
  v1::Model model;
  model.set_vendor("Acme");
  model.set_model("Box");
  model.set_target_version("1.0");
  ASSERT_TRUE(Await(loop_, table_.SetModel(model, In(kSoon))));
  model.set_target_version("2.0");
  ASSERT_TRUE(Await(loop_, table_.SetModel(model, In(kSoon))));
  const auto models = Await(loop_, table_.Models(In(kSoon))).value();
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models[0].target_version(), "2.0");
  ASSERT_TRUE(Await(loop_, table_.DeleteModel("Acme", "Box", In(kSoon))));
  EXPECT_TRUE(Await(loop_, table_.Models(In(kSoon))).value().empty());
  EXPECT_EQ(Await(loop_, table_.DeleteModel("Acme", "Box", In(kSoon))).error().code,
            Code::kNotFound);
}

// --- Store ---------------------------------------------------------------------------------------

class StoreTest : public GatewayStoreTest {
 protected:
  static kafka::Config Brokers() {
    kafka::Config config;
    config.brokers = ServerOf("DROVER_TEST_KAFKA_BROKERS");
    return config;
  }
  Result<Gateway> Change(const std::string& id, Store::Decide decide) {
    return Await(loop_, store_.Change(id, std::move(decide), In(kSoon)));
  }
  static bool Count(Gateway& gateway, Telling&) {
    gateway.record.set_registrations(gateway.record.registrations() + 1);
    return true;
  }

  kafka::Producer producer_{loop_, Brokers()};
  outbox::Relay relay_{
      loop_, outbox::Config{.database = Database(), .table = kOutboxTable}, producer_, {}};
  Store store_{loop_, table_, relay_};
};

TEST_F(StoreTest, AChangeIsDecidedOnTheRowAsItIs) {
  Write({Fresh("gw-1")});
  const Result<Gateway> changed = Change("gw-1", Count);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->version, 2);
  EXPECT_EQ(Read("gw-1")->record.registrations(), 1U);
  EXPECT_EQ(Change("gw-1", [](Gateway&, Telling&) { return false; })->version, 2);
  EXPECT_EQ(Change("gw-2", Count).error().code, Code::kNotFound);
}

TEST_F(StoreTest, WhoWasSlowerDecidesAgain) {
  Write({Fresh("gw-1")});
  int decisions = 0;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    if (++decisions == 1) {
      Gateway other = gateway;
      Count(other, telling);
      // As another process would, while this one decides.
      asio::io_context loop{1};
      postgres::Pool pool(loop, Database());
      PgGateways table(pool);
      const std::vector<gateways::Write> writes = {{other, {}}};
      EXPECT_EQ(Await(loop, table.Write(writes, In(kSoon))).value(), Flags{true});
    }
    telling.Add(kWakeupResultsTopic, "gw-1", "decision " + std::to_string(decisions));
    return Count(gateway, telling);
  };
  ASSERT_TRUE(Change("gw-1", decide));
  EXPECT_EQ(decisions, 2);
  EXPECT_EQ(Read("gw-1")->record.registrations(), 2U);
  EXPECT_EQ(Told(), Strings{"decision 2"}) << "what lost told nothing";
}

TEST_F(StoreTest, WhatWasReadBeforeSavesAReadAndIsNotTrusted) {
  Write({Fresh("gw-1")});
  const Gateway old = *Read("gw-1");
  ASSERT_TRUE(Change("gw-1", Count));
  const auto changed = Await(loop_, store_.Change("gw-1", Count, In(kSoon), old));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->record.registrations(), 2U);
}

TEST_F(StoreTest, ManyChangesOfOneGatewayAtOnceAllHappen) {
  Write({Fresh("gw-1"), Fresh("gw-2")});
  constexpr int kEach = 4;  // A row that is changed all the time is given up after eight tries.
  std::vector<std::unique_ptr<Started<Gateway>>> all;
  for (int i = 0; i < 2 * kEach; ++i) {
    all.push_back(std::make_unique<Started<Gateway>>(
        loop_, store_.Change(i % 2 == 0 ? "gw-1" : "gw-2", Count, In(kSoon))));
  }
  for (const auto& one : all) EXPECT_TRUE(one->Get());
  EXPECT_EQ(Read("gw-1")->record.registrations(), static_cast<uint64_t>(kEach));
  EXPECT_EQ(Read("gw-2")->record.registrations(), static_cast<uint64_t>(kEach));
}

TEST_F(StoreTest, ChangeAllLeavesOutWhatIsNotThereOrNotToBeWritten) {
  Write({Fresh("a"), Fresh("b"), Fresh("c")});
  const auto decide = [](Gateway& gateway, Telling& telling) {
    return gateway.id != "b" && Count(gateway, telling);
  };
  const auto changed =
      Await(loop_, store_.ChangeAll({"a", "b", "c", "missing"}, decide, In(kSoon)));
  ASSERT_TRUE(changed);
  EXPECT_EQ(IdsOf(*changed), (Strings{"a", "c"}));
  for (const Gateway& gateway : *changed) EXPECT_EQ(gateway.version, 2);
  EXPECT_EQ(Read("b")->version, 1);
}

TEST_F(StoreTest, ChangeAllDecidesAgainOnlyWhatSomebodyElseChanged) {
  Write({Fresh("a"), Fresh("b")});
  int of_a = 0, of_b = 0;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    if (gateway.id == "a") return ++of_a, Count(gateway, telling);
    if (++of_b == 1) {
      asio::io_context loop{1};
      postgres::Pool pool(loop, Database());
      PgGateways table(pool);
      Gateway other = gateway;
      Count(other, telling);
      const std::vector<gateways::Write> writes = {{other, {}}};
      EXPECT_TRUE(Await(loop, table.Write(writes, In(kSoon))));
    }
    return Count(gateway, telling);
  };
  ASSERT_TRUE(Await(loop_, store_.ChangeAll({"a", "b"}, decide, In(kSoon))));
  EXPECT_EQ(of_a, 1);
  EXPECT_EQ(of_b, 2);
  EXPECT_EQ(Read("a")->record.registrations(), 1U);
  EXPECT_EQ(Read("b")->record.registrations(), 2U);
}

TEST_F(StoreTest, WhatCannotBeReachedIsToldNotWaitedForInVain) {
  Write({Fresh("gw-1")});
  Script("ALTER TABLE sip.gateways RENAME TO away");
  EXPECT_FALSE(Change("gw-1", Count));
  Script("ALTER TABLE sip.away RENAME TO gateways");
  EXPECT_TRUE(Change("gw-1", Count));
}

}  // namespace
}  // namespace drover::gateways

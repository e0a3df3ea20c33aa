// Journal, pushes and registrations in a real PostgreSQL.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "services/push/adapters/pg_pushes.h"
#include "services/push/adapters/pg_schema.h"
#include "services/push/handlers/journal.h"
#include "services/push/handlers/registrar.h"
#include "tests/component/clients/loop.h"

namespace drover::push {
namespace {

using std::chrono::minutes;

const TimePoint kNow{std::chrono::seconds(1'760'000'000)};

class PushStoreTest : public ::testing::Test {
 protected:
  PushStoreTest() : pool_(loop_, Database()) {
    const Result<int> migrated = Await(loop_, postgres::Migrate(pool_, kSchema, Migrations(), -1));
    EXPECT_TRUE(migrated) << migrated.error();
    const Result<void> empty = Await(
        loop_, pool_.Script("TRUNCATE push.slots, push.journal, push.pushes, push.registrations, "
                            "push.pairings, push.dead_letters, push.outbox",
                            In(kSoon)));
    EXPECT_TRUE(empty) << empty.error();
  }
  static postgres::Config Database() {
    postgres::Config config;
    config.url = ServerOf("DROVER_TEST_POSTGRES_URL");
    return config;
  }
  int64_t Count(const std::string& of) {
    postgres::Statement count{"SELECT count(*) FROM " + of, {}};
    return Await(loop_, pool_.Execute(std::move(count), In(kSoon))).value().Int8(0, 0);
  }

  asio::io_context loop_{1};
  postgres::Pool pool_;
};

// --- Journal -------------------------------------------------------------------------------------

// A journal, and what it told.
struct Written {
  Written(asio::io_context& loop, PgJournal& table)
      : journal(loop, table, 0,
                {.durable = [this](uint64_t upto) { durable = upto; },
                 .failed = [this](const Error& error) { failed = error.message; },
                 .lost = [this] { lost = true; }}) {}
  Result<void> Open(asio::io_context& loop) {
    const Journal::Restore restore = [this](std::string_view frames) {
      restored += frames;
      return Result<void>();
    };
    Result<void> opened = Await(loop, journal.Open(restore, kNow, In(kSoon)));
    if (opened) asio::co_spawn(loop.get_executor(), journal.Run(), asio::detached);
    return opened;
  }
  std::string restored, failed;
  uint64_t durable = 0;
  bool lost = false;
  Journal journal;
};

TEST_F(PushStoreTest, AJournalGivesBackWhatWasAppendedAndHowFarTheTopicWas) {
  PgJournal table(pool_, "first");
  {
    Written first(loop_, table);
    ASSERT_TRUE(first.Open(loop_));
    first.journal.Append("one,");
    first.journal.Applied(3, 17);
    ASSERT_TRUE(Await(loop_, first.journal.Flush(In(kSoon))));
    first.journal.Append("two,");
    first.journal.Applied(3, 18);
    first.journal.Applied(5, 1);
    ASSERT_TRUE(Await(loop_, first.journal.Flush(In(kSoon))));
    EXPECT_EQ(first.durable, 8U);
    first.journal.Close();
  }
  Written second(loop_, table);
  ASSERT_TRUE(second.Open(loop_));
  EXPECT_EQ(second.restored, "one,two,");
  EXPECT_EQ(second.journal.offsets(), (Offsets{{3, 18}, {5, 1}}));
  second.journal.Append("three,");
  ASSERT_TRUE(Await(loop_, second.journal.Flush(In(kSoon))));
  EXPECT_EQ(second.durable, 6U) << "positions count from the process's beginning";
  second.journal.Close();
}

TEST_F(PushStoreTest, WhoWasCutOffWritesNothingAndIsTold) {
  PgJournal table(pool_, "first"), other(pool_, "second");
  Written first(loop_, table), second(loop_, other);
  ASSERT_TRUE(first.Open(loop_));
  first.journal.Append("mine,");
  ASSERT_TRUE(Await(loop_, first.journal.Flush(In(kSoon))));
  ASSERT_TRUE(second.Open(loop_));
  EXPECT_EQ(second.restored, "mine,");
  first.journal.Append("too late,");
  EXPECT_FALSE(Await(loop_, first.journal.Flush(In(kSoon))));
  EXPECT_TRUE(first.lost);
  EXPECT_EQ(first.durable, 5U);
  second.journal.Append("theirs,");
  ASSERT_TRUE(Await(loop_, second.journal.Flush(In(kSoon))));
  second.journal.Close();
  Written third(loop_, table);
  ASSERT_TRUE(third.Open(loop_));
  EXPECT_EQ(third.restored, "mine,theirs,");
  third.journal.Close();
}

TEST_F(PushStoreTest, ASnapshotTakesThePlaceOfTheRowsBeforeIt) {
  PgJournal table(pool_, "first");
  {
    Written first(loop_, table);
    ASSERT_TRUE(first.Open(loop_));
    for (int i = 0; i < 5; ++i) {
      first.journal.Append("old,");
      ASSERT_TRUE(Await(loop_, first.journal.Flush(In(kSoon))));
    }
    EXPECT_EQ(Count("push.journal"), 5);
    first.journal.BeginSnapshot();
    first.journal.Append("kept,");
    ASSERT_TRUE(Await(loop_, first.journal.Flush(In(kSoon))));
    EXPECT_EQ(Count("push.journal"), 6) << "not complete: nothing may go";
    first.journal.Append("new,");
    first.journal.EndSnapshot();
    ASSERT_TRUE(Await(loop_, first.journal.Flush(In(kSoon))));
    EXPECT_EQ(Count("push.journal"), 2);
    first.journal.Close();
  }
  Written second(loop_, table);
  ASSERT_TRUE(second.Open(loop_));
  EXPECT_EQ(second.restored, "kept,new,");
  second.journal.Close();
}

// It may have been committed although that was not told: what comes later must not hide in it.
TEST_F(PushStoreTest, ARowThatWasTriedTakesNothingMore) {
  PgJournal table(pool_, "first");
  Written first(loop_, table);
  ASSERT_TRUE(first.Open(loop_));
  ASSERT_TRUE(Await(loop_, pool_.Script("ALTER TABLE push.journal RENAME TO away", In(kSoon))));
  first.journal.Append("one,");
  while (first.failed.empty()) loop_.run_one();
  first.journal.Append("two,");
  ASSERT_TRUE(Await(loop_, pool_.Script("ALTER TABLE push.away RENAME TO journal", In(kSoon))));
  ASSERT_TRUE(Await(loop_, first.journal.Flush(In(kSoon))));
  EXPECT_EQ(Count("push.journal"), 2);
  EXPECT_EQ(first.durable, 8U);
  first.journal.Close();
}

TEST_F(PushStoreTest, AnAppendThatIsRepeatedIsThereOnce) {
  PgJournal table(pool_, "first");
  const auto claim = Await(loop_, table.Take(0, kNow, In(kSoon)));
  ASSERT_TRUE(claim);
  PgJournal::Append append;
  append.epoch = claim->epoch;
  append.seq = 1;
  append.records = "one";
  append.offsets = EncodeOffsets({});
  EXPECT_TRUE(*Await(loop_, table.Write(append, In(kSoon))));
  EXPECT_TRUE(*Await(loop_, table.Write(append, In(kSoon))));
  EXPECT_EQ(Count("push.journal"), 1);
}

TEST(JournalOffsets, AreReadAsTheyWereWritten) {
  const Offsets offsets = {{0, 0}, {7, 1'234'567'890'123}};
  EXPECT_EQ(*DecodeOffsets(EncodeOffsets(offsets)), offsets);
  for (const char* damaged : {"", "\x02\x01", "\x01\x01\x01\x01"}) {
    EXPECT_FALSE(DecodeOffsets(damaged)) << damaged;
  }
}

// --- Registrations -------------------------------------------------------------------------------

class RegistrarTest : public PushStoreTest {
 protected:
  RegistrarTest() {
    settings_.profiles = {*registration::FindProfile(registration::BuiltInProfiles(), "cmcc")};
    settings_.numbering.country_code = "86";
    settings_.confirmations_per_second = 10;
  }
  TerminalMessage Message(const std::string& number, const std::string& text) {
    TerminalMessage message;
    message.smsc = "home";
    message.record_id = "0123456789abcde" + std::to_string(++messages_ % 10);
    message.source = {number, 1, 1};
    message.destination = {"10654040", 0, 1};
    message.destination_port = message.source_port = 16998;
    message.data_coding = 4;
    message.octets = text;
    message.received_at = now_;
    return message;
  }
  Result<void> Register(std::vector<TerminalMessage> messages) {
    return Await(loop_, registrar_.Register(messages, In(kSoon)));
  }
  registration::Pairing Of(const std::string& device) {
    const std::vector<std::string> keys(1, device);
    const auto found = Await(loop_, table_.Find(By::kDevice, keys, In(kSoon))).value();
    return found.empty() ? registration::Pairing() : found.front();
  }

  TimePoint now_ = kNow;
  RegistrationSettings settings_;
  PgRegistrations table_{pool_};
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  Registrar registrar_{settings_, table_, [this] { return now_; }, metrics_};

 private:
  int messages_ = 0;
};

TEST_F(RegistrarTest, StoresPairingHistoryEventAndConfirmationTogether) {
  ASSERT_TRUE(Register({Message("8613800138000", "IMEI:490154203237518/A/B/1")}));
  const registration::Pairing pairing = Of("IMEI:490154203237518");
  EXPECT_EQ(pairing.facts.msisdn, "8613800138000");
  EXPECT_EQ(pairing.facts.model, "B");
  EXPECT_EQ(pairing.via, "cmcc");
  EXPECT_EQ(Count("push.pairings"), 1);
  EXPECT_EQ(Count("push.outbox"), 1) << "one row: the event and the confirmation";
}

TEST_F(RegistrarTest, TakesManyOfATerminalInOneBatchInTheirOrder) {
  const TerminalMessage first = Message("8613800138000", "IMEI:490154203237518/A/B/1");
  now_ += minutes(1);
  const TerminalMessage second = Message("8613800138001", "IMEI:490154203237518/A/B/2");
  const TerminalMessage unread = Message("8613800138002", "IMEI:x/A/B/2");
  ASSERT_TRUE(Register({first, second, unread}));
  EXPECT_EQ(Of("IMEI:490154203237518").facts.msisdn, "8613800138001");
  EXPECT_EQ(Count("push.pairings"), 2);
  EXPECT_EQ(Count("push.dead_letters"), 1);
}

TEST_F(RegistrarTest, ANumberHasOneTerminal) {
  ASSERT_TRUE(Register({Message("8613800138000", "IMEI:490154203237518/A/B/1")}));
  now_ += minutes(1);
  ASSERT_TRUE(Register({Message("8613800138000", "IMEI:356938035643809/A/B/1")}));
  EXPECT_EQ(Of("IMEI:490154203237518").facts.msisdn, "");
  EXPECT_EQ(Of("IMEI:356938035643809").facts.msisdn, "8613800138000");
}

TEST_F(RegistrarTest, ARepeatedBatchChangesNothing) {
  const std::vector<TerminalMessage> batch = {
      Message("8613800138000", "IMEI:490154203237518/A/B/1")};
  ASSERT_TRUE(Register(batch));
  ASSERT_TRUE(Register(batch));
  EXPECT_EQ(Count("push.pairings"), 1);
  EXPECT_EQ(Count("push.registrations"), 1);
}

TEST_F(RegistrarTest, KeepsOctetsThatAreNoText) {
  ASSERT_TRUE(Register({Message("8613800138000", "IMEI:490154203237518/A\xFF/B\x01/1")}));
  EXPECT_NE(Of("IMEI:490154203237518").facts.manufacturer.find("\\xff"), std::string::npos)
      << Of("IMEI:490154203237518").facts.manufacturer;
}

TEST_F(RegistrarTest, TheNetworkTellsToo) {
  events::v1::SubscriberSeen seen;
  seen.set_imsi("460001234567890");
  seen.set_msisdn("+8613800138000");
  seen.set_imeisv("4901542032375101");
  seen.set_event("seen");
  seen.set_source("hlr");
  events::v1::SubscriberSeen wrong = seen;
  wrong.set_imeisv("x");
  const std::vector<events::v1::SubscriberSeen> records = {seen, wrong};
  ASSERT_TRUE(Await(loop_, registrar_.Observe(records, In(kSoon))));
  const std::vector<std::string> keys(1, "8613800138000");
  const auto found = Await(loop_, table_.Find(By::kMsisdn, keys, In(kSoon))).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().facts.imsi, "460001234567890");
  EXPECT_EQ(Count("push.dead_letters"), 1);
}

}  // namespace
}  // namespace drover::push

// libs/postgres' pool against a real server.
#include <fstream>
#include <random>
#include <sstream>

#include <boost/asio/ip/tcp.hpp>

#include "libs/postgres/pool.h"
#include "libs/postgres/types.h"
#include "tests/component/clients/loop.h"

namespace drover::postgres {
namespace {

Config ConfigOfServer(size_t connections = 4) {
  Config config;
  config.url = ServerOf("DROVER_TEST_POSTGRES_URL");
  config.connections = connections;
  if (const char* file = std::getenv("DROVER_TEST_POSTGRES_PASSWORD_FILE")) {
    std::ifstream(file) >> config.password;
  }
  return config;
}

class PostgresPool : public ::testing::Test {
 protected:
  static Statement Sql(std::string sql, std::vector<Param> params = {}) {
    return {std::move(sql), std::move(params)};
  }
  Result<Rows> Do(Pool& pool, std::string sql, std::vector<Param> params = {},
                  std::chrono::milliseconds time = kSoon) {
    return Start(pool, std::move(sql), std::move(params), time).Get();
  }
  Started<Rows> Start(Pool& pool, std::string sql, std::vector<Param> params = {},
                      std::chrono::milliseconds time = kSoon) {
    return {loop_, pool.Execute(Sql(std::move(sql), std::move(params)), In(time))};
  }
  void MustDo(std::string sql) {
    const Result<void> done = Await(loop_, pool_.Script(std::move(sql), In(kSoon)));
    ASSERT_TRUE(done) << done.error();
  }

  asio::io_context loop_{1};
  Pool pool_{loop_, ConfigOfServer()};
};

TEST_F(PostgresPool, CarriesEveryTypeBothWays) {
  const TimePoint time{std::chrono::microseconds(1'790'000'000'123'456)};
  const std::string octets("\0\xff'\\", 4);
  const Result<Rows> rows =
      Do(pool_,
         "SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::text, $6::bytea, $7::timestamptz, "
         "$8::text",
         {Param::Bool(true), Param::Int2(-2), Param::Int4(1 << 30), Param::Int8(-(1LL << 60)),
          Param::Text("gr\u00fc\u00df"), Param::Bytea(octets), Param::Timestamptz(time),
          Param::Null(kText)});
  ASSERT_TRUE(rows) << rows.error();
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_TRUE(rows->Bool(0, 0));
  EXPECT_EQ(rows->Int2(0, 1), -2);
  EXPECT_EQ(rows->Int4(0, 2), 1 << 30);
  EXPECT_EQ(rows->Int8(0, 3), -(1LL << 60));
  EXPECT_EQ(rows->Text(0, 4), "gr\u00fc\u00df");
  EXPECT_EQ(rows->Bytea(0, 5), octets);
  EXPECT_EQ(rows->Timestamptz(0, 6), time);
  EXPECT_TRUE(rows->null(0, 7));
}

TEST_F(PostgresPool, MeansTheTimeThatTheServerMeans) {
  const Result<Rows> rows = Do(pool_, "SELECT '2026-11-22T03:49:11.123456Z'::timestamptz");
  ASSERT_TRUE(rows) << rows.error();
  EXPECT_EQ(rows->Timestamptz(0, 0).time_since_epoch().count(), 1'795'319'351'123'456);
}

// Arrays of random length, values and NULLs, for one round of the property below.
struct Columns {
  explicit Columns(std::mt19937& random) {
    const size_t size = random() % 4 == 0 ? random() % 3 : random() % 500;
    for (size_t i = 0; i < size; ++i) {
      int8.push_back(static_cast<int64_t>(uint64_t{random()} << 32 | random()));
      int4.push_back(static_cast<int32_t>(random()));
      int2.push_back(static_cast<int16_t>(random()));
      bools.push_back(random() % 2 == 0);
      const bool null = random() % 5 == 0;
      text.push_back(null ? std::nullopt : std::optional(std::string(random() % 40, 'a')));
      std::string octets(random() % 60, '\0');
      for (char& octet : octets) octet = static_cast<char>(random());
      bytea.push_back(random() % 5 == 0 ? std::nullopt : std::optional(octets));
      const TimePoint time{std::chrono::microseconds(static_cast<int64_t>(random()) * 1'000'003)};
      times.push_back(random() % 5 == 0 ? std::nullopt : std::optional(time));
    }
  }
  std::vector<Param> Params() const {
    return {Param::Int8Array(int8),        Param::Int4Array(int4), Param::Int2Array(int2),
            Param::BoolArray(bools),       Param::TextArray(text), Param::ByteaArray(bytea),
            Param::TimestamptzArray(times)};
  }
  std::vector<int64_t> int8;
  std::vector<int32_t> int4;
  std::vector<int16_t> int2;
  std::vector<bool> bools;
  std::vector<std::optional<std::string>> text;
  std::vector<std::optional<std::string>> bytea;
  std::vector<std::optional<TimePoint>> times;
};

TEST_F(PostgresPool, CarriesArraysAsTheyAre) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 100; ++round) {
    const Columns columns(random);
    const Result<Rows> rows =
        Do(pool_,
           "SELECT * FROM unnest($1::int8[], $2::int4[], $3::int2[], $4::bool[], $5::text[], "
           "$6::bytea[], $7::timestamptz[])",
           columns.Params());
    ASSERT_TRUE(rows) << rows.error();
    ASSERT_EQ(rows->size(), columns.int8.size());
    for (size_t i = 0; i < rows->size(); ++i) {
      ASSERT_EQ(rows->Int8(i, 0), columns.int8[i]);
      ASSERT_EQ(rows->Int4(i, 1), columns.int4[i]);
      ASSERT_EQ(rows->Int2(i, 2), columns.int2[i]);
      ASSERT_EQ(rows->Bool(i, 3), columns.bools[i]);
      ASSERT_EQ(rows->null(i, 4), !columns.text[i].has_value());
      if (columns.text[i]) {
        ASSERT_EQ(rows->Text(i, 4), *columns.text[i]);
      }
      ASSERT_EQ(rows->null(i, 5), !columns.bytea[i].has_value());
      if (columns.bytea[i]) {
        ASSERT_EQ(rows->Bytea(i, 5), *columns.bytea[i]);
      }
      ASSERT_EQ(rows->null(i, 6), !columns.times[i].has_value());
      if (columns.times[i]) {
        ASSERT_EQ(rows->Timestamptz(i, 6), *columns.times[i]);
      }
    }
  }
}

TEST_F(PostgresPool, CountsTheRowsThatAStatementTouched) {
  MustDo("DROP TABLE IF EXISTS counted; CREATE TABLE counted (i int)");
  EXPECT_EQ(Do(pool_, "INSERT INTO counted SELECT generate_series(1, 7)")->affected(), 7);
  EXPECT_EQ(Do(pool_, "DELETE FROM counted WHERE i > $1", {Param::Int4(5)})->affected(), 2);
  EXPECT_EQ(Do(pool_, "CREATE TABLE IF NOT EXISTS counted (i int)")->affected(), 0);
}

TEST_F(PostgresPool, CarriesStatementsOfMegabytes) {
  const std::string large(5 << 20, '\x7f');
  const Result<Rows> rows = Do(pool_, "SELECT $1::bytea, length($1)", {Param::Bytea(large)});
  ASSERT_TRUE(rows) << rows.error();
  EXPECT_EQ(rows->Bytea(0, 0), large);
  const Result<Rows> text = Do(pool_, "SELECT length('" + std::string(2 << 20, 'x') + "')");
  ASSERT_TRUE(text) << text.error();
  EXPECT_EQ(text->Int4(0, 0), 2 << 20);
}

TEST_F(PostgresPool, GivesErrorsTheirCodeAndKeepsValuesOutOfTheirMessages) {
  MustDo("DROP TABLE IF EXISTS kept; CREATE TABLE kept (k text PRIMARY KEY, n int CHECK (n > 0))");
  const std::string insert = "INSERT INTO kept VALUES ($1, $2)";
  ASSERT_TRUE(Do(pool_, insert, {Param::Text("secret"), Param::Int4(1)}));
  const Result<Rows> twice = Do(pool_, insert, {Param::Text("secret"), Param::Int4(1)});
  EXPECT_EQ(twice.error().code, Code::kAlreadyExists);
  EXPECT_NE(twice.error().message.find("23505"), std::string::npos);
  EXPECT_NE(twice.error().message.find("kept_pkey"), std::string::npos);
  EXPECT_EQ(twice.error().message.find("secret"), std::string::npos);
  const Result<Rows> checked = Do(pool_, insert, {Param::Text("b"), Param::Int4(0)});
  EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
  const Result<Rows> cast = Do(pool_, "SELECT $1::text::int", {Param::Text("secret")});
  EXPECT_EQ(cast.error().code, Code::kInvalidArgument);
  EXPECT_EQ(cast.error().message.find("secret"), std::string::npos) << cast.error();
  EXPECT_EQ(Do(pool_, "SELECT nothing FROM nowhere").error().code, Code::kInternal);
  EXPECT_EQ(Do(pool_, "SELEC").error().code, Code::kInternal);
  EXPECT_EQ(Do(pool_, "COPY kept TO STDOUT").error().code, Code::kInvalidArgument);
  EXPECT_TRUE(Do(pool_, "SELECT 1"));
}

TEST_F(PostgresPool, DoesAllOfATransactionOrNothing) {
  MustDo("DROP TABLE IF EXISTS whole; CREATE TABLE whole (i int PRIMARY KEY)");
  const std::string insert = "INSERT INTO whole VALUES ($1) RETURNING i";
  const auto transaction = [&](std::vector<int> values) {
    std::vector<Statement> statements;
    for (const int value : values) statements.push_back(Sql(insert, {Param::Int4(value)}));
    return Await(loop_, pool_.Transaction(std::move(statements), In(kSoon)));
  };
  const Result<std::vector<Rows>> done = transaction({1, 2, 3});
  ASSERT_TRUE(done) << done.error();
  ASSERT_EQ(done->size(), 3u);
  EXPECT_EQ((*done)[2].Int4(0, 0), 3);
  EXPECT_EQ(transaction({4, 5, 1, 6}).error().code, Code::kAlreadyExists);
  EXPECT_EQ(Do(pool_, "SELECT count(*) FROM whole")->Int8(0, 0), 3);
  EXPECT_TRUE(transaction({4, 5}));
  EXPECT_EQ(Do(pool_, "SELECT count(*) FROM whole")->Int8(0, 0), 5);
  EXPECT_EQ(transaction({})->size(), 0u);
}

TEST_F(PostgresPool, ReportsADeferredConstraintAsTheTransactionsError) {
  MustDo(
      "DROP TABLE IF EXISTS deferred; CREATE TABLE deferred (i int, "
      "UNIQUE (i) DEFERRABLE INITIALLY DEFERRED)");
  std::vector<Statement> statements = {Sql("INSERT INTO deferred VALUES (1)"),
                                       Sql("INSERT INTO deferred VALUES (1)")};
  const auto done = Await(loop_, pool_.Transaction(std::move(statements), In(kSoon)));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kAlreadyExists);
  EXPECT_EQ(Do(pool_, "SELECT count(*) FROM deferred")->Int8(0, 0), 0);
}

TEST_F(PostgresPool, ServesManyCallersOverFewConnections) {
  std::vector<Started<Rows>> started;
  for (int i = 0; i < 5000; ++i) {
    started.push_back(Start(pool_, "SELECT $1 + 1", {Param::Int4(i)}));
  }
  for (int i = 0; i < 5000; ++i) {
    const Result<Rows> rows = started[static_cast<size_t>(i)].Get();
    ASSERT_TRUE(rows) << rows.error();
    ASSERT_EQ(rows->Int4(0, 0), i + 1);
  }
}

TEST_F(PostgresPool, RefusesCallersPastItsBound) {
  Config config = ConfigOfServer(1);
  config.max_waiting = 2;
  Pool pool(loop_, config);
  std::vector<Started<Rows>> started;
  for (int i = 0; i < 3; ++i) started.push_back(Start(pool, "SELECT 1"));
  EXPECT_EQ(started[2].Get().error().code, Code::kResourceExhausted);
  EXPECT_TRUE(started[0].Get());
  EXPECT_TRUE(started[1].Get());
}

TEST_F(PostgresPool, EndsAStatementAtItsDeadlineAndOnTheServerToo) {
  Pool one(loop_, ConfigOfServer(1));
  const int pid = Do(one, "SELECT pg_backend_pid()")->Int4(0, 0);
  const Result<Rows> late = Do(one, "SELECT pg_sleep(600)", {}, std::chrono::milliseconds(100));
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  EXPECT_NE(Do(one, "SELECT pg_backend_pid()")->Int4(0, 0), pid);  // Replaced.
  const std::string gone = "SELECT count(*), pg_sleep(0.02) FROM pg_stat_activity WHERE pid = $1";
  const Deadline deadline = In(kSoon);
  while (Do(pool_, gone, {Param::Int4(pid)})->Int8(0, 0) > 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
}

TEST_F(PostgresPool, EndsAWaitForAConnectionAtItsDeadline) {
  Pool one(loop_, ConfigOfServer(1));
  Started<Rows> sleeps = Start(one, "SELECT pg_sleep(0.3)");
  const Result<Rows> late = Do(one, "SELECT 1", {}, std::chrono::milliseconds(20));
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  EXPECT_TRUE(sleeps.Get());
}

TEST_F(PostgresPool, FailsWhatRanOnALostConnectionAndReplacesIt) {
  Pool one(loop_, ConfigOfServer(1));
  const int pid = Do(one, "SELECT pg_backend_pid()")->Int4(0, 0);
  Started<Rows> sleeps = Start(one, "SELECT pg_sleep(600)");
  EXPECT_TRUE(Do(pool_, "SELECT pg_terminate_backend($1)", {Param::Int4(pid)}));
  EXPECT_EQ(sleeps.Get().error().code, Code::kUnavailable);
  EXPECT_TRUE(Do(one, "SELECT 1"));
  EXPECT_TRUE(one.connected());
}

TEST_F(PostgresPool, SurvivesKillsUnderLoad) {
  MustDo("DROP TABLE IF EXISTS load; CREATE TABLE load (i int PRIMARY KEY)");
  Pool killer(loop_, ConfigOfServer(1));
  const int own = Do(killer, "SELECT pg_backend_pid()")->Int4(0, 0);
  int next = 0;
  int stored = 0;
  for (int round = 0; round < 10; ++round) {
    std::vector<Started<Rows>> started;
    for (int i = 0; i < 200; ++i) {
      started.push_back(Start(pool_, "INSERT INTO load VALUES ($1)", {Param::Int4(next++)}));
    }
    EXPECT_TRUE(Do(killer,
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> $1 AND "
                   "backend_type = 'client backend'",
                   {Param::Int4(own)}));
    for (Started<Rows>& one : started) {
      const Result<Rows> outcome = one.Get();
      stored += outcome ? 1 : 0;
      if (!outcome) {
        EXPECT_EQ(outcome.error().code, Code::kUnavailable) << outcome.error();
      }
    }
  }
  const Result<Rows> count = Do(killer, "SELECT count(*) FROM load");
  ASSERT_TRUE(count) << count.error();
  EXPECT_GE(count->Int8(0, 0), stored);  // kUnavailable may have been committed.
  EXPECT_LE(count->Int8(0, 0), next);
}

TEST_F(PostgresPool, PreparesAnewWhenATableHasChanged) {
  Pool one(loop_, ConfigOfServer(1));
  MustDo(
      "DROP TABLE IF EXISTS changing; CREATE TABLE changing (a int); INSERT INTO changing VALUES "
      "(1)");
  EXPECT_TRUE(Do(one, "SELECT * FROM changing"));
  MustDo("ALTER TABLE changing ADD COLUMN b int DEFAULT 2");
  EXPECT_EQ(Do(one, "SELECT * FROM changing").error().code, Code::kAborted);
  EXPECT_EQ(Do(one, "SELECT * FROM changing")->Int4(0, 1), 2);
}

TEST_F(PostgresPool, RunsMoreStatementsThanItKeepsPrepared) {
  Pool one(loop_, ConfigOfServer(1));
  std::vector<Started<Rows>> started;
  for (int i = 0; i < 1200; ++i) started.push_back(Start(one, "SELECT " + std::to_string(i)));
  for (int i = 0; i < 1200; ++i) {
    EXPECT_EQ(started[static_cast<size_t>(i)].Get()->Int4(0, 0), i);
  }
}

TEST_F(PostgresPool, RunsAScriptAsOneTransaction) {
  MustDo("DROP TABLE IF EXISTS scripted; CREATE TABLE scripted (i int)");
  const Result<void> failed =
      Await(loop_, pool_.Script("INSERT INTO scripted VALUES (1); SELECT 1/0", In(kSoon)));
  EXPECT_EQ(failed.error().code, Code::kInvalidArgument);
  EXPECT_EQ(Do(pool_, "SELECT count(*) FROM scripted")->Int8(0, 0), 0);
  const Result<void> open = Await(loop_, pool_.Script("BEGIN; SELECT 1", In(kSoon)));
  EXPECT_FALSE(open);
  EXPECT_TRUE(Do(pool_, "SELECT 1"));
}

TEST_F(PostgresPool, SignsOnWithAPassword) {
  if (std::getenv("DROVER_TEST_POSTGRES_PASSWORD_FILE") == nullptr) {
    GTEST_SKIP() << "run by postgres_password_test, on a server that asks for one";
  }
  EXPECT_TRUE(Do(pool_, "SELECT 1"));
  Config config = ConfigOfServer(1);
  config.password = "wrong-one";
  Pool refused(loop_, config);
  const Result<Rows> rows = Do(refused, "SELECT 1");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::kUnavailable);
  EXPECT_NE(rows.error().message.find("password authentication failed"), std::string::npos);
  EXPECT_EQ(rows.error().message.find("wrong-one"), std::string::npos);
}

TEST_F(PostgresPool, ResolvesTheServersName) {
  Config config = ConfigOfServer(1);
  const std::string address = "127.0.0.1";
  const size_t at = config.url.find(address);
  ASSERT_NE(at, std::string::npos);
  config.url.replace(at, address.size(), "localhost");
  Pool named(loop_, config);
  const Result<Rows> rows = Do(named, "SELECT 1");
  EXPECT_TRUE(rows) << rows.error();
}

TEST_F(PostgresPool, SaysAtOnceWhenThereIsNoServer) {
  asio::ip::tcp::acceptor taken(loop_, {asio::ip::address_v4::loopback(), 0});
  const uint16_t port = taken.local_endpoint().port();
  taken.close();
  Config config;
  config.url = "postgresql://drover@127.0.0.1:" + std::to_string(port) + "/drover";
  Pool nowhere(loop_, config);
  EXPECT_EQ(Do(nowhere, "SELECT 1").error().code, Code::kUnavailable);
  EXPECT_FALSE(nowhere.connected());
}

TEST_F(PostgresPool, SaysWhatIsWrongWithItsUrl) {
  for (const char* url : {"http://127.0.0.1", "postgresql://drover:secret@127.0.0.1/drover"}) {
    Config config;
    config.url = url;
    Pool pool(loop_, config);
    const Result<Rows> rows = Do(pool, "SELECT 1");
    ASSERT_FALSE(rows) << url;
    EXPECT_EQ(rows.error().code, Code::kInvalidArgument);
    EXPECT_EQ(rows.error().message.find("secret"), std::string::npos);
  }
}

TEST_F(PostgresPool, MayEndWhileStatementsRun) {
  auto pool = std::make_unique<Pool>(loop_, ConfigOfServer(1));
  ASSERT_TRUE(Do(*pool, "SELECT 1"));
  Started<Rows> sleeps = Start(*pool, "SELECT pg_sleep(600)");
  Started<Rows> waits = Start(*pool, "SELECT 1");
  EXPECT_TRUE(Do(pool_, "SELECT 1"));
  pool.reset();
  EXPECT_TRUE(Do(pool_, "SELECT 1"));
  EXPECT_FALSE(sleeps.done());
  EXPECT_FALSE(waits.done());
}

}  // namespace
}  // namespace drover::postgres

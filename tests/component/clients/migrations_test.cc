// libs/postgres' migrations against a real server.
#include "libs/postgres/migrations.h"

#include <fstream>

#include "tests/component/clients/loop.h"

namespace drover::postgres {
namespace {

class Migrations : public ::testing::Test {
 protected:
  Migrations() {
    const Result<void> dropped =
        Await(loop_, pool_.Script("DROP SCHEMA IF EXISTS migrated CASCADE", In(kSoon)));
    DROVER_CHECK(dropped.has_value());
  }
  static Config ConfigOfServer() {
    Config config;
    config.url = ServerOf("DROVER_TEST_POSTGRES_URL");
    config.connections = 2;
    return config;
  }
  // The first n versions of a schema.
  static std::vector<Migration> Versions(size_t n) {
    std::vector<Migration> all = {
        {1, "create things", "CREATE TABLE migrated.things (i int)", "DROP TABLE migrated.things"},
        {2, "name the things; it's better",
         "ALTER TABLE migrated.things ADD COLUMN name text; INSERT INTO migrated.things VALUES (1, "
         "'a')",
         "DELETE FROM migrated.things; ALTER TABLE migrated.things DROP COLUMN name"},
        {3, "index the things -- by name", "CREATE INDEX things_name ON migrated.things (name)",
         "DROP INDEX migrated.things_name"}};
    all.resize(n);
    return all;
  }
  Result<int> To(size_t known, int to = -1) {
    return Await(loop_, Migrate(pool_, "migrated", Versions(known), to));
  }
  int Version() { return *Await(loop_, SchemaVersion(pool_, "migrated")); }
  Rows Select(std::string sql) {
    Statement statement;
    statement.sql = std::move(sql);
    return *Await(loop_, pool_.Execute(std::move(statement), In(kSoon)));
  }

  asio::io_context loop_{1};
  Pool pool_{loop_, ConfigOfServer()};
};

TEST_F(Migrations, StartAtNothing) { EXPECT_EQ(Version(), 0); }

TEST_F(Migrations, GoForwardToTheNewestAndStayThere) {
  const Result<int> first = To(2);
  ASSERT_TRUE(first) << first.error();
  EXPECT_EQ(*first, 2);
  EXPECT_EQ(*To(3), 3);
  EXPECT_EQ(*To(3), 3);
  EXPECT_EQ(Version(), 3);
  EXPECT_EQ(Select("SELECT name FROM migrated.things").Text(0, 0), "a");
}

TEST_F(Migrations, GoOneVersionBackAndForwardAgainAndKeepTheHistory) {
  ASSERT_TRUE(To(3));
  EXPECT_EQ(*To(3, 2), 2);
  EXPECT_EQ(Version(), 2);
  EXPECT_EQ(*To(3), 3);
  const Rows history = Select("SELECT version, name FROM migrated.schema_version ORDER BY step");
  ASSERT_EQ(history.size(), 5u);
  EXPECT_EQ(history.Int4(3, 0), 2);
  EXPECT_EQ(history.Text(3, 1), "back: index the things -- by name");
  EXPECT_EQ(history.Int4(4, 0), 3);
}

TEST_F(Migrations, DoNotGoTwoVersionsBack) {
  ASSERT_TRUE(To(3));
  EXPECT_EQ(To(3, 1).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(Version(), 3);
}

TEST_F(Migrations, LeaveASchemaOneAheadAndRefuseOneFurther) {
  ASSERT_TRUE(To(3));
  EXPECT_EQ(*To(2), 3);
  EXPECT_EQ(To(1).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(Version(), 3);
}

TEST_F(Migrations, UndoAStepThatFails) {
  std::vector<Migration> broken = Versions(2);
  broken[1].forward += "; SELECT 1/0";
  const Result<int> failed = Await(loop_, Migrate(pool_, "migrated", broken, -1));
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("migration 2"), std::string::npos) << failed.error();
  EXPECT_EQ(Version(), 1);
  EXPECT_EQ(Select("SELECT count(*) FROM migrated.things").Int8(0, 0), 0);
  EXPECT_EQ(*To(2), 2);
}

TEST_F(Migrations, AreDoneOnceByManyReplicas) {
  std::vector<std::unique_ptr<Pool>> pools;
  std::vector<Started<int>> started;
  for (int i = 0; i < 6; ++i) {
    pools.push_back(std::make_unique<Pool>(loop_, ConfigOfServer()));
    started.emplace_back(loop_, Migrate(*pools.back(), "migrated", Versions(3), -1));
  }
  for (Started<int>& one : started) {
    const Result<int> version = one.Get();
    ASSERT_TRUE(version) << version.error();
    EXPECT_EQ(*version, 3);
  }
  EXPECT_EQ(Select("SELECT count(*) FROM migrated.schema_version").Int8(0, 0), 3);
}

TEST_F(Migrations, RefuseGapsAndNamesThatAreNoIdentifiers) {
  std::vector<Migration> gap = Versions(3);
  gap.erase(gap.begin() + 1);
  EXPECT_EQ(Await(loop_, Migrate(pool_, "migrated", gap, -1)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Await(loop_, Migrate(pool_, "a; drop", Versions(1), -1)).error().code,
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace drover::postgres

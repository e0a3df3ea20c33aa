// Migrations on real PostgreSQL.
#include "services/tree/adapters/migrations.h"
#include "services/tree/testing/cluster.h"

namespace drover::tree {
namespace {

class Schema : public ClusterTest {
 protected:
  Result<int> Migrate(int to) {
    return Await(postgres::Migrate(parts_->pool, kSchema, Migrations(), to));
  }
};

TEST_F(Schema, IsMadeFromNothing) {
  Script("DROP SCHEMA tree CASCADE");
  const Result<int> version = Migrate(-1);
  ASSERT_TRUE(version) << version.error();
  EXPECT_EQ(*version, static_cast<int>(Migrations().size()));
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'tree.nodes'::regclass"), "8");
}

TEST_F(Schema, GoesBackOneVersionAndForwardAgainWithItsData) {
  ASSERT_EQ(Ask(Enrolling(NewDeviceOf("kept"))).code(), 0U);
  const int newest = static_cast<int>(Migrations().size());
  const Result<int> back = Migrate(newest - 1);
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(*back, newest - 1);
  EXPECT_EQ(Ask(Lookup("kept")).code(), 0U);
  EXPECT_EQ(Ask(Reporting("kept", {{"./DevInfo/Mod", "M1", now_}})).code(), 0U);
  const Result<int> forward = Migrate(-1);
  ASSERT_TRUE(forward) << forward.error();
  EXPECT_EQ(Sql("SELECT model FROM tree.devices"), "M1");
}

TEST_F(Schema, HasAnIndexForEachFact) {
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_indexes WHERE schemaname = 'tree' AND indexname IN ("
                "'devices_manufacturer', 'devices_model', 'devices_firmware_version', "
                "'devices_software_version', 'devices_hardware_version', 'devices_language', "
                "'devices_dm_version')"),
            "7");
}

}  // namespace
}  // namespace drover::tree

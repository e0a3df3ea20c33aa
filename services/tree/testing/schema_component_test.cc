// Migrations on real PostgreSQL.
#include "services/tree/adapters/migrations.h"
#include "services/tree/core/page.h"
#include "services/tree/testing/cluster.h"

namespace drover::tree {
namespace {

using std::chrono::hours, std::chrono::seconds;

class Schema : public ClusterTest {
 protected:
  Result<int> Migrate(int to) {
    return Await(postgres::Migrate(parts_->pool, kSchema, Migrations(), to));
  }
  // Back to before nodes were in pages, as the releases between then and now would: one version
  // each.
  void BackBeforePages() {
    constexpr size_t kPagesSince = 5;
    for (size_t newest = Migrations().size(); newest >= kPagesSince; --newest) {
      std::vector<postgres::Migration> known = Migrations();
      known.resize(newest);
      const int to = static_cast<int>(newest) - 1;
      const Result<int> back = Await(postgres::Migrate(parts_->pool, kSchema, known, to));
      ASSERT_TRUE(back) << back.error();
      EXPECT_EQ(*back, to);
    }
  }
  // Every node with all that is known of it.
  std::string Tree() {
    v1::GetSubtreeRequest request;
    request.set_device_id("kept");
    request.set_uri(".");
    const auto response = Await(parts_->tree_service.Get(request, In(seconds(30))));
    return response ? response->ShortDebugString() : response.error().message;
  }
  void Report(const std::vector<v1::Node>& nodes) {
    v1::TreeRequest request;
    request.mutable_apply_report()->set_device_id("kept");
    for (const v1::Node& node : nodes) *request.mutable_apply_report()->add_nodes() = node;
    ASSERT_EQ(Ask(std::move(request)).code(), 0U);
  }
};

v1::Node NodeAt(const std::string& uri, const std::string& value) {
  v1::Node node;
  node.set_uri(uri);
  node.set_format("chr");
  node.set_type("text/plain");
  node.set_value(value);
  return node;
}

// Nodes of every kind, and enough of them for several pages.
std::vector<v1::Node> NodesOfEveryKind() {
  std::vector<v1::Node> nodes = {NodeAt("./DevInfo/Mod", "M1"), NodeAt("./Large", ""),
                                 NodeAt("./Acl", ""), NodeAt("./Visited", ""),
                                 NodeAt("./Text", std::string("\0\xff", 2))};
  nodes[1].set_value(std::string(100'000, 'x'));
  nodes[2].set_has_acl(true);
  nodes[2].set_acl("Get=*");
  nodes[3].clear_value();
  nodes[3].set_without_value(true);
  nodes[4].set_format("x-format");
  nodes[4].set_type("urn:vendor:\xc3\xa9");
  for (int i = 0; i < 200; ++i) {
    nodes.push_back(NodeAt("./Ext/" + std::to_string(i * 37) + "/\xc3\xa9", std::string(i, 'v')));
  }
  return nodes;
}

TEST_F(Schema, IsMadeFromNothing) {
  Script("DROP SCHEMA tree CASCADE");
  const Result<int> version = Migrate(-1);
  ASSERT_TRUE(version) << version.error();
  EXPECT_EQ(*version, static_cast<int>(Migrations().size()));
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_inherits WHERE inhparent = "
                "'tree.node_history'::regclass"),
            "8");
}

TEST_F(Schema, GoesBackVersionByVersionAndForwardAgainWithItsData) {
  ASSERT_EQ(Ask(Enrolling(NewDeviceOf("kept"))).code(), 0U);
  Report(NodesOfEveryKind());
  now_ += hours(2);  // Read again: their times move, and since when they are so is known.
  Report({NodeAt("./DevInfo/Mod", "M1"), NodeAt("./Large", std::string(100'000, 'x'))});
  const std::string tree = Tree();
  BackBeforePages();
  EXPECT_EQ(Sql("SELECT count(*) || ' ' || count(value) || ' ' || count(acl) || ' ' || count(since)"
                " FROM tree.nodes"),
            "205 204 1 2");
  EXPECT_EQ(Sql("SELECT value FROM tree.nodes WHERE uri = './DevInfo/Mod'"), "\\x4d31");
  EXPECT_EQ(Sql("SELECT octet_length(value) FROM tree.nodes WHERE uri = './Large'"), "100000");
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'tree.devices'::regclass"),
            "8");

  const Result<int> forward = Migrate(-1);
  ASSERT_TRUE(forward) << forward.error();
  EXPECT_EQ(Tree(), tree);
  EXPECT_EQ(Ask(Lookup("kept")).code(), 0U);
  EXPECT_EQ(Sql("SELECT model FROM tree.devices"), "M1");
  EXPECT_EQ(Sql("SELECT first_uri FROM tree.pages ORDER BY first_uri LIMIT 1"), "");
  EXPECT_EQ(Sql("SELECT max(octet_length(content)) <= " + std::to_string(kPageOctets) +
                " AND count(*) > 4 FROM tree.pages"),
            "true");
}

TEST_F(Schema, WhatWasConvertedIsReadAndWrittenAsBefore) {
  ASSERT_EQ(Ask(Enrolling(NewDeviceOf("kept"))).code(), 0U);
  const std::vector<v1::Node> nodes = NodesOfEveryKind();
  Report(nodes);
  BackBeforePages();
  ASSERT_TRUE(Migrate(-1));
  now_ += seconds(1);
  Report(nodes);
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.pages WHERE version > 1"), "0") << "nothing changed";
  Report({NodeAt("./Ext/37/\xc3\xa9", "other"), NodeAt("./Large", "small")});
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "2");
  EXPECT_EQ(Sql("SELECT sum(octet_length(value)) FROM tree.node_history"), "100001");
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.large_values"), "0");
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

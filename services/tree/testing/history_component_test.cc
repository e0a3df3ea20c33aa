// What nodes were, and ACLs, on real PostgreSQL.
#include "services/tree/testing/cluster.h"

namespace drover::tree {
namespace {

using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
using testing::ElementsAre;

class History : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (parts_ == nullptr) return;
    ASSERT_EQ(Ask(Enrolling(NewDeviceOf("d"))).code(), 0U);
  }
  void Report(const std::vector<NodeOf>& nodes, const std::vector<std::string>& deleted = {}) {
    const v1::TreeReply reply = Ask(Reporting("d", nodes, deleted));
    ASSERT_EQ(reply.code(), 0U) << reply.error();
  }
  // "<uri>=<value>" of each node.
  Result<std::vector<std::string>> Tree(const std::string& uri, std::optional<TimePoint> as_of) {
    v1::GetSubtreeRequest request;
    request.set_device_id("d");
    request.set_uri(uri);
    if (as_of) {
      const int64_t micros = as_of->time_since_epoch().count();
      request.mutable_as_of()->set_seconds(micros / 1'000'000);
    }
    auto response = Await(parts_->tree_service.Get(std::move(request), In(seconds(30))));
    if (!response) return response.error();
    std::vector<std::string> nodes;
    for (const v1::Node& node : response->nodes()) nodes.push_back(node.uri() + "=" + node.value());
    return nodes;
  }
  std::vector<std::string> At(TimePoint as_of) {
    return Tree(".", as_of).value_or({std::string("none")});
  }
  // "<value> <age of since in s>..<age of until in s>", ages counted from start_.
  std::vector<std::string> Versions(const std::string& uri) {
    v1::GetNodeHistoryRequest request;
    request.set_device_id("d");
    request.set_uri(uri);
    const auto response = Await(parts_->tree_service.History(request, In(seconds(30))));
    std::vector<std::string> versions;
    if (!response) return versions;
    const int64_t start = start_.time_since_epoch().count() / 1'000'000;
    for (const auto& version : response->versions()) {
      versions.push_back(version.value() + " " + std::to_string(version.since().seconds() - start) +
                         ".." +
                         (version.has_until() ? std::to_string(version.until().seconds() - start)
                                              : std::string()));
    }
    return versions;
  }
  v1::Node Get(const std::string& uri) {
    v1::GetSubtreeRequest request;
    request.set_device_id("d");
    request.set_uri(uri);
    const auto response = Await(parts_->tree_service.Get(std::move(request), In(seconds(30))));
    EXPECT_TRUE(response) << response.error();
    return response ? response->nodes(0) : v1::Node();
  }
  void ReportNode(const v1::Node& node) {
    v1::TreeRequest request;
    request.mutable_apply_report()->set_device_id("d");
    *request.mutable_apply_report()->add_nodes() = node;
    const v1::TreeReply reply = Ask(std::move(request));
    ASSERT_EQ(reply.code(), 0U) << reply.error();
  }
  const TimePoint start_ = now_;
};

TEST_F(History, ATreeIsShownAsItWasAtATime) {
  Report({{"./A", "", now_, "node"}, {"./A/x", "1", now_}});
  now_ = start_ + seconds(10);
  Report({{"./A/x", "2", now_}, {"./A/y", "new", now_}});
  now_ = start_ + seconds(20);
  Report({}, {"./A/y"});
  now_ = start_ + seconds(30);
  Report({{"./A/y", "again", now_}});

  EXPECT_THAT(At(start_ + seconds(1)), ElementsAre("./A=", "./A/x=1"));
  EXPECT_THAT(At(start_ + seconds(10)), ElementsAre("./A=", "./A/x=2", "./A/y=new"));
  EXPECT_THAT(At(start_ + seconds(25)), ElementsAre("./A=", "./A/x=2"));
  EXPECT_THAT(At(now_), ElementsAre("./A=", "./A/x=2", "./A/y=again"));
  EXPECT_THAT(*Tree("./A/x", start_ + seconds(9)), ElementsAre("./A/x=1"));
  EXPECT_EQ(Tree(".", start_ - seconds(1)).error().code, Code::kNotFound);
  EXPECT_EQ(Tree(".", start_ - hours(24 * 91)).error().code, Code::kOutOfRange);
}

TEST_F(History, ANodesValuesAreListedTheNewestFirst) {
  Report({{"./A", "1", now_}});
  now_ = start_ + seconds(10);
  Report({{"./A", "2", now_}});
  now_ = start_ + hours(2);
  Report({{"./A", "2", now_}});  // Read again: only its time moves.
  now_ = start_ + hours(3);
  Report({}, {"./A"});
  EXPECT_THAT(Versions("./A"), ElementsAre("2 10..10800", "1 0..10"));
  now_ = start_ + hours(4);
  Report({{"./A", "3", now_}});
  EXPECT_THAT(Versions("./A"), ElementsAre("3 14400..", "2 10..10800", "1 0..10"));
  EXPECT_TRUE(Versions("./B").empty());
}

TEST_F(History, NothingIsKeptOfAValueThatDidNotChange) {
  Report({{"./A", "1", now_}});
  now_ += hours(2);
  Report({{"./A", "1", now_}});
  now_ += hours(2);
  Report({{"./A", "1", now_, "int"}});
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "0");
  EXPECT_THAT(Versions("./A"), ElementsAre("1 0.."));
}

TEST_F(History, IsForgottenPastItsRetentionInSlices) {
  for (int i = 0; i < 20; ++i) {
    Report({{"./A", std::to_string(i), now_}});
    now_ += seconds(1);
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "19");
  now_ = start_ + hours(24 * 90) + seconds(10);
  const Result<bool> more = Await(parts_->upkeep.SweepHistory());
  ASSERT_TRUE(more) << more.error();
  EXPECT_FALSE(*more);
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "10");
  Script(
      "INSERT INTO tree.node_history SELECT since, until - i * interval '1 second' - interval "
      "'1 year', format, type, device_id, uri, value FROM (SELECT * FROM tree.node_history LIMIT "
      "1) one, generate_series(1, 600) i");
  EXPECT_TRUE(*Await(parts_->upkeep.SweepHistory())) << "500 rows of a partition at a time";
  EXPECT_FALSE(*Await(parts_->upkeep.SweepHistory()));
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "10");
}

TEST_F(History, AnAclIsKeptBesideTheValue) {
  Report({{"./A", "1", now_}});
  v1::Node acl;
  acl.set_uri("./A");
  acl.set_has_acl(true);
  acl.set_acl("Get=*&Replace=drover");
  acl.set_only_acl(true);
  now_ += seconds(1);
  ReportNode(acl);
  v1::Node node = Get("./A");
  EXPECT_EQ(node.value(), "1");
  EXPECT_EQ(node.format(), "chr");
  EXPECT_TRUE(node.has_acl());
  EXPECT_EQ(node.acl(), "Get=*&Replace=drover");
  now_ += seconds(1);
  Report({{"./A", "2", now_}});
  EXPECT_EQ(Get("./A").acl(), "Get=*&Replace=drover") << "a value says nothing of the ACL";
  now_ += seconds(1);
  acl.set_acl("");
  ReportNode(acl);
  EXPECT_TRUE(Get("./A").has_acl());
  EXPECT_EQ(Get("./A").acl(), "") << "known to inherit";
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "1");
}

TEST_F(History, ANodeMayBeKnownWithoutItsValue) {
  v1::Node visit;
  visit.set_uri("./A");
  visit.set_format("int");
  visit.set_without_value(true);
  ReportNode(visit);
  EXPECT_TRUE(Get("./A").without_value());
  EXPECT_EQ(Get("./A").format(), "int");
  now_ += seconds(1);
  Report({{"./A", "5", now_, "int"}});
  EXPECT_FALSE(Get("./A").without_value());
  now_ += seconds(1);
  visit.clear_format();
  ReportNode(visit);
  EXPECT_EQ(Get("./A").value(), "5") << "a value that is known stays";
  EXPECT_EQ(Get("./A").format(), "int");
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "0");
}

TEST_F(History, AnImportIsAReport) {
  v1::ImportSubtreeRequest request;
  request.set_device_id("d");
  v1::Node& node = *request.add_nodes();
  node.set_uri("./A");
  node.set_format("chr");
  node.set_value("imported");
  ASSERT_TRUE(Await(parts_->tree_service.Import(request, In(seconds(30)))));
  EXPECT_EQ(Get("./A").value(), "imported");
  request.mutable_nodes(0)->set_uri("A");
  const auto refused = Await(parts_->tree_service.Import(request, In(seconds(30))));
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  request.set_device_id("nobody");
  request.mutable_nodes(0)->set_uri("./A");
  EXPECT_EQ(Await(parts_->tree_service.Import(request, In(seconds(30)))).error().code,
            Code::kNotFound);
}

// Discovery: a whole tree in one report, each kind of node in it.
TEST_F(History, TenThousandNodesComeInOneReport) {
  std::vector<NodeOf> nodes = {{"./Top", "", now_, "node", ""}};
  for (int i = 1; i < 10'000; ++i) {
    const std::string uri = "./Top/" + std::to_string(i % 100) + "/" + std::to_string(i);
    nodes.push_back({uri, "value of " + uri, now_});
  }
  const auto start = std::chrono::steady_clock::now();
  Report(nodes);
  const std::chrono::duration<double, std::milli> first = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(Tree("./Top", std::nullopt)->size(), 10'000U);
  for (NodeOf& node : nodes) {
    node.at += minutes(1);
    node.value += "'";
  }
  now_ += minutes(1);
  Report(nodes);
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "10000");
  EXPECT_EQ(Tree("./Top", start_)->size(), 10'000U);
  now_ += minutes(1);
  Report({}, {"."});
  EXPECT_EQ(Tree("./Top", std::nullopt).error().code, Code::kNotFound);
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "20000");
  RecordProperty("milliseconds_report_of_ten_thousand", std::to_string(first.count()));
}

}  // namespace
}  // namespace drover::tree

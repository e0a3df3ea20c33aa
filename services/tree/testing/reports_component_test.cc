// Reports and subtrees on real PostgreSQL and Kafka.
#include "services/tree/testing/cluster.h"

namespace drover::tree {
namespace {

using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;

uint32_t Number(Code code) { return static_cast<uint32_t>(code); }

class Reports : public ClusterTest {
 protected:
  void Enrol(const std::string& prefix, int count) {
    v1::EnrolDevicesRequest request;
    for (int i = 0; i < count; ++i) {
      *request.add_devices() = NewDeviceOf(count == 1 ? prefix : prefix + std::to_string(i));
    }
    const auto enrolled = Await(parts_->device_service.Enrol(std::move(request), In(seconds(30))));
    ASSERT_TRUE(enrolled) << enrolled.error();
  }
  Result<v1::GetSubtreeResponse> Get(const std::string& device, const std::string& uri) {
    v1::GetSubtreeRequest request;
    request.set_device_id(device);
    request.set_uri(uri);
    return Await(parts_->tree_service.Get(std::move(request), In(seconds(30))));
  }
  std::vector<std::string> Uris(const std::string& device, const std::string& uri) {
    const auto subtree = Get(device, uri);
    std::vector<std::string> uris;
    if (!subtree) return uris;
    for (const v1::Node& node : subtree->nodes()) uris.push_back(node.uri());
    return uris;
  }
  std::string Value(const std::string& device, const std::string& uri) {
    const auto subtree = Get(device, uri);
    return subtree ? subtree->nodes(0).value() : "none";
  }
  std::string Fact(const std::string& column) {
    return Sql("SELECT " + column + " FROM tree.devices");
  }
  // Changes whenever any row of the tables is written, even with the same content.
  std::string WhereRowsAre() {
    return Sql(
        "SELECT md5(string_agg(t, ' ' ORDER BY t)) FROM ("
        "SELECT device_id || first_uri || ctid || xmin || xmax AS t FROM tree.pages UNION "
        "ALL "
        "SELECT device_id || ctid || xmin || xmax FROM tree.devices) rows");
  }
};

std::vector<v1::TreeRequest> TenNodesOfEach(int devices, TimePoint at) {
  std::vector<v1::TreeRequest> requests;
  for (int i = 0; i < devices; ++i) {
    const std::string number = std::to_string(i);
    requests.push_back(Reporting("IMEI:49300510" + std::to_string(1'000'000 + i),
                                 {{"./DevInfo/Man", "Acme", at},
                                  {"./DevInfo/Mod", "Model " + std::to_string(i % 7), at},
                                  {"./DevInfo/Lang", "en", at},
                                  {"./DevInfo/DmV", "1.2", at},
                                  {"./DevInfo/DevId", "IMEI:49300510" + number, at},
                                  {"./DevDetail/FwV", "fw-1.0." + std::to_string(i % 3), at},
                                  {"./DevDetail/SwV", "sw-2.0", at},
                                  {"./DevDetail/HwV", "hw-1", at},
                                  {"./DevDetail/LrgObj", "false", at, "bool"},
                                  {"./DMAcc/1/AAuthName", "user" + number, at}}));
  }
  return requests;
}

TEST_F(Reports, AThousandTerminalsWithTenNodesEachAreKeptAndARepeatChangesNothing) {
  v1::EnrolDevicesRequest enrol;
  for (int i = 0; i < 1000; ++i) {
    *enrol.add_devices() = NewDeviceOf("IMEI:49300510" + std::to_string(1'000'000 + i));
  }
  ASSERT_TRUE(Await(parts_->device_service.Enrol(std::move(enrol), In(seconds(30)))));
  const std::vector<v1::TreeRequest> requests = TenNodesOfEach(1000, now_);
  const auto start = std::chrono::steady_clock::now();
  for (const v1::TreeReply& reply : Ask(requests)) ASSERT_EQ(reply.code(), 0U) << reply.error();
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(Uris("IMEI:493005101000999", ".").size(), 10U);
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.pages"), "1000");
  EXPECT_EQ(
      Sql("SELECT count(*) FROM tree.devices WHERE model = 'Model 3' AND seen_at IS NOT NULL"),
      "143");
  const std::string before = WhereRowsAre();
  const std::string events = Sql("SELECT count(*) FROM tree.outbox");
  for (const v1::TreeReply& reply : Ask(requests)) ASSERT_EQ(reply.code(), 0U) << reply.error();
  EXPECT_EQ(WhereRowsAre(), before);
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.outbox"), events);
  RecordProperty("microseconds_report_of_ten", std::to_string(took.count() / 1000));
  RecordProperty("octets_a_device",
                 Sql("SELECT sum(pg_total_relation_size(oid)) / 1000 FROM pg_class WHERE relkind = "
                     "'r' AND relnamespace = 'tree'::regnamespace AND relname IN "
                     "('devices', 'pages', 'large_values')"));
}

TEST_F(Reports, AnOlderReportDoesNotOverwriteANewerOne) {
  Enrol("older", 1);
  Ask(Reporting("older", {{"./A", "new", now_}, {"./DevInfo/Mod", "M2", now_}}));
  const v1::TreeReply reply = Ask(Reporting(
      "older", {{"./A", "old", now_ - seconds(1)}, {"./DevInfo/Mod", "M1", now_ - seconds(1)}}));
  EXPECT_EQ(reply.code(), 0U);
  EXPECT_EQ(Value("older", "./A"), "new");
  EXPECT_EQ(Value("older", "./DevInfo/Mod"), "M2");
  EXPECT_EQ(Fact("model"), "M2");
}

TEST_F(Reports, AValueThatWasReadAgainMovesItsTimeOnceAnHour) {
  Enrol("again", 1);
  const auto age = [this] {
    return Get("again", "./A")->nodes(0).reported_at().seconds() - 1'800'000'000;
  };
  now_ = TimePoint(seconds(1'800'000'000));
  Ask(Reporting("again", {{"./A", "v", now_}}));
  now_ += minutes(59);
  Ask(Reporting("again", {{"./A", "v", now_}}));
  EXPECT_EQ(age(), 0);
  now_ += minutes(2);
  Ask(Reporting("again", {{"./A", "v", now_}}));
  EXPECT_EQ(age(), 3660);
  now_ += seconds(1);
  Ask(Reporting("again", {{"./A", "w", now_}}));
  EXPECT_EQ(age(), 3661);
}

TEST_F(Reports, FactsAreCopiedWhenTheyChangeAndOthersAreTold) {
  const std::string id = Unique("facts");
  Enrol(id, 1);
  Ask(Reporting(id, {{"./DevInfo/Man", "Acme", now_}, {"./DevDetail/FwV", "1", now_}}));
  now_ += minutes(1);
  Ask(Reporting(id, {{"./DevInfo/Man", "Acme", now_}, {"./DevDetail/FwV", "1", now_}}));
  now_ += minutes(1);
  Ask(Reporting(id, {{"./DevDetail/FwV", "2", now_}}));
  EXPECT_EQ(Fact("manufacturer"), "Acme");
  EXPECT_EQ(Fact("firmware_version"), "2");
  now_ += minutes(1);
  Ask(Reporting(id, {}, {"./DevDetail"}));
  EXPECT_EQ(Fact("firmware_version"), "");
  EXPECT_EQ(Registrations(id, 4),
            (std::vector<std::string>{id + " enrolled", id + " facts-changed",
                                      id + " facts-changed", id + " facts-changed"}));
}

TEST_F(Reports, SeenAtIsWrittenEveryFiveMinutes) {
  Enrol("seen", 1);
  const std::string never = Fact("seen_at");
  Ask(Reporting("seen", {}));
  const std::string first = Fact("seen_at");
  EXPECT_EQ(never, "NULL");
  EXPECT_NE(first, never);
  now_ += minutes(4);
  Ask(Reporting("seen", {{"./A", "", now_}}));
  EXPECT_EQ(Fact("seen_at"), first);
  now_ += minutes(2);
  Ask(Reporting("seen", {{"./A", "", now_}}));
  EXPECT_NE(Fact("seen_at"), first);
}

TEST_F(Reports, ASubtreeIsTheNodeAndWhatIsBelowAndNoNamesake) {
  Enrol("bounds", 1);
  Ask(Reporting("bounds", {{"./A", "", now_, "node"},
                           {"./A/x", "1", now_},
                           {"./A/x/y", "2", now_},
                           {"./A-B", "3", now_},
                           {"./AB", "4", now_},
                           {"./A%", "5", now_},
                           {"./A_", "6", now_}}));
  EXPECT_EQ(Uris("bounds", "./A"), (std::vector<std::string>{"./A", "./A/x", "./A/x/y"}));
  EXPECT_EQ(Uris("bounds", "./A%"), (std::vector<std::string>{"./A%"}));
  EXPECT_EQ(Uris("bounds", "A/x"), (std::vector<std::string>{"./A/x", "./A/x/y"}));
  EXPECT_EQ(Uris("bounds", ".").size(), 7U);
  EXPECT_EQ(Get("bounds", "./C").error().code, Code::kNotFound);
  EXPECT_EQ(Get("nobody", "./A").error().code, Code::kNotFound);
  EXPECT_EQ(Get("bounds", "./A//x").error().code, Code::kInvalidArgument);
}

TEST_F(Reports, DeletingANodeDeletesWhatIsBelowAndNoNamesake) {
  Enrol("delete", 1);
  Ask(Reporting("delete", {{"./A", "", now_, "node"}, {"./A/x", "1", now_}, {"./AB", "2", now_}}));
  now_ += seconds(1);
  const v1::TreeReply reply = Ask(Reporting("delete", {{"./A/z", "3", now_}}, {"./A"}));
  EXPECT_EQ(reply.code(), 0U) << reply.error();
  EXPECT_EQ(Uris("delete", "."), (std::vector<std::string>{"./A/z", "./AB"}));
  Ask(Reporting("delete", {}, {"."}));
  EXPECT_TRUE(Uris("delete", ".").empty());
}

TEST_F(Reports, FormatsTypesAndOctetsComeBackAsTheyWere) {
  Enrol("octets", 1);
  const std::string octets("\0\xff\n", 3);
  Ask(Reporting("octets", {{"./A", octets, now_, "bin", "application/octet-stream"},
                           {"./B", "", now_, "x-format", "x/type; charset=\xc3\xa9"},
                           {"./C", "", now_, "", ""}}));
  const auto subtree = Get("octets", ".");
  ASSERT_TRUE(subtree) << subtree.error();
  EXPECT_EQ(subtree->nodes(0).value(), octets);
  EXPECT_EQ(subtree->nodes(0).format(), "bin");
  EXPECT_EQ(subtree->nodes(0).type(), "application/octet-stream");
  EXPECT_EQ(subtree->nodes(1).format(), "x-format");
  EXPECT_EQ(subtree->nodes(1).type(), "x/type; charset=\xc3\xa9");
  EXPECT_EQ(subtree->nodes(2).format(), "");
  EXPECT_EQ(subtree->nodes(2).type(), "");
  EXPECT_EQ(subtree->nodes(0).reported_at().seconds(), now_.time_since_epoch().count() / 1'000'000);
}

TEST_F(Reports, OneThatIsRefusedDoesNotTakeItsBatchAlong) {
  Enrol("mates-", 3);
  Script(
      "ALTER TABLE tree.pages ADD CONSTRAINT poison CHECK (position('Poison'::bytea IN content) = "
      "0)");
  const std::vector<v1::TreeReply> replies =
      Ask({Reporting("mates-0", {{"./A", "1", now_}}),
           Reporting("mates-1", {{"./B", "1", now_}, {"./Poison", "1", now_}}),
           Reporting("mates-2", {{"./A", std::string("\0", 1), now_}}),
           Reporting("stranger", {{"./A", "1", now_}}),
           Reporting("mates-2", {{std::string("./\0", 3), "1", now_}})});
  Script("ALTER TABLE tree.pages DROP CONSTRAINT poison");
  EXPECT_EQ(replies[0].code(), 0U);
  EXPECT_EQ(replies[1].code(), Number(Code::kInvalidArgument));
  EXPECT_EQ(replies[2].code(), 0U);
  EXPECT_EQ(replies[3].code(), Number(Code::kNotFound));
  EXPECT_EQ(replies[4].code(), Number(Code::kInvalidArgument));
  EXPECT_TRUE(Uris("mates-1", ".").empty()) << "nothing of a refused report is kept";
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.pages"), "2");
}

TEST_F(Reports, TwoReplicasThatWriteOneTerminalAtATimeLoseNothing) {
  Enrol("both-", 4);
  const std::unique_ptr<Parts> other = MakeParts(kKeys, std::getenv("DROVER_TEST_REDIS_URL"));
  constexpr int kRounds = 40;
  size_t open = 0;
  std::vector<uint32_t> codes;
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < 8; ++i) {
      // Half of the nodes are new and the pages of a tree split again and again.
      const std::string number = std::to_string(round * 2 + i / 4);
      v1::TreeRequest request =
          Reporting("both-" + std::to_string(i % 4),
                    {{"./A/" + number, "value of " + number, now_}, {"./Z", number, now_}});
      ++open;
      const auto respond = [&](v1::TreeReply reply) {
        codes.push_back(reply.code());
        --open;
      };
      Parts& parts = i < 4 ? *parts_ : *other;
      parts.exchange.Handle(std::move(request), In(seconds(30)), respond);
    }
    now_ += seconds(1);
    Turn([&open] { return open <= 16; });
  }
  Turn([&open] { return open == 0; });
  EXPECT_EQ(codes, std::vector<uint32_t>(kRounds * 8, 0U));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Uris("both-" + std::to_string(i), "./A").size(), 2U * kRounds);
  }
}

TEST_F(Reports, AChangeInALargeTreeIsOneChangedPage) {
  Enrol("large", 1);
  std::vector<NodeOf> nodes;
  for (int i = 1000; i < 3000; ++i) nodes.push_back({"./T/" + std::to_string(i), "value", now_});
  Ask(Reporting("large", nodes));
  EXPECT_EQ(Uris("large", "./T").size(), 2000U);
  EXPECT_EQ(Uris("large", "./T/2345").size(), 1U);
  now_ += seconds(1);
  Ask(Reporting("large", {{"./T/2345", "other", now_}, {"./DevInfo/Mod", "M1", now_}}));
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.pages AS p, (SELECT min(version) AS first FROM "
                "tree.pages) AS f WHERE version > first"),
            "2");
  EXPECT_EQ(Value("large", "./T/2345"), "other");
  EXPECT_EQ(Fact("model"), "M1");
  Ask(Reporting("large", {}, {"./T"}));
  EXPECT_EQ(Uris("large", "."), (std::vector<std::string>{"./DevInfo/Mod"}));
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.pages"), "1");
}

TEST_F(Reports, AnUpdateOfAPageTouchesNoIndex) {
  Enrol("hot-", 200);
  std::vector<v1::TreeRequest> first, second;
  for (int i = 0; i < 200; ++i) {
    const std::string device = "hot-" + std::to_string(i);
    std::vector<NodeOf> nodes;
    for (int n = 0; n < 40; ++n) nodes.push_back({"./N/" + std::to_string(n), "some value", now_});
    first.push_back(Reporting(device, nodes));
    second.push_back(Reporting(device, {{"./N/7", "other value", now_ + seconds(1)}}));
  }
  Ask(std::move(first));
  // A row that stays in its block has no new index entry (HOT).
  Script(
      "DROP TABLE IF EXISTS tree.blocks_before; CREATE TABLE tree.blocks_before AS"
      " SELECT device_id, (ctid::text::point)[0] AS block FROM tree.pages");
  now_ += seconds(1);
  for (v1::TreeRequest& request : second) Ask(std::move(request));
  const std::string stayed =
      Sql("SELECT count(*) FROM tree.pages AS p JOIN tree.blocks_before AS b USING (device_id)"
          " WHERE (p.ctid::text::point)[0] = b.block");
  Script("DROP TABLE tree.blocks_before");
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.node_history"), "200");
  // Whoever else looks at the database then may keep the server from making room.
  EXPECT_GT(std::stoi(stayed), 150);
}

TEST_F(Reports, ReportsOfOneTerminalAreAppliedInTheirOrder) {
  Enrol("order", 1);
  std::vector<v1::TreeRequest> requests;
  for (int i = 0; i < 50; ++i) {
    requests.push_back(Reporting("order", {{"./A/" + std::to_string(i), "x", now_}}, {"./A"}));
  }
  for (const v1::TreeReply& reply : Ask(std::move(requests))) EXPECT_EQ(reply.code(), 0U);
  EXPECT_EQ(Uris("order", "."), (std::vector<std::string>{"./A/49"}));
}

}  // namespace
}  // namespace drover::tree

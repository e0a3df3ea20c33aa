#include "services/tree/core/report.h"

#include <gtest/gtest.h>

namespace drover::tree {
namespace {

using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
constexpr TimePoint kNow{hours(500'000)};

Node MakeNode(std::string uri, std::string value, TimePoint at = kNow) {
  return {std::move(uri), "chr", "text/plain", std::move(value), at};
}

Report Of(std::vector<Node> nodes, std::vector<std::string> deleted = {}) {
  return {DeviceId("IMEI:493005100592800"), std::move(nodes), std::move(deleted)};
}

KnownDevice Known() {
  KnownDevice known;
  known.device.id = DeviceId("IMEI:493005100592800");
  known.device.seen_at = kNow - minutes(1);
  At(known.device.facts, Fact::kModel) = "M1";
  return known;
}

TEST(CheckReport, RefusesWhatNoTextColumnTakes) {
  EXPECT_TRUE(CheckReport(Of({MakeNode("./A", std::string("\0\xff", 2))})));
  EXPECT_FALSE(CheckReport(Of({MakeNode(std::string("./A\0", 4), "")})));
  EXPECT_FALSE(CheckReport(Of({MakeNode("./A\xff", "")})));
  Node node = MakeNode("./A", "");
  node.format = std::string("c\0", 2);
  EXPECT_FALSE(CheckReport(Of({node})));
  node = MakeNode("./A", "");
  node.type = "\xc0\x80";
  EXPECT_FALSE(CheckReport(Of({node})));
  EXPECT_FALSE(CheckReport(Of({}, {"A"})));
}

TEST(Normalise, PutsNowForATimeThatIsMissingOrAhead) {
  Report report = Of({MakeNode("./A", "", {}), MakeNode("./B", "", kNow + hours(1)),
                      MakeNode("./C", "", kNow - hours(1))});
  Normalise(report, kNow);
  EXPECT_EQ(report.nodes[0].reported_at, kNow);
  EXPECT_EQ(report.nodes[1].reported_at, kNow);
  EXPECT_EQ(report.nodes[2].reported_at, kNow - hours(1));
}

TEST(Normalise, KeepsTheNewestOfANodeAndTheLastOfEquals) {
  Report report = Of({MakeNode("./B", "old", kNow - seconds(2)), MakeNode("./A", "first"),
                      MakeNode("./B", "new", kNow - seconds(1)), MakeNode("./A", "last"),
                      MakeNode("./B", "older", kNow - seconds(3))});
  Normalise(report, kNow);
  ASSERT_EQ(report.nodes.size(), 2U);
  EXPECT_EQ(report.nodes[0].value, "last");
  EXPECT_EQ(report.nodes[1].value, "new");
}

TEST(Normalise, AddsAnAclAndAVisitWithoutAValueToWhatWasSaidBefore) {
  Node acl = MakeNode("./A", "");
  acl.format = acl.type = "";
  acl.acl = "Get=*";
  acl.only_acl = true;
  Node visit = MakeNode("./A", "");
  visit.type = "";
  visit.without_value = true;
  Report report = Of({MakeNode("./A", "v"), acl, visit});
  Normalise(report, kNow);
  ASSERT_EQ(report.nodes.size(), 1U);
  EXPECT_EQ(report.nodes[0].value, "v");
  EXPECT_EQ(report.nodes[0].format, "chr");
  EXPECT_EQ(report.nodes[0].type, "text/plain");
  EXPECT_EQ(report.nodes[0].acl, "Get=*");
  EXPECT_FALSE(report.nodes[0].only_acl);
  EXPECT_FALSE(report.nodes[0].without_value);
  Report other = Of({acl, visit});
  Normalise(other, kNow);
  EXPECT_FALSE(other.nodes[0].only_acl);
  EXPECT_TRUE(other.nodes[0].without_value);
  EXPECT_EQ(other.nodes[0].acl, "Get=*");
}

TEST(ChangeOf, TakesNoFactFromANodeWithoutAValue) {
  Node model = MakeNode("./DevInfo/Mod", "");
  model.without_value = true;
  EXPECT_FALSE(ChangeOf(Known(), Of({model}), kNow).facts_differ);
  EXPECT_TRUE(FactsTouched(Of({model})).empty());
}

TEST(ChangeOf, IsNothingForNodesThatAreNoFactsOfATerminalJustSeen) {
  const DeviceChange change = ChangeOf(Known(), Of({MakeNode("./A", "1")}), kNow);
  EXPECT_FALSE(change.seen);
  EXPECT_FALSE(change.facts_differ);
}

TEST(ChangeOf, MovesSeenAtEveryFiveMinutes) {
  KnownDevice known = Known();
  known.device.seen_at = kNow - minutes(5);
  EXPECT_TRUE(ChangeOf(known, Of({}), kNow).seen);
  known.device.seen_at.reset();
  EXPECT_TRUE(ChangeOf(known, Of({}), kNow).seen);
}

TEST(ChangeOf, TakesFactsFromTheirNodes) {
  const DeviceChange change = ChangeOf(
      Known(), Of({MakeNode("./DevInfo/Mod", "M2"), MakeNode("./DevDetail/FwV", "7")}), kNow);
  EXPECT_TRUE(change.facts_differ);
  EXPECT_EQ(At(change.facts, Fact::kModel), "M2");
  EXPECT_EQ(At(change.facts, Fact::kFirmwareVersion), "7");
}

TEST(ChangeOf, SeesNoChangeInAFactThatIsTheSame) {
  EXPECT_FALSE(ChangeOf(Known(), Of({MakeNode("./DevInfo/Mod", "M1")}), kNow).facts_differ);
}

TEST(ChangeOf, DoesNotLetAnOlderReportChangeAFact) {
  KnownDevice known = Known();
  known.fact_times[static_cast<size_t>(Fact::kModel)] = kNow;
  const Report report = Of({MakeNode("./DevInfo/Mod", "M0", kNow - seconds(1))});
  EXPECT_FALSE(ChangeOf(known, report, kNow).facts_differ);
}

TEST(ChangeOf, EmptiesAFactWhoseNodeIsDeleted) {
  const DeviceChange change = ChangeOf(Known(), Of({}, {"./DevInfo"}), kNow);
  EXPECT_TRUE(change.facts_differ);
  EXPECT_EQ(At(change.facts, Fact::kModel), "");
}

TEST(ChangeOf, CutsAFactAndSkipsOneThatIsNoText) {
  const Report report = Of({MakeNode("./DevInfo/Man", std::string(127, 'a') + "\xc3\xa9"),
                            MakeNode("./DevInfo/Mod", std::string("\0", 1))});
  const DeviceChange change = ChangeOf(Known(), report, kNow);
  EXPECT_EQ(At(change.facts, Fact::kManufacturer), std::string(127, 'a'));
  EXPECT_EQ(At(change.facts, Fact::kModel), "M1");
}

TEST(FactsTouched, NamesFactsThatAreReportedOrDeleted) {
  const Report report =
      Of({MakeNode("./DevInfo/Mod", ""), MakeNode("./DevInfoX", "")}, {"./DevDetail"});
  EXPECT_EQ(FactsTouched(report),
            (std::vector<Fact>{Fact::kModel, Fact::kFirmwareVersion, Fact::kSoftwareVersion,
                               Fact::kHardwareVersion}));
}

}  // namespace
}  // namespace drover::tree

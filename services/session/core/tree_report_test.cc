#include "services/session/core/tree_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<NodeReport> Report(const CommandSpec& command, const std::vector<Value>& values = {}) {
  std::vector<NodeReport> nodes;
  std::vector<std::string> deleted;
  ReportToTree(command, values, nodes, deleted);
  return nodes;
}

TEST(ReportToTree, TakesWhatWasReadAndWhatWasWritten) {
  const std::vector<NodeReport> read = Report(Get("./A"), {{"./A", "chr", "text/plain", "v"}});
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0].value, "v");
  EXPECT_FALSE(read[0].without_value);
  const std::vector<NodeReport> written = Report(Replace("./A", "w"));
  ASSERT_THAT(written, SizeIs(1));
  EXPECT_EQ(written[0].value, "w");
  EXPECT_THAT(Report(Exec("./A")), IsEmpty());
  EXPECT_THAT(Report(Ask(Prompt::Kind::kTextInput, "?"), {{"", "", "", "typed"}}), IsEmpty());
}

TEST(ReportToTree, TakesWhatWasDeleted) {
  std::vector<NodeReport> nodes;
  std::vector<std::string> deleted;
  ReportToTree(Delete("./A"), {}, nodes, deleted);
  EXPECT_THAT(deleted, ElementsAre("./A"));
}

TEST(ReportToTree, LeavesOutSecretsReadWrittenAndListed) {
  constexpr const char* kSecret = "./DMAcc/1/AppAuth/1/AAuthSecret";
  EXPECT_THAT(Report(Replace(kSecret, "s")), IsEmpty());
  EXPECT_THAT(Report(Get(kSecret), {{kSecret, "chr", "", "s"}}), IsEmpty());
  const std::vector<NodeReport> listed =
      Report(Get("./DMAcc?list=StructData"), {{kSecret, "chr", "", "s"}});
  ASSERT_THAT(listed, SizeIs(1)) << "that it is there may be known";
  EXPECT_TRUE(listed[0].without_value);
  EXPECT_EQ(listed[0].value, "");
}

TEST(ReportToTree, TakesAStructureWithoutValuesAndWithThem) {
  const std::vector<Value> items = {{"./A", "node", "", ""}, {"./A/B", "int", "", "5"}};
  const std::vector<NodeReport> structure = Report(Get("./A?list=Struct"), items);
  ASSERT_THAT(structure, SizeIs(2));
  EXPECT_TRUE(structure[1].without_value);
  const std::vector<NodeReport> data = Report(Get("./A?list=StructData"), items);
  EXPECT_TRUE(data[0].without_value) << "an interior node has none";
  EXPECT_EQ(data[1].value, "5");
}

TEST(ReportToTree, TakesAnAclReadOrWritten) {
  const std::vector<NodeReport> read =
      Report(Get("./A?prop=ACL"), {{"./A?prop=ACL", "chr", "", "Get=*"}});
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0].uri, "./A");
  EXPECT_EQ(read[0].acl, "Get=*");
  EXPECT_TRUE(read[0].only_acl);
  EXPECT_EQ(Report(Replace("./A?prop=ACL", "Add=*"))[0].acl, "Add=*");
  EXPECT_EQ(Report(Get("./A?prop=Format"), {{"", "", "", "int"}})[0].format, "int");
  EXPECT_EQ(Report(Get("./A?prop=Type"), {{"", "", "", "text/plain"}})[0].type, "text/plain");
  EXPECT_THAT(Report(Get("./A?prop=TStamp"), {{"", "", "", "x"}}), IsEmpty());
}

TEST(ReportToTree, TakesASubtreeOutOfTnds) {
  const std::string tnds =
      "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>A</NodeName>"
      "<RTProperties><Format><node/></Format></RTProperties>"
      "<Node><NodeName>B</NodeName><RTProperties><Format><chr/></Format>"
      "<Type><MIME>text/plain</MIME></Type></RTProperties><Value>v</Value></Node></Node></"
      "MgmtTree>";
  const std::vector<NodeReport> nodes =
      Report(Get("./V/A?list=TNDS"), {{"./V/A", "xml", "application/vnd.syncml.dmtnds+xml", tnds}});
  ASSERT_THAT(nodes, SizeIs(2));
  EXPECT_EQ(nodes[1].uri, "./V/A/B");
  EXPECT_EQ(nodes[1].value, "v");
  EXPECT_THAT(Report(Get("./V/A?list=TNDS"), {{"./V/A", "xml", "", "<no"}}), IsEmpty());
}

}  // namespace
}  // namespace drover::session

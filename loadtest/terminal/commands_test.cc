#include "loadtest/terminal/commands.h"

#include "loadtest/terminal/model.h"

namespace drover::terminal {
namespace {

class Commands : public testing::Test {
 protected:
  Commands() : tree_(model_.blueprint(), "IMEI:493005100592800"), as_server_(tree_, "srv") {}

  std::string Read(std::string_view uri) {
    std::vector<Reported> reported;
    EXPECT_EQ(as_server_.Get(uri, reported), 200) << uri;
    return reported.empty() ? "" : reported[0].data;
  }
  int StatusOfGet(std::string_view uri) {
    std::vector<Reported> reported;
    return as_server_.Get(uri, reported);
  }

  const Model model_{Catalogue()[0], {"srv", "http://127.0.0.1/dm"}};
  ManagementTree tree_;
  TreeCommands as_server_;
};

TEST_F(Commands, GetOfAnInteriorNodeNamesItsChildren) {
  EXPECT_EQ(Read("."), "DMAcc/DevDetail/DevInfo/FUMO/Inbox/NAP");
  EXPECT_EQ(Read("./DevInfo"), "DevId/DmV/Lang/Man/Mod");
}

TEST_F(Commands, GetAnswersWithAndWithoutTheLeadingDot) {
  EXPECT_EQ(Read("./DevInfo/Man"), "Acme");
  EXPECT_EQ(Read("DevInfo/DevId"), "IMEI:493005100592800");
}

TEST_F(Commands, GetTellsWhyNot) {
  EXPECT_EQ(StatusOfGet("./DevInfo/Nothing"), 404);
  EXPECT_EQ(StatusOfGet("./DevInfo//Man"), 404);
  EXPECT_EQ(StatusOfGet("./../Man"), 404);
  EXPECT_EQ(StatusOfGet("./Inbox"), 405);
  EXPECT_EQ(StatusOfGet("./DMAcc/1/AppAuth/1/AAuthSecret"), 405);
  EXPECT_EQ(StatusOfGet("./DevInfo/Man?prop=Colour"), 406);
  EXPECT_EQ(StatusOfGet("./" + std::string(121, 'x')), 414);
  std::vector<Reported> reported;
  EXPECT_EQ(TreeCommands(tree_, "other").Get("./DMAcc/1/Name", reported), 425);
}

TEST_F(Commands, GetOfAPropertyReadsTheNodesOwn) {
  EXPECT_EQ(Read("./DMAcc/1?prop=ACL"), "Delete=srv&Get=srv&Replace=srv");
  EXPECT_EQ(Read("./DMAcc/1/Name?prop=ACL"), "");
  EXPECT_EQ(Read("./FUMO/P1?prop=Type"), "urn:oma:mo:oma-fumo:1.0");
  EXPECT_EQ(Read("./FUMO/P1/State?prop=Format"), "int");
}

TEST_F(Commands, ListStructNamesTheSubtreeWithoutValues) {
  std::vector<Reported> reported;
  ASSERT_EQ(as_server_.Get("./NAP/mms?list=Struct", reported), 200);
  ASSERT_EQ(reported.size(), 5U);
  EXPECT_EQ(reported[0].uri, "./NAP/mms");
  EXPECT_EQ(reported[1].uri, "./NAP/mms/ADDR");
  EXPECT_FALSE(reported[1].has_data);
}

TEST_F(Commands, ReplaceChangesALeafAndItsVersion) {
  EXPECT_EQ(as_server_.Replace("./NAP/internet/ADDR", "chr", "text/plain", "iot.example"), 200);
  EXPECT_EQ(Read("./NAP/internet/ADDR"), "iot.example");
  EXPECT_EQ(Read("./NAP/internet/ADDR?prop=VerNo"), "1");
}

TEST_F(Commands, ReplaceTellsWhyNot) {
  EXPECT_EQ(as_server_.Replace("./NAP/iot/ADDR", "", "", "x"), 404);
  EXPECT_EQ(as_server_.Replace("./DevInfo/Man", "", "", "x"), 405);
  EXPECT_EQ(as_server_.Replace("./NAP/mms", "", "", "x"), 405);
  EXPECT_EQ(as_server_.Replace("./NAP/mms/ADDR", "int", "", "1"), 415);
  EXPECT_EQ(TreeCommands(tree_, "other").Replace("./NAP/mms/ADDR", "", "", "x"), 425);
}

TEST_F(Commands, AddMakesANodeOnceBelowWhatIsThere) {
  EXPECT_EQ(as_server_.Add("./NAP/iot/ADDR", "chr", "", "x"), 404);
  EXPECT_EQ(as_server_.Add("./NAP/iot", "node", "", ""), 200);
  EXPECT_EQ(as_server_.Add("./NAP/iot/ADDR", "chr", "", "iot.example"), 200);
  EXPECT_EQ(as_server_.Add("./NAP/iot/ADDR", "chr", "", "again"), 418);
  EXPECT_EQ(as_server_.Add("./DevInfo/Man/Sub", "chr", "", "x"), 405);
  EXPECT_EQ(Read("./NAP/iot/ADDR"), "iot.example");
  EXPECT_EQ(Read("./NAP"), "internet/iot/mms");
}

TEST_F(Commands, DeleteTakesTheSubtreeButNothingPermanent) {
  EXPECT_EQ(as_server_.Delete("./DevInfo"), 405);
  EXPECT_EQ(as_server_.Delete("."), 405);
  EXPECT_EQ(as_server_.Delete("./NAP/mms"), 200);
  EXPECT_EQ(StatusOfGet("./NAP/mms/ADDR"), 404);
  EXPECT_EQ(as_server_.Delete("./NAP/mms"), 404);
  EXPECT_EQ(as_server_.Add("./NAP/mms", "node", "", ""), 200);
}

TEST_F(Commands, RenameMovesTheSubtree) {
  EXPECT_EQ(as_server_.Replace("./NAP/mms?prop=Name", "", "", "pictures"), 200);
  EXPECT_EQ(Read("./NAP/pictures/ADDR"), "mms.example");
  EXPECT_EQ(as_server_.Replace("./NAP/pictures?prop=Name", "", "", "internet"), 418);
  EXPECT_EQ(as_server_.Replace("./DevInfo?prop=Name", "", "", "Info"), 405);
}

TEST_F(Commands, CopyReadsOneLeafIntoAnother) {
  EXPECT_EQ(as_server_.Copy("./NAP/internet/ADDR", "./NAP/mms/ADDR"), 200);
  EXPECT_EQ(Read("./NAP/mms/ADDR"), "internet.example");
  EXPECT_EQ(as_server_.Copy("./NAP/internet", "./NAP/mms"), 405);
}

TEST_F(Commands, AnAclChangesOnlyByWhoMayReplaceIt) {
  EXPECT_EQ(as_server_.Replace("./NAP/mms/ADDR?prop=ACL", "", "", "Get=srv"), 200);
  EXPECT_EQ(as_server_.Replace("./NAP/mms/ADDR", "", "", "x"), 425);
  EXPECT_EQ(as_server_.Replace("./DevInfo/Man?prop=ACL", "", "", "Get=srv"), 425);
  EXPECT_EQ(as_server_.Replace("./NAP/mms?prop=ACL", "", "", "Fly=srv"), 500);
}

TEST_F(Commands, TwoTerminalsOfOneModelDoNotShareChanges) {
  ManagementTree other(model_.blueprint(), "IMEI:493005100592801");
  EXPECT_EQ(as_server_.Replace("./NAP/mms/ADDR", "", "", "x"), 200);
  EXPECT_EQ(other.Value("NAP/mms/ADDR"), "mms.example");
  const ManagementTree copy = tree_;
  EXPECT_EQ(copy.Value("NAP/mms/ADDR"), "x");
}

TEST(Acl, EntriesOfOneCommandAddUp) {
  EXPECT_TRUE(AclAllows("Get=ServerA&Replace=ServerA&Get=ServerB", Right::kGet, "ServerB"));
  EXPECT_FALSE(AclAllows("Get=ServerA&Replace=ServerA&Get=ServerB", Right::kReplace, "ServerB"));
  EXPECT_TRUE(AclAllows("Get = * & Add=x", Right::kGet, "anyone"));
  EXPECT_FALSE(AclAllows("", Right::kGet, "anyone"));
  EXPECT_FALSE(AclIsValid("Get="));
}

}  // namespace
}  // namespace drover::terminal

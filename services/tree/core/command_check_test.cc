#include "services/tree/core/command_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::tree {
namespace {

using testing::HasSubstr;

const std::string kModel = "Acme Phone 9";

std::string Node(const std::string& name, const std::string& access, const std::string& format,
                 const std::string& more = "", const std::string& below = "") {
  return "<Node><NodeName>" + name + "</NodeName><DFProperties><AccessType>" + access +
         "</AccessType><DFFormat><" + format + "/></DFFormat>" + more + "</DFProperties>" + below +
         "</Node>";
}

dmtree::Ddf Phone() {
  const std::string text =
      "<MgmtTree><VerDTD>1.2</VerDTD>" +
      Node("DevInfo", "<Get/>", "node", "<Scope><Permanent/></Scope>",
           Node("Man", "<Get/>", "chr", "<Scope><Permanent/></Scope>")) +
      Node(
          "Con", "<Get/>", "node", "",
          Node("", "<Add/><Delete/><Get/>", "node", "<Occurrence><ZeroOrN>2</ZeroOrN></Occurrence>",
               Node("APN", "<Add/><Get/><Replace/>", "chr") +
                   Node("Port", "<Get/><Replace/>", "int") + Node("Key", "<Replace/>", "bin") +
                   Node("Start", "<Exec/>", "null"))) +
      "</MgmtTree>";
  const Result<dmtree::Ddf> ddf = dmtree::DecodeDdf(text);
  EXPECT_TRUE(ddf) << ddf.error();
  return *ddf;
}

CheckedCommand Of(Verb verb, const std::string& target, const std::string& format = "",
                  const std::string& source = "") {
  CheckedCommand command;
  command.verb = verb;
  command.target = dmtree::LocUri::Parse(target).value();
  command.target_text = target;
  if (!source.empty()) command.source = dmtree::LocUri::Parse(source).value();
  command.format = format;
  return command;
}

// "" if the description allows it.
std::string ByDdf(const CheckedCommand& command) {
  const std::optional<Violation> violation = CheckAgainstDdf(command, Phone(), kModel);
  return violation ? violation->node + ": " + violation->reason : "";
}

TEST(CheckAgainstDdf, KnowsNodesThatAreNotThere) {
  EXPECT_EQ(ByDdf(Of(Verb::kGet, "./Con/a/Proxy")),
            "./Con/a/Proxy: no such node in the DDF of Acme Phone 9");
  EXPECT_EQ(ByDdf(Of(Verb::kGet, "./Con/a/APN")), "");
  EXPECT_THAT(ByDdf(Of(Verb::kGet, "./Con/a/Proxy?prop=ACL")), HasSubstr("no such node"));
  EXPECT_EQ(ByDdf(Of(Verb::kGet, "./Con?list=Struct")), "");
}

TEST(CheckAgainstDdf, KnowsWhatAccessTypesAllow) {
  EXPECT_THAT(ByDdf(Of(Verb::kExec, "./Con/a/APN")), HasSubstr("no Exec in its AccessType"));
  EXPECT_EQ(ByDdf(Of(Verb::kExec, "./Con/a/Start")), "");
  EXPECT_THAT(ByDdf(Of(Verb::kGet, "./Con/a/Key")), HasSubstr("no Get"));
  EXPECT_THAT(ByDdf(Of(Verb::kReplace, "./DevInfo/Man")), HasSubstr("no Replace"));
  EXPECT_THAT(ByDdf(Of(Verb::kDelete, "./Con/a/APN")), HasSubstr("no Delete"));
  EXPECT_EQ(ByDdf(Of(Verb::kDelete, "./Con/a")), "");
}

TEST(CheckAgainstDdf, KnowsPermanentNodes) {
  EXPECT_THAT(ByDdf(Of(Verb::kAdd, "./DevInfo/Man")), HasSubstr("permanent"));
  EXPECT_THAT(ByDdf(Of(Verb::kDelete, "./DevInfo")), HasSubstr("permanent"));
  EXPECT_EQ(ByDdf(Of(Verb::kAdd, "./Con/a", "node")), "");
  EXPECT_EQ(ByDdf(Of(Verb::kAdd, "./Con/a/Port", "int")), "") << "the node above allows Add";
}

TEST(CheckAgainstDdf, ComparesFormats) {
  EXPECT_EQ(ByDdf(Of(Verb::kReplace, "./Con/a/Port", "chr")),
            "./Con/a/Port: format is int, not chr, in the DDF of Acme Phone 9");
  EXPECT_EQ(ByDdf(Of(Verb::kReplace, "./Con/a/Port", "int")), "");
  EXPECT_EQ(ByDdf(Of(Verb::kReplace, "./Con/a/Port", "")), "") << "not said";
  EXPECT_EQ(ByDdf(Of(Verb::kReplace, "./Con/a/Key", "b64")), "") << "b64 is how bin travels";
  EXPECT_THAT(ByDdf(Of(Verb::kAdd, "./Con/a", "chr")), HasSubstr("format is node, not chr"));
}

TEST(CheckAgainstDdf, LooksAtBothEndsOfACopy) {
  EXPECT_EQ(ByDdf(Of(Verb::kCopy, "./Con/b/APN", "", "./Con/a/APN")), "");
  EXPECT_THAT(ByDdf(Of(Verb::kCopy, "./Con/b/APN", "", "./Con/a/Nothing")),
              HasSubstr("./Con/a/Nothing: no such node"));
  EXPECT_THAT(ByDdf(Of(Verb::kCopy, "./Con/b/APN", "", "./Con/a/Key")), HasSubstr("no Copy"));
}

TEST(CheckAgainstDdf, LooksAtEachNodeOfATndsObject) {
  CheckedCommand command = Of(Verb::kAdd, "./Con/a", "xml");
  command.tnds_type = true;
  EXPECT_EQ(ByDdf(command), "");
  command.tnds = dmtree::Tnds{
      "", "", {{"./Con/a", {.format = "node"}, {}}, {"./Con/a/Port", {.format = "int"}, "80"}}};
  EXPECT_EQ(ByDdf(command), "");
  command.tnds->nodes[1].properties.format = "chr";
  EXPECT_THAT(ByDdf(command), HasSubstr("./Con/a/Port: format is int, not chr"));
  command.tnds->nodes[1].uri = "./Con/a/Proxy";
  EXPECT_THAT(ByDdf(command), HasSubstr("./Con/a/Proxy: no such node"));
  CheckedCommand inbox = Of(Verb::kAdd, "./Inbox", "xml");
  inbox.tnds_type = true;
  EXPECT_EQ(ByDdf(inbox), "");
}

TEST(CheckSiblings, CountsTheNodesThatThereMayBe) {
  const CheckedCommand add = Of(Verb::kAdd, "./Con/c", "node");
  EXPECT_EQ(MostSiblings(add, Phone()), 2U);
  EXPECT_EQ(MostSiblings(Of(Verb::kAdd, "./Con/c/APN"), Phone()), std::nullopt);
  KnownTerminal terminal;
  terminal.siblings["./Con/c"] = 1;
  EXPECT_FALSE(CheckSiblings(add, 2, terminal, kModel));
  terminal.siblings["./Con/c"] = 2;
  EXPECT_EQ(CheckSiblings(add, 2, terminal, kModel)->reason,
            "the DDF of Acme Phone 9 allows 2 such nodes, and there are 2");
}

class ByAcl : public testing::Test {
 protected:
  // "" if the ACLs allow it.
  std::string Check(const CheckedCommand& command) {
    const std::optional<Violation> violation = CheckAgainstTerminal(command, terminal_, "drover");
    return violation ? violation->node + ": " + violation->reason : "";
  }
  KnownTerminal terminal_;
};

TEST_F(ByAcl, TheReasonSaysWhoMay) {
  terminal_.nodes["./A"] = {"chr", "Get=*&Replace=srv1+srv2"};
  EXPECT_EQ(Check(Of(Verb::kReplace, "./A")),
            "./A: its ACL lets srv1, srv2 Replace ./A, not drover");
  EXPECT_EQ(Check(Of(Verb::kDelete, "./A")), "./A: its ACL lets nobody Delete ./A, not drover");
  EXPECT_EQ(Check(Of(Verb::kGet, "./A")), "");
  terminal_.nodes["./A"].acl = "Replace=drover";
  EXPECT_EQ(Check(Of(Verb::kReplace, "./A")), "");
}

TEST_F(ByAcl, AnInheritedOneRulesIfAllBetweenAreKnown) {
  terminal_.nodes["./A"] = {"node", "Get=*&Replace=srv1"};
  terminal_.nodes["./A/B"] = {"chr", std::nullopt};
  EXPECT_EQ(Check(Of(Verb::kReplace, "./A/B")), "") << "B may have one of its own";
  terminal_.nodes["./A/B"].acl = "";
  EXPECT_THAT(Check(Of(Verb::kReplace, "./A/B")), HasSubstr("./A: its ACL lets srv1"));
  EXPECT_EQ(Check(Of(Verb::kReplace, "./Unknown")), "");
}

TEST_F(ByAcl, AddingNeedsTheParentAndCopyingBothEnds) {
  terminal_.nodes["./A"] = {"node", "Get=*&Add=srv1"};
  EXPECT_THAT(Check(Of(Verb::kAdd, "./A/new")), HasSubstr("lets srv1 Add ./A"));
  EXPECT_THAT(Check(Of(Verb::kCopy, "./A/new", "", "./B")), HasSubstr("lets srv1 Add ./A"));
  terminal_.nodes["./B"] = {"chr", "Get=srv2"};
  EXPECT_THAT(Check(Of(Verb::kCopy, "./A/new", "", "./B")), HasSubstr("lets srv2 Get ./B"));
}

TEST_F(ByAcl, AnAclOfALeafIsItsParentsToChange) {
  terminal_.nodes["./A"] = {"node", "Get=*&Replace=srv1"};
  terminal_.nodes["./A/leaf"] = {"chr", "Replace=drover"};
  terminal_.nodes["./A/interior"] = {"node", "Replace=drover"};
  EXPECT_THAT(Check(Of(Verb::kReplace, "./A/leaf?prop=ACL")), HasSubstr("lets srv1"));
  EXPECT_EQ(Check(Of(Verb::kReplace, "./A/interior?prop=ACL")), "");
}

TEST(CheckAgainstTerminal, KnowsTheLimitsOfUris) {
  KnownTerminal terminal;
  terminal.limits = {.depth = 2, .segment_characters = 8, .total_characters = 20};
  const auto check = [&terminal](const std::string& target) {
    const auto violation = CheckAgainstTerminal(Of(Verb::kGet, target), terminal, "drover");
    return violation ? violation->node + ": " + violation->reason : "";
  };
  EXPECT_EQ(check("./A/B"), "");
  EXPECT_THAT(check("./A/B/C"), HasSubstr("./DevDetail/URI: more than 2 segments (MaxDepth)"));
  EXPECT_THAT(check("./TooLongOne"), HasSubstr("MaxSegLen"));
  EXPECT_THAT(check("./A/B?list=StructData"), HasSubstr("MaxTotLen"));
}

TEST(CheckAgainstTerminal, KnowsTheLargestObjectOfAProfile) {
  KnownTerminal terminal;
  terminal.max_object_octets = 1000;
  CheckedCommand command = Of(Verb::kReplace, "./A");
  command.size_octets = 1000;
  EXPECT_FALSE(CheckAgainstTerminal(command, terminal, "drover"));
  command.size_octets = 1001;
  EXPECT_THAT(CheckAgainstTerminal(command, terminal, "drover")->reason, HasSubstr("1001 octets"));
}

}  // namespace
}  // namespace drover::tree

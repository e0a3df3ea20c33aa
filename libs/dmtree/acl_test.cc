#include "libs/dmtree/acl.h"

#include <vector>

#include <gtest/gtest.h>

namespace drover::dmtree {
namespace {

using enum AclCommand;

TEST(Acl, IsReadAndWritten) {
  struct Row {
    const char* text;
    const char* canonical;
  };
  const Row rows[] = {
      {"", ""},
      {"Add=*&Get=*", "Add=*&Get=*"},
      {"Add=srv1&Get=*&Replace=srv1+srv2", "Add=srv1&Get=*&Replace=srv1+srv2"},
      {"Replace=s2+s1&Get=s1", "Get=s1&Replace=s1+s2"},
      {"Get=s1&Get=s2", "Get=s1+s2"},
      {"Get=s1+*", "Get=*"},
      {" Get = s1 + s2 &\r\n Exec=s1", "Exec=s1&Get=s1+s2"},
      {"Get=com.mgmtsrv.manage", "Get=com.mgmtsrv.manage"},
  };
  for (const Row& row : rows) {
    const Result<Acl> acl = Acl::Parse(row.text);
    ASSERT_TRUE(acl) << row.text << ": " << acl.error();
    EXPECT_EQ(acl->ToString(), row.canonical);
    EXPECT_EQ(Acl::Parse(acl->ToString()).value().ToString(), row.canonical);
    EXPECT_EQ(acl->empty(), acl->ToString().empty());
  }
}

TEST(Acl, IsRefusedWhenItBreaksTheGrammar) {
  for (const char* text :
       {"Get", "Get=", "Get=+s1", "Get=s1+", "=s1", "get=s1", "Copy=s1", "Get=s1&", "&Get=s1",
        "Get=s1&&Add=s1", "Get=s*", "Get=a=b", "Get=\x01"}) {
    EXPECT_FALSE(Acl::Parse(text)) << text;
  }
}

TEST(Acl, AllowsAsTheVectorsSay) {
  EXPECT_TRUE(Acl::RootDefault().Allows(kGet, "s1"));
  EXPECT_FALSE(Acl::RootDefault().Allows(kDelete, "s1"));
  const Acl two = Acl::Parse("Get=s1+s2&Replace=s1").value();
  EXPECT_FALSE(two.Allows(kReplace, "s2"));
  EXPECT_TRUE(two.Allows(kReplace, "s1"));
  EXPECT_TRUE(Acl::Parse("Get=s1&Get=s2").value().Allows(kGet, "s2"));
  EXPECT_FALSE(Acl().Allows(kGet, "s1"));
}

TEST(Acl, OfALeafIsGovernedByItsParent) {
  const Acl own = Acl::Parse("Replace=s1").value();
  const Acl root = Acl::RootDefault();
  const Acl none;
  const std::vector<const Acl*> path = {&own, &none, &root};
  EXPECT_FALSE(MayReplaceAcl(path, /*interior=*/false, "s1"));
  EXPECT_TRUE(MayReplaceAcl(path, /*interior=*/true, "s1"));
  EXPECT_FALSE(MayReplaceAcl(path, /*interior=*/true, "s2"));
  const std::vector<const Acl*> below = {&none, &own, &root};
  EXPECT_TRUE(MayReplaceAcl(below, /*interior=*/false, "s1"));
}

// The tree of the specification's example.
TEST(Acl, IsInheritedAsTheExampleOfTheSpecificationSays) {
  const Acl root = Acl::RootDefault();
  const Acl node_a = Acl::Parse("Get=ServerC&Replace=ServerC").value();
  const Acl node1 = Acl::Parse("Get=*").value();
  const Acl node_b = Acl::Parse("Get=ServerA&Replace=ServerA").value();
  const Acl node3 = Acl::Parse("Get=ServerB&Replace=ServerB&Delete=ServerB").value();
  const Acl node5 = Acl::Parse("Get=ServerA&Replace=ServerA&Get=ServerB").value();
  const Acl none;

  const std::vector<const Acl*> to_node1 = {&node1, &node_a, &root};
  EXPECT_TRUE(Effective(to_node1).Allows(kGet, "anyone"));
  for (const char* server : {"ServerA", "ServerB", "ServerC"}) {
    EXPECT_FALSE(Effective(to_node1).Allows(kReplace, server));
    EXPECT_FALSE(Effective(to_node1).Allows(kDelete, server));
    EXPECT_EQ(MayReplaceAcl(to_node1, false, server), server == std::string("ServerC"));
  }
  const std::vector<const Acl*> to_node2 = {&none, &node_b, &root};
  EXPECT_TRUE(Effective(to_node2).Allows(kGet, "ServerA"));
  EXPECT_FALSE(Effective(to_node2).Allows(kGet, "ServerC"));
  EXPECT_FALSE(Effective(to_node2).Allows(kAdd, "ServerA")) << "nothing is merged";

  const std::vector<const Acl*> to_node4 = {&none, &node3, &node_b, &root};
  EXPECT_TRUE(Effective(to_node4).Allows(kDelete, "ServerB"));
  const std::vector<const Acl*> to_node5 = {&node5, &node3, &node_b, &root};
  EXPECT_TRUE(Effective(to_node5).Allows(kReplace, "ServerA"));
  EXPECT_TRUE(Effective(to_node5).Allows(kGet, "ServerB"));
  EXPECT_FALSE(Effective(to_node5).Allows(kDelete, "ServerB"));
}

TEST(Acl, LosesAServerWhoseAccountIsGone) {
  Acl acl = Acl::Parse("Get=s1+s2&Replace=s1").value();
  acl.Remove("s1", /*keep_open=*/false);
  EXPECT_EQ(acl.ToString(), "Get=s2");
  acl.Remove("s2", /*keep_open=*/false);
  EXPECT_TRUE(acl.empty());
  Acl root = Acl::Parse("Add=s1&Get=*").value();
  root.Remove("s1", /*keep_open=*/true);
  EXPECT_EQ(root.ToString(), "Add=*&Get=*");
}

TEST(Acl, SaysWhoHoldsARight) {
  const Acl acl = Acl::Parse("Get=*+srv1&Replace=srv2+srv1").value();
  EXPECT_EQ(acl.Holders(AclCommand::kGet), "*");
  EXPECT_EQ(acl.Holders(AclCommand::kReplace), "srv1, srv2");
  EXPECT_EQ(acl.Holders(AclCommand::kExec), "");
  EXPECT_EQ(Name(AclCommand::kExec), "Exec");
}

}  // namespace
}  // namespace drover::dmtree

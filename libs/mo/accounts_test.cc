#include "libs/mo/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/dmtree/tnds.h"

namespace drover::mo {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Lines(const std::vector<Leaf>& leaves) {
  std::vector<std::string> out;
  for (const Leaf& leaf : leaves) {
    out.push_back(leaf.path + "=" + leaf.value + (leaf.only_new ? " new" : ""));
  }
  return out;
}

v1::AccountSet Account(v1::AccountKind kind, const std::string& name, const std::string& address) {
  v1::AccountSet set;
  set.set_kind(kind);
  set.set_name(name);
  set.set_address(address);
  return set;
}

TEST(LeavesOf, AnAccessPointHasWhatANapdefHas) {
  v1::AccountSet set = Account(v1::APN, "internet", "internet.example");
  set.set_user("u");
  set.set_password("p");
  set.add_dns("192.0.2.1");
  EXPECT_THAT(Lines(LeavesOf(set, "", "")),
              ElementsAre("NAPID=internet new", "NAME=internet new", "ADDRTYPE=APN new",
                          "ADDR=internet.example", "Bearer/BearerType=GPRS new",
                          "AuthInfo/AuthType=PAP new", "AuthInfo/AuthName=u",
                          "AuthInfo/AuthSecret=p", "DNSAddr/1/DNSAddr=192.0.2.1"));
}

TEST(LeavesOf, AProxyHasWhatAPxlogicalHas) {
  v1::AccountSet set = Account(v1::PROXY, "wap", "192.0.2.7");
  set.set_port(8080);
  EXPECT_THAT(
      Lines(LeavesOf(set, "", "./NAP/internet")),
      ElementsAre("PROXYID=wap new", "NAME=wap new", "PROXYTYPE=HTTP new", "ADDR=192.0.2.7",
                  "ADDRTYPE=IPv4", "Port/1/PortNbr=8080", "ConRefs/1/ConRef=./NAP/internet"));
}

TEST(LeavesOf, ApplicationsHaveTheirAppIdAndAddress) {
  EXPECT_THAT(
      Lines(LeavesOf(Account(v1::MMS, "mms", "http://mmsc.example"), "./PROXY/w", "./NAP/m")),
      ElementsAre("AppID=w4 new", "ProviderID=mms new", "Name=mms new", "PrefConRef=./PROXY/w",
                  "ToConRef/1/ConRef=./NAP/m", "AppAddr/1/Addr=http://mmsc.example",
                  "AppAddr/1/AddrType=URI new"));
  EXPECT_THAT(Lines(LeavesOf(Account(v1::BROWSER, "home", "http://wap.example"), "", "")),
              ElementsAre("AppID=w2 new", "ProviderID=home new", "Name=home new",
                          "Resource/1/URI=http://wap.example", "Resource/1/StartPage=true new"));
  v1::AccountSet smtp = Account(v1::MAIL, "work", "smtp.example.com");
  smtp.set_app_id("25");
  smtp.set_port(587);
  smtp.set_user("jane");
  smtp.set_from("jane@example.com");
  EXPECT_THAT(Lines(LeavesOf(smtp, "", "")),
              ElementsAre("AppID=25 new", "ProviderID=work new", "Name=work new",
                          "AppAddr/1/Addr=smtp.example.com", "AppAddr/1/AddrType=FQDN",
                          "AppAddr/1/Port/1/PortNbr=587", "AppAuth/1/AAuthLevel=APPSRV new",
                          "AppAuth/1/AAuthName=jane", "From=jane@example.com"));
  EXPECT_EQ(LeavesOf(Account(v1::PIM, "sync", "http://sync.example"), "", "").front().value, "w5");
}

TEST(CheckAccount, WantsANameAndOfANewAccountAnAddress) {
  EXPECT_FALSE(CheckAccount(Account(v1::APN, "", "a"), true));
  EXPECT_FALSE(CheckAccount(Account(v1::APN, "a", ""), true));
  EXPECT_FALSE(CheckAccount(Account(v1::APN, "a", ""), false));
  EXPECT_FALSE(CheckAccount(Account(v1::ACCOUNT_KIND_UNSPECIFIED, "a", "b"), true));
  v1::AccountSet password = Account(v1::APN, "a", "");
  password.set_password("p");
  EXPECT_TRUE(CheckAccount(password, false));
  EXPECT_TRUE(CheckAccount(Account(v1::APN, "a", "b"), true));
}

TEST(ToTnds, IsReadBackAsTheSameNodes) {
  const std::string text = ToTnds(
      "internet", {{"ADDR", "a<b&c"}, {"AuthInfo/AuthName", "u"}, {"AuthInfo/AuthType", "PAP"}});
  const Result<dmtree::Tnds> tnds = dmtree::DecodeTnds(text);
  ASSERT_TRUE(tnds) << tnds.error() << text;
  std::vector<std::string> nodes;
  for (const dmtree::TndsNode& node : tnds->nodes) {
    nodes.push_back(node.uri + " " + node.properties.format.value_or("") + "=" +
                    node.value.value_or(""));
  }
  EXPECT_THAT(nodes, ElementsAre("internet node=", "internet/ADDR chr=a<b&c",
                                 "internet/AuthInfo node=", "internet/AuthInfo/AuthName chr=u",
                                 "internet/AuthInfo/AuthType chr=PAP"));
}

}  // namespace
}  // namespace drover::mo

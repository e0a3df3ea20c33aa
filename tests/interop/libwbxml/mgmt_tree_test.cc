// libwbxml judges our DDF and TNDS documents: what we write it must read as the same tree, what it
// writes we must.
#include <gtest/gtest.h>

#include "libs/dmtree/ddf.h"
#include "libs/dmtree/tnds.h"
#include "libs/syncml/testing/libwbxml.h"

namespace drover::dmtree {
namespace {

using syncml::testing::Conversion;
using syncml::testing::LibwbxmlToWbxml;
using syncml::testing::LibwbxmlToXml;

Tnds Account() {
  return {"Acme",
          "X1",
          {{"OperatorX",
            {.acl = "Get=*&Replace=drover",
             .format = "node",
             .type = NodeType{"urn:oma:mo:oma-dm-dmacc:1.0", true}},
            {}},
           {"OperatorX/AppID", {.format = "chr", .type = NodeType{"text/plain", false}}, "w7"},
           {"OperatorX/Port", {.format = "int", .title = "a < b & c"}, "443"}}};
}

Ddf Phone() {
  Ddf ddf{"Acme", "X1", {}};
  DdfNode node;
  node.name = "Con";
  node.path = ".";
  node.access = 16;
  node.format = "node";
  node.permanent = true;
  DdfNode child;
  child.access = 63;
  child.format = "chr";
  child.occurrence = DdfOccurrence{DdfOccurrence::Kind::kZeroOrN, 4};
  child.types = {{"text/plain", false}};
  child.description = "of some use";
  node.children.push_back(child);
  ddf.nodes.push_back(node);
  return ddf;
}

TEST(LibwbxmlMgmtTree, ReadsOurTnds) {
  const Conversion xml = LibwbxmlToXml(EncodeTnds(Account(), TndsForm::kWbxml));
  ASSERT_TRUE(xml.ok) << xml.error;
  const Result<Tnds> judged = DecodeTnds(xml.octets);
  ASSERT_TRUE(judged) << judged.error() << "\n" << xml.octets;
  EXPECT_EQ(*judged, Account()) << xml.octets;
}

TEST(LibwbxmlMgmtTree, ReadsOurDdf) {
  const Conversion xml = LibwbxmlToXml(EncodeDdf(Phone(), TndsForm::kWbxml));
  ASSERT_TRUE(xml.ok) << xml.error;
  const Result<Ddf> judged = DecodeDdf(xml.octets);
  ASSERT_TRUE(judged) << judged.error() << "\n" << xml.octets;
  EXPECT_EQ(*judged, Phone()) << xml.octets;
}

TEST(LibwbxmlMgmtTree, WritesOurXmlAsWbxmlThatWeReadAsTheSame) {
  for (const bool string_table : {false, true}) {
    const Conversion tnds = LibwbxmlToWbxml(EncodeTnds(Account(), TndsForm::kXml), string_table);
    ASSERT_TRUE(tnds.ok) << tnds.error;
    EXPECT_EQ(DecodeTnds(tnds.octets).value(), Account());
    const Conversion ddf = LibwbxmlToWbxml(EncodeDdf(Phone(), TndsForm::kXml), string_table);
    ASSERT_TRUE(ddf.ok) << ddf.error;
    EXPECT_EQ(DecodeDdf(ddf.octets).value(), Phone());
  }
}

}  // namespace
}  // namespace drover::dmtree

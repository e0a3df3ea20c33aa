// SI, SL and PAP beside the compilers of Kannel's push proxy gateway (its package of test
// programs).
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/pap/address.h"
#include "libs/pap/reader.h"
#include "libs/pap/timestamp.h"
#include "libs/pap/writer.h"
#include "libs/wap/si_sl.h"
#include "tests/interop/wap/program.h"

namespace drover::interop {
namespace {

constexpr char kFolder[] = "/usr/lib/kannel/test/";

#define SKIP_WITHOUT_KANNEL()                                                       \
  if (!std::filesystem::exists(std::string(kFolder) + "test_pap")) {                \
    GTEST_SKIP() << "Kannel's test programs are not installed: scripts/setup test"; \
  }

std::string Sample(const std::string& name) {
  std::ifstream file(kFolder + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The octets, in hex, that the compiler of that name says it made of a document: a dump of lines
// "data: 02 05 6a ..   ..j" to its log.
std::string Compiled(const std::string& compiler, const std::string& xml) {
  constexpr std::string_view kData = "data: ";
  constexpr size_t kDumpWidth = 16 * 3;
  const TemporaryFile source(xml);
  std::istringstream log(OutputOf(kFolder + compiler + " " + source.path() + " 2>&1"));
  std::string hex;
  for (std::string line; std::getline(log, line);) {
    const size_t at = line.find(kData);
    if (at == std::string::npos) continue;
    std::string octets = line.substr(at + kData.size(), kDumpWidth);
    octets.resize(std::min(octets.size(), octets.find("  ")));  // Then come the characters.
    std::erase(octets, ' ');
    hex += octets;
  }
  return hex;
}

std::string Si(const std::string& indication) {
  return "<?xml version=\"1.0\"?><!DOCTYPE si PUBLIC \"-//WAPFORUM//DTD SI 1.0//EN\" "
         "\"http://www.wapforum.org/DTD/si.dtd\"><si>" +
         indication + "</si>";
}
std::string Sl(const std::string& attributes) {
  return "<?xml version=\"1.0\"?><!DOCTYPE sl PUBLIC \"-//WAPFORUM//DTD SL 1.0//EN\" "
         "\"http://www.wapforum.org/DTD/sl.dtd\"><sl " +
         attributes + "/>";
}

TEST(Kannel, CompilesServiceIndicationsToTheSameOctets) {
  SKIP_WITHOUT_KANNEL();
  const std::string kDocuments[] = {
      Sample("si.txt"),
      Si("<indication href=\"http://www.xyz.com/email/123/abc.wml\" si-id=\"1@xyz.com\" "
         "created=\"1999-06-25T15:23:15Z\" si-expires=\"1999-06-30T00:00:00Z\" "
         "action=\"signal-high\">You have 4 new emails</indication>"),
      Si("<indication href=\"http://example.org/a\">Update ready</indication>"),
  };
  for (const std::string& xml : kDocuments) {
    const auto ours = wap::EncodeSi(xml, wap::UrlTokens::kAll);
    ASSERT_TRUE(ours) << ours.error();
    EXPECT_EQ(base::Hex(*ours), Compiled("test_si", xml)) << xml;
  }
}

TEST(Kannel, CompilesServiceLoadingsToTheSameOctets) {
  SKIP_WITHOUT_KANNEL();
  const std::string kDocuments[] = {
      Sample("sl.txt"),
      // Not with "www.", for which Kannel has a token in SI only.
      Sl("href=\"http://example.com/u\" action=\"execute-high\""),
      Sl("href=\"https://a.b/c\" action=\"cache\""),
  };
  for (const std::string& xml : kDocuments) {
    const auto ours = wap::EncodeSl(xml, wap::UrlTokens::kAll);
    ASSERT_TRUE(ours) << ours.error();
    EXPECT_EQ(base::Hex(*ours), Compiled("test_sl", xml)) << xml;
  }
}

TEST(Kannel, ReadsThePushesThatWeWrite) {
  SKIP_WITHOUT_KANNEL();
  for (const pap::Version version : {pap::Version::k10, pap::Version::k20}) {
    std::string xml;
    pap::Write(
        {.version = version,
         .product_name = "drover",
         .message =
             pap::PushMessage{
                 .push_id = "1@pi.example",
                 .deliver_before = pap::ParseTimestamp("2040-11-28T06:45:00Z").value(),
                 .source_reference = "a & b",
                 .addresses = {"WAPPUSH=+8613800138000/TYPE=PLMN@ppg.carrier.com"},
                 .quality_of_service =
                     pap::QualityOfService{.priority = pap::Priority::kHigh,
                                           .delivery_method = pap::DeliveryMethod::kConfirmed,
                                           .network = "GSM",
                                           .network_required = true,
                                           .bearer = "SMS",
                                           .bearer_required = true}}},
        xml);
    const TemporaryFile document(xml);
    const std::string said =
        OutputOf(std::string(kFolder) + "test_pap " + document.path() + " 2>&1");
    for (const char* word : {"Compiling successfull", "1@pi.example", "2040-11-28T06:45", "a & b",
                             "+8613800138000", "address_type = 1"}) {
      EXPECT_NE(said.find(word), std::string::npos) << word << "\n" << said;
    }
  }
}

TEST(Kannel, HasSamplesOfPushesThatWeRead) {
  SKIP_WITHOUT_KANNEL();
  const pap::Reading reading = pap::Read(Sample("smstestppg.txt"));
  ASSERT_TRUE(reading) << reading.refusal.desc;
  EXPECT_EQ(reading.document->version, pap::Version::k10);
  const auto& push = std::get<pap::PushMessage>(reading.document->message);
  EXPECT_EQ(push.push_id, "9fjeo39jf084@pi.com");
  EXPECT_EQ(pap::ParseAddress(push.addresses.at(0), false)->specifier, "358408201681");
  EXPECT_EQ(push.quality_of_service->priority, pap::Priority::kLow);
  EXPECT_TRUE(push.quality_of_service->bearer_required);
}

}  // namespace
}  // namespace drover::interop

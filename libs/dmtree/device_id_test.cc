#include "libs/dmtree/device_id.h"

#include <gtest/gtest.h>

namespace drover::dmtree {
namespace {

TEST(NormaliseDeviceId, GivesEachTerminalOneSpelling) {
  struct Row {
    const char* text;
    const char* id;
  };
  const Row rows[] = {
      {"IMEI:493005100592800", "IMEI:493005100592800"},
      {"imei:493005100592800", "IMEI:493005100592800"},
      {"urn:imei:493005100592800", "IMEI:493005100592800"},
      {"URN:IMEI:493005100592800", "IMEI:493005100592800"},
      {"urn:gsma:imei:49300510-059280-0", "IMEI:493005100592800"},
      {"IMEI:49300510059280", "IMEI:493005100592800"},
      {"IMEI:4930051005928012", "IMEI:493005100592800"},
      {"  IMEI:493005100592800\r\n", "IMEI:493005100592800"},
      {"IMEI:493005100592801", "IMEI:493005100592801"},
      {"IMEI:490154203237518", "IMEI:490154203237518"},
      {"IMEI:49015420323751", "IMEI:490154203237518"},
      {"IMEI:1", "IMEI:1"},
      {"IMEI:12345678901234567", "IMEI:12345678901234567"},
      {"IMEI:49300510059280x", "IMEI:49300510059280x"},
      {"meid:a1000000abcdef", "MEID:A1000000ABCDEF"},
      {"esn:80abcdef", "ESN:80ABCDEF"},
      {"URN:UUID:6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
       "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
      {"Gateway-07/a", "Gateway-07/a"},
      {"493005100592800", "493005100592800"},
  };
  for (const Row& row : rows) {
    const Result<DeviceId> id = NormaliseDeviceId(row.text);
    ASSERT_TRUE(id) << row.text << ": " << id.error();
    EXPECT_EQ(id->value(), row.id) << row.text;
    EXPECT_EQ(NormaliseDeviceId(id->value()).value(), *id) << "not stable: " << row.text;
  }
}

TEST(NormaliseDeviceId, RefusesWhatCannotKeyATerminal) {
  for (const std::string& text :
       {std::string(), std::string("  "), std::string(65, 'x'), std::string("a b"),
        std::string("a\0b", 3), std::string("\xC3\xA9"), std::string("a\x7F"), std::string("}x")}) {
    EXPECT_FALSE(NormaliseDeviceId(text)) << text;
  }
  EXPECT_TRUE(NormaliseDeviceId(std::string(64, 'x')));
}

}  // namespace
}  // namespace drover::dmtree

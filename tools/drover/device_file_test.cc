#include "tools/drover/device_file.h"

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

TEST(ParseDeviceFile, ReadsYamlAndJsonLines) {
  const auto yaml = ParseDeviceFile(R"(- id: imei:49300510059280
  user: u1
  password: pw
  server_password: spw
  client_scheme: basic
  server_scheme: mac
  client_nonce: Tm9uY2U=
  manufacturer: Acme
  model: X1
)",
                                    "d.yaml");
  ASSERT_TRUE(yaml) << yaml.error();
  ASSERT_EQ(yaml->size(), 1u);
  const tree::v1::NewDevice& device = yaml->front();
  EXPECT_EQ(device.id(), "IMEI:493005100592800");
  EXPECT_EQ(device.client_nonce(), "Nonce");
  EXPECT_EQ(device.client_scheme(), tree::v1::BASIC);
  EXPECT_EQ(device.server_scheme(), tree::v1::MAC);
  const auto lines = ParseDeviceFile(
      "{\"id\":\"a\",\"password\":\"p\"}\n{\"id\":\"b\",\"password\":\"p\"}\n", "d.ndjson");
  ASSERT_TRUE(lines) << lines.error();
  EXPECT_EQ(lines->size(), 2u);
}

TEST(ParseDeviceFile, NamesTheLineAndNeverTheSecret) {
  for (const char* text :
       {"id: a\npassword: hush\nclient_scheme: sha\n", "id: a\npass: hush\n", "password: hush\n",
        "id: a\nserver_password: hush\n", "id: a b\npassword: hush\n",
        "id: a\npassword: hush\nclient_nonce: '!'\n"}) {
    const auto devices = ParseDeviceFile(text, "d.yaml");
    ASSERT_FALSE(devices) << text;
    EXPECT_EQ(devices.error().message.rfind("d.yaml:", 0), 0u) << devices.error().message;
    EXPECT_EQ(devices.error().message.find("hush"), std::string::npos);
  }
}

}  // namespace
}  // namespace drover::cli

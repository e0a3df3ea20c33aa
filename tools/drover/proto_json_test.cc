#include "tools/drover/proto_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "drover/operations/v1/operations.pb.h"
#include "drover/tree/v1/tree.pb.h"

namespace drover::cli {
namespace {

TEST(ToJson, ShowsOctetsAsTextWhereTheyAreText) {
  operations::v1::Operation operation;
  operation.set_id("o1");
  operation.set_state(operations::v1::SUCCEEDED);
  operations::v1::CommandResult* result = operation.add_results();
  result->set_status(200);
  result->add_values()->set_data("caf\xC3\xA9");
  result->add_values()->set_data("\xFF\x01");
  result->mutable_at()->set_seconds(0);
  EXPECT_EQ(
      ToJson(operation).dump(),
      "{\"id\":\"o1\",\"state\":\"SUCCEEDED\",\"results\":[{\"status\":200,\"values\":["
      "{\"data\":\"caf\xC3\xA9\"},{\"data_base64\":\"/wE=\"}],\"at\":\"1970-01-01T00:00:00Z\"}]}");
}

TEST(ToJson, WritesWideIntegersAsNumbers) {
  tree::v1::Device device;
  device.set_account_version(7);
  EXPECT_EQ(ToJson(device).dump(), "{\"account_version\":7}");
}

}  // namespace
}  // namespace drover::cli

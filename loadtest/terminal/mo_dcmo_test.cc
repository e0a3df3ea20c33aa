#include "loadtest/terminal/mo_dcmo.h"

#include "loadtest/terminal/testing/bench.h"

namespace drover::terminal {
namespace {

ModelSpec Phone(DcmoHabits habits) {
  return {.manufacturer = "Acme",
          .model = "Phone",
          .kind = "phone",
          .firmware = "6.1.0",
          .objects = {.dcmo = habits}};
}

struct Switch {
  const char* name;
  const char* capability;
  const char* operation;
  int given;  // 0: none.
  int result;
  const char* enabled;
};
class DcmoSwitch : public testing::TestWithParam<Switch> {};

TEST_P(DcmoSwitch, EndsAsItShould) {
  const Switch& at = GetParam();
  const std::string object = "DCMO/" + std::string(at.capability);
  for (const bool power_loss : {false, true}) {
    Bench bench(Phone({.root = "DCMO"}));
    if (at.given != 0) bench.objects.Give({at.operation, at.given});
    ASSERT_EQ(bench.Exec(object + "/Operations/" + at.operation, "job-1"), 202);
    EXPECT_EQ(bench.Exec(object + "/Operations/Enable"), 403);
    if (power_loss) bench.PowerLoss();
    while (bench.Step()) {
    }
    EXPECT_EQ(bench.Value(object + "/Enabled"), at.enabled);
    ASSERT_EQ(bench.reports.size(), 1U);
    EXPECT_EQ(bench.reports[0].type, "urn:oma:at:dcmo:1.0:OperationComplete");
    EXPECT_EQ(bench.reports[0].data, std::to_string(at.result));
    EXPECT_EQ(bench.reports[0].source, "./" + object + "/Operations/" + at.operation);
    EXPECT_EQ(bench.reports[0].correlator, "job-1");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, DcmoSwitch,
    testing::Values(Switch{"ACamera", "Camera", "Disable", 0, 1200, "false"},
                    Switch{"ACameraThatIsOn", "Camera", "Enable", 0, 1200, "true"},
                    Switch{"BluetoothByAUserWhoSaysNo", "Bluetooth", "Disable", 1401, 1401, "true"},
                    Switch{"BluetoothThatFails", "Bluetooth", "Disable", 1400, 1400, "true"},
                    Switch{"ACameraThatFails", "Camera", "Enable", 1404, 1404, "true"},
                    Switch{"WhatIsNotAttached", "Infrared", "Enable", 0, 1404, "false"},
                    Switch{"WhatIsNotAttachedOff", "Infrared", "Disable", 0, 1200, "false"}),
    [](const auto& each) { return each.param.name; });

TEST(Dcmo, OfASynchronousModelAnswersAtOnce) {
  Bench bench(Phone({.root = "Vendor/Capabilities", .answering = Answering::kAtOnce}));
  EXPECT_EQ(bench.Exec("Vendor/Capabilities/Camera/Operations/Disable"), 200);
  EXPECT_EQ(bench.Value("Vendor/Capabilities/Camera/Enabled"), "false");
  EXPECT_EQ(bench.Exec("Vendor/Capabilities/Infrared/Operations/Enable"), 500);
  EXPECT_TRUE(bench.reports.empty());
}

TEST(Dcmo, ExecutesNothingElse) {
  Bench bench(Phone({.root = "DCMO"}));
  EXPECT_EQ(bench.Exec("DCMO/Camera"), 405);
  EXPECT_EQ(bench.Exec("DCMO/Camera/Enabled"), 405);
}

}  // namespace
}  // namespace drover::terminal

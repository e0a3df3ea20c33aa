#include "loadtest/smsc/options.h"

#include <gtest/gtest.h>

namespace drover::smsc {
namespace {

const TimePoint kNow{std::chrono::hours(500'000)};

TEST(OptionsFrom, HasGoodDefaults) {
  const auto options = OptionsFrom({}, kNow);
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->settings.retries, DefaultRetries());
  EXPECT_EQ(options->settings.validity, std::chrono::hours(24));
  EXPECT_EQ(options->settings.radio.profile.busy, 0.5);
  EXPECT_EQ(options->settings.receipt_id_form, IdForm::kHex);
  EXPECT_LT(options->settings.first_id, 10'000'000'000u);
  EXPECT_EQ(options->answer, AnswerMode::kProper);
}

TEST(OptionsFrom, ReadsWhatPeopleWrite) {
  CommandLine line;
  line.loss = "5%";
  line.present = "10m";
  line.absent = "60s";
  line.retries = "1s,1m";
  line.id_format = "hex";
  line.receipt_id_format = "padded";
  line.receipts = "tlv";
  line.throttle_above = "100/s";
  line.refuse = {"4999=0x0b", "4998=88"};
  line.accounts = {"drover:se:cret"};
  line.version = "5.0";
  line.answer = "half";
  line.first_id = 17;
  const auto options = OptionsFrom(line, kNow);
  ASSERT_TRUE(options) << options.error();
  const Settings& settings = options->settings;
  EXPECT_DOUBLE_EQ(settings.radio.profile.loss, 0.05);
  EXPECT_DOUBLE_EQ(settings.radio.profile.present_s, 600);
  EXPECT_EQ(settings.retries,
            (std::vector<Span>{std::chrono::seconds(1), std::chrono::seconds(60)}));
  EXPECT_EQ(settings.receipt_id_form, IdForm::kPadded);
  EXPECT_EQ(settings.receipt_form, ReceiptForm::kTlv);
  EXPECT_DOUBLE_EQ(settings.throttle_above, 100);
  ASSERT_EQ(settings.refusals.size(), 2u);
  EXPECT_EQ(settings.refusals[0].second, smpp::CommandStatus::kRinvDstAdr);
  EXPECT_EQ(settings.refusals[1].second, smpp::CommandStatus::kRthrottled);
  EXPECT_EQ(options->accounts.at("drover"), "se:cret");
  EXPECT_EQ(options->session.interface_version, smpp::kVersion50);
  EXPECT_EQ(options->answer, AnswerMode::kHalf);
  EXPECT_EQ(settings.first_id, 17u);
}

TEST(OptionsFrom, SaysWhichOptionIsWrong) {
  const auto error = [](auto change) {
    CommandLine line;
    change(line);
    const auto options = OptionsFrom(line, kNow);
    return options ? std::string() : options.error().message;
  };
  EXPECT_EQ(error([](CommandLine& l) { l.id_format = "oct"; }),
            "--id-format: \"oct\" is not one of hex, HEX, dec, padded");
  EXPECT_TRUE(error([](CommandLine& l) { l.loss = "5"; }).starts_with("--loss: "));
  EXPECT_TRUE(error([](CommandLine& l) { l.retries = "1s,x"; }).starts_with("--retries: "));
  EXPECT_TRUE(error([](CommandLine& l) { l.refuse = {"49"}; }).starts_with("--refuse: "));
  EXPECT_TRUE(error([](CommandLine& l) { l.refuse = {"49=0x"}; }).starts_with("--refuse: "));
  EXPECT_TRUE(error([](CommandLine& l) { l.accounts = {"a"}; }).starts_with("--account: "));
  EXPECT_TRUE(error([](CommandLine& l) { l.answer = "x"; }).starts_with("--answer: "));
  EXPECT_TRUE(error([](CommandLine& l) { l.present = "1s"; }).starts_with("--present and "));
  EXPECT_TRUE(error([](CommandLine& l) { l.version = "4"; }).starts_with("--version: "));
}

}  // namespace
}  // namespace drover::smsc

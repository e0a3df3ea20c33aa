#include "services/session/core/prompt.h"

#include <gtest/gtest.h>

namespace drover::session {
namespace {

Prompt Of(Prompt::Kind kind) {
  Prompt prompt;
  prompt.kind = kind;
  return prompt;
}

TEST(AlertCodeOf, IsThatOfTheKind) {
  EXPECT_EQ(AlertCodeOf(Prompt::Kind::kDisplay), "1100");
  EXPECT_EQ(AlertCodeOf(Prompt::Kind::kConfirm), "1101");
  EXPECT_EQ(AlertCodeOf(Prompt::Kind::kTextInput), "1102");
  EXPECT_EQ(AlertCodeOf(Prompt::Kind::kSingleChoice), "1103");
  EXPECT_EQ(AlertCodeOf(Prompt::Kind::kMultipleChoice), "1104");
}

TEST(OptionsOf, AreEmptyWhereNothingIsAsked) {
  EXPECT_EQ(OptionsOf(Of(Prompt::Kind::kDisplay)), "");
  EXPECT_EQ(OptionsOf(Of(Prompt::Kind::kTextInput)), "");
}

TEST(OptionsOf, AreTheExamplesOfTheSpecification) {
  Prompt confirm = Of(Prompt::Kind::kConfirm);
  confirm.min_display_s = 5;
  confirm.max_display_s = 60;
  confirm.default_response = "1";
  EXPECT_EQ(OptionsOf(confirm), "MINDT=5&MAXDT=60&DR=1");
  Prompt text = Of(Prompt::Kind::kTextInput);
  text.max_length = 30;
  text.default_response = "John Doe";
  EXPECT_EQ(OptionsOf(text), "DR=John+Doe&MAXLEN=30");
  Prompt several = Of(Prompt::Kind::kMultipleChoice);
  several.default_response = "2-3";
  EXPECT_EQ(OptionsOf(several), "DR=2-3");
}

TEST(OptionsOf, NameEachKindOfInputAndWhetherItIsHidden) {
  using Input = Prompt::Input;
  const std::vector<std::pair<Input, const char*>> inputs = {
      {Input::kAlphanumeric, ""}, {Input::kNumeric, "IT=N"},     {Input::kDate, "IT=D"},
      {Input::kTime, "IT=T"},     {Input::kPhoneNumber, "IT=P"}, {Input::kIpAddress, "IT=I"}};
  for (const auto& [input, options] : inputs) {
    Prompt prompt = Of(Prompt::Kind::kTextInput);
    prompt.input = input;
    EXPECT_EQ(OptionsOf(prompt), options);
    prompt.kind = Prompt::Kind::kConfirm;
    EXPECT_EQ(OptionsOf(prompt), "") << "of text input only";
  }
  Prompt password = Of(Prompt::Kind::kTextInput);
  password.hide_input = true;
  EXPECT_EQ(OptionsOf(password), "ET=P");
}

TEST(OptionsOf, EscapeWhatWouldEndThem) {
  Prompt prompt = Of(Prompt::Kind::kTextInput);
  prompt.default_response = "a&b=c%\xC3\xA4";
  EXPECT_EQ(OptionsOf(prompt), "DR=a%26b%3Dc%25%C3%A4");
}

}  // namespace
}  // namespace drover::session

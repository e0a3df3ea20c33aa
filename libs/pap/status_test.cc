#include "libs/pap/status.h"

#include <gtest/gtest.h>

namespace drover::pap {
namespace {

TEST(StatusCode, HasItsWords) {
  EXPECT_EQ(Text(StatusCode::kAcceptedForProcessing), "accepted for processing");
  EXPECT_EQ(Text(StatusCode::kReplacementNotSupported), "replacement not supported");
  EXPECT_EQ(Text(StatusCode{5028}), "mobile client aborted");
  EXPECT_EQ(Text(StatusCode{21000}), "unknown code");
  EXPECT_EQ(Text(StatusCode{4999}), "service failure");
}

TEST(StatusCode, SaysByItsClassWhatToDo) {
  EXPECT_TRUE(IsSuccess(StatusCode::kOk));
  EXPECT_FALSE(IsSuccess(StatusCode::kBadRequest));
  EXPECT_TRUE(IsTransient(StatusCode::kServiceUnavailable));
  EXPECT_FALSE(IsTransient(StatusCode::kNotPossible));
}

TEST(MessageState, ComesBackFromItsName) {
  for (int i = 0; i <= static_cast<int>(MessageState::kUnknown); ++i) {
    const auto state = static_cast<MessageState>(i);
    EXPECT_EQ(MessageStateOf(Name(state)), state);
    EXPECT_EQ(IsFinal(state), state != MessageState::kPending);
  }
  EXPECT_EQ(MessageStateOf("lost"), std::nullopt);
}

}  // namespace
}  // namespace drover::pap

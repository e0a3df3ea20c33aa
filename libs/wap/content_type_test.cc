#include "libs/wap/content_type.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::wap {
namespace {

// The headers of a push with that Content-Type, in hex; or the error's words.
std::string Headers(std::string_view text) {
  const Result<pap::MediaType> media = pap::ParseMediaType(text);
  if (!media) return media.error().message;
  std::string others;
  const Result<ContentType> type = ContentTypeOf(*media, others);
  if (!type) return type.error().message;
  std::string push;
  const Result<void> done = AppendPush({.content_type = *type}, push);
  if (!done) return done.error().message;
  const Result<Push> decoded = DecodePush(push);
  EXPECT_TRUE(decoded) << text;
  EXPECT_EQ(decoded->content_type, *type) << text;
  return base::Hex(push).substr(6);
}

TEST(ContentType, GoesByNumbersWhereThereAreSome) {
  EXPECT_EQ(Headers("application/vnd.syncml.notification"), "c4");
  EXPECT_EQ(Headers("Text/Plain; Charset=\"utf-8\""), "038381ea");
  EXPECT_EQ(Headers("text/plain; charset=GB2312"), "0583810207e9");
  EXPECT_EQ(Headers("application/vnd.wap.connectivity-wbxml; SEC=1; MAC=00FF"),
            "09b69181923030464600");
  EXPECT_EQ(Headers("application/vnd.wap.connectivity-wbxml;sec=NETWPIN;mac=00ff"),
            "09b69180923030666600");
  EXPECT_EQ(Headers("application/vnd.syncml.dm+wbxml; SEC=NETWORKID; MAC=AB"),
            "07c29180924142"
            "00");
}

TEST(ContentType, KeepsOtherParametersByName) {
  EXPECT_EQ(Headers("text/plain; charset=x-own; name=\"a b\""),
            "1983"
            "6368617273657400"
            "782d6f776e00"
            "6e616d6500"
            "22612062"
            "00");
  EXPECT_EQ(Headers("a/b; c=d"),
            "08"
            "612f6200"
            "6300"
            "6400");
}

TEST(ContentType, IsRefusedWithAProofThatIsNone) {
  EXPECT_NE(Headers("a/b; sec=4").find("SEC"), std::string::npos);
  EXPECT_NE(Headers("a/b; mac=xyz").find("MAC"), std::string::npos);
  EXPECT_NE(Headers("a/b; mac=").find("MAC"), std::string::npos);
  EXPECT_NE(Headers("a/b; c=\"d\x01\"").find("control"), std::string::npos);
}

}  // namespace
}  // namespace drover::wap

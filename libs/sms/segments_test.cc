#include "libs/sms/segments.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/sms/reassembly.h"

namespace drover::sms {
namespace {

constexpr Ports kPush{kPushPort, kPushSourcePort};

struct Room {
  std::optional<Ports> ports;
  Concatenation concatenation;
  size_t octets, septets, characters;  // In each of several.
};
const Room kRooms[] = {
    {{}, Concatenation::kReference8, 134, 153, 67},
    {{}, Concatenation::kReference16, 133, 152, 66},
    {{}, Concatenation::kTlvs, 133, 152, 66},
    {kPush, Concatenation::kReference8, 128, 146, 64},
    {kPush, Concatenation::kReference16, 127, 145, 63},
    {kPush, Concatenation::kTlvs, 127, 145, 63},
};

TEST(Layout, HasTheRoomOfTheTable) {
  for (const Room& room : kRooms) {
    Layout layout{
        .coding = Coding::kOctets, .ports = room.ports, .concatenation = room.concatenation};
    const bool ports = room.ports.has_value();
    EXPECT_EQ(layout.Each(), room.octets);
    EXPECT_EQ(layout.Single(), ports ? 133U : 140U);
    layout.coding = Coding::kGsm7;
    EXPECT_EQ(layout.Each(), room.septets);
    EXPECT_EQ(layout.Single(), ports ? 152U : 160U);
    layout.coding = Coding::kUcs2;
    EXPECT_EQ(layout.Each(), 2 * room.characters);
    EXPECT_EQ(layout.Single(), ports ? 132U : 140U);
  }
}

TEST(CountSegments, ChangesWhereTheRoomEnds) {
  const Layout push{.coding = Coding::kOctets, .ports = kPush};
  const std::pair<size_t, size_t> kCounts[] = {{0, 1},   {1, 1},   {133, 1}, {134, 2}, {254, 2},
                                               {255, 3}, {320, 3}, {381, 3}, {382, 4}};
  for (const auto& [octets, count] : kCounts) {
    EXPECT_EQ(CountSegments(push, std::string(octets, 'x')), count) << octets;
    EXPECT_EQ(Plan::Make(std::string(octets, 'x'), push)->count(), count) << octets;
  }
}

TEST(Plan, RefusesMoreSegmentsThanAllowed) {
  const Layout push{.coding = Coding::kOctets, .ports = kPush};
  EXPECT_TRUE(Plan::Make(std::string(8 * 127, 'x'), push));
  const Result<Plan> more = Plan::Make(std::string(8 * 127 + 1, 'x'), push);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::kResourceExhausted);
  EXPECT_TRUE(Plan::Make(std::string(8 * 127 + 1, 'x'), push, 9));
  EXPECT_TRUE(Plan::Make(std::string(255 * 127, 'x'), push, 1000));
  EXPECT_FALSE(Plan::Make(std::string(255 * 127 + 1, 'x'), push, 1000));
}

TEST(Plan, RefusesWhatTheCodingDoesNotAllow) {
  EXPECT_FALSE(Plan::Make("abc", {.coding = Coding::kUcs2}));
  EXPECT_FALSE(Plan::Make("\x80", {.coding = Coding::kGsm7}));
  EXPECT_FALSE(Plan::Make("a", {.ports = Ports{300, 1, false}}));
}

std::string Segment(const Plan& plan, size_t k, uint16_t reference) {
  std::string out;
  plan.AppendSegment(k, reference, out);
  return out;
}

TEST(Plan, WritesTheHeadersOfTheBootstrapVector) {
  const std::string push(320, 'x');
  struct {
    Concatenation concatenation;
    uint16_t reference;
    const char* header;
    size_t last;
  } const kCases[] = {{Concatenation::kReference16, 0x1234, "0c05040b8423f00804123403", 79},
                      {Concatenation::kReference8, 0x77, "0b05040b8423f000037703", 76},
                      {Concatenation::kTlvs, 0x77, "0605040b8423f0", 73}};
  for (const auto& c : kCases) {
    const Plan plan = Plan::Make(push, {.ports = kPush, .concatenation = c.concatenation}).value();
    ASSERT_EQ(plan.count(), 3U);
    EXPECT_TRUE(plan.has_udh());
    for (size_t k = 1; k <= 3; ++k) {
      std::string header = c.header;
      if (c.concatenation != Concatenation::kTlvs) header += "0" + std::to_string(k);
      const std::string segment = Segment(plan, k, c.reference);
      EXPECT_EQ(base::Hex(segment).substr(0, header.size()), header);
      EXPECT_EQ(segment.size(), header.size() / 2 + plan.Payload(k).size());
      if (k == 3) {
        EXPECT_EQ(segment.size(), c.last);
      }
    }
  }
}

TEST(Plan, SendsWhatFitsOneMessageWithoutConcatenation) {
  const Plan bare = Plan::Make("Hello", {.coding = Coding::kGsm7}).value();
  EXPECT_FALSE(bare.has_udh());
  EXPECT_EQ(Segment(bare, 1, 7), "Hello");
  const Plan push = Plan::Make("Hello", {.ports = kPush}).value();
  EXPECT_TRUE(push.has_udh());
  EXPECT_EQ(base::Hex(Segment(push, 1, 7)), "0605040b8423f048656c6c6f");
}

TEST(Plan, PacksSeptetsBehindTheFillBitsOfTheHeader) {
  const std::string text(200, 'a');
  const Plan plan = Plan::Make(text, {.coding = Coding::kGsm7,
                                      .concatenation = Concatenation::kReference8,
                                      .packed = true})
                        .value();
  ASSERT_EQ(plan.count(), 2U);
  const std::string first = Segment(plan, 1, 1);
  EXPECT_EQ(first.size(), kUserDataOctets);
  EXPECT_EQ(Unpack(first.substr(6), 153, FillBits(6)).value(), text.substr(0, 153));
}

TEST(Plan, CutsNoPair) {
  const std::string escapes = std::string(152, 'a') + "\x1B\x65" + std::string(20, 'b');
  const Plan gsm =
      Plan::Make(escapes, {.coding = Coding::kGsm7, .concatenation = Concatenation::kReference8})
          .value();
  EXPECT_EQ(gsm.Payload(1).size(), 152U);
  EXPECT_EQ(gsm.Payload(2).front(), kEscape);
  std::string smileys = ToUcs2("a").value();
  for (int i = 0; i < 80; ++i) smileys += ToUcs2("\U0001F600").value();
  const Plan ucs2 = Plan::Make(smileys, {.coding = Coding::kUcs2}).value();
  for (size_t k = 1; k <= ucs2.count(); ++k) {
    EXPECT_EQ(FromUcs2(ucs2.Payload(k))->find("\uFFFD"), std::string::npos) << k;
  }
}

// Any content, however laid out, comes back from its segments in any order, with some sent twice.
TEST(Plan, IsUndoneByTheReassembler) {
  std::mt19937 random(5);
  const auto below = [&](size_t n) { return random() % n; };
  for (int run = 0; run < 2000; ++run) {
    SCOPED_TRACE(run);
    Layout layout;
    layout.coding = static_cast<Coding>(below(3));
    if (below(2) == 0) layout.ports = kPush;
    layout.concatenation = below(2) == 0 ? Concatenation::kReference8 : Concatenation::kReference16;
    std::string content;
    for (size_t n = below(1200); n > 0; --n) {
      const char c = static_cast<char>(layout.coding == Coding::kGsm7 ? below(128) : below(256));
      content.push_back(layout.coding == Coding::kGsm7 && below(9) == 0 ? kEscape : c);
    }
    if (layout.coding == Coding::kUcs2 && content.size() % 2 != 0) content.pop_back();
    const Plan plan = Plan::Make(content, layout, kMaxSegments).value();
    EXPECT_EQ(plan.count(), CountSegments(layout, content));
    std::vector<size_t> order;
    for (size_t k = 1; k <= plan.count(); ++k) order.insert(order.end(), 1 + below(2), k);
    std::ranges::shuffle(order, random);

    Reassembler reassembler;
    std::optional<std::string> whole;
    for (const size_t k : order) {
      const std::string segment = Segment(plan, k, static_cast<uint16_t>(run));
      ASSERT_LE(segment.size() - (plan.has_udh() ? 1U + static_cast<uint8_t>(segment[0]) : 0U),
                plan.count() == 1 ? layout.Single() : layout.Each());
      UserData part{.udh = {}, .payload = segment};
      if (plan.has_udh()) part = DecodeUserData(segment).value();
      EXPECT_EQ(part.udh.ports, layout.ports);
      const auto message = reassembler.Add("138", part.udh, part.payload, TimePoint());
      if (message) whole = message->content;
    }
    ASSERT_EQ(whole, content);
  }
}

}  // namespace
}  // namespace drover::sms

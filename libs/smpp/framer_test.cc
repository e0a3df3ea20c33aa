#include "libs/smpp/framer.h"

#include <vector>

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/smpp/codec.h"
#include "libs/smpp/testing/random_body.h"

namespace drover::smpp {
namespace {

using State = Framer::State;

// The PDUs that come out, fed in pieces of this size.
std::vector<std::string> Cut(std::string_view stream, size_t piece, Framer& framer) {
  std::vector<std::string> pdus;
  for (size_t at = 0; at < stream.size(); at += piece) {
    framer.Feed(stream.substr(at, piece));
    std::string_view pdu;
    while (framer.Next(pdu) == State::kPdu) pdus.emplace_back(pdu);
  }
  return pdus;
}

TEST(Framer, GivesTheSamePdusHoweverTheyArrive) {
  testing::RandomBody random(4);
  std::string stream;
  std::vector<std::string> expected;
  for (size_t kind = 0; kind < std::variant_size_v<Body>; ++kind) {
    std::string pdu;
    ASSERT_FALSE(Encode(1, random.Make(kind), pdu));
    stream += pdu;
    expected.push_back(pdu);
  }
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{3}, size_t{4}, size_t{5}, size_t{15},
                             size_t{16}, size_t{17}, size_t{100}, stream.size()}) {
    Framer framer;
    EXPECT_EQ(Cut(stream, piece, framer), expected) << piece;
    EXPECT_EQ(framer.held(), 0u);
  }
}

TEST(Framer, HoldsWhatIsNotWholeYet) {
  Framer framer;
  EXPECT_TRUE(Cut(*base::FromHex("000000100000"), 6, framer).empty());
  EXPECT_EQ(framer.held(), 6u);
}

TEST(Framer, IsBrokenByALengthThatCannotBe) {
  for (const char* hex : {"0000000f", "00000000", "ffffffff", "00010401", "80000000"}) {
    for (const size_t piece : {1, 4}) {
      Framer framer;
      std::string_view pdu;
      const std::string octets = *base::FromHex(hex) + std::string(20, '\0');
      Cut(octets, piece, framer);
      EXPECT_EQ(framer.Next(pdu), State::kBroken) << hex;
      EXPECT_EQ(framer.broken_length(), std::stoul(hex, nullptr, 16));
      framer.Feed(*base::FromHex("00000010000000150000000000000001"));
      EXPECT_EQ(framer.Next(pdu), State::kBroken) << hex;
      EXPECT_LT(framer.held(), 17u) << "nothing is held for a length that is not believed";
    }
  }
}

TEST(Framer, TakesThePduAtItsLimit) {
  Framer framer(20);
  const std::string octets = *base::FromHex("0000001400000015000000000000000105010000");
  EXPECT_EQ(Cut(octets, 7, framer).size(), 1u);
}

}  // namespace
}  // namespace drover::smpp

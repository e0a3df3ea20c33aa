#include "libs/sip/link/stun.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/sip/link/address.h"

namespace drover::sip {
namespace {

std::string Request(const std::string& attributes_hex = "") {
  const std::string attributes = *base::FromHex(attributes_hex);
  std::string out = *base::FromHex("0001");
  out += std::string(1, '\0') + static_cast<char>(attributes.size());
  return out + *base::FromHex("2112a442b7e7a701bc34d686fa87dfae") + attributes;
}
std::string Answer(const std::string& request, const std::string& address, uint16_t port) {
  std::string out;
  const Hop source{.address = *ParseAddress(address), .port = port};
  return AppendStunAnswer(request, source, out) ? base::Hex(out) : "none";
}

// The mapped addresses are those of RFC 5769, sections 2.2 and 2.3.
TEST(Stun, TellsTheAddressItSees) {
  EXPECT_EQ(Answer(Request(), "192.0.2.1", 32853),
            "0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643");
  EXPECT_EQ(Answer(Request(), "2001:db8:1234:5678:11:2233:4455:6677", 32853),
            "010100182112a442b7e7a701bc34d686fa87dfae002000140002a147"
            "0113a9faa5d3f179bc25f4b5bed2b9d9");
}

TEST(Stun, PassesOverWhatIsOptional) {
  EXPECT_EQ(Answer(Request("802200047465737480280004deadbeef"), "192.0.2.1", 1).substr(0, 4),
            "0101");
}

TEST(Stun, Refuses420WhatItWouldHaveToUnderstand) {
  EXPECT_EQ(Answer(Request("0003000400000002"), "192.0.2.1", 1),
            "011100242112a442b7e7a701bc34d686fa87dfae"
            "0009001500000414556e6b6e6f776e20417474726962757465000000"
            "000a000200030000");
}

TEST(Stun, SaysNothingToAnythingElse) {
  EXPECT_FALSE(IsStun("NOTIFY sip:a@192.0.2.1 SIP/2.0\r\n"));
  EXPECT_FALSE(IsStun(""));
  std::string indication = Request();
  indication[1] = '\x11';
  EXPECT_EQ(Answer(indication, "192.0.2.1", 1), "none");
  EXPECT_EQ(Answer(Request() + "x", "192.0.2.1", 1), "none");
  EXPECT_EQ(Answer(Request("00030008000000"), "192.0.2.1", 1), "none");
}

}  // namespace
}  // namespace drover::sip

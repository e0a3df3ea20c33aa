#include "libs/sms/udh.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::sms {
namespace {

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

struct Vector {
  const char* name;
  const char* hex;
  std::optional<Ports> ports;
  std::optional<Concat> concat;
};
const Vector kVectors[] = {
    {"push ports", "0605040b8423f0", Ports{2948, 9200}, {}},
    {"registration ports", "06050442664266", Ports{16998, 16998}, {}},
    {"8-bit ports", "04040281 82", Ports{0x81, 0x82, false}, {}},
    {"8-bit reference", "050003770301", {}, Concat{0x77, 3, 1, false}},
    {"16-bit reference", "06080412340302", {}, Concat{0x1234, 3, 2}},
    {"push ports, 16-bit reference", "0c05040b8423f00804 1234 0303", Ports{2948, 9200},
     Concat{0x1234, 3, 3}},
    {"push ports, 8-bit reference", "0b05040b8423f00003770302", Ports{2948, 9200},
     Concat{0x77, 3, 2, false}},
};

TEST(Udh, IsThatOfTheVectorsBothWays) {
  for (const Vector& v : kVectors) {
    SCOPED_TRACE(v.name);
    const Udh udh{.ports = v.ports, .concat = v.concat, .others = {}};
    std::string octets = "before";
    ASSERT_TRUE(AppendUdh(udh, octets));
    EXPECT_EQ(base::Hex(octets.substr(6)), base::Hex(Octets(v.hex)));
    EXPECT_EQ(UdhOctets(udh), Octets(v.hex).size());
    const std::string user_data = Octets(v.hex) + "payload";
    const Result<UserData> decoded = DecodeUserData(user_data);
    ASSERT_TRUE(decoded) << decoded.error();
    EXPECT_EQ(decoded->udh, udh);
    EXPECT_EQ(decoded->payload, "payload");
  }
}

TEST(Udh, KeepsElementsThatItDoesNotKnowInTheirOrder) {
  const std::string octets = Octets("0c 240101 05040b8423f0 0a0199") + "x";
  const Result<UserData> decoded = DecodeUserData(octets);
  ASSERT_TRUE(decoded) << decoded.error();
  ASSERT_EQ(decoded->udh.others.size(), 2U);
  EXPECT_EQ(decoded->udh.others[0], (InformationElement{0x24, "\x01"}));
  EXPECT_EQ(decoded->udh.others[1], (InformationElement{0x0A, "\x99"}));
  std::string again;
  ASSERT_TRUE(AppendUdh(decoded->udh, again));
  EXPECT_EQ(base::Hex(again), "0c05040b8423f02401010a0199");
}

TEST(Udh, TakesTheLastOfElementsThatAreThereTwice) {
  const std::string octets = Octets("0f 05040b8423f0 04020102 0003770302");
  const Result<UserData> decoded = DecodeUserData(octets);
  ASSERT_TRUE(decoded) << decoded.error();
  EXPECT_EQ(decoded->udh.ports, (Ports{1, 2, false}));
  EXPECT_EQ(decoded->udh.concat, (Concat{0x77, 3, 2, false}));
}

TEST(Udh, IsEmptyWithoutElements) {
  std::string octets;
  ASSERT_TRUE(AppendUdh({}, octets));
  EXPECT_EQ(octets, "");
  const Result<UserData> decoded = DecodeUserData(std::string_view("\0ab", 3));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->udh.empty());
  EXPECT_EQ(decoded->payload, "ab");
}

TEST(Udh, IsRefusedWhereItDoesNotFitTheUserData) {
  for (const char* hex :
       {"", "01", "0605040b8423", "0705040b8423f0", "0505040b8423f0", "0105", "0405030b8423",
        "0300020101", "04080312 34 03", "050804123403", "0304010b", "ff00"}) {
    SCOPED_TRACE(hex);
    EXPECT_FALSE(DecodeUserData(Octets(hex)));
  }
}

TEST(Udh, IsNotWrittenWithValuesThatItsFormCannotHold) {
  std::string out;
  EXPECT_FALSE(AppendUdh({.ports = Ports{256, 1, false}}, out));
  EXPECT_FALSE(AppendUdh({.ports = Ports{1, 256, false}}, out));
  EXPECT_FALSE(AppendUdh({.concat = Concat{256, 2, 1, false}}, out));
  EXPECT_FALSE(AppendUdh({.others = {{0x05, "abcd"}}}, out));
  const std::string much(138, 'x');
  EXPECT_FALSE(AppendUdh({.others = {{0x24, much}}}, out));
  EXPECT_EQ(out, "");
  EXPECT_TRUE(AppendUdh({.others = {{0x24, std::string_view(much).substr(1)}}}, out));
  EXPECT_EQ(out.size(), kUserDataOctets);
}

TEST(Concat, IsSensibleWhenTheSequenceLiesWithinTheTotal) {
  EXPECT_TRUE((Concat{1, 3, 1}.Sensible()));
  EXPECT_TRUE((Concat{1, 3, 3}.Sensible()));
  EXPECT_FALSE((Concat{1, 3, 0}.Sensible()));
  EXPECT_FALSE((Concat{1, 3, 4}.Sensible()));
  EXPECT_FALSE((Concat{1, 0, 0}.Sensible()));
}

}  // namespace
}  // namespace drover::sms

#include "libs/pap/address.h"

#include <gtest/gtest.h>

namespace drover::pap {
namespace {

struct Case {
  const char* text;
  Address address;
  const char* written;  // nullptr: as text.
};
const Case kCases[] = {
    {"WAPPUSH=+8613800138000/TYPE=PLMN@ppg.carrier.com",
     {AddressType::kPlmn, "PLMN", "8613800138000", "ppg.carrier.com"},
     nullptr},
    {"wappush=86-138.0013 8000/type=plmn@ppg",
     {AddressType::kPlmn, "PLMN", "8613800138000", "ppg"},
     "WAPPUSH=+8613800138000/TYPE=PLMN@ppg"},
    {"/WAPPUSH=%2B8613800138000/TYPE=PLMN@ppg",
     {AddressType::kPlmn, "PLMN", "8613800138000", "ppg"},
     "WAPPUSH=+8613800138000/TYPE=PLMN@ppg"},
    {"WAPPUSH=195.153.199.30/TYPE=IPv4@ppg.carrier.com",
     {AddressType::kIpv4, "IPV4", "195.153.199.30", "ppg.carrier.com"},
     "WAPPUSH=195.153.199.30/TYPE=IPV4@ppg.carrier.com"},
    {"WAPPUSH=fe80::1/TYPE=IPV6@ppg", {AddressType::kIpv6, "IPV6", "fe80::1", "ppg"}, nullptr},
    {"WAPPUSH=IMEI%3A860206000003972/TYPE=USER@ppg",
     {AddressType::kUser, "USER", "IMEI:860206000003972", "ppg"},
     nullptr},
    {"WAPPUSH=john.doe%40example.org%2FTYPE%3Dx/TYPE=USER@ppg:8080",
     {AddressType::kUser, "USER", "john.doe@example.org/TYPE=x", "ppg:8080"},
     nullptr},
    {"WAPPUSH=1234/TYPE=4-Kbps@ppg",
     {AddressType::kOther, "4-KBPS", "1234", "ppg"},
     "WAPPUSH=1234/TYPE=4-KBPS@ppg"},
};

TEST(Address, IsTakenApartAndPutTogether) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    const Result<Address> address = ParseAddress(c.text, false);
    ASSERT_TRUE(address) << address.error();
    EXPECT_EQ(*address, c.address);
    const std::string written = FormatAddress(*address);
    EXPECT_EQ(written, c.written == nullptr ? c.text : c.written);
    EXPECT_EQ(ParseAddress(written, false).value(), c.address);
  }
}

TEST(Address, MayBeABareNumberIfLenient) {
  for (const char* text : {"+8613800138000", "8613800138000", "86-138-0013-8000"}) {
    EXPECT_FALSE(ParseAddress(text, false)) << text;
    EXPECT_EQ(ParseAddress(text, true).value().specifier, "8613800138000") << text;
  }
  EXPECT_FALSE(ParseAddress("WAPPUSH=123/TYPE=PLMN", false));
  EXPECT_EQ(ParseAddress("WAPPUSH=123/TYPE=PLMN", true).value().ppg, "");
  EXPECT_EQ(FormatAddress(ParseAddress("123", true).value()), "WAPPUSH=+123/TYPE=PLMN");
}

TEST(Address, IsRefusedWhereItIsNone) {
  for (const char* text : {"",
                           "WAPPUSH=",
                           "WAPPUSH=+12345",
                           "WAPPUSH=+12345/TYPE=PLMN",
                           "WAPPUSH=+12345/TYPE=PLMN@",
                           "WAPPUSH=+12345/TYPE=@ppg",
                           "WAPPUSH=/TYPE=USER@ppg",
                           "WAPPUSH=12/TYPE=PLMN@ppg",
                           "WAPPUSH=1234567890123456/TYPE=PLMN@ppg",
                           "WAPPUSH=12a45/TYPE=PLMN@ppg",
                           "WAPPUSH=1.2.3/TYPE=IPv4@ppg",
                           "WAPPUSH=1.2.3.256/TYPE=IPv4@ppg",
                           "WAPPUSH=1.2.3.4.5/TYPE=IPv4@ppg",
                           "WAPPUSH=1.2.3./TYPE=IPv4@ppg",
                           "WAPPUSH=g::1/TYPE=IPv6@ppg",
                           "WAPPUSH=a%4/TYPE=USER@ppg",
                           "WAPPUSH=a%zz/TYPE=USER@ppg",
                           "WAPPUSH=a%00/TYPE=USER@ppg",
                           "WAPPUSH=a%ff/TYPE=USER@ppg",
                           "WAPPUSH=a/TYPE=USER@p p",
                           "WAPPUSH=a/TYPE=US?ER@ppg",
                           "mailto:a@b"}) {
    EXPECT_FALSE(ParseAddress(text, false)) << text;
  }
  EXPECT_FALSE(ParseAddress("WAPPUSH=" + std::string(2000, 'a') + "/TYPE=USER@p", true));
}

}  // namespace
}  // namespace drover::pap

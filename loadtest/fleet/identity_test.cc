#include "loadtest/fleet/identity.h"

#include <set>

namespace drover::fleet {
namespace {

TEST(ImeiOf, IsFifteenDigitsThatDifferByIndexAndSeed) {
  std::set<std::string> ids;
  for (uint64_t i = 0; i < 1000; ++i) ids.insert(ImeiOf(1, i));
  for (uint64_t i = 0; i < 1000; ++i) ids.insert(ImeiOf(1, 9'999'000 + i));
  ids.insert(ImeiOf(2, 0));
  EXPECT_EQ(ids.size(), 2001U);
  for (const std::string& id : ids) EXPECT_EQ(id.size(), 20U);
}

TEST(ImeiOf, EndsInTheDigitOfLuhn) {
  const std::string id = ImeiOf(7, 12'345'678);
  int sum = 0;
  for (size_t i = 0; i < 15; ++i) {
    const int digit = id[5 + i] - '0';
    const int doubled = i % 2 == 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  EXPECT_EQ(sum % 10, 0) << id;
}

TEST(IndexOfImei, IsTheWayBack) {
  for (const uint64_t index : {0ULL, 1ULL, 999'999ULL, 1'000'000ULL, 9'999'999ULL, 99'999'999ULL}) {
    EXPECT_EQ(IndexOfImei(42, ImeiOf(42, index)), index);
  }
}

TEST(IndexOfImei, KnowsOnlyIdsOfItsSeed) {
  EXPECT_EQ(IndexOfImei(1, ImeiOf(2, 5)), std::nullopt);
  EXPECT_EQ(IndexOfImei(1, "IMEI:493005100592800"), std::nullopt);
  EXPECT_EQ(IndexOfImei(1, ""), std::nullopt);
  std::string wrong = ImeiOf(1, 5);
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_EQ(IndexOfImei(1, wrong), std::nullopt);
}

TEST(MsisdnOf, IsANumberOfE164ThatLeadsBackToItsTerminal) {
  std::set<std::string> numbers;
  for (const uint64_t index : {0ULL, 1ULL, 999'999ULL, 99'999'999ULL}) {
    const std::string msisdn = MsisdnOf(42, index);
    EXPECT_EQ(msisdn.size(), 15U);
    EXPECT_EQ(msisdn.find_first_not_of("0123456789"), std::string::npos);
    EXPECT_EQ(IndexOfMsisdn(42, msisdn), index);
    EXPECT_EQ(IndexOfMsisdn(43, msisdn), std::nullopt) << "another seed's";
    numbers.insert(msisdn);
  }
  EXPECT_EQ(numbers.size(), 4U);
  for (const char* other : {"", "8613900000001", "86100000000000x", "4915112345678901"}) {
    EXPECT_EQ(IndexOfMsisdn(42, other), std::nullopt) << other;
  }
}

TEST(FactoryAccount, IsTheSameAgainAndAnothersIsNot) {
  const terminal::Account one = FactoryAccount(1, 5);
  const terminal::Account again = FactoryAccount(1, 5);
  const terminal::Account other = FactoryAccount(1, 6);
  EXPECT_EQ(one.password, again.password);
  EXPECT_EQ(one.client_nonce, again.client_nonce);
  EXPECT_NE(one.password, one.server_password);
  EXPECT_NE(one.password, other.password);
  EXPECT_NE(one.client_nonce, one.server_nonce);
  EXPECT_EQ(one.client_nonce.size(), kNonceOctets);
  EXPECT_EQ(one.password.size(), 15U);
}

}  // namespace
}  // namespace drover::fleet

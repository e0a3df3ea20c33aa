#include "libs/dmauth/credentials.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/dmauth/digest.h"
#include "libs/dmauth/random.h"

namespace drover::dmauth {
namespace {

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

const std::string kTerminal = "IMEI:493005100592800";
const std::string kServer = "com.mgmtsrv.manage";

// Package 1 of a DM 1.2 session, 126 octets of WBXML.
const std::string kPackage1 = Octets(
    "02A4016A006D6C7103312E3200017203444D2F312E32000165033100015B03310001"
    "6E570368747470733A2F2F646D2E6578616D706C652E636F6D2F646D00010167570349"
    "4D45493A3439333030353130303539323830300001015A00014C033136333834000101"
    "0100006B464B033100014F03313230310001011201"
    "01");

struct Md5Vector {
  const char* name;
  std::string user, password, nonce_hex, nonce_base64, a1, credential;
};
const Md5Vector kMd5Vectors[] = {
    {"example of the specification", "Bruce2", "OhBehave", "4e6f6e6365",
     "Tm9uY2U=", "PtEdr8lBQ45IbT1bZIkrOQ==", "Zz6EivR3yeaaENcRN6lpAQ=="},
    {"terminal, random nonce", kTerminal, "clientpw", "00112233445566778899aabbccddeeff",
     "ABEiM0RVZneImaq7zN3u/w==", "m8AUz/sMjtigCZ0ulk0pCw==", "wAE7JgnQG1w22WNSm1cQig=="},
    {"server, random nonce", kServer, "srvpw", "ffeeddccbbaa99887766554433221100",
     "/+7dzLuqmYh3ZlVEMyIRAA==", "AXOpoP7JO1YjGoejdpcblA==", "qLCDW9QNdGjJGL7402Zmfw=="},
    {"resynchronisation, four zero octets", "user", "secret", "00000000",
     "AAAAAA==", "jDCI8bJ0MjRPFNggM3SXlw==", "DMHHF9tSgEzi+OuBgO1Z3Q=="},
    {"resynchronisation, as text", "user", "secret", "30783030303030303030",
     "MHgwMDAwMDAwMA==", "jDCI8bJ0MjRPFNggM3SXlw==", "fpA96/e7cWrDe3AG4Kd7pQ=="},
    {"empty nonce", "user", "secret", "", "",
     "jDCI8bJ0MjRPFNggM3SXlw==", "ZIkBsGJ9eS909e5kw1wjIQ=="},
    {"terminal, next nonce", kTerminal, "clientpw", "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "oKGio6SlpqeoqaqrrK2urw==", "m8AUz/sMjtigCZ0ulk0pCw==", "pwYzM2J27ksSVRuhj8ERaQ=="},
    {"server, next nonce", kServer, "srvpw", "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf",
     "sLGys7S1tre4ubq7vL2+vw==", "AXOpoP7JO1YjGoejdpcblA==", "nmy/H6mlGaIfIrz7Mjv5HA=="},
};

TEST(Md5Credential, IsThatOfTheVectors) {
  for (const Md5Vector& v : kMd5Vectors) {
    SCOPED_TRACE(v.name);
    const std::string nonce = Octets(v.nonce_hex);
    EXPECT_EQ(DecodeNonce(v.nonce_base64, false).value(), nonce);
    EXPECT_EQ(A1(v.user, v.password), v.a1);
    EXPECT_EQ(Md5Credential(v.a1, nonce), v.credential);
    EXPECT_TRUE(VerifyMd5(v.credential, v.a1, nonce));
    EXPECT_FALSE(VerifyMd5(v.credential, v.a1, nonce + "x"));
  }
}

TEST(VerifyMd5, RefusesTheUsualMistakes) {
  const Md5Vector& v = kMd5Vectors[1];
  const std::string nonce = Octets(v.nonce_hex);
  EXPECT_FALSE(VerifyMd5("DOgeY7BgkcR6MQ4Jygn/tA==", v.a1, nonce)) << "nonce as base64 text";
  EXPECT_FALSE(VerifyMd5("z4I68ljr5bq/BYdyS/2tkA==", v.a1, nonce)) << "A1 as hex";
  EXPECT_FALSE(VerifyMd5("", v.a1, nonce));
  EXPECT_FALSE(VerifyMd5("not base64!", v.a1, nonce));
}

TEST(VerifyMd5, ForgivesWhiteSpaceAndMissingPadding) {
  const Md5Vector& v = kMd5Vectors[0];
  EXPECT_TRUE(VerifyMd5("\r\n Zz6EivR3yeaaENcRN6lpAQ\r\n", v.a1, "Nonce"));
}

TEST(Basic, IsThatOfTheVectors) {
  EXPECT_EQ(BasicCredential("Bruce2", "OhBehave"), "QnJ1Y2UyOk9oQmVoYXZl");
  EXPECT_EQ(BasicCredential("user", "secret"), "dXNlcjpzZWNyZXQ=");
}

TEST(VerifyBasic, NeedsThePasswordAndTheName) {
  const std::string a1 = A1(kTerminal, "clientpw");
  const std::string good = BasicCredential(kTerminal, "clientpw");
  EXPECT_TRUE(VerifyBasic(good, kTerminal, a1)) << "the name holds a colon itself";
  EXPECT_TRUE(VerifyBasic(good, "", a1));
  EXPECT_FALSE(VerifyBasic(good, kServer, a1));
  EXPECT_FALSE(VerifyBasic(BasicCredential(kTerminal, "wrong"), kTerminal, a1));
  EXPECT_FALSE(VerifyBasic(BasicCredential(kTerminal, ""), kTerminal, a1));
  EXPECT_FALSE(VerifyBasic("", kTerminal, a1));
  EXPECT_FALSE(VerifyBasic("!!", kTerminal, a1));
}

struct MacVector {
  std::string body, body_digest, a1, nonce_hex, mac;
};
const MacVector kMacVectors[] = {
    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\"></SyncML>", "V2pUFyVNkvBtkcuf1/uj0A==", kMd5Vectors[1].a1,
     kMd5Vectors[1].nonce_hex, "trGqsVf4h2JxgZ+Hlxo3sg=="},
    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\"></SyncML>", "V2pUFyVNkvBtkcuf1/uj0A==", kMd5Vectors[0].a1,
     kMd5Vectors[0].nonce_hex, "aSBvnDHzBa7JhdjeEEUR2g=="},
    {kPackage1, "1UPTaEuBp1srBAjB4s3qhQ==", kMd5Vectors[1].a1, kMd5Vectors[1].nonce_hex,
     "nAC7rS8a7CbzsQjyyHz1kQ=="},
    {kPackage1, "1UPTaEuBp1srBAjB4s3qhQ==", kMd5Vectors[1].a1, kMd5Vectors[6].nonce_hex,
     "slXXH35wC081YDR7jm3zRA=="},
    {kPackage1, "1UPTaEuBp1srBAjB4s3qhQ==", kMd5Vectors[2].a1, kMd5Vectors[2].nonce_hex,
     "jDhrFC9Mu6cKh6sdGsP2Uw=="},
};

TEST(Mac, IsThatOfTheVectors) {
  ASSERT_EQ(kPackage1.size(), 126u);
  for (const MacVector& v : kMacVectors) {
    const Md5Octets digest = Md5({v.body});
    EXPECT_EQ(base::Base64({digest.data(), digest.size()}), v.body_digest);
    EXPECT_EQ(Mac(v.a1, Octets(v.nonce_hex), v.body), v.mac);
    EXPECT_TRUE(VerifyMac(v.mac, v.a1, Octets(v.nonce_hex), v.body));
    EXPECT_FALSE(VerifyMac(v.mac, v.a1, Octets(v.nonce_hex), v.body + " "));
    EXPECT_FALSE(VerifyMac(v.mac, v.a1, "", v.body));
  }
}

TEST(NotificationDigest, IsThatOfTheVectors) {
  const std::string a1 = A1(kServer, "srvpw");
  const std::string id = base::Hex(kServer);
  const std::string nonce = Octets(kMd5Vectors[2].nonce_hex);
  struct Vector {
    std::string trigger, nonce, digest;
  };
  const Vector vectors[] = {
      {"02d0000000123412" + id, nonce, "496b1619557be9616812a8df173495b6"},
      {"02f8000000123412" + id, nonce, "73d2401362df8de8803533202355b92e"},
      {"02d800000000a712" + id, std::string(4, '\0'), "426fb64663439e3339941cd57418647d"},
      {"02d800000000a712" + id, "0x00000000", "1bfca86535340cfaadab7500991a6acc"},
      {"02d800000000a712" + id + "0102", nonce, "835f10117b6fe5d1784c036b0af3b7be"},
  };
  for (const Vector& v : vectors) {
    EXPECT_EQ(base::Hex(NotificationDigest(a1, v.nonce, Octets(v.trigger))), v.digest);
  }
}

TEST(DecodeNonce, TakesTextAsBase64AndOpaqueAsRawUnlessItIsBase64) {
  EXPECT_EQ(DecodeNonce("Tm9uY2U=", false).value(), "Nonce");
  EXPECT_EQ(DecodeNonce("Tm9uY2U=", true).value(), "Nonce");
  EXPECT_EQ(DecodeNonce("12345", true).value(), "12345") << "five digits are no base64 text";
  EXPECT_EQ(DecodeNonce(std::string_view("\0\xff\x10", 3), true).value(),
            std::string("\0\xff\x10", 3));
  EXPECT_EQ(DecodeNonce("", true).value(), "");
  EXPECT_FALSE(DecodeNonce("\x01\x02", false));
  EXPECT_EQ(DecodeNonce(base::Base64(std::string(64, 'n')), false).value().size(), 64u);
  EXPECT_FALSE(DecodeNonce(base::Base64(std::string(65, 'n')), false));
  EXPECT_FALSE(DecodeNonce(std::string(65, '\x01'), true));
}

TEST(Scheme, IsReadInAnyCase) {
  EXPECT_EQ(SchemeOf("syncml:auth-md5"), Scheme::kMd5);
  EXPECT_EQ(SchemeOf("SYNCML:AUTH-MD5"), Scheme::kMd5);
  EXPECT_EQ(SchemeOf("syncml:auth-mac"), Scheme::kMac);
  EXPECT_EQ(SchemeOf("syncml:auth-basic"), Scheme::kBasic);
  EXPECT_EQ(SchemeOf("syncml:auth-X509"), std::nullopt);
  EXPECT_EQ(SchemeOf(""), std::nullopt);
  EXPECT_EQ(TypeOf(Scheme::kMac), "syncml:auth-MAC");
}

TEST(MacHeader, IsFormattedAsTheSpecificationShows) {
  EXPECT_EQ(FormatMacHeader({.user = kTerminal, .mac = "trGqsVf4h2JxgZ+Hlxo3sg=="}),
            "algorithm=MD5, username=\"IMEI:493005100592800\", mac=trGqsVf4h2JxgZ+Hlxo3sg==");
}

TEST(MacHeader, IsReadInEveryVariantThatTerminalsSend) {
  for (const char* text : {
           "algorithm=MD5, username=\"IMEI:493005100592800\", mac=trGqsVf4h2JxgZ+Hlxo3sg==",
           "algorithm=MD5,username=\"IMEI:493005100592800\",mac=trGqsVf4h2JxgZ+Hlxo3sg==",
           "username=IMEI:493005100592800, mac=trGqsVf4h2JxgZ+Hlxo3sg==",
           "mac=\"trGqsVf4h2JxgZ+Hlxo3sg==\" , Username = \"IMEI:493005100592800\"",
           "  Algorithm = md5 ,MAC=trGqsVf4h2JxgZ+Hlxo3sg==, username=IMEI:493005100592800  ",
           "algorithm=\"MD5\", username=IMEI:493005100592800, mac=trGqsVf4h2JxgZ+Hlxo3sg==, x=y",
       }) {
    const Result<MacHeader> header = ParseMacHeader(text);
    ASSERT_TRUE(header) << text << ": " << header.error();
    EXPECT_EQ(header->user, kTerminal);
    EXPECT_EQ(header->mac, "trGqsVf4h2JxgZ+Hlxo3sg==");
  }
  EXPECT_EQ(ParseMacHeader("username=\"a, b=c\", mac=x").value().user, "a, b=c");
}

TEST(MacHeader, IsRefusedWhenItCannotAuthenticate) {
  for (const char* text :
       {"", "algorithm=MD5", "username=\"u\"", "mac=x", "username=\"u, mac=x", "username, mac",
        "algorithm=SHA1, username=u, mac=x", "username=u, username=v, mac=x",
        "username=\"u\"v, mac=x", "username=u\x01, mac=x", "username=, mac=x"}) {
    EXPECT_FALSE(ParseMacHeader(text)) << text;
  }
}

TEST(EqualsConstantTime, ComparesContent) {
  EXPECT_TRUE(EqualsConstantTime("", ""));
  EXPECT_TRUE(EqualsConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualsConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualsConstantTime("abc", "ab"));
}

TEST(SystemRandom, GivesAsManyOctetsAsAskedAndNeverTheSame) {
  EXPECT_EQ(SystemRandom(0), "");
  EXPECT_EQ(SystemRandom(33).size(), 33u);
  EXPECT_NE(SystemRandom(16), SystemRandom(16));
}

}  // namespace
}  // namespace drover::dmauth

#include "libs/sip/testing/torture.h"

#include <gtest/gtest.h>

#include "libs/sip/builder.h"
#include "libs/sip/framer.h"
#include "libs/sip/message.h"

namespace drover::sip {
namespace {

using testing::Torture;
using testing::TortureMessage;

class TortureTest : public ::testing::TestWithParam<TortureMessage> {};

TEST_P(TortureTest, IsTakenOrRefusedAsTheRfcSays) {
  Message message;
  const auto refusal = Parse(GetParam().octets, Arrival::kDatagram, message);
  EXPECT_EQ(refusal ? refusal->status : 0, GetParam().status) << (refusal ? refusal->cause : "");
}

TEST_P(TortureTest, CutShortAnywhereNeverReadsPastItsEnd) {
  const std::string& octets = GetParam().octets;
  for (size_t size = 0; size < octets.size(); ++size) {
    const std::string shorter = octets.substr(0, size);  // Of its own, for ASan.
    Message message;
    (void)Parse(shorter, Arrival::kDatagram, message);
    for (size_t i = 0; i < message.field_count(); ++i) (void)message.field(i);
  }
}

TEST_P(TortureTest, IsAnsweredIfItCanBe) {
  Message message;
  const auto refusal = Parse(GetParam().octets, Arrival::kDatagram, message);
  if (!CanBeAnswered(message)) return;  // A response, or a request that lacks what it takes.
  std::string response;
  ASSERT_TRUE(AppendResponse(message, {"198.51.100.7", 5060},
                             {.status = refusal ? refusal->status : uint16_t{200}, .to_tag = "x"},
                             response));
  Message parsed;
  const auto again = Parse(response, Arrival::kStream, parsed);
  EXPECT_EQ(parsed.top_via().branch, message.top_via().branch);
  if (refusal) return;  // What was copied of a refused message may be as bad as that was.
  ASSERT_FALSE(again) << again->cause << "\n" << response;
  EXPECT_EQ(parsed.call_id(), message.call_id());
  EXPECT_EQ(parsed.cseq().number, message.cseq().number);
  EXPECT_EQ(parsed.from_tag(), message.from_tag());
  EXPECT_EQ(parsed.Count(HeaderId::kVia), message.Count(HeaderId::kVia));
}

INSTANTIATE_TEST_SUITE_P(Rfc4475And5118, TortureTest,
                         ::testing::ValuesIn(testing::TortureMessages()), [](const auto& each) {
                           std::string name = each.param.name;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

Message Taken(const char* name) {
  Message message;
  EXPECT_FALSE(Parse(Torture(name).octets, Arrival::kDatagram, message));
  return message;
}

TEST(Torture, WsinvIsUnderstoodThroughItsFoldsAndBlanks) {
  const Message message = Taken("wsinv");
  EXPECT_EQ(message.method(), Method::kInvite);
  EXPECT_EQ(message.max_forwards(), 68);
  EXPECT_EQ(message.cseq().number, 9u);
  EXPECT_EQ(message.to_tag(), "1918181833n");
  EXPECT_EQ(message.from_tag(), "98asjd8");
  EXPECT_EQ(Unquote(message.from().display_name), "J Rosenberg \\\"");
  EXPECT_EQ(message.top_via().sent_by.host, "192.0.2.2");
  EXPECT_EQ(message.top_via().branch, "390skdjuw");
  EXPECT_FALSE(message.top_via().has_rfc3261_branch());
  EXPECT_FALSE(message.has_one_via());
  EXPECT_EQ(message.body().substr(0, 3), "v=0");
  Message::Elements vias = message.Values(HeaderId::kVia);
  std::string_view element, rest;
  std::vector<std::string> branches;
  while (vias.Next(element)) {
    Via via;
    ASSERT_TRUE(ParseVia(element, via, rest)) << element;
    branches.emplace_back(via.branch);
  }
  EXPECT_EQ(branches, (std::vector<std::string>{"390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"}));
  Contact contact;
  ASSERT_TRUE(ParseContact(*message.Find(HeaderId::kContact), contact));
  EXPECT_EQ(contact.q_thousandths, 330);
  EXPECT_EQ(contact.address.parameters.Value("newparam"), "newvalue");
  EXPECT_EQ(message.Find("unknownheaderWithunusualvalue"), ";;,,;;,;");
  EXPECT_EQ(message.Find(HeaderId::kSubject), "");
}

TEST(Torture, EscapesAreUndoneWhereTheyMayBeAndNowhereElse) {
  const Message esc01 = Taken("esc01");
  EXPECT_EQ(Unescape(esc01.uri().user), "sips:user@example.com");
  Uri from;
  ASSERT_TRUE(ParseUri(esc01.from().uri, from));
  EXPECT_EQ(Unescape(from.user), "I have spaces");
  Uri to;
  ASSERT_TRUE(ParseUri(esc01.to().uri, to));
  EXPECT_EQ(AddressOfRecord(to), "sip:user@example.com");
  const Message esc02 = Taken("esc02");
  EXPECT_EQ(esc02.method(), Method::kOther);  // Not REGISTER.
  EXPECT_EQ(esc02.Count(HeaderId::kContact), 2u);
  EXPECT_TRUE(esc02.Find("C%6Fntact"));
}

TEST(Torture, EscapedNulsAreCharactersLikeOthers) {
  const Message message = Taken("escnull");
  Message::Elements contacts = message.Values(HeaderId::kContact);
  std::string_view element;
  std::vector<size_t> sizes;
  Contact contact;
  while (contacts.Next(element)) {
    ASSERT_TRUE(ParseContact(element, contact));
    sizes.push_back(Unescape(contact.uri.user)->size());
  }
  EXPECT_EQ(sizes, (std::vector<size_t>{1, 2}));
}

TEST(Torture, OctetsBehindADatagramsBodyAreDropped) {
  const Message message = Taken("dblreq");
  EXPECT_EQ(message.method(), Method::kRegister);
  EXPECT_EQ(message.body(), "");
  EXPECT_TRUE(message.octets().ends_with("Content-Length: 0\r\n\r\n"));
}

TEST(Torture, AUserPartMayHoldWhatLooksLikeParameters) {
  const Message message = Taken("semiuri");
  EXPECT_EQ(message.uri().user, "user;par=u%40example.net");
  EXPECT_TRUE(message.uri().parameters.empty());
}

TEST(Torture, AResponseOfTwoViasIsSeenAsSuch) {
  EXPECT_FALSE(Taken("bcast").has_one_via());
  EXPECT_TRUE(Taken("unreason").has_one_via());
}

TEST(Torture, TheCookieAloneIsNoTransactionId) {
  EXPECT_FALSE(Taken("badbranch").top_via().has_rfc3261_branch());
}

TEST(Torture, SchemesThatAreNotKnownAreToldNotRefused) {
  for (const char* name : {"unkscm", "novelsc"}) {
    EXPECT_EQ(Taken(name).uri().scheme, Scheme::kOther) << name;
  }
}

TEST(Torture, AContactWithHeadersNeedsItsBrackets) {
  Contact contact;
  EXPECT_FALSE(ParseContact(*Taken("regbadct").Find(HeaderId::kContact), contact));
  ASSERT_TRUE(ParseContact(*Taken("regescrt").Find(HeaderId::kContact), contact));
  EXPECT_EQ(contact.uri.headers, "Route=%3Csip:sip.example.com%3E");
}

TEST(Torture, AContactsParametersAreTheUrisOnlyInBrackets) {
  Contact contact;
  ASSERT_TRUE(ParseContact(*Taken("cparam01").Find(HeaderId::kContact), contact));
  EXPECT_TRUE(contact.uri.parameters.empty());
  EXPECT_TRUE(contact.address.parameters.Has("unknownparam"));
  ASSERT_TRUE(ParseContact(*Taken("cparam02").Find(HeaderId::kContact), contact));
  EXPECT_TRUE(contact.uri.parameters.Has("unknownparam"));
  EXPECT_FALSE(contact.address.parameters.Has("unknownparam"));
}

TEST(Torture, ReceivedMayBeAnIpv6AddressWithBracketsAndWithout) {
  EXPECT_EQ(Taken("via-received-param-with-delim").top_via().received, "[2001:db8::9:255]");
  EXPECT_EQ(Taken("via-received-param-no-delim").top_via().received, "2001:db8::9:255");
}

TEST(Torture, ThePortOfAnIpv6AddressIsBehindTheBracket) {
  EXPECT_EQ(Taken("port-ambiguous").uri().host_port.port, 0);
  EXPECT_EQ(Taken("port-unambiguous").uri().host_port.port, 5070);
  EXPECT_EQ(Taken("port-unambiguous").uri().host_port.address(), "2001:db8::10");
}

TEST(Torture, EveryRequestWithOneContentLengthIsCutFromAStreamAlike) {
  for (const TortureMessage& each : testing::TortureMessages()) {
    if (each.status != 0 || each.name == std::string_view("inv2543")) continue;
    Framer framer(OpenedBy::kPeer);
    std::vector<std::string> cut;
    for (const char& c : each.octets) {
      framer.Feed({&c, 1});
      std::string_view message;
      while (framer.Next(message) == Framer::State::kMessage) cut.emplace_back(message);
    }
    ASSERT_GE(cut.size(), 1u) << each.name;
    Message whole;
    ASSERT_FALSE(Parse(each.octets, Arrival::kDatagram, whole));
    EXPECT_EQ(cut[0], whole.octets()) << each.name;
  }
}

}  // namespace
}  // namespace drover::sip

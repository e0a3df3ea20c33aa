#include "libs/sip/registrar.h"

#include <set>

#include <gtest/gtest.h>

#include "libs/sip/digest_client.h"
#include "libs/sip/testing/request_text.h"

namespace drover::sip {
namespace {

using namespace std::chrono_literals;
using testing::Parsed;
using testing::Wire;

constexpr TimePoint kNow{std::chrono::hours(500'000)};
const RegistrarSettings kSettings{.realm = "gw.example", .domains = {"gw.example"}};
const NonceMint kMint("0123456789abcdef");

struct Text {
  std::string fields;
  std::string uri = "sip:gw.example";
  std::string to = "<sip:69600@gw.example>";
  std::string call_id = "a@h";
  uint32_t cseq = 1;
};

std::string Octets(const Text& text) {
  return Wire("REGISTER " + text.uri +
              " SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1;rport\nTo: " + text.to +
              "\nFrom: <sip:69600@gw.example>;tag=1\nCall-ID: " + text.call_id + "\nCSeq: " +
              std::to_string(text.cseq) + " REGISTER\n" + text.fields + "Content-Length: 0\n\n");
}

std::variant<RegisterRequest, RegisterReply> Read(const Text& text) {
  const std::string octets = Octets(text);
  return ReadRegister(Parsed(octets), kSettings);
}
uint16_t RefusalOf(const Text& text) {
  const auto read = Read(text);
  return read.index() == 1 ? std::get<RegisterReply>(read).status : 0;
}
RegisterRequest Request(const Text& text) { return std::get<RegisterRequest>(Read(text)); }

const Flow kFlow{.transport = Transport::kUdp, .source = {"127.0.0.1", 40000}, .flow_owner = "n1"};

RegisterResult Apply(const Text& text, std::vector<Binding> bindings = {}, TimePoint now = kNow,
                     uint64_t random = 0) {
  return ApplyRegister(Request(text), std::move(bindings), kFlow, kSettings, now, random);
}

std::string FieldOf(const RegisterReply& reply, std::string_view name) {
  std::string all;
  for (const auto& [each, value] : reply.fields) {
    if (each == name) all.append(all.empty() ? "" : " | ").append(value);
  }
  return all;
}

TEST(ReadRegister, UnderstandsWhatAGatewaySends) {
  const RegisterRequest request = Request(
      {.fields = "Contact: \"G\" <sip:69600@10.0.0.9:5060; ob>;q=0.5;expires=600;reg-id=1;"
                 "+sip.instance=\"<urn:uuid:1>\"\nContact: sip:b@h\nExpires: 1800\n"
                 "Path: <sip:p1.example;lr>, <sip:p2.example;lr;ob>\nSupported: path, outbound\n"
                 "User-Agent: GW\n 1.2\n"});
  EXPECT_EQ(request.aor, "sip:69600@gw.example");
  ASSERT_EQ(request.changes.size(), 2u);
  EXPECT_EQ(request.changes[0].contact, "sip:69600@10.0.0.9:5060;ob");
  EXPECT_EQ(request.changes[0].expires, 600u);
  EXPECT_EQ(request.changes[0].q_thousandths, 500);
  EXPECT_EQ(request.changes[0].instance, "urn:uuid:1");
  EXPECT_EQ(request.changes[0].reg_id, 1u);
  EXPECT_EQ(request.changes[1].expires, 1800u);
  EXPECT_EQ(request.path,
            (std::vector<std::string>{"<sip:p1.example;lr>", "<sip:p2.example;lr;ob>"}));
  EXPECT_TRUE(request.supports_path && request.uses_outbound);
  EXPECT_EQ(request.user_agent, "GW   1.2");
  EXPECT_FALSE(request.credentials);
}

TEST(ReadRegister, RefusesWhatItCannotServe) {
  EXPECT_EQ(RefusalOf({.fields = "Contact: *\n"}), 400);
  EXPECT_EQ(RefusalOf({.fields = "Contact: *\nExpires: 60\n"}), 400);
  EXPECT_EQ(RefusalOf({.fields = "Contact: *, <sip:a@h>\nExpires: 0\n"}), 400);
  EXPECT_EQ(RefusalOf({.fields = "Contact: <sip:a@h>, *\nExpires: 0\n"}), 400);
  EXPECT_EQ(RefusalOf({.fields = "Contact: *\nExpires: 0\n"}), 0);
  EXPECT_EQ(RefusalOf({.fields = "Contact: <sip:a@h>\nExpires: soon\n"}), 400);
  EXPECT_EQ(RefusalOf({.fields = "Contact: <name:John_Smith>\n"}), 400);
  EXPECT_EQ(RefusalOf({.fields = "Contact: sip:a@h?Route=x\n"}), 400);
  EXPECT_EQ(RefusalOf({.fields = "Path: nonsense\n"}), 400);
  EXPECT_EQ(RefusalOf({.to = "<isbn:2983792873>"}), 400);
  EXPECT_EQ(RefusalOf({.to = "<sip: 69600@gw.example>"}), 400);
  EXPECT_EQ(RefusalOf({.to = "<sip:69600@elsewhere.example>"}), 404);
  EXPECT_EQ(RefusalOf({.uri = "soap.beep://192.0.2.103:3002"}), 416);
  EXPECT_EQ(RefusalOf({.fields = "Require: path, nothingSupportsThis\n"}), 420);
  EXPECT_EQ(
      FieldOf(std::get<RegisterReply>(Read({.fields = "Require: a, path, b\n"})), "Unsupported"),
      "a, b");
  std::string many;
  for (size_t i = 0; i < kSettings.max_changes + 1; ++i)
    many += "m: <sip:a" + std::to_string(i) + "@h>\n";
  EXPECT_EQ(RefusalOf({.fields = many}), 400);
}

std::string AuthorizationFor(const RegisterReply& challenge, size_t which,
                             std::string_view password, std::string_view uri = "sip:gw.example") {
  DigestClient client({"69600", std::string(password)});
  const auto parsed = ParseChallenge(challenge.fields.at(which).second);
  DROVER_CHECK(client.Challenged(parsed, false) == DigestClient::Next::kAnswer);
  return "Authorization: " + client.Fields("REGISTER", uri, "", "cn")[0].value + "\n";
}

Account AccountFor(const RegisterRequest& request, bool may_register = true) {
  return {.ha1 = DigestHa1(request.credentials->algorithm, "69600", "gw.example", "secret"),
          .may_register = may_register};
}

struct Door {
  ReplayGuard guard;
  uint16_t Try(const std::string& authorization, TimePoint now = kNow, bool known = true,
               bool may_register = true) {
    const RegisterRequest request = Request({.fields = authorization});
    const Account account =
        known && request.credentials ? AccountFor(request, may_register) : Account{};
    const auto reply = Authorize(request, account, kSettings, kMint, guard, now, ++random);
    last = reply.value_or(RegisterReply{});
    return last.status;
  }
  RegisterReply last;
  uint64_t random = 0;
};

TEST(Authorize, ChallengesWithSha256FirstAndMd5Second) {
  Door door;
  EXPECT_EQ(door.Try(""), 401);
  ASSERT_EQ(door.last.fields.size(), 2u);
  EXPECT_EQ(ParseChallenge(door.last.fields[0].second)->algorithm, DigestAlgorithm::kSha256);
  EXPECT_EQ(ParseChallenge(door.last.fields[1].second)->algorithm, DigestAlgorithm::kMd5);
  const RegisterReply challenge = door.last;
  EXPECT_EQ(door.Try(AuthorizationFor(challenge, 0, "secret")), 200);
  EXPECT_EQ(door.Try(AuthorizationFor(challenge, 0, "secret")), 401);  // A replay.
  EXPECT_NE(door.last.fields[0].second.find("stale=true"), std::string::npos);
  EXPECT_EQ(door.Try(AuthorizationFor(door.last, 1, "secret")), 200);
}

TEST(Authorize, RefusesTheWrongPasswordTheUnknownAndTheUnauthorised) {
  Door door;
  door.Try("");
  const RegisterReply challenge = door.last;
  EXPECT_EQ(door.Try(AuthorizationFor(challenge, 0, "wrong")), 403);
  EXPECT_EQ(door.Try(AuthorizationFor(challenge, 0, "secret"), kNow, false), 403);
  EXPECT_EQ(door.Try(AuthorizationFor(challenge, 0, "secret", "sip:other.example")), 403);
  EXPECT_EQ(door.Try(AuthorizationFor(challenge, 0, "secret"), kNow, true, false), 403);
}

TEST(Authorize, AnOldNonceIsChallengedAgain) {
  Door door;
  door.Try("");
  EXPECT_EQ(door.Try(AuthorizationFor(door.last, 0, "secret"), kNow + 301s), 401);
  EXPECT_TRUE(ParseChallenge(door.last.fields[0].second)->stale);
}

TEST(Authorize, TheDigestUriMayDifferInPortAndParameters) {
  Door door;
  door.Try("");
  EXPECT_EQ(door.Try(AuthorizationFor(door.last, 0, "secret", "sip:GW.example:5060")), 200);
}

TEST(ApplyRegister, AddsRefreshesAndRemoves) {
  const RegisterResult added = Apply({.fields = "Contact: <sip:a@10.0.0.9>;expires=600;q=0.25\n"});
  EXPECT_EQ(added.reply.status, 200);
  EXPECT_TRUE(added.changed);
  EXPECT_EQ(FieldOf(added.reply, "Contact"), "<sip:a@10.0.0.9>;expires=600;q=0.250");
  ASSERT_EQ(added.bindings.size(), 1u);
  const Binding& binding = added.bindings[0];
  EXPECT_EQ(binding.source_address, "127.0.0.1");
  EXPECT_EQ(binding.source_port, 40000);
  EXPECT_EQ(binding.flow_owner, "n1");
  EXPECT_EQ(binding.expires, kNow + 600s);

  const RegisterResult query = Apply({.cseq = 2}, added.bindings, kNow + 100s);
  EXPECT_FALSE(query.changed);
  EXPECT_EQ(FieldOf(query.reply, "Contact"), "<sip:a@10.0.0.9>;expires=500;q=0.250");

  const RegisterResult again = Apply({.fields = "m: <SIP:a@10.0.0.9>\nExpires: 900\n", .cseq = 3},
                                     added.bindings, kNow + 100s);
  ASSERT_EQ(again.bindings.size(), 1u);
  EXPECT_EQ(again.bindings[0].expires, kNow + 1000s);

  const RegisterResult removed =
      Apply({.fields = "m: <sip:a@10.0.0.9>;expires=0\n", .cseq = 4}, again.bindings);
  EXPECT_TRUE(removed.bindings.empty());
  EXPECT_TRUE(removed.changed);
  EXPECT_EQ(FieldOf(removed.reply, "Contact"), "");
}

TEST(ApplyRegister, ExpiryIsTheContactsElseTheRequestsElseTheDefault) {
  const RegisterResult result =
      Apply({.fields = "m: <sip:a@h>;expires=600, <sip:b@h>\nExpires: 700\n"});
  EXPECT_EQ(FieldOf(result.reply, "Contact"), "<sip:a@h>;expires=600 | <sip:b@h>;expires=700");
  EXPECT_EQ(FieldOf(Apply({.fields = "m: <sip:a@h>\n"}).reply, "Contact"),
            "<sip:a@h>;expires=3600");
  EXPECT_EQ(FieldOf(Apply({.fields = "m: <sip:a@h>;expires=999999999999\n"}).reply, "Contact"),
            "<sip:a@h>;expires=86400");
}

TEST(ApplyRegister, TooShortIs423WithTheLeast) {
  const RegisterResult result = Apply({.fields = "m: <sip:b@h>, <sip:a@h>;expires=59\n"});
  EXPECT_EQ(result.reply.status, 423);
  EXPECT_EQ(FieldOf(result.reply, "Min-Expires"), "60");
  EXPECT_TRUE(result.bindings.empty());  // All or nothing.
  EXPECT_FALSE(result.changed);
}

TEST(ApplyRegister, ACSeqThatDoesNotRiseWithinACallIdIs500) {
  const std::vector<Binding> bindings = Apply({.fields = "m: <sip:a@h>\n", .cseq = 5}).bindings;
  for (const uint32_t cseq : {4u, 5u}) {
    const RegisterResult result =
        Apply({.fields = "m: <sip:b@h>, <sip:a@h>;expires=0\n", .cseq = cseq}, bindings);
    EXPECT_EQ(result.reply.status, 500);
    EXPECT_EQ(result.bindings, bindings);
    EXPECT_EQ(Apply({.fields = "Contact: *\nExpires: 0\n", .cseq = cseq}, bindings).reply.status,
              500);
  }
  EXPECT_EQ(Apply({.fields = "m: <sip:a@h>\n", .cseq = 6}, bindings).reply.status, 200);
  EXPECT_EQ(Apply({.fields = "m: <sip:a@h>\n", .call_id = "new", .cseq = 1}, bindings).reply.status,
            200);
}

TEST(ApplyRegister, AStarRemovesAll) {
  const auto bindings = Apply({.fields = "m: <sip:a@h>, <sip:b@h>\n"}).bindings;
  ASSERT_EQ(bindings.size(), 2u);
  const RegisterResult result = Apply({.fields = "Contact: *\nExpires: 0\n", .cseq = 2}, bindings);
  EXPECT_EQ(result.reply.status, 200);
  EXPECT_TRUE(result.bindings.empty());
}

TEST(ApplyRegister, InstanceAndRegIdAreTheKeyWhateverTheContact) {
  const char* instance = ";+sip.instance=\"<urn:uuid:1>\";reg-id=";
  const auto bindings = Apply({.fields = std::string("m: <sip:a@10.0.0.9:5060>") + instance +
                                         "1, <sip:a@10.0.0.9:5062>" + instance + "2\n"})
                            .bindings;
  ASSERT_EQ(bindings.size(), 2u);
  const RegisterResult moved = Apply(
      {.fields = std::string("m: <sip:a@10.0.0.10:6000>") + instance + "1\n", .call_id = "new"},
      bindings);
  ASSERT_EQ(moved.bindings.size(), 2u);
  EXPECT_EQ(moved.bindings[0].contact, "sip:a@10.0.0.10:6000");
  EXPECT_EQ(FieldOf(moved.reply, "Contact"),
            "<sip:a@10.0.0.10:6000>;expires=3600;+sip.instance=\"<urn:uuid:1>\";reg-id=1 | "
            "<sip:a@10.0.0.9:5062>;expires=3600;+sip.instance=\"<urn:uuid:1>\";reg-id=2");
}

TEST(ApplyRegister, TenContactsAreEnough) {
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += "m: <sip:a" + std::to_string(i) + "@h>\n";
  const auto bindings = Apply({.fields = ten}).bindings;
  ASSERT_EQ(bindings.size(), 10u);
  const RegisterResult eleventh = Apply({.fields = "m: <sip:b@h>\n", .cseq = 2}, bindings);
  EXPECT_EQ(eleventh.reply.status, 403);
  EXPECT_EQ(eleventh.bindings, bindings);
  EXPECT_EQ(Apply({.fields = "m: <sip:a1@h>\n", .cseq = 2}, bindings).reply.status, 200);
  EXPECT_EQ(
      Apply({.fields = "m: <sip:b@h>, <sip:a1@h>;expires=0\n", .cseq = 2}, bindings).reply.status,
      200);
  EXPECT_EQ(Apply({.fields = "m: <sip:b@h>\n"}, bindings, kNow + 3600s).reply.status, 200);
}

TEST(ApplyRegister, ForgetsWhatHasExpired) {
  const auto bindings = Apply({.fields = "m: <sip:a@h>;expires=60\n"}).bindings;
  EXPECT_EQ(Apply({}, bindings, kNow + 59s).bindings.size(), 1u);
  EXPECT_EQ(Apply({}, bindings, kNow + 60s).bindings.size(), 0u);
}

TEST(ApplyRegister, SpreadsExpiryOverTheLastTenth) {
  std::set<std::string> seen;
  for (uint64_t random = 0; random < 1000; ++random) {
    const auto result = Apply({.fields = "m: <sip:a@h>;expires=1000\n"}, {}, kNow, random);
    const auto granted =
        std::chrono::duration_cast<std::chrono::seconds>(result.bindings[0].expires - kNow);
    EXPECT_GE(granted, 900s);
    EXPECT_LE(granted, 1000s);
    seen.insert(std::to_string(granted.count()));
    EXPECT_EQ(Apply({.fields = "m: <sip:a@h>;expires=60\n"}, {}, kNow, random).bindings[0].expires,
              kNow + 60s);
  }
  EXPECT_GT(seen.size(), 90u);
}

TEST(ApplyRegister, PathIsStoredAndToldToWhoKnowsIt) {
  const char* path = "m: <sip:a@10.0.0.9>\nPath: <sip:p1.example;lr>\nPath: <sip:p2.example;lr>\n";
  const RegisterResult knows = Apply({.fields = std::string(path) + "Supported: path\n"});
  EXPECT_EQ(FieldOf(knows.reply, "Path"), "<sip:p1.example;lr> | <sip:p2.example;lr>");
  EXPECT_EQ(knows.bindings[0].path.size(), 2u);
  EXPECT_TRUE(TargetOf(knows.bindings[0])->by_route);
  EXPECT_EQ(FieldOf(Apply({.fields = path}).reply, "Path"), "");
}

// Check A20.
TEST(TargetOf, A20AGatewayBehindNatIsReachedWhereItsRegisterCameFrom) {
  const auto target = [](const char* contact) {
    const auto bindings = Apply({.fields = std::string("m: ") + contact + "\n"}).bindings;
    const BindingTarget out = *TargetOf(bindings.at(0));
    return out.host + ":" + std::to_string(out.port);
  };
  EXPECT_EQ(target("<sip:a@10.0.0.9:5060>"), "127.0.0.1:40000");
  EXPECT_EQ(target("<sip:a@gw1.example>"), "127.0.0.1:40000");
  EXPECT_EQ(target("<sip:a@127.0.0.1:5070>"), "127.0.0.1:5070");
  EXPECT_EQ(target("<sip:a@127.0.0.1>"), "127.0.0.1:0");
  EXPECT_EQ(TargetOf({.contact = "tel:+1"}), std::nullopt);
}

TEST(AppendReply, WritesAWholeResponse) {
  const std::string octets = Octets({.fields = "m: <sip:a@10.0.0.9>;expires=600\n"});
  const Message request = Parsed(octets);
  const auto read = std::get<RegisterRequest>(ReadRegister(request, kSettings));
  const auto result = ApplyRegister(read, {}, kFlow, kSettings, kNow, 0);
  std::string out;
  ASSERT_TRUE(AppendReply(request, kFlow.source, result.reply, "srv", out));
  EXPECT_EQ(out, Wire(R"(SIP/2.0 200 OK
Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1;received=127.0.0.1;rport=40000
To: <sip:69600@gw.example>;tag=srv
From: <sip:69600@gw.example>;tag=1
Call-ID: a@h
CSeq: 1 REGISTER
Contact: <sip:a@10.0.0.9>;expires=600
Content-Length: 0

)"));
}

TEST(OverloadedReply, SpreadsFrom30To300Seconds) {
  for (uint64_t random = 0; random < 1000; ++random) {
    const int seconds = std::stoi(FieldOf(OverloadedReply(random), "Retry-After"));
    EXPECT_GE(seconds, 30);
    EXPECT_LE(seconds, 300);
  }
}

}  // namespace
}  // namespace drover::sip

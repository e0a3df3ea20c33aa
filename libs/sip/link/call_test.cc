#include "libs/sip/link/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/sip/link/testing/world.h"

namespace drover::sip {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::World;

// A gateway that says what it is told to, status line and fields, in turn; then 200.
class Calls : public ::testing::Test {
 protected:
  Calls() : client_(world_.Make()), gateway_(world_.Make()) {
    gateway_->SetOnRequest([this](Incoming& request) {
      requests.emplace_back(request.message().octets());
      if (says.empty()) {
        request.Respond({.status = 200});
        return;
      }
      const auto [status, name, value] = says.front();
      says.erase(says.begin());
      const FieldOut field{name, value};
      request.Respond({.status = status, .fields = {&field, 1}});
    });
  }

  struct Saying {
    uint16_t status;
    std::string name, value;
  };
  struct Ended {
    Reply::Kind kind;
    uint16_t status;
    uint32_t sent;
    uint32_t cseq;
    bool refused, redirected;
    std::string why;
  };
  std::string Uri() const { return "sip:69600@" + gateway_->host_port(Transport::kUdp); }
  CallSettings WithPassword() const {
    return {.digest = std::make_shared<DigestClient>(Login{"dm", "secret"}),
            .random = dmauth::SystemRandom};
  }
  Ended Run(CallSettings settings) {
    std::optional<Ended> ended;
    CallRequest request{.uri = Uri(),
                        .from = "<sip:dm@127.0.0.1>",
                        .from_tag = "6a073cca",
                        .to = "<sip:69600@127.0.0.1>",
                        .call_id = "720910328",
                        .contact = "<sip:dm@127.0.0.1>",
                        .event = "resync",
                        .subscription_state = "active;expires=1000"};
    const auto number = [this](const GiveCSeq& give) {
      give(next_cseq ? Result<uint32_t>(next_cseq++) : Unavailable("no store"));
    };
    Call(*client_, std::move(request), std::move(settings), number, [&](const CallEnd& end) {
      const Message* const response = end.reply.response;
      ended = {end.reply.kind,
               response != nullptr ? response->status() : uint16_t{0},
               end.call.sent(),
               end.cseq,
               end.call.answer_is_refused(),
               end.call.was_redirected(),
               std::string(end.reply.why)};
    });
    EXPECT_TRUE(world_.Until([&] { return ended.has_value(); }));
    return ended.value_or(Ended{});
  }

  static constexpr const char* kMd5 = R"(Digest realm="gw", nonce="n1", algorithm=MD5, qop="auth")";
  World world_;
  std::unique_ptr<Endpoint> client_;
  std::unique_ptr<Endpoint> gateway_;
  std::vector<Saying> says;
  std::vector<std::string> requests;
  uint32_t next_cseq = 14872;
};

TEST_F(Calls, EndWithTheFirstAnswerIfThatIsFinal) {
  const Ended end = Run(WithPassword());
  EXPECT_EQ(end.status, 200);
  EXPECT_EQ(end.sent, 1U);
  EXPECT_EQ(end.cseq, 14872U);
  EXPECT_THAT(requests.at(0), HasSubstr("CSeq: 14872 NOTIFY\r\n"));
}

TEST_F(Calls, AnswerAChallengeInASecondTransactionOfTheSameCallId) {
  says = {{401, "WWW-Authenticate", kMd5}};
  const Ended end = Run(WithPassword());
  EXPECT_EQ(end.status, 200);
  EXPECT_EQ(end.sent, 2U);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_THAT(requests[0], Not(HasSubstr("Authorization")));
  EXPECT_THAT(requests[1], HasSubstr("Authorization: Digest username=\"dm\""));
  EXPECT_THAT(requests[1], HasSubstr("uri=\"" + Uri() + "\""));
  EXPECT_THAT(requests[1], HasSubstr("CSeq: 14873 NOTIFY\r\n"));
  EXPECT_THAT(requests[1], HasSubstr("Call-ID: 720910328\r\n"));
  EXPECT_THAT(requests[1], HasSubstr(";tag=6a073cca"));
  const auto branch = [](const std::string& text) { return text.substr(text.find("z9hG4bK"), 23); };
  EXPECT_NE(branch(requests[0]), branch(requests[1]));
}

TEST_F(Calls, AnswerAProxysChallenge) {
  says = {{407, "Proxy-Authenticate", kMd5}};
  EXPECT_EQ(Run(WithPassword()).status, 200);
  EXPECT_THAT(requests.at(1), HasSubstr("\r\nProxy-Authorization: Digest "));
}

TEST_F(Calls, EndWhenTheAnswerIsRefused) {
  says = {{401, "WWW-Authenticate", kMd5},
          {401, "WWW-Authenticate", R"(Digest realm="gw", nonce="n2", qop="auth")"}};
  const Ended end = Run(WithPassword());
  EXPECT_EQ(end.status, 401);
  EXPECT_EQ(end.sent, 2U);
  EXPECT_TRUE(end.refused);
}

TEST_F(Calls, GoOneMoreRoundForAStaleNonce) {
  says = {{401, "WWW-Authenticate", kMd5},
          {401, "WWW-Authenticate", R"(Digest realm="gw", nonce="n2", qop="auth", stale=true)"}};
  const Ended end = Run(WithPassword());
  EXPECT_EQ(end.status, 200);
  EXPECT_EQ(end.sent, 3U);
  EXPECT_EQ(end.cseq, 14874U);
}

TEST_F(Calls, EndWithAChallengeWithoutAPassword) {
  says = {{401, "WWW-Authenticate", kMd5}};
  const Ended end = Run({});
  EXPECT_EQ(end.status, 401);
  EXPECT_FALSE(end.refused);
}

TEST_F(Calls, FollowOneRedirectWhereThatIsAllowed) {
  const auto to = [this](const std::string& user) {
    return "<sip:" + user + "@" + gateway_->host_port(Transport::kUdp) + ">";
  };
  says = {{302, "Contact", to("moved")}, {302, "Contact", to("again")}};
  CallSettings settings;
  settings.may_redirect = [](const sip::Uri& uri) { return uri.host_port.host == "127.0.0.1"; };
  const Ended end = Run(settings);
  EXPECT_EQ(end.status, 302);
  EXPECT_EQ(end.sent, 2U);
  EXPECT_TRUE(end.redirected);
  EXPECT_THAT(requests.at(1), HasSubstr("NOTIFY sip:moved@"));

  says = {{302, "Contact", "<sip:a@203.0.113.1>"}};
  EXPECT_EQ(Run(settings).sent, 1U) << "not there";
  says = {{302, "Contact", to("moved")}};
  EXPECT_EQ(Run({}).sent, 1U) << "nowhere";
}

TEST_F(Calls, EndWithoutANumber) {
  next_cseq = 0;
  const Ended end = Run({});
  EXPECT_EQ(end.kind, Reply::Kind::kRefused);
  EXPECT_THAT(end.why, HasSubstr("no store"));
  EXPECT_TRUE(requests.empty());
}

}  // namespace
}  // namespace drover::sip

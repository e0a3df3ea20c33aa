#include "loadtest/gateway/registrations.h"

#include <gtest/gtest.h>

#include "libs/sip/builder.h"
#include "libs/sip/digest.h"

namespace drover::gwsim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RegistrationsTest : public ::testing::Test {
 protected:
  void Begin() {
    registrations_.Begin(42,
                         {.aor = "sip:69600000042@home.example",
                          .registrar = "sip:home.example",
                          .contact = "sip:69600000042@10.0.0.9:5060",
                          .sent_by = "127.0.0.1:5070",
                          .user_agent = "ACME",
                          .login = {"gw", "secret"}},
                         now_);
  }
  std::optional<Registrations::Bound> Answer(uint16_t status,
                                             std::vector<sip::FieldOut> fields = {}) {
    sip::Message request, response;
    EXPECT_FALSE(sip::Parse(sent_.back(), sip::Arrival::kDatagram, request));
    std::string octets;
    EXPECT_TRUE(sip::AppendResponse(request, {"127.0.0.1", 5070},
                                    {.status = status, .to_tag = "t", .fields = fields}, octets));
    EXPECT_FALSE(sip::Parse(octets, sip::Arrival::kDatagram, response));
    return registrations_.Take(response, now_);
  }

  std::vector<std::string> sent_;
  Registrations registrations_{
      [this](uint32_t, std::string_view octets) { sent_.emplace_back(octets); }};
  Registrations::Time now_{std::chrono::hours(1)};
};

TEST_F(RegistrationsTest, IsAcceptedForTheTimeThatIsGranted) {
  Begin();
  EXPECT_NE(sent_[0].find("REGISTER sip:home.example SIP/2.0\r\n"), std::string::npos);
  EXPECT_NE(sent_[0].find("Contact: <sip:69600000042@10.0.0.9:5060>\r\n"), std::string::npos);
  const auto bound = Answer(200, {{"Contact", "<sip:69600000042@10.0.0.9:5060>;expires=540"}});
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->number, 42u);
  EXPECT_EQ(bound->expires_s, 540u);
  EXPECT_EQ(registrations_.open(), 0u);
}

TEST_F(RegistrationsTest, AnswersAChallengeOnceWithAHigherCseq) {
  Begin();
  const std::string challenge = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"";
  EXPECT_FALSE(Answer(401, {{"WWW-Authenticate", challenge}}));
  ASSERT_EQ(sent_.size(), 2u);
  EXPECT_NE(sent_[1].find("Authorization: Digest "), std::string::npos);
  sip::Message first, second;
  ASSERT_FALSE(sip::Parse(sent_[0], sip::Arrival::kDatagram, first));
  ASSERT_FALSE(sip::Parse(sent_[1], sip::Arrival::kDatagram, second));
  EXPECT_EQ(second.cseq().number, first.cseq().number + 1);
  EXPECT_EQ(second.call_id(), first.call_id());
  EXPECT_FALSE(Answer(401, {{"WWW-Authenticate", challenge}}));
  EXPECT_EQ(registrations_.counts.refused, 1u);
}

TEST_F(RegistrationsTest, IsSentAgainUntilThirtyTwoSecondsHavePassed) {
  Begin();
  std::vector<milliseconds> instants;
  const auto begun = now_;
  while (registrations_.open() > 0) {
    const size_t before = sent_.size();
    now_ = registrations_.next();
    registrations_.Tick(now_);
    if (sent_.size() > before) {
      instants.push_back(std::chrono::duration_cast<milliseconds>(now_ - begun));
    }
  }
  EXPECT_EQ(instants.size(), 10u);
  EXPECT_EQ(instants.front(), milliseconds(500));
  EXPECT_EQ(instants.back(), milliseconds(31'500));
  EXPECT_EQ(now_ - begun, seconds(32));
  EXPECT_EQ(registrations_.counts.unanswered, 1u);
}

}  // namespace
}  // namespace drover::gwsim

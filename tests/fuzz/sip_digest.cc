// A challenge and credentials from octets: what is answered to a challenge is read again, and a
// server that knows the password finds it right.
#include <string>

#include "libs/base/check.h"
#include "libs/sip/digest_client.h"
#include "libs/sip/digest_server.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::sip;

constexpr drover::TimePoint kNow{std::chrono::hours(1)};

void CheckChallenge(std::string_view value) {
  const auto challenge = ParseChallenge(value);
  if (!challenge) return;
  DigestClient client({"us\"er", "secret"});
  DROVER_CHECK(client.Challenged(challenge, false) == DigestClient::Next::kAnswer);
  const std::string answer = client.Fields("NOTIFY", "sip:h", "body", "cnonce").at(0).value;
  const auto credentials = ParseCredentials(answer);
  DROVER_CHECK(credentials);
  DROVER_CHECK(credentials->realm == challenge->realm);
  DROVER_CHECK(credentials->nonce == challenge->nonce);
  const NonceMint mint("0123456789abcdef");
  ReplayGuard guard(16);
  const std::string ha1 = DigestHa1(challenge->algorithm, "us\"er", challenge->realm, "secret");
  const DigestRequest request{"NOTIFY", "sip:h", "body", challenge->realm};
  DROVER_CHECK(JudgeCredentials(*credentials, request, ha1, mint, guard, kNow) !=
               DigestVerdict::kWrong);
  DROVER_CHECK(client.Challenged(challenge, false) ==
               (challenge->stale ? DigestClient::Next::kAnswer : DigestClient::Next::kRefused));
}

void CheckCredentials(std::string_view value) {
  const auto credentials = ParseCredentials(value);
  if (!credentials) return;
  DROVER_CHECK(credentials->qop == Qop::kNone || credentials->nc > 0);
  const NonceMint mint("0123456789abcdef");
  ReplayGuard guard(16);
  const DigestRequest request{"NOTIFY", credentials->uri, "", credentials->realm};
  DROVER_CHECK(JudgeCredentials(*credentials, request, "ha1", mint, guard, kNow) !=
               DigestVerdict::kGood);
  (void)mint.Judge(credentials->nonce, credentials->realm, kNow);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = View(data, size);
  CheckChallenge(input);
  CheckCredentials(input);
  return 0;
}

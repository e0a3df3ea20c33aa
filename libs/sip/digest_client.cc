#include "libs/sip/digest_client.h"

#include "libs/sip/digest_hash.h"
#include "libs/sip/parameters.h"

namespace drover::sip {

std::optional<Challenge> TopmostChallenge(const Message& response) {
  Message::Elements values = response.Values(response.status() == 407 ? HeaderId::kProxyAuthenticate
                                                                      : HeaderId::kWwwAuthenticate);
  std::string_view value;
  while (values.Next(value)) {
    if (std::optional<Challenge> challenge = ParseChallenge(value)) return challenge;
  }
  return std::nullopt;
}

DigestClient::Next DigestClient::Challenged(const Message& response) {
  return Challenged(TopmostChallenge(response), response.status() == 407);
}

DigestClient::Next DigestClient::Challenged(const std::optional<Challenge>& challenge,
                                            bool by_proxy) {
  if (!challenge) return Next::kUnsupported;
  Side& side = by_proxy ? proxy_ : server_;
  if ((side.answered && !challenge->stale) || rounds_ >= kMaxRounds) return Next::kRefused;
  ++rounds_;
  side = {.challenge = challenge, .nc = 0, .answered = false};
  return Next::kAnswer;
}

std::vector<DigestClient::Field> DigestClient::Fields(std::string_view method, std::string_view uri,
                                                      std::string_view body,
                                                      std::string_view cnonce) {
  std::vector<Field> fields;
  if (server_.challenge) {
    fields.push_back({"Authorization", Answer(server_, method, uri, body, cnonce)});
  }
  if (proxy_.challenge) {
    fields.push_back({"Proxy-Authorization", Answer(proxy_, method, uri, body, cnonce)});
  }
  return fields;
}

std::string DigestClient::Answer(Side& side, std::string_view method, std::string_view uri,
                                 std::string_view body, std::string_view cnonce) const {
  const Challenge& challenge = *side.challenge;
  side.answered = true;
  const Qop qop = challenge.auth ? Qop::kAuth : challenge.auth_int ? Qop::kAuthInt : Qop::kNone;
  const DigestInput input{.method = method,
                          .uri = uri,
                          .body = body,
                          .realm = challenge.realm,
                          .nonce = challenge.nonce,
                          .cnonce = cnonce,
                          .nc = ++side.nc,
                          .qop = qop,
                          .algorithm = challenge.algorithm};
  const std::string ha1 =
      DigestHa1(challenge.algorithm, login_.username, challenge.realm, login_.password);
  return FormatCredentials(input, challenge, login_.username, DigestResponse(input, ha1));
}

}  // namespace drover::sip

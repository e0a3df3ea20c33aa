#include "libs/sip/digest.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "libs/base/check.h"
#include "libs/sip/digest_hash.h"
#include "libs/sip/lexer.h"
#include "libs/sip/parameters.h"

namespace drover::sip {
namespace {

using namespace char_class;

constexpr std::string_view kAlgorithms[] = {"MD5",          "MD5-sess",    "SHA-256",
                                            "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"};

// "Digest" and a blank off the front.
bool TakeScheme(Lexer& lexer) {
  return EqualsIgnoringCase(lexer.TakeWhile(kToken), "Digest") && lexer.TakeLws();
}

// Unquoted values may hold more than a token: some write a nonce or a uri bare.
std::string_view TakeBareValue(Lexer& lexer) {
  const std::string_view rest = lexer.rest();
  const size_t end = std::min(rest.find_first_of(", \t\r\n\""), rest.size());
  lexer.MoveTo(lexer.at() + end);
  return rest.substr(0, end);
}

// Shows every name=value to take(name, value, quoted); a false from it, or a fault, ends it.
template <typename TakeOne>
bool TakeAuthParameters(std::string_view value, TakeOne&& take) {
  Lexer lexer(value);
  lexer.SkipLws();
  if (!TakeScheme(lexer)) return false;
  while (true) {
    lexer.SkipLws();
    const std::string_view name = lexer.TakeWhile(kToken);
    if (name.empty() || !lexer.TakeSeparator('=')) return false;
    const bool quoted = lexer.IsAt('"');
    const std::string_view text = quoted ? lexer.TakeQuoted() : TakeBareValue(lexer);
    if (text.empty() || !take(name, Unquote(text))) return false;
    lexer.SkipLws();
    if (lexer.done()) return true;
    if (!lexer.Take(',')) return false;
  }
}

// False: it was there already.
class Once {
 public:
  bool operator()(std::string& field, std::string value) {
    for (const std::string* each : set_) {
      if (each == &field) return false;
    }
    DROVER_CHECK(count_ < set_.size());
    set_[count_++] = &field;
    field = std::move(value);
    return true;
  }
  bool Has(const std::string& field) const {
    for (const std::string* each : set_) {
      if (each == &field) return true;
    }
    return false;
  }

 private:
  std::array<const std::string*, 12> set_{};
  size_t count_ = 0;
};

void ReadQops(std::string_view list, Challenge& challenge) {
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    challenge.auth |= EqualsIgnoringCase(TrimLws(one), "auth");
    challenge.auth_int |= EqualsIgnoringCase(TrimLws(one), "auth-int");
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
}

bool IsTrue(std::string_view text) { return EqualsIgnoringCase(text, "true"); }

bool HexCount(std::string_view text, uint32_t& out) {
  if (text.empty() || text.size() > 8) return false;
  const char* end = text.data() + text.size();
  return std::from_chars(text.data(), end, out, 16).ptr == end;
}

std::optional<Qop> QopOf(std::string_view text) {
  if (text.empty()) return Qop::kNone;
  if (EqualsIgnoringCase(text, "auth")) return Qop::kAuth;
  if (EqualsIgnoringCase(text, "auth-int")) return Qop::kAuthInt;
  return std::nullopt;
}

std::string NonceCount(uint32_t nc) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(8, '0');
  for (size_t i = 8; i-- > 0; nc >>= 4) text[i] = kDigits[nc & 0xF];
  return text;
}

}  // namespace

std::optional<DigestAlgorithm> DigestAlgorithmOf(std::string_view name) {
  for (size_t i = 0; i < std::size(kAlgorithms); ++i) {
    if (EqualsIgnoringCase(kAlgorithms[i], name)) return static_cast<DigestAlgorithm>(i);
  }
  return std::nullopt;
}

std::string_view Name(DigestAlgorithm algorithm) {
  return kAlgorithms[static_cast<size_t>(algorithm)];
}

std::string DigestHash(DigestAlgorithm algorithm, std::string_view text) {
  return HashHex(algorithm, {text});
}

std::string DigestHa1(DigestAlgorithm algorithm, std::string_view username, std::string_view realm,
                      std::string_view password) {
  return HashHex(algorithm, {username, ":", realm, ":", password});
}

std::string DigestResponse(const DigestInput& input, std::string_view ha1) {
  const DigestAlgorithm algorithm = input.algorithm;
  std::string session;
  if (IsSession(algorithm)) {
    session = HashHex(algorithm, {ha1, ":", input.nonce, ":", input.cnonce});
    ha1 = session;
  }
  const std::string ha2 = input.qop == Qop::kAuthInt
                              ? HashHex(algorithm, {input.method, ":", input.uri, ":",
                                                    HashHex(algorithm, {input.body})})
                              : HashHex(algorithm, {input.method, ":", input.uri});
  if (input.qop == Qop::kNone) return HashHex(algorithm, {ha1, ":", input.nonce, ":", ha2});
  return HashHex(algorithm, {ha1, ":", input.nonce, ":", NonceCount(input.nc), ":", input.cnonce,
                             input.qop == Qop::kAuth ? ":auth:" : ":auth-int:", ha2});
}

std::optional<Challenge> ParseChallenge(std::string_view value) {
  Challenge challenge;
  std::string algorithm, qop, stale, userhash, ignored;
  Once once;
  const auto take = [&](std::string_view name, std::string text) {
    if (EqualsIgnoringCase(name, "realm")) return once(challenge.realm, std::move(text));
    if (EqualsIgnoringCase(name, "nonce")) return once(challenge.nonce, std::move(text));
    if (EqualsIgnoringCase(name, "opaque")) return once(challenge.opaque, std::move(text));
    if (EqualsIgnoringCase(name, "algorithm")) return once(algorithm, std::move(text));
    if (EqualsIgnoringCase(name, "qop")) return once(qop, std::move(text));
    if (EqualsIgnoringCase(name, "stale")) return once(stale, std::move(text));
    if (EqualsIgnoringCase(name, "userhash")) return once(userhash, std::move(text));
    return true;
  };
  if (!TakeAuthParameters(value, take) || !once.Has(challenge.realm) || challenge.nonce.empty()) {
    return std::nullopt;
  }
  challenge.algorithm_told = !algorithm.empty();
  challenge.opaque_told = once.Has(challenge.opaque);
  if (challenge.algorithm_told) {
    const std::optional<DigestAlgorithm> known = DigestAlgorithmOf(algorithm);
    if (!known) return std::nullopt;
    challenge.algorithm = *known;
  }
  ReadQops(qop, challenge);
  if (!qop.empty() && !challenge.auth && !challenge.auth_int) return std::nullopt;
  challenge.stale = IsTrue(stale);
  challenge.userhash = IsTrue(userhash);
  return challenge;
}

void AppendChallenge(const ChallengeOut& challenge, std::string& out) {
  AppendQuoted(challenge.realm, out.append("Digest realm="));
  AppendQuoted(challenge.nonce, out.append(", nonce="));
  if (!challenge.opaque.empty()) AppendQuoted(challenge.opaque, out.append(", opaque="));
  out.append(", algorithm=").append(Name(challenge.algorithm));
  out.append(challenge.auth_int ? ", qop=\"auth,auth-int\"" : ", qop=\"auth\"");
  if (challenge.stale) out.append(", stale=true");
}

std::string FormatCredentials(const DigestInput& input, const Challenge& challenge,
                              std::string_view username, std::string_view response) {
  std::string out;
  out.reserve(320);
  const std::string hashed =
      challenge.userhash ? HashHex(challenge.algorithm, {username, ":", challenge.realm}) : "";
  AppendQuoted(challenge.userhash ? hashed : username, out.append("Digest username="));
  AppendQuoted(input.realm, out.append(", realm="));
  AppendQuoted(input.nonce, out.append(", nonce="));
  AppendQuoted(input.uri, out.append(", uri="));
  AppendQuoted(response, out.append(", response="));
  if (challenge.algorithm_told) out.append(", algorithm=").append(Name(challenge.algorithm));
  if (input.qop != Qop::kNone || IsSession(challenge.algorithm)) {
    AppendQuoted(input.cnonce, out.append(", cnonce="));
  }
  if (challenge.opaque_told) AppendQuoted(challenge.opaque, out.append(", opaque="));
  if (input.qop != Qop::kNone) {
    out.append(input.qop == Qop::kAuth ? ", qop=auth, nc=" : ", qop=auth-int, nc=");
    out.append(NonceCount(input.nc));
  }
  if (challenge.userhash) out.append(", userhash=true");
  return out;
}

std::optional<Credentials> ParseCredentials(std::string_view value) {
  Credentials credentials;
  std::string algorithm, qop, nc, userhash;
  Once once;
  const auto take = [&](std::string_view name, std::string text) {
    if (EqualsIgnoringCase(name, "username")) return once(credentials.username, std::move(text));
    if (EqualsIgnoringCase(name, "realm")) return once(credentials.realm, std::move(text));
    if (EqualsIgnoringCase(name, "nonce")) return once(credentials.nonce, std::move(text));
    if (EqualsIgnoringCase(name, "uri")) return once(credentials.uri, std::move(text));
    if (EqualsIgnoringCase(name, "response")) return once(credentials.response, std::move(text));
    if (EqualsIgnoringCase(name, "opaque")) return once(credentials.opaque, std::move(text));
    if (EqualsIgnoringCase(name, "cnonce")) return once(credentials.cnonce, std::move(text));
    if (EqualsIgnoringCase(name, "algorithm")) return once(algorithm, std::move(text));
    if (EqualsIgnoringCase(name, "qop")) return once(qop, std::move(text));
    if (EqualsIgnoringCase(name, "nc")) return once(nc, std::move(text));
    if (EqualsIgnoringCase(name, "userhash")) return once(userhash, std::move(text));
    return true;
  };
  if (!TakeAuthParameters(value, take) || !once.Has(credentials.username) ||
      !once.Has(credentials.realm) || credentials.nonce.empty() || credentials.uri.empty() ||
      credentials.response.empty()) {
    return std::nullopt;
  }
  const std::optional<DigestAlgorithm> known =
      algorithm.empty() ? DigestAlgorithm::kMd5 : DigestAlgorithmOf(algorithm);
  const std::optional<Qop> kind = QopOf(qop);
  if (!known || !kind) return std::nullopt;
  credentials.algorithm = *known;
  credentials.qop = *kind;
  credentials.userhash = IsTrue(userhash);
  if (*kind == Qop::kNone) return credentials;
  if (credentials.cnonce.empty() || !HexCount(nc, credentials.nc) || credentials.nc == 0) {
    return std::nullopt;
  }
  return credentials;
}

}  // namespace drover::sip

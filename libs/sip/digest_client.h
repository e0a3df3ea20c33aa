// The side that is challenged: which challenge to take, how often, and the fields that answer.
//
// One DigestClient a request that may be sent again (a trigger); it may be kept for the next ones
// to the same peer, which then carry an answer at once. Not for several at a time.
// Spec: RFC 3261, section 22; RFC 7616, sections 3.3 and 3.4; RFC 8760, section 2.4.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/sip/digest.h"
#include "libs/sip/message.h"

namespace drover::sip {

struct Login {
  std::string username;
  std::string password;
};

// The topmost challenge of a 401 (WWW-Authenticate) or 407 (Proxy-Authenticate) that is supported.
std::optional<Challenge> TopmostChallenge(const Message& response);

class DigestClient {
 public:
  static constexpr int kMaxRounds = 2;  // Challenges answered before a request is given up.

  explicit DigestClient(Login login) : login_(std::move(login)) {}

  enum class Next : uint8_t {
    kAnswer,       // Send again: same Call-ID, To, From tag; CSeq + 1; a new branch; Fields().
    kRefused,      // It was answered and is asked again: as 403.
    kUnsupported,  // No challenge that could be answered.
  };
  // response: a 401 or 407.
  Next Challenged(const Message& response);
  // The same for a challenge that was found elsewhere (HTTP). by_proxy: a 407.
  Next Challenged(const std::optional<Challenge>& challenge, bool by_proxy);

  // A request that is sent for the first time: rounds are counted anew.
  void NewRequest() { rounds_ = 0, server_.answered = false, proxy_.answered = false; }

  struct Field {
    std::string_view name;  // Authorization, Proxy-Authorization
    std::string value;
  };
  // Those of all challenges that are known, none before the first. Each call counts nc up.
  // cnonce: 8 random octets or more as text, new for each call.
  std::vector<Field> Fields(std::string_view method, std::string_view uri, std::string_view body,
                            std::string_view cnonce);

 private:
  struct Side {
    std::optional<Challenge> challenge;
    uint32_t nc = 0;
    bool answered = false;  // In this request.
  };
  std::string Answer(Side& side, std::string_view method, std::string_view uri,
                     std::string_view body, std::string_view cnonce) const;

  Login login_;
  Side server_;
  Side proxy_;
  int rounds_ = 0;
};

}  // namespace drover::sip

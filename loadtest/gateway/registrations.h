// REGISTER, as gateways send it: one transaction a gateway at a time, answered challenges, times.
// Pure: octets out, messages in; the caller sends and ticks.
// Spec: RFC 3261, sections 10.2, 17.1.2, 22; RFC 3581 (rport).
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/sip/digest_client.h"
#include "libs/sip/message.h"

namespace drover::gwsim {

struct RegistrationCounts {
  uint64_t sent = 0;        // REGISTERs, without retransmissions.
  uint64_t accepted = 0;    // 200
  uint64_t refused = 0;     // Other final responses.
  uint64_t unanswered = 0;  // Within 32 s.
};

class Registrations {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Line {
    std::string aor;        // "sip:69600000042@gateways.example"
    std::string registrar;  // "sip:gateways.example": the Request-URI.
    std::string contact;    // "sip:69600000042@10.0.0.9:5060"
    std::string sent_by;    // "127.0.0.1:5070"
    std::string user_agent;
    sip::Login login;
    uint32_t expires_s = 3600;
  };
  using SendNow = std::function<void(uint32_t number, std::string_view octets)>;

  explicit Registrations(SendNow send) : send_(std::move(send)) {}

  // Ends what the gateway had under way.
  void Begin(uint32_t number, Line line, Time now);
  // A response that came. The number of the gateway whose binding stands now and for how long; or
  // nullopt.
  struct Bound {
    uint32_t number = 0;
    uint32_t expires_s = 0;
  };
  std::optional<Bound> Take(const sip::Message& response, Time now);
  // Sends again what is due. When it wants to be called next; Time::max(): not.
  Time Tick(Time now);
  Time next() const { return next_; }
  size_t open() const { return open_.size(); }

  RegistrationCounts counts;

 private:
  struct Open {
    Line line;
    sip::DigestClient digest;
    std::string octets;
    std::string branch;
    uint32_t cseq = 1;
    Time again;
    Time until;
    std::chrono::milliseconds timer_e{500};
  };
  void Send(uint32_t number, Open& open, Time now);

  SendNow send_;
  std::unordered_map<uint32_t, Open> open_;
  Time next_ = Time::max();
  uint64_t branches_ = 0;
};

}  // namespace drover::gwsim

// How models of gateway behave: what the documentation of makers says, and what goes wrong in the
// field.
#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "libs/sip/digest.h"
#include "loadtest/gateway/identity.h"

namespace drover::gwsim {

struct Habits {
  std::string name;
  std::string vendor = "ACME";
  std::string model = "VG100";
  std::string user_agent = "ACME VG100/1.0";
  std::string about;  // For documentation.

  // Event types that make it ask; others than these and voice events are answered 489. None: it is
  // an ordinary phone, and answers 481 to whatever is no voice event.
  std::vector<std::string> events = {"resync"};
  bool restarts_on_event = false;  // It restarts when told to ask, and asks when it is back.
  std::optional<sip::DigestAlgorithm> challenge;  // Of NOTIFYs that make it ask.
  bool stale_once = false;    // Its first answer to right credentials is stale=true.
  bool printed_form = false;  // Takes requests with blanks where RFC 3261 has none.

  bool silent = false;  // Hears nothing on SIP.
  double loss = 0;      // Of datagrams, each way.
  std::chrono::milliseconds answer_after{0};
  std::chrono::milliseconds ask_within{200};  // Evenly drawn: how long after the NOTIFY.

  bool posts_result = true;               // Else its next registration tells.
  bool bare_request = false;              // Tells nothing of itself when it asks.
  bool head_slip = false;                 // Closes <header> by </head>.
  bool sip_register = false;              // Registers by SIP as well.
  bool private_contact = false;           // Behind a NAT: what it calls its address leads nowhere.
  bool in_call = false;                   // From the start: it refuses to reboot.
  std::chrono::seconds restart_every{0};  // By itself; 0: never.
  bool forgets = false;                   // A restart loses the result that was still to be told.
};

const std::vector<Habits>& BuiltInHabits();
// nullptr: there are none of that name.
const Habits* FindHabits(std::string_view name);

// Shares of a population.
struct Mix {
  struct Part {
    const Habits* habits = nullptr;
    double share = 0;  // Of 1.
  };
  std::vector<Part> parts;
};
// "plain" or "plain=60,sipura=30,silent=10": weights. kInvalidArgument names what is not known.
Result<Mix> ParseMix(std::string_view text);
// A bit of everything, as an operator's population would have it.
std::string_view DefaultMix();
// Index in mix.parts.
size_t PartOf(const Mix& mix, const Population& population, uint32_t number);

// Events that are the voice side's own.
bool IsVoiceEvent(std::string_view type);

}  // namespace drover::gwsim

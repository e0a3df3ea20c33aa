#include <string>

#include "libs/base/bytes.h"
#include "libs/gateway/trigger.h"
#include "libs/gateway/words.h"

namespace drover::gateway {
namespace {

constexpr std::string_view kStates[] = {"idle",     "pending",     "sent", "acked",
                                        "answered", "unreachable", "done", "failed"};
constexpr std::string_view kCauses[] = {
    "none",        "unreachable", "no_request",   "no_result", "bad_result", "forbidden",
    "bad_message", "unsupported", "bad_event",    "refused",   "gone",       "configuration",
    "busy",        "overloaded",  "server_fault", "given_up",  "expired",    "withdrawn"};
constexpr std::string_view kPolicies[] = {"immediate", "periodic", "after_n"};
constexpr std::string_view kCseqModes[] = {"transaction", "request"};
constexpr std::string_view kResults[] = {"post", "registration", "none"};
constexpr std::string_view kNotifyOutcomes[] = {
    "accepted",  "moved",         "challenged",   "forbidden",  "bad_message",
    "gone",      "unsupported",   "unreachable",  "busy",       "no_subscription",
    "bad_event", "configuration", "server_error", "overloaded", "server_fault",
    "refused"};
constexpr std::string_view kOutcomes[] = {"delivered", "failed", "expired", "withdrawn"};

// A tag that does not tell the seed (SplitMix64).
uint64_t Mixed(uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
  value = (value ^ value >> 27) * 0x94D049BB133111EB;
  return value ^ value >> 31;
}

}  // namespace

std::string_view Name(State state) { return WordOf(kStates, state); }
std::string_view Name(Cause cause) { return WordOf(kCauses, cause); }
std::string_view Name(Policy policy) { return WordOf(kPolicies, policy); }
std::string_view Name(CseqMode mode) { return WordOf(kCseqModes, mode); }
std::string_view Name(Results results) { return WordOf(kResults, results); }
std::string_view Name(NotifyOutcome outcome) { return WordOf(kNotifyOutcomes, outcome); }
std::string_view Name(Outcome outcome) { return WordOf(kOutcomes, outcome); }
std::optional<Policy> PolicyOf(std::string_view text) { return ValueOf<Policy>(kPolicies, text); }
std::optional<CseqMode> CseqModeOf(std::string_view text) {
  return ValueOf<CseqMode>(kCseqModes, text);
}
std::optional<Results> ResultsOf(std::string_view text) { return ValueOf<Results>(kResults, text); }

std::string CallId(const Trigger& trigger, std::string_view host) {
  return base::Hex(base::BigEndian64(Mixed(trigger.call_seed))) + "-" +
         std::to_string(trigger.call_serial) + "@" + std::string(host);
}

std::string FromTag(const Trigger& trigger) {
  return base::Hex(base::BigEndian64(Mixed(trigger.call_seed ^ 0x5350))).substr(0, 12);
}

}  // namespace drover::gateway

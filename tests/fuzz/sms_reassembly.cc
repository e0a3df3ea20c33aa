// Parts from a few originators, in any order, with any header: bounds hold, and a message is made
// of the payloads that came.
//
// Input, for each part: originator and seconds passed (1 octet), length (1 octet), user data.
#include "libs/sms/reassembly.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr drover::sms::ReassemblyLimits kLimits{.timeout = std::chrono::seconds(300),
                                                .remember = std::chrono::seconds(30),
                                                .sets_per_originator = 3,
                                                .sets = 5,
                                                .octets = 900};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::sms;
  std::string_view input = View(data, size);
  Reassembler reassembler(kLimits);
  drover::TimePoint now;
  size_t received = 0;
  while (input.size() >= 2) {
    const auto control = static_cast<uint8_t>(input[0]);
    const std::string_view octets = input.substr(2, static_cast<uint8_t>(input[1]));
    input.remove_prefix(2 + octets.size());
    now += std::chrono::seconds(control >> 2);
    const auto part = DecodeUserData(octets);
    if (!part) continue;
    received += part->payload.size();
    const std::string originator(1, static_cast<char>('0' + (control & 3)));
    const auto message = reassembler.Add(originator, part->udh, part->payload, now);
    DROVER_CHECK(reassembler.sets() <= kLimits.sets);
    DROVER_CHECK(reassembler.octets() <= kLimits.octets);
    if (!message) continue;
    DROVER_CHECK(message->content.size() <= received);
    DROVER_CHECK(message->content.find(part->payload) != std::string::npos);
    if (message->id != 0 && part->payload.size() % 2 == 0) reassembler.Settle(message->id, now);
  }
  reassembler.Expire(now + std::chrono::hours(1));
  DROVER_CHECK(reassembler.sets() == 0 && reassembler.octets() == 0);
  return 0;
}

#include "services/sip/adapters/redis_bindings.h"

#include <algorithm>
#include <array>

#include "drover/sip/v1/record.pb.h"
#include "services/sip/core/times.h"

namespace drover::gateways {
namespace {

namespace v1 = sip::v1;

// KEYS: the bindings. ARGV: as they were read ("" for none), as they are to be, milliseconds to
// live.
const redis::Client::Script kStore(R"lua(
local there = redis.call('GET', KEYS[1])
if (there or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
)lua");

std::string KeyOf(const std::string& aor) { return "drover:sip:bindings:{" + aor + "}"; }

std::string Encode(const std::vector<sip::Binding>& bindings) {
  v1::Bindings out;
  for (const sip::Binding& binding : bindings) {
    v1::Bindings::Binding& one = *out.add_bindings();
    one.set_contact(binding.contact);
    one.set_call_id(binding.call_id);
    one.set_cseq(binding.cseq);
    one.set_registered_ms(ToMillis(binding.registered));
    one.set_expires_ms(ToMillis(binding.expires));
    one.set_q_thousandths(binding.q_thousandths);
    one.set_instance(binding.instance);
    one.set_reg_id(binding.reg_id);
    for (const std::string& path : binding.path) one.add_path(path);
    one.set_user_agent(binding.user_agent);
    one.set_transport(static_cast<uint32_t>(binding.transport));
    one.set_source_address(binding.source_address);
    one.set_source_port(binding.source_port);
    one.set_flow_owner(binding.flow_owner);
  }
  return out.SerializeAsString();
}

sip::Binding Decode(const v1::Bindings::Binding& one) {
  sip::Binding out;
  out.contact = one.contact();
  out.call_id = one.call_id();
  out.cseq = one.cseq();
  out.registered = FromMillis(one.registered_ms());
  out.expires = FromMillis(one.expires_ms());
  out.q_thousandths = static_cast<uint16_t>(one.q_thousandths());
  out.instance = one.instance();
  out.reg_id = one.reg_id();
  out.path.assign(one.path().begin(), one.path().end());
  out.user_agent = one.user_agent();
  out.transport = static_cast<sip::Transport>(one.transport());
  out.source_address = one.source_address();
  out.source_port = static_cast<uint16_t>(one.source_port());
  out.flow_owner = one.flow_owner();
  return out;
}

}  // namespace

Task<RedisBindings::Read> RedisBindings::Load(std::string aor, Deadline deadline) {
  const std::string key = KeyOf(aor);
  const std::array<std::string_view, 2> words{"GET", key};
  DROVER_CO_TRY(redis::Reply reply, co_await client_.Execute(words, deadline));
  Read out;
  out.as_read = std::move(reply.text);
  v1::Bindings bindings;
  // What another release wrote and cannot be read is as if it had been lost.
  if (!bindings.ParseFromString(out.as_read)) co_return out;
  for (const auto& one : bindings.bindings()) out.bindings.push_back(Decode(one));
  co_return out;
}

Task<void> RedisBindings::Store(std::string aor, const std::vector<sip::Binding>& bindings,
                                std::string as_read, TimePoint now, Deadline deadline) {
  TimePoint last = now;
  for (const sip::Binding& binding : bindings) last = std::max(last, binding.expires);
  const std::string key = KeyOf(aor);
  const std::string octets = Encode(bindings);
  const std::string life = std::to_string(std::max<int64_t>(1, ToMillis(last) - ToMillis(now)));
  const std::array<std::string_view, 1> keys{key};
  const std::array<std::string_view, 3> words{as_read, octets, life};
  DROVER_CO_TRY(const redis::Reply reply, co_await client_.Eval(kStore, keys, words, deadline));
  if (reply.integer != 1) co_return Aborted("another REGISTER was quicker");
  co_return Result<void>();
}

}  // namespace drover::gateways

#include "services/session/adapters/redis_session_store.h"

#include <algorithm>
#include <charconv>
#include <span>

#include <boost/asio/redirect_error.hpp>

#include "libs/base/bytes.h"
#include "libs/dmauth/random.h"
#include "services/session/adapters/account_codec.h"
#include "services/session/adapters/state_codec.h"

namespace drover::session {
namespace {

// The version is the first eight octets of the value: a compare needs no decoding. One call where
// nobody else was faster: each costs Redis about as much as a SET by itself. Who lost puts back
// what was there; nobody sees what stood there in between.
const redis::Client::Script kCompareAndSet{R"(
local old = redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3], 'GET')
if string.sub(old or '', 1, 8) ~= ARGV[1] then
  if old then redis.call('SET', KEYS[1], old, 'EX', ARGV[3]) else redis.call('DEL', KEYS[1]) end
  return 0
end
if ARGV[4] then redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[5]) end
return 1
)"};

std::string Key(std::string_view prefix, const DeviceId& device) {
  std::string key;
  key.reserve(prefix.size() + device.value().size() + 2);
  key.append(prefix).append("{").append(device.value()).append("}");
  return key;
}

}  // namespace

RedisSessionStore::RedisSessionStore(redis::Client& redis, dmauth::SealKeys keys,
                                     StoreConfig config)
    : redis_(redis),
      keys_(std::move(keys)),
      config_(config),
      marks_witness_(redis, "drover:operations:marks") {}

// Only a response that holds a password is worth the cipher.
std::string RedisSessionStore::Sealed(const std::string& key, const SessionState& session) const {
  if (!session.response_is_secret) return EncodeSession(session);
  SessionState sealed = session;
  sealed.response = keys_.Seal(session.response, key, dmauth::SystemRandom);
  return EncodeSession(sealed);
}

// A response that cannot be opened (its key is gone) is as good as a session that was lost.
std::optional<SessionState> RedisSessionStore::Opened(const std::string& key,
                                                      std::string_view octets) const {
  std::optional<SessionState> session = DecodeSession(octets);
  if (!session || !session->response_is_secret) return session;
  Result<std::string> response = keys_.Open(session->response, key);
  if (!response) return std::nullopt;
  session->response = *std::move(response);
  return session;
}

Task<Loaded> RedisSessionStore::Load(DeviceId device, Deadline deadline) {
  const std::string state = Key("drover:session:state:", device);
  const std::string nonce = Key("drover:session:nonce:", device);
  const std::string account = Key("drover:tree:account:", device);
  const std::string mark = Key("drover:operations:mark:", device);
  const std::string_view args[] = {"MGET", state, nonce, account, mark};
  DROVER_CO_TRY(const redis::Reply reply, co_await redis_.Execute(args, deadline));
  if (reply.items.size() != 4) co_return Internal("MGET did not answer with four values");
  Loaded loaded;
  if (!reply.items[0].nil()) loaded.session = Opened(state, reply.items[0].text);
  if (!reply.items[1].nil()) loaded.nonces = DecodeNonces(reply.items[1].text);
  const bool needs_account = !loaded.session || NeedsAccount(*loaded.session);
  if (needs_account && !reply.items[2].nil()) {
    loaded.account = OpenAccount(reply.items[2].text, device, keys_);
  }
  const std::string& text = reply.items[3].text;
  if (!reply.items[3].nil()) std::from_chars(text.data(), text.data() + text.size(), loaded.mark);
  co_return loaded;
}

Task<void> RedisSessionStore::Save(DeviceId device, const SessionState& session,
                                   uint64_t expected_version, const NonceState* nonces,
                                   Deadline deadline) {
  const std::string state = Key("drover:session:state:", device);
  const std::string nonce = Key("drover:session:nonce:", device);
  const std::string expected = expected_version == 0 ? "" : base::BigEndian64(expected_version);
  const std::string value = Sealed(state, session);
  const std::string nonce_value = nonces == nullptr ? "" : EncodeNonces(*nonces);
  const std::string session_ttl =
      std::to_string(std::max(config_.session_ttl, session.patience).count());
  const std::string nonce_ttl = std::to_string(config_.nonce_ttl.count());
  const std::string_view keys[] = {state, nonce};
  const std::string_view args[] = {expected, value, session_ttl, nonce_value, nonce_ttl};
  const size_t without_nonces = 3;
  const std::span<const std::string_view> given(
      args, nonces == nullptr ? without_nonces : std::size(args));
  DROVER_CO_TRY(const redis::Reply reply,
                co_await redis_.Eval(kCompareAndSet, keys, given, deadline));
  if (reply.integer != 1) co_return Aborted("the session was changed by another replica");
  co_return Result<void>{};
}

Task<void> RedisSessionStore::SaveNonces(DeviceId device, const NonceState& nonces,
                                         Deadline deadline) {
  const std::string nonce = Key("drover:session:nonce:", device);
  const std::string value = EncodeNonces(nonces);
  const std::string ttl = std::to_string(config_.nonce_ttl.count());
  const std::string_view args[] = {"SET", nonce, value, "EX", ttl};
  DROVER_CO_TRY(co_await redis_.Execute(args, deadline));
  co_return Result<void>{};
}

Process RedisSessionStore::WatchMarks(asio::io_context& loop) {
  Timer timer(loop.get_executor());
  while (true) {
    const Deadline deadline = In(std::chrono::seconds(1));
    (void)co_await marks_witness_.Check(deadline);
    timer.expires_after(std::chrono::seconds(1));
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(kAwait, error));
    if (error) co_return;
  }
}

}  // namespace drover::session

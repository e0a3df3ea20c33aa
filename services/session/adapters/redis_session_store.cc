#include "services/session/adapters/redis_session_store.h"

#include <algorithm>
#include <charconv>
#include <span>

#include <boost/asio/redirect_error.hpp>

#include "libs/base/bytes.h"
#include "libs/dmauth/random.h"
#include "services/session/adapters/account_codec.h"
#include "services/session/adapters/nonce_codec.h"
#include "services/session/codec/state_codec.h"

namespace drover::session {
namespace {

// The version is the first eight octets of the state: a compare needs no decoding. Nonces are
// compared as a whole. One call each where nobody else was faster: it costs Redis about as much as
// a SET by itself. Who lost puts back what was there; nobody sees what stood there in between.
const redis::Client::Script kCompareAndSet{R"(
local function put(key, value, life)
  if value then redis.call('SET', key, value, 'EX', life) else redis.call('DEL', key) end
end
local state = redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3], 'GET')
if string.sub(state or '', 1, 8) == ARGV[1] then
  if not ARGV[4] then return 1 end
  local nonces = redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[5], 'GET')
  if (nonces or '') == ARGV[6] then return 1 end
  put(KEYS[2], nonces, ARGV[5])
end
put(KEYS[1], state, ARGV[3])
return 0
)"};

const redis::Client::Script kCompareAndSetNonces{R"(
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
)"};

Error Changed() { return Aborted("the session was changed by another replica"); }

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
std::string RedisSessionStore::Sealed(const std::string& key, const SessionState& session,
                                      const NonceState& nonces) const {
  if (!session.response_is_secret) return EncodeSession(session, nonces);
  SessionState sealed = session;
  sealed.response = keys_.Seal(session.response, key, dmauth::SystemRandom);
  return EncodeSession(sealed, nonces);
}

// A response that cannot be opened (its key is gone) is as good as a session that was lost.
std::optional<StoredSession> RedisSessionStore::Opened(const std::string& key,
                                                       std::string_view octets) const {
  std::optional<StoredSession> stored = DecodeSession(octets);
  if (!stored || !stored->session.response_is_secret) return stored;
  Result<std::string> response = keys_.Open(stored->session.response, key);
  if (!response) return std::nullopt;
  stored->session.response = *std::move(response);
  return stored;
}

// A terminal that has never proved itself has nothing that is worth keeping for long: anybody can
// post its id.
std::string RedisSessionStore::LifeOf(const NonceState& nonces) const {
  return std::to_string((nonces.known ? config_.nonce_ttl : config_.stranger_ttl).count());
}

Task<Loaded> RedisSessionStore::Load(const DeviceId& device, const syncml::Message* message,
                                     Deadline deadline) {
  const std::string state = Key("drover:session:state:", device);
  const std::string nonce = Key("drover:session:nonce:", device);
  const std::string account = Key("drover:tree:account:", device);
  const std::string mark = Key("drover:operations:mark:", device);
  const std::string_view args[] = {"MGET", state, nonce, account, mark};
  DROVER_CO_TRY(redis::Reply reply, co_await redis_.Execute(args, deadline));
  if (reply.items.size() != 4) co_return Internal("MGET did not answer with four values");
  Loaded loaded;
  loaded.nonces_read = std::move(reply.items[1].text);
  loaded.nonces = DecodeNonces(loaded.nonces_read);
  if (!reply.items[0].nil()) {
    if (std::optional<StoredSession> stored = Opened(state, reply.items[0].text)) {
      RestorePrevious(*stored, loaded.nonces);
      loaded.session = std::move(stored->session);
    } else {
      loaded.lost_version = VersionOf(reply.items[0].text);
    }
  }
  const bool needs_account = message != nullptr && NeedsAccount(loaded.session, *message);
  if (needs_account && !reply.items[2].nil()) {
    loaded.account = OpenAccount(reply.items[2].text, device, keys_);
  }
  const std::string& text = reply.items[3].text;
  if (!reply.items[3].nil()) std::from_chars(text.data(), text.data() + text.size(), loaded.mark);
  co_return loaded;
}

// Nonces that did not change are not written: then the script ends before them.
Task<void> RedisSessionStore::Save(const DeviceId& device, const SessionState& session,
                                   uint64_t expected_version, Nonces nonces, Deadline deadline) {
  const std::string state = Key("drover:session:state:", device);
  const std::string nonce = Key("drover:session:nonce:", device);
  const std::string expected = expected_version == 0 ? "" : base::BigEndian64(expected_version);
  const std::string value = Sealed(state, session, nonces.next);
  const std::string nonce_value = EncodeNonces(nonces.next);
  const std::string session_ttl =
      std::to_string(std::max(config_.session_ttl, session.patience).count());
  const std::string nonce_ttl = LifeOf(nonces.next);
  const std::string_view keys[] = {state, nonce};
  const std::string_view args[] = {expected,    value,     session_ttl,
                                   nonce_value, nonce_ttl, nonces.read};
  const size_t without_nonces = 3;
  const std::span<const std::string_view> given(
      args, nonce_value == nonces.read ? without_nonces : std::size(args));
  DROVER_CO_TRY(const redis::Reply reply,
                co_await redis_.Eval(kCompareAndSet, keys, given, deadline));
  if (reply.integer != 1) co_return Changed();
  co_return Result<void>{};
}

Task<void> RedisSessionStore::SaveNonces(const DeviceId& device, Nonces nonces, Deadline deadline) {
  const std::string value = EncodeNonces(nonces.next);
  if (value == nonces.read) co_return Result<void>{};  // The same challenge again.
  const std::string nonce = Key("drover:session:nonce:", device);
  const std::string ttl = LifeOf(nonces.next);
  const std::string_view keys[] = {nonce};
  const std::string_view args[] = {nonces.read, value, ttl};
  DROVER_CO_TRY(const redis::Reply reply,
                co_await redis_.Eval(kCompareAndSetNonces, keys, args, deadline));
  if (reply.integer != 1) co_return Changed();
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

#include "services/session/handlers/exchange_handler.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/notification/package0.h"
#include "libs/syncml/document.h"
#include "services/session/handlers/pending.h"

namespace drover::session {
namespace {

constexpr int kAttempts =
    3;  // Against other replicas that serve the same terminal at the same moment.

template <typename T>
Process RunInto(Task<T> task, Promise<T> promise) {
  Result<T> result = co_await std::move(task);
  promise.Set(std::move(result));
}

// Starts a task now; Wait on what is returned.
template <typename T>
Promise<T> Start(asio::io_context& loop, Task<T> task) {
  Promise<T> promise(loop);
  asio::co_spawn(loop.get_executor(), RunInto<T>(std::move(task), promise), asio::detached);
  return promise;
}

Metrics::Outcome OutcomeOf(const std::variant<Outbound, Failure>& outcome) {
  if (std::holds_alternative<Outbound>(outcome)) return Metrics::Outcome::kAnswered;
  const Code code = std::get<Failure>(outcome).error.code;
  const bool refused = code == Code::kInvalidArgument || code == Code::kPermissionDenied ||
                       code == Code::kResourceExhausted;
  return refused ? Metrics::Outcome::kRefused : Metrics::Outcome::kFailed;
}

// What is kept of a message may be read by every operator: a basic credential is not for them.
std::string WithoutSecret(std::string body, std::string_view secret) {
  if (secret.empty()) return body;
  size_t at = 0;
  while ((at = body.find(secret, at)) != std::string::npos) {
    body.replace(at, secret.size(), secret.size(), '*');
    at += secret.size();  // The terminal chose the text: it may be asterisks.
  }
  return body;
}

// A message without a proof is challenged and comes again; one with a MAC is followed by others.
TreePort::Use UseOf(const Inbound& inbound, const syncml::Message& message) {
  const bool proof = message.header.cred && inbound.mac_header.empty();
  return proof ? TreePort::Use::kOnce : TreePort::Use::kAgain;
}

std::string_view BasicSecretIn(const syncml::Header& header) {
  const bool basic =
      header.cred && dmauth::SchemeOf(header.cred->meta.type) == dmauth::Scheme::kBasic;
  return basic ? header.cred->data.octets : std::string_view();
}

}  // namespace

ExchangeHandler::ExchangeHandler(asio::io_context& loop, Ports ports, ExchangeConfig config,
                                 UnknownTerminals unknown, Clock clock, RandomOctets random,
                                 Metrics& metrics)
    : loop_(loop),
      ports_(ports),
      config_(std::move(config)),
      unknown_(std::move(unknown)),
      clock_(std::move(clock)),
      random_(std::move(random)),
      metrics_(metrics),
      gate_(loop) {}

Process ExchangeHandler::Serve(Inbound inbound, Deadline deadline, Done done) {
  const auto begin = std::chrono::steady_clock::now();
  metrics_.in_flight().Increment();
  Result<Outcome> outcome = co_await ServeInTurn(inbound, deadline);
  metrics_.in_flight().Decrement();
  Outcome result = outcome ? *std::move(outcome) : Outcome(Failure{outcome.error()});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  metrics_.Message(OutcomeOf(result), took.count());
  done(std::move(result));
}

Task<ExchangeHandler::Outcome> ExchangeHandler::ServeInTurn(const Inbound& inbound,
                                                            Deadline deadline) {
  const syncml::Decoded decoded = syncml::Decode(inbound.encoding, inbound.body);
  if (!decoded) {
    co_return Outcome(Failure{InvalidArgument(decoded.error.message + " at octet " +
                                              std::to_string(decoded.error.offset))});
  }
  if (!gate_.TryEnter(inbound.device)) {
    DROVER_CO_TRY(co_await gate_.Enter(inbound.device, deadline));
  }
  Result<Outcome> outcome = Aborted("not tried");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    outcome = co_await ServeOnce(inbound, decoded.document.message(), deadline);
    if (outcome || outcome.error().code != Code::kAborted) break;
  }
  gate_.Leave(inbound.device);
  if (!outcome && outcome.error().code == Code::kAborted) {
    co_return Outcome(
        Failure{Unavailable("several replicas serve this terminal: " + outcome.error().message)});
  }
  co_return outcome;
}

Task<ExchangeHandler::Outcome> ExchangeHandler::ServeOnce(const Inbound& inbound,
                                                          const syncml::Message& message,
                                                          Deadline deadline) {
  DROVER_CO_TRY(Loaded loaded, co_await ports_.store.Load(inbound.device, &message, deadline));
  const bool asked = NeedsAccount(loaded.session, message) &&
                     !IsRepeat(loaded.session, message.header, inbound.body, inbound.mac_header);
  if (asked && !loaded.account) {
    const TreePort::Use use = UseOf(inbound, message);
    DROVER_CO_TRY(loaded.account,
                  co_await ports_.tree.LookupAccount(inbound.device, use, deadline));
  }
  const TimePoint now = clock_();
  Request request{inbound.device, inbound.encoding, inbound.body, inbound.mac_header, message, now};
  Exchange exchange(config_, random_, request, StoredOf(inbound, message, loaded, asked));
  while (Effects* effects = exchange.Next()) {
    DROVER_CO_TRY(
        EffectsResult result,
        co_await Perform(inbound, *effects, exchange, message.header, loaded.mark, now, deadline));
    exchange.Done(std::move(result));
  }
  Count(exchange, inbound);
  if (const Refusal* refusal = std::get_if<Refusal>(&exchange.answer())) {
    co_return Outcome(Failure{Error{refusal->code, refusal->message}, refusal->retry_after});
  }
  Answer& answer = std::get<Answer>(exchange.answer());
  DROVER_CO_TRY(co_await Keep(inbound, answer, loaded.nonces_read, now, deadline));
  co_return Outcome(Outbound{std::move(answer.body), std::move(answer.mac_header)});
}

// What a terminal out of the box may prove.
Account ExchangeHandler::Offer(const Inbound& inbound, const syncml::Header& header) const {
  Account offer;
  const std::string_view name = header.source.name;
  offer.user = name.empty() ? inbound.device.value() : std::string(name);
  offer.client_a1 = dmauth::A1(offer.user, unknown_.password);
  if (unknown_.server_password.empty()) return offer;
  offer.server_scheme = dmauth::Scheme::kMd5;
  offer.server_a1 = dmauth::A1(config_.server_id, unknown_.server_password);
  return offer;
}

Stored ExchangeHandler::StoredOf(const Inbound& inbound, const syncml::Message& message,
                                 Loaded& loaded, bool asked) const {
  Stored stored;
  stored.enrolling =
      asked && !loaded.account && unknown_.policy == UnknownTerminals::Policy::kEnrol;
  if (stored.enrolling) loaded.account = Offer(inbound, message.header);
  stored.session = std::move(loaded.session);
  stored.lost_version = loaded.lost_version;
  stored.nonces = std::move(loaded.nonces);
  stored.account = std::move(loaded.account);
  stored.work_marked = loaded.mark != 0 || !ports_.store.marks_complete();
  return stored;
}

Task<EffectsResult> ExchangeHandler::Perform(const Inbound& inbound, Effects& effects,
                                             const Exchange& exchange, const syncml::Header& header,
                                             int64_t mark, TimePoint now, Deadline deadline) {
  const std::optional<Account>& account = exchange.account();
  const SessionState& session = exchange.session();
  MessageRef ref{inbound.device, session.session_id, session.key, exchange.msg_id()};
  if (effects.enrol) {
    TreePort::Enrolment enrolment{inbound.device, account->user, unknown_.password,
                                  unknown_.server_password};
    DROVER_CO_TRY(co_await ports_.tree.EnrolUnknown(std::move(enrolment), deadline));
  }
  if (effects.promote_client || effects.promote_server) {
    DROVER_CO_TRY(co_await ports_.tree.PromoteCredentials(inbound.device, effects.promote_client,
                                                          effects.promote_server, deadline));
  }
  // All of it at the same time; each answers when it is durable.
  std::optional<Pending<void>> tree;
  if (!effects.nodes.empty() || !effects.deleted.empty()) {
    tree.emplace();
    ports_.tree.ApplyReport(inbound.device, std::move(effects.nodes), std::move(effects.deleted),
                            now, deadline, tree->Setter());
  }
  std::optional<Promise<void>> alerts;
  if (!effects.alerts.empty()) {
    alerts = Start(loop_, ports_.events.AlertsRaised(ref, effects.alerts, now, deadline));
  }
  EffectsResult result;
  if (effects.advance) {
    OperationsPort::Request request;
    request.ref = ref;
    request.session_started = effects.session_started;
    request.untouched = std::move(effects.untouched);
    const bool reports = !effects.reports.empty();
    request.reports = std::move(effects.reports);
    for (const Alert& alert : effects.alerts) {
      if (alert.code == 1226) request.alerts.push_back(alert);
    }
    if (reports) {
      request.messages = MessagesOf(inbound, session, header, account, now);
    }
    request.take = effects.take;
    request.mark = mark;
    request.now = now;
    DROVER_CO_TRY(result.assignments,
                  co_await ports_.operations.Advance(std::move(request), deadline));
  }
  const bool secrets = std::any_of(result.assignments.begin(), result.assignments.end(),
                                   [](const Assignment& work) { return WritesSecrets(work); });
  if (secrets && !account) {
    const auto use = TreePort::Use::kAgain;
    DROVER_CO_TRY(result.account,
                  co_await ports_.tree.LookupAccount(inbound.device, use, deadline));
  }
  if (tree) DROVER_CO_TRY(co_await tree->Wait());
  if (alerts) DROVER_CO_TRY(co_await alerts->Wait(deadline, "Kafka"));
  co_return result;
}

// What our own messages to the terminal may have held.
std::vector<std::string> ExchangeHandler::SecretsOf(const std::optional<Account>& account) const {
  std::vector<std::string> secrets;
  if (!account) return secrets;
  for (const std::string* password : {&account->server_password, &account->next_server_password}) {
    if (password->empty()) continue;
    secrets.push_back(dmauth::BasicCredential(config_.server_id, *password));
    secrets.push_back(*password);
  }
  if (!account->next_password.empty()) secrets.push_back(account->next_password);
  return secrets;
}

std::vector<RawMessage> ExchangeHandler::MessagesOf(const Inbound& inbound,
                                                    const SessionState& session,
                                                    const syncml::Header& header,
                                                    const std::optional<Account>& account,
                                                    TimePoint now) const {
  std::vector<RawMessage> messages;
  if (!session.response.empty()) {
    std::string sent = session.response;
    for (const std::string& secret : SecretsOf(account))
      sent = WithoutSecret(std::move(sent), secret);
    messages.push_back({true, session.session_id, std::to_string(session.server_msg_id),
                        inbound.media_type, std::move(sent), session.updated_at});
  }
  messages.push_back({false, session.session_id, std::string(header.msg_id), inbound.media_type,
                      WithoutSecret(inbound.body, BasicSecretIn(header)), now});
  return messages;
}

// Events first: had the state been written and they had failed, a repeat would not send them again.
Task<void> ExchangeHandler::Keep(const Inbound& inbound, const Answer& answer,
                                 const std::string& nonces_read, TimePoint now, Deadline deadline) {
  if (!answer.endings.empty()) {
    DROVER_CO_TRY(
        co_await ports_.events.SessionsEnded(inbound.device, answer.endings, now, deadline));
    for (const Ending& ending : answer.endings) metrics_.Ended(ending.end);
  }
  const SessionStore::Nonces nonces{answer.nonces, nonces_read};
  if (answer.session) {
    DROVER_CO_TRY(co_await ports_.store.Save(inbound.device, *answer.session,
                                             answer.expected_version, nonces, deadline));
    if (answer.session->messages == 1) metrics_.Started();
  } else if (answer.nonces_changed) {
    DROVER_CO_TRY(co_await ports_.store.SaveNonces(inbound.device, nonces, deadline));
  }
  co_return Result<void>{};
}

Task<NonceResync> ExchangeHandler::StartNonceResync(DeviceId device, Deadline deadline) {
  constexpr std::chrono::minutes kValid{10};
  DROVER_CO_TRY(co_await gate_.Enter(device, deadline));
  Result<NonceResync> made = Aborted("not tried");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    made = co_await MakeNonceResync(device, clock_() + kValid, deadline);
    if (made || made.error().code != Code::kAborted) break;
  }
  gate_.Leave(device);
  co_return made;
}

Task<NonceResync> ExchangeHandler::MakeNonceResync(DeviceId device, TimePoint valid_until,
                                                   Deadline deadline) {
  DROVER_CO_TRY(const std::optional<Account> account,
                co_await ports_.tree.LookupAccount(device, TreePort::Use::kAgain, deadline));
  if (!account) co_return NotFound("no terminal " + device.value() + " is registered");
  if (account->server_a1.empty()) {
    co_return FailedPrecondition(
        "this terminal has no server password: its notifications cannot "
        "be proved; enrol it with one");
  }
  DROVER_CO_TRY(Loaded loaded, co_await ports_.store.Load(device, nullptr, deadline));
  NonceState& nonces = loaded.nonces;
  const std::string octets = random_(2);
  NonceResync made;
  made.session_id =
      static_cast<uint16_t>(static_cast<uint8_t>(octets[0]) << 8 | static_cast<uint8_t>(octets[1]));
  if (made.session_id == 0) made.session_id = 1;
  made.valid_until = valid_until;
  nonces.resync_session = made.session_id;
  nonces.resync_until = valid_until;
  notification::Trigger trigger;
  trigger.session_id = made.session_id;
  trigger.server_id = config_.server_id;
  const std::string_view zero = account->traits.zero_nonce_ascii ? notification::kResyncNonceText
                                                                 : notification::kResyncNonce;
  DROVER_CO_TRY(made.notification, notification::EncodePackage0(trigger, account->server_a1, zero));
  const SessionStore::Nonces change{nonces, loaded.nonces_read};
  DROVER_CO_TRY(co_await ports_.store.SaveNonces(device, change, deadline));
  co_return made;
}

void ExchangeHandler::Count(const Exchange& exchange, const Inbound& inbound) {
  for (const auto& [name, status] : exchange.statuses()) metrics_.Command(status);
  for (const Oddity oddity : exchange.oddities()) {
    metrics_.Odd(oddity);
    service::Sampler& sampler = samplers_[static_cast<size_t>(oddity)];
    const int64_t dropped = sampler.Admit(std::chrono::steady_clock::now());
    if (dropped < 0) continue;
    service::Log(service::Level::kWarn, "session.odd_message",
                 "a message held what it should not have",
                 {{"kind", Name(oddity)},
                  {"device", service::Redacted(inbound.device.value())},
                  {"left_out", dropped}});
  }
}

}  // namespace drover::session

#include "services/push/handlers/pap_gateway.h"

#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "drover/push/v1/push.pb.h"
#include "libs/pap/multipart.h"
#include "libs/pap/reader.h"
#include "libs/pap/writer.h"
#include "libs/service/log.h"
#include "services/push/core/job.h"
#include "services/push/core/pap_answers.h"
#include "services/push/core/times.h"

namespace drover::push {
namespace {

using pap::StatusCode;

constexpr std::chrono::seconds kTimeout{10};
constexpr size_t kJobIdOctets = 16;
constexpr char kChallenge[] = "Basic realm=\"Push Proxy Gateway\", charset=\"UTF-8\"";

void AddWork(const std::string& msisdn, const v1::PushWork& work, events::v1::OutboxBatch& outbox) {
  events::v1::OutboxBatch::Record& record = *outbox.add_records();
  record.set_topic(kWorkTopic);
  record.set_key(msisdn);
  work.SerializeToString(record.mutable_payload());
}

void AddCancellation(const StoredPush& push, events::v1::OutboxBatch& outbox) {
  v1::PushWork work;
  work.mutable_cancellation()->set_job_id(push.job_id);
  AddWork(push.msisdn, work, outbox);
}

// What PostgreSQL's trouble is to an initiator.
PapRefusal Trouble(const Error& error) {
  if (error.code == Code::kAlreadyExists) {
    return {StatusCode::kDuplicatePushId, std::string(pap::Text(StatusCode::kDuplicatePushId))};
  }
  if (error.code == Code::kInvalidArgument) {
    return {StatusCode::kBadRequest, "a text that cannot be kept: no NUL, only UTF-8"};
  }
  if (error.code == Code::kResourceExhausted)
    return {StatusCode::kServiceUnavailable, error.message};
  return {StatusCode::kServiceFailure,
          "the store is away; it may be accepted or not: ask by "
          "statusquery before it is sent again"};
}

void LogTrouble(const char* operation, const Error& error) {
  service::Log(service::Level::kWarn, "push.pap_failed", "a push initiator was put off",
               {{"operation", operation}, {"code", Name(error.code)}, {"cause", error.message}});
}

// Whether what it says is not enough to accept it.
bool NeedsLookUp(const pap::PushMessage& message, const PapPush& push) {
  return !message.replace_push_id.empty() ||
         std::ranges::any_of(push.recipients, [](const PapRecipient& recipient) {
           return !recipient.device_id.empty() || !recipient.imsi.empty();
         });
}

bool AllEnded(const std::vector<StoredPush>& rows) {
  return std::ranges::all_of(rows,
                             [](const StoredPush& push) { return push.ended_at.has_value(); });
}

}  // namespace

PapGateway::PapGateway(asio::io_context& loop, Ports ports, Config config, const Settings& settings,
                       Clock clock, RandomOctets random, Metrics& metrics, PapMetrics& pap_metrics)
    : loop_(loop),
      ports_(ports),
      config_(std::move(config)),
      settings_(settings),
      clock_(std::move(clock)),
      random_(std::move(random)),
      metrics_(metrics),
      pap_metrics_(pap_metrics),
      relaying_(loop, config_.relay_apart, [this] { WakeRelay(); }) {
  for (const Account& account : settings.accounts) rates_.emplace(&account, Rate(account.rate));
}

const Account* PapGateway::Authenticate(const http::Request& request) const {
  if (const Account* account = FindByCertificate(settings_.accounts, request.client_name)) {
    return account;
  }
  const auto given = BasicCredentials(request.Find("Authorization"));
  return given ? FindByPassword(settings_.accounts, *given) : nullptr;
}

void PapGateway::Refuse(const http::Responder& responder, http::Response response) {
  pap_metrics_.Refused(response.status);
  responder.Send(std::move(response));
}

void PapGateway::Handle(const http::Request& request, const http::Responder& responder) {
  constexpr std::array<std::string_view, 3> kPaths = {"/pap", "/wappush", "/"};
  if (std::ranges::find(kPaths, request.path) == kPaths.end()) {
    return Refuse(responder, http::Text(404, "PAP is at /pap"));
  }
  if (request.method != "POST") {
    http::Response response = http::Text(405, "PAP comes by POST");
    response.Add("Allow", "POST");
    return Refuse(responder, std::move(response));
  }
  const Account* const account = Authenticate(request);
  if (account == nullptr) {
    http::Response response = http::Text(401, "an account of this gateway is needed");
    response.Add("WWW-Authenticate", kChallenge);
    return Refuse(responder, std::move(response));
  }
  if (ports_.queue.full()) {
    http::Response response = http::Text(503, "too many pushes are waiting");
    response.Add("Retry-After", "1");
    return Refuse(responder, std::move(response));
  }
  Call call{responder, account};
  const Result<pap::Submission> submission =
      pap::ReadSubmission(request.Find("Content-Type"), request.body);
  if (!submission) {
    return Answer(call, "none", StatusCode::kBadRequest,
                  pap::BadMessageResponse{StatusCode::kBadRequest, submission.error().message, {}});
  }
  pap::Reading reading = pap::Read(submission->control);
  if (!reading) {
    call.version = reading.refusal.version;
    return Answer(call, "none", reading.refusal.code, std::move(reading.refusal.answer));
  }
  call.version = reading.document->version;
  Perform(std::move(call), *submission, std::move(reading.document->message));
}

void PapGateway::Perform(Call call, const pap::Submission& submission, pap::Message message) {
  if (auto* push = std::get_if<pap::PushMessage>(&message)) {
    BeginPush(std::move(call), submission, std::move(*push));
  } else if (auto* cancel = std::get_if<pap::CancelMessage>(&message)) {
    asio::co_spawn(loop_.get_executor(), Cancel(std::move(call), std::move(*cancel)),
                   asio::detached);
  } else if (auto* query = std::get_if<pap::StatusQueryMessage>(&message)) {
    asio::co_spawn(loop_.get_executor(), QueryStatus(std::move(call), std::move(*query)),
                   asio::detached);
  } else if (auto* ccq = std::get_if<pap::CcqMessage>(&message)) {
    Answer(call, "ccq", StatusCode::kNotImplemented,
           pap::CcqResponse{ccq->query_id, StatusCode::kNotImplemented,
                            "capabilities of terminals are not known here",
                            std::move(ccq->addresses)});
  } else {
    Answer(call, "none", StatusCode::kBadRequest,
           pap::BadMessageResponse{
               StatusCode::kBadRequest, "that operation is none that a gateway is asked for", {}});
  }
}

void PapGateway::BeginPush(Call call, const pap::Submission& submission, pap::PushMessage message) {
  const TimePoint now = clock_();
  if (!rates_.at(call.account).Take(message.addresses.size(), now)) {
    return AnswerPush(call, message.push_id, StatusCode::kServiceUnavailable,
                      "faster than this account may: send it again later");
  }
  const auto tid = static_cast<uint8_t>(random_(1)[0]);
  auto judged = JudgePush(message, submission, *call.account, settings_, config_.rules, tid, now);
  if (auto* refusal = std::get_if<PapRefusal>(&judged)) {
    return AnswerPush(call, message.push_id, refusal->code, std::move(refusal->desc));
  }
  auto& push = std::get<PapPush>(judged);
  if (NeedsLookUp(message, push)) {
    asio::co_spawn(loop_.get_executor(), Push(std::move(call), std::move(message), std::move(push)),
                   asio::detached);
    return;
  }
  const PapRefusal refusal = Accept(call, message, push, {});
  if (refusal.code != StatusCode::kOk) {
    AnswerPush(call, message.push_id, refusal.code, refusal.desc);
  }
}

Process PapGateway::Push(Call call, pap::PushMessage message, PapPush push) {
  const Result<PapRefusal> refusal = co_await LookUpAndAccept(call, message, push);
  if (!refusal) {
    LogTrouble("push", refusal.error());
    const PapRefusal trouble = Trouble(refusal.error());
    AnswerPush(call, message.push_id, trouble.code, trouble.desc);
  } else if (refusal->code != StatusCode::kOk) {
    AnswerPush(call, message.push_id, refusal->code, refusal->desc);
  }
}

Task<PapRefusal> PapGateway::LookUpAndAccept(const Call& call, const pap::PushMessage& message,
                                             PapPush& push) {
  const Deadline deadline = In(kTimeout);
  DROVER_CO_TRY(co_await Resolve(push.recipients, deadline));
  std::vector<StoredPush> cancelled;
  if (!message.replace_push_id.empty()) {
    DROVER_CO_TRY(PapRefusal refusal,
                  co_await BeginReplacing(call, message, push, cancelled, deadline));
    if (refusal.code != StatusCode::kOk) co_return refusal;
  }
  co_return Accept(call, message, push, cancelled);
}

PapRefusal PapGateway::Accept(const Call& call, const pap::PushMessage& message, PapPush& push,
                              const std::vector<StoredPush>& cancelled) {
  size_t accepted = 0;
  for (PapRecipient& recipient : push.recipients) {
    if (!recipient.refusal) {
      auto placed = Place(push, recipient.msisdn, *call.account, settings_);
      if (auto* refusal = std::get_if<PapRefusal>(&placed)) recipient.refusal = *refusal;
      if (auto* smsc = std::get_if<std::string>(&placed)) recipient.smsc = std::move(*smsc);
    }
    if (!recipient.refusal) ++accepted;
  }
  if (accepted == 0) return *push.recipients.front().refusal;
  Add(call, message, push, cancelled, accepted);
  return PapRefusal{StatusCode::kOk, {}};
}

// Terminals that are named by IMEI or IMSI, as they registered.
Task<void> PapGateway::Resolve(std::vector<PapRecipient>& recipients, Deadline deadline) {
  std::vector<std::string> devices, imsis;
  for (const PapRecipient& recipient : recipients) {
    if (!recipient.device_id.empty()) devices.push_back(recipient.device_id);
    if (!recipient.imsi.empty()) imsis.push_back(recipient.imsi);
  }
  if (devices.empty() && imsis.empty()) co_return Result<void>();
  std::vector<registration::Pairing> found, of_imsis;
  if (!devices.empty()) {
    DROVER_CO_TRY(found, co_await ports_.registrations.Find(By::kDevice, devices, deadline));
  }
  if (!imsis.empty()) {
    DROVER_CO_TRY(of_imsis, co_await ports_.registrations.Find(By::kImsi, imsis, deadline));
  }
  // Of an IMSI that moved the newest counts.
  std::ranges::sort(of_imsis, {}, &registration::Pairing::at);
  std::map<std::string, std::string> number_of_device, number_of_imsi;
  for (const registration::Pairing& pairing : found) {
    number_of_device[pairing.device.value()] = pairing.facts.msisdn;
  }
  for (const registration::Pairing& pairing : of_imsis) {
    number_of_imsi[pairing.facts.imsi] = pairing.facts.msisdn;
  }
  for (PapRecipient& recipient : recipients) {
    if (!recipient.device_id.empty()) recipient.msisdn = number_of_device[recipient.device_id];
    if (!recipient.imsi.empty()) recipient.msisdn = number_of_imsi[recipient.imsi];
    if (recipient.msisdn.empty() && !recipient.refusal) {
      recipient.refusal =
          PapRefusal{StatusCode::kAddressNotFound, "no number of that terminal is known"};
    }
  }
  co_return Result<void>();
}

Task<PapRefusal> PapGateway::BeginReplacing(const Call& call, const pap::PushMessage& message,
                                            PapPush& push, std::vector<StoredPush>& cancelled,
                                            Deadline deadline) {
  DROVER_CO_TRY(const std::vector<StoredPush> old,
                co_await Find(call, message.replace_push_id, deadline));
  auto replaced = Replace(std::move(push.recipients), message.replace_method, old);
  if (auto* refusal = std::get_if<PapRefusal>(&replaced)) co_return *refusal;
  auto& replacing = std::get<Replacing>(replaced);
  push.recipients = std::move(replacing.recipients);
  cancelled = std::move(replacing.cancelled);
  co_return PapRefusal{StatusCode::kOk, {}};
}

StoredPush PapGateway::RowOf(const Call& call, const pap::PushMessage& message, const PapPush& push,
                             const PapRecipient& recipient, TimePoint now) {
  StoredPush row;
  row.account = call.account->name;
  row.push_id = message.push_id;
  row.address = recipient.address;
  row.job_id = random_(kJobIdOctets);
  row.device_id = recipient.device_id;
  row.msisdn = recipient.msisdn;
  row.state = v1::PENDING;
  row.code = static_cast<int>(StatusCode::kAcceptedForProcessing);
  row.segments = push.segments;
  row.accepted_at = now;
  row.deliver_before = push.deliver_before;
  row.notify_to = push.notify_to;
  row.notify = push.notify_to.empty() ? Notify::kNot : Notify::kAtEnd;
  row.source_reference = message.source_reference;
  row.quality = PackQuality(message.quality_of_service);
  if (!recipient.refusal) return row;
  row.state = v1::REJECTED;
  row.code = static_cast<int>(recipient.refusal->code);
  row.cause = recipient.refusal->desc;
  row.ended_at = now;
  if (row.notify == Notify::kAtEnd) {
    row.notify = Notify::kDue;
    row.notify_at = now;
  }
  return row;
}

// Cancellations of what is replaced come before the jobs, with the same keys: in that order.
void PapGateway::Add(const Call& call, const pap::PushMessage& message, PapPush& push,
                     const std::vector<StoredPush>& cancelled, size_t accepted) {
  const TimePoint now = clock_();
  PapQueue::Entry entry;
  events::v1::OutboxBatch outbox;
  for (const StoredPush& old : cancelled) AddCancellation(old, outbox);
  v1::PushWork work;
  v1::Job& job = *work.mutable_job();
  job = std::move(push.job);
  job.mutable_push()->set_account(call.account->name);
  job.mutable_push()->set_push_id(message.push_id);
  entry.rows.reserve(push.recipients.size());
  for (const PapRecipient& recipient : push.recipients) {
    StoredPush& row = entry.rows.emplace_back(RowOf(call, message, push, recipient, now));
    row.recipient = static_cast<int>(entry.rows.size()) - 1;
    if (recipient.refusal) continue;
    job.set_id(row.job_id);
    job.set_msisdn(row.msisdn);
    job.set_smsc(recipient.smsc);
    AddWork(row.msisdn, work, outbox);
  }
  outbox.SerializeToString(&entry.outbox);
  const bool notes = message.progress_notes_requested;
  entry.done = [this, call, id = message.push_id, notes, now, accepted](const Result<void>& done) {
    Accepted(call, id, notes, now, accepted, done);
  };
  ports_.queue.Add(std::move(entry));
}

void PapGateway::Accepted(const Call& call, const std::string& push_id, bool notes,
                          TimePoint received, size_t count, const Result<void>& done) {
  if (!done) {
    if (done.error().code != Code::kAlreadyExists) LogTrouble("push", done.error());
    const PapRefusal trouble = Trouble(done.error());
    return AnswerPush(call, push_id, trouble.code, trouble.desc);
  }
  ports_.crowd.Accepted(count, ports_.queue.batch(), clock_());
  WakeRelay();
  metrics_.Accepted(count);
  std::vector<pap::ProgressNote> progress;
  if (notes) {
    progress = {
        {"validated", "the content was converted and its addresses were checked", received},
        {"queued", "the push is stored for " + std::to_string(count) + " recipients", clock_()}};
  }
  AnswerPush(call, push_id, StatusCode::kAcceptedForProcessing,
             std::string(pap::Text(StatusCode::kAcceptedForProcessing)), std::move(progress));
}

// At once after a pause; in a crowd each round of the relay takes many.
void PapGateway::WakeRelay() {
  if (relaying_.Begin()) ports_.relay.Wake();
}

Task<std::vector<StoredPush>> PapGateway::Find(const Call& call, const std::string& push_id,
                                               Deadline deadline) {
  PushKey key;
  key.account = call.account->name;
  key.push_id = push_id;
  const std::vector<PushKey> keys(1, key);
  DROVER_CO_TRY(std::vector<StoredPush> rows, co_await ports_.pushes.Find(keys, deadline));
  std::ranges::sort(rows, {}, &StoredPush::recipient);
  co_return rows;
}

Process PapGateway::Cancel(Call call, pap::CancelMessage message) {
  const Result<std::vector<StoredPush>> rows = co_await CancelPending(call, message);
  pap::CancelResponse response;
  if (rows) {
    response = CancelAnswer(message, *rows);
  } else {
    LogTrouble("cancel", rows.error());
    const PapRefusal trouble = Trouble(rows.error());
    response = {message.push_id, {{trouble.code, trouble.desc, std::move(message.addresses)}}};
  }
  const StatusCode code = response.results.front().code;
  Answer(call, "cancel", code, std::move(response));
}

// Through the topic, behind the job itself: the owner of the number decides. Most ends are there
// within some looks; what still waits then counts as cancelled, as was asked.
Task<std::vector<StoredPush>> PapGateway::CancelPending(const Call& call,
                                                        const pap::CancelMessage& message) {
  constexpr int kLooks = 3;
  const Deadline deadline = In(kTimeout);
  DROVER_CO_TRY(std::vector<StoredPush> rows, co_await Find(call, message.push_id, deadline));
  events::v1::OutboxBatch outbox;
  for (const StoredPush& push : Meant(message.addresses, rows)) {
    if (!push.ended_at) AddCancellation(push, outbox);
  }
  if (outbox.records_size() == 0) co_return rows;
  DROVER_CO_TRY(co_await ports_.pushes.Announce(outbox, deadline));
  ports_.relay.Wake();
  Timer timer(loop_.get_executor());
  for (int look = 0; look < kLooks && !AllEnded(Meant(message.addresses, rows)); ++look) {
    timer.expires_after(config_.cancel_look);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(kAwait, ignored));
    DROVER_CO_TRY(rows, co_await Find(call, message.push_id, deadline));
  }
  co_return rows;
}

Process PapGateway::QueryStatus(Call call, pap::StatusQueryMessage message) {
  const Deadline deadline = In(kTimeout);
  const Result<std::vector<StoredPush>> rows = co_await Find(call, message.push_id, deadline);
  pap::StatusQueryResponse response;
  if (rows) {
    response = StatusAnswer(message, *rows);
  } else {
    LogTrouble("statusquery", rows.error());
    response.push_id = message.push_id;
    pap::StatusQueryResult& result = response.results.emplace_back();
    result.code = StatusCode::kServiceFailure;
    result.desc = "the store is away: ask again later";
  }
  const StatusCode code = response.results.front().code;
  Answer(call, "statusquery", code, std::move(response));
}

void PapGateway::AnswerPush(const Call& call, const std::string& push_id, StatusCode code,
                            std::string desc, std::vector<pap::ProgressNote> notes) {
  pap::PushResponse response;
  response.push_id = push_id;
  response.sender_name = config_.name;
  response.reply_time = clock_();
  response.progress_notes = std::move(notes);
  response.code = code;
  response.desc = std::move(desc);
  Answer(call, "push", code, std::move(response));
}

void PapGateway::Answer(const Call& call, const char* operation, StatusCode code,
                        pap::Message message) {
  pap_metrics_.Answered(operation, pap::Number(code));
  http::Response response{.status = 202, .content_type = "application/xml"};
  pap::Write({call.version, config_.name, std::move(message)}, response.body);
  call.responder.Send(std::move(response));
}

}  // namespace drover::push

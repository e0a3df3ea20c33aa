#include "services/push/handlers/work.h"

#include "libs/base/bytes.h"
#include "libs/service/log.h"
#include "libs/smpp/codec.h"
#include "libs/sms/udh.h"
#include "services/push/core/times.h"

namespace drover::push {
namespace {

constexpr size_t kBatch = 1000;
constexpr uint16_t kRejected = 3006;  // PAP: transformation failure
constexpr uint16_t kExpired = 4000;   // PAP: service failure

// Names the record, and what it brings about: "cnfm", partition, offset.
std::string RecordId(const kafka::Consumed& record) {
  const uint64_t place = (uint64_t{0x636E666D} << 32) | static_cast<uint32_t>(record.partition);
  return base::BigEndian64(place) + base::BigEndian64(static_cast<uint64_t>(record.offset));
}

std::string_view ContentOf(const smpp::DeliverSm& pdu) {
  const auto payload = pdu.tlvs.Find(smpp::Tag::kMessagePayload);
  return payload ? *payload : pdu.short_message;
}

std::string_view ContentOf(const smpp::DataSm& pdu) {
  return pdu.tlvs.Find(smpp::Tag::kMessagePayload).value_or(std::string_view());
}

registration::Address AddressOf(const smpp::Address& address) {
  return {std::string(address.digits), address.ton, address.npi};
}

template <typename Pdu>
TerminalMessage MessageOf(const Pdu& pdu) {
  TerminalMessage message;
  message.source = AddressOf(pdu.source);
  message.destination = AddressOf(pdu.destination);
  message.data_coding = pdu.data_coding;
  std::string_view content = ContentOf(pdu);
  if (const auto port = pdu.tlvs.Number(smpp::Tag::kDestinationPort)) {
    message.destination_port = static_cast<uint16_t>(*port);
  }
  if (const auto port = pdu.tlvs.Number(smpp::Tag::kSourcePort)) {
    message.source_port = static_cast<uint16_t>(*port);
  }
  if ((pdu.esm_class & smpp::esm::kUdhi) != 0) {
    if (const Result<sms::UserData> data = sms::DecodeUserData(content)) {
      content = data->payload;
      if (data->udh.ports) {
        message.destination_port = data->udh.ports->destination;
        message.source_port = data->udh.ports->source;
      }
    }
  }
  message.octets = content;
  return message;
}

EndedJob Rejected(const v1::Job& job, const Error& error, TimePoint now) {
  EndedJob ended{{}, job};
  std::copy_n(job.id().begin(), std::min(job.id().size(), ended.outcome.job.size()),
              ended.outcome.job.begin());
  const bool late = error.code == Code::kDeadlineExceeded;
  ended.outcome.state = late ? dispatch::EndState::kExpired : dispatch::EndState::kUndeliverable;
  ended.outcome.code = late ? kExpired : kRejected;
  ended.outcome.cause = error.message;
  ended.outcome.at = now;
  return ended;
}

// Rests while so many groups are pending.
kafka::Batches::Config Batching(const Dispatcher& dispatcher, size_t most_pending,
                                Metrics& metrics) {
  kafka::Batches::Config config;
  config.most = kBatch;
  config.timeout = std::chrono::seconds(30);
  config.rest = [&dispatcher, most_pending](size_t) {
    const bool full = dispatcher.scheduler().counters().pending >= most_pending;
    return std::chrono::milliseconds(full ? 100 : 0);
  };
  config.failed = [&metrics](const Error& error) {
    metrics.Failed("work");
    service::Log(service::Level::kWarn, "push.work_failed", "work was not applied; it is repeated",
                 {{"cause", error.message}});
  };
  return config;
}

}  // namespace

// A record, read.
struct Work::Read {
  const kafka::Consumed* record = nullptr;
  v1::PushWork work;
  std::optional<dispatch::SmscId> smsc;
  smpp::Pdu pdu;                           // Of inbound; views work.
  bool receipt = false, alert = false;     // What it is ..
  std::optional<TerminalMessage> message;  // .. else a terminal's message.
  std::string msisdn;
  std::optional<Dispatcher::Fit> fit;  // Of a job; absent: its end was told already.
};

Work::Work(asio::io_context& loop, Ports ports, const Settings& settings, size_t most_pending,
           Metrics& metrics)
    : ports_(ports),
      settings_(settings),
      metrics_(metrics),
      batches_(
          loop, ports.consumer, Batching(ports.dispatcher, most_pending, metrics),
          [this](const auto& records, Deadline deadline) { return Apply(records, deadline); }) {}

// First what waits for a store and may be done again: registrations, and the ends of jobs that can
// never be sent. Then all the rest in one turn of the loop, so that the journal has what a record
// brought about together with its offset. The offsets of records that were applied before say so,
// whatever Kafka knows of it.
Task<void> Work::Apply(const std::vector<kafka::Consumed>& records, Deadline deadline) {
  std::vector<Read> reads = ReadAll(records);
  std::vector<TerminalMessage> registrations;
  for (const Read& read : reads) {
    if (!read.message) continue;
    const bool registers = ports_.registrar.ProfileOf(*read.message) != nullptr;
    metrics_.Inbound(registers ? "registration" : "message");
    if (registers) registrations.push_back(*read.message);
  }
  if (!registrations.empty()) {
    DROVER_CO_TRY(co_await ports_.registrar.Register(registrations, deadline));
  }
  const std::vector<EndedJob> rejected = Reject(reads);
  if (!rejected.empty()) DROVER_CO_TRY(co_await ports_.ends.Keep(rejected, deadline));
  for (const Read& read : reads) {
    DROVER_CO_TRY(Do(read));
    ports_.journal.Applied(read.record->partition, read.record->offset + 1);
  }
  co_return co_await ports_.journal.Flush(deadline);
}

std::vector<EndedJob> Work::Reject(std::vector<Read>& reads) {
  std::vector<EndedJob> rejected;
  for (Read& read : reads) {
    if (!read.work.has_job()) continue;
    const Result<Dispatcher::Fit> checked = ports_.dispatcher.Check(read.work.job());
    if (checked) {
      read.fit = *checked;
    } else {
      rejected.push_back(Rejected(read.work.job(), checked.error(), SystemNow()));
    }
  }
  return rejected;
}

std::vector<Work::Read> Work::ReadAll(const std::vector<kafka::Consumed>& records) {
  std::vector<Read> reads;
  reads.reserve(records.size());
  for (const kafka::Consumed& record : records) {
    const auto applied = ports_.journal.offsets().find(record.partition);
    if (applied != ports_.journal.offsets().end() && record.offset < applied->second) continue;
    Read& read = reads.emplace_back();
    read.record = &record;
    if (!read.work.ParseFromString(record.payload)) {
      metrics_.Inbound("malformed");
      read.work.Clear();
    }
    if (read.work.has_inbound()) ReadInbound(read.work.inbound(), record, read);
  }
  return reads;
}

void Work::ReadInbound(const v1::Inbound& inbound, const kafka::Consumed& record, Read& read) {
  read.smsc = ports_.dispatcher.Find(inbound.smsc());
  const smpp::Fault fault = smpp::Decode(inbound.pdu(), read.pdu);
  if (fault || !read.smsc) {
    metrics_.Inbound("malformed");
    read.smsc.reset();
    return;
  }
  registration::Address source;
  uint8_t esm_class = 0;
  if (const auto* deliver = std::get_if<smpp::DeliverSm>(&read.pdu.body)) {
    esm_class = deliver->esm_class;
    read.message = MessageOf(*deliver);
  } else if (const auto* data = std::get_if<smpp::DataSm>(&read.pdu.body)) {
    esm_class = data->esm_class;
    read.message = MessageOf(*data);
  } else if (const auto* alert = std::get_if<smpp::AlertNotification>(&read.pdu.body)) {
    read.alert = true;
    source = AddressOf(alert->source);
  }
  if (read.message) source = read.message->source;
  const auto msisdn = registration::NormaliseMsisdn(source, settings_.registration.numbering);
  if (msisdn) read.msisdn = *msisdn;
  if (read.message && smpp::IsReceipt(esm_class)) {
    read.receipt = true;
    read.message.reset();
  }
  if (!read.message) return;
  read.message->smsc = inbound.smsc();
  read.message->record_id = RecordId(record);
  read.message->received_at = FromProto(inbound.received_at());
}

// kUnavailable: it has to be read again, with what comes behind it.
Result<void> Work::Do(const Read& read) {
  if (read.work.has_job()) {
    if (!read.fit) return {};
    const Result<void> admitted = ports_.dispatcher.Admit(read.work.job(), *read.fit);
    if (!admitted && admitted.error().code != Code::kAlreadyExists) {
      return Unavailable("a job's time has passed since it was read: " + admitted.error().message);
    }
  } else if (read.work.has_cancellation()) {
    (void)ports_.dispatcher.Cancel(read.work.cancellation().job_id());
  } else if (read.receipt && read.smsc) {
    metrics_.Inbound("receipt");
    const auto* deliver = std::get_if<smpp::DeliverSm>(&read.pdu.body);
    const auto* data = std::get_if<smpp::DataSm>(&read.pdu.body);
    ports_.dispatcher.Receipt(
        *read.smsc, deliver != nullptr ? smpp::ReadReceipt(*deliver) : smpp::ReadReceipt(*data));
  } else if (read.alert) {
    metrics_.Inbound("alert");
    ports_.dispatcher.Alert(read.msisdn);
  } else if (read.message && !read.msisdn.empty()) {
    ports_.dispatcher.MobileOriginated(read.msisdn);
  }
  return {};
}

}  // namespace drover::push

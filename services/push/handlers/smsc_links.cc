#include "services/push/handlers/smsc_links.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "drover/push/v1/work.pb.h"
#include "libs/registration/msisdn.h"
#include "libs/service/log.h"
#include "services/push/core/job.h"
#include "services/push/core/times.h"
#include "services/push/handlers/submit_queue.h"

namespace drover::push {
namespace {

// An SMSC asks again after its own response timer, of which 10 s is usual.
constexpr std::chrono::seconds kKeep{8};

smpp::Link::Config ConfigOf(const Smsc& smsc, smpp::BindMode mode) {
  smpp::Link::Config config;
  config.host = smsc.link.host;
  config.port = std::to_string(smsc.link.port);
  if (smsc.link.tls) {
    config.tls = smpp::TlsClient{.ca_file = smsc.link.ca_file,
                                 .certificate_file = smsc.link.certificate_file,
                                 .key_file = smsc.link.key_file,
                                 .server_name = smsc.link.server_name};
  }
  smpp::SessionSettings& session = config.session;
  session.mode = mode;
  session.system_id = smsc.link.system_id;
  session.password = smsc.link.password;
  session.system_type = smsc.link.system_type;
  session.interface_version = smsc.link.version;
  session.untold_version = smpp::kVersion34;  // Many SMSCs forget to tell.
  session.window = smsc.link.window;
  session.rate.adapts = false;  // The scheduler paces, by the same rules.
  session.response_time = smsc.link.response;
  session.enquire_after = smsc.link.enquire;
  return config;
}

smpp::Address SourceOf(const smpp::Pdu& pdu) {
  if (const auto* deliver = std::get_if<smpp::DeliverSm>(&pdu.body)) return deliver->source;
  if (const auto* data = std::get_if<smpp::DataSm>(&pdu.body)) return data->source;
  if (const auto* alert = std::get_if<smpp::AlertNotification>(&pdu.body)) return alert->source;
  return {};
}

}  // namespace

// One bind, kept up, and what it tells.
class SmscLinks::Bind final : public smpp::LinkHandler, public std::enable_shared_from_this<Bind> {
 public:
  Bind(SmscLinks& owner, dispatch::SmscId smsc, smpp::BindMode mode, std::string name)
      : owner_(owner),
        smsc_(smsc),
        mode_(mode),
        name_(std::move(name)),
        link_(owner.loop_, ConfigOf(owner.settings_.smscs[smsc], mode), *this) {}

  smpp::Link& link() { return link_; }
  const smpp::Link& link() const { return link_; }
  dispatch::SmscId smsc() const { return smsc_; }
  SmscLinks& owner() { return owner_; }

  void OnBound(const smpp::Bound& bound) override {
    since_ = owner_.clock_();
    cause_.clear();
    owner_.metrics_.Bind(SmscName(), 1);
    service::Log(service::Level::kInfo, "push.bound", "bound to the SMSC",
                 {{"bind", name_}, {"peer", bound.system_id}});
    if (mode_ == smpp::BindMode::kReceiver) return;
    id_ = ++owner_.last_bind_;
    owner_.up_[id_] = this;
    const uint32_t window = owner_.settings_.smscs[smsc_].link.window;
    owner_.events_.OnUp(id_, smsc_, SubmitQueue::Ahead(window));
  }

  bool Submit(Submission submission, std::chrono::milliseconds patience, uint64_t token) {
    return queue_.Submit(link_, std::move(submission), patience, token);
  }

  void OnAnswer(uint64_t token, const smpp::Answer& answer) override {
    owner_.events_.OnAnswer(token, answer);
  }

  void OnReady() override {
    queue_.Fill(link_, [this](uint64_t token) { NotSent(token); });
  }

  void OnRequest(const smpp::RequestId& id, const smpp::Pdu& pdu) override {
    const bool known =
        id.command == smpp::CommandId::kDeliverSm || id.command == smpp::CommandId::kDataSm;
    if (known) {
      Take(id, pdu, /*wants_answer=*/true);
    } else {
      link_.RespondBare(id, smpp::CommandStatus::kRinvCmdId);
    }
  }

  void OnNotice(const smpp::Pdu& pdu) override {
    if (pdu.header.id == smpp::CommandId::kAlertNotification) Take({}, pdu, false);
  }

  void OnEnd(const smpp::End& end) override {
    cause_ = std::string(Name(end.cause)) + (end.text.empty() ? "" : ": " + end.text);
    if (since_ != TimePoint{}) owner_.metrics_.Bind(SmscName(), -1);
    since_ = {};
    if (id_ != 0) {  // First: else what waits elsewhere would be started here.
      owner_.up_.erase(id_);
      const dispatch::BindId ended = std::exchange(id_, 0);
      owner_.events_.OnDown(ended);
    }
    queue_.Clear([this](uint64_t token) { NotSent(token); });
  }

  void OnWait(const smpp::End& end, std::chrono::milliseconds time, bool needs_operator) override {
    const service::Level level = needs_operator ? service::Level::kError : service::Level::kWarn;
    service::Log(level, "push.unbound",
                 needs_operator ? "the SMSC refuses to bind: look at its account in --push-file"
                                : "no bind to the SMSC; it is tried again",
                 {{"bind", name_},
                  {"cause", Name(end.cause)},
                  {"status", static_cast<uint32_t>(end.status)},
                  {"again_in_ms", time.count()}});
  }

  void Show(v1::Bind& out) const {
    out.set_name(name_);
    out.set_state(std::string(Name(link_.state())));
    out.set_cause(cause_);
    out.set_outstanding(static_cast<uint32_t>(link_.outstanding()));
    out.set_window(owner_.settings_.smscs[smsc_].link.window);
    out.set_segments_per_second(owner_.settings_.smscs[smsc_].rules.segments_per_second *
                                link_.share());
    if (since_ != TimePoint{}) *out.mutable_since() = ToProto(since_);
  }

 private:
  void NotSent(uint64_t token) {
    owner_.events_.OnAnswer(token, {.outcome = smpp::Outcome::kNotSent});
  }
  const std::string& SmscName() const { return owner_.settings_.smscs[smsc_].rules.name; }

  void Take(const smpp::RequestId& id, const smpp::Pdu& pdu, bool wants_answer) {
    v1::PushWork work;
    v1::Inbound& inbound = *work.mutable_inbound();
    inbound.set_smsc(SmscName());
    *inbound.mutable_received_at() = ToProto(owner_.clock_());
    const smpp::Fault fault =
        smpp::Encode(std::max<uint32_t>(id.sequence, 1), pdu.body, *inbound.mutable_pdu());
    if (fault) {
      if (wants_answer) link_.RespondBare(id, smpp::CommandStatus::kRsysErr);
      return;
    }
    const smpp::Address source = SourceOf(pdu);
    const auto msisdn =
        registration::NormaliseMsisdn({std::string(source.digits), source.ton, source.npi},
                                      owner_.settings_.registration.numbering);
    kafka::Record record{kWorkTopic, msisdn ? *msisdn : std::string(source.digits),
                         work.SerializeAsString()};
    asio::co_spawn(owner_.loop_.get_executor(),
                   Keep(shared_from_this(), id, wants_answer, std::move(record), link_.epoch()),
                   asio::detached);
  }

  SmscLinks& owner_;
  const dispatch::SmscId smsc_;
  const smpp::BindMode mode_;
  const std::string name_;
  dispatch::BindId id_ = 0;
  TimePoint since_{};
  std::string cause_;
  SubmitQueue queue_;
  smpp::Link link_;
};

SmscLinks::SmscLinks(asio::io_context& loop, const Settings& settings, LinkEvents& events,
                     kafka::Producer& producer, Clock clock, Metrics& metrics)
    : loop_(loop),
      settings_(settings),
      events_(events),
      producer_(producer),
      clock_(std::move(clock)),
      metrics_(metrics) {
  for (size_t i = 0; i < settings.smscs.size(); ++i) {
    const auto smsc = static_cast<dispatch::SmscId>(i);
    const SmscLink& link = settings.smscs[i].link;
    for (size_t number = 1; number <= link.binds; ++number) {
      Make(smsc, link.mode, number);
      if (link.mode == smpp::BindMode::kTransmitter) {
        Make(smsc, smpp::BindMode::kReceiver, number);
      }
    }
  }
}

SmscLinks::~SmscLinks() = default;

void SmscLinks::Make(dispatch::SmscId smsc, smpp::BindMode mode, size_t number) {
  std::string name = settings_.smscs[smsc].rules.name + "/" + std::to_string(number);
  if (mode == smpp::BindMode::kReceiver) name += "r";
  binds_.push_back(std::make_shared<Bind>(*this, smsc, mode, std::move(name)));
}

Result<void> SmscLinks::Open() {
  for (const auto& bind : binds_) DROVER_TRY(bind->link().Open());
  return {};
}

Task<void> SmscLinks::Drain(Deadline deadline) {
  Result<void> drained;
  for (const auto& bind : binds_) {
    const Result<void> one = co_await bind->link().Drain(deadline);
    if (!one) drained = one;
  }
  co_return drained;
}

v1::ListSmscsResponse SmscLinks::Look() const {
  v1::ListSmscsResponse out;
  for (size_t i = 0; i < settings_.smscs.size(); ++i) {
    v1::Smsc& smsc = *out.add_smscs();
    smsc.set_name(settings_.smscs[i].rules.name);
    for (const auto& bind : binds_) {
      if (bind->smsc() == i) bind->Show(*smsc.add_binds());
    }
  }
  return out;
}

bool SmscLinks::Submit(dispatch::BindId bind, Submission submission,
                       std::chrono::milliseconds patience, uint64_t token) {
  const auto found = up_.find(bind);
  return found != up_.end() && found->second->Submit(std::move(submission), patience, token);
}

template <typename Pdu>
bool SmscLinks::SendAny(dispatch::SmscId smsc, const Pdu& pdu, uint64_t token) {
  for (const auto& [id, bind] : up_) {
    if (bind->smsc() == smsc && bind->link().Send(pdu, token) == smpp::Sent::kSent) return true;
  }
  return false;
}

bool SmscLinks::Cancel(dispatch::SmscId smsc, const smpp::CancelSm& pdu, uint64_t token) {
  return SendAny(smsc, pdu, token);
}

bool SmscLinks::Query(dispatch::SmscId smsc, const smpp::QuerySm& pdu, uint64_t token) {
  return SendAny(smsc, pdu, token);
}

Process SmscLinks::Keep(std::shared_ptr<Bind> bind, smpp::RequestId request, bool wants_answer,
                        kafka::Record record, uint64_t epoch) {
  const Deadline deadline = In(kKeep);
  const Result<void> kept = co_await bind->owner().producer_.Produce(std::move(record), deadline);
  if (!kept) bind->owner().metrics_.Failed("inbound");
  if (!wants_answer || bind->link().epoch() != epoch) co_return;
  bind->link().RespondBare(request,
                           kept ? smpp::CommandStatus::kRok : smpp::CommandStatus::kRxTAppn);
}

}  // namespace drover::push

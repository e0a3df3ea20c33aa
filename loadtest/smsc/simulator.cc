#include "loadtest/smsc/simulator.h"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "libs/http/address.h"
#include "libs/smpp/time_text.h"
#include "loadtest/smsc/message_ids.h"

namespace drover::smsc {
namespace {

using smpp::CommandStatus;

constexpr std::chrono::seconds kPause{1};  // When an ESME is not ready for a message.
constexpr uint64_t kUnknownIds = 0xF0000000;

// Whether the ESME wants it again later.
bool IsForLater(CommandStatus status) {
  switch (status) {
    case CommandStatus::kRmsgQful:
    case CommandStatus::kRthrottled:
    case CommandStatus::kRxTAppn:
    case CommandStatus::kRsysErr:
      return true;
    default:
      return false;
  }
}

}  // namespace

Simulator::Simulator(asio::io_context& loop, SimulatorOptions options)
    : loop_(loop),
      options_(std::move(options)),
      acceptor_(loop),
      real_start_(std::chrono::steady_clock::now()),
      simulated_start_(SystemNow()),
      ledger_(options_.settings.keep_messages, [this](const Delivered&) { delivered_ = true; }),
      center_(options_.settings, ledger_, simulated_start_),
      timer_(loop.get_executor()) {}

Simulator::~Simulator() {
  for (const auto& [number, link] : links_) link->Abandon();
}

// Calls Pump in a turn of its own, unless the simulator is gone by then.
void Simulator::PumpSoon() {
  asio::post(loop_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) Pump();
  });
}

Result<void> Simulator::OpenJournal() {
  if (options_.journal.empty()) return {};
  std::ifstream written(options_.journal, std::ios::binary);
  const std::string octets{std::istreambuf_iterator<char>(written), {}};
  const TimePoint now = SimulatedNow();
  const Center::RestoredTo restored = center_.Restore(octets, now);
  simulated_start_ += restored.now - now;
  // Links never have a number twice, or a message over two of them would look as if over one.
  last_link_ = restored.highest_bind;
  journal_.open(options_.journal, std::ios::binary | std::ios::app);
  if (!journal_) return Unavailable("cannot write the journal " + options_.journal);
  center_.WriteJournal();
  PumpSoon();
  return {};
}

// What survives a kill is what the kernel has.
void Simulator::KeepJournal() {
  if (!journal_.is_open()) return;
  const std::string octets = center_.TakeJournal();
  if (octets.empty()) return;
  journal_.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  journal_.flush();
}

Result<void> Simulator::Listen() {
  DROVER_TRY(OpenJournal());
  DROVER_TRY(const auto endpoint, http::ParseEndpoint(options_.listen));
  boost::system::error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Unavailable("cannot listen on " + options_.listen + ": " + error.message());
  Accept();
  return {};
}

std::string Simulator::address() const {
  boost::system::error_code error;
  const auto endpoint = acceptor_.local_endpoint(error);
  return error ? std::string() : http::Text(endpoint);
}

void Simulator::Accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, Link::Socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) Accepted(std::move(socket));
    Accept();
  });
}

void Simulator::Accepted(Link::Socket socket) {
  ++counts_.links_accepted;
  const uint64_t number = ++last_link_;
  smpp::SessionSettings settings = options_.session;
  settings.role = smpp::Role::kSmsc;
  LinkOwner& owner = *this;
  auto link = std::make_shared<Link>(owner, number, std::move(socket), std::move(settings));
  links_.emplace(number, link);
  link->Start();
}

void Simulator::Stop(std::function<void()> done) {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
  on_stopped_ = std::move(done);
  std::vector<std::shared_ptr<Link>> links;
  for (const auto& [number, link] : links_) links.push_back(link);
  for (const auto& link : links) link->Unbind();
  if (links_.empty() && on_stopped_) asio::post(loop_, std::exchange(on_stopped_, nullptr));
}

TimePoint Simulator::SimulatedNow() const {
  const auto real = std::chrono::steady_clock::now() - real_start_;
  return simulated_start_ + std::chrono::duration_cast<Span>(std::chrono::duration<double>(real) *
                                                             options_.time_scale);
}

Deadline Simulator::RealTime(TimePoint simulated) const {
  const std::chrono::duration<double> real = simulated - simulated_start_;
  return real_start_ +
         std::chrono::duration_cast<std::chrono::nanoseconds>(real / options_.time_scale) +
         std::chrono::microseconds(1);
}

CommandStatus Simulator::OnBind(const Link& link, const smpp::Bind& bind) {
  CommandStatus status = CommandStatus::kRok;
  if (!options_.accounts.empty()) {
    const auto known = options_.accounts.find(link.account());
    if (known == options_.accounts.end()) {
      status = CommandStatus::kRinvSysId;
    } else if (known->second != bind.password) {
      status = CommandStatus::kRinvPaswd;
    }
  }
  const size_t limit = options_.binds_per_account;
  if (status == CommandStatus::kRok && limit > 0 && accounts_[link.account()].binds >= limit) {
    status = CommandStatus::kRalyBnd;
  }
  if (status != CommandStatus::kRok) ++counts_.binds_refused;
  return status;
}

void Simulator::OnBound(Link& link) {
  ++counts_.binds;
  Account& account = accounts_[link.account()];
  ++account.binds;
  if (!link.receives()) return;
  account.links.push_back(&link);
  SendUnknownReceipts(link);
}

void Simulator::SendUnknownReceipts(const Link& link) {
  for (uint32_t i = 0; i < options_.unknown_receipts; ++i) {
    SendReceipt receipt;
    receipt.terminal = {"8613800000000", 1, 1};
    receipt.source = {"10654040", 0, 1};
    receipt.message_id = WriteId(options_.settings.receipt_id_form, kUnknownIds + i);
    receipt.submitted = receipt.done = SimulatedNow();
    Queue(link.account(), ReceiptOf(receipt, options_.settings.receipt_form));
  }
}

void Simulator::OnClosed(Link& link) {
  if (link.was_bound()) {
    Account& account = accounts_[link.account()];
    std::erase(account.links, &link);
    --account.binds;
  }
  links_.erase(link.number());
  if (links_.empty() && on_stopped_) asio::post(loop_, std::exchange(on_stopped_, nullptr));
}

void Simulator::OnRequest(Link& link, const smpp::RequestId& id, const smpp::Pdu& pdu) {
  if (const auto* submit = std::get_if<smpp::SubmitSm>(&pdu.body)) return Submit(link, id, *submit);
  if (const auto* data = std::get_if<smpp::DataSm>(&pdu.body)) return Submit(link, id, *data);
  if (const auto* query = std::get_if<smpp::QuerySm>(&pdu.body)) return Query(link, id, *query);
  if (const auto* cancel = std::get_if<smpp::CancelSm>(&pdu.body)) return Cancel(link, id, *cancel);
  const bool replace = std::holds_alternative<smpp::ReplaceSm>(pdu.body);
  const auto status = replace ? CommandStatus::kRreplaceFail : CommandStatus::kRinvCmdId;
  link.session().RespondBare(id, status, std::chrono::steady_clock::now());
}

template <typename Pdu>
void Simulator::Submit(Link& link, const smpp::RequestId& id, const Pdu& pdu) {
  const TimePoint now = SimulatedNow();
  Taken taken = Take(pdu, ++reference_, now);
  if (const auto* refused = std::get_if<Refused>(&taken)) {
    link.session().RespondBare(id, refused->status, std::chrono::steady_clock::now());
    return;
  }
  auto& submission = std::get<Submission>(taken);
  submission.sender.bind = link.number();
  submission.sender.account = link.account();
  submission.sender.sequence = id.sequence;
  std::string& user = users_[submission.source.digits];
  if (user != link.account()) user = link.account();
  center_.Submit(std::move(submission), now);
}

void Simulator::Query(Link& link, const smpp::RequestId& id, const smpp::QuerySm& pdu) {
  const auto real_now = std::chrono::steady_clock::now();
  const auto state = center_.Query(pdu.message_id);
  if (!state) {
    link.session().RespondBare(id, CommandStatus::kRinvMsgId, real_now);
    return;
  }
  smpp::QuerySmResp response;
  response.message_id = pdu.message_id;
  const std::string done = state->done ? smpp::AbsoluteTime(*state->done) : std::string();
  response.final_date = done;
  response.message_state = static_cast<uint8_t>(state->state);
  response.error_code = static_cast<uint8_t>(GsmCode(state->failure));
  link.session().Respond(id, response, real_now);
}

void Simulator::Cancel(Link& link, const smpp::RequestId& id, const smpp::CancelSm& pdu) {
  const CommandStatus status = center_.Cancel(pdu.message_id, SimulatedNow());
  link.session().RespondBare(id, status, std::chrono::steady_clock::now());
}

void Simulator::OnInput(Link&) { Pump(); }

// Does what is due and sends what came of it.
void Simulator::Pump() {
  if (std::exchange(pumping_, true)) return;
  center_.Advance(SimulatedNow());
  KeepJournal();
  for (Effect& effect : center_.TakeEffects()) Perform(effect);
  for (auto& [name, account] : accounts_) {
    if (!account.outbox.empty()) SendFrom(name, account);
  }
  for (const std::weak_ptr<Link>& dirty : std::exchange(dirty_, {})) {
    if (const auto link = dirty.lock()) link->Flush();
  }
  pumping_ = false;
  if (std::exchange(delivered_, false) && on_deliveries_) on_deliveries_();
  Arm();
}

void Simulator::Perform(Effect& effect) {
  if (const auto* answer = std::get_if<Answer>(&effect)) return Respond(*answer);
  if (const auto* receipt = std::get_if<SendReceipt>(&effect)) {
    return Queue(receipt->sender.account, ReceiptOf(*receipt, options_.settings.receipt_form));
  }
  const auto& alert = std::get<SendAlert>(effect);
  Queue(alert.sender.account, AlertOf(alert));
}

void Simulator::Respond(const Answer& answer) {
  const auto link = links_.find(answer.sender.bind);
  if (link == links_.end()) {
    ++counts_.unanswerable;
    return;
  }
  const bool proper = submissions_++ < options_.answer_from;
  const AnswerMode mode = proper ? AnswerMode::kProper : options_.answer;
  if (mode != AnswerMode::kProper) ++counts_.spoilt_answers;
  link->second->Respond(answer, mode);
  dirty_.push_back(link->second);
}

void Simulator::Queue(const std::string& account, Outgoing outgoing) {
  std::deque<Outgoing>& outbox = accounts_[account].outbox;
  if (outbox.size() >= options_.outbox_limit) {
    ++counts_.outgoing_dropped;
    return;
  }
  outbox.push_back(std::move(outgoing));
}

void Simulator::SendFrom(const std::string& name, Account& account) {
  if (std::chrono::steady_clock::now() < account.paused_until) return PauseOver(name, account);
  size_t refused = 0;
  while (!account.outbox.empty() && refused < account.links.size()) {
    Link& link = *account.links[account.turn++ % account.links.size()];
    if (link.Send(account.outbox.front())) {
      account.outbox.pop_front();
      ++counts_.outgoing_sent;
      refused = 0;
      dirty_.push_back(link.weak_from_this());
    } else {
      ++refused;
    }
  }
}

void Simulator::PauseOver(const std::string& name, Account& account) {
  if (std::exchange(account.timer, true)) return;
  auto timer = std::make_shared<Timer>(loop_.get_executor(), account.paused_until);
  timer->async_wait([this, timer, name, alive = std::weak_ptr<int>(alive_)](
                        const boost::system::error_code& cancelled) {
    if (cancelled || alive.expired()) return;
    accounts_[name].timer = false;
    Pump();
  });
}

void Simulator::OnSettled(Link& link, Outgoing outgoing, std::optional<CommandStatus> status) {
  if (outgoing.receipt_of != 0 && status && !IsForLater(*status)) {
    center_.Receipted(outgoing.receipt_of);
  }
  if (status == CommandStatus::kRok) return;
  Account& account = accounts_[link.account()];
  if (status && !IsForLater(*status)) {
    ++counts_.outgoing_refused;
    return;
  }
  ++counts_.outgoing_again;
  account.outbox.push_front(std::move(outgoing));
  if (status) account.paused_until = In(kPause);
}

void Simulator::OnReady(Link&) {
  if (!pumping_) PumpSoon();
}

Simulator::Account* Simulator::ReceiverOf(const std::string& address, std::string& name) {
  const auto user = users_.find(address);
  if (user != users_.end()) {
    name = user->second;
    return &accounts_[name];
  }
  Account* any = nullptr;
  for (auto& [known, account] : accounts_) {
    if (any != nullptr && account.links.empty()) continue;
    any = &account;
    name = known;
    if (!account.links.empty()) break;
  }
  return any;
}

Result<size_t> Simulator::Originate(const MobileMessage& message) {
  std::string name;
  if (ReceiverOf(message.destination.digits, name) == nullptr) {
    return Unavailable("no ESME has ever been bound: nobody to give the message to");
  }
  DROVER_TRY(std::vector<Outgoing> segments, SegmentsOf(message, ++reference_));
  for (Outgoing& segment : segments) Queue(name, std::move(segment));
  center_.HeardFrom(message.terminal.digits, SimulatedNow());
  PumpSoon();
  return segments.size();
}

size_t Simulator::bound() const {
  size_t bound = 0;
  for (const auto& [number, link] : links_) bound += link->session().bound();
  return bound;
}

size_t Simulator::outbox() const {
  size_t waiting = 0;
  for (const auto& [name, account] : accounts_) waiting += account.outbox.size();
  return waiting;
}

// Has Pump called when the centre has something to do.
void Simulator::Arm() {
  const auto due = center_.Due();
  if (!due) return;
  const Deadline at = RealTime(*due);
  if (at >= timer_at_) return;
  timer_at_ = at;
  timer_.expires_at(at);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    timer_at_ = Deadline::max();
    Pump();
  });
}

}  // namespace drover::smsc

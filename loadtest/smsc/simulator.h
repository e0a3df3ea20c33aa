// The simulated SMSC on its sockets: ESMEs' links, the centre behind them, real and simulated time.
// One loop, one thread.
#pragma once
#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "libs/async/task.h"
#include "loadtest/smsc/center.h"
#include "loadtest/smsc/ledger.h"
#include "loadtest/smsc/link.h"
#include "loadtest/smsc/outgoing.h"
#include "loadtest/smsc/settings.h"

namespace drover::smsc {

struct SimulatorOptions {
  std::string listen = "127.0.0.1:2775";
  Settings settings;
  double time_scale = 1;                        // Simulated seconds a real one.
  std::map<std::string, std::string> accounts;  // system_id, password; empty: any.
  size_t binds_per_account = 0;                 // More are refused as already bound; 0: any count.
  smpp::SessionSettings session;                // Its role is that of an SMSC.
  AnswerMode answer = AnswerMode::kProper;
  uint64_t answer_from = 0;         // So many submissions are answered properly first.
  uint32_t unknown_receipts = 0;    // Sent to each receiving bind when it is bound.
  std::string journal;              // File that it goes on from after a kill; empty: none.
  size_t outbox_limit = 1'000'000;  // For an account that is away or slow; more are dropped.
};

struct SimulatorCounts {
  uint64_t links_accepted = 0;
  uint64_t binds = 0;
  uint64_t binds_refused = 0;
  uint64_t spoilt_answers = 0;
  uint64_t unanswerable = 0;      // Their link was gone.
  uint64_t outgoing_sent = 0;     // deliver_sm and alert_notification, repeats included.
  uint64_t outgoing_again = 0;    // Given back by a link, or put off by the ESME.
  uint64_t outgoing_refused = 0;  // For good.
  uint64_t outgoing_dropped = 0;  // No room.
};

class Simulator : private LinkOwner {
 public:
  Simulator(asio::io_context& loop, SimulatorOptions options);
  ~Simulator() override;

  // Reads the journal, if there is one. kUnavailable: the address is taken, or the file cannot be
  // opened.
  Result<void> Listen();
  std::string address() const;
  // Stops accepting and unbinds; calls done when the last link has gone.
  void Stop(std::function<void()> done);

  // A message from a terminal: to the account that uses the destination as its source address,
  // else to any that is bound to receive. Returns the number of segments. kUnavailable: nobody has
  // ever been bound.
  Result<size_t> Originate(const MobileMessage& message);
  void set_answer(AnswerMode mode) { options_.answer = mode; }

  // Called when messages have reached their terminals: at most once a turn of the loop.
  void OnDeliveries(std::function<void()> told) { on_deliveries_ = std::move(told); }

  const Ledger& ledger() const { return ledger_; }
  const Center& center() const { return center_; }
  const SimulatorCounts& counts() const { return counts_; }
  const SimulatorOptions& options() const { return options_; }
  size_t links() const { return links_.size(); }
  size_t bound() const;
  size_t outbox() const;
  TimePoint SimulatedNow() const;

 private:
  struct Account {
    std::vector<Link*> links;  // Bound to receive.
    std::deque<Outgoing> outbox;
    size_t binds = 0;
    size_t turn = 0;  // Which link is next.
    Deadline paused_until{};
    bool timer = false;
  };

  smpp::CommandStatus OnBind(const Link& link, const smpp::Bind& bind) override;
  void OnBound(Link& link) override;
  void OnRequest(Link& link, const smpp::RequestId& id, const smpp::Pdu& pdu) override;
  void OnSettled(Link& link, Outgoing outgoing, std::optional<smpp::CommandStatus> status) override;
  void OnReady(Link& link) override;
  void OnInput(Link& link) override;
  void OnClosed(Link& link) override;

  Result<void> OpenJournal();
  void KeepJournal();
  void Accept();
  void Accepted(Link::Socket socket);
  template <typename Pdu>
  void Submit(Link& link, const smpp::RequestId& id, const Pdu& pdu);
  void Query(Link& link, const smpp::RequestId& id, const smpp::QuerySm& pdu);
  void Cancel(Link& link, const smpp::RequestId& id, const smpp::CancelSm& pdu);
  void Pump();
  void PumpSoon();
  void Perform(Effect& effect);
  void Respond(const Answer& answer);
  void Queue(const std::string& account, Outgoing outgoing);
  void SendFrom(const std::string& name, Account& account);
  void PauseOver(const std::string& name, Account& account);
  Account* ReceiverOf(const std::string& address, std::string& name);
  void SendUnknownReceipts(const Link& link);
  void Arm();
  Deadline RealTime(TimePoint simulated) const;

  asio::io_context& loop_;
  SimulatorOptions options_;
  asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
  const Deadline real_start_;
  TimePoint simulated_start_;
  Ledger ledger_;
  Center center_;
  SimulatorCounts counts_;
  Timer timer_;
  Deadline timer_at_ = Deadline::max();
  std::unordered_map<uint64_t, std::shared_ptr<Link>> links_;
  std::vector<std::weak_ptr<Link>> dirty_;
  std::map<std::string, Account> accounts_;
  std::unordered_map<std::string, std::string> users_;  // Source address: the account's name.
  std::function<void()> on_deliveries_;
  std::function<void()> on_stopped_;
  std::ofstream journal_;
  uint64_t last_link_ = 0;
  uint64_t submissions_ = 0;
  uint16_t reference_ = 0;
  bool delivered_ = false;
  bool pumping_ = false;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace drover::smsc

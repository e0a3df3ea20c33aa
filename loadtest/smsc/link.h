// One connection of an ESME to the simulated SMSC: a session (libs/smpp) on a socket.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/asio/ip/tcp.hpp>

#include "libs/async/task.h"
#include "libs/smpp/session.h"
#include "loadtest/smsc/outgoing.h"

namespace drover::smsc {

class Link;

// Who looks after the links: told of by a link, outside of its session's calls except for those
// that say so.
class LinkOwner {
 public:
  virtual ~LinkOwner() = default;
  // The status to refuse it with; ESME_ROK accepts it. Inside the session's call.
  virtual smpp::CommandStatus OnBind(const Link& link, const smpp::Bind& bind) = 0;
  virtual void OnBound(Link& link) = 0;  // Inside the session's call.
  // A request, to be answered with Link::session().Respond. Inside the session's call.
  virtual void OnRequest(Link& link, const smpp::RequestId& id, const smpp::Pdu& pdu) = 0;
  // What was to be sent has come to its end: answered with status, or to be sent again (nullopt).
  virtual void OnSettled(Link& link, Outgoing outgoing,
                         std::optional<smpp::CommandStatus> status) = 0;
  virtual void OnReady(Link& link) = 0;  // Its window has room again.
  virtual void OnInput(Link& link) = 0;  // All of a piece of input was handled.
  virtual void OnClosed(Link& link) = 0;
};

class Link : public std::enable_shared_from_this<Link>, private smpp::SessionHandler {
 public:
  using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

  Link(LinkOwner& owner, uint64_t number, Socket socket, smpp::SessionSettings settings);

  void Start();
  // False: not now (or, if it is not bound to receive, never).
  bool Send(Outgoing& outgoing);
  void Respond(const Answer& answer, AnswerMode mode);
  // Writes what there is to write.
  void Flush();
  void Unbind();
  // Closes it; the owner is told nothing any more, and may go.
  void Abandon();

  uint64_t number() const { return number_; }
  const std::string& account() const { return account_; }
  bool receives() const {
    return session_.bound() && session_.mode() != smpp::BindMode::kTransmitter;
  }
  bool was_bound() const { return was_bound_; }
  smpp::Session& session() { return session_; }
  const smpp::Session& session() const { return session_; }

 private:
  void OnBound(const smpp::Bound& bound) override;
  void OnBind(const smpp::Bind& bind) override;
  void OnAnswer(uint64_t token, const smpp::Answer& answer) override;
  void OnRequest(const smpp::RequestId& id, const smpp::Pdu& pdu) override;
  void OnReady() override;
  void OnEnd(const smpp::End& end) override;

  void Read();
  void Wait();
  void Close();
  void RespondSpoilt(const Answer& answer, AnswerMode mode);

  LinkOwner& owner_;
  const uint64_t number_;
  Socket socket_;
  Timer timer_;
  smpp::Time timer_at_ = smpp::Time::max();
  smpp::Session session_;
  std::string account_;
  std::string input_;
  std::string output_;   // To be written next.
  std::string writing_;  // Being written.
  std::unordered_map<uint64_t, Outgoing> under_way_;
  uint64_t last_token_ = 0;
  bool was_bound_ = false;
  bool mute_ = false;  // Has said half a PDU; nothing more comes.
  bool closed_ = false;
};

}  // namespace drover::smsc

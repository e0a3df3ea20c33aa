#include "loadtest/smsc/link.h"

#include <boost/asio/write.hpp>

namespace drover::smsc {
namespace {

constexpr size_t kReadOctets = 64 * 1024;

smpp::Time Now() { return std::chrono::steady_clock::now(); }

smpp::CommandId CommandOf(const Sender& sender) {
  return sender.data_sm ? smpp::CommandId::kDataSm : smpp::CommandId::kSubmitSm;
}

}  // namespace

Link::Link(LinkOwner& owner, uint64_t number, Socket socket, smpp::SessionSettings settings)
    : owner_(owner),
      number_(number),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      session_(std::move(settings), *this),
      input_(kReadOctets, '\0') {}

void Link::Start() {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  session_.Connected(Now());
  Wait();
  Read();
}

void Link::Read() {
  socket_.async_read_some(
      asio::buffer(input_), [self = shared_from_this()](const auto& error, size_t octets) {
        if (self->closed_) return;
        if (error) {
          const size_t unsent = self->output_.size() + self->writing_.size();
          self->session_.Closed(error.message(), unsent, Now());
          return self->Close();
        }
        self->session_.Octets(std::string_view(self->input_).substr(0, octets), Now());
        self->owner_.OnInput(*self);
        self->Flush();
        if (!self->closed_) self->Read();
      });
}

// Sees to the session's next deadline. A timer that is too early does no harm.
void Link::Wait() {
  const smpp::Time deadline = session_.next_deadline();
  if (closed_ || deadline >= timer_at_) return;
  timer_at_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this()](const auto& cancelled) {
    if (cancelled || self->closed_) return;
    self->timer_at_ = smpp::Time::max();
    self->session_.Tick(Now());
    self->Flush();
  });
}

void Link::Flush() {
  if (closed_) return;
  if (mute_) {
    std::string unsaid;
    session_.TakeOutput(unsaid);
  } else {
    session_.TakeOutput(output_);
  }
  Wait();
  if (!writing_.empty()) return;
  if (output_.empty()) {
    if (session_.ended()) Close();
    return;
  }
  writing_.swap(output_);
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this()](const auto& error, size_t) {
                      self->writing_.clear();
                      if (self->closed_) return;
                      if (error) {
                        self->session_.Closed(error.message(), 0, Now());
                        return self->Close();
                      }
                      self->Flush();
                    });
}

void Link::Close() {
  if (closed_) return;
  Abandon();
  owner_.OnClosed(*this);
}

void Link::Abandon() {
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void Link::Unbind() {
  session_.Unbind(Now());
  Flush();
}

bool Link::Send(Outgoing& outgoing) {
  const smpp::Tlvs tlvs(outgoing.tlvs);
  if (outgoing.alert) {
    const smpp::AlertNotification pdu{outgoing.source.view(), outgoing.destination.view(), tlvs};
    return session_.Notify(pdu) == smpp::Sent::kSent;
  }
  smpp::DeliverSm pdu;
  pdu.source = outgoing.source.view();
  pdu.destination = outgoing.destination.view();
  pdu.esm_class = outgoing.esm_class;
  pdu.data_coding = outgoing.data_coding;
  pdu.short_message = outgoing.user_data;
  pdu.tlvs = tlvs;
  if (session_.Send(pdu, ++last_token_, Now()) != smpp::Sent::kSent) return false;
  under_way_.emplace(last_token_, std::move(outgoing));
  return true;
}

void Link::Respond(const Answer& answer, AnswerMode mode) {
  if (mode != AnswerMode::kProper) return RespondSpoilt(answer, mode);
  const smpp::RequestId id{CommandOf(answer.sender), answer.sender.sequence};
  const std::string tlvs = AnswerTlvs(answer);
  if (answer.sender.data_sm) {
    const smpp::DataSmResp body{answer.message_id, smpp::Tlvs(tlvs)};
    session_.Respond(id, body, Now(), answer.status);
  } else {
    const smpp::SubmitSmResp body{answer.message_id, smpp::Tlvs(tlvs)};
    session_.Respond(id, body, Now(), answer.status);
  }
}

void Link::RespondSpoilt(const Answer& answer, AnswerMode mode) {
  if (mute_) return;
  session_.TakeOutput(output_);  // What was to be said before.
  std::string response;
  const smpp::SubmitSmResp body{answer.message_id, {}};
  static_cast<void>(smpp::EncodeBody(answer.sender.sequence, body, response, answer.status));
  output_ += Spoilt(mode, response);
  mute_ = mode == AnswerMode::kHalf;
}

void Link::OnBind(const smpp::Bind& bind) {
  account_ = bind.system_id;
  const smpp::CommandStatus status = owner_.OnBind(*this, bind);
  status == smpp::CommandStatus::kRok ? session_.AcceptBind(Now())
                                      : session_.RefuseBind(status, Now());
}

void Link::OnBound(const smpp::Bound&) {
  was_bound_ = true;
  owner_.OnBound(*this);
}

void Link::OnAnswer(uint64_t token, const smpp::Answer& answer) {
  auto node = under_way_.extract(token);
  if (node.empty()) return;  // Late: it was sent again by then.
  std::optional<smpp::CommandStatus> status;
  if (answer.outcome == smpp::Outcome::kAnswered) status = answer.status;
  owner_.OnSettled(*this, std::move(node.mapped()), status);
}

void Link::OnRequest(const smpp::RequestId& id, const smpp::Pdu& pdu) {
  owner_.OnRequest(*this, id, pdu);
}

void Link::OnReady() { owner_.OnReady(*this); }

void Link::OnEnd(const smpp::End&) {}

}  // namespace drover::smsc

#include "libs/sip/link/call.h"

#include "libs/base/bytes.h"

namespace drover::sip {
namespace {

constexpr size_t kCnonceOctets = 12;

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(Endpoint& endpoint, CallRequest request, CallSettings settings, NextCSeq next_cseq,
      std::function<void(const CallEnd&)> done)
      : endpoint_(endpoint),
        settings_(std::move(settings)),
        next_cseq_(std::move(next_cseq)),
        done_(std::move(done)),
        call_(std::move(request), settings_.digest, settings_.may_redirect) {}

  void Ask() {
    next_cseq_([self = shared_from_this()](const Result<uint32_t>& cseq) {
      if (cseq) return self->Send(*cseq);
      const std::string why = "no number for CSeq: " + cseq.error().message;
      self->done_({{.kind = Reply::Kind::kRefused, .why = why}, self->call_, self->cseq_});
    });
  }

 private:
  void Send(uint32_t cseq) {
    cseq_ = cseq;
    const std::string cnonce = settings_.random ? base::Hex(settings_.random(kCnonceOctets)) : "";
    endpoint_.Send(call_.Request(cseq, cnonce), settings_.send,
                   [self = shared_from_this()](const Reply& reply) { self->OnReply(reply); });
  }
  void OnReply(const Reply& reply) {
    const bool answered = reply.kind == Reply::Kind::kResponse;
    if (!answered || call_.Answered(*reply.response) == ClientCall::Next::kEnd) {
      return done_({reply, call_, cseq_});
    }
    if (call_.was_redirected()) {
      settings_.send.hop.reset();
      settings_.send.uri.clear();
    }
    Ask();
  }

  Endpoint& endpoint_;
  CallSettings settings_;
  const NextCSeq next_cseq_;
  const std::function<void(const CallEnd&)> done_;
  ClientCall call_;
  uint32_t cseq_ = 0;
};

}  // namespace

ClientCall::ClientCall(CallRequest request, std::shared_ptr<DigestClient> digest,
                       MayRedirect may_redirect)
    : request_(std::move(request)),
      digest_(std::move(digest)),
      may_redirect_(std::move(may_redirect)) {
  if (digest_) digest_->NewRequest();
}

RequestOut ClientCall::Request(uint32_t cseq, std::string_view cnonce) {
  ++sent_;
  answers_.clear();
  fields_.clear();
  if (digest_) answers_ = digest_->Fields(request_.method, request_.uri, request_.body, cnonce);
  for (const auto& [name, value] : request_.more) fields_.push_back({name, value});
  for (const DigestClient::Field& answer : answers_) fields_.push_back({answer.name, answer.value});
  routes_.assign(request_.routes.begin(), request_.routes.end());
  return {.method = request_.method,
          .uri = request_.uri,
          .routes = routes_,
          .from = request_.from,
          .from_tag = request_.from_tag,
          .to = request_.to,
          .call_id = request_.call_id,
          .cseq = cseq,
          .contact = request_.contact,
          .event = request_.event,
          .subscription_state = request_.subscription_state,
          .user_agent = request_.user_agent,
          .more = fields_,
          .content_type = request_.content_type,
          .body = request_.body};
}

ClientCall::Next ClientCall::Answered(const Message& response) {
  if (response.status() == 401 || response.status() == 407) return Challenged(response);
  if (response.status() / 100 == 3) return Redirected(response);
  return Next::kEnd;
}

ClientCall::Next ClientCall::Challenged(const Message& response) {
  if (!digest_) return Next::kEnd;
  switch (digest_->Challenged(response)) {
    case DigestClient::Next::kAnswer:
      ++challenges_answered_;
      return Next::kSendAgain;
    case DigestClient::Next::kRefused:
      answer_is_refused_ = true;
      return Next::kEnd;
    case DigestClient::Next::kUnsupported:
      break;
  }
  return Next::kEnd;
}

// To the first Contact that may be followed; routes led to where the first URI was.
ClientCall::Next ClientCall::Redirected(const Message& response) {
  if (was_redirected_ || !may_redirect_) return Next::kEnd;
  auto contacts = response.Values(HeaderId::kContact);
  for (std::string_view element; contacts.Next(element);) {
    Contact contact;
    const bool is_uri = ParseContact(element, contact) && !contact.all;
    const bool is_sip = contact.uri.scheme == Scheme::kSip || contact.uri.scheme == Scheme::kSips;
    if (!is_uri || !is_sip || !may_redirect_(contact.uri)) continue;
    was_redirected_ = true;
    request_.uri = std::string(contact.address.uri);
    request_.routes.clear();
    return Next::kSendAgain;
  }
  return Next::kEnd;
}

void Call(Endpoint& endpoint, CallRequest request, CallSettings settings, NextCSeq next_cseq,
          std::function<void(const CallEnd&)> done) {
  std::make_shared<Run>(endpoint, std::move(request), std::move(settings), std::move(next_cseq),
                        std::move(done))
      ->Ask();
}

}  // namespace drover::sip

// A request with all that it may take to get it accepted: answers to challenges, and one redirect.
//
// ClientCall is the pure core: what to send, and whether what came is the end. Call runs it over an
// Endpoint, with a number for CSeq from the caller for each time it is sent, so that numbers can be
// kept before they are used: same Call-ID, From tag and To each time, a new branch and a higher
// CSeq.
// Spec: RFC 3261, sections 8.1.3.4, 8.1.3.5 and 22.2; RFC 7616; RFC 8760.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/sip/builder.h"
#include "libs/sip/digest_client.h"
#include "libs/sip/link/endpoint.h"

namespace drover::sip {

// A RequestOut that owns what it says. Via, CSeq and what answers challenges are added.
struct CallRequest {
  std::string method = "NOTIFY";
  std::string uri;
  std::vector<std::string> routes;
  std::string from;  // name-addr: "<sip:dm@example.com>"
  std::string from_tag;
  std::string to;  // name-addr.
  std::string call_id;
  std::string contact;
  std::string event;
  std::string subscription_state;
  std::string user_agent;
  std::vector<std::pair<std::string, std::string>> more;
  std::string content_type;
  std::string body;
};

class ClientCall {
 public:
  // May a redirect lead to this URI? None may if there is no such function.
  using MayRedirect = std::function<bool(const Uri&)>;

  // digest: what answers challenges; none: they are the end. It may be kept for later requests to
  // the same peer, one at a time.
  ClientCall(CallRequest request, std::shared_ptr<DigestClient> digest, MayRedirect may_redirect);
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  // What to send now, valid until the next call. cseq: above all that this Call-ID has had. cnonce:
  // as DigestClient::Fields has it.
  RequestOut Request(uint32_t cseq, std::string_view cnonce);

  enum class Next : uint8_t {
    kEnd,  // This is the final response.
    kSendAgain,
  };
  Next Answered(const Message& response);

  uint32_t sent() const { return sent_; }
  uint32_t challenges_answered() const { return challenges_answered_; }
  // What was answered is asked again and not for being stale, or rounds are at an end: as 403.
  bool answer_is_refused() const { return answer_is_refused_; }
  bool was_redirected() const { return was_redirected_; }
  const std::string& uri() const { return request_.uri; }  // After a redirect that one.

 private:
  Next Challenged(const Message& response);
  Next Redirected(const Message& response);

  CallRequest request_;
  const std::shared_ptr<DigestClient> digest_;
  const MayRedirect may_redirect_;
  std::vector<DigestClient::Field> answers_;
  std::vector<FieldOut> fields_;
  std::vector<std::string_view> routes_;
  uint32_t sent_ = 0;
  uint32_t challenges_answered_ = 0;
  bool answer_is_refused_ = false;
  bool was_redirected_ = false;
};

struct CallEnd {
  const Reply& reply;      // Of the last time it was sent, or kRefused if there was no number.
  const ClientCall& call;  // How it came to that.
  uint32_t cseq;           // The last one used; 0: none.
};

struct CallSettings {
  Endpoint::SendOptions send;  // Not its hop and URI after a redirect.
  std::shared_ptr<DigestClient> digest;
  ClientCall::MayRedirect may_redirect;
  RandomOctets random;  // For cnonce; needed with digest.
};

// Gives the next CSeq, now or later; an Error ends the call, which is told as kRefused.
using GiveCSeq = std::function<void(Result<uint32_t>)>;
using NextCSeq = std::function<void(GiveCSeq)>;

// Runs it. done is called once: from the loop, or from inside next_cseq's answer if that is an
// Error; never if the endpoint goes first, which must outlive what next_cseq gives.
void Call(Endpoint& endpoint, CallRequest request, CallSettings settings, NextCSeq next_cseq,
          std::function<void(const CallEnd&)> done);

}  // namespace drover::sip

#include "libs/sip/testing/sofia_message.h"

#include <array>

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su_alloc.h>

#include "libs/base/check.h"

namespace drover::sip::testing {
namespace {

class SofiaMessage {
 public:
  explicit SofiaMessage(std::string_view octets)
      : msg_(msg_make(sip_default_mclass(), 0, octets.data(),
                      static_cast<ssize_t>(octets.size()))) {}
  SofiaMessage() : msg_(msg_create(sip_default_mclass(), 0)) {}
  SofiaMessage(const SofiaMessage&) = delete;
  SofiaMessage& operator=(const SofiaMessage&) = delete;
  ~SofiaMessage() { msg_destroy(msg_); }

  msg_t* msg() const { return msg_; }
  sip_t* sip() const { return msg_ == nullptr ? nullptr : sip_object(msg_); }
  bool taken() const {
    const sip_t* object = sip();
    return object != nullptr && (object->sip_flags & MSG_FLG_ERROR) == 0 &&
           (object->sip_request != nullptr || object->sip_status != nullptr) &&
           object->sip_via != nullptr && object->sip_call_id != nullptr &&
           object->sip_cseq != nullptr && object->sip_from != nullptr && object->sip_to != nullptr;
  }

 private:
  msg_t* msg_;
};

}  // namespace

bool SofiaParses(std::string_view octets) { return SofiaMessage(octets).taken(); }

SofiaReading SofiaRead(std::string_view octets) {
  const SofiaMessage message(octets);
  SofiaReading reading{.taken = message.taken()};
  if (!reading.taken) return reading;
  const sip_t* sip = message.sip();
  if (sip->sip_status != nullptr) reading.status = sip->sip_status->st_status;
  if (sip->sip_request != nullptr) reading.method = sip->sip_request->rq_method_name;
  if (sip->sip_event != nullptr) reading.event = sip->sip_event->o_type;
  reading.call_id = sip->sip_call_id->i_id;
  reading.cseq = sip->sip_cseq->cs_seq;
  return reading;
}

size_t SofiaBuild(const SofiaNotify& notify, std::string& out) {
  const SofiaMessage message;
  msg_t* msg = message.msg();
  sip_t* sip = message.sip();
  const auto add = [&](msg_hclass_t* field, const char* value) {
    DROVER_CHECK(sip_add_make(msg, sip, field, value) == 0);
  };
  add(sip_request_class, notify.request_line);
  add(sip_via_class, notify.via);
  add(sip_max_forwards_class, "70");
  add(sip_to_class, notify.to);
  add(sip_from_class, notify.from);
  add(sip_call_id_class, notify.call_id);
  add(sip_cseq_class, notify.cseq);
  add(sip_contact_class, notify.contact);
  add(sip_event_class, notify.event);
  add(sip_subscription_state_class, notify.subscription_state);
  DROVER_CHECK(sip_complete_message(msg) == 0);
  DROVER_CHECK(msg_serialize(msg, reinterpret_cast<msg_pub_t*>(sip)) == 0);
  DROVER_CHECK(msg_prepare(msg) >= 0);
  std::array<msg_iovec_t, 32> vectors{};
  const isize_t count = msg_iovec(msg, vectors.data(), vectors.size());
  const size_t before = out.size();
  for (isize_t i = 0; i < count; ++i) {
    out.append(static_cast<const char*>(vectors[i].mv_base), vectors[i].mv_len);
  }
  return out.size() - before;
}

}  // namespace drover::sip::testing

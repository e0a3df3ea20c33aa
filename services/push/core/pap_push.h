// A PAP push-message, judged: which recipients get which job, or why none does.
//
// Spec: WAP-247-PAP, 9.2 "push-message"; the codes that are given: docs/push.md.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "drover/push/v1/work.pb.h"
#include "libs/pap/address.h"
#include "libs/pap/message.h"
#include "libs/pap/multipart.h"
#include "services/push/core/settings.h"
#include "services/push/core/stored_push.h"

namespace drover::push {

struct PapRefusal {
  pap::StatusCode code = pap::StatusCode::kBadRequest;
  std::string desc;
};

// One of msisdn, device_id and imsi is set unless it is refused.
struct PapRecipient {
  std::string address;  // As it stands in the document.
  std::string msisdn;   // E.164 without +.
  std::string device_id;
  std::string imsi;
  std::string smsc;  // That must carry it; empty: any.
  std::optional<PapRefusal> refusal;
};

struct PapPush {
  v1::Job job;  // Without id, number and SMSC.
  TimePoint deliver_before;
  int segments = 0;
  bool confirmed = false;                // Only over SMSCs that give receipts.
  std::vector<PapRecipient> recipients;  // Each address once.
  std::string notify_to;                 // Empty: its end is not told.
};

struct PapRules {
  std::chrono::milliseconds ttl{};  // Of a push that says nothing.
  uint8_t ref_bits = 16;
  uint8_t most_segments = 8;
};

// tid: of the WSP push. The answer is a refusal of the whole push, or what is to be done.
std::variant<PapPush, PapRefusal> JudgePush(const pap::PushMessage& message,
                                            const pap::Submission& submission,
                                            const Account& account, const Settings& settings,
                                            const PapRules& rules, uint8_t tid, TimePoint now);

// Once its number is known: whether the account may push to it, and which SMSC must carry it
// (empty: any).
std::variant<std::string, PapRefusal> Place(const PapPush& push, const std::string& msisdn,
                                            const Account& account, const Settings& settings);

// What the same address always is, however it is written.
std::string AddressKey(std::string_view address);

// Of the recipients of a push that replaces another one, those that get it; and the jobs of the
// other one that are to be cancelled, which are pending. old: of every recipient of the other one.
// kPushIdNotFound: there is none; kNotPossible: pending-only, and none is pending.
struct Replacing {
  std::vector<PapRecipient> recipients;
  std::vector<StoredPush> cancelled;
};
std::variant<Replacing, PapRefusal> Replace(std::vector<PapRecipient> recipients,
                                            pap::ReplaceMethod method,
                                            const std::vector<StoredPush>& old);

}  // namespace drover::push

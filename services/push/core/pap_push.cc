#include "services/push/core/pap_push.h"

#include <algorithm>
#include <map>
#include <set>

#include "libs/dmtree/device_id.h"
#include "libs/sms/segments.h"
#include "libs/wap/si_sl.h"
#include "services/push/core/job.h"
#include "services/push/core/pap_access.h"
#include "services/push/core/pap_content.h"
#include "services/push/core/times.h"
#include "services/push/core/url.h"

namespace drover::push {
namespace {

using pap::StatusCode;
using Refused = std::optional<PapRefusal>;

constexpr size_t kMostIdOctets = 255;

bool Same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

Refused Refuse(StatusCode code, std::string desc) { return PapRefusal{code, std::move(desc)}; }

Refused CheckTimes(const pap::PushMessage& message, TimePoint now) {
  if (message.deliver_before && *message.deliver_before <= now) {
    return Refuse(StatusCode::kBadRequest, "deliver-before-timestamp has passed");
  }
  const bool order = message.deliver_before && message.deliver_after &&
                     *message.deliver_after >= *message.deliver_before;
  if (order) {
    return Refuse(StatusCode::kBadRequest,
                  "deliver-after-timestamp is not before deliver-before-timestamp");
  }
  return std::nullopt;
}

Refused CheckQuality(const pap::QualityOfService& qos, const Settings& settings) {
  const bool any_network = qos.network.empty() || Same(qos.network, "any");
  const bool network =
      any_network || std::ranges::any_of(settings.gateway.networks, [&](const std::string& served) {
        return Same(served, qos.network);
      });
  if (qos.network_required && !network) {
    return Refuse(StatusCode::kRequiredNetworkNotAvailable,
                  "network " + qos.network + " is not served here");
  }
  const bool bearer = qos.bearer.empty() || Same(qos.bearer, "any") || Same(qos.bearer, "sms");
  if (qos.bearer_required && !bearer) {
    return Refuse(StatusCode::kRequiredBearerNotAvailable, "the only bearer here is SMS");
  }
  const bool receipts =
      std::ranges::any_of(settings.smscs, [](const Smsc& smsc) { return smsc.rules.receipts; });
  if (qos.delivery_method == pap::DeliveryMethod::kConfirmed && !receipts) {
    return Refuse(StatusCode::kSpecifiedDeliveryMethodNotPossible,
                  "no SMSC here gives receipts: ask for preferconfirmed");
  }
  return std::nullopt;
}

Refused CheckNotification(const std::string& to, const Account& account) {
  if (to.empty()) return std::nullopt;
  const Result<Url> url = ParseUrl(to);
  if (!url) {
    return Refuse(StatusCode::kBadRequest, "ppg-notify-requested-to: " + url.error().message);
  }
  const auto& hosts = account.notify_hosts;
  if (!hosts.empty() &&
      std::ranges::none_of(hosts, [&](const std::string& host) { return Same(host, url->host); })) {
    return Refuse(StatusCode::kForbidden,
                  "ppg-notify-requested-to: this account may not have results sent to that host");
  }
  return std::nullopt;
}

Refused Check(const pap::PushMessage& message, const pap::Submission& submission,
              const Account& account, const Settings& settings, TimePoint now) {
  if (message.push_id.size() > kMostIdOctets || message.replace_push_id.size() > kMostIdOctets) {
    return Refuse(StatusCode::kBadRequest, "a push-id of more than 255 octets");
  }
  if (message.replace_push_id == message.push_id) {
    return Refuse(StatusCode::kBadRequest, "a push cannot replace itself: give it a new push-id");
  }
  if (submission.capabilities) {
    return Refuse(StatusCode::kCapabilityMatchingNotSupported,
                  "capabilities are not looked at: leave the third part out");
  }
  if (!submission.content) {
    return Refuse(StatusCode::kBadRequest,
                  "a push-message without content: send multipart/related with two parts");
  }
  if (message.addresses.size() > settings.gateway.max_addresses) {
    return Refuse(StatusCode::kMultipleAddressesNotSupported,
                  "more than " + std::to_string(settings.gateway.max_addresses) + " addresses");
  }
  if (Refused refused = CheckTimes(message, now)) return refused;
  if (message.quality_of_service) {
    if (Refused refused = CheckQuality(*message.quality_of_service, settings)) return refused;
  }
  return CheckNotification(message.ppg_notify_requested_to, account);
}

uint32_t PriorityOf(const std::optional<pap::QualityOfService>& qos, const Account& account) {
  const auto asked = static_cast<uint32_t>(qos ? qos->priority : pap::Priority::kMedium);
  return std::min(asked, static_cast<uint32_t>(account.max_priority)) + v1::LOW;
}

void SetUser(const std::string& name, PapRecipient& recipient) {
  constexpr std::string_view kImsi = "IMSI:";
  constexpr size_t kLeastDigits = 6, kMostDigits = 15;  // ITU-T E.212
  if (Same(std::string_view(name).substr(0, kImsi.size()), kImsi)) {
    const std::string_view digits = std::string_view(name).substr(kImsi.size());
    const bool sound = digits.size() >= kLeastDigits && digits.size() <= kMostDigits &&
                       digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (sound) {
      recipient.imsi = digits;
    } else {
      recipient.refusal = Refuse(StatusCode::kAddressError, "an IMSI has 6 to 15 digits");
    }
    return;
  }
  constexpr std::string_view kImei = "IMEI:";
  if (!Same(std::string_view(name).substr(0, kImei.size()), kImei)) {
    recipient.refusal =
        Refuse(StatusCode::kAddressNotFound,
               "of type USER there are IMEI:.. and IMSI:.. of registered terminals");
    return;
  }
  const Result<DeviceId> device = dmtree::NormaliseDeviceId(name);
  if (device) {
    recipient.device_id = device->value();
  } else {
    recipient.refusal = Refuse(StatusCode::kAddressError, device.error().message);
  }
}

PapRecipient RecipientOf(const std::string& written, const Result<pap::Address>& address) {
  PapRecipient out;
  out.address = written;
  if (!address) {
    out.refusal = Refuse(StatusCode::kAddressError, address.error().message);
  } else if (address->type == pap::AddressType::kPlmn) {
    Result<std::string> msisdn = Msisdn(address->specifier);
    if (msisdn) {
      out.msisdn = std::move(*msisdn);
    } else {
      out.refusal = Refuse(StatusCode::kAddressError, msisdn.error().message);
    }
  } else if (address->type == pap::AddressType::kUser) {
    SetUser(address->specifier, out);
  } else {
    out.refusal = Refuse(StatusCode::kNotImplemented,
                         "addresses of type " + address->type_name + " are not served over SMS");
  }
  return out;
}

std::string KeyOf(const pap::Address& address) {
  return address.type_name + ":" + address.specifier;
}

std::vector<PapRecipient> RecipientsOf(const pap::Addresses& addresses, bool lenient) {
  std::vector<PapRecipient> out;
  std::set<std::string> seen;
  out.reserve(addresses.size());
  for (const std::string& written : addresses) {
    const Result<pap::Address> address = pap::ParseAddress(written, lenient);
    const bool first =
        addresses.size() == 1 || seen.insert(address ? KeyOf(*address) : written).second;
    if (first) out.push_back(RecipientOf(written, address));
  }
  return out;
}

// Everything but the content.
PapPush Begin(const pap::PushMessage& message, const Account& account, const Settings& settings,
              const PapRules& rules, TimePoint now) {
  PapPush push;
  const auto& qos = message.quality_of_service;
  push.confirmed = qos && qos->delivery_method == pap::DeliveryMethod::kConfirmed;
  push.notify_to = message.ppg_notify_requested_to;
  push.recipients = RecipientsOf(message.addresses, settings.gateway.lenient_address);
  v1::Job& job = push.job;
  job.set_class_(v1::Job::SERVICE);
  job.set_priority(PriorityOf(qos, account));
  *job.mutable_accepted_at() = ToProto(now);
  const TimePoint from = std::max(now, message.deliver_after.value_or(now));
  if (message.deliver_after) *job.mutable_deliver_after() = ToProto(*message.deliver_after);
  push.deliver_before = message.deliver_before.value_or(from + rules.ttl);
  *job.mutable_deliver_before() = ToProto(push.deliver_before);
  job.set_destination_port(sms::kPushPort);
  job.set_source_port(sms::kPushSourcePort);
  return push;
}

}  // namespace

std::variant<PapPush, PapRefusal> JudgePush(const pap::PushMessage& message,
                                            const pap::Submission& submission,
                                            const Account& account, const Settings& settings,
                                            const PapRules& rules, uint8_t tid, TimePoint now) {
  if (Refused refused = Check(message, submission, account, settings, now)) return *refused;
  Result<std::string> pdu = PushPduOf(*submission.content, submission.content_octets, tid);
  if (!pdu) return PapRefusal{StatusCode::kTransformationFailure, pdu.error().message};
  PapPush push = Begin(message, account, settings, rules, now);
  push.job.set_payload(std::move(*pdu));
  const Result<sms::Plan> plan = PlanOf(push.job, rules.ref_bits, rules.most_segments);
  if (!plan) return PapRefusal{StatusCode::kTransformationFailure, plan.error().message};
  push.segments = static_cast<int>(plan->count());
  return push;
}

std::variant<std::string, PapRefusal> Place(const PapPush& push, const std::string& msisdn,
                                            const Account& account, const Settings& settings) {
  if (!MayPushTo(account, msisdn)) {
    return PapRefusal{StatusCode::kForbidden, "this account may not push to that number"};
  }
  std::string with_receipts;
  bool all_give_them = true, served = false;
  for (const Smsc& smsc : settings.smscs) {
    const bool serves =
        smsc.prefixes.empty() || std::ranges::any_of(smsc.prefixes, [&](const std::string& prefix) {
          return msisdn.starts_with(prefix);
        });
    if (!serves) continue;
    served = true;
    all_give_them = all_give_them && smsc.rules.receipts;
    if (smsc.rules.receipts && with_receipts.empty()) with_receipts = smsc.rules.name;
  }
  if (!served) return PapRefusal{StatusCode::kNotPossible, "no SMSC serves that number"};
  if (!push.confirmed || all_give_them) return std::string();
  if (with_receipts.empty()) {
    return PapRefusal{StatusCode::kSpecifiedDeliveryMethodNotPossible,
                      "no SMSC of that number gives receipts: ask for preferconfirmed"};
  }
  return with_receipts;
}

std::string AddressKey(std::string_view address) {
  const Result<pap::Address> parsed = pap::ParseAddress(address, true);
  return parsed ? KeyOf(*parsed) : std::string(address);
}

std::variant<Replacing, PapRefusal> Replace(std::vector<PapRecipient> recipients,
                                            pap::ReplaceMethod method,
                                            const std::vector<StoredPush>& old) {
  if (old.empty()) {
    return PapRefusal{StatusCode::kPushIdNotFound, "the push to replace is not known"};
  }
  std::map<std::string, const StoredPush*> by_address;
  for (const StoredPush& push : old) by_address.emplace(AddressKey(push.address), &push);
  Replacing out;
  for (PapRecipient& recipient : recipients) {
    const auto found = by_address.find(AddressKey(recipient.address));
    const bool pending = found != by_address.end() && !found->second->ended_at;
    if (pending) out.cancelled.push_back(*found->second);
    if (pending || method == pap::ReplaceMethod::kAll) {
      out.recipients.push_back(std::move(recipient));
    }
  }
  if (out.recipients.empty()) {
    return PapRefusal{StatusCode::kNotPossible, "none of its recipients waits for it any more"};
  }
  return out;
}

}  // namespace drover::push

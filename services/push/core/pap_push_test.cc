#include "services/push/core/pap_push.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drover/push/v1/push.pb.h"
#include "libs/wap/wsp_push.h"
#include "services/push/core/times.h"

namespace drover::push {
namespace {

using pap::StatusCode;
using std::chrono::hours;

const TimePoint kNow{hours(490'000)};
constexpr char kSi[] =
    "<si><indication href=\"http://www.xyz.com/\" si-id=\"1\">Hello</indication></si>";

// A push that is accepted, and whatever a test changes of it.
struct Asked {
  Asked() {
    message.push_id = "1@pi";
    message.addresses = {"WAPPUSH=+8613800138000/TYPE=PLMN@ppg"};
    part.fields = {{"Content-Type", "text/vnd.wap.si"}};
    submission.content_octets = kSi;
    account.name = "shop";
    Smsc home;
    home.rules.name = "home";
    settings.smscs = {home};
    message.quality_of_service.emplace();
  }
  std::variant<PapPush, PapRefusal> Judge() {
    if (with_content) submission.content = part;
    return JudgePush(message, submission, account, settings, {hours(1), 16, 8}, 7, kNow);
  }
  PapPush Accepted() {
    auto judged = Judge();
    const auto* refusal = std::get_if<PapRefusal>(&judged);
    EXPECT_EQ(refusal, nullptr) << refusal->desc;
    return refusal == nullptr ? std::get<PapPush>(judged) : PapPush();
  }
  // 1001: accepted.
  StatusCode Code() {
    auto judged = Judge();
    const auto* refusal = std::get_if<PapRefusal>(&judged);
    return refusal == nullptr ? StatusCode::kAcceptedForProcessing : refusal->code;
  }

  pap::PushMessage message;
  pap::Part part;
  pap::Submission submission;
  bool with_content = true;
  Account account;
  Settings settings;
};

TEST(JudgePush, MakesAJobOfWhatIsAsked) {
  Asked asked;
  asked.message.deliver_after = kNow + hours(1);
  asked.message.deliver_before = kNow + hours(2);
  asked.message.quality_of_service->priority = pap::Priority::kHigh;
  const PapPush push = asked.Accepted();
  ASSERT_EQ(push.recipients.size(), 1U);
  EXPECT_EQ(push.recipients[0].msisdn, "8613800138000");
  EXPECT_EQ(push.segments, 1);
  EXPECT_EQ(push.job.priority(), v1::HIGH);
  EXPECT_EQ(FromProto(push.job.deliver_after()), kNow + hours(1));
  EXPECT_EQ(FromProto(push.job.deliver_before()), kNow + hours(2));
  EXPECT_EQ(push.job.destination_port(), 2948U);
  const Result<wap::Push> pdu = wap::DecodePush(push.job.payload());
  ASSERT_TRUE(pdu) << pdu.error();
  EXPECT_EQ(pdu->tid, 7);
  EXPECT_EQ(pdu->content_type.media.code, wap::kMediaSic);
}

TEST(JudgePush, WaitsItsTimeAfterDeliverAfter) {
  Asked asked;
  EXPECT_EQ(FromProto(asked.Accepted().job.deliver_before()), kNow + hours(1));
  asked.message.deliver_after = kNow + hours(5);
  EXPECT_EQ(FromProto(asked.Accepted().job.deliver_before()), kNow + hours(6));
}

TEST(JudgePush, KeepsWhatAContentEntitySays) {
  Asked asked;
  asked.part.fields = {
      {"Content-Type", "application/vnd.wap.connectivity-wbxml; SEC=1; MAC=\"0A1B\""},
      {"X-Wap-Application-Id", "x-wap-application:syncml.dm"},
      {"Content-Length", "3"},
      {"Content-Language", "de"}};
  asked.submission.content_octets = std::string("\x03\x0b\x6a", 3);
  const PapPush push = asked.Accepted();
  const Result<wap::Push> pdu = wap::DecodePush(push.job.payload());
  ASSERT_TRUE(pdu) << pdu.error();
  EXPECT_EQ(pdu->content_type.media.code, wap::kMediaConnectivityWbxml);
  EXPECT_EQ(pdu->content_type.sec, wap::Sec::kUserPin);
  EXPECT_EQ(pdu->content_type.mac, "0A1B");
  EXPECT_EQ(pdu->application_id->code, wap::kApplicationSyncmlDm);
  EXPECT_EQ(pdu->headers.size(), 1U);
  EXPECT_EQ(pdu->data, asked.submission.content_octets);
}

TEST(JudgePush, PassesTypesThatItDoesNotKnow) {
  Asked asked;
  asked.part.fields = {{"Content-Type", "application/x-of-ours; version=3"}};
  asked.submission.content_octets = std::string("\x00\xff", 2);
  Result<wap::Push> pdu = InvalidArgument("none");
  const PapPush push = asked.Accepted();
  pdu = wap::DecodePush(push.job.payload());
  ASSERT_TRUE(pdu) << pdu.error();
  EXPECT_EQ(pdu->content_type.media.text, "application/x-of-ours");
  EXPECT_EQ(pdu->data, asked.submission.content_octets);
  asked.part.fields.clear();
  EXPECT_EQ(asked.Code(), StatusCode::kAcceptedForProcessing);
}

TEST(JudgePush, CapsThePriorityByTheAccount) {
  Asked asked;
  asked.account.max_priority = dispatch::Priority::kLow;
  asked.message.quality_of_service->priority = pap::Priority::kHigh;
  EXPECT_EQ(asked.Accepted().job.priority(), v1::LOW);
}

struct Refused {
  const char* what;
  StatusCode code;
  std::function<void(Asked&)> change;
};

const Refused kRefused[] = {
    {"nothing", StatusCode::kAcceptedForProcessing, [](Asked&) {}},
    {"no content", StatusCode::kBadRequest, [](Asked& a) { a.with_content = false; }},
    {"capabilities", StatusCode::kCapabilityMatchingNotSupported,
     [](Asked& a) { a.submission.capabilities = true; }},
    {"long id", StatusCode::kBadRequest,
     [](Asked& a) { a.message.push_id = std::string(256, 'i'); }},
    {"replaces itself", StatusCode::kBadRequest,
     [](Asked& a) { a.message.replace_push_id = "1@pi"; }},
    {"too many", StatusCode::kMultipleAddressesNotSupported,
     [](Asked& a) {
       a.settings.gateway.max_addresses = 1;
       a.message.addresses.push_back("49170");
     }},
    {"too late", StatusCode::kBadRequest, [](Asked& a) { a.message.deliver_before = kNow; }},
    {"never", StatusCode::kBadRequest,
     [](Asked& a) {
       a.message.deliver_before = kNow + hours(1);
       a.message.deliver_after = kNow + hours(1);
     }},
    {"bearer", StatusCode::kRequiredBearerNotAvailable,
     [](Asked& a) {
       a.message.quality_of_service->bearer = "USSD";
       a.message.quality_of_service->bearer_required = true;
     }},
    {"bearer wished", StatusCode::kAcceptedForProcessing,
     [](Asked& a) { a.message.quality_of_service->bearer = "USSD"; }},
    {"bearer sms", StatusCode::kAcceptedForProcessing,
     [](Asked& a) {
       a.message.quality_of_service->bearer = "sms";
       a.message.quality_of_service->bearer_required = true;
     }},
    {"network", StatusCode::kRequiredNetworkNotAvailable,
     [](Asked& a) {
       a.message.quality_of_service->network = "PDC";
       a.message.quality_of_service->network_required = true;
     }},
    {"network gsm", StatusCode::kAcceptedForProcessing,
     [](Asked& a) {
       a.message.quality_of_service->network = "gsm";
       a.message.quality_of_service->network_required = true;
     }},
    {"no receipts", StatusCode::kSpecifiedDeliveryMethodNotPossible,
     [](Asked& a) {
       a.settings.smscs[0].rules.receipts = false;
       a.message.quality_of_service->delivery_method = pap::DeliveryMethod::kConfirmed;
     }},
    {"receipts wished", StatusCode::kAcceptedForProcessing,
     [](Asked& a) {
       a.settings.smscs[0].rules.receipts = false;
       a.message.quality_of_service->delivery_method = pap::DeliveryMethod::kPreferConfirmed;
     }},
    {"notify by mail", StatusCode::kBadRequest,
     [](Asked& a) { a.message.ppg_notify_requested_to = "mailto:a@b"; }},
    {"notify elsewhere", StatusCode::kForbidden,
     [](Asked& a) {
       a.account.notify_hosts = {"pi.example"};
       a.message.ppg_notify_requested_to = "http://pi.example.evil/";
     }},
    {"notify home", StatusCode::kAcceptedForProcessing,
     [](Asked& a) {
       a.account.notify_hosts = {"pi.example"};
       a.message.ppg_notify_requested_to = "http://PI.example/n";
     }},
    {"bad SI", StatusCode::kTransformationFailure,
     [](Asked& a) { a.submission.content_octets = "<si><nothing/></si>"; }},
    {"too long", StatusCode::kTransformationFailure,
     [](Asked& a) {
       a.part.fields = {{"Content-Type", "image/png"}};
       a.submission.content_octets = std::string(5000, 'x');
     }},
};

TEST(JudgePush, AnswersEachFaultWithItsCode) {
  for (const Refused& c : kRefused) {
    Asked asked;
    c.change(asked);
    EXPECT_EQ(asked.Code(), c.code) << c.what;
  }
}

TEST(JudgePush, JudgesEachAddressForItself) {
  struct Case {
    const char* address;
    std::optional<StatusCode> refused;
    const char *msisdn, *device, *imsi;
  };
  const Case cases[] = {
      {"WAPPUSH=+8613800138000/TYPE=PLMN@ppg", {}, "8613800138000", "", ""},
      {"+4917012345", {}, "4917012345", "", ""},
      {"WAPPUSH=IMEI%3A490154203237518/TYPE=USER@ppg", {}, "", "IMEI:490154203237518", ""},
      {"WAPPUSH=IMSI%3A460001234567890/TYPE=USER@ppg", {}, "", "", "460001234567890"},
      {"WAPPUSH=imsi%3A46000/TYPE=USER@ppg", StatusCode::kAddressError, "", "", ""},
      {"WAPPUSH=john/TYPE=USER@ppg", StatusCode::kAddressNotFound, "", "", ""},
      {"WAPPUSH=10.0.0.1/TYPE=IPv4@ppg", StatusCode::kNotImplemented, "", "", ""},
      {"WAPPUSH=x/TYPE=PLMN@ppg", StatusCode::kAddressError, "", "", ""},
      {"nonsense", StatusCode::kAddressError, "", "", ""},
  };
  Asked asked;
  asked.message.addresses.clear();
  for (const Case& c : cases) asked.message.addresses.emplace_back(c.address);
  const PapPush push = asked.Accepted();
  ASSERT_EQ(push.recipients.size(), std::size(cases));
  for (size_t i = 0; i < std::size(cases); ++i) {
    const PapRecipient& recipient = push.recipients[i];
    EXPECT_EQ(recipient.address, cases[i].address);
    EXPECT_EQ(recipient.refusal.has_value(), cases[i].refused.has_value()) << recipient.address;
    if (recipient.refusal && cases[i].refused) {
      EXPECT_EQ(recipient.refusal->code, *cases[i].refused) << recipient.address;
    }
    EXPECT_EQ(recipient.msisdn, cases[i].msisdn);
    EXPECT_EQ(recipient.device_id, cases[i].device);
    EXPECT_EQ(recipient.imsi, cases[i].imsi);
  }
}

TEST(JudgePush, TakesAnAddressOnceHoweverOftenItIsThere) {
  Asked asked;
  asked.message.addresses = {"WAPPUSH=+8613800138000/TYPE=PLMN@ppg", "8613800138000",
                             "WAPPUSH=+86-138-0013-8000/TYPE=PLMN@other"};
  EXPECT_EQ(asked.Accepted().recipients.size(), 1U);
}

TEST(JudgePush, TakesBareNumbersOnlyIfItMay) {
  Asked asked;
  asked.settings.gateway.lenient_address = false;
  asked.message.addresses = {"8613800138000"};
  EXPECT_EQ(asked.Accepted().recipients[0].refusal->code, StatusCode::kAddressError);
}

TEST(Place, ChoosesAnSmscWithReceiptsForWhatIsConfirmed) {
  Asked asked;
  Smsc dumb;
  dumb.rules.name = "dumb";
  dumb.rules.receipts = false;
  dumb.prefixes = {"86"};
  asked.settings.smscs.insert(asked.settings.smscs.begin(), dumb);
  PapPush push = asked.Accepted();
  EXPECT_EQ(std::get<std::string>(Place(push, "8613800138000", asked.account, asked.settings)), "");
  push.confirmed = true;
  EXPECT_EQ(std::get<std::string>(Place(push, "8613800138000", asked.account, asked.settings)),
            "home");
  EXPECT_EQ(std::get<std::string>(Place(push, "4917012345", asked.account, asked.settings)), "");
  asked.settings.smscs.pop_back();
  EXPECT_EQ(std::get<PapRefusal>(Place(push, "8613800138000", asked.account, asked.settings)).code,
            StatusCode::kSpecifiedDeliveryMethodNotPossible);
  EXPECT_EQ(std::get<PapRefusal>(Place(push, "4917012345", asked.account, asked.settings)).code,
            StatusCode::kNotPossible);
  asked.account.prefixes = {"49"};
  EXPECT_EQ(std::get<PapRefusal>(Place(push, "8613800138000", asked.account, asked.settings)).code,
            StatusCode::kForbidden);
}

std::vector<StoredPush> Old() {
  StoredPush pending, delivered;
  pending.address = "WAPPUSH=+8613800000001/TYPE=PLMN@ppg";
  delivered.address = "8613800000002";
  delivered.ended_at = kNow;
  return {pending, delivered};
}

std::vector<PapRecipient> Three() {
  std::vector<PapRecipient> out(3);
  out[0].address = "8613800000001";
  out[1].address = "WAPPUSH=+8613800000002/TYPE=PLMN@ppg";
  out[2].address = "8613800000003";
  return out;
}

TEST(Replace, OfPendingOnlyActsOnWhoStillWaits) {
  const auto replaced = Replace(Three(), pap::ReplaceMethod::kPendingOnly, Old());
  const auto& replacing = std::get<Replacing>(replaced);
  ASSERT_EQ(replacing.recipients.size(), 1U);
  EXPECT_EQ(replacing.recipients[0].address, "8613800000001");
  ASSERT_EQ(replacing.cancelled.size(), 1U);
  EXPECT_EQ(replacing.cancelled[0].address, Old()[0].address);
}

TEST(Replace, OfAllSendsToEverybodyAndCancelsWhatWaits) {
  const auto replaced = Replace(Three(), pap::ReplaceMethod::kAll, Old());
  const auto& replacing = std::get<Replacing>(replaced);
  EXPECT_EQ(replacing.recipients.size(), 3U);
  EXPECT_EQ(replacing.cancelled.size(), 1U);
}

TEST(Replace, IsRefusedIfThereIsNothingToReplace) {
  EXPECT_EQ(std::get<PapRefusal>(Replace(Three(), pap::ReplaceMethod::kAll, {})).code,
            StatusCode::kPushIdNotFound);
  std::vector<StoredPush> old = Old();
  old[0].ended_at = kNow;
  EXPECT_EQ(std::get<PapRefusal>(Replace(Three(), pap::ReplaceMethod::kPendingOnly, old)).code,
            StatusCode::kNotPossible);
}

}  // namespace
}  // namespace drover::push

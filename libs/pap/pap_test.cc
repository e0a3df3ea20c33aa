// Documents of every operation, read and written.
#include <random>

#include <gtest/gtest.h>

#include "libs/pap/reader.h"
#include "libs/pap/timestamp.h"
#include "libs/pap/writer.h"

namespace drover::pap {
namespace {

constexpr char kPush[] =
    "<?xml version=\"1.0\"?>\r\n"
    "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" "
    "\"http://www.wapforum.org/DTD/pap_2.0.dtd\" [<?wap-pap-ver "
    "supported-versions=\"2.0,1.*\"?>]>\r\n"
    "<pap product-name=\"initiator 1\">\r\n"
    "<push-message push-id=\"9fjeo39jf084@pi.com\" replace-push-id=\"old@pi.com\"\r\n"
    " replace-method=\"pending-only\" deliver-before-timestamp=\"2026-11-28T06:45:00Z\"\r\n"
    " deliver-after-timestamp=\"2026-11-22T06:45:00Z\" source-reference=\"crm\"\r\n"
    " progress-notes-requested=\"true\" "
    "ppg-notify-requested-to=\"http://pi.com/notify?a=1&amp;b\">\r\n"
    "<address address-value=\"WAPPUSH=+8613800138000/TYPE=PLMN@ppg.carrier.com\"></address>\r\n"
    "<address address-value=\"WAPPUSH=+8613800138001/TYPE=PLMN@ppg.carrier.com\"/>\r\n"
    "<quality-of-service priority=\"high\" delivery-method=\"Confirmed\" network=\"GSM\" "
    "network-required=\"true\" bearer=\"SMS\" bearer-required=\"false\"/>\r\n"
    "</push-message></pap>\r\n";

PushMessage ExpectedPush() {
  return {.push_id = "9fjeo39jf084@pi.com",
          .replace_push_id = "old@pi.com",
          .replace_method = ReplaceMethod::kPendingOnly,
          .deliver_before = ParseTimestamp("2026-11-28T06:45:00Z").value(),
          .deliver_after = ParseTimestamp("2026-11-22T06:45:00Z").value(),
          .source_reference = "crm",
          .progress_notes_requested = true,
          .ppg_notify_requested_to = "http://pi.com/notify?a=1&b",
          .addresses = {"WAPPUSH=+8613800138000/TYPE=PLMN@ppg.carrier.com",
                        "WAPPUSH=+8613800138001/TYPE=PLMN@ppg.carrier.com"},
          .quality_of_service = QualityOfService{.priority = Priority::kHigh,
                                                 .delivery_method = DeliveryMethod::kConfirmed,
                                                 .network = "GSM",
                                                 .network_required = true,
                                                 .bearer = "SMS"}};
}

TEST(Read, TakesAPushMessageApart) {
  const Reading reading = Read(kPush);
  ASSERT_TRUE(reading) << reading.refusal.desc;
  EXPECT_EQ(reading.document->version, Version::k20);
  EXPECT_EQ(reading.document->product_name, "initiator 1");
  EXPECT_EQ(std::get<PushMessage>(reading.document->message), ExpectedPush());
}

TEST(Read, HasTheDefaultsOfTheDtd) {
  const Reading reading =
      Read("<pap><push-message push-id='1'><address address-value='a'/></push-message></pap>");
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading.document->version, Version::k20);
  const PushMessage expected{.push_id = "1", .addresses = {"a"}};
  EXPECT_EQ(std::get<PushMessage>(reading.document->message), expected);
}

struct VersionCase {
  const char* public_id;
  Version version;
};

TEST(Read, TellsTheVersionByThePublicId) {
  const auto document = [](const std::string& id) {
    return "\r\n<?xml version='1.0'?><!DOCTYPE pap PUBLIC \"" + id +
           "\" \"x\"><pap><cancel-message push-id='1'/></pap>";
  };
  const VersionCase kCases[] = {{"-//WAPFORUM//DTD PAP 1.0//EN", Version::k10},
                                {"-//WAPFORUM//DTD PAP//EN", Version::k10},
                                {"-//WAPFORUM//DTD PAP 2.0//EN", Version::k20},
                                {"-//OMA//DTD PAP 2.2//EN", Version::k20}};
  for (const VersionCase& c : kCases) {
    const Reading reading = Read(document(c.public_id));
    ASSERT_TRUE(reading) << c.public_id << reading.refusal.desc;
    EXPECT_EQ(reading.document->version, c.version) << c.public_id;
  }
  for (const char* id : {"-//WAPFORUM//DTD PAP 3.0//EN", "-//WAPFORUM//DTD PAP 20//EN"}) {
    const Reading reading = Read(document(id));
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.refusal.code, StatusCode::kVersionNotSupported);
    EXPECT_EQ(std::get<BadMessageResponse>(reading.refusal.answer).code,
              StatusCode::kVersionNotSupported);
  }
  EXPECT_EQ(Read(document("-//WAPFORUM//DTD SI 1.0//EN")).refusal.code, StatusCode::kBadRequest);
}

std::string Push(const std::string& attributes, const std::string& children) {
  return "<pap><push-message " + attributes + ">" + children + "</push-message></pap>";
}
constexpr char kAddress[] = "<address address-value='a'/>";

TEST(Read, AnswersABadPushWithItsResponse) {
  const std::pair<std::string, const char*> kBad[] = {
      {Push("push-id='1'", ""), "no address"},
      {Push("push-id='1'", "<address/>"), "address-value"},
      {Push("push-id='1'", "<other/>"), "<other>"},
      {Push("push-id='1'", "text"), "text"},
      {Push("push-id='1'", std::string("<quality-of-service/>") + kAddress), "<address>"},
      {Push("push-id='1'", std::string(kAddress) + "<quality-of-service/><quality-of-service/>"),
       "second"},
      {Push("push-id='1'", std::string(kAddress) + "<quality-of-service priority='top'/>"),
       "\"top\" is no value of priority"},
      {Push("push-id='1'", "<address address-value='a'>b</address>"), "text"},
      {Push("push-id='1' deliver-before-timestamp='2026-11-28T06:45:00+01:00'", kAddress),
       "deliver-before-timestamp"},
      {Push("push-id='1' progress-notes-requested='maybe'", kAddress), "progress-notes-requested"},
      {Push("push-id='1' replace-method='some'", kAddress), "replace-method"},
      {Push("push-id='1' deliver-before-timestamp='2026-11-21T06:45:00Z' "
            "deliver-after-timestamp='2026-11-22T06:45:00Z'",
            kAddress),
       "lies before"},
      {Push("push-id='1'", "<address address-value='" + std::string(3000, 'a') + "'/>"),
       "too long"},
  };
  for (const auto& [xml, words] : kBad) {
    SCOPED_TRACE(xml.substr(0, 200));
    const Reading reading = Read(xml);
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.refusal.code, StatusCode::kBadRequest);
    EXPECT_NE(reading.refusal.desc.find(words), std::string::npos) << reading.refusal.desc;
    const auto* response = std::get_if<PushResponse>(&reading.refusal.answer);
    ASSERT_NE(response, nullptr);
    EXPECT_EQ(response->push_id, "1");
    EXPECT_EQ(response->code, StatusCode::kBadRequest);
  }
}

TEST(Read, AnswersWhatCannotBeToldWithABadMessage) {
  const std::string kBad[] = {
      "",
      "push",
      "<pap/>",
      "<pap></pap>",
      "<pop/>",
      "<pap><sing/></pap>",
      "<pap>text</pap>",
      "<pap><push-message/></pap>",
      "<pap><cancel-message push-id='1'/></pap>x",
      "<pap><push-message push-id='1'><address address-value='a'/></push-message>",
      "<pap><push-message push-id='1'><address address-value='&a;'/></push-message></pap>",
      "<!DOCTYPE pap [<!ENTITY a 'b'>]><pap><push-message push-id='&a;'/></pap>",
      "<pap><push-message push-id='1'>" + std::string(100, '<'),
      "<pap><badmessage-response code='x'/></pap>",
      std::string((1 << 20) + 1, ' ') + "<pap/>",
  };
  for (const std::string& xml : kBad) {
    SCOPED_TRACE(xml.substr(0, 100));
    const Reading reading = Read(xml);
    ASSERT_FALSE(reading);
    const auto* bad = std::get_if<BadMessageResponse>(&reading.refusal.answer);
    ASSERT_NE(bad, nullptr);
    EXPECT_EQ(bad->code, StatusCode::kBadRequest);
    EXPECT_FALSE(bad->desc.empty());
  }
}

TEST(Read, ShowsWhereADocumentWentWrong) {
  const Reading reading =
      Read("<pap><push-message push-id='1'><address address-value='&\xFF\x01;'/>");
  EXPECT_EQ(reading.refusal.fragment.find("\xFF"), std::string::npos);
  const Reading entity = Read("<pap><push-message push-id='1'><address address-value='&nbsp;'/>");
  EXPECT_NE(entity.refusal.fragment.find("&nbsp;"), std::string::npos) << entity.refusal.fragment;
}

TEST(Read, AnswersEveryRequestWithItsOwnResponse) {
  const auto answer = [](const char* operation) {
    return Read("<pap>" + std::string(operation) + "</pap>").refusal.answer;
  };
  EXPECT_EQ(std::get<CancelResponse>(answer("<cancel-message push-id='1'><x/></cancel-message>"))
                .results.at(0)
                .code,
            StatusCode::kBadRequest);
  EXPECT_EQ(std::get<StatusQueryResponse>(
                answer("<statusquery-message push-id='1'><x/></statusquery-message>"))
                .push_id,
            "1");
  EXPECT_EQ(std::get<ResultNotificationResponse>(
                answer("<resultnotification-message push-id='1' code='1000'/>"))
                .code,
            StatusCode::kBadRequest);
  EXPECT_EQ(std::get<CcqResponse>(answer("<ccq-message query-id='7'/>")).query_id, "7");
}

class RandomDocument {
 public:
  explicit RandomDocument(uint32_t seed) : random_(seed) {}

  Document Make() {
    Document document;
    document.product_name = Text();
    switch (Below(11)) {
      case 0:
        document.message =
            PushMessage{Id(),        Text(),      static_cast<ReplaceMethod>(Below(2)),
                        Moment(2e9), Moment(1e9), Text(),
                        Flag(),      Text(),      Some(1),
                        Qos()};
        break;
      case 1: {
        PushResponse m{Id(), Text(), Text(), Moment(1e9), {}, Code(), Text()};
        for (size_t n = Below(3); n > 0; --n)
          m.progress_notes.push_back({Id(), Text(), Moment(1e9)});
        document.message = m;
        break;
      }
      case 2:
        document.message = CancelMessage{Id(), Some(0)};
        break;
      case 3:
        document.message =
            CancelResponse{Id(), {{Code(), Text(), Some(0)}, {Code(), Text(), Some(0)}}};
        break;
      case 4:
        document.message = ResultNotificationMessage{
            Id(), Text(), Text(), Moment(1e9), Moment(1e9), State(), Code(), Text(), Id(), Qos()};
        break;
      case 5:
        document.message = ResultNotificationResponse{Id(), Code(), Text(), Text()};
        break;
      case 6:
        document.message = StatusQueryMessage{Id(), Some(0)};
        break;
      case 7:
        document.message =
            StatusQueryResponse{Id(), {{Moment(1e9), State(), Code(), Text(), Some(0), Qos()}}};
        break;
      case 8:
        document.message = CcqMessage{Text(), Text(), Some(1)};
        break;
      case 9:
        document.message = CcqResponse{Text(), Code(), Text(), Some(0)};
        break;
      default:
        document.message = BadMessageResponse{Code(), Text(), Text()};
    }
    if (auto* push = std::get_if<PushMessage>(&document.message)) {
      if (push->replace_push_id.empty()) push->replace_method = ReplaceMethod::kAll;
    }
    return document;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  bool Flag() { return Below(2) == 0; }
  std::string Id() { return "i" + Text(); }
  std::string Text() {
    static constexpr std::string_view kTexts[] = {
        "", "a", "x@y.com", "<&>\"'", "caf\xC3\xA9 \xE2\x82\xAC", "two\nlines\r\n\t", " blanks "};
    return std::string(kTexts[Below(std::size(kTexts))]);
  }
  Time Moment(double most) {
    if (Flag()) return std::nullopt;
    const double least = most / 2;
    return TimePoint(std::chrono::seconds(static_cast<int64_t>(least + Below(1000000))));
  }
  StatusCode Code() { return static_cast<StatusCode>(1000 + Below(5000)); }
  MessageState State() { return static_cast<MessageState>(Below(9)); }
  Addresses Some(size_t least) {
    Addresses addresses;
    for (size_t n = least + Below(3); n > 0; --n) addresses.push_back(Id());
    return addresses;
  }
  std::optional<QualityOfService> Qos() {
    if (Flag()) return std::nullopt;
    return QualityOfService{static_cast<Priority>(Below(3)),
                            static_cast<DeliveryMethod>(Below(4)),
                            Text(),
                            Flag(),
                            Text(),
                            Flag()};
  }

  std::mt19937 random_;
};

TEST(Write, MakesWhatReadTakes) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const Document document = RandomDocument(seed).Make();
    std::string xml;
    Write(document, xml);
    const Reading reading = Read(xml);
    ASSERT_TRUE(reading) << reading.refusal.desc << xml;
    ASSERT_EQ(*reading.document, document) << xml;
  }
}

TEST(Write, LooksAsTheSpecificationShowsIt) {
  std::string xml;
  Write({.version = Version::k10,
         .product_name = "Drover",
         .message = PushResponse{.push_id = "1@pi.com",
                                 .sender_address = "http://ppg/wappush",
                                 .reply_time = ParseTimestamp("2026-11-22T06:45:00Z").value(),
                                 .code = StatusCode::kAcceptedForProcessing,
                                 .desc = "accepted for processing"}},
        xml);
  EXPECT_EQ(
      xml,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 1.0//EN\" "
      "\"http://www.wapforum.org/DTD/pap_1.0.dtd\">\n"
      "<pap product-name=\"Drover\"><push-response push-id=\"1@pi.com\" "
      "sender-address=\"http://ppg/wappush\" reply-time=\"2026-11-22T06:45:00Z\">"
      "<response-result code=\"1001\" desc=\"accepted for processing\"/></push-response></pap>\n");
}

TEST(Write, LeavesReplacementOutOfADocumentOf10) {
  Document document{.version = Version::k10, .message = ExpectedPush()};
  std::string xml;
  Write(document, xml);
  EXPECT_EQ(xml.find("replace"), std::string::npos);
}

}  // namespace
}  // namespace drover::pap

// The Push Proxy Gateway over HTTP on a real PostgreSQL: documents in, rows and jobs out.
#include <atomic>
#include <deque>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drover/push/v1/push.pb.h"
#include "drover/push/v1/work.pb.h"
#include "libs/base/bytes.h"
#include "libs/dmauth/random.h"
#include "libs/http/testing/loop_thread.h"
#include "libs/http/testing/raw_client.h"
#include "libs/pap/multipart.h"
#include "libs/pap/reader.h"
#include "libs/pap/writer.h"
#include "services/push/adapters/pg_schema.h"
#include "services/push/core/job.h"
#include "services/push/handlers/pap_gateway.h"
#include "services/push/handlers/pap_notifier.h"
#include "tests/component/clients/loop.h"

namespace drover::push {
namespace {

using http::testing::RawClient;
using http::testing::RawResponse;
using pap::StatusCode;
using ::testing::ElementsAre;

constexpr char kSi[] = "<si><indication href=\"http://a.example/\">Hello</indication></si>";
constexpr char kNumber[] = "8613800138000";

std::string AddressOf(const std::string& number) { return "WAPPUSH=+" + number + "/TYPE=PLMN@ppg"; }

Settings TheSettings() {
  Settings settings;
  Smsc home;
  home.rules.name = "home";
  settings.smscs = {home};
  Account shop, bank, slow;
  shop.name = "shop";
  shop.password = "secret";
  bank.name = "bank";
  bank.password = "secret too";
  bank.prefixes = {"86139"};
  slow.name = "slow";
  slow.password = "s";
  slow.rate = 0.001;
  settings.accounts = {shop, bank, slow};
  return settings;
}

postgres::Config Database() {
  postgres::Config config;
  config.url = ServerOf("DROVER_TEST_POSTGRES_URL");
  return config;
}

// An initiator's own server: it answers what it is told to, and keeps what it is told.
struct Initiator {
  explicit Initiator(asio::io_context& loop)
      : server(loop, {.listen = "127.0.0.1:0"},
               [this](const http::Request& request, const http::Responder& responder) {
                 const std::lock_guard lock(mutex);
                 bodies.emplace_back(request.body);
                 if (holds) return held.push_back(responder);
                 http::Response response = http::Text(status, "");
                 if (status == 307) response.Add("Location", "/elsewhere");
                 responder.Send(std::move(response));
               }) {}
  std::atomic<int> status = 202;
  std::atomic<bool> holds = false;  // It answers nothing.
  std::vector<http::Responder> held;
  std::mutex mutex;
  std::vector<std::string> bodies;
  http::Server server;
};

// What lives on the loop's thread.
struct Parts {
  explicit Parts(asio::io_context& loop)
      : pool(loop, Database()),
        producer(loop, {.brokers = ServerOf("DROVER_TEST_KAFKA_BROKERS"), .client_id = "pap-test"}),
        relay(loop, outbox::Config{.database = Database(), .table = kOutboxTable}, producer, {}),
        gateway(
            loop, {pushes, table, relay, queue, crowd}, GatewayConfig(), settings,
            [this] { return now; }, dmauth::SystemRandom, metrics, pap_metrics),
        notifier(
            loop, pushes, http, "Drover", [this] { return now; }, pap_metrics),
        initiator(loop),
        server(loop, {.listen = "127.0.0.1:0", .limits = {.body_octets = 10 << 20}},
               [this](const http::Request& request, const http::Responder& responder) {
                 gateway.Handle(request, responder);
               }),
        queue(loop, pushes, {}),
        http(loop) {}
  static PapGateway::Config GatewayConfig() {
    PapGateway::Config config;
    config.rules.ttl = std::chrono::hours(1);
    config.cancel_look = std::chrono::milliseconds(1);
    return config;
  }

  TimePoint now = SystemNow();
  const Settings settings = TheSettings();
  prometheus::Registry registry;
  Metrics metrics{registry};
  PapMetrics pap_metrics{registry};
  postgres::Pool pool;
  kafka::Producer producer;
  PgPushes pushes{pool};
  PgRegistrations table{pool};
  outbox::Relay relay;  // Not running: what is told stays in the outbox.
  PapGateway gateway;
  PapNotifier notifier;
  Initiator initiator;
  http::Server server;
  PapQueue queue;
  PapCrowd crowd{{}};
  HttpPost http;
};

class PapTest : public ::testing::Test {
 protected:
  PapTest() {
    thread_.Do([this] { parts_ = std::make_unique<Parts>(thread_.loop); });
    const Result<int> migrated = thread_.Await(
        [this] { return postgres::Migrate(parts_->pool, kSchema, Migrations(), -1); });
    EXPECT_TRUE(migrated) << migrated.error();
    Script("TRUNCATE push.pushes, push.registrations, push.outbox");
    thread_.Do([this] {
      EXPECT_TRUE(parts_->server.Listen());
      EXPECT_TRUE(parts_->initiator.server.Listen());
    });
  }
  ~PapTest() override {
    thread_.Stop();
    parts_.reset();
  }

  void Script(const std::string& sql) {
    const Result<void> done = thread_.Await([&] { return parts_->pool.Script(sql, In(kSoon)); });
    EXPECT_TRUE(done) << done.error();
  }

  static std::string Credentials(const std::string& account) {
    const std::string password = account == "shop"   ? "secret"
                                 : account == "bank" ? "secret too"
                                                     : "s";
    return "Authorization: Basic " + base::Base64(account + ":" + password) + "\r\n";
  }
  std::optional<RawResponse> PostRaw(const std::string& body, const std::string& headers,
                                     const std::string& path = "/pap") {
    RawClient client(parts_->server.address());
    client.Send(http::testing::Post(path, body, headers));
    return client.Receive();
  }
  pap::Message Answer(const std::optional<RawResponse>& response) {
    EXPECT_TRUE(response);
    if (!response) return pap::BadMessageResponse{};
    EXPECT_EQ(response->status, 202) << response->body;
    EXPECT_EQ(response->headers.at("content-type"), "application/xml");
    const pap::Reading reading = pap::Read(response->body);
    EXPECT_TRUE(reading) << response->body;
    return reading ? reading.document->message : pap::Message(pap::BadMessageResponse{});
  }
  static std::string Submission(const pap::PushMessage& message, const std::string& content = kSi) {
    std::string control, body;
    pap::Write({.message = message}, control);
    pap::WriteSubmission("xyz", control, {{"Content-Type", "text/vnd.wap.si"}}, content, body);
    return body;
  }
  static std::string Multipart(const std::string& account) {
    return Credentials(account) +
           "Content-Type: multipart/related; boundary=xyz; type=\"application/xml\"\r\n";
  }
  pap::PushResponse Push(const pap::PushMessage& message, const std::string& account = "shop") {
    const pap::Message answer = Answer(PostRaw(Submission(message), Multipart(account)));
    const auto* response = std::get_if<pap::PushResponse>(&answer);
    EXPECT_NE(response, nullptr);
    return response == nullptr ? pap::PushResponse{} : *response;
  }
  static pap::PushMessage Message(const std::string& id,
                                  std::vector<std::string> addresses = {AddressOf(kNumber)}) {
    pap::PushMessage message;
    message.push_id = id;
    message.addresses = std::move(addresses);
    return message;
  }
  template <typename Response>
  Response Ask(pap::Message message) {
    std::string body;
    pap::Write({.message = std::move(message)}, body);
    const pap::Message answer =
        Answer(PostRaw(body, Credentials("shop") + "Content-Type: application/xml\r\n"));
    const auto* response = std::get_if<Response>(&answer);
    EXPECT_NE(response, nullptr);
    return response == nullptr ? Response{} : *response;
  }

  std::vector<StoredPush> Rows(const std::string& id, const std::string& account = "shop") {
    const std::vector<PushKey> keys = {{account, id, ""}};
    auto rows = thread_.Await([&] { return parts_->pushes.Find(keys, In(kSoon)); });
    EXPECT_TRUE(rows);
    std::ranges::sort(*rows, {}, &StoredPush::recipient);
    return *rows;
  }
  // In the order in which it is told.
  std::vector<v1::PushWork> Told() {
    const auto rows = thread_.Await([&] {
      return parts_->pool.Execute({"SELECT batch FROM push.outbox ORDER BY id", {}}, In(kSoon));
    });
    EXPECT_TRUE(rows) << rows.error();
    std::vector<v1::PushWork> out;
    for (size_t i = 0; rows && i < rows->size(); ++i) {
      events::v1::OutboxBatch batch;
      EXPECT_TRUE(batch.ParseFromString(std::string(rows->Bytea(i, 0))));
      for (const auto& record : batch.records()) {
        EXPECT_EQ(record.topic(), kWorkTopic);
        EXPECT_TRUE(out.emplace_back().ParseFromString(record.payload()));
      }
    }
    return out;
  }
  void End(const StoredPush& push, v1::PushState state, int code) {
    PushEnd end{push.account, push.push_id, push.job_id, state, code, 1, parts_->now, ""};
    const std::vector<PushEnd> ends(1, end);
    EXPECT_TRUE(thread_.Await([&] { return parts_->pushes.End(ends, In(kSoon)); }));
  }

  // Notifications: those due now are posted, and what became of them is kept.
  size_t TellRound() {
    const Result<size_t> round = thread_.Await([&] { return parts_->notifier.Round(); });
    EXPECT_TRUE(round) << round.error();
    return round ? *round : 0;
  }
  void AwaitNotify(const std::string& id, Notify wanted, int tries) {
    const auto end = std::chrono::steady_clock::now() + kSoon;
    for (;;) {
      TellRound();
      const StoredPush row = Rows(id).at(0);
      if (row.notify == wanted && row.notify_tries == tries && Settled(row)) return;
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "nothing was told";
    }
  }
  // Not under way: its time is a wait of the notifier's, not the lease.
  bool Settled(const StoredPush& row) {
    return row.notify != Notify::kDue || row.notify_tries == 0 ||
           *row.notify_at - parts_->now == NotifyAgainAfter(row.notify_tries);
  }
  void Advance(std::chrono::seconds time) {
    thread_.Do([&] { parts_->now += time; });
  }

  http::testing::LoopThread thread_;
  std::unique_ptr<Parts> parts_;
};

TEST_F(PapTest, AcceptsAPushOnceItIsThereWithItsJob) {
  pap::PushMessage message = Message("1@pi");
  message.progress_notes_requested = true;
  message.source_reference = "order 7";
  const pap::PushResponse response = Push(message);
  EXPECT_EQ(response.code, StatusCode::kAcceptedForProcessing) << response.desc;
  EXPECT_EQ(response.push_id, "1@pi");
  ASSERT_EQ(response.progress_notes.size(), 2U);
  EXPECT_EQ(response.progress_notes[1].stage, "queued");
  const std::vector<StoredPush> rows = Rows("1@pi");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].state, v1::PENDING);
  EXPECT_EQ(rows[0].msisdn, kNumber);
  EXPECT_EQ(rows[0].address, AddressOf(kNumber));
  EXPECT_EQ(rows[0].source_reference, "order 7");
  const std::vector<v1::PushWork> told = Told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].job().id(), rows[0].job_id);
  EXPECT_EQ(told[0].job().msisdn(), kNumber);
  EXPECT_EQ(told[0].job().push().push_id(), "1@pi");
  EXPECT_EQ(told[0].job().push().account(), "shop");
  EXPECT_FALSE(told[0].job().payload().empty());
}

TEST_F(PapTest, RefusesAPushIdTwiceToOneAccountOnly) {
  EXPECT_EQ(Push(Message("1@pi")).code, StatusCode::kAcceptedForProcessing);
  EXPECT_EQ(Push(Message("1@pi", {AddressOf("4917012345")})).code, StatusCode::kDuplicatePushId);
  EXPECT_EQ(Push(Message("1@pi", {AddressOf("8613900000001")}), "bank").code,
            StatusCode::kAcceptedForProcessing);
  EXPECT_EQ(Told().size(), 2U);
}

TEST_F(PapTest, OfManyPushesAtOnceOneOfEachIdIsAccepted) {
  constexpr int kPushes = 60, kIds = 20;
  RawClient client(parts_->server.address());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kPushes; ++i) {
    const std::string body = Submission(Message(std::to_string(i % kIds) + "@pi"));
    clients.push_back(std::make_unique<RawClient>(parts_->server.address()));
    clients.back()->Send(http::testing::Post("/pap", body, Multipart("shop")));
  }
  std::map<StatusCode, int> codes;
  for (const auto& one : clients) {
    const pap::Message answer = Answer(one->Receive());
    ++codes[std::get<pap::PushResponse>(answer).code];
  }
  EXPECT_EQ(codes[StatusCode::kAcceptedForProcessing], kIds);
  EXPECT_EQ(codes[StatusCode::kDuplicatePushId], kPushes - kIds);
  EXPECT_EQ(Told().size(), static_cast<size_t>(kIds));
}

TEST_F(PapTest, GivesEveryRecipientARowAndThoseThatCanAJob) {
  registration::Pairing pairing;
  pairing.device = DeviceId("IMEI:490154203237518");
  pairing.facts.imeis = {"490154203237518"};
  pairing.facts.msisdn = "8613811111111";
  pairing.facts.imsi = "460001234567890";
  pairing.at = pairing.registered_at = pairing.published_at = parts_->now;
  PgRegistrations::Change change;
  change.registrations = {pairing};
  ASSERT_TRUE(thread_.Await([&] { return parts_->table.Write(change, In(kSoon)); }));
  const pap::PushResponse response =
      Push(Message("1@pi", {"WAPPUSH=IMEI%3A490154203237518/TYPE=USER@ppg",
                            "WAPPUSH=IMSI%3A460009999999999/TYPE=USER@ppg",
                            "WAPPUSH=10.0.0.1/TYPE=IPv4@ppg", AddressOf(kNumber)}));
  EXPECT_EQ(response.code, StatusCode::kAcceptedForProcessing) << response.desc;
  const std::vector<StoredPush> rows = Rows("1@pi");
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].msisdn, "8613811111111");
  EXPECT_EQ(rows[1].state, v1::REJECTED);
  EXPECT_EQ(rows[1].code, 2003);
  EXPECT_EQ(rows[2].code, 3001);
  EXPECT_EQ(rows[3].state, v1::PENDING);
  EXPECT_EQ(Told().size(), 2U);
  EXPECT_EQ(Push(Message("2@pi", {"WAPPUSH=IMSI%3A460009999999999/TYPE=USER@ppg"})).code,
            StatusCode::kAddressNotFound);
  EXPECT_EQ(Push(Message("3@pi", {"WAPPUSH=IMSI%3A460001234567890/TYPE=USER@ppg"})).code,
            StatusCode::kAcceptedForProcessing);
}

TEST_F(PapTest, CancelsWhatHasNotEnded) {
  EXPECT_EQ(Ask<pap::CancelResponse>(pap::CancelMessage{"1@pi", {}}).results.at(0).code,
            StatusCode::kPushIdNotFound);
  Push(Message("1@pi", {AddressOf("8613800000001"), AddressOf("8613800000002")}));
  const std::vector<StoredPush> rows = Rows("1@pi");
  ASSERT_EQ(rows.size(), 2U);
  End(rows[1], v1::DELIVERED, 1000);
  const auto response = Ask<pap::CancelResponse>(pap::CancelMessage{"1@pi", {}});
  ASSERT_EQ(response.results.size(), 2U);
  EXPECT_EQ(response.results[0].code, StatusCode::kOk);
  EXPECT_THAT(response.results[0].addresses, ElementsAre(AddressOf("8613800000001")));
  EXPECT_EQ(response.results[1].code, StatusCode::kCancellationNotPossible);
  const std::vector<v1::PushWork> told = Told();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[2].cancellation().job_id(), rows[0].job_id);
}

TEST_F(PapTest, TellsTheStateOfAPush) {
  EXPECT_EQ(Ask<pap::StatusQueryResponse>(pap::StatusQueryMessage{"1@pi", {}}).results.at(0).code,
            StatusCode::kPushIdNotFound);
  Push(Message("1@pi", {AddressOf("8613800000001"), AddressOf("8613800000002")}));
  End(Rows("1@pi").at(1), v1::UNDELIVERABLE, 2003);
  const auto response = Ask<pap::StatusQueryResponse>(pap::StatusQueryMessage{"1@pi", {}});
  ASSERT_EQ(response.results.size(), 2U);
  EXPECT_EQ(response.results[0].message_state, pap::MessageState::kPending);
  EXPECT_EQ(response.results[1].message_state, pap::MessageState::kUndeliverable);
  EXPECT_EQ(response.results[1].code, StatusCode::kAddressNotFound);
}

TEST_F(PapTest, TellsTheQualityOfServiceAgain) {
  pap::PushMessage message = Message("1@pi");
  message.quality_of_service = pap::QualityOfService{
      .priority = pap::Priority::kHigh, .delivery_method = pap::DeliveryMethod::kPreferConfirmed};
  Push(message);
  const auto response = Ask<pap::StatusQueryResponse>(pap::StatusQueryMessage{"1@pi", {}});
  const auto& told = response.results.at(0).quality_of_service;
  ASSERT_TRUE(told);
  EXPECT_EQ(told->priority, pap::Priority::kHigh);
  EXPECT_EQ(told->delivery_method, pap::DeliveryMethod::kPreferConfirmed);
  EXPECT_EQ(told->bearer, "SMS");
}

TEST_F(PapTest, ReplacesByCancellingFirst) {
  Push(Message("1@pi", {AddressOf("8613800000001"), AddressOf("8613800000002")}));
  const std::vector<StoredPush> old = Rows("1@pi");
  ASSERT_EQ(old.size(), 2U);
  End(old[1], v1::DELIVERED, 1000);
  pap::PushMessage message = Message("2@pi", {"8613800000001", "8613800000002"});
  message.replace_push_id = "1@pi";
  message.replace_method = pap::ReplaceMethod::kPendingOnly;
  EXPECT_EQ(Push(message).code, StatusCode::kAcceptedForProcessing);
  std::vector<v1::PushWork> told = Told();
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(told[2].cancellation().job_id(), old[0].job_id);
  EXPECT_EQ(told[3].job().msisdn(), "8613800000001");
  message.push_id = "3@pi";
  message.replace_method = pap::ReplaceMethod::kAll;
  EXPECT_EQ(Push(message).code, StatusCode::kAcceptedForProcessing);
  told = Told();
  ASSERT_EQ(told.size(), 7U);
  EXPECT_TRUE(told[4].has_cancellation());
  EXPECT_EQ(told[6].job().msisdn(), "8613800000002");
  message.push_id = "4@pi";
  message.replace_push_id = "unknown";
  EXPECT_EQ(Push(message).code, StatusCode::kPushIdNotFound);
}

TEST_F(PapTest, LetsInNobodyItDoesNotKnow) {
  const std::string body = Submission(Message("1@pi"));
  const std::string type = "Content-Type: multipart/related; boundary=xyz\r\n";
  for (const std::string& who :
       {std::string(), "Authorization: Basic " + base::Base64("shop:wrong") + "\r\n",
        "Authorization: Basic " + base::Base64("nobody:secret") + "\r\n",
        std::string("Authorization: Basic !\r\n")}) {
    const auto response = PostRaw(body, who + type);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 401);
    EXPECT_THAT(response->headers.at("www-authenticate"), ::testing::StartsWith("Basic realm="));
  }
  EXPECT_TRUE(Rows("1@pi").empty());
  EXPECT_EQ(PostRaw(body, Multipart("shop"), "/elsewhere")->status, 404);
}

TEST_F(PapTest, KeepsAccountsWithinTheirBounds) {
  EXPECT_EQ(Push(Message("1@pi"), "bank").code, StatusCode::kForbidden);
  EXPECT_EQ(Push(Message("1@pi"), "slow").code, StatusCode::kAcceptedForProcessing);
  EXPECT_EQ(Push(Message("2@pi"), "slow").code, StatusCode::kServiceUnavailable);
}

TEST_F(PapTest, KnowsNoCapabilities) {
  const auto response = Ask<pap::CcqResponse>(pap::CcqMessage{"q1", "", {AddressOf(kNumber)}});
  EXPECT_EQ(response.code, StatusCode::kNotImplemented);
  EXPECT_EQ(response.query_id, "q1");
}

TEST_F(PapTest, SurvivesWhateverItIsSent) {
  const std::string xml = Credentials("shop") + "Content-Type: application/xml\r\n";
  const std::string large(10 << 20, 'x');
  const std::string entities =
      "<!DOCTYPE pap [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>"
      "<pap><cancel-message push-id=\"&b;\"/></pap>";
  struct Case {
    std::string body, headers;
  };
  for (const Case& c :
       {Case{"", xml}, Case{"not XML", xml}, Case{"<pap>", xml}, Case{large, xml},
        Case{entities, xml}, Case{large, Multipart("shop")},
        Case{"no boundary here", Multipart("shop")},
        Case{"--xyz\r\n\r\n<pap/>\r\n", Multipart("shop")}, Case{"<pap/>", Credentials("shop")},
        Case{"<pap/>", Credentials("shop") + "Content-Type: image/png\r\n"}}) {
    const pap::Message answer = Answer(PostRaw(c.body, c.headers));
    const auto* bad = std::get_if<pap::BadMessageResponse>(&answer);
    ASSERT_NE(bad, nullptr) << c.body.substr(0, 100);
    EXPECT_EQ(bad->code, StatusCode::kBadRequest);
  }
  EXPECT_EQ(PostRaw(large + "x", xml)->status, 413);
  const std::string newer =
      "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 3.0//EN\" \"http://x/\"><pap/>";
  const pap::Message answer = Answer(PostRaw(newer, xml));
  EXPECT_EQ(std::get<pap::BadMessageResponse>(answer).code, StatusCode::kVersionNotSupported);
}

TEST_F(PapTest, AnswersADocumentOf10In10) {
  std::string body;
  pap::Write({.version = pap::Version::k10, .message = pap::StatusQueryMessage{"1@pi", {}}}, body);
  const auto response =
      PostRaw(body, Credentials("shop") + "Content-Type: application/xml\r\n", "/wappush");
  ASSERT_TRUE(response);
  EXPECT_EQ(pap::Read(response->body).document->version, pap::Version::k10);
}

TEST_F(PapTest, TellsTheInitiatorHowItEnded) {
  pap::PushMessage message = Message("1@pi");
  message.ppg_notify_requested_to = "http://" + parts_->initiator.server.address() + "/n";
  ASSERT_EQ(Push(message).code, StatusCode::kAcceptedForProcessing);
  EXPECT_EQ(TellRound(), 0U) << "it has not ended";
  End(Rows("1@pi").at(0), v1::DELIVERED, 1000);
  AwaitNotify("1@pi", Notify::kTold, 1);
  const std::lock_guard lock(parts_->initiator.mutex);
  ASSERT_EQ(parts_->initiator.bodies.size(), 1U);
  const pap::Reading reading = pap::Read(parts_->initiator.bodies[0]);
  ASSERT_TRUE(reading);
  const auto& told = std::get<pap::ResultNotificationMessage>(reading.document->message);
  EXPECT_EQ(told.push_id, "1@pi");
  EXPECT_EQ(told.message_state, pap::MessageState::kDelivered);
  EXPECT_EQ(told.address, AddressOf(kNumber));
}

TEST_F(PapTest, AHostThatIsSlowGetsSixteenAtATimeAndTheRestDoesNotCountAsTried) {
  constexpr int kPushes = 20, kAtATime = 16;
  parts_->initiator.holds = true;
  for (int i = 0; i < kPushes; ++i) {
    pap::PushMessage message = Message(std::to_string(i) + "@pi");
    message.ppg_notify_requested_to = "http://" + parts_->initiator.server.address() + "/n";
    Push(message);
    End(Rows(message.push_id).at(0), v1::DELIVERED, 1000);
  }
  EXPECT_EQ(TellRound(), static_cast<size_t>(kPushes));
  EXPECT_EQ(TellRound(), 0U) << "those that were put off are due later";
  int untried = 0;
  for (int i = 0; i < kPushes; ++i) {
    untried += Rows(std::to_string(i) + "@pi").at(0).notify_tries == 0 ? 1 : 0;
  }
  EXPECT_EQ(untried, kPushes - kAtATime);
}

TEST_F(PapTest, ParksAnEndThatTheInitiatorDoesNotTakeAndFollowsNoRedirect) {
  pap::PushMessage message = Message("1@pi");
  message.ppg_notify_requested_to = "http://" + parts_->initiator.server.address() + "/n";
  Push(message);
  parts_->initiator.status = 307;
  End(Rows("1@pi").at(0), v1::DELIVERED, 1000);
  for (int tries = 1; tries < kNotifyTries; ++tries) {
    AwaitNotify("1@pi", Notify::kDue, tries);
    EXPECT_EQ(TellRound(), 0U) << "too early";
    Advance(NotifyAgainAfter(tries));
  }
  AwaitNotify("1@pi", Notify::kParked, kNotifyTries);
  const std::lock_guard lock(parts_->initiator.mutex);
  EXPECT_EQ(parts_->initiator.bodies.size(), static_cast<size_t>(kNotifyTries));
}

}  // namespace
}  // namespace drover::push

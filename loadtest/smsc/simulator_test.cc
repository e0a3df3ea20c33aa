// The simulated SMSC over its sockets, with an ESME on the other side and its ledger over HTTP.
#include "loadtest/smsc/simulator.h"

#include <cstdio>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "libs/base/bytes.h"
#include "libs/http/testing/loop_thread.h"
#include "libs/http/testing/raw_client.h"
#include "libs/sms/segments.h"
#include "loadtest/smsc/admin.h"
#include "loadtest/smsc/packed.h"
#include "loadtest/smsc/testing/esme.h"

namespace drover::smsc {
namespace {

using smpp::CommandStatus;
using testing::Esme;

constexpr std::string_view kMobile = "8613800138000";
constexpr std::string_view kService = "10654040";
const std::string kPush =
    base::FromHex("010603c4af871d012d641848663bf1df916db565a0dc02d8000000004208646d736572766572")
        .value();

SimulatorOptions Instant() {
  SimulatorOptions options;
  options.listen = "127.0.0.1:0";
  options.settings.radio = InstantRadio();
  options.settings.retries = DefaultRetries();
  options.session.role = smpp::Role::kSmsc;
  options.session.system_id = "smsc";
  options.session.peer_window = 100'000;
  return options;
}

smpp::SessionSettings Settings(smpp::BindMode mode = smpp::BindMode::kTransceiver) {
  smpp::SessionSettings settings;
  settings.mode = mode;
  settings.system_id = "drover";
  settings.password = "secret";
  settings.window = 1000;
  return settings;
}

class SimulatorTest : public ::testing::Test {
 protected:
  void TearDown() override {
    loop_.Do([this] {
      admin_.reset();
      simulator_.reset();
    });
    loop_.Stop();
  }
  void Start(SimulatorOptions options = Instant()) {
    loop_.Do([&] {
      simulator_.emplace(loop_.loop, std::move(options));
      admin_.emplace(loop_.loop, "127.0.0.1:0", *simulator_);
      ASSERT_TRUE(simulator_->Listen());
      ASSERT_TRUE(admin_->Listen());
    });
  }
  std::string smpp() {
    return loop_.Do([this] { return simulator_->address(); });
  }
  http::testing::RawResponse Ask(const std::string& request) {
    http::testing::RawClient client(loop_.Do([this] { return admin_->address(); }));
    client.Send(request);
    return client.Receive().value_or(http::testing::RawResponse{});
  }
  http::testing::RawResponse Get(const std::string& path) {
    return Ask("GET " + path + " HTTP/1.1\r\nHost: smsc\r\n\r\n");
  }
  nlohmann::json GetJson(const std::string& path) {
    return nlohmann::json::parse(Get(path).body, nullptr, false);
  }

  static smpp::SubmitSm Submit(std::string_view user_data, uint8_t esm_class,
                               const smpp::Tlvs& tlvs = {}) {
    smpp::SubmitSm pdu;
    pdu.source = {0, 1, kService};
    pdu.destination = {1, 1, kMobile};
    pdu.esm_class = esm_class;
    pdu.data_coding = 0xF5;
    pdu.registered_delivery = 1;
    pdu.short_message = user_data;
    pdu.tlvs = tlvs;
    return pdu;
  }

  http::testing::LoopThread loop_;
  std::optional<Simulator> simulator_;
  std::optional<Admin> admin_;
};

TEST_F(SimulatorTest, DeliversANotificationInTwoSegmentsAndTellsOfIt) {
  Start();
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  // Larger than one message: with its vendor's octets.
  const std::string content = kPush + std::string(140, 'v');
  const sms::Layout layout{.ports = sms::Ports{2948, 9200, true}};
  const auto plan = sms::Plan::Make(content, layout);
  ASSERT_EQ(plan->count(), 2u);
  for (size_t k = 1; k <= 2; ++k) {
    std::string user_data;
    plan->AppendSegment(k, 0x1234, user_data);
    ASSERT_EQ(esme.Send(Submit(user_data, 0x40), k), smpp::Sent::kSent);
  }
  ASSERT_TRUE(esme.Until([&] { return esme.answers.size() == 2 && esme.messages.size() == 2; }));
  EXPECT_EQ(esme.answers[0].status, CommandStatus::kRok);
  EXPECT_EQ(esme.answers[0].message_id, "1");
  EXPECT_EQ(esme.messages[0].esm_class, smpp::esm::kReceipt);
  EXPECT_EQ(esme.messages[0].source, kMobile);
  EXPECT_TRUE(esme.messages[0].user_data.starts_with("id:1 sub:001 dlvrd:001"));
  EXPECT_NE(esme.messages[1].user_data.find("stat:DELIVRD err:000"), std::string::npos);

  const auto messages = GetJson("/terminals/8613800138000/messages");
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0]["octets"], base::Hex(content));
  EXPECT_EQ(messages[0]["destination_port"], 2948);
  EXPECT_EQ(messages[0]["segments"], 2);
  EXPECT_EQ(messages[0]["source"], kService);
  const auto ledger = GetJson("/ledger");
  EXPECT_EQ(ledger["messages"], 1);
  EXPECT_EQ(ledger["segments"], 2);
  EXPECT_EQ(ledger["orphans"], 0);
  EXPECT_EQ(ledger["out_of_order"], 0);
  esme.Unbind();
  EXPECT_EQ(esme.end->cause, smpp::EndCause::kUnbound);
}

TEST_F(SimulatorTest, HoldsTheAnswerToATransactionAndSaysWhyItFailed) {
  SimulatorOptions options = Instant();
  options.settings.radio.profile = {.present_s = 1e-6, .absent_s = 1e6};
  options.settings.radio.timing.absence_detected = radio::kSecond;
  options.time_scale = 100;
  Start(options);
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  std::string tlvs;
  smpp::TlvWriter(tlvs)
      .Number(smpp::Tag::kSetDpf, 1)
      .Number(smpp::Tag::kDestinationPort, 2948)
      .Number(smpp::Tag::kSourcePort, 9200)
      .Octets(smpp::Tag::kMessagePayload, kPush);
  smpp::DataSm pdu;
  pdu.source = {0, 1, kService};
  pdu.destination = {1, 1, kMobile};
  pdu.esm_class = smpp::esm::kTransaction;
  pdu.data_coding = 0xF5;
  pdu.tlvs = smpp::Tlvs(tlvs);
  ASSERT_EQ(esme.Send(pdu, 1), smpp::Sent::kSent);
  ASSERT_TRUE(esme.Until([&] { return esme.answers.size() == 1; }));
  EXPECT_EQ(esme.answers[0].status, CommandStatus::kRdeliveryFailure);
  EXPECT_EQ(base::Hex(esme.answers[0].tlvs), "04250001000423000303001b0420000101");
  // The terminal sends a message: so it is back.
  const auto posted = Ask(http::testing::Post(
      "/mo", R"({"source": "8613800138000", "destination": "10654040", "text": "hi"})"));
  EXPECT_EQ(posted.status, 202);
  ASSERT_TRUE(esme.Until([&] { return esme.alerts.size() == 1 && esme.messages.size() == 1; }));
  EXPECT_EQ(esme.alerts[0], kMobile);
  EXPECT_EQ(esme.messages[0].user_data, "hi");
}

TEST_F(SimulatorTest, GivesMessagesOfTerminalsToTheEsme) {
  Start();
  Esme esme(smpp(), Settings(smpp::BindMode::kReceiver));
  ASSERT_TRUE(esme.Bind());
  const std::string text = "IMEI:860206000003972/Hisense/TS7032/TI7.2.01.22.00";
  const auto posted = Ask(http::testing::Post(
      "/mo", R"([{"source": "8613800138000", "destination": "10654040", "destination_port": 16998,
                  "octets": ")" +
                 base::Hex(text) + R"("}])"));
  EXPECT_EQ(posted.status, 202);
  ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 1; }));
  EXPECT_EQ(esme.messages[0].esm_class, 0x40);
  EXPECT_EQ(esme.messages[0].data_coding, 4);
  EXPECT_EQ(base::Hex(esme.messages[0].user_data), "06050442664266" + base::Hex(text));
  EXPECT_EQ(Ask(http::testing::Post("/mo", "{}")).status, 400);
  EXPECT_EQ(Ask(http::testing::Post("/mo", "no")).status, 400);
}

TEST_F(SimulatorTest, KeepsWhatAnEsmeIsAwayForAndRepeatsWhatItPutOff) {
  Start();
  std::string address = smpp();
  {
    Esme esme(address, Settings());
    ASSERT_TRUE(esme.Bind());
    esme.set_reply(CommandStatus::kRxTAppn);
    ASSERT_EQ(esme.Send(Submit(kPush, 0), 1), smpp::Sent::kSent);
    ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 1; })) << "the receipt";
    esme.set_reply(CommandStatus::kRok);
    ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 2; })) << "once more";
    esme.Unbind();
  }
  Ask(http::testing::Post(
      "/mo", R"({"source": "8613800138000", "destination": "10654040", "text": "kept"})"));
  Esme esme(address, Settings());
  ASSERT_TRUE(esme.Bind());
  ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 1; }));
  EXPECT_EQ(esme.messages[0].user_data, "kept");
}

TEST_F(SimulatorTest, AnswersQueriesAndCancels) {
  Start();
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  smpp::SubmitSm later = Submit(kPush, 0);
  later.schedule_delivery_time = "000000010000000R";
  esme.Send(later, 1);
  smpp::QuerySm query;
  query.message_id = "1";
  query.source = {0, 1, kService};
  esme.Send(query, 2);
  smpp::CancelSm cancel;
  cancel.message_id = "1";
  cancel.source = {0, 1, kService};
  cancel.destination = {1, 1, kMobile};
  esme.Send(cancel, 3);
  esme.Send(query, 4);
  esme.Send(cancel, 5);
  query.message_id = "999";
  esme.Send(query, 6);
  ASSERT_TRUE(esme.Until([&] { return esme.answers.size() == 6; }));
  ASSERT_EQ(esme.queried.size(), 2u);
  EXPECT_EQ(esme.queried[0].state, static_cast<uint8_t>(smpp::MessageState::kEnroute));
  EXPECT_EQ(esme.queried[1].state, static_cast<uint8_t>(smpp::MessageState::kDeleted));
  EXPECT_EQ(esme.queried[1].final_date.size(), 16u);
  EXPECT_EQ(esme.answers[2].status, CommandStatus::kRok);
  EXPECT_EQ(esme.answers[4].status, CommandStatus::kRcancelFail);
  EXPECT_EQ(esme.answers[5].status, CommandStatus::kRinvMsgId);
}

TEST_F(SimulatorTest, GoesOnFromItsJournalAfterAKill) {
  SimulatorOptions options = Instant();
  options.journal = ::testing::TempDir() + "smsc-journal-" + std::to_string(::getpid());
  std::remove(options.journal.c_str());
  options.settings.radio.timing.queue_s = 1e6;  // Nothing gets on air.
  Start(options);
  {
    Esme esme(smpp(), Settings());
    ASSERT_TRUE(esme.Bind());
    for (uint64_t k = 0; k < 20; ++k) {
      esme.Send(Submit(kPush + std::to_string(k), 0), k);
    }
    ASSERT_TRUE(esme.Until([&] { return esme.answers.size() == 20; }));
  }
  loop_.Do([this] {
    admin_.reset();
    simulator_.reset();
  });
  options.settings.radio = InstantRadio();
  Start(options);
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 20; })) << "their receipts";
  EXPECT_EQ(GetJson("/ledger")["messages"], 20);
  EXPECT_EQ(GetJson("/ledger")["copies"], 0);
  esme.Send(Submit("new", 0), 99);
  ASSERT_TRUE(esme.Until([&] { return esme.answers.size() == 1; }));
  EXPECT_EQ(esme.answers[0].message_id, "15") << "21, for ids are not given out twice";
  std::remove(options.journal.c_str());
}

TEST_F(SimulatorTest, LetsInWhomItKnowsAndNotTooOften) {
  SimulatorOptions options = Instant();
  options.accounts = {{"drover", "secret"}};
  options.binds_per_account = 1;
  Start(options);
  const auto refused = [&](auto change) {
    smpp::SessionSettings settings = Settings();
    change(settings);
    Esme esme(smpp(), settings);
    EXPECT_FALSE(esme.Bind());
    return esme.end ? esme.end->status : CommandStatus::kRok;
  };
  EXPECT_EQ(refused([](auto& s) { s.system_id = "other"; }), CommandStatus::kRinvSysId);
  EXPECT_EQ(refused([](auto& s) { s.password = "wrong"; }), CommandStatus::kRinvPaswd);
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  EXPECT_EQ(refused([](auto&) {}), CommandStatus::kRalyBnd);
  EXPECT_EQ(refused([](auto&) {}), CommandStatus::kRalyBnd) << "whoever was refused holds no bind";
  esme.Unbind();
  Esme again(smpp(), Settings());
  EXPECT_TRUE(again.Bind());
}

TEST_F(SimulatorTest, SendsReceiptsForMessagesThatNobodyKnows) {
  SimulatorOptions options = Instant();
  options.unknown_receipts = 500;
  Start(options);
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  ASSERT_EQ(esme.Send(Submit(kPush, 0), 1), smpp::Sent::kSent);
  ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 501; }));
  EXPECT_TRUE(esme.messages[0].user_data.starts_with("id:f0000000 "));
}

TEST_F(SimulatorTest, AnswersAsBadlyAsItIsToldTo) {
  Start();
  for (const std::string mode : {"nothing", "half", "garbage", "huge-length"}) {
    SCOPED_TRACE(mode);
    ASSERT_EQ(Ask(http::testing::Post("/answer?mode=" + mode, "")).status, 200);
    smpp::SessionSettings settings = Settings();
    settings.response_time = std::chrono::milliseconds(300);
    Esme esme(smpp(), settings);
    ASSERT_TRUE(esme.Bind());
    ASSERT_EQ(esme.Send(Submit(kPush, 0), 1), smpp::Sent::kSent);
    ASSERT_TRUE(esme.Until([&] { return !esme.answers.empty(); }));
    EXPECT_NE(esme.answers[0].outcome, smpp::Outcome::kAnswered);
  }
  EXPECT_EQ(Ask(http::testing::Post("/answer?mode=rudely", "")).status, 400);
  ASSERT_EQ(Ask(http::testing::Post("/answer?mode=proper", "")).status, 200);
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  esme.Send(Submit(kPush, 0), 1);
  ASSERT_TRUE(esme.Until([&] { return esme.answers.size() == 1; }));
  EXPECT_EQ(esme.answers[0].outcome, smpp::Outcome::kAnswered);
}

TEST_F(SimulatorTest, SpoiltAnswersAreOnTheWireWhatTheirNamesSay) {
  Start();
  std::string requests;
  smpp::Bind bind;
  bind.system_id = "drover";
  ASSERT_FALSE(smpp::EncodeBody(1, bind, requests));
  smpp::SubmitSm submit = Submit(kPush, 0);
  submit.registered_delivery = 0;
  ASSERT_FALSE(smpp::EncodeBody(2, submit, requests));
  ASSERT_FALSE(smpp::EncodeBody(3, smpp::EnquireLink{}, requests));
  const std::string enquired = "00000010800000150000000000000003";
  const auto answered = [&](const std::string& mode) {
    Ask(http::testing::Post("/answer?mode=" + mode, ""));
    http::testing::RawClient client(smpp());
    client.Send(requests);
    client.ShutDownSending();
    const std::string octets = client.ReceiveAll();
    const size_t bind_resp = static_cast<uint8_t>(octets.size() > 3 ? octets[3] : 0);
    return base::Hex(octets.size() > bind_resp ? octets.substr(bind_resp) : "");
  };
  EXPECT_EQ(answered("proper"), enquired + "00000012800000040000000000000002" + "3100");
  EXPECT_EQ(answered("nothing"), enquired);
  EXPECT_EQ(answered("half"), enquired + "000000128000000400");
  EXPECT_EQ(answered("huge-length"), enquired + "ffffffff800000040000000000000002" + "3400");
  EXPECT_EQ(answered("garbage").size(), enquired.size() + 128);
}

TEST_F(SimulatorTest, StreamsDeliveriesToWhoWaitsForThem) {
  Start();
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  EXPECT_EQ(Get("/deliveries?after=0").body, "");
  EXPECT_EQ(Get("/deliveries?after=0&wait=10").body, "") << "in vain";
  http::testing::RawClient waiting(loop_.Do([this] { return admin_->address(); }));
  waiting.Send("GET /deliveries?after=0&wait=60000 HTTP/1.1\r\nHost: smsc\r\n\r\n");
  esme.Send(Submit(kPush, 0), 1);
  const auto response = waiting.Receive();
  ASSERT_TRUE(response);
  const auto line = nlohmann::json::parse(response->body);
  EXPECT_EQ(line["number"], 1);
  EXPECT_EQ(line["terminal"], kMobile);
  EXPECT_EQ(line["octets"], base::Hex(kPush));
  esme.Send(Submit("two", 0), 2);
  ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 2; }));
  EXPECT_EQ(nlohmann::json::parse(Get("/deliveries?after=1&limit=5").body)["number"], 2);
  EXPECT_EQ(Get("/deliveries?after=2").body, "");
}

TEST_F(SimulatorTest, TakesAndGivesManyMessagesAsOctets) {
  Start();
  Esme esme(smpp(), Settings());
  ASSERT_TRUE(esme.Bind());
  std::string octets;
  for (const std::string_view terminal : {"49151", "49152", "49153"}) {
    AppendPacked({.terminal = terminal, .other = kService, .is_text = true, .content = "hello"},
                 octets);
  }
  const std::string type = "Content-Type: " + std::string(kPackedType) + "\r\n";
  EXPECT_EQ(Ask(http::testing::Post("/mo", octets, type)).status, 202);
  ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 3; }));
  octets.pop_back();
  EXPECT_EQ(Ask(http::testing::Post("/mo", octets, type)).status, 400);
  esme.Send(Submit(kPush, 0), 1);
  esme.Send(Submit("two", 0), 2);
  ASSERT_TRUE(esme.Until([&] { return esme.messages.size() == 5; }));
  const std::string page = Get("/deliveries?after=0&form=octets").body;
  std::string_view rest = page;
  const PackedMessage expected{
      .number = 1, .terminal = kMobile, .other = kService, .content = kPush};
  EXPECT_EQ(NextPacked(rest), expected);
  const auto second = NextPacked(rest);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->number, 2u);
  EXPECT_EQ(second->content, "two");
  EXPECT_EQ(rest, "");
}

TEST_F(SimulatorTest, ShowsItsHealthAndMetrics) {
  Start();
  EXPECT_EQ(Get("/livez").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  const auto metrics = Get("/metrics").body;
  EXPECT_NE(metrics.find("# TYPE drover_smsc_messages_total counter\ndrover_smsc_messages_total 0"),
            std::string::npos);
  EXPECT_EQ(Get("/other").status, 404);
  EXPECT_EQ(Ask("PUT /mo HTTP/1.1\r\nHost: smsc\r\nContent-Length: 0\r\n\r\n").status, 405);
}

}  // namespace
}  // namespace drover::smsc

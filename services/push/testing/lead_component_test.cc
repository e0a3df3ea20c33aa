// The process that sends, with a real PostgreSQL and a real Kafka, beside an SMSC of the test's
// own: what a transaction that is aborted, and a link that ends, leave behind.
#include <map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/dmauth/random.h"
#include "libs/smpp/codec.h"
#include "libs/smpp/link/server.h"
#include "services/push/adapters/pg_schema.h"
#include "services/push/core/job.h"
#include "services/push/handlers/lead.h"
#include "services/push/handlers/submit_queue.h"
#include "tests/component/clients/loop.h"

namespace drover::push {
namespace {

// Accepts every bind; keeps what it is given, and answers it or not.
class Smsc {
 public:
  explicit Smsc(asio::io_context& loop)
      : server_(loop, {.listen = "127.0.0.1:0"}, [this](const auto& channel) {
          channel_ = channel;
          return std::make_shared<Session>(*this, channel);
        }) {
    DROVER_CHECK(server_.Listen().has_value());
  }
  uint16_t port() const {
    const std::string address = server_.address();
    return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  // The connection breaks.
  void Drop() {
    if (const auto channel = channel_.lock()) channel->Close();
  }
  size_t taken() const {
    size_t all = 0;
    for (const auto& [number, times] : taken_) all += times;
    return all;
  }
  // Submissions of what it had been given before.
  size_t again() const { return taken() - taken_.size(); }
  size_t TimesFor(const std::string& number) const {
    const auto found = taken_.find(number);
    return found == taken_.end() ? 0 : found->second;
  }
  bool answers = true;

 private:
  class Session final : public smpp::SessionHandler {
   public:
    Session(Smsc& smsc, std::weak_ptr<smpp::Channel> channel)
        : smsc_(smsc), channel_(std::move(channel)) {}
    void OnBound(const smpp::Bound&) override {}
    void OnBind(const smpp::Bind&) override { channel_.lock()->AcceptBind(); }
    void OnAnswer(uint64_t, const smpp::Answer&) override {}
    void OnRequest(const smpp::RequestId& id, const smpp::Pdu& pdu) override {
      const auto& submit = std::get<smpp::SubmitSm>(pdu.body);
      ++smsc_.taken_[std::string(submit.destination.digits)];
      const std::string message_id = std::to_string(++smsc_.last_id_);
      if (smsc_.answers) channel_.lock()->Respond(id, smpp::SubmitSmResp{.message_id = message_id});
    }
    void OnEnd(const smpp::End&) override {}

   private:
    Smsc& smsc_;
    const std::weak_ptr<smpp::Channel> channel_;
  };
  std::weak_ptr<smpp::Channel> channel_;
  std::map<std::string, size_t> taken_;
  int last_id_ = 0;
  smpp::Server server_;
};

class LeadTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kWindow = 2;

  LeadTest()
      : config_(ConfigOf(smsc_.port())),
        pool_(loop_, config_.postgres),
        producer_(loop_, config_.kafka),
        registrar_(config_.settings.registration, table_, SystemNow, metrics_),
        lead_(loop_, config_, {journal_, pushes_, table_, registrar_, producer_}, SystemNow,
              metrics_) {
    const Result<int> migrated = Await(loop_, postgres::Migrate(pool_, kSchema, Migrations(), -1));
    EXPECT_TRUE(migrated) << migrated.error();
    Script(
        "TRUNCATE push.slots, push.journal, push.pushes, push.registrations, push.pairings, "
        "push.dead_letters, push.outbox;"
        "DROP FUNCTION IF EXISTS push.abort_first CASCADE; DROP SEQUENCE IF EXISTS push.tries");
    const Result<void> topics =
        kafka::EnsureTopics(config_.kafka, {{kWorkTopic}, {"drover.subscribers"}}, kSoon);
    EXPECT_TRUE(topics) << topics.error();
  }
  ~LeadTest() override { (void)Await(loop_, lead_.Drain(In(kSoon))); }

  void Begin() { asio::co_spawn(loop_.get_executor(), lead_.Run(), asio::detached); }

  static Config ConfigOf(uint16_t port) {
    Config config;
    config.postgres.url = ServerOf("DROVER_TEST_POSTGRES_URL");
    config.kafka.brokers = ServerOf("DROVER_TEST_KAFKA_BROKERS");
    config.kafka.client_id = "lead-test";
    config.most_pending = 100'000;
    Settings& settings = config.settings;
    push::Smsc& smsc = settings.smscs.emplace_back();
    smsc.rules.name = "own";
    smsc.rules.receipts = false;
    smsc.rules.accept_is_delivered = true;
    smsc.source = "10654040";
    smsc.link.host = "127.0.0.1";
    smsc.link.port = port;
    smsc.link.system_id = "drover";
    smsc.link.window = kWindow;
    settings.schedule.smscs.push_back(smsc.rules);
    settings.registration.numbering.country_code = "86";
    settings.registration.profiles = {
        *registration::FindProfile(registration::BuiltInProfiles(), "cmcc")};
    return config;
  }
  void Script(const std::string& sql) {
    const Result<void> done = Await(loop_, pool_.Script(sql, In(kSoon)));
    ASSERT_TRUE(done) << done.error();
  }
  int64_t Count(const std::string& of) {
    postgres::Statement count{"SELECT count(*) FROM " + of, {}};
    return Await(loop_, pool_.Execute(std::move(count), In(kSoon))).value().Int8(0, 0);
  }
  // The sum over the series with this label.
  double Metric(const std::string& name, const std::string& label, const std::string& value) {
    double sum = 0;
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name != name) continue;
      for (const prometheus::ClientMetric& metric : family.metric) {
        for (const auto& has : metric.label) {
          if (has.name == label && has.value == value) sum += metric.counter.value;
        }
      }
    }
    return sum;
  }
  // Every number had its message, and its end is known. A test before may have left others, whose
  // records were applied and not committed.
  bool AllDelivered(const std::vector<std::string>& numbers) {
    const bool all_taken = std::ranges::all_of(
        numbers, [this](const std::string& number) { return smsc_.TimesFor(number) > 0; });
    const double ended = Metric("drover_push_groups_ended_total", "state", "delivered");
    return all_taken && ended >= static_cast<double>(numbers.size());
  }
  template <typename F>
  void WaitUntil(const char* what, F is_so) {
    const Deadline deadline = In(kSoon);
    while (!is_so()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << what;
      loop_.run_one_for(std::chrono::milliseconds(100));
    }
  }

  // To numbers of this test alone.
  std::vector<std::string> ProduceJobs(int count) {
    std::vector<std::string> numbers;
    std::vector<kafka::Record> records;
    for (int i = 0; i < count; ++i) {
      v1::PushWork work;
      v1::Job& job = *work.mutable_job();
      job.set_id(dmauth::SystemRandom(16));
      job.set_msisdn(std::to_string(8613800000000 + ++last_number));
      job.set_payload("content");
      job.mutable_confirmation()->set_data_coding(4);  // Nobody waits for its end.
      numbers.push_back(job.msisdn());
      records.push_back({kWorkTopic, job.msisdn(), work.SerializeAsString()});
    }
    Produce(std::move(records));
    return numbers;
  }
  void ProduceRegistration(const std::string& number, const std::string& text) {
    smpp::DeliverSm pdu;
    pdu.source = {1, 1, number};
    pdu.destination = {0, 1, "10654040"};
    pdu.short_message = text;
    std::string tlvs;
    smpp::TlvWriter(tlvs)
        .Number(smpp::Tag::kDestinationPort, 16998)
        .Number(smpp::Tag::kSourcePort, 16998);
    pdu.tlvs = smpp::Tlvs(tlvs);
    v1::PushWork work;
    work.mutable_inbound()->set_smsc("own");
    ASSERT_FALSE(smpp::Encode(1, pdu, *work.mutable_inbound()->mutable_pdu()));
    Produce({{kWorkTopic, number, work.SerializeAsString()}});
  }
  void Produce(std::vector<kafka::Record> records) {
    const Result<void> done = Await(loop_, producer_.ProduceAll(std::move(records), In(kSoon)));
    ASSERT_TRUE(done) << done.error();
  }

  asio::io_context loop_{1};
  Smsc smsc_{loop_};
  const Config config_;
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  postgres::Pool pool_;
  kafka::Producer producer_;
  PgJournal journal_{pool_, "test"};
  PgPushes pushes_{pool_};
  PgRegistrations table_{pool_};
  Registrar registrar_;
  Lead lead_;

 private:
  static inline int last_number = 0;
};

TEST_F(LeadTest, WhatWaitsBehindALinkThatEndsIsSentOnceOverTheNextOne) {
  constexpr int kJobs = 12;
  Begin();
  smsc_.answers = false;
  const std::vector<std::string> numbers = ProduceJobs(kJobs);
  const double ahead = SubmitQueue::Ahead(kWindow);
  WaitUntil("a full window, and others behind it", [&] {
    return smsc_.taken() == kWindow &&
           Metric("drover_push_segments_sent_total", "again", "false") >= ahead;
  });
  smsc_.answers = true;
  smsc_.Drop();
  WaitUntil("all of them", [&] { return AllDelivered(numbers); });
  EXPECT_EQ(smsc_.again(), kWindow) << "only those that were out when the link ended";
  // The window was given back before the link's end was known: as many more were started.
  EXPECT_LE(Metric("drover_push_segments_sent_total", "again", "true"), ahead + kWindow);
}

// The first insert into the table fails as one that PostgreSQL has chosen to end a deadlock does.
std::string AbortFirstInto(const std::string& table) {
  return "CREATE SEQUENCE IF NOT EXISTS push.tries;"
         "CREATE OR REPLACE FUNCTION push.abort_first() RETURNS trigger LANGUAGE plpgsql AS $$ "
         "BEGIN IF nextval('push.tries') = 1 THEN "
         "RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$;"
         "CREATE TRIGGER abort_first BEFORE INSERT ON " +
         table + " FOR EACH ROW EXECUTE FUNCTION push.abort_first()";
}

TEST_F(LeadTest, ABatchThatPostgresAbortsInTheMiddleIsAppliedWholeAndOnce) {
  Script(AbortFirstInto("push.pairings"));  // The registration's row is written before.
  ProduceRegistration("8613900000001", "IMEI:490154203237518/A/B/1");
  const std::vector<std::string> numbers = ProduceJobs(20);
  Begin();
  WaitUntil("all of them", [&] { return AllDelivered(numbers); });
  WaitUntil("the registration", [&] { return Count("push.pairings") == 1; });
  EXPECT_EQ(Metric("drover_push_background_failures_total", "work", "work"), 1);
  EXPECT_EQ(Count("push.registrations"), 1);
  EXPECT_EQ(Count("push.outbox"), 1) << "the event and the confirmation, together";
  for (const std::string& number : numbers) EXPECT_EQ(smsc_.TimesFor(number), 1U) << number;
}

TEST_F(LeadTest, AJournalRowThatPostgresAbortsIsWrittenAgainBeforeAnythingLeaves) {
  Begin();
  WaitUntil("the bind",
            [&] { return lead_.Smscs() && lead_.Smscs()->smscs(0).binds(0).state() == "bound"; });
  Script(AbortFirstInto("push.journal"));
  const std::vector<std::string> numbers = ProduceJobs(20);
  WaitUntil("the first try", [&] {
    return Metric("drover_push_background_failures_total", "work", "journal") == 1;
  });
  EXPECT_EQ(smsc_.taken(), 0U) << "the journal does not have it yet";
  WaitUntil("all of them", [&] { return AllDelivered(numbers); });
  for (const std::string& number : numbers) EXPECT_EQ(smsc_.TimesFor(number), 1U) << number;
}

}  // namespace
}  // namespace drover::push

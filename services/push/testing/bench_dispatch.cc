// bench_push_dispatch [--out FILE] [--messages N] [--window W]: jobs through scheduler, journal in
// PostgreSQL (group commit) and one bind to a sink that only answers.
//
// The sink has a thread of its own, as it would have a machine; the CPU time of the thread that
// dispatches is told beside the rate. Run by scripts/bench push, or:
//   scripts/cluster run --with postgres -- build/release/bin/bench_push_dispatch
#include <atomic>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <nlohmann/json.hpp>

#include "libs/base/bytes.h"
#include "libs/smpp/link/link.h"
#include "libs/smpp/link/server.h"
#include "services/push/adapters/pg_schema.h"
#include "services/push/handlers/dispatcher.h"
#include "services/push/handlers/submit_queue.h"
#include "tests/component/clients/loop.h"

namespace drover::push {
namespace {

constexpr size_t kAhead = 20'000;  // Jobs that wait: the journal has them before they may leave.

double Seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Answers every submission, on a thread of its own.
class Sink {
 public:
  Sink()
      : server_(loop_, {.listen = "127.0.0.1:0"},
                [](const auto& channel) { return std::make_shared<Session>(channel); }) {
    DROVER_CHECK(server_.Listen().has_value());
    thread_ = std::thread([this] {
      const auto work = asio::make_work_guard(loop_);
      loop_.run();
    });
  }
  ~Sink() {
    loop_.stop();
    thread_.join();
  }
  std::string port() const { return server_.address().substr(server_.address().rfind(':') + 1); }

 private:
  class Session final : public smpp::SessionHandler {
   public:
    explicit Session(std::weak_ptr<smpp::Channel> channel) : channel_(std::move(channel)) {}
    void OnBound(const smpp::Bound&) override {}
    void OnBind(const smpp::Bind&) override { channel_.lock()->AcceptBind(); }
    void OnAnswer(uint64_t, const smpp::Answer&) override {}
    void OnRequest(const smpp::RequestId& id, const smpp::Pdu&) override {
      channel_.lock()->Respond(id, smpp::SubmitSmResp{.message_id = "0123456789"});
    }
    void OnEnd(const smpp::End&) override {}

   private:
    const std::weak_ptr<smpp::Channel> channel_;
  };
  asio::io_context loop_{1};
  smpp::Server server_;
  std::thread thread_;
};

// One bind.
class OneLink final : public smpp::LinkHandler, public SubmissionPort {
 public:
  OneLink(asio::io_context& loop, const std::string& port, uint32_t window, LinkEvents& events)
      : window_(window), events_(events), link_(loop, ConfigOf(port, window), *this) {
    DROVER_CHECK(link_.Open().has_value());
  }
  void OnBound(const smpp::Bound&) override { events_.OnUp(1, 0, SubmitQueue::Ahead(window_)); }
  void OnAnswer(uint64_t token, const smpp::Answer& answer) override {
    events_.OnAnswer(token, answer);
  }
  void OnRequest(const smpp::RequestId&, const smpp::Pdu&) override {}
  void OnEnd(const smpp::End&) override {}
  bool Submit(dispatch::BindId, Submission submission, std::chrono::milliseconds patience,
              uint64_t token) override {
    return queue_.Submit(link_, std::move(submission), patience, token);
  }
  void OnReady() override {
    queue_.Fill(link_, [](uint64_t) {});
  }
  bool Cancel(dispatch::SmscId, const smpp::CancelSm&, uint64_t) override { return false; }
  bool Query(dispatch::SmscId, const smpp::QuerySm&, uint64_t) override { return false; }

 private:
  static smpp::Link::Config ConfigOf(const std::string& port, uint32_t window) {
    smpp::Link::Config config{.host = "127.0.0.1", .port = port};
    config.session.window = window;
    config.session.rate.adapts = false;
    return config;
  }
  const uint32_t window_;
  LinkEvents& events_;
  SubmitQueue queue_;
  smpp::Link link_;
};

v1::Job JobOf(uint64_t number) {
  static const std::string package = *base::FromHex(
      "010603c4af871d012d641848663bf1df916db565a0dc02d8000000004208646d736572766572");
  v1::Job job;
  job.set_id(base::BigEndian64(number) + base::BigEndian64(number));
  job.set_msisdn(std::to_string(8613800000000 + number));
  job.set_class_(v1::Job::NOTIFICATION);
  job.set_payload(package);
  job.set_destination_port(2948);
  job.set_source_port(9200);
  job.mutable_wakeup()->set_event_id("01890a5d-ac96-774b-bcce-b302099a8057");
  job.mutable_wakeup()->set_device_id("IMEI:490154203237518");
  return job;
}

Settings OneSmsc() {
  Settings settings;
  Smsc& smsc = settings.smscs.emplace_back();
  smsc.rules.name = "sink";
  smsc.rules.receipts = false;
  smsc.rules.accept_is_delivered = true;
  smsc.source = "10654040";
  settings.schedule.smscs.push_back(smsc.rules);
  return settings;
}

nlohmann::json Measure(uint64_t messages, uint32_t window) {
  Sink sink;
  asio::io_context loop(1);
  postgres::Pool pool(loop, {.url = ServerOf("DROVER_TEST_POSTGRES_URL"), .password = ""});
  DROVER_CHECK(Await(loop, postgres::Migrate(pool, kSchema, Migrations(), -1)).has_value());
  PgJournal table(pool, "bench");
  const Settings settings = OneSmsc();
  prometheus::Registry registry;
  Metrics metrics(registry);
  uint64_t admitted = 0, ended = 0;
  std::vector<dispatch::GroupId> kept;
  Dispatcher* dispatching = nullptr;
  Journal journal(loop, table, 0,
                  {.durable = [&](uint64_t upto) { dispatching->OnDurable(upto); },
                   .failed = [](const Error& error) { std::cerr << error << "\n"; },
                   .lost = [] {}});
  Dispatcher dispatcher(
      loop, settings, journal,
      [&](EndedJob job) {
        ++ended;
        kept.push_back(job.outcome.group);
      },
      SystemNow, metrics);
  dispatching = &dispatcher;
  const Journal::Restore none = [](std::string_view) { return Result<void>(); };
  DROVER_CHECK(Await(loop, journal.Open(none, SystemNow(), In(kSoon))).has_value());
  asio::co_spawn(loop.get_executor(), journal.Run(), asio::detached);
  OneLink link(loop, sink.port(), window, dispatcher);
  dispatcher.UseLinks(link);
  dispatcher.Begin();
  const double cpu = Seconds(CLOCK_THREAD_CPUTIME_ID);
  const double wall = Seconds(CLOCK_MONOTONIC);
  while (ended < messages) {
    while (admitted < messages && admitted - ended < kAhead) {
      const v1::Job job = JobOf(++admitted);
      DROVER_CHECK(dispatcher.Admit(job, *dispatcher.Check(job)).has_value());
    }
    loop.run_one();
    for (const dispatch::GroupId group : std::exchange(kept, {})) dispatcher.Kept(group);
  }
  const double took = Seconds(CLOCK_MONOTONIC) - wall;
  const double cpu_us =
      (Seconds(CLOCK_THREAD_CPUTIME_ID) - cpu) * 1e6 / static_cast<double>(messages);
  const double rate = static_cast<double>(messages) / took;
  std::printf(
      "window %3u  %9.0f messages/s  %6.2f us CPU a message (%.0f a second a core)  "
      "%.0f octets of journal\n",
      window, rate, cpu_us, 1e6 / cpu_us,
      static_cast<double>(journal.appended()) / static_cast<double>(messages));
  dispatcher.Stop();
  journal.Close();
  return {{"name", "push_dispatch_window_" + std::to_string(window)},
          {"value", rate},
          {"unit", "messages/s"},
          {"better", "higher"},
          {"cpu_us", cpu_us}};
}

int Run(const std::string& out, uint64_t messages, uint32_t window) {
  nlohmann::json figures = nlohmann::json::array();
  figures.push_back(Measure(messages, window));
  if (out.empty()) return 0;
  std::ofstream file(out);
  file << figures.dump(2) << "\n";
  return file ? 0 : 1;
}

}  // namespace
}  // namespace drover::push

int main(int argc, char** argv) {
  std::string out;
  uint64_t messages = 300'000;
  uint32_t window = 50;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--messages") == 0) messages = std::stoull(argv[i + 1]);
    if (std::strcmp(argv[i], "--window") == 0) window = std::stoul(argv[i + 1]);
  }
  return drover::push::Run(out, messages, window);
}

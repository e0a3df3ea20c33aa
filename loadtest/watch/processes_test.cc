#include "loadtest/watch/processes.h"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loadtest/watch/watch.h"

namespace drover::watch {
namespace {

using ::testing::HasSubstr;
using SteadyClock = std::chrono::steady_clock;

TEST(ParseTarget, IsAPidOrAUrl) {
  EXPECT_EQ(ParseTarget("session-1=4711")->pid, 4711);
  EXPECT_EQ(ParseTarget("s=http://h:1/metrics")->url, "http://h:1/metrics");
  for (const char* wrong : {"", "session-1", "=5", "a=", "a=0", "a=-1", "a=12x", "a=https://h/"}) {
    const auto target = ParseTarget(wrong);
    ASSERT_FALSE(target) << wrong;
    EXPECT_THAT(target.error().message, HasSubstr("NAME=PID"));
  }
}

TEST(ParseMetrics, FindsTheTwoAmongTheOthers) {
  const ProcessMetrics found = ParseMetrics(
      "# HELP process_cpu_seconds_total x\n# TYPE process_cpu_seconds_total counter\n"
      "process_cpu_seconds_total 12.5\nother_process_resident_memory_bytes 7\n"
      "process_resident_memory_bytes 5.2e+07\n");
  EXPECT_EQ(found.cpu_seconds, 12.5);
  EXPECT_EQ(found.resident_bytes, 52e6);
  EXPECT_LT(ParseMetrics("nothing\n").cpu_seconds, 0);
}

TEST(ReadProcess, KnowsThisProcess) {
  const auto before = ReadProcess(::getpid());
  ASSERT_TRUE(before) << before.error();
  EXPECT_GT(before->resident_bytes, 1e6);
  // Until a clock tick of CPU has been taken.
  while (ReadProcess(::getpid())->cpu_seconds <= before->cpu_seconds) {
  }
  EXPECT_EQ(ReadProcess(999'999'999).error().code, Code::kNotFound);
}

TEST(ReadProcess, CountsChildrenThatRunAndThatEnded) {
  const auto before = ReadProcess(::getpid());
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    while (ReadProcess(::getpid())->cpu_seconds < 0.03) {
    }
    (void)!::write(pipe[1], "x", 1);
    ::pause();
    std::_Exit(0);
  }
  char done = 0;
  ASSERT_EQ(::read(pipe[0], &done, 1), 1);
  EXPECT_GE(ReadProcess(::getpid())->cpu_seconds, before->cpu_seconds + 0.03);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_GE(ReadProcess(::getpid())->cpu_seconds, before->cpu_seconds + 0.03);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(SampleProcesses, LeavesOutWhatIsGone) {
  const auto sampler = SampleProcesses({{.name = "gone", .pid = 999'999'999, .url = {}},
                                        {.name = "here", .pid = ::getpid(), .url = {}}});
  const auto readings = sampler->Sample(SteadyClock::now() + std::chrono::seconds(1));
  ASSERT_EQ(readings.size(), 2U);
  EXPECT_EQ(readings[0].name, "here");
  EXPECT_EQ(readings[0].metric, "cpu_seconds");
}

// Says how often it was asked, and blocks for as long as it may if told to.
class Counting : public Sampler {
 public:
  Counting(std::atomic<int>& count, bool hangs) : count_(count), hangs_(hangs) {}
  std::vector<Reading> Sample(Deadline deadline) override {
    ++count_;
    count_.notify_all();
    if (hangs_) {
      std::this_thread::sleep_until(deadline);
      return {};
    }
    return {{report::Watched::kStore, "store", "bytes", "here", static_cast<double>(count_)}};
  }

 private:
  std::atomic<int>& count_;
  bool hangs_;
};

TEST(Watch, KeepsWhatItSawAndLooksOnceMoreAtTheEnd) {
  std::atomic<int> count{0};
  std::vector<std::unique_ptr<Sampler>> samplers;
  samplers.push_back(std::make_unique<Counting>(count, false));
  Watch watch(std::move(samplers), SteadyClock::now(), {.interval = std::chrono::milliseconds(1)});
  for (int seen = 0; seen < 3; seen = count) count.wait(seen);
  const std::vector<report::Series> series = watch.Stop();
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].points.size(), static_cast<size_t>(count));
  EXPECT_EQ(series[0].points.back().value, count);
  EXPECT_TRUE(watch.Stop().empty());
}

TEST(Watch, IsNotHeldUpByAStoreThatHangs) {
  std::atomic<int> hung{0};
  std::atomic<int> count{0};
  std::vector<std::unique_ptr<Sampler>> samplers;
  samplers.push_back(std::make_unique<Counting>(hung, true));
  samplers.push_back(std::make_unique<Counting>(count, false));
  Watch watch(
      std::move(samplers), SteadyClock::now(),
      {.interval = std::chrono::milliseconds(1), .patience = std::chrono::milliseconds(50)});
  for (int seen = 0; seen < 5; seen = count) count.wait(seen);
  const std::vector<report::Series> series = watch.Stop();
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].name, "store");
}

TEST(Stores, AreGapsWhenNobodyListens) {
  const Deadline deadline = SteadyClock::now() + std::chrono::seconds(2);
  EXPECT_TRUE(SampleRedis({"redis", "redis://127.0.0.1:1", ""})->Sample(deadline).empty());
  EXPECT_TRUE(
      SamplePostgres({"postgres", "postgresql://x@127.0.0.1:1/x", ""})->Sample(deadline).empty());
  EXPECT_TRUE(SampleKafka({"kafka", "/nowhere", ""})->Sample(deadline).empty());
  EXPECT_TRUE(
      SampleMetrics({.name = "s", .url = "http://127.0.0.1:1/metrics"})->Sample(deadline).empty());
}

TEST(TargetsOfCluster, ReadsProcessesAndStores) {
  const std::string folder = ::testing::TempDir();
  std::ofstream(folder + "/secret") << "s3cret\n";
  std::ofstream(folder + "/cluster.json")
      << R"({"units":[{"name":"redis","kind":"redis","pid":11,"ports":{"redis":6379},)"
      << R"("files":{"password":")" << folder << R"(/secret"}},)"
      << R"({"name":"session-1","kind":"session","pid":12,"ports":{"grpc":1},"files":{}},)"
      << R"({"name":"postgres","kind":"postgres","pid":0,"ports":{"postgres":5432}}]})";
  const auto targets = TargetsOfCluster(folder);
  ASSERT_TRUE(targets) << targets.error();
  EXPECT_EQ(targets->processes.size(), 2U);
  EXPECT_EQ(targets->redis.at(0).password, "s3cret");
  EXPECT_EQ(targets->redis.at(0).url, "redis://127.0.0.1:6379");
  EXPECT_EQ(targets->postgres.at(0).url, "postgresql://drover@127.0.0.1:5432/drover");
  EXPECT_EQ(TargetsOfCluster("/nowhere").error().code, Code::kNotFound);
  std::ofstream(folder + "/cluster.json") << "{}";
  EXPECT_EQ(TargetsOfCluster(folder).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace drover::watch

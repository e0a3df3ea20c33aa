// The frame as a process: drover-probe is started, asked and stopped as any service is.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drover/session/v1/session.grpc.pb.h"
#include "libs/http/testing/raw_client.h"

namespace drover::service {
namespace {

using http::testing::RawClient;
using ::testing::HasSubstr;

class Frame : public ::testing::Test {
 protected:
  Frame() {
    std::string pattern = std::filesystem::temp_directory_path() / "drover-frame-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::ofstream(folder_ / "token") << "secret\n";
  }
  ~Frame() override {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      Wait();
    }
    std::filesystem::remove_all(folder_);
  }

  void Begin(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), DROVER_PROBE);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string log = folder_ / "log";
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    ASSERT_EQ(posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  // The exit code; 128 + n for a signal.
  int Wait() {
    int status = 0;
    ::waitpid(std::exchange(process_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  int Run(std::vector<std::string> arguments) {
    Begin(std::move(arguments));
    return Wait();
  }
  std::vector<std::string> ServeArguments(std::vector<std::string> more = {}) {
    std::vector<std::string> all = {"serve", "--grpc-listen=127.0.0.1:0",
                                    "--admin-listen=127.0.0.1:0",
                                    "--port-file=" + (folder_ / "ports").string(),
                                    "--grpc-token-file=" + (folder_ / "token").string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  // Starts serving and waits for the port file. False if the process ended before.
  void Serve(std::vector<std::string> more = {}) {
    Begin(ServeArguments(std::move(more)));
    while (!std::filesystem::exists(folder_ / "ports")) std::this_thread::yield();
  }
  std::string Address(const std::string& name) {
    const std::string json = Read("ports");
    const size_t at = json.find('"' + name + "\": \"") + name.size() + 5;
    return json.substr(at, json.find('"', at) - at);
  }
  std::string Read(const std::string& name) {
    std::ifstream in(folder_ / name);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  http::testing::RawResponse Get(const std::string& path) {
    RawClient client(Address("admin"));
    client.Send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return client.Receive().value_or(http::testing::RawResponse());
  }
  void WaitForLog(const std::string& text) {
    while (Read("log").find(text) == std::string::npos) std::this_thread::yield();
  }

  std::filesystem::path folder_;
  pid_t process_ = 0;
};

TEST_F(Frame, ServesUntilSigtermAndEndsWithZero) {
  Serve();
  while (Get("/readyz").status != 200) std::this_thread::yield();
  EXPECT_EQ(Get("/livez").body, "ok\n");
  EXPECT_THAT(Get("/readyz?verbose").body, HasSubstr("[+]flag ok"));
  EXPECT_THAT(Get("/metrics").body, HasSubstr("drover_build_info{service=\"probe\""));
  EXPECT_THAT(Get("/metrics").body, HasSubstr("process_cpu_seconds_total"));
  EXPECT_EQ(Get("/nothing").status, 404);
  auto stub = session::v1::SessionService::NewStub(
      grpc::CreateChannel(Address("grpc"), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer secret");
  session::v1::GetSessionRequest request;
  request.set_device_id("d");
  session::v1::Session reply;
  EXPECT_TRUE(stub->GetSession(&context, request, &reply).ok());
  ::kill(process_, SIGTERM);
  EXPECT_EQ(Wait(), 0) << Read("log");
}

TEST_F(Frame, IsLiveButNotReadyWhileACheckFails) {
  Serve({"--ready=false"});
  EXPECT_EQ(Get("/livez").status, 200);
  const auto ready = Get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("[-]flag not ready"));
}

TEST_F(Frame, IsNotReadyInTheDrain) {
  Serve({"--drain-time=10s"});
  ::kill(process_, SIGINT);
  while (Get("/readyz").status != 503) std::this_thread::yield();
  ::kill(process_, SIGTERM);  // The second signal ends it at once.
  EXPECT_EQ(Wait(), 128 + SIGTERM);
}

TEST_F(Frame, SaysSoWhenTheDrainTookTooLong) {
  Serve({"--drain-time=1h", "--drain-timeout=50ms"});
  ::kill(process_, SIGTERM);
  EXPECT_EQ(Wait(), 1);
  EXPECT_THAT(Read("log"), HasSubstr("drain.failed"));
}

TEST_F(Frame, EndsWhenAProcessThatShouldNotEndDoes) {
  Serve({"--work-time=20ms"});
  EXPECT_EQ(Wait(), 1);
  EXPECT_THAT(Read("log"), HasSubstr("process.ended"));
}

TEST_F(Frame, DoesNotServeWhenItsStartFails) {
  EXPECT_EQ(Run(ServeArguments({"--start-error=the schema is old"})), 1);
  EXPECT_THAT(Read("log"), HasSubstr("start: the schema is old"));
}

TEST_F(Frame, DoesNotWaitForItsStartWhenItIsToldToStop) {
  Begin(ServeArguments({"--start-time=1h"}));
  WaitForLog("\"listening\"");
  ::kill(process_, SIGTERM);
  EXPECT_EQ(Wait(), 0) << Read("log");
}

TEST_F(Frame, DoesNotServeGrpcToEveryoneUnlessToldTo) {
  EXPECT_EQ(Run({"serve", "--grpc-listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"}), 2);
  EXPECT_THAT(Read("log"), HasSubstr("--grpc-token-file"));
  Begin({"serve", "--grpc-listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0",
         "--insecure-no-auth=true"});
  WaitForLog("\"serving\"");
}

TEST_F(Frame, SaysWhichAddressItCannotHave) {
  Serve();
  const std::string taken = Address("grpc");
  const pid_t first = std::exchange(process_, 0);
  Begin({"serve", "--admin-listen=127.0.0.1:0", "--insecure-no-auth", "--grpc-listen", taken});
  EXPECT_EQ(Wait(), 1);
  EXPECT_THAT(Read("log"), HasSubstr("cannot listen on " + taken));
  process_ = first;
}

TEST_F(Frame, KnowsItsCommands) {
  EXPECT_EQ(Run({"version"}), 0);
  EXPECT_THAT(Read("log"), HasSubstr("drover-probe "));
  EXPECT_EQ(Run({"check-config"}), 0);
  EXPECT_EQ(Run({"check-config", "--start-error=nonsense"}), 2);
  EXPECT_EQ(Run({"check-config", "--workers=1"}), 2);
  EXPECT_EQ(Run({"migrate"}), 0);
  EXPECT_EQ(Run({"migrate", "--to", "13"}), 1);
  EXPECT_THAT(Read("log"), HasSubstr("no such version"));
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(Read("log"), HasSubstr("--drain-time duration"));
  EXPECT_EQ(Run({"--print-config"}), 0);
  EXPECT_THAT(Read("log"), HasSubstr("work-time: \"1d\"  # default"));
  EXPECT_EQ(Run({"dance"}), 2);
  EXPECT_EQ(Run({}), 2);
}

}  // namespace
}  // namespace drover::service

// With a script in the place of scripts/cluster that only says what was asked of it.
#include "loadtest/drover_load/local_cluster.h"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drover::load {
namespace {

namespace fs = std::filesystem;

class ALocalCluster : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / "local-cluster-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    options_.script = folder_ + "/cluster";
    options_.bin = folder_;
    ASSERT_EQ(::mkfifo((folder_ + "/stopped").c_str(), 0600), 0);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // up and stop do what is given; stop is told its folder.
  void WriteScript(const std::string& up) {
    std::ofstream(options_.script)
        << "#!/bin/sh\ncase $1 in\nup) mkdir -p $3; echo {} >$3/cluster.json; " << up
        << " ;;\nenv) echo export DROVER_INGRESS_URL=http://127.0.0.1:1/dm ;;\n"
        << "stop) echo $4 >" << folder_ << "/stopped ;;\nesac\n";
    fs::permissions(options_.script, fs::perms::owner_all);
  }
  // Waits for stop, however long that takes.
  std::string StoppedFolder() const {
    std::string line;
    std::getline(std::ifstream(folder_ + "/stopped"), line);
    return line;
  }

  std::string folder_;
  LocalClusterOptions options_;
};

TEST_F(ALocalCluster, EndsWhenItsProcessIsKilled) {
  WriteScript("exit 0");
  const pid_t generator = ::fork();
  if (generator == 0) {
    const Result<LocalCluster> cluster = LocalCluster::Start(options_);
    ::kill(::getpid(), SIGKILL);
  }
  EXPECT_THAT(StoppedFolder(), testing::EndsWith("/cluster"));
  int status = 0;
  ::waitpid(generator, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_F(ALocalCluster, EndsWithItsObjectAndForgetsItsData) {
  WriteScript("exit 0");
  const pid_t reader = ::fork();
  if (reader == 0) ::_exit(StoppedFolder().empty() ? 1 : 0);
  std::string data;
  {
    const Result<LocalCluster> cluster = LocalCluster::Start(options_);
    ASSERT_TRUE(cluster) << cluster.error();
    data = cluster->folder();
    EXPECT_TRUE(fs::exists(data + "/cluster/cluster.json"));
    Endpoints endpoints;
    cluster->Fill(endpoints);
    EXPECT_EQ(endpoints.ingress, "http://127.0.0.1:1/dm");
  }
  EXPECT_FALSE(fs::exists(data));
  int status = 0;
  ::waitpid(reader, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(ALocalCluster, ThatDoesNotStartIsAnError) {
  WriteScript("rm $3/cluster.json; exit 3");
  const Result<LocalCluster> cluster = LocalCluster::Start(options_);
  ASSERT_FALSE(cluster);
  EXPECT_THAT(cluster.error().message, testing::HasSubstr("does not start"));
}

}  // namespace
}  // namespace drover::load

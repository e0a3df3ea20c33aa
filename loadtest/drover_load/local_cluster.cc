#include "loadtest/drover_load/local_cluster.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <arpa/inet.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace drover::load {
namespace {

namespace fs = std::filesystem;

// Runs it in a process group of its own, so that Ctrl-C does not reach it; its exit code.
int Execute(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int failed = ::posix_spawnp(&pid, argv[0], nullptr, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) return 127;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> piece;
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), pipe)) {
    output.append(piece.data(), got);
  }
  ::pclose(pipe);
  return output;
}

fs::path OwnFolder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

// build/<preset>/bin is three below the tree.
std::string FindScript() {
  const fs::path tree = OwnFolder().parent_path().parent_path().parent_path();
  return tree / "scripts" / "cluster";
}

uint16_t FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  return bound ? ntohs(address.sin_port) : 0;
}

// The value of "export NAME=value" in what `scripts/cluster env` prints.
std::string ValueIn(const std::string& exports, const std::string& name) {
  std::istringstream lines(exports);
  std::string line;
  const std::string begin = "export " + name + "=";
  while (std::getline(lines, line)) {
    if (line.starts_with(begin)) return line.substr(begin.size());
  }
  return "";
}

// An ECDSA certificate that nobody has signed.
Result<void> MakeCertificate(const std::string& folder) {
  const int code =
      Execute({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=localhost",
               "-keyout", folder + "/tls.key", "-out", folder + "/tls.pem", "-batch"});
  if (code != 0) return Unavailable("openssl cannot make a certificate: install openssl");
  return {};
}

}  // namespace

LocalCluster::LocalCluster(std::string script, std::string folder)
    : script_(std::move(script)), folder_(std::move(folder)) {}

LocalCluster::LocalCluster(LocalCluster&& other) noexcept
    : script_(std::move(other.script_)),
      folder_(std::exchange(other.folder_, "")),
      ingress_(std::move(other.ingress_)),
      kafka_(std::move(other.kafka_)) {}

LocalCluster::~LocalCluster() {
  if (folder_.empty()) return;
  if (fs::exists(folder_ + "/cluster/cluster.json"))
    (void)Execute({script_, "stop", "--fast", "--dir", folder_ + "/cluster"});
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Result<LocalCluster> LocalCluster::Start(const LocalClusterOptions& options) {
  const std::string script = options.script.empty() ? FindScript() : options.script;
  if (!fs::exists(script)) {
    return InvalidArgument("--local needs scripts/cluster, which is not at " + script +
                           ": say --cluster-script, or --context of a cluster that runs");
  }
  std::string folder = (fs::temp_directory_path() / "drover-load-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return Unavailable("cannot make a folder in /tmp");
  ::chmod(folder.c_str(), 0711);  // PostgreSQL's user goes through.
  LocalCluster cluster(script, folder);
  const std::string bin = options.bin.empty() ? OwnFolder().string() : options.bin;
  std::vector<std::string> up{script, "up", "--dir", folder + "/cluster", "--bin", bin};
  const auto set = [&up](const std::string& flag) { up.insert(up.end(), {"--set", flag}); };
  for (const std::string& flag : options.set) set(flag);
  if (!options.enrolment_password_file.empty()) {
    set("session.unknown-terminals=enrol");
    set("session.enrol-password-file=" + fs::absolute(options.enrolment_password_file).string());
  }
  const uint16_t port = options.tls ? FreePort() : 0;
  if (options.tls) {
    DROVER_TRY(MakeCertificate(folder));
    set("ingress.https-listen=127.0.0.1:" + std::to_string(port));
    set("ingress.tls-cert-file=" + folder + "/tls.pem");
    set("ingress.tls-key-file=" + folder + "/tls.key");
  }
  const int code = Execute(up);
  if (code != 0) return Unavailable("the cluster does not start (" + script + " up)");
  const std::string env =
      OutputOf(Quoted(script) + " env --dir " + Quoted(folder + "/cluster") + " 2>/dev/null");
  cluster.ingress_ = options.tls ? "https://127.0.0.1:" + std::to_string(port) + "/dm"
                                 : ValueIn(env, "DROVER_INGRESS_URL");
  cluster.kafka_ = ValueIn(env, "DROVER_KAFKA_BROKERS");
  return cluster;
}

void LocalCluster::Fill(Endpoints& endpoints) const {
  endpoints.context = folder_ + "/cluster/context.yaml";
  endpoints.tree.clear();
  endpoints.operations.clear();
  endpoints.token_file.clear();
  endpoints.ingress = ingress_;
  if (!kafka_.empty()) endpoints.kafka = kafka_;
}

}  // namespace drover::load

#include "loadtest/drover_load/local_cluster.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace drover::load {
namespace {

namespace fs = std::filesystem;

constexpr int kNotStarted = 127;
constexpr char kEverything[] = "postgres,redis,kafka,tree,operations,session,ingress";

// In a process group of its own, so that Ctrl-C does not reach it. places: descriptors of this
// process and what they are there. -1: it does not start.
pid_t Spawn(std::vector<std::string> arguments,
            const std::vector<std::pair<int, int>>& places = {}) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  for (const auto& [here, there] : places) {
    ::posix_spawn_file_actions_adddup2(&files, here, there);
  }
  pid_t pid = 0;
  const int failed = ::posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  return failed == 0 ? pid : -1;
}

int ExitCode(pid_t pid) {
  if (pid < 0) return kNotStarted;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int Execute(std::vector<std::string> arguments) { return ExitCode(Spawn(std::move(arguments))); }

// Brings the cluster up, says on descriptor 3 how that went, and ends it when its standard input
// does: with the generator.
constexpr char kWarden[] = R"sh(
folder=$1; script=$2; shift 2
"$script" "$@" </dev/null 3>&-
code=$?
trap '' PIPE
echo $code >&3
exec 3>&-
cat >/dev/null
[ -e "$folder/cluster/cluster.json" ] && "$script" stop --fast --dir "$folder/cluster"
rm -rf "$folder"
)sh";

// Until the other side has closed it.
std::string ReadAll(int fd) {
  std::string text;
  std::array<char, 64> piece;
  while (true) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(piece.data(), static_cast<size_t>(got));
  }
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

LocalCluster::LocalCluster(std::string folder) : folder_(std::move(folder)) {}

LocalCluster::LocalCluster(LocalCluster&& other) noexcept
    : folder_(std::exchange(other.folder_, "")),
      lifeline_(std::exchange(other.lifeline_, -1)),
      warden_(std::exchange(other.warden_, -1)),
      ingress_(std::move(other.ingress_)),
      kafka_(std::move(other.kafka_)),
      smsc_(std::move(other.smsc_)),
      gateways_(std::move(other.gateways_)),
      registrar_(std::move(other.registrar_)) {}

LocalCluster::~LocalCluster() {
  if (folder_.empty()) return;
  if (lifeline_ >= 0) ::close(lifeline_);
  if (warden_ >= 0) (void)ExitCode(warden_);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

int LocalCluster::Up(const std::string& script, std::vector<std::string> arguments) {
  std::array<int, 2> life{-1, -1};
  std::array<int, 2> said{-1, -1};
  if (::pipe2(life.data(), O_CLOEXEC) != 0 || ::pipe2(said.data(), O_CLOEXEC) != 0) {
    return kNotStarted;
  }
  std::vector<std::string> warden{"sh", "-c", kWarden, "sh", folder_, script};
  warden.insert(warden.end(), std::make_move_iterator(arguments.begin()),
                std::make_move_iterator(arguments.end()));
  warden_ = Spawn(std::move(warden), {{life[0], 0}, {said[1], 3}});
  lifeline_ = life[1];
  ::close(life[0]);
  ::close(said[1]);
  const std::string code = ReadAll(said[0]);
  ::close(said[0]);
  return code.empty() ? kNotStarted : std::atoi(code.c_str());
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
  LocalCluster cluster(folder);
  const std::string bin = options.bin.empty() ? OwnFolder().string() : options.bin;
  std::vector<std::string> up{"up", "--dir", folder + "/cluster", "--bin", bin};
  const std::string with = std::string(kEverything) + (options.sms ? ",smsc,push" : "") +
                           (options.gateways ? ",sip" : "");
  up.insert(up.end(), {"--with", with});
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
  const int code = cluster.Up(script, std::move(up));
  if (code != 0) return Unavailable("the cluster does not start (" + script + " up)");
  const std::string env =
      OutputOf(Quoted(script) + " env --dir " + Quoted(folder + "/cluster") + " 2>/dev/null");
  cluster.ingress_ = options.tls ? "https://127.0.0.1:" + std::to_string(port) + "/dm"
                                 : ValueIn(env, "DROVER_INGRESS_URL");
  cluster.gateways_ = ValueIn(env, "DROVER_GATEWAYS_URL");
  cluster.registrar_ = ValueIn(env, "DROVER_SIP_ADDRESS");
  cluster.smsc_ = ValueIn(env, "DROVER_SMSC_URL");
  cluster.kafka_ = ValueIn(env, "DROVER_KAFKA_BROKERS");
  return cluster;
}

void LocalCluster::Fill(Endpoints& endpoints) const {
  endpoints.context = folder_ + "/cluster/context.yaml";
  endpoints.tree.clear();
  endpoints.operations.clear();
  endpoints.token_file.clear();
  endpoints.sip.clear();
  endpoints.ingress = ingress_;
  if (!kafka_.empty()) endpoints.kafka = kafka_;
}

}  // namespace drover::load

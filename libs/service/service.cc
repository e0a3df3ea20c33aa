#include "libs/service/service.h"

#include <cstdio>
#include <cstring>
#include <memory>

#include "libs/service/context.h"
#include "libs/service/flag_parser.h"
#include "libs/service/log.h"
#include "libs/service/process_metrics.h"
#include "libs/service/runner.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): not in every <unistd.h>.

namespace drover::service {
namespace {

constexpr int kWrongUsage = 2;

std::vector<Flag> FrameFlags() {
  using Kind = Flag::Kind;
  return {
      {"config", Kind::kString, "", "YAML file of 'flag-name: value'"},
      {"grpc-listen", Kind::kString, "127.0.0.1:9090", "address for gRPC, host:port; port 0: any"},
      {"grpc-token-file", Kind::kFile, "",
       "file with the bearer token that callers must send, and that this service sends"},
      {"insecure-no-auth", Kind::kBool, "false", "serve gRPC without a token"},
      {"grpc-reflection", Kind::kBool, "false", "serve gRPC reflection"},
      {"admin-listen", Kind::kString, "127.0.0.1:9464",
       "address for /metrics, /livez and /readyz, host:port; port 0: any"},
      {"port-file", Kind::kString, "", "file to write the bound addresses to, as JSON"},
      {"log-level", Kind::kChoice, "info", "least level that is logged", INT64_MIN, INT64_MAX,
       "debug|info|warn|error"},
      {"log-format", Kind::kChoice, "json", "form of a log line", INT64_MIN, INT64_MAX,
       "json|text"},
      {"drain-timeout", Kind::kDuration, "25s", "how long SIGTERM waits for what is in flight", 0,
       3'600'000},
  };
}

std::vector<Flag> FlagsOf(const Service& service, std::string_view command) {
  std::vector<Flag> flags = service.flags;
  for (Flag& flag : FrameFlags()) flags.push_back(std::move(flag));
  if (command == "migrate") {
    flags.push_back(
        {"to", Flag::Kind::kInt, "-1", "schema version to reach; -1: the newest", -1, 1'000'000});
  }
  return flags;
}

FlagParser::Environment ReadEnvironment() {
  FlagParser::Environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (equals != nullptr) variables.emplace(std::string_view(*entry, equals - *entry), equals + 1);
  }
  return variables;
}

void PrintUsage(const Service& service, const FlagParser& parser, std::FILE* out) {
  std::fprintf(
      out,
      "%s\n\nUsage: drover-%s serve|%scheck-config|version [--flag value ..]\n\n"
      "  serve         run until SIGTERM\n%s"
      "  check-config  read the configuration, report every error in it\n"
      "  version       print the version\n\n"
      "A flag's value comes from the command line, else from the environment\n"
      "(--redis-url: DROVER_REDIS_URL), else from the --config file, else it is the\n"
      "default. --print-config shows each and where it came from.\n\n%s",
      service.description.c_str(), service.name.c_str(), service.migrate ? "migrate|" : "",
      service.migrate ? "  migrate       bring the schema to its newest version, or --to N\n" : "",
      parser.Help().c_str());
}

void ConfigureLogFrom(const Service& service, const Flags& flags) {
  const std::string& level = flags.String("log-level");
  ConfigureLog(service.name,
               level == "debug"   ? Level::kDebug
               : level == "warn"  ? Level::kWarn
               : level == "error" ? Level::kError
                                  : Level::kInfo,
               flags.String("log-format") == "text" ? LogFormat::kText : LogFormat::kJson);
}

int Serve(const Service& service, const Flags& flags) {
  auto state = std::make_unique<Context::State>(flags, service.name);
  Context::State& inner = *state;
  Context context(std::move(state));
  if (const Result<void> wired = service.wire(context); !wired) {
    Log(Level::kError, "start.failed", wired.error().message, {{"code", Name(wired.error().code)}});
    return wired.error().code == Code::kInvalidArgument ? kWrongUsage : 1;
  }
  if (!inner.grpc.empty() && flags.Secret("grpc-token-file").empty() &&
      !flags.Bool("insecure-no-auth")) {
    Log(Level::kError, "start.failed",
        "gRPC would be open to everyone: give --grpc-token-file, or --insecure-no-auth=true");
    return kWrongUsage;
  }
  return Runner(context).Serve();
}

int Migrate(const Service& service, const Flags& flags) {
  Context context(std::make_unique<Context::State>(flags, service.name));
  Runner runner(context);
  return runner.Migrate(service.migrate(context, static_cast<int>(flags.Int("to"))));
}

}  // namespace

int Run(const Service& service, int argc, char** argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  const std::string command =
      arguments.empty() || arguments[0].starts_with("-") ? "" : arguments[0];
  if (!command.empty()) arguments.erase(arguments.begin());
  FlagParser parser(FlagsOf(service, command));
  std::vector<std::string> errors = parser.Parse(arguments, ReadEnvironment());
  const bool known = command == "serve" || command == "check-config" || command == "version" ||
                     (command == "migrate" && service.migrate);
  if (parser.help() || command == "help") {
    PrintUsage(service, parser, stdout);
    return 0;
  }
  if (!known && !(command.empty() && parser.print_config())) {
    if (!command.empty()) std::fprintf(stderr, "'%s' is not a command\n\n", command.c_str());
    PrintUsage(service, parser, stderr);
    return kWrongUsage;
  }
  if (command == "version") {
    std::printf("drover-%s %s\n", service.name.c_str(), std::string(Version()).c_str());
    return 0;
  }
  if (errors.empty() && service.check && command != "migrate") {
    errors = service.check(parser.flags());
  }
  for (const std::string& error : errors) std::fprintf(stderr, "%s\n", error.c_str());
  if (!errors.empty()) return kWrongUsage;
  if (parser.print_config()) {
    std::fputs(parser.PrintConfig().c_str(), stdout);
    return 0;
  }
  ConfigureLogFrom(service, parser.flags());
  if (command == "check-config") {
    std::printf("the configuration is in order\n");
    return 0;
  }
  return command == "migrate" ? Migrate(service, parser.flags()) : Serve(service, parser.flags());
}

}  // namespace drover::service

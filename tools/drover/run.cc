#include "tools/drover/run.h"

#include <algorithm>

#include "libs/dmtree/device_id.h"
#include "tools/drover/commands/action.h"
#include "tools/drover/commands/command.h"
#include "tools/drover/duration.h"

namespace drover::cli {
namespace {

int Code(ExitCode code) { return static_cast<int>(code); }

void AddGlobalFlags(CLI::App& root, Invocation& invocation, bool& no_color) {
  Context& flags = invocation.flags;
  root.add_option("--operations", flags.operations, "The operations service, host:port");
  root.add_option("--tree", flags.tree, "The tree service, host:port");
  root.add_option("--session", flags.session, "The session service, host:port");
  root.add_option("--push", flags.push, "The push service, host:port");
  root.add_option("--sip", flags.sip, "The sip service, host:port");
  root.add_option("--token-file", flags.token_file, "A file with the bearer token");
  root.add_option("--context", invocation.context_path, "A context file");
  root.add_option("--rpc-timeout", invocation.rpc_timeout, "How long one call may take")
      ->capture_default_str();
  root.add_flag("-q,--quiet", invocation.console.quiet, "No notes on standard error");
  root.add_flag("--no-color", no_color, "No colours; as NO_COLOR");
}

void AddCommands(CLI::App& root, Invocation& invocation) {
  AddGet(root, invocation);
  AddDescribe(root, invocation);
  AddTree(root, invocation);
  AddDdf(root, invocation);
  AddProfile(root, invocation);
  AddOp(root, invocation);
  AddDevice(root, invocation);
  AddActions(root, invocation);
  AddPush(root, invocation);
  AddRegistration(root, invocation);
  AddGateway(root, invocation);
  AddDecode(root, invocation);
  AddVersion(root, invocation);
  AddCompletion(root, invocation);
}

// Reads the words. An exit code if there is nothing to run: --help, or a mistake.
std::optional<ExitCode> Parse(CLI::App& root, const std::vector<std::string>& words,
                              Console& console) {
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    root.parse(reversed);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    const bool help = root.exit(error, console.out, console.err) == 0;
    return help ? ExitCode::kOk : ExitCode::kUsage;
  }
}

}  // namespace

Result<Cluster*> Invocation::cluster() {
  if (cluster_ == nullptr) {
    DROVER_TRY(Context context, ResolveContext(flags, context_path, environment));
    DROVER_TRY(const std::chrono::milliseconds timeout, ParseDuration(rpc_timeout));
    cluster_ = std::make_unique<Cluster>(std::move(context), timeout);
  }
  return cluster_.get();
}

void OutputOption::AddTo(CLI::App& app) {
  app.add_option("-o,--output", name, std::string(kOutputFormats))->capture_default_str();
}

Result<OutputFormat> OutputOption::Format() const {
  const std::optional<OutputFormat> format = OutputFormatOf(name);
  if (!format) return InvalidArgument("-o " + name + ": expected " + std::string(kOutputFormats));
  return *format;
}

Result<std::string> DeviceArgument(const std::string& text) {
  DROVER_TRY(const DeviceId id, dmtree::NormaliseDeviceId(text));
  return id.value();
}

int Run(const std::vector<std::string>& words, Console& console, const Environment& environment) {
  CLI::App root("Drover: manage terminals over OMA DM.", "drover");
  root.require_subcommand(1);
  root.fallthrough();
  Invocation invocation(console, environment, root);
  bool no_color = environment("NO_COLOR").has_value();
  AddGlobalFlags(root, invocation, no_color);
  AddCommands(root, invocation);
  if (const auto code = Parse(root, words, console)) return Code(*code);
  console.colour = console.colour && !no_color;
  const Result<ExitCode> code = invocation.run();
  if (!code) {
    console.err << "drover: " << code.error().message << '\n';
    return Code(ExitCodeOf(code.error().code));
  }
  console.out.flush();
  return Code(console.out ? *code : ExitCode::kFailure);
}

}  // namespace drover::cli

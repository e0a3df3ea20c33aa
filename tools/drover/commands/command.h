// What a command is: options on a CLI::App, and something to run once the words are understood.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/drover/cluster.h"
#include "tools/drover/console.h"
#include "tools/drover/exit_code.h"
#include "tools/drover/output.h"

namespace drover::cli {

// One run of the program.
struct Invocation {
  Invocation(Console& console_, const Environment& environment_, CLI::App& root_)
      : console(console_), environment(environment_), root(root_) {}

  Console& console;
  const Environment& environment;
  CLI::App& root;

  // Global flags.
  Context flags;
  std::string context_path;
  std::string rpc_timeout = "30s";

  // Set by the command that was named.
  std::function<Result<ExitCode>()> run;

  // The services, from the flags, environment and context file. kInvalidArgument.
  Result<Cluster*> cluster();

 private:
  std::unique_ptr<Cluster> cluster_;
};

// Each adds its command and what is below it.
void AddGet(CLI::App& root, Invocation& invocation);
void AddDescribe(CLI::App& root, Invocation& invocation);
void AddTree(CLI::App& root, Invocation& invocation);
void AddDdf(CLI::App& root, Invocation& invocation);
void AddProfile(CLI::App& root, Invocation& invocation);
void AddOp(CLI::App& root, Invocation& invocation);
void AddOpSubmit(CLI::App& op, Invocation& invocation);
void AddDevice(CLI::App& root, Invocation& invocation);
void AddPush(CLI::App& root, Invocation& invocation);
void AddRegistration(CLI::App& root, Invocation& invocation);
void AddGateway(CLI::App& root, Invocation& invocation);
// "get gateways" (gateway.cc).
void AddGetGateways(CLI::App& get, Invocation& invocation);
// "get registrations" and "get pushes" (push.cc).
void AddGetPush(CLI::App& get, Invocation& invocation);
void AddDecode(CLI::App& root, Invocation& invocation);
void AddVersion(CLI::App& root, Invocation& invocation);
void AddCompletion(CLI::App& root, Invocation& invocation);

// Adds "PARENT NAME": once it was named, handler is run with the options that its flags, added by
// the caller, have set.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddVerb(
    CLI::App& parent, Invocation& invocation, const char* name, const char* help,
    Result<ExitCode> (*handler)(Invocation&, const Options&)) {
  CLI::App* command = parent.add_subcommand(name, help);
  auto options = std::make_shared<Options>();
  command->callback([&invocation, options, handler] {
    invocation.run = [&invocation, options, handler] { return handler(invocation, *options); };
  });
  return {command, options};
}

// Adds -o/--output with the default given; Format() then reads what it set.
struct OutputOption {
  std::string name = "table";
  void AddTo(CLI::App& app);
  // kInvalidArgument: not one of kOutputFormats.
  Result<OutputFormat> Format() const;
};

// A device id from the command line, as the services spell it. kInvalidArgument.
Result<std::string> DeviceArgument(const std::string& text);

// How devices and operations look in tables (get.cc).
extern const View kDeviceView;
extern const View kOperationView;
// Makes an operation's commands one word each for a table (op.cc).
void FitTable(Json& operation);

bool Ended(operations::v1::State state);

// Calls seen at each change of an operation until it has ended, over restarts of the service too.
// kDeadlineExceeded: it had not at the deadline.
Result<void> Follow(Cluster& cluster, Console& console, const std::string& id,
                    std::chrono::system_clock::time_point deadline,
                    const std::function<void(const operations::v1::Operation&)>& seen);

// The same of all that match, in one stream. More than 10,000 ids: in several, one after the other.
Result<void> FollowMany(Cluster& cluster, Console& console,
                        const operations::v1::WatchOperationsRequest& which,
                        std::chrono::system_clock::time_point deadline, const Cluster::Seen& seen);

// Submits for every terminal that the selector finds, over restarts of the service too (an
// idempotency key is made if there is none). Adds what was stored; says who was skipped.
Result<void> SubmitSelected(Cluster& cluster, Console& console,
                            operations::v1::SubmitSelectedRequest request,
                            std::vector<operations::v1::Operation>& stored);

}  // namespace drover::cli

// What the verbs for management objects share: which terminals, how they are submitted, waited for
// and shown.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drover/operations/v1/actions.pb.h"
#include "tools/drover/commands/command.h"

namespace drover::cli {

// Each is submitted for all terminals, one after the other.
using Actions = std::vector<operations::v1::Action>;

// Flags that every verb has.
struct ActionOptions {
  std::vector<std::string> words;  // Terminals, then the verb's own.
  std::string selector;
  std::string root;
  bool usual_root = false;
  bool no_atomic = false;
  std::string confirm;
  std::string label;
  int priority = 0;
  std::string ttl;
  std::string not_before;
  int retries = 0;
  std::string idempotency_key;
  bool unchecked = false;
  bool skip_unfit = false;
  bool dry_run = false;
  bool wait = false;
  std::string timeout;
  OutputOption output;
};

struct ActionVerb {
  const char* name;
  const char* help;
  // Words behind the terminals: "URI", "NAME"; none: every word is a terminal.
  const char* argument = nullptr;
  size_t min_arguments = 0;
  size_t max_arguments = 0;
  const char* timeout = "10m";  // Of --wait.
  bool can_ask = true;          // Offers --confirm.
  // The actions, from the words behind the terminals and flags of the verb's own.
  std::function<Result<Actions>(const std::vector<std::string>& arguments)> make;
  // Before anything is submitted; may be empty.
  std::function<Result<void>(const std::vector<std::string>& devices, Actions& actions)> check;
  // Instead of outcomes, after --wait; may be empty.
  std::function<Result<void>(OutputFormat format, const std::vector<std::string>& devices)> show;
};

// Adds the verb with the flags that all have; returns it for those of its own.
CLI::App* AddAction(CLI::App& parent, Invocation& invocation, ActionVerb verb);

// An operation of an action, with what was read on its behalf.
struct Done {
  operations::v1::Operation operation;
  std::vector<operations::v1::Value> more;
  bool in_time = true;
};
// Outcomes for people, or one object each for programs; what to do next goes to standard error.
void PrintOutcomes(Console& console, OutputFormat format, const std::vector<Done>& all);
// Operations that were submitted and not waited for.
void PrintSubmitted(Console& console, OutputFormat format,
                    const operations::v1::SubmitActionResponse& response);
// Whether all came to what was wanted.
ExitCode CodeOf(const std::vector<Done>& all);

// The terminals that a command line names: words, or those that a selector finds.
Result<std::vector<std::string>> Terminals(Cluster& cluster, const std::vector<std::string>& words,
                                           const std::string& selector);

// ON and OFF for --x and --no-x; as it is without either.
void AddChoice(CLI::App& verb, const std::string& name, int& choice, const std::string& help);

// The verbs.
void AddActions(CLI::App& root, Invocation& invocation);
void AddFumo(CLI::App& root, Invocation& invocation);
void AddScomo(CLI::App& root, Invocation& invocation);
void AddLawmo(CLI::App& root, Invocation& invocation);
void AddDcmo(CLI::App& root, Invocation& invocation);
void AddDiag(CLI::App& root, Invocation& invocation);
void AddAccounts(CLI::App& root, Invocation& invocation);
void AddParams(CLI::App& root, Invocation& invocation);
void AddPrompt(CLI::App& root, Invocation& invocation);
void AddCredentials(CLI::App& root, Invocation& invocation);
void AddAcl(CLI::App& root, Invocation& invocation);
void AddDiscover(CLI::App& tree, Invocation& invocation);  // Below `drover tree`.

}  // namespace drover::cli

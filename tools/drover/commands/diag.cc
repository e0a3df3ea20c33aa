// drover diag: diagnostics and traps.
#include "tools/drover/commands/action.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

void AddStart(CLI::App& diag, Invocation& invocation) {
  const auto config = std::make_shared<std::string>();
  CLI::App* const verb =
      AddAction(diag, invocation,
                {.name = "start",
                 .help = "Start a diagnostic function",
                 .argument = "FUNCTION",
                 .min_arguments = 1,
                 .max_arguments = 1,
                 .make = [config](const std::vector<std::string>& arguments) -> Result<Actions> {
                   Actions actions(1);
                   actions[0].mutable_diag_start()->set_function(arguments[0]);
                   actions[0].mutable_diag_start()->set_config(*config);
                   return actions;
                 }});
  verb->add_option("--config", *config, "Written to ConfigParms first");
}

void AddTraps(CLI::App& diag, Invocation& invocation) {
  CLI::App* const trap = diag.add_subcommand("trap", "Conditions that terminals report");
  trap->require_subcommand(1);
  AddAction(*trap, invocation,
            {.name = "list",
             .help = "The traps that a terminal has",
             .can_ask = false,
             .make = [](const auto&) -> Result<Actions> {
               Actions actions(1);
               actions[0].mutable_diag_trap_list();
               return actions;
             }});
  for (const bool enabled : {true, false}) {
    const auto server_id = std::make_shared<std::string>();
    CLI::App* const verb =
        AddAction(*trap, invocation,
                  {.name = enabled ? "enable" : "disable",
                   .help = enabled ? "Have a condition reported" : "Have it reported no more",
                   .argument = "TRAP",
                   .min_arguments = 1,
                   .max_arguments = 1,
                   .make = [enabled, server_id](
                               const std::vector<std::string>& arguments) -> Result<Actions> {
                     Actions actions(1);
                     actions[0].mutable_diag_trap()->set_trap(arguments[0]);
                     actions[0].mutable_diag_trap()->set_enabled(enabled);
                     actions[0].mutable_diag_trap()->set_server_id(*server_id);
                     return actions;
                   }});
    verb->add_option("--server-id", *server_id, "Whom it reports to [the DM account's server]");
  }
}

}  // namespace

void AddDiag(CLI::App& root, Invocation& invocation) {
  CLI::App* const diag = root.add_subcommand("diag", "Diagnostics: start, stop, data, trap");
  diag->require_subcommand(1);
  AddStart(*diag, invocation);
  AddAction(*diag, invocation,
            {.name = "stop",
             .help = "Stop a diagnostic function",
             .argument = "FUNCTION",
             .min_arguments = 1,
             .max_arguments = 1,
             .make = [](const std::vector<std::string>& arguments) -> Result<Actions> {
               Actions actions(1);
               actions[0].mutable_diag_stop()->set_function(arguments[0]);
               return actions;
             }});
  AddAction(*diag, invocation,
            {.name = "data",
             .help = "What a function, or all of them, have collected",
             .argument = "[FUNCTION]",
             .min_arguments = 0,
             .max_arguments = 1,
             .can_ask = false,
             .make = [](const std::vector<std::string>& arguments) -> Result<Actions> {
               Actions actions(1);
               actions[0].mutable_diag_data();
               if (!arguments.empty()) {
                 actions[0].mutable_diag_data()->set_function(arguments[0]);
               }
               return actions;
             }});
  AddTraps(*diag, invocation);
}

}  // namespace drover::cli

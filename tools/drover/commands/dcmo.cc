// drover capability: what a terminal can do, and may.
#include "tools/drover/commands/action.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

void AddSwitch(CLI::App& capability, Invocation& invocation, const char* name, const char* help,
               bool enabled) {
  struct Flags {
    int user_may_enable = 0;
    int notify = 0;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* const verb = AddAction(
      capability, invocation,
      {.name = name,
       .help = help,
       .argument = "CAPABILITY",
       .min_arguments = 1,
       .max_arguments = 16,
       .make = [flags, enabled](const std::vector<std::string>& arguments) -> Result<Actions> {
         Actions actions;
         for (const std::string& argument : arguments) {
           v1::DcmoSet& set = *actions.emplace_back().mutable_dcmo_set();
           set.set_capability(argument);
           set.set_enabled(enabled);
           set.set_user_may_enable(static_cast<v1::Choice>(flags->user_may_enable));
           set.set_notify_user(static_cast<v1::Choice>(flags->notify));
         }
         return actions;
       }});
  AddChoice(*verb, "user-may-enable", flags->user_may_enable, "The user may switch it on himself");
  AddChoice(*verb, "notify-user", flags->notify, "The terminal tells its user");
}

}  // namespace

void AddDcmo(CLI::App& root, Invocation& invocation) {
  CLI::App* const capability =
      root.add_subcommand("capability", "Capabilities (camera, ..): list, enable, disable");
  capability->require_subcommand(1);
  AddAction(*capability, invocation,
            {.name = "list",
             .help = "What there is, and whether it is enabled",
             .can_ask = false,
             .make = [](const auto&) -> Result<Actions> {
               Actions actions(1);
               actions[0].mutable_dcmo_list();
               return actions;
             }});
  AddSwitch(*capability, invocation, "enable", "Switch a capability on", /*enabled=*/true);
  AddSwitch(*capability, invocation, "disable", "Switch a capability off", /*enabled=*/false);
}

}  // namespace drover::cli

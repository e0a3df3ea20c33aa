// drover lock, unlock, wipe, factory-reset. What destroys data wants --yes and the id of the
// terminal, typed.
#include "tools/drover/commands/action.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

v1::Choice ChoiceOf(int choice) { return static_cast<v1::Choice>(choice); }

struct Destruction {
  bool yes = false;
  std::string confirm_device;
  std::vector<std::string> items;
  int notify = 0;
};

Result<std::string> TypedId(Console& console, const std::string& device, const char* what) {
  console.err << "Type the id of the terminal to " << what << " " << device << ": " << std::flush;
  std::string typed;
  std::getline(console.in, typed);
  if (typed.empty()) return InvalidArgument("nothing was typed; nothing was submitted");
  return typed;
}

Result<void> Confirm(Console& console, const Destruction& destruction, const char* what,
                     const std::vector<std::string>& devices, v1::Action& action) {
  if (devices.size() != 1) {
    return InvalidArgument(std::string(what) + " takes one terminal at a time");
  }
  std::string typed = destruction.confirm_device;
  if (typed.empty()) {
    DROVER_TRY(typed, TypedId(console, devices.front(), what));
  }
  const Result<std::string> id = DeviceArgument(typed);
  if (!id || *id != devices.front()) {
    return InvalidArgument(typed + " is not " + devices.front() + "; nothing was submitted");
  }
  action.set_confirmed_device_id(*id);
  return {};
}

void AddDestruction(CLI::App& root, Invocation& invocation, const char* name, const char* help,
                    bool factory_reset) {
  const auto destruction = std::make_shared<Destruction>();
  CLI::App* const verb = AddAction(
      root, invocation,
      {.name = name,
       .help = help,
       .timeout = "1h",
       .make = [destruction, factory_reset, name](const auto&) -> Result<Actions> {
         if (!destruction->yes) {
           return InvalidArgument(std::string(name) + " destroys data: say --yes");
         }
         Actions actions(1);
         v1::LawmoWipe& wipe = *actions[0].mutable_lawmo_wipe();
         wipe.set_factory_reset(factory_reset);
         wipe.mutable_items()->Assign(destruction->items.begin(), destruction->items.end());
         wipe.set_notify_user(ChoiceOf(destruction->notify));
         return actions;
       },
       .check =
           [destruction, name, &invocation](const std::vector<std::string>& devices,
                                            Actions& actions) {
             return Confirm(invocation.console, *destruction, name, devices, actions[0]);
           }});
  if (!factory_reset) {
    verb->add_option("--item", destruction->items, "What is wiped, and nothing else; repeatable");
  }
  verb->add_flag("--yes", destruction->yes, "Really");
  verb->add_option("--confirm-device", destruction->confirm_device,
                   "The terminal's id once more, instead of typing it");
  AddChoice(*verb, "notify-user", destruction->notify, "The terminal tells its user");
}

void AddLock(CLI::App& root, Invocation& invocation) {
  struct Lock {
    bool partial = false;
    bool status = false;
    int notify = 0;
  };
  const auto lock = std::make_shared<Lock>();
  CLI::App* const verb =
      AddAction(root, invocation,
                {.name = "lock",
                 .help = "Lock terminals, or see whether they are locked",
                 .make = [lock](const auto&) -> Result<Actions> {
                   Actions actions(1);
                   if (lock->status) {
                     actions[0].mutable_lawmo_status();
                     return actions;
                   }
                   actions[0].mutable_lawmo_lock()->set_partial(lock->partial);
                   actions[0].mutable_lawmo_lock()->set_notify_user(ChoiceOf(lock->notify));
                   return actions;
                 }});
  CLI::Option* const partial = verb->add_flag("--partial", lock->partial, "Only partially");
  verb->add_flag("--status", lock->status, "Only reads State")->excludes(partial);
  AddChoice(*verb, "notify-user", lock->notify, "The terminal tells its user");
}

void AddUnlock(CLI::App& root, Invocation& invocation) {
  const auto notify = std::make_shared<int>(0);
  CLI::App* const verb =
      AddAction(root, invocation,
                {.name = "unlock",
                 .help = "Unlock terminals",
                 .make = [notify](const auto&) -> Result<Actions> {
                   Actions actions(1);
                   actions[0].mutable_lawmo_unlock()->set_notify_user(ChoiceOf(*notify));
                   return actions;
                 }});
  AddChoice(*verb, "notify-user", *notify, "The terminal tells its user");
}

}  // namespace

void AddLawmo(CLI::App& root, Invocation& invocation) {
  AddLock(root, invocation);
  AddUnlock(root, invocation);
  AddDestruction(root, invocation, "wipe", "Wipe data of a terminal", /*factory_reset=*/false);
  AddDestruction(root, invocation, "factory-reset", "Make a terminal what it was when new",
                 /*factory_reset=*/true);
}

}  // namespace drover::cli

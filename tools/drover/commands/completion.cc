#include "tools/drover/commands/command.h"

namespace drover::cli {
namespace {

using Apps = std::vector<const CLI::App*>;

Apps Subcommands(const CLI::App& app) {
  const auto found = app.get_subcommands([](const CLI::App*) { return true; });
  return {found.begin(), found.end()};
}

// Names of subcommands and long flags, in order.
std::vector<std::string> WordsOf(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* sub : Subcommands(app)) words.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

// Calls visit for app and everything below it; path: "op submit".
void Walk(const CLI::App& app, const std::string& path, const auto& visit) {
  visit(path, app);
  for (const CLI::App* sub : Subcommands(app)) {
    Walk(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), visit);
  }
}

void PrintBash(const CLI::App& root, std::ostream& out) {
  std::string paths;
  std::string cases;
  Walk(root, "", [&](const std::string& path, const CLI::App& app) {
    std::string words;
    for (const std::string& word : WordsOf(app)) words += (words.empty() ? "" : " ") + word;
    if (!path.empty()) paths += (paths.empty() ? "'" : "|'") + path + "'";
    cases += "    '" + path + "') words='" + words + "' ;;\n";
  });
  out << "_drover() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} path='' words='' word next\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    next=\"${path:+$path }$word\"\n"
         "    case \"$next\" in\n"
         "      "
      << paths
      << ") path=$next ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$path\" in\n"
      << cases
      << "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "}\n"
         "complete -o default -F _drover drover\n";
}

void PrintZsh(const CLI::App& root, std::ostream& out) {
  out << "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";
  // bashcompinit has no mapfile.
  std::ostringstream bash;
  PrintBash(root, bash);
  std::string text = bash.str();
  const std::string_view mapfile = "mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")";
  text.replace(text.find(mapfile), mapfile.size(),
               "COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))");
  out << text;
}

std::string FishCondition(const std::string& path) {
  if (path.empty()) return "__fish_use_subcommand";
  std::string condition;
  std::istringstream words(path);
  for (std::string word; words >> word;) {
    condition += (condition.empty() ? "" : "; and ");
    condition += "__fish_seen_subcommand_from " + word;
  }
  return condition;
}

void PrintFish(const CLI::App& root, std::ostream& out) {
  Walk(root, "", [&](const std::string& path, const CLI::App& app) {
    const std::string head = "complete -c drover -n '" + FishCondition(path) + "' ";
    for (const std::string& word : WordsOf(app)) {
      if (word.starts_with("--")) {
        out << head << "-l " << word.substr(2) << '\n';
      } else {
        out << head << "-f -a " << word << '\n';
      }
    }
  });
}

}  // namespace

void AddCompletion(CLI::App& root, Invocation& invocation) {
  CLI::App* command = root.add_subcommand("completion", "Print a shell's completion script");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&invocation, shell] {
    invocation.run = [&invocation, shell]() -> Result<ExitCode> {
      const auto print = *shell == "bash" ? PrintBash : *shell == "zsh" ? PrintZsh : PrintFish;
      print(invocation.root, invocation.console.out);
      return ExitCode::kOk;
    };
  });
}

}  // namespace drover::cli

#include "tools/drover/commands/command.h"

namespace drover::cli {

void AddVersion(CLI::App& root, Invocation& invocation) {
  CLI::App* command = root.add_subcommand("version", "Print the version of this program");
  auto output = std::make_shared<OutputOption>();
  output->AddTo(*command);
  command->callback([&invocation, output] {
    invocation.run = [&invocation, output]() -> Result<ExitCode> {
      DROVER_TRY(const OutputFormat format, output->Format());
      const Json version = {{"version", DROVER_VERSION}};
      if (IsTable(format)) {
        invocation.console.out << "drover " << DROVER_VERSION << '\n';
      } else {
        PrintObject(invocation.console, format, version,
                    {.name_pointer = "/version", .columns = {}});
      }
      return ExitCode::kOk;
    };
  });
}

}  // namespace drover::cli

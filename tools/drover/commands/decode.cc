#include "tools/drover/decode.h"

#include <algorithm>

#include "tools/drover/commands/command.h"
#include "tools/drover/files.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

struct Options {
  std::string file;
  std::string as;
  std::string output = "xml";
};

// "octet 17 (0x11), line 3 column 2"; lines only for text.
std::string PlaceOf(const Refusal& refusal, std::string_view input) {
  std::ostringstream place;
  place << "octet " << refusal.offset << " (0x" << std::hex << refusal.offset << std::dec << ")";
  if (refusal.kind == Kind::kXml) {
    const std::string_view before = input.substr(0, refusal.offset);
    const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0.
    place << ", line " << 1 + std::ranges::count(before, '\n') << " column "
          << before.size() - line_start + 1;
  }
  return place.str();
}

void Print(Console& console, const Readable& readable, const std::string& output) {
  if (output == "json") {
    PrintObject(console, OutputFormat::kJson, readable.json, {});
  } else if (output == "yaml") {
    console.out << ToYaml(readable.json);
  } else {
    console.out << readable.text;
  }
}

Result<ExitCode> RunDecode(Console& console, const Options& options) {
  std::optional<Kind> kind;
  if (!options.as.empty()) {
    kind = KindOf(options.as);
    if (!kind) return InvalidArgument("--as " + options.as + ": expected xml, wbxml or package0");
  }
  if (options.output != "xml" && options.output != "json" && options.output != "yaml") {
    return InvalidArgument("-o " + options.output + ": expected xml, json or yaml");
  }
  DROVER_TRY(const std::string input, ReadFile(options.file, console.in));
  const Decoding decoding = Decode(input, kind);
  if (decoding.readable) {
    Print(console, *decoding.readable, options.output);
    return ExitCode::kOk;
  }
  const Refusal& refusal = decoding.refusal;
  if (!refusal.partial.empty()) console.out << refusal.partial << '\n';
  return Error{Code::kUnknown, options.file + " as " + std::string(Name(refusal.kind)) + ": " +
                                   PlaceOf(refusal, input) + ": " + refusal.message};
}

}  // namespace

void AddDecode(CLI::App& root, Invocation& invocation) {
  CLI::App* command =
      root.add_subcommand("decode", "Show a SyncML message (XML, WBXML) or a package #0");
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "The octets, or their hex; - is standard input")
      ->required();
  command->add_option("--as", options->as, "xml, wbxml or package0; found out if not given");
  command->add_option("-o,--output", options->output, "xml, json or yaml")->capture_default_str();
  command->callback([&invocation, options] {
    invocation.run = [&invocation, options] { return RunDecode(invocation.console, *options); };
  });
}

}  // namespace drover::cli

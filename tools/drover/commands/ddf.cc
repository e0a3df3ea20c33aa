#include "tools/drover/commands/command.h"
#include "tools/drover/files.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

namespace v1 = tree::v1;

constexpr Column kDdfColumns[] = {
    {"MANUFACTURER", "/manufacturer"},
    {"MODEL", "/model"},
    {"NODES", "/nodes"},
    {"IMPORTED", "/imported_at"},
};
const View kDdfView{.name_pointer = "/model", .columns = kDdfColumns};

struct Options {
  std::string manufacturer;
  std::string model;
  std::string file;
  std::string form = "xml";
  OutputOption output;
};

Result<ExitCode> Import(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  v1::ImportDdfRequest request;
  DROVER_TRY(*request.mutable_document(), ReadFile(options.file, invocation.console.in));
  request.set_manufacturer(options.manufacturer);
  request.set_model(options.model);
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Ddf ddf, cluster->ImportDdf(request));
  PrintRow(invocation.console, format, ToJson(ddf), kDdfView);
  return ExitCode::kOk;
}

Result<ExitCode> Export(Invocation& invocation, const Options& options) {
  if (options.form != "xml" && options.form != "wbxml") {
    return InvalidArgument("--form " + options.form + ": expected xml or wbxml");
  }
  v1::ExportDdfRequest request;
  request.set_manufacturer(options.manufacturer);
  request.set_model(options.model);
  request.set_wbxml(options.form == "wbxml");
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::ExportDdfResponse response, cluster->ExportDdf(request));
  invocation.console.out << response.document();
  if (!request.wbxml()) invocation.console.out << '\n';
  return ExitCode::kOk;
}

Result<ExitCode> List(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::ListDdfsResponse response, cluster->ListDdfs());
  Json ddfs = Json::array();
  for (const v1::Ddf& ddf : response.ddfs()) ddfs.push_back(ToJson(ddf));
  PrintList(invocation.console, format, ddfs, kDdfView);
  return ExitCode::kOk;
}

Result<ExitCode> Delete(Invocation& invocation, const Options& options) {
  v1::DeleteDdfRequest request;
  request.set_manufacturer(options.manufacturer);
  request.set_model(options.model);
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(cluster->DeleteDdf(request));
  return ExitCode::kOk;
}

void AddModel(CLI::App& command, Options& options) {
  command.add_option("MANUFACTURER", options.manufacturer, "As terminals report it")->required();
  command.add_option("MODEL", options.model, "As terminals report it")->required();
}

}  // namespace

void AddDdf(CLI::App& root, Invocation& invocation) {
  CLI::App* ddf = root.add_subcommand("ddf", "Device descriptions of models");
  ddf->require_subcommand(1);
  const auto [import, of_import] = AddVerb(
      *ddf, invocation, "import", "Store a model's description; replaces an older one", Import);
  import->add_option("FILE", of_import->file, "XML or WBXML; - is stdin")->required();
  import->add_option("--manufacturer", of_import->manufacturer, "[Man of the document]");
  import->add_option("--model", of_import->model, "[Mod of the document]");
  of_import->output.AddTo(*import);
  const auto [exported, of_export] =
      AddVerb(*ddf, invocation, "export", "Print a model's description", Export);
  AddModel(*exported, *of_export);
  exported->add_option("--form", of_export->form, "xml or wbxml")->capture_default_str();
  const auto [list, of_list] = AddVerb(*ddf, invocation, "list", "All descriptions", List);
  of_list->output.AddTo(*list);
  const auto [remove, of_remove] =
      AddVerb(*ddf, invocation, "delete", "Forget a model's description", Delete);
  AddModel(*remove, *of_remove);
}

}  // namespace drover::cli

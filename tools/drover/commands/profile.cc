#include "tools/drover/commands/command.h"
#include "tools/drover/files.h"
#include "tools/drover/profile_file.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

namespace v1 = tree::v1;

constexpr Column kProfileColumns[] = {
    {"MANUFACTURER", "/manufacturer"}, {"MODEL", "/model"}, {"FAMILY", "/family"},
    {"TRAITS", "/traits", true},       {"NOTE", "/note"},
};
const View kProfileView{.name_pointer = "/manufacturer", .columns = kProfileColumns};

constexpr Column kFamilyColumns[] = {
    {"FAMILY", "/name"}, {"CLIENT", "/description"}, {"TRAITS", "/traits"}};
const View kFamilyView{.name_pointer = "/name", .columns = kFamilyColumns};

struct Options {
  std::string manufacturer;
  std::string model;
  std::string file;
  OutputOption output;
};

Result<ExitCode> Get(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  v1::GetProfileRequest request;
  request.set_manufacturer(options.manufacturer);
  request.set_model(options.model);
  DROVER_TRY(const v1::Profile profile, cluster->GetProfile(request));
  PrintObject(invocation.console, format, ToJson(profile), kProfileView);
  return ExitCode::kOk;
}

Result<ExitCode> List(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::ListProfilesResponse response, cluster->ListProfiles());
  Json profiles = Json::array();
  for (const v1::Profile& profile : response.profiles()) profiles.push_back(ToJson(profile));
  PrintList(invocation.console, format, profiles, kProfileView);
  return ExitCode::kOk;
}

Result<ExitCode> Set(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const std::string text, ReadFile(options.file, invocation.console.in));
  const std::string name = options.file == "-" ? "standard input" : options.file;
  DROVER_TRY(const std::vector<v1::Profile> profiles, ParseProfileFile(text, name));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  Json set = Json::array();
  for (const v1::Profile& profile : profiles) {
    v1::SetProfileRequest request;
    *request.mutable_profile() = profile;
    DROVER_TRY(const v1::Profile stored, cluster->SetProfile(request));
    set.push_back(ToJson(stored));
  }
  PrintList(invocation.console, format, set, kProfileView);
  invocation.console.Note("holds from each terminal's next session on, ten minutes at most");
  return ExitCode::kOk;
}

Result<ExitCode> Delete(Invocation& invocation, const Options& options) {
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  v1::DeleteProfileRequest request;
  request.set_manufacturer(options.manufacturer);
  request.set_model(options.model);
  DROVER_TRY(cluster->DeleteProfile(request));
  return ExitCode::kOk;
}

Result<ExitCode> ShowFamilies(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::ListFamiliesResponse response, cluster->ListFamilies());
  Json families = Json::array();
  for (const auto& family : response.families()) {
    families.push_back(ToJson(family));
    Json& traits = families.back()["traits"];
    if (IsTable(format) && traits.empty()) traits = nullptr;
  }
  PrintList(invocation.console, format, families, kFamilyView);
  return ExitCode::kOk;
}

void AddModel(CLI::App& command, Options& options) {
  command.add_option("MANUFACTURER", options.manufacturer, "As terminals report it")->required();
  command.add_option("MODEL", options.model, "None: of every model without one of its own");
}

}  // namespace

void AddProfile(CLI::App& root, Invocation& invocation) {
  CLI::App* profile =
      root.add_subcommand("profile", "How models of terminal differ from the specification");
  profile->require_subcommand(1);
  const auto [get, of_get] = AddVerb(*profile, invocation, "get", "One profile", Get);
  AddModel(*get, *of_get);
  of_get->output.AddTo(*get);
  const auto [list, of_list] = AddVerb(*profile, invocation, "list", "All profiles", List);
  of_list->output.AddTo(*list);
  const auto [set, of_set] = AddVerb(*profile, invocation, "set", "Store or replace profiles", Set);
  set->add_option("-f,--file", of_set->file, "In YAML or JSON lines; - is stdin")->required();
  of_set->output.AddTo(*set);
  const auto [remove, of_remove] =
      AddVerb(*profile, invocation, "delete", "Forget a profile", Delete);
  AddModel(*remove, *of_remove);
  const auto [families, of_families] =
      AddVerb(*profile, invocation, "families", "The clients that are known", ShowFamilies);
  of_families->output.AddTo(*families);
}

}  // namespace drover::cli

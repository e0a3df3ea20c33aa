#include "loadtest/drover_load/options.h"

#include <filesystem>

#include <yaml-cpp/yaml.h>

namespace drover::load {
namespace {

Result<void> ReadContext(Endpoints& endpoints) {
  try {
    const YAML::Node context = YAML::LoadFile(endpoints.context);
    const auto fill = [&context](const char* key, std::string& value) {
      if (value.empty() && context[key]) value = context[key].as<std::string>();
    };
    fill("tree", endpoints.tree);
    fill("operations", endpoints.operations);
    fill("token-file", endpoints.token_file);
    fill("sip", endpoints.sip);
  } catch (const YAML::Exception& error) {
    return InvalidArgument(endpoints.context + ": " + error.what());
  }
  return {};
}

}  // namespace

Result<void> Complete(Endpoints& endpoints) {
  if (!endpoints.context.empty()) DROVER_TRY(ReadContext(endpoints));
  if (endpoints.tree.empty() || endpoints.operations.empty()) {
    return InvalidArgument("say where the services are: --context, or --tree and --operations");
  }
  if (!endpoints.token_file.empty() && !std::filesystem::exists(endpoints.token_file)) {
    return InvalidArgument("no such token file: " + endpoints.token_file);
  }
  return {};
}

}  // namespace drover::load
